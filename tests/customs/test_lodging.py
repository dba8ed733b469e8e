"""From draft to lodged: filled, checked, signed, sent with contract and permits (P10.3.3(7-8))."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from azexport.customs import actions, queries
from azexport.customs.models import Declaration
from azexport.documents import queries as documents
from azexport.exchange.models import Message
from azexport.kernel.actor import SYSTEM, NamedActor
from azexport.kernel.errors import IllegalTransition, NotAllowed, RuleViolated
from azexport.lifecycle import announce
from azexport.notices.models import Notice
from azexport.parties.models import Mandate, Member
from azexport.permits.models import Permit
from azexport.reference.models import ExchangeRate
from azexport.signatures.states import Purpose
from azexport.signatures.validation import validate_pdf
from tests.factories.contracts import make_concluded, make_draft, run_jobs
from tests.factories.customs import (
    ANSWERS,
    NOW,
    fresh,
    make_declaration,
    make_frozen,
    make_lodged,
    make_permits,
    signed,
    signing_of,
)
from tests.factories.parties import make_foreign_member, make_member
from tests.factories.signatures import SandboxPki, sign_request


def test_it_is_filled_from_contract_permits_and_rate_and_shows_where_each_value_comes_from(
    browser: Client, declarant: Member
) -> None:
    declaration = make_declaration(declarant)
    page = browser.get(f"/declarations/{declaration.reference}/check/").content.decode()
    for shown in ("EX 1 / 1000", "Weber Nuss GmbH", "FCA Şəki", "3433956371", "AZSNQ", "10-AB-123", "169,000.00"):
        assert shown in page
    for permit in declaration.permits.all():
        assert permit.number in page
    for source in ("contract", "permits", "taxpayer register", "official exchange rate", "you"):
        assert source in page


def test_the_statistical_value_follows_the_rate_of_the_day(declarant: Member) -> None:
    ExchangeRate.objects.update_or_create(
        currency_id="EUR", on=date(2026, 10, 5), defaults={"rate": Decimal("1.85345"), "source": "test"}
    )
    declaration = make_declaration(declarant)
    data = actions.compose(declaration, on=date(2026, 10, 5))
    assert (data["exchange_rate"], data["items"][0]["statistical_value"]) == ("1.85345", "313233.05")
    assert data["customs_value_azn"] == "313233.05"


def test_a_partial_consignment_declares_its_own_quantity(declarant: Member) -> None:
    contract = make_concluded(declarant, make_foreign_member())
    permits = make_permits(declarant, on=contract)
    line = {**contract.as_data()["goods"][0], "quantity": "5000", "net_kg": "5000", "gross_kg": "5100"}
    declaration = actions.draft_declaration(
        contract=contract, application_reference=permits[0].application_reference, application_document=None,
        permits=permits, organisation=declarant.organisation, by=declarant, now=NOW, lines=[line],
    )  # fmt: skip
    data = actions.compose(declaration, on=date(2026, 10, 5))
    assert (data["items"][0]["quantity"], data["total"]) == ("5000", "42250.00")


def test_the_declarant_answers_one_form_checks_signs_with_a_real_key_and_it_is_lodged(
    pki: SandboxPki, browser: Client, declarant: Member
) -> None:
    declaration = make_declaration(
        declarant, answered=False, permit={"valid_from": date(2020, 1, 1), "valid_until": date(2090, 1, 1)}
    )
    base = f"/declarations/{declaration.reference}"
    assert browser.get(f"{base}/").url == f"{base}/transport/"  # type: ignore[attr-defined]
    assert browser.post(f"{base}/transport/", ANSWERS).url == f"{base}/check/"  # type: ignore[attr-defined]
    page = browser.post(f"{base}/check/").url  # type: ignore[attr-defined]
    paper = fresh(declaration).paper
    assert paper is not None
    assert page == f"/papers/{paper.reference}/"
    for waiting in (page, f"{base}/"):
        assert "being made" in browser.get(waiting).content.decode()
    run_jobs("documents.render_paper")
    request = signing_of(declaration)
    assert browser.get(f"{page}state/").headers["HX-Redirect"] == f"/sign/{request.reference}/"
    assert "Read the PDF, then sign it" in browser.get(f"{base}/").content.decode()
    actor = NamedActor(declarant.actor_kind, declarant.actor_id, declarant.actor_name)
    sign_request(request, pki.key("people/leyla-mammadova-sign"), by=actor)

    declaration = fresh(declaration)
    assert declaration.status == "lodged"
    assert declaration.lodged_by == declarant.actor_id
    assert declaration.document is not None
    content = documents.content(declaration.document)
    reports = validate_pdf(content, now=datetime.now(UTC), require=Purpose.SIGN)
    assert [(report.field, report.verdict) for report in reports] == [("Declarant", "accepted")]
    assert browser.get(f"/documents/{declaration.document.reference}/").content == content


def test_what_is_lodged_carries_contract_application_and_permits_as_files(declarant: Member) -> None:
    declaration = make_lodged(declarant)
    sent = Message.objects.get(type="declaration.lodged")
    body = sent.data
    assert (sent.subject, sent.participant.roles) == (declaration.reference, ["customs"])
    assert declaration.document is not None
    assert body["declaration_document"]["$document"] == declaration.document.reference
    assert declaration.contract.document is not None
    assert body["contract"]["file"]["$document"] == declaration.contract.document.reference
    assert declaration.application_document is not None
    assert body["application_document"]["$document"] == declaration.application_document.reference
    permits = {permit.number: permit for permit in Permit.objects.all()}
    assert {row["number"] for row in body["permits"]} == set(permits)
    for row in body["permits"]:
        document = permits[row["number"]].document
        assert document is not None
        assert row["file"]["$document"] == document.reference
        assert row["service"] == permits[row["number"]].case.regulation.service
    item = body["items"][0]
    assert sorted(item["permits"]) == sorted(permits)
    assert (item["hs"], item["quantity"], item["unit"], item["origin"]) == ("080222", "20000", "KGM", "AZ")
    assert body["declarant"]["voen"] == declarant.organisation.voen
    assert (body["procedure"], body["destination"], body["transport"]["mode"]) == ("1000", "DE", "3")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": "rejected", "document": None}, "EXP-202"),
        ({"valid_until": date(2026, 10, 4)}, "EXP-203"),
        ({"valid_from": date(2026, 10, 6)}, "EXP-203"),
        ({"voen": "1401555071"}, "EXP-204"),
        ({"lines": [{"line": 1, "hs": "080221", "quantity": "20000", "unit": "KGM"}]}, "EXP-205"),
        ({"lines": [{"line": 2, "hs": "080222", "quantity": "20000", "unit": "KGM"}]}, "EXP-205"),
        ({"lines": [{"line": 1, "hs": "080222", "quantity": "19999", "unit": "KGM"}]}, "EXP-206"),
        ({"lines": [{"line": 1, "hs": "080222", "quantity": "19", "unit": "TNE"}]}, "EXP-206"),
        ({"lines": [{"line": 1, "hs": "080222", "quantity": "20000", "unit": "LTR"}]}, "EXP-206"),
        ({"lines": [{"line": 1, "hs": "080222", "unit": "KGM"}]}, "EXP-206"),
    ],
)
def test_it_is_not_made_while_a_permit_is_missing_or_wrong(
    declarant: Member, change: dict[str, Any], code: str
) -> None:
    declaration = make_declaration(declarant, permit=change)
    with pytest.raises(RuleViolated) as refusal:
        actions.freeze(declaration, by=declarant, now=NOW)
    assert {one.code for one in refusal.value.violations} == {code}
    assert fresh(declaration).status == "drafted"


def test_a_permit_in_tonnes_covers_kilograms(declarant: Member) -> None:
    declaration = make_declaration(declarant)
    Permit.objects.update(lines=[{"line": 1, "hs": "0802.22", "quantity": "20", "unit": "TNE"}])
    assert actions.freeze(declaration, by=declarant, now=NOW).status == "awaiting_signature"


def test_all_violations_are_told_at_once(browser: Client, declarant: Member) -> None:
    declaration = make_declaration(declarant, answered=False, permit={"valid_until": date(2026, 10, 4)})
    response = browser.post(f"/declarations/{declaration.reference}/check/")
    assert response.status_code == 422
    page = response.content.decode()
    assert "EXP-203" in page
    assert "EXP-208" in page


def test_rejected_permits_are_never_attached(declarant: Member) -> None:
    contract = make_concluded(declarant, make_foreign_member())
    good, bad = make_permits(declarant, on=contract)
    bad.status = "rejected"
    bad.save()
    declaration = actions.draft_declaration(
        contract=contract, application_reference=good.application_reference, application_document=None,
        permits=[good, bad], organisation=declarant.organisation, by=declarant, now=NOW,
    )  # fmt: skip
    assert list(declaration.permits.all()) == [good]


def test_a_permit_that_came_after_the_draft_is_attached_when_it_is_confirmed(declarant: Member) -> None:
    declaration = make_declaration(declarant)
    declaration.permits.clear()
    frozen = actions.freeze(declaration, by=declarant, now=NOW)
    assert frozen.permits.count() == 2
    assert len(frozen.data["permits"]) == 2


def test_a_permit_that_stops_being_valid_before_the_signature_arrives_sends_it_back_to_its_draft(
    browser: Client, declarant: Member
) -> None:
    declaration = make_frozen(declarant)
    Permit.objects.update(status="rejected")
    paper = declaration.paper
    assert paper is not None
    declaration = signed(declaration)
    assert (declaration.status, declaration.lodged_at, declaration.paper) == ("drafted", None, None)
    paper.refresh_from_db()
    assert paper.document is not None
    assert paper.document.status == "revoked"
    assert not Message.objects.filter(type="declaration.lodged").exists()
    assert Notice.objects.filter(kind="declaration.returned").exists()


def test_an_unconcluded_contract_is_not_declared_on(declarant: Member) -> None:
    with pytest.raises(RuleViolated) as refusal:
        actions.draft_declaration(
            contract=make_draft(declarant), application_reference="AP-1", application_document=None, permits=[],
            organisation=declarant.organisation, by=declarant, now=NOW,
        )  # fmt: skip
    assert refusal.value.code == "EXP-201"


def test_nobody_declares_on_another_sellers_contract(declarant: Member) -> None:
    other = make_member()
    with pytest.raises(NotAllowed):
        actions.draft_declaration(
            contract=make_concluded(declarant, make_foreign_member()), application_reference="AP-1",
            application_document=None, permits=[], organisation=other.organisation, by=other, now=NOW,
        )  # fmt: skip


def _again(declaration: Declaration, member: Member) -> Declaration:
    return actions.draft_declaration(
        contract=declaration.contract, application_reference=declaration.application_reference,
        application_document=None, permits=[], organisation=member.organisation, by=member, now=NOW,
    )  # fmt: skip


def test_asked_twice_there_is_one_declaration_and_none_after_the_release(declarant: Member) -> None:
    declaration = make_declaration(declarant)
    assert _again(declaration, declarant) == declaration
    declaration = make_lodged(make_member())
    Declaration.objects.filter(pk=declaration.pk).update(
        status="released", released_at=NOW, number="26AZ1", release_document=declaration.document
    )
    member = Member(make_member().person, declaration.organisation)
    with pytest.raises(RuleViolated) as refusal:
        _again(declaration, member)
    assert refusal.value.code == "EXP-207"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"transport_mode": ""}, "Choose how the goods leave"),
        ({"transport_identity": ""}, "Enter the number or name"),
        ({"transport_nationality": "XX"}, "Select a valid choice"),
        ({"place_of_loading": ""}, "Enter the place of loading"),
        ({"exit_office": "AZALT"}, "does not pass at this office"),
    ],
)
def test_a_wrong_answer_is_refused_with_what_to_do(
    browser: Client, declarant: Member, change: dict[str, str], message: str
) -> None:
    declaration = make_declaration(declarant, answered=False)
    response = browser.post(f"/declarations/{declaration.reference}/transport/", {**ANSWERS, **change})
    assert response.status_code == 422
    assert message in response.content.decode()


def test_it_can_be_taken_back_and_changed_before_it_is_signed(browser: Client, declarant: Member) -> None:
    declaration = make_frozen(declarant)
    assert declaration.paper is not None
    first = declaration.paper.document
    assert first is not None
    browser.post(f"/declarations/{declaration.reference}/reopen/")
    browser.post(f"/declarations/{declaration.reference}/transport/", {**ANSWERS, "transport_identity": "99-XX-999"})
    browser.post(f"/declarations/{declaration.reference}/check/")
    first.refresh_from_db()
    declaration = fresh(declaration)
    assert first.status == "revoked"
    assert declaration.paper is not None
    assert declaration.paper.code != first.code
    assert declaration.data["transport"]["identity"] == "99-XX-999"


def test_a_signature_on_what_was_taken_back_lodges_nothing(declarant: Member) -> None:
    declaration = make_frozen(declarant)
    actions.reopen(declaration, by=declarant, now=NOW)
    assert signed(declaration).status == "drafted"
    assert not Message.objects.filter(type="declaration.lodged").exists()


def test_a_failed_signature_shows_its_verdict_and_can_be_tried_again(browser: Client, declarant: Member) -> None:
    declaration = make_frozen(declarant)
    request = signing_of(declaration)
    request.verdict, request.status = "suspended", "failed"
    request.save()
    announce("signing.failed.paper", request, by=SYSTEM, now=NOW)
    page = browser.get(f"/declarations/{declaration.reference}/").content.decode()
    assert "certificate is suspended" in page
    assert "A signature was not accepted" in page
    step = browser.post(f"/declarations/{declaration.reference}/sign/", follow=True)
    again = signing_of(declaration)
    assert (again != request, step.redirect_chain[-1][0]) == (True, f"/sign/{again.reference}/")
    assert "certificate is suspended" not in browser.get(f"/declarations/{declaration.reference}/").content.decode()


def test_a_colleague_signs_in_the_place_of_who_was_asked(browser: Client, declarant: Member) -> None:
    colleague = make_member(organisation=declarant.organisation)
    declaration = make_frozen(colleague)
    page = browser.get(f"/declarations/{declaration.reference}/").content.decode()
    assert f"waits for the signature of {colleague.actor_name}" in page
    assert "Sign it yourself" in page
    browser.post(f"/declarations/{declaration.reference}/sign/")
    assert signing_of(declaration).signer_id == declarant.actor_id
    assert signed(declaration).lodged_by == declarant.actor_id


def test_the_signature_of_who_acts_for_the_declarant_no_more_lodges_nothing(browser: Client, declarant: Member) -> None:
    """S12.2: the mandate counts when the signature is completed; whoever still has one can sign."""
    colleague = make_member(organisation=declarant.organisation)
    declaration = make_frozen(colleague)
    Mandate.objects.filter(person=colleague.person).update(ended_at=NOW, ended_by="PS-TEST")
    assert signed(declaration).status == "awaiting_signature"
    assert not Message.objects.filter(type="declaration.lodged").exists()
    page = browser.get(f"/declarations/{declaration.reference}/").content.decode()
    assert "Somebody who acts for it can sign" in page
    actions.open_signing(fresh(declaration), by=declarant, now=NOW)
    assert signed(declaration).status == "lodged"


def test_nothing_is_signed_before_its_document_is_made_or_once_it_is_lodged(browser: Client, declarant: Member) -> None:
    declaration = actions.freeze(make_declaration(declarant), by=declarant, now=NOW)
    assert browser.post(f"/declarations/{declaration.reference}/sign/").status_code == 409
    for other in (make_declaration(declarant), make_lodged(declarant)):
        assert browser.post(f"/declarations/{other.reference}/sign/").status_code == 409


def test_a_discarded_declaration_makes_room_for_another(browser: Client, declarant: Member) -> None:
    declaration = make_frozen(declarant)
    browser.post(f"/declarations/{declaration.reference}/discard/")
    assert fresh(declaration).status == "discarded"
    assert queries.latest_for_application(declaration.application_reference) is None
    another = _again(declaration, declarant)
    assert another != declaration
    assert another.transport_identity == ANSWERS["transport_identity"]
    with pytest.raises(IllegalTransition):
        actions.discard(declaration, by=declarant, now=NOW)


def test_signing_twice_lodges_once(declarant: Member) -> None:
    declaration = make_lodged(declarant)
    announce("signing.completed.paper", signing_of(declaration), by=SYSTEM, now=NOW + timedelta(minutes=1))
    assert declaration.paper is not None
    actions.lodge(declaration.paper, by=declarant, now=NOW, data={})
    assert Message.objects.filter(type="declaration.lodged").count() == 1


def test_lodging_stays_within_its_statements(declarant: Member) -> None:
    """All that the completed signature does: mandate looked at, document stored, rules, files, message."""
    declaration = make_frozen(declarant)
    with CaptureQueriesContext(connection) as captured:
        signed(declaration)
    assert len([one for one in captured.captured_queries if "SAVEPOINT" not in one["sql"]]) <= 37


def test_exp_210_what_is_declared_under_a_contract_is_never_more_than_it_has(declarant: Member) -> None:
    """Two applications for the same goods, however they came about: only one of them is declared."""
    first = make_frozen(declarant)
    second = _besides(first, declarant)
    with override("en"), pytest.raises(RuleViolated) as refusal:
        actions.freeze(second, by=declarant, now=NOW)
    (violation,) = refusal.value.violations
    assert violation.code == "EXP-210"
    assert ": 0 kg are left" in str(violation.message)
    signed(first)
    with pytest.raises(RuleViolated):
        actions.freeze(second, by=declarant, now=NOW)
    Declaration.objects.filter(pk=first.pk).update(status="not_released")
    assert actions.freeze(second, by=declarant, now=NOW).status == "awaiting_signature"


def _besides(first: Declaration, member: Member) -> Declaration:
    """Another draft for the same goods of the same contract."""
    other = make_permits(member, on=first.contract)
    draft = actions.draft_declaration(
        contract=first.contract, application_reference=other[0].application_reference,
        application_document=None, permits=other, organisation=member.organisation, by=member, now=NOW,
    )  # fmt: skip
    return actions.answer(draft, values=ANSWERS, by=member, now=NOW)
