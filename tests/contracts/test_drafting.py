"""Drawing up a contract, page by page (P10.3.1(1-2))."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from azexport.audit.queries import history
from azexport.contracts import actions
from azexport.contracts.models import Contract
from azexport.kernel.errors import IllegalTransition, NotAllowed, RuleViolated
from azexport.parties.models import Member
from tests.factories.catalogue import make_good
from tests.factories.contracts import BUYER, LINE, NOW, make_draft

LATER = (timezone.now() + timedelta(days=60)).date()
ANSWERS: dict[str, dict[str, Any]] = {
    "buyer": {"name": "Weber Nuss GmbH", "country": "DE", "address": "Speicherstadt 4, 20457 Hamburg"},
    "contact": {"contact": "Jonas Weber", "email": "jonas@weber.example"},
    "number": {"number": "2026/14", "place": "Şəki"},
    "currency": {"currency": "EUR"},
    "delivery": {"incoterm": "FCA", "incoterm_place": "Şəki", "delivery_by": LATER.isoformat()},
    "payment": {"payment_terms": "open_account", "payment_days": "30"},
    "law": {"governing_law": "cisg_az", "disputes": "icc"},
}
GOODS = {
    "hs": "0802.22", "description_az": "Fındıq ləpəsi", "description_en": "Hazelnut kernels", "quantity": "20000",
    "unit": "KGM", "price": "8.45", "gross_kg": "20400", "packages": "400", "package_kind": "BG",
}  # fmt: skip


def _begin(client: Client) -> Contract:
    response = client.post("/contracts/new/")
    contract = Contract.objects.latest("id")
    assert response.url == f"/contracts/{contract.reference}/"  # type: ignore[attr-defined]
    return contract


def test_a_contract_is_drawn_up_page_by_page_and_each_page_leads_to_the_next(at_seller: Client) -> None:
    contract = _begin(at_seller)
    base = f"/contracts/{contract.reference}"
    step = at_seller.post(f"{base}/seller/")
    order = ["buyer", "contact", "number", "currency"]
    for name in order:
        assert step.url == f"{base}/{name}/"  # type: ignore[attr-defined]
        step = at_seller.post(step.url, ANSWERS[name])  # type: ignore[attr-defined]
    assert step.url == f"{base}/goods/"  # type: ignore[attr-defined]
    assert at_seller.post(f"{base}/goods/new/", GOODS).url == f"{base}/goods/"  # type: ignore[attr-defined]
    step = at_seller.post(f"{base}/goods/")
    for name in ("delivery", "payment", "law"):
        assert step.url == f"{base}/{name}/"  # type: ignore[attr-defined]
        step = at_seller.post(step.url, ANSWERS[name])  # type: ignore[attr-defined]
    assert step.url == f"{base}/check/"  # type: ignore[attr-defined]
    page = at_seller.get(step.url).content.decode()  # type: ignore[attr-defined]
    for shown in ("Weber Nuss GmbH", "Germany", "169,000.00", "FCA Şəki", "Sheki Findiq"):
        assert shown in page
    contract.refresh_from_db()
    assert contract.total == Decimal("169000.00")


def test_the_seller_is_taken_from_the_register_and_confirmed(at_seller: Client, seller: Member) -> None:
    contract = _begin(at_seller)
    page = at_seller.get(f"/contracts/{contract.reference}/seller/").content.decode()
    assert "3433956371" in page
    at_seller.post(f"/contracts/{contract.reference}/seller/")
    contract.refresh_from_db()
    assert contract.seller_stated["voen"] == "3433956371"
    assert contract.seller_stated["representative"] == seller.actor_name
    assert contract.seller_stated["confirmed_at"]


def test_incomplete_register_data_cannot_be_confirmed(at_seller: Client, seller: Member) -> None:
    seller.organisation.address = {}
    seller.organisation.save()
    contract = _begin(at_seller)
    response = at_seller.post(f"/contracts/{contract.reference}/seller/")
    assert response.status_code == 422
    assert "incomplete" in response.content.decode()


def test_a_taxpayer_who_was_closed_cannot_sell(seller: Member) -> None:
    seller.organisation.register = {"status": "closed"}
    seller.organisation.save()
    with pytest.raises(RuleViolated) as refusal:
        actions.confirm_seller(actions.draft(by=seller, now=NOW), by=seller, now=NOW)
    assert refusal.value.code == "CON-012"


def test_a_foreign_organisation_does_not_draft(at_buyer: Client, buyer: Member) -> None:
    assert at_buyer.post("/contracts/new/").status_code == 403
    assert "New contract" not in at_buyer.get("/contracts/").content.decode()
    with pytest.raises(NotAllowed):
        actions.draft(by=buyer, now=NOW)


def test_an_answer_is_kept_when_the_user_leaves_and_shown_when_they_come_back(at_seller: Client) -> None:
    contract = _begin(at_seller)
    response = at_seller.post(f"/contracts/{contract.reference}/buyer/", {**ANSWERS["buyer"], "later": "1"})
    assert response.url == f"/contracts/{contract.reference}/"  # type: ignore[attr-defined]
    assert "Your draft is saved" in at_seller.get(response.url).content.decode()  # type: ignore[attr-defined]
    assert "Speicherstadt 4" in at_seller.get(f"/contracts/{contract.reference}/buyer/").content.decode()


def test_a_changed_answer_leads_back_to_the_check(at_seller: Client, seller: Member) -> None:
    contract = make_draft(seller)
    response = at_seller.post(f"/contracts/{contract.reference}/currency/?then=check", {"currency": "USD"})
    assert response.url == f"/contracts/{contract.reference}/check/"  # type: ignore[attr-defined]
    assert "169,000.00" in at_seller.get(response.url).content.decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("section", "change", "message"),
    [
        ("buyer", {"name": ""}, "Enter the name of the company"),
        ("buyer", {"country": "AZ"}, "Select a valid choice"),
        ("contact", {"email": "nobody"}, "Enter an e-mail address like"),
        ("currency", {"currency": ""}, "Choose the currency"),
        ("delivery", {"delivery_by": "2020-01-01"}, "must be today or later"),
        ("delivery", {"delivery_by": "31.02.2027"}, "Enter a real date"),
        ("delivery", {"incoterm": "XYZ"}, "Select a valid choice"),
        ("payment", {"payment_terms": "part_advance", "payment_percent": ""}, "Enter what part"),
        ("payment", {"payment_terms": "part_advance", "payment_percent": "100"}, "less than or equal to 99"),
        ("payment", {"payment_days": ""}, "Enter the number of days"),
        ("law", {"disputes": ""}, "Choose who decides disputes"),
    ],
)
def test_a_wrong_answer_is_refused_with_what_to_do(
    at_seller: Client, section: str, change: dict[str, str], message: str
) -> None:
    contract = _begin(at_seller)
    response = at_seller.post(f"/contracts/{contract.reference}/{section}/", {**ANSWERS[section], **change})
    assert response.status_code == 422
    assert message in response.content.decode()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hs": "080"}, "Enter at least six digits"),
        ({"hs": "999999"}, "Choose an HS code from the list"),
        ({"quantity": "0"}, "Enter a number above zero"),
        ({"quantity": "many"}, "Enter a number"),
        ({"price": ""}, "Enter the price"),
        ({"net_kg": "19000"}, "must be the same as the quantity"),
        ({"gross_kg": "100"}, "cannot be below the net weight"),
        ({"packages": "0"}, "Enter a number above zero"),
        ({"unit": "LTR"}, "Enter the net weight"),
        ({"quantity": "0.4", "unit": "GRM"}, "Enter a number above zero"),
        ({"price": "999999999999"}, "less than or equal to"),
    ],
)
def test_a_wrong_line_is_refused_with_what_to_do(at_seller: Client, change: dict[str, str], message: str) -> None:
    contract = _begin(at_seller)
    response = at_seller.post(f"/contracts/{contract.reference}/goods/new/", {**GOODS, **change})
    assert response.status_code == 422
    assert message in response.content.decode()
    assert not contract.lines.exists()


def test_the_net_weight_follows_from_a_quantity_in_tonnes(at_seller: Client) -> None:
    contract = _begin(at_seller)
    line = {**GOODS, "quantity": "20", "unit": "TNE", "price": "8450"}
    at_seller.post(f"/contracts/{contract.reference}/goods/new/", line)
    assert contract.lines.get().net_kg == 20000


def test_goods_come_from_the_catalogue_with_their_names(at_seller: Client, seller: Member) -> None:
    good = make_good(seller.organisation)
    contract = _begin(at_seller)
    base = f"/contracts/{contract.reference}/goods"
    assert "Hazelnut kernels" in at_seller.get(f"{base}/add/").content.decode()
    step = at_seller.post(f"{base}/add/", {"good": good.reference})
    page = at_seller.get(step.url).content.decode()  # type: ignore[attr-defined]
    assert 'value="080222"' in page
    assert "Fındıq ləpəsi" in page
    at_seller.post(step.url, GOODS)  # type: ignore[attr-defined]
    assert contract.lines.get().good == good.reference


def test_another_exporters_good_cannot_be_used(at_seller: Client, db: None) -> None:
    from tests.factories.parties import make_organisation

    foreign = make_good(make_organisation())
    contract = _begin(at_seller)
    assert at_seller.get(f"/contracts/{contract.reference}/goods/new/?good={foreign.reference}").status_code == 404


def test_a_line_is_changed_and_removed_and_the_total_follows(at_seller: Client, seller: Member) -> None:
    contract = make_draft(seller, lines=3)
    base = f"/contracts/{contract.reference}/goods"
    at_seller.post(f"{base}/2/", {**GOODS, "price": "9"})
    contract.refresh_from_db()
    assert contract.total == Decimal("169000.00") * 2 + Decimal("180000.00")
    assert "remove these goods" in at_seller.get(f"{base}/1/remove/").content.decode()
    at_seller.post(f"{base}/1/remove/")
    contract.refresh_from_db()
    assert [line.line for line in contract.lines.all()] == [1, 2]
    assert contract.lines.get(line=1).price == 9
    assert contract.total == Decimal("349000.00")
    assert at_seller.get(f"{base}/3/").status_code == 404
    assert at_seller.get(f"{base}/3/remove/").status_code == 404


def test_a_draft_that_lacks_something_is_not_frozen_and_says_everything_it_lacks(at_seller: Client) -> None:
    contract = _begin(at_seller)
    response = at_seller.post(f"/contracts/{contract.reference}/check/")
    assert response.status_code == 422
    page = response.content.decode()
    for message in ("Confirm the seller", "State the buyer", "Choose the currency", "Add the goods", "governing law"):
        assert message in page
    contract.refresh_from_db()
    assert contract.status == "drafted"


def test_a_delivery_date_that_has_passed_meanwhile_is_refused(seller: Member) -> None:
    contract = make_draft(seller)
    with pytest.raises(RuleViolated) as refusal:
        actions.freeze(contract, by=seller, now=NOW + timedelta(days=365))
    assert [one.code for one in refusal.value.violations] == ["CON-008"]


def test_a_buyer_at_home_is_refused(seller: Member) -> None:
    contract = make_draft(seller, buyer_stated={**BUYER, "country": "AZ"})
    with pytest.raises(RuleViolated) as refusal:
        actions.freeze(contract, by=seller, now=NOW)
    assert refusal.value.code == "CON-004"


def test_nothing_of_a_frozen_contract_can_be_changed(at_seller: Client, seller: Member) -> None:
    contract = make_draft(seller)
    actions.freeze(contract, by=seller, now=NOW)
    base = f"/contracts/{contract.reference}"
    assert at_seller.post(f"{base}/currency/", {"currency": "USD"}).status_code == 409
    assert at_seller.post(f"{base}/goods/1/remove/").status_code == 409
    with pytest.raises(IllegalTransition):
        actions.save_line(contract, line=None, values=LINE, by=seller, now=NOW)


def test_a_copy_says_the_same_and_asks_for_the_seller_again(at_seller: Client, seller: Member) -> None:
    contract = make_draft(seller, lines=2, number="2026/14")
    at_seller.post(f"/contracts/{contract.reference}/copy/")
    fresh = Contract.objects.latest("id")
    assert fresh.reference != contract.reference
    assert (fresh.total, fresh.currency, fresh.buyer_stated) == (contract.total, "EUR", contract.buyer_stated)
    assert [line.as_data() for line in fresh.lines.all()] == [line.as_data() for line in contract.lines.all()]
    assert (fresh.number, fresh.version, fresh.previous, fresh.seller_stated) == ("", 1, None, {})


def test_a_discarded_draft_can_be_copied_but_not_continued(at_seller: Client, seller: Member) -> None:
    contract = make_draft(seller)
    base = f"/contracts/{contract.reference}"
    assert "discard this draft" in at_seller.get(f"{base}/withdraw/").content.decode()
    at_seller.post(f"{base}/withdraw/")
    assert at_seller.post(f"{base}/check/").status_code == 302
    contract.refresh_from_db()
    assert contract.status == "withdrawn"
    assert at_seller.post(f"{base}/copy/").status_code == 302


def test_every_write_is_in_the_audit_with_who_did_it(at_seller: Client, seller: Member) -> None:
    contract = make_draft(seller)
    names = [event.name for event in history([contract.reference])]
    assert names == ["contract.drafted", "contract.changed", "contract.changed", "contract.changed"]
    assert {event.actor_id for event in history([contract.reference])} == {seller.actor_id}


def test_pages_are_in_azerbaijani_by_default(seller: Member) -> None:
    from tests.factories.parties import sign_in

    page = sign_in(Client(), seller).get("/contracts/").content.decode()
    assert "Müqavilələr" in page
