"""A contract's goods are not applied for twice: EXP-302 counts all its consignments (P10.3.3(3))."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import DjangoAssertNumQueries

from azexport.cases.models import Case
from azexport.contracts.models import Contract
from azexport.customs.models import Declaration
from azexport.exports import actions, quantities
from azexport.exports.models import Application
from azexport.kernel.errors import RuleViolated
from azexport.parties.models import Member
from tests.factories.contracts import make_concluded
from tests.factories.customs import a_document
from tests.factories.exports import (
    NOW,
    ORIGIN,
    PLANT,
    fresh,
    make_begun,
    make_filled,
    make_frozen,
    make_offered,
    make_submitted,
)
from tests.factories.parties import make_foreign_member


@pytest.fixture
def contract(exporter: Member) -> Contract:
    """Of 20 tonnes of hazelnuts."""
    return make_concluded(exporter, make_foreign_member())


def left(contract: Contract) -> int:
    return int(quantities.left(contract)[1])


def says(application: Application, member: Member) -> str:
    """What the refusal to confirm it says, in English."""
    with override("en"), pytest.raises(RuleViolated) as refusal:
        actions.freeze(application, by=member, now=NOW)
    assert {(one.code, one.field) for one in refusal.value.violations} == {("EXP-302", "goods")}
    assert fresh(application).status == "drafted"
    return str(refusal.value.violations[0].message)


# ------------------------------------------------------------------------------------------------ what counts


def test_exp_302_consignments_together_are_not_more_than_the_contract(exporter: Member, contract: Contract) -> None:
    make_submitted(exporter, contract=contract, quantity="15000")
    over = make_filled(exporter, contract=contract, quantity="5000.001")
    assert "5,000 kg are left" in says(over, exporter)
    make_frozen(exporter, contract=contract, quantity="5000")
    assert left(contract) == 0


def test_drafts_take_nothing_and_what_waits_for_its_signature_does(exporter: Member, contract: Contract) -> None:
    draft = make_filled(exporter, contract=contract)
    assert left(contract) == 20000
    waiting = make_offered(exporter, contract=contract, quantity="12000")
    assert left(contract) == 8000
    says(draft, exporter)
    actions.reopen(waiting, by=exporter, now=NOW)
    assert left(contract) == 20000
    assert actions.freeze(draft, by=exporter, now=NOW).status == "awaiting_signature"


@pytest.mark.parametrize("status", ["refused", "withdrawn"])
def test_goods_whose_permit_is_refused_or_withdrawn_are_left_for_another(
    exporter: Member, contract: Contract, status: str
) -> None:
    application = make_submitted(exporter, contract=contract)
    assert left(contract) == 0
    _end(application, PLANT, status)
    assert left(contract) == 20000


def test_a_document_that_was_merely_asked_for_gives_nothing_back_by_its_refusal(
    exporter: Member, contract: Contract
) -> None:
    application = make_submitted(exporter, contract=contract)
    rows = [{**one, "level": "on_request"} if one["id"] == ORIGIN else one for one in application.regulations]
    Application.objects.filter(pk=application.pk).update(regulations=rows)
    _end(application, ORIGIN, "refused")
    assert left(contract) == 0


def test_goods_that_customs_has_not_released_are_left_until_they_are_declared_again(
    exporter: Member, contract: Contract
) -> None:
    application = make_submitted(exporter, contract=contract)
    declared = {
        "organisation": exporter.organisation, "contract": contract, "lines": application.lines, "changed_at": NOW,
        "application_reference": application.reference, "created_at": NOW,
    }  # fmt: skip
    Declaration.objects.create(reference="DE-1", status="not_released", **declared)
    assert left(contract) == 20000
    Declaration.objects.create(reference="DE-2", status="drafted", **declared)
    assert left(contract) == 0
    Declaration.objects.filter(reference="DE-2").update(
        status="released", released_at=NOW, number="26AZ1", release_document=a_document("release")
    )
    assert left(contract) == 0


def _end(application: Application, service: str, status: str) -> None:
    """The body has decided, or the exporter has withdrawn."""
    found = Case.objects.filter(application_reference=application.reference, regulation__service=service)
    assert found.update(status=status, decided_at=NOW, decided_by="x") == 1


def test_another_contracts_consignments_take_nothing_from_this_one(exporter: Member, contract: Contract) -> None:
    make_submitted(exporter)
    assert left(contract) == 20000


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(["confirm", "reopen", "refuse"]), st.integers(1, 20_000)), max_size=7))
def test_whatever_happens_the_consignments_together_never_exceed_the_contract(
    exporter: Member, steps: list[tuple[str, int]]
) -> None:
    """The model: a list of the quantities that are taken. A consignment is let through exactly when it still fits."""
    contract = make_concluded(exporter, make_foreign_member())
    taken: list[tuple[Application, int]] = []
    for step, quantity in steps:
        if step == "confirm":
            fits = quantity <= 20_000 - sum(one for _row, one in taken)
            application = make_filled(exporter, contract=contract, quantity=str(quantity))
            if fits:
                taken.append((actions.freeze(application, by=exporter, now=NOW), quantity))
            else:
                says(application, exporter)
        elif taken:
            application, _quantity = taken.pop(quantity % len(taken))
            if step == "reopen":
                actions.reopen(application, by=exporter, now=NOW)
            else:
                Application.objects.filter(pk=application.pk).update(status="abandoned")
        assert left(contract) == 20_000 - sum(one for _row, one in taken) >= 0


# ------------------------------------------------------------------------------------------------ its page


def test_the_page_says_what_is_left_and_takes_no_more(browser: Client, exporter: Member, contract: Contract) -> None:
    make_submitted(exporter, contract=contract, quantity="15000")
    application = make_begun(exporter, contract=contract)
    assert application.lines[0]["quantity"] == "5000"
    address = f"/applications/{application.reference}/goods/"
    page = browser.get(address).content.decode()
    assert "The contract has 20,000 kg; other consignments leave 5,000 of it." in page
    assert 'value="5000"' in page
    refused = browser.post(address, {"quantity_1": "6000"})
    assert refused.status_code == 422
    assert "cannot be larger than what is left under the contract: 5,000" in refused.content.decode()
    assert 'value="6000"' in refused.content.decode()
    assert browser.post(address, {"quantity_1": "5000"}).status_code == 302


def test_when_nothing_is_left_the_page_says_so(browser: Client, exporter: Member, contract: Contract) -> None:
    make_submitted(exporter, contract=contract)
    application = make_begun(exporter, contract=contract)
    assert application.lines == []
    page = browser.get(f"/applications/{application.reference}/goods/").content.decode()
    assert "other consignments leave 0 of it" in page
    assert browser.get(f"/applications/{application.reference}/").status_code == 200


def test_the_check_page_says_how_much_is_left_when_another_was_faster(
    browser: Client, exporter: Member, contract: Contract
) -> None:
    slow = make_filled(exporter, contract=contract)
    make_submitted(exporter, contract=contract, quantity="15000")
    response = browser.post(f"/applications/{slow.reference}/check/")
    assert response.status_code == 422
    page = response.content.decode()
    assert "Shelled hazelnuts, crop 2026: 5,000 kg are left under the contract" in page
    assert 'href="../goods/"' in page


def test_a_line_may_stay_behind_but_not_all_of_them(browser: Client, exporter: Member) -> None:
    contract = make_concluded(exporter, make_foreign_member(), lines=2)
    first = make_filled(exporter, contract=contract)
    address = f"/applications/{first.reference}/goods/"
    assert "must be larger than zero" in browser.post(address, {"quantity_1": "0", "quantity_2": "0"}).content.decode()
    assert "cannot be below zero" in browser.post(address, {"quantity_1": "-1", "quantity_2": "1"}).content.decode()
    browser.post(address, {"quantity_1": "20000", "quantity_2": "0"})
    assert [line["line"] for line in fresh(first).lines] == [1]
    assert 'name="quantity_2"' in browser.get(address).content.decode()
    actions.freeze(first, by=exporter, now=NOW)
    assert quantities.left(contract) == {1: Decimal(0), 2: Decimal(20000)}
    assert [line["line"] for line in make_begun(exporter, contract=contract).lines] == [2]


@pytest.mark.parametrize("others", [1, 3])
def test_counting_costs_the_same_whatever_the_number_of_consignments(
    exporter: Member, contract: Contract, others: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(others):
        make_submitted(exporter, contract=contract, quantity="1000")
    with django_assert_max_num_queries(4):
        quantities.left(contract)
