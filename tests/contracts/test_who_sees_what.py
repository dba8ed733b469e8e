"""Only the two parties know of a contract; lists cost the same whatever their length."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from azexport.contracts import queries
from azexport.parties.models import Member
from tests.factories.contracts import make_awaiting_buyer, make_draft, make_frozen, make_offered
from tests.factories.parties import sign_in

PAGES = ("", "state/", "seller/", "buyer/", "goods/", "goods/add/", "goods/new/", "goods/1/", "check/", "decline/",
         "withdraw/", "invite/")  # fmt: skip
POSTS = ("seller/", "buyer/", "goods/1/remove/", "check/", "sign/", "reopen/", "decline/", "withdraw/", "copy/",
         "invite/")  # fmt: skip


@pytest.mark.parametrize("make", [make_draft, make_frozen, make_awaiting_buyer])
def test_a_third_organisation_gets_404_everywhere(
    at_third: Client, at_other_buyer: Client, seller: Member, make: Callable[..., object]
) -> None:
    reference = make(seller).reference  # type: ignore[attr-defined]
    for client in (at_third, at_other_buyer):
        assert [client.get(f"/contracts/{reference}/{page}").status_code for page in PAGES] == [404] * len(PAGES)
        assert [client.post(f"/contracts/{reference}/{page}").status_code for page in POSTS] == [404] * len(POSTS)
        assert reference not in client.get("/contracts/").content.decode()


def test_a_third_organisation_cannot_open_the_pdf(at_third: Client, seller: Member, buyer: Member) -> None:
    contract = make_offered(seller, buyer)
    assert contract.document is not None
    assert at_third.get(f"/documents/{contract.document.reference}/").status_code == 404


def test_the_buyer_sees_nothing_before_the_invitation_is_accepted(at_buyer: Client, seller: Member) -> None:
    contract = make_awaiting_buyer(seller)
    assert contract.document is not None
    assert at_buyer.get(f"/contracts/{contract.reference}/").status_code == 404
    assert at_buyer.get(f"/documents/{contract.document.reference}/").status_code == 404


def test_the_buyer_reads_the_contract_and_its_pdf_but_not_how_the_draft_came_about(
    at_buyer: Client, seller: Member, buyer: Member
) -> None:
    contract = make_offered(seller, buyer)
    page = at_buyer.get(f"/contracts/{contract.reference}/").content.decode()
    assert "Shelled hazelnuts" in page
    assert "Draft begun" not in page
    assert "Copy into" not in page
    assert contract.document is not None
    assert at_buyer.get(f"/documents/{contract.document.reference}/").status_code == 200
    for page in ("seller/", "buyer/", "goods/", "invite/"):
        assert at_buyer.get(f"/contracts/{contract.reference}/{page}").status_code in (404, 409)
    assert at_buyer.post(f"/contracts/{contract.reference}/withdraw/").status_code == 403
    assert at_buyer.post(f"/contracts/{contract.reference}/copy/").status_code == 403


def test_somebody_who_is_not_signed_in_is_led_to_the_door(client: Client, seller: Member) -> None:
    contract = make_draft(seller)
    response = client.get(f"/contracts/{contract.reference}/")
    assert response.url.startswith("/sign-in/")  # type: ignore[attr-defined]


def test_an_empty_list_says_what_to_do(at_seller: Client, at_buyer: Client) -> None:
    assert "Draw up a contract" in at_seller.get("/contracts/").content.decode()
    assert "sends you to sign" in at_buyer.get("/contracts/").content.decode()


def test_a_list_costs_the_same_with_one_row_and_with_three(
    seller: Member, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = sign_in(Client(), seller)
    make_draft(seller)
    with django_assert_max_num_queries(6) as first:
        client.get("/contracts/")
    for _number in range(2):
        make_draft(seller)
    with django_assert_max_num_queries(len(first)):
        client.get("/contracts/")


@pytest.mark.parametrize("lines", [1, 3])
def test_a_contract_page_stays_within_its_queries(
    seller: Member, buyer: Member, lines: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    contract = make_offered(seller, buyer, lines=lines)
    client = sign_in(Client(), seller)
    with django_assert_max_num_queries(12):
        client.get(f"/contracts/{contract.reference}/")
    with django_assert_max_num_queries(7):
        client.get(f"/contracts/{contract.reference}/state/?was=awaiting_buyer")


def test_the_list_is_paged_by_key_in_both_directions(at_seller: Client, seller: Member) -> None:
    references = [make_draft(seller, lines=0).reference for _number in range(5)][::-1]
    first = queries.page(seller.organisation, size=2)
    assert [row.reference for row in first.rows] == references[:2]
    assert (first.newer, first.older) == (None, references[1])
    second = queries.page(seller.organisation, before=first.older or "", size=2)
    assert [row.reference for row in second.rows] == references[2:4]
    last = queries.page(seller.organisation, before=second.older or "", size=2)
    assert ([row.reference for row in last.rows], last.older) == (references[4:], None)
    back = queries.page(seller.organisation, after=second.newer or "", size=2)
    assert ([row.reference for row in back.rows], back.newer) == (references[:2], None)


def test_a_key_that_is_not_ones_own_shows_nothing(seller: Member, buyer: Member) -> None:
    other = make_draft(seller)
    assert queries.page(buyer.organisation, before=other.reference).rows == []
