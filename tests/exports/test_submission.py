"""From the frozen draft to every body's desk: one signature, one case each (P4.1.4, P10.3.3(5))."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from azexport.audit.queries import history
from azexport.cases.models import Case
from azexport.documents import queries as documents
from azexport.exchange.models import Message
from azexport.exports import actions
from azexport.exports.models import Application
from azexport.exports.states import ApplicationStatus
from azexport.kernel.actor import SYSTEM, NamedActor
from azexport.kernel.errors import IllegalTransition, RuleViolated
from azexport.lifecycle import announce
from azexport.parties.models import Mandate, Member
from azexport.services.models import RegulationVersion
from azexport.signatures import actions as signatures
from azexport.signatures.models import SigningRequest
from azexport.signatures.states import Purpose
from azexport.signatures.validation import validate_pdf
from tests.factories.contracts import make_concluded, run_jobs
from tests.factories.exports import (
    ANSWERS,
    FOOD,
    NOW,
    ORIGIN,
    PDF,
    PLANT,
    fresh,
    make_begun,
    make_filled,
    make_frozen,
    make_offered,
    make_submitted,
    signed_request,
    signing_of,
)
from tests.factories.parties import make_foreign_member, make_member, make_officer, sign_in
from tests.factories.signatures import SandboxPki, sign_request


def bodies(application: Application) -> dict[str, dict[str, Any]]:
    """Service -> what its body is sent."""
    assert application.status == ApplicationStatus.SUBMITTED
    return {one.data["service"]: one.data for one in Message.objects.filter(type="case.submitted")}


def codes(application: Application, member: Member) -> set[str]:
    with pytest.raises(RuleViolated) as refusal:
        actions.freeze(application, by=member, now=NOW)
    assert fresh(application).status == "drafted"
    return {one.code for one in refusal.value.violations}


# ------------------------------------------------------------------------------------------------ refusals


def test_exp_301_a_contract_that_is_no_longer_concluded_carries_no_application(exporter: Member) -> None:
    application = make_filled(exporter)
    application.operation.contract.status = "withdrawn"
    application.operation.contract.save(update_fields=["status"])
    assert codes(Application.objects.get(), exporter) == {"EXP-301"}


def test_exp_302_unconfirmed_goods_are_refused(exporter: Member) -> None:
    application = make_filled(exporter)
    Application.objects.update(lines_confirmed=False)
    assert codes(application, exporter) == {"EXP-302"}


def test_exp_302_more_than_the_contract_has_is_refused_at_signing_too(exporter: Member) -> None:
    application = make_filled(exporter)
    Application.objects.update(lines=[{**application.lines[0], "quantity": "20000.001"}])
    assert codes(application, exporter) == {"EXP-302"}


def test_exp_303_unconfirmed_permits_are_refused(exporter: Member) -> None:
    application = make_filled(exporter)
    Application.objects.update(permits_confirmed=False)
    assert codes(application, exporter) == {"EXP-303"}


def test_exp_303_goods_that_need_no_document_need_no_application(exporter: Member) -> None:
    application = make_filled(exporter)
    RegulationVersion.objects.all().delete()
    assert codes(application, exporter) == {"EXP-303"}


def test_exp_304_a_question_without_an_answer_is_refused_by_its_section(exporter: Member) -> None:
    application = make_filled(exporter, answers={**ANSWERS, "storage_conditions": "", "treated": True})
    with pytest.raises(RuleViolated) as refusal:
        actions.freeze(application, by=exporter, now=NOW)
    assert [(one.code, one.field) for one in refusal.value.violations] == [("EXP-304", PLANT), ("EXP-304", FOOD)]


def test_exp_305_non_oil_goods_carry_the_promotion_note(exporter: Member) -> None:
    """P10.3.3(4)."""
    assert codes(make_filled(exporter, promotion={}), exporter) == {"EXP-305"}


def test_all_that_is_missing_is_told_at_once_with_its_codes_and_where_to_mend_it(
    browser: Client, exporter: Member
) -> None:
    """S7.4."""
    application = make_begun(exporter)
    response = browser.post(f"/applications/{application.reference}/check/")
    assert response.status_code == 422
    page = response.content.decode()
    for code in ("EXP-302", "EXP-303", "EXP-304", "EXP-305"):
        assert code in page
    for place in ("../goods/", "../permits/", f"../questions/{PLANT}/", "../promotion/"):
        assert f'href="{place}"' in page


# ------------------------------------------------------------------------------------------------ signing


def test_the_exporter_confirms_signs_with_a_real_key_and_every_body_has_its_part(
    pki: SandboxPki, browser: Client, exporter: Member
) -> None:
    """P4.1.4, P10.3.3(3-5): one signature over exactly what was shown."""
    application = make_filled(exporter)
    base = f"/applications/{application.reference}"
    page = browser.post(f"{base}/check/").url  # type: ignore[attr-defined]
    paper = fresh(application).paper
    assert paper is not None
    assert page == f"/papers/{paper.reference}/"
    for waiting in (page, f"{base}/sign/"):
        assert "being made" in browser.get(waiting).content.decode()
    run_jobs("documents.render_paper")
    request = signing_of(application)
    assert browser.get(f"{page}state/").headers["HX-Redirect"] == f"/sign/{request.reference}/"
    paper.refresh_from_db()
    assert paper.document is not None
    assert documents.content(paper.document) == request.content
    assert browser.get(f"/documents/{paper.document.reference}/").content == request.content

    actor = NamedActor(exporter.actor_kind, exporter.actor_id, exporter.actor_name)
    sign_request(request, pki.key("people/leyla-mammadova-sign"), by=actor)

    application = fresh(application)
    assert (application.status, application.submitted_by) == ("submitted", exporter.actor_id)
    assert application.document is not None
    content = documents.content(application.document)
    reports = validate_pdf(content, now=datetime.now(UTC), require=Purpose.SIGN)
    assert [(report.field, report.verdict) for report in reports] == [("Applicant", "accepted")]
    assert content.startswith(request.content)
    assert {case.regulation.service for case in Case.objects.all()} == {PLANT, FOOD, ORIGIN}
    assert browser.get(f"/documents/{application.document.reference}/").content == content
    assert browser.get(f"{base}/").url == f"/operations/{application.operation.reference}/"  # type: ignore[attr-defined]
    page = browser.get(f"{base}/submitted/").content.decode()
    for case in Case.objects.all():
        assert case.regulation.name["en"] in page


def test_a_signature_that_is_not_accepted_is_told_and_one_can_sign_again(
    pki: SandboxPki, browser: Client, exporter: Member
) -> None:
    application = make_filled(exporter)
    actions.freeze(application, by=exporter, now=datetime.now(UTC))
    run_jobs("documents.render_paper")
    request = signing_of(application)
    announce_failure(request)
    base = f"/applications/{application.reference}"
    page = browser.get(f"{base}/sign/").content.decode()
    assert "was not accepted" in page
    assert "Get a new certificate and try again" in page
    assert "Sign again" in page
    again = browser.post(f"{base}/sign/", follow=True)
    second = signing_of(application)
    assert second.pk != request.pk
    assert again.redirect_chain[-1][0] == f"/sign/{second.reference}/"
    actor = NamedActor(exporter.actor_kind, exporter.actor_id, exporter.actor_name)
    sign_request(second, pki.key("people/leyla-mammadova-sign"), by=actor)
    application = fresh(application)
    assert application.paper is not None
    assert (application.status, application.paper.verdict) == ("submitted", "")


def verdict_of(application: Application) -> str:
    paper = fresh(application).paper
    assert paper is not None
    return paper.verdict


def announce_failure(request: SigningRequest, verdict: str = "revoked") -> None:
    """The end of a signing that was not accepted."""
    request.status, request.verdict = "failed", verdict
    request.save()
    announce("signing.failed.paper", request, by=SYSTEM, now=NOW, data={"verdict": verdict})


def test_the_failure_of_an_older_request_does_not_touch_the_one_that_waits(exporter: Member) -> None:
    application = make_offered(exporter)
    first = signing_of(application)
    actions.open_signing(application, by=make_member(organisation=exporter.organisation), now=NOW)
    first.refresh_from_db()
    announce("signing.failed.paper", first, by=SYSTEM, now=NOW)
    assert verdict_of(application) == ""


def test_a_request_that_has_expired_is_replaced_by_a_fresh_one(browser: Client, exporter: Member) -> None:
    """S7.4: whoever comes back too late goes on from the page they are led to."""
    application = make_offered(exporter)
    expired = signing_of(application)
    signatures.expire(now=expired.expires_at + timedelta(minutes=1))
    base = f"/applications/{application.reference}"
    assert browser.get(f"{base}/submitted/").url == f"{base}/sign/"  # type: ignore[attr-defined]
    page = browser.get(f"{base}/sign/").content.decode()
    assert f'action="{base}/sign/"' in page
    browser.post(f"{base}/sign/")
    assert signing_of(application) != expired


def test_a_request_that_is_open_still_is_the_one_that_is_gone_on_with(exporter: Member) -> None:
    """Two presses of one button, or a page that was left and opened again."""
    application = make_offered(exporter)
    first = signing_of(application)
    actions.open_signing(application, by=exporter, now=first.created_at)
    assert signing_of(application) == first


def test_a_colleague_signs_in_the_place_of_who_was_asked(browser: Client, exporter: Member) -> None:
    colleague = make_member(organisation=exporter.organisation)
    application = make_offered(colleague)
    base = f"/applications/{application.reference}"
    page = browser.get(f"{base}/sign/").content.decode()
    assert f"waits for the signature of {colleague.actor_name}" in page
    assert "Sign it yourself" in page
    answer = browser.post(f"{base}/sign/", follow=True)
    request = signing_of(application)
    assert (request.signer_id, answer.redirect_chain[-1][0]) == (exporter.actor_id, f"/sign/{request.reference}/")
    announce("signing.completed.paper", signed_request(application), by=SYSTEM, now=NOW)
    assert fresh(application).submitted_by == exporter.actor_id


def test_a_signature_that_is_being_completed_is_not_asked_for_again(browser: Client, exporter: Member) -> None:
    colleague = make_member(organisation=exporter.organisation)
    application = make_offered(colleague)
    request = signing_of(application)
    given = {"signature_value": b"x", "certificate": b"x", "signed_attrs": b"x"}
    SigningRequest.objects.filter(pk=request.pk).update(status="signed", **given)
    page = browser.post(f"/applications/{application.reference}/sign/", follow=True)
    assert "The signature is being completed" in page.content.decode()
    assert signing_of(application) == request


def test_the_signature_of_who_acts_for_the_exporter_no_more_sends_nothing(browser: Client, exporter: Member) -> None:
    """S12.2: the mandate counts when the signature is completed; whoever still has one can sign, or take it back."""
    colleague = make_member(organisation=exporter.organisation)
    application = make_offered(colleague)
    Mandate.objects.filter(person=colleague.person).update(ended_at=NOW, ended_by="PS-TEST")
    announce("signing.completed.paper", signed_request(application), by=SYSTEM, now=NOW)
    assert (fresh(application).status, Case.objects.count()) == ("awaiting_signature", 0)
    page = browser.get(f"/applications/{application.reference}/sign/").content.decode()
    assert "Somebody who acts for it can sign" in page
    actions.open_signing(fresh(application), by=exporter, now=NOW)
    announce("signing.completed.paper", signed_request(application), by=SYSTEM, now=NOW)
    assert (fresh(application).status, Case.objects.count()) == ("submitted", 3)


def test_nothing_can_be_signed_again_before_there_is_something_to_sign(browser: Client, exporter: Member) -> None:
    application = make_frozen(exporter)
    assert browser.post(f"/applications/{application.reference}/sign/").status_code == 409
    with pytest.raises(IllegalTransition):
        actions.open_signing(make_begun(exporter), by=exporter, now=NOW)


def test_reopened_it_is_a_draft_again_and_its_document_counts_for_nothing(browser: Client, exporter: Member) -> None:
    application = make_offered(exporter)
    assert application.paper is not None
    document = application.paper.document
    assert document is not None
    base = f"/applications/{application.reference}"
    assert browser.get(f"{base}/goods/").status_code == 409
    assert browser.post(f"{base}/reopen/").url == f"{base}/"  # type: ignore[attr-defined]
    document.refresh_from_db()
    assert (document.status, fresh(application).status, fresh(application).paper) == ("revoked", "drafted", None)
    assert browser.get(f"{base}/goods/").status_code == 200


def test_a_signature_on_what_was_reopened_submits_nothing(exporter: Member) -> None:
    application = make_offered(exporter)
    request = signed_request(application)
    actions.reopen(application, by=exporter, now=NOW)
    announce("signing.completed.paper", request, by=SYSTEM, now=NOW)
    assert fresh(application).status == "drafted"
    assert not Case.objects.exists()
    assert "paper.signature_discarded" in [event.name for event in history([request.subject])]


def test_the_signature_of_a_paper_that_is_not_the_newest_is_put_on_record_and_submits_nothing(exporter: Member) -> None:
    application = make_offered(exporter)
    older = application.paper
    assert older is not None
    newer = actions.freeze(actions.reopen(application, by=exporter, now=NOW), by=exporter, now=NOW)
    assert newer.paper != older
    actions.submit(older, by=exporter, now=NOW, data={})
    assert (fresh(application).status, Case.objects.count()) == ("awaiting_signature", 0)
    assert "application.signature_discarded" in [event.name for event in history([application.reference])]


def test_a_job_that_comes_after_reopening_offers_nothing(exporter: Member) -> None:
    application = make_frozen(exporter)
    actions.reopen(application, by=exporter, now=NOW)
    run_jobs("documents.render_paper")
    assert (fresh(application).status, fresh(application).paper) == ("drafted", None)
    assert not SigningRequest.objects.exists()


# ------------------------------------------------------------------------------------------------ what bodies get


def test_each_body_gets_exactly_its_own_questions(exporter: Member) -> None:
    """P4.1.4: common questions are asked once and answered to each who asks."""
    sent = bodies(make_submitted(exporter))
    assert set(sent) == {PLANT, FOOD, ORIGIN}
    assert set(sent[PLANT]["answers"]) == {
        "place_of_origin", "means_of_conveyance", "point_of_entry", "botanical_name", "treated",
    }  # fmt: skip
    assert set(sent[FOOD]["answers"]) == {
        "producer", "lot_number", "harvest_year", "storage_conditions", "point_of_entry",
    }  # fmt: skip
    assert set(sent[ORIGIN]["answers"]) == {
        "producer", "place_of_origin", "means_of_conveyance", "origin_criterion",
    }  # fmt: skip
    assert sent[ORIGIN]["answers"]["producer"] == sent[FOOD]["answers"]["producer"] == "Şəki Fındıq MMC"


def test_a_document_that_was_not_chosen_is_not_applied_for(exporter: Member) -> None:
    assert set(bodies(make_submitted(exporter, chosen={ORIGIN: False}))) == {PLANT, FOOD}


def test_each_body_gets_only_the_goods_it_is_about(exporter: Member) -> None:
    contract = make_concluded(exporter, make_foreign_member(), lines=2)
    contract.lines.filter(line=2).update(hs="630260")
    answers = {**ANSWERS, "botanical_name": {"1": "Corylus avellana", "2": "none"},
               "origin_criterion": {"1": "wholly-obtained", "2": "wholly-obtained"}}  # fmt: skip
    sent = bodies(make_submitted(exporter, contract=contract, answers=answers))
    assert {name: [line["line"] for line in body["goods"]] for name, body in sent.items()} == {
        PLANT: [1], FOOD: [1], ORIGIN: [1, 2],
    }  # fmt: skip
    assert sent[PLANT]["answers"]["botanical_name"] == {"1": "Corylus avellana"}


def test_a_partial_consignment_is_sent_with_its_own_quantity(exporter: Member) -> None:
    for body in bodies(make_submitted(exporter, quantity="5000")).values():
        line = body["goods"][0]
        assert (line["quantity"], line["net_kg"], line["gross_kg"], line["packages"]) == ("5000", "5000", "5100", 100)


def test_the_answer_to_a_question_that_is_no_longer_asked_is_not_sent(exporter: Member) -> None:
    sent = bodies(make_submitted(exporter, answers={**ANSWERS, "treated": False, "treatment": "Fumigated"}))
    assert "treatment" not in sent[PLANT]["answers"]


def test_an_answer_for_a_line_that_no_longer_asks_is_not_sent(exporter: Member) -> None:
    contract = make_concluded(exporter, make_foreign_member(), lines=2)
    per_line = {key: {"1": value["1"], "2": value["1"]} for key, value in ANSWERS.items() if isinstance(value, dict)}
    answers = {**ANSWERS, **per_line, "origin_criterion": {"1": "wholly-obtained", "2": "processed"},
               "foreign_inputs": {"1": "left over", "2": "Sugar, 1701, BR"}}  # fmt: skip
    sent = bodies(make_submitted(exporter, contract=contract, answers=answers))
    assert sent[ORIGIN]["answers"]["foreign_inputs"] == {"2": "Sugar, 1701, BR"}


def test_a_file_goes_to_the_body_that_wants_it_and_to_no_other(exporter: Member) -> None:
    application = make_filled(exporter)
    files = {(FOOD, "test-report"): ("report.pdf", PDF), (ORIGIN, "invoice"): ("invoice.pdf", PDF + b"2")}
    actions.answer(application, section=FOOD, answers={}, files=files, finished=True, by=exporter, now=NOW)
    application = actions.freeze(application, by=exporter, now=NOW)
    run_jobs("documents.render_paper")
    announce("signing.completed.paper", signed_request(application), by=SYSTEM, now=NOW)
    sent = bodies(fresh(application))
    assert {name: [(one["id"], one["name"]) for one in body["documents"]] for name, body in sent.items()} == {
        PLANT: [], FOOD: [("test-report", "report.pdf")], ORIGIN: [("invoice", "invoice.pdf")],
    }  # fmt: skip


def test_every_body_is_told_who_asks_for_whom_and_gets_the_signed_documents(exporter: Member) -> None:
    application = make_submitted(exporter)
    assert application.document is not None
    contract = application.operation.contract
    assert contract.document is not None
    for body in bodies(application).values():
        assert body["applicant"]["voen"] == exporter.organisation.voen
        assert body["applicant"]["representative"] == exporter.actor_name
        assert (body["consignee"]["name"], body["destination"]) == ("Weber Nuss GmbH", "DE")
        assert body["application_document"]["$document"] == application.document.reference
        assert body["contract"]["file"]["$document"] == contract.document.reference


def test_a_regulation_that_comes_into_force_after_freezing_changes_nothing_of_what_was_signed(
    exporter: Member,
) -> None:
    application = make_offered(exporter)
    before = RegulationVersion.objects.get(service=FOOD)
    newer = RegulationVersion.objects.get(pk=before.pk)
    newer.pk, newer.version, newer.sha256 = None, before.version + 1, "0" * 64
    newer.content = {**before.content}
    newer.content["provision"] = {**before.content["provision"], "questions": []}
    newer.save(force_insert=True)
    announce("signing.completed.paper", signed_request(application), by=SYSTEM, now=NOW)
    assert Case.objects.get(regulation__service=FOOD).regulation == before
    assert "lot_number" in bodies(fresh(application))[FOOD]["answers"]


def test_submitting_twice_opens_each_case_once(exporter: Member) -> None:
    application = make_submitted(exporter)
    request = signing_of(application)
    announce("signing.completed.paper", request, by=SYSTEM, now=NOW)
    assert Case.objects.count() == 3
    assert Message.objects.filter(type="case.submitted").count() == 3
    assert [event.name for event in history([application.reference])].count("application.submitted") == 1


def test_submitting_to_three_bodies_stays_within_its_statements(exporter: Member) -> None:
    """P8.1.2; the first figure is the submission itself, the second all that the completed signature does: mandate
    looked at, signed document stored, paper and application moved, cases opened."""
    application = make_offered(exporter)
    request = signed_request(application)
    with CaptureQueriesContext(connection) as captured:
        announce("signing.completed.paper", request, by=SYSTEM, now=NOW)
    bare = [one["sql"] for one in captured.captured_queries if "SAVEPOINT" not in one["sql"]]
    first = next(number for number, sql in enumerate(bare) if 'FOR UPDATE OF "exports_application"' in sql)
    assert len(bare) - first <= 15
    assert len(bare) <= 31


def test_officers_of_a_body_open_what_was_handed_to_it_and_nobody_elses_do(exporter: Member) -> None:
    """S7.3: a body without a system of its own reads application, contract and files on its desk."""
    application = make_submitted(exporter)
    case = Case.objects.filter(application_reference=application.reference).order_by("id")[0]
    officer, stranger = make_officer(case.provider.code), make_officer("pollen-office")
    contract = application.operation.contract.document
    assert contract is not None
    for document in (fresh(application).document, contract):
        assert document is not None
        address = f"/documents/{document.reference}/"
        assert sign_in(Client(), officer).get(address).status_code == 200
        assert sign_in(Client(), stranger).get(address).status_code == 404
