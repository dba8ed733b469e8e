"""What the portal decides by itself: automatic services in the same second, and what silence means (S-A1 1.6, 3.3)."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from azexport.audit.models import Event
from azexport.cases import actions, results
from azexport.cases.actions import officers
from azexport.cases.models import Case, RegisterEntry
from azexport.cases.states import CaseStatus
from azexport.documents import queries as documents
from azexport.exchange.models import Message
from azexport.kernel.actor import SYSTEM
from azexport.kernel.errors import OutsideFailure
from azexport.notices.models import Notice
from azexport.services.models import RegulationVersion
from azexport.signatures import validation
from azexport.signatures.states import Purpose
from tests.factories.cases import DOCUMENT, REGISTER, again, desk_case, desk_row, says, step, treasury, words
from tests.factories.contracts import run_jobs
from tests.factories.parties import make_member, make_officer, sign_in
from tests.factories.services import NOW
from tests.factories.signatures import SandboxPki

pytestmark = pytest.mark.django_db
AT_ONCE = {"working_days": 0, "processing": words("At once."), "clause": "Law on Honey, 8", "source": "verified"}


def automatic(grant: str = "answers.hives > 5.0", **changes: Any) -> RegulationVersion:
    """A fully automatic service: enough hives, or refused for lack of bees."""
    return desk_row(
        [step("answering", working_days=0)],
        **{
            "general__automation": "full", "general__term": AT_ONCE,
            "procedures__decision": {"grant": grant, "ground": "no-bees"},
        } | changes,
    )  # fmt: skip


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The seal without the cryptography."""
    monkeypatch.setattr("azexport.cases.results.sealing.seal_pdf", lambda content, field, now: content)
    monkeypatch.setattr("azexport.cases.results.validation.validate_pdf", lambda content, now, require: [])


def decided(case: Case) -> Case:
    assert run_jobs("cases.decide") == 1
    return again(case)


# ------------------------------------------------------------------------------------------------ automatic services


def test_an_automatic_service_is_granted_by_its_own_condition_with_a_sealed_document(pki: SandboxPki) -> None:
    """S-A1 1.6, full automation: answered in the same second; the seal is the portal's and holds for anybody."""
    row = automatic(general__result__document=DOCUMENT, general__result__register=REGISTER)
    case = desk_case(row=row, now=datetime.now(UTC))
    results.sealed(case, results.compose_default(case, now=datetime.now(UTC)), now=datetime.now(UTC))  # warm

    started = time.perf_counter()
    case = decided(case)
    seconds = time.perf_counter() - started

    assert case.status == CaseStatus.GRANTED
    assert case.result_document is not None
    [report] = case.result_document.signatures
    assert (report["verdict"], report["field"], report["level"]) == ("accepted", "seal", "B-LTA")
    content = documents.content(case.result_document)
    now = datetime.now(UTC)
    assert [one.accepted for one in validation.validate_pdf(content, now=now, require=Purpose.SEAL)] == [True]
    assert case.decision["automatic"] is True
    assert case.decision["result"]["officer"] == {}
    assert RegisterEntry.objects.get().case == case
    assert seconds < 2, f"{seconds:.2f} s"


def test_receipt_and_result_are_told_and_no_body_is_asked(sealed: None) -> None:
    """S6.3, S7.1.2: the receipt with the number, then the result; the portal alone decides."""
    case = desk_case(row=automatic(general__result__document=DOCUMENT))
    receipt = Notice.objects.get(kind="case.submitted")
    assert case.reference in receipt.body["en"]
    assert case.reference in receipt.title["az"]

    case = decided(case)

    assert Notice.objects.get(kind="case.issued").link == f"/cases/{case.reference}/"
    assert (case.decided_by, case.accepted_at) == ("azexport", None)
    assert not Message.objects.exists()
    assert not Event.objects.filter(name="case.accepted").exists()


def test_an_automatic_service_refuses_on_the_ground_its_regulation_names(sealed: None) -> None:
    case = decided(desk_case(row=automatic(), answers={"hives": "3", "heated": False}))

    assert case.status == CaseStatus.REFUSED
    assert [one["ground"] for one in case.decision["grounds"]] == ["no-bees"]
    assert Notice.objects.filter(kind="case.refused").exists()
    assert case.settled


def test_a_case_is_decided_once_however_often_the_job_runs(sealed: None) -> None:
    case = decided(desk_case(row=automatic(general__result__document=DOCUMENT)))

    actions.decide(reference=case.reference, by=SYSTEM, now=NOW)

    assert Event.objects.filter(name="case.granted").count() == 1
    assert again(case).result_document == case.result_document


def test_a_case_withdrawn_before_the_portal_decides_stays_withdrawn(sealed: None) -> None:
    member = make_member()
    case = desk_case(member, automatic())
    actions.withdraw(case=case, by=member, now=NOW)

    assert decided(case).status == CaseStatus.WITHDRAWN


def test_while_no_time_stamp_can_be_had_nothing_is_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_time_stamp(content: bytes, field: str, *, now: datetime) -> bytes:
        raise OutsideFailure(permanent=False, code="time-stamp")

    monkeypatch.setattr("azexport.cases.results.sealing.seal_pdf", no_time_stamp)
    case = desk_case(row=automatic(general__result__document=DOCUMENT))

    with pytest.raises(OutsideFailure):
        actions.decide(reference=case.reference, by=SYSTEM, now=NOW)

    assert again(case).status == CaseStatus.SUBMITTED


