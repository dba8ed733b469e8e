"""A declaration is its declarant's alone; lists cost the same whatever their length."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from azexport.customs import queries
from azexport.parties.models import Member
from tests.factories.customs import make_declaration, make_frozen, make_lodged
from tests.factories.parties import sign_in

PAGES = ("", "state/", "transport/", "check/", "discard/")
POSTS = ("transport/", "check/", "sign/", "reopen/", "discard/", "again/")


@pytest.mark.parametrize("make", [make_declaration, make_frozen, make_lodged])
def test_another_organisation_gets_404_everywhere(
    at_third: Client, declarant: Member, make: Callable[..., object]
) -> None:
    declaration = make(declarant)
    base = f"/declarations/{declaration.reference}/"  # type: ignore[attr-defined]
    assert [at_third.get(base + page).status_code for page in PAGES] == [404] * len(PAGES)
    assert [at_third.post(base + page).status_code for page in POSTS] == [404] * len(POSTS)
    assert declaration.reference not in at_third.get("/declarations/").content.decode()  # type: ignore[attr-defined]


def test_another_organisation_cannot_open_its_document(at_third: Client, browser: Client, declarant: Member) -> None:
    declaration = make_lodged(declarant)
    assert declaration.document is not None
    assert at_third.get(f"/documents/{declaration.document.reference}/").status_code == 404
    assert browser.get(f"/documents/{declaration.document.reference}/").status_code == 200


def test_an_empty_list_says_where_declarations_come_from(browser: Client) -> None:
    assert "made from an application" in browser.get("/declarations/").content.decode()


def test_a_list_costs_the_same_with_one_row_and_with_three(
    declarant: Member, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = sign_in(Client(), declarant)
    make_declaration(declarant)
    with django_assert_max_num_queries(6) as first:
        client.get("/declarations/")
    make_declaration(declarant)
    make_lodged(declarant)
    with django_assert_max_num_queries(len(first)):
        assert client.get("/declarations/").content.decode().count("/declarations/DE-") == 3


@pytest.mark.parametrize("lines", [1, 3])
def test_a_declaration_page_stays_within_its_queries(
    declarant: Member, lines: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    declaration = make_lodged(declarant, lines=lines)
    client = sign_in(Client(), declarant)
    with django_assert_max_num_queries(15):
        client.get(f"/declarations/{declaration.reference}/")
    with django_assert_max_num_queries(7):
        client.get(f"/declarations/{declaration.reference}/state/?was=lodged")


def test_the_list_is_paged_by_key(declarant: Member) -> None:
    references = [make_declaration(declarant).reference for _number in range(3)][::-1]
    first = queries.page(declarant.organisation, size=2)
    assert [row.reference for row in first.rows] == references[:2]
    second = queries.page(declarant.organisation, before=first.older or "", size=2)
    assert ([row.reference for row in second.rows], second.older) == (references[2:], None)
    back = queries.page(declarant.organisation, after=second.newer or "", size=2)
    assert [row.reference for row in back.rows] == references[:2]