def test_where_payment_is_flagged_the_portal_decides_when_it_is_paid(sealed: None) -> None:
    """S8: paid electronically, in real time."""
    fee = {"amount": "5", "legal_basis": words("Law on Honey, 9"), "source": "verified", "before_decision": True}
    case = desk_case(row=automatic(provision__fee=fee))
    assert run_jobs("cases.decide") == 0
    actions.decide(reference=case.reference, by=SYSTEM, now=NOW)
    assert again(case).status == CaseStatus.SUBMITTED

    says(case, "fee_paid", sender=treasury(), amount="5.00", currency="AZN", payment_reference="P1")

    assert decided(case).status == CaseStatus.GRANTED


# ------------------------------------------------------------------------------------------------ silence


GRANTS = {"rule": "granted", "text": words("Silence is consent."), "clause": "Law on Honey, 17"}
LATER = NOW + timedelta(days=8)


def test_where_silence_grants_a_case_not_answered_in_time_is_granted_with_a_mark(sealed: None) -> None:
    """S-A1 3.3.2: the silence rule of the regulation, shown on the decision and its document."""
    row = desk_row(procedures__silence=GRANTS, general__result__document=DOCUMENT)
    clerk = make_officer("honey-office")
    case = officers.take_on(case=desk_case(row=row), by=clerk, now=NOW)
    assert actions.grant_silent(by=SYSTEM, now=NOW + timedelta(days=4)) == 0

    assert actions.grant_silent(by=SYSTEM, now=LATER) == 1
    assert actions.grant_silent(by=SYSTEM, now=LATER) == 0

    case = again(case)
    assert case.status == CaseStatus.GRANTED
    assert case.decision["silence"] == {"text": GRANTS["text"], "clause": "Law on Honey, 17"}
    assert case.decision["result"]["silence"] is True
    assert case.result_document is not None
    assert Notice.objects.filter(kind="case.granted_by_silence", organisation=case.organisation).exists()
    assert Event.objects.get(name="case.granted").data["silence"]["clause"] == "Law on Honey, 17"


@pytest.mark.parametrize("silence", [None, {**GRANTS, "rule": "none"}])
def test_where_it_does_not_grant_the_case_stays_open_and_late(sealed: None, silence: Any) -> None:
    case = desk_case(row=desk_row(procedures__silence=silence))

    assert actions.grant_silent(by=SYSTEM, now=LATER) == 0
    assert again(case).status == CaseStatus.SUBMITTED


def test_silence_grants_nothing_while_the_applicant_is_asked(sealed: None) -> None:
    clerk_row = desk_row(procedures__silence=GRANTS)
    clerk = make_officer("honey-office")
    case = officers.take_on(case=desk_case(row=clerk_row), by=clerk, now=NOW)
    officers.request_information(
        case=case, questions=[{"id": "a", "label": words("A?"), "kind": "text"}], reason={}, by=clerk, now=NOW
    )

    assert actions.grant_silent(by=SYSTEM, now=LATER) == 0
    assert again(case).status == CaseStatus.INFORMATION_REQUESTED


def test_the_page_says_that_it_was_granted_by_silence(sealed: None) -> None:
    member = make_member()
    case = desk_case(member, desk_row(procedures__silence=GRANTS, general__result__document=DOCUMENT))
    actions.grant_silent(by=SYSTEM, now=LATER)
    client = sign_in(Client(), member)
    client.cookies["language"] = "en"

    text = client.get(f"/cases/{case.reference}/").content.decode()

    assert "did not answer within the time limit" in text
    assert "Law on Honey, 17" in text
    assert "hx-get" not in text.split('id="case-state"')[1][:200]


def test_the_jobs_find_what_is_due(sealed: None) -> None:
    from azexport.cases import tasks

    row = desk_row(procedures__silence=GRANTS)
    case = desk_case(row=row, now=NOW - timedelta(days=60))

    tasks.hear_silence(timestamp=0)

    assert again(case).status == CaseStatus.GRANTED
    assert again(case).decision["result"]["valid_from"] <= date.today().isoformat()


def test_a_case_whose_document_cannot_be_made_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_time_stamp(content: bytes, field: str, *, now: datetime) -> bytes:
        raise OutsideFailure(permanent=False, code="time-stamp")

    monkeypatch.setattr("azexport.cases.results.sealing.seal_pdf", no_time_stamp)
    stuck = desk_case(row=desk_row(procedures__silence=GRANTS, general__result__document=DOCUMENT))
    free = desk_case(row=desk_row(procedures__silence=GRANTS))

    assert actions.grant_silent(by=SYSTEM, now=LATER) == 1
    assert again(stuck).status == CaseStatus.SUBMITTED
    assert again(free).status == CaseStatus.GRANTED


def test_silence_grants_nothing_that_is_to_be_paid_for_first(sealed: None) -> None:
    """S8, S-A1 2.2.1: a fee that comes before the decision comes before the silence too."""
    treasury()
    fee = {"amount": "10", "legal_basis": words("Law on Honey, 9"), "before_decision": True}
    case = desk_case(row=desk_row(procedures__silence=GRANTS, provision__fee=fee))

    assert actions.grant_silent(by=SYSTEM, now=LATER) == 0
    assert again(case).status == CaseStatus.SUBMITTED

    paid: dict[str, Any] = {
        "amount": "10.00", "currency": "AZN", "payment_reference": "P-1", "paid_at": NOW.isoformat(),
    }  # fmt: skip
    says(case, "fee_paid", sender=treasury(), **paid)
    assert actions.grant_silent(by=SYSTEM, now=LATER) == 1


def test_a_case_whose_condition_cannot_be_worked_out_waits_on_the_desk(sealed: None) -> None:
    """S6.3: the job does not fail for ever; officers find the case."""
    case = decided(desk_case(row=automatic("goods[9].net_kg > 0.0")))

    assert case.status == CaseStatus.SUBMITTED
    assert Event.objects.filter(name="case.not_decided", subject=case.reference).exists()
