"""The generic engine: an application under any service, from opening to decision (S3.4, S6.3, P10.3.3(5))."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from azexport.audit.models import Event
from azexport.calendar import queries as calendar
from azexport.cases import actions, queries
from azexport.cases.actions import TooEarly
from azexport.cases.lifecycle import TABLE
from azexport.cases.models import Case, FurtherInformationRequest
from azexport.cases.states import FINAL, CaseStatus
from azexport.exchange.models import Message
from azexport.kernel.actor import SYSTEM
from azexport.kernel.errors import IllegalTransition, Missing, NotAllowed, RuleViolated
from azexport.notices.models import Notice
from azexport.permits.models import Permit
from tests.factories import services
from tests.factories.cases import (
    OFFICER,
    accepted,
    asks,
    file,
    granted,
    message,
    office,
    open_case,
    open_cases,
    permit_of,
    prepare_answer,
    says,
    speaker,
    supplies,
    treasury,
)
from tests.factories.parties import make_member
from tests.factories.services import NOW, honey, load_all

pytestmark = pytest.mark.django_db


def three() -> Any:
    return load_all(
        *(
            honey(id=f"{name}-seal", requirements=[], general__provider=f"{name}-office")
            for name in ("honey", "wax", "pollen")
        )
    )


def codes(refused: pytest.ExceptionInfo[RuleViolated]) -> list[str]:
    return [one.code for one in refused.value.violations]


# ------------------------------------------------------------------------------------------------ submitting


def test_each_body_gets_its_part_at_once_and_the_treasury_each_fee() -> None:
    member = make_member()
    cases = open_cases(member, *three())

    sent = {(one.type, one.participant.code): one for one in Message.objects.select_related("participant")}
    assert set(sent) == {
        ("case.submitted", "honey-office"), ("case.submitted", "wax-office"), ("case.submitted", "pollen-office"),
        ("fee.due", "coin-house"),
    }  # fmt: skip
    assert Message.objects.filter(type="fee.due").count() == 3
    body = sent["case.submitted", "wax-office"].data
    case = cases[1]
    assert body["case"] == case.reference
    assert body["service"] == "wax-seal"
    assert body["regulation_version"] == "1"
    assert body["answers"] == {"hives": "12", "heated": False}
    assert body["fee"] == {"amount": "7.50", "currency": "AZN"}
    assert body["submitted_at"] == NOW.isoformat()
    due = Message.objects.filter(type="fee.due", subject=case.reference).get().data
    assert due["payee"] == "wax-office"
    assert due["payer_voen"] == member.organisation.voen
    assert due["amount"] == "7.50"


def test_a_submitted_case_has_a_clock_an_event_and_one_notice_for_all() -> None:
    cases = open_cases(make_member(), *three())

    clocks = calendar.clocks_for([case.reference for case in cases])
    assert {clock.term for clock in clocks.values()} == {4}
    assert {clock.due_on for clock in clocks.values()} == {date(2026, 10, 9)}
    assert Event.objects.filter(name="case.submitted").count() == 3
    assert Notice.objects.count() == 1


def test_a_service_free_of_charge_asks_no_fee() -> None:
    open_case(row=services.load(provision__fee={"amount": "0"}))

    assert not Message.objects.filter(type="fee.due").exists()


def test_an_application_to_a_body_that_is_not_connected_is_not_submitted() -> None:
    member, row = make_member(), services.load()
    with pytest.raises(Missing):
        actions.open_cases(
            application_reference="AP-1", organisation=member.organisation, by=member, now=NOW,
            parts=[actions.CasePart(row, {})],
        )  # fmt: skip

    assert not Case.objects.exists()


def test_contents_of_files_are_not_kept_twice() -> None:
    case = open_case(documents=[file(name="photo.pdf")])

    [kept] = case.facts["documents"]
    assert kept["name"] == "photo.pdf"
    assert "content_base64" not in kept


def test_submitting_three_parts_costs_at_most_25_statements_and_as_many_as_one() -> None:
    member, rows = make_member(), three()
    for row in rows:
        office(row.regulation.provider)
    treasury()
    open_cases(member, rows[0])  # the calendar is kept in memory from here on
    counts = []
    for parts in (rows[:1], rows):
        with CaptureQueriesContext(connection) as captured:
            open_cases(member, *parts)
        # The factory itself looks the participants up: one statement each, and one for the treasury.
        counts.append(len(captured) - len(parts) - 1)

    assert counts[1] <= 25
    assert counts[0] == counts[1]


# ------------------------------------------------------------------------------------------------ the body speaks


def test_a_body_accepts_takes_steps_and_grants() -> None:
    case = accepted(open_case())
    assert (case.status, case.body_reference, case.holder_name) == (CaseStatus.ACCEPTED, "H-1", "Aynur Quliyeva")

    says(case, "start_step", step="tasting", officer=OFFICER)
    case = says(case, "start_step", step="sealing", officer={"name": "Rəşad Əliyev", "position": {"az": "Rəis"}})
    assert (case.step, case.holder_name, case.holder_position) == ("sealing", "Rəşad Əliyev", {"az": "Rəis"})
    assert [(one.step, one.finished_at is not None) for one in queries.steps_of(case)] == [
        ("tasting", True), ("sealing", False),
    ]  # fmt: skip

    case = granted(case)
    assert case.status == CaseStatus.GRANTED
    assert case.being_checked
    assert all(one.finished_at for one in queries.steps_of(case))
    assert calendar.clocks_for([case.reference])[case.reference].finished_on == date(2026, 10, 5)
    assert Permit.objects.get().case == case


def test_a_step_that_the_regulation_does_not_know_is_refused() -> None:
    case = accepted(open_case())

    with pytest.raises(RuleViolated) as refused:
        says(case, "start_step", step="dancing", officer=OFFICER)

    assert codes(refused) == ["CAS-001"]


def test_a_refusal_carries_grounds_of_the_regulation_and_their_explanation() -> None:
    case = accepted(open_case())

    explanation = {"az": "Pətək boşdur.", "en": "The hive is empty."}
    case = says(case, "refuse", officer=OFFICER, grounds=[{"ground": "no-bees", "explanation": explanation}])

    assert case.status == CaseStatus.REFUSED
    [ground] = case.decision["grounds"]
    assert ground["text"]["en"] == "There are no bees."
    assert ground["explanation"]["en"] == "The hive is empty."
    assert case.decided_by == "honey-office"
    assert Notice.objects.filter(kind="case.refused").exists()


@pytest.mark.parametrize(
    ("grounds", "code"), [([], "CAS-002"), ([{"ground": "dislike"}], "CAS-003"), (None, "CAS-002")]
)
def test_a_refusal_without_a_ground_of_the_regulation_is_itself_refused(grounds: Any, code: str) -> None:
    case = accepted(open_case())

    with pytest.raises(RuleViolated) as refused:
        says(case, "refuse", grounds=grounds, officer=OFFICER)

    assert codes(refused) == [code]
    assert Case.objects.get().status == CaseStatus.ACCEPTED


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"permit": None, "document": file()}, "CAS-004"),
        ({"permit": {"number": ""}, "document": file()}, "CAS-004"),
        ({"permit": {"number": "1"}, "document": None}, "CAS-005"),
        ({"permit": {"number": "1"}, "document": {"name": "x"}}, "CAS-005"),
    ],
)
def test_a_grant_without_its_document_or_number_is_refused(body: dict[str, Any], code: str) -> None:
    case = accepted(open_case())

    with pytest.raises(RuleViolated) as refused:
        says(case, "grant", **body)

    assert code in codes(refused)


def test_a_body_speaks_of_its_own_cases_only() -> None:
    case = open_case()
    stranger = office("wax-office")

    with pytest.raises(Missing):
        says(case, "accept", sender=stranger)
    with pytest.raises(Missing):
        actions.accept(message("CS-0000-0000-0", "case.accepted", stranger), by=speaker(stranger), now=NOW)
    assert Case.objects.get().status == CaseStatus.SUBMITTED


@pytest.mark.parametrize("late", ["accept", "start_step", "request_information", "refuse", "grant"])
def test_what_comes_after_the_end_changes_nothing(late: str) -> None:
    case = says(accepted(open_case()), "refuse", grounds=[{"ground": "no-bees"}], officer=OFFICER)
    bodies: dict[str, dict[str, Any]] = {
        "start_step": {"step": "tasting"},
        "request_information": {"request": "R1", "questions": [{"id": "a", "label": {"az": "A"}, "kind": "text"}]},
        "refuse": {"grounds": [{"ground": "no-bees"}]},
        "grant": {"permit": permit_of(case), "document": file()},
    }

    with pytest.raises(IllegalTransition):
        says(case, late, **bodies.get(late, {}))

    assert Case.objects.get().status == CaseStatus.REFUSED
    assert not Permit.objects.exists()


def test_what_overtakes_the_acceptance_is_asked_for_again_later() -> None:
    case = open_case()

    with pytest.raises(TooEarly) as refused:
        granted(case)

    assert refused.value.status == 503
    assert granted(accepted(case)).status == CaseStatus.GRANTED


def test_a_permit_arrives_once_however_often_it_is_sent() -> None:
    case = granted(accepted(open_case()))
    notices = Notice.objects.count()

    granted(case)

    assert Permit.objects.count() == 1
    assert Notice.objects.count() == notices
    assert Event.objects.filter(name="case.grant_repeated").count() == 1


def test_another_permit_for_a_granted_case_is_refused() -> None:
    case = granted(accepted(open_case()))

    with pytest.raises(IllegalTransition):
        granted(case, number="H-2026-0002")


# ------------------------------------------------------------------------------------------------ asking for more


def test_the_clock_stands_while_the_applicant_answers_and_then_runs_on() -> None:
    member = make_member()
    case = accepted(open_case(member))
    two_days_later = NOW + timedelta(days=2)
    case = asks(case, now=two_days_later)
    clock = calendar.clocks_for([case.reference])[case.reference]
    assert case.status == CaseStatus.INFORMATION_REQUESTED
    assert (clock.due_on, clock.used_before) == (None, 2)

    answered = NOW + timedelta(days=14)
    supplies(case, member, {"lab": "Bakı"}, now=answered)

    clock = calendar.clocks_for([case.reference])[case.reference]
    assert clock.due_on == date(2026, 10, 21)
    assert Case.objects.get().status == CaseStatus.ACCEPTED
    request = FurtherInformationRequest.objects.get()
    assert request.answered_by == member.actor_id
    sent = Message.objects.get(type="case.information_supplied")
    assert sent.data["answers"] == {"lab": "Bakı", "report": "report.pdf"}
    assert sent.data["documents"] == [{"$document": request.documents[0]["reference"], "name": "report.pdf"}]
    assert request.document is not None
    assert sent.data["answer_document"] == {
        "$document": request.document.reference, "name": f"{case.reference}-answer.pdf",
    }  # fmt: skip
    assert queries.supplied_by(member.organisation, request.documents[0]["reference"])
    assert not queries.supplied_by(make_member().organisation, request.documents[0]["reference"])


def test_a_late_case_is_as_late_after_the_answer_as_before_the_question_and_nobody_is_told_again() -> None:
    """S7.4: the clock stands while the applicant is asked; asking gives a body that is late no day more."""
    member = make_member()
    case = accepted(open_case(member))
    late = NOW + timedelta(days=8)  # Tuesday 13 October; it was due on Friday the 9th
    assert actions.tell_overdue(by=SYSTEM, now=late) == 1
    case = asks(case, now=late)
    assert actions.tell_overdue(by=SYSTEM, now=late + timedelta(days=5)) == 0

    answered = late + timedelta(days=14)
    supplies(case, member, {"lab": "Bakı"}, now=answered)

    shown = queries.view(Case.objects.for_page().get(), now=answered)
    assert (shown.overdue, shown.days_left) == (True, -2)
    assert actions.tell_overdue(by=SYSTEM, now=answered + timedelta(days=1)) == 0


def test_an_answer_that_leaves_a_question_open_is_refused() -> None:
    member = make_member()
    case = asks(accepted(open_case(member)))

    with pytest.raises(RuleViolated) as refused:
        prepare_answer(case, member, {"lab": ""})

    assert codes(refused) == ["CAS-006"]


def test_nobody_else_answers_or_withdraws() -> None:
    case = asks(accepted(open_case()))

    with pytest.raises(NotAllowed):
        prepare_answer(case, make_member(), {"lab": "x"})
    with pytest.raises(NotAllowed):
        actions.withdraw(case=case, by=make_member(), now=NOW)


def test_an_answer_nobody_asked_for_is_refused() -> None:
    member = make_member()

    with pytest.raises(IllegalTransition):
        prepare_answer(accepted(open_case(member)), member, {})


TWICE = [{"id": "a", "label": "A"}, {"id": "a", "label": "B"}]


@pytest.mark.parametrize("questions", [None, [], [{"id": "a"}], ["x"], TWICE])
def test_a_request_without_proper_questions_is_refused(questions: Any) -> None:
    case = accepted(open_case())

    with pytest.raises(RuleViolated) as refused:
        says(case, "request_information", request="R1", questions=questions)

    assert codes(refused) == ["CAS-010"]


def test_a_request_is_made_once() -> None:
    member = make_member()
    case = asks(accepted(open_case(member)))
    supplies(case, member, {"lab": "x"})

    with pytest.raises(RuleViolated) as refused:
        asks(case)

    assert codes(refused) == ["CAS-009"]


# ------------------------------------------------------------------------------------------------ money


def paid(case: Case, **changes: Any) -> Case:
    body = {"amount": "7.50", "currency": "AZN", "paid_at": "2026-10-05T07:00:00+00:00", "payment_reference": "P1"}
    return says(case, "fee_paid", sender=treasury(), **(body | changes))


def test_a_paid_fee_is_kept_and_the_body_is_told_once() -> None:
    case = paid(open_case())
    paid(case)

    assert (case.fee_paid_at, case.payment_reference) == (datetime(2026, 10, 5, 7, tzinfo=UTC), "P1")
    assert not case.fee_due
    told = Message.objects.get(type="case.fee_paid")
    assert (told.participant, told.data["payment_reference"]) == (case.provider, "P1")


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"amount": "7.49"}, "CAS-008"), ({"amount": "much"}, "CAS-008"), ({"currency": "EUR"}, "CAS-008")],
)
def test_another_amount_than_is_due_is_refused(changes: dict[str, str], code: str) -> None:
    with pytest.raises(RuleViolated) as refused:
        paid(open_case(), **changes)

    assert codes(refused) == [code]


def test_a_second_payment_of_the_same_fee_is_refused() -> None:
    case = paid(open_case())

    with pytest.raises(RuleViolated) as refused:
        paid(case, payment_reference="P2")

    assert codes(refused) == ["CAS-007"]


def test_only_a_treasury_says_that_a_fee_is_paid() -> None:
    case = open_case()

    with pytest.raises(NotAllowed):
        says(case, "fee_paid", amount="7.50", currency="AZN", payment_reference="P1")


# ------------------------------------------------------------------------------------------------ the end


def test_a_withdrawn_case_is_closed_and_the_body_told() -> None:
    member = make_member()
    case = actions.withdraw(case=accepted(open_case(member)), by=member, now=NOW)

    assert case.status == CaseStatus.WITHDRAWN
    assert Message.objects.get(type="case.withdrawn").participant == case.provider
    assert calendar.clocks_for([case.reference])[case.reference].finished_on is not None


def test_a_permit_that_fails_the_checks_leaves_the_case_open_for_another() -> None:
    case = granted(accepted(open_case()))
    actions.reject_permit(
        case_reference=case.reference, verdict="wrong_quantity", text={"az": "Miqdar", "en": "Quantity"}, by=SYSTEM,
        now=NOW,
    )  # fmt: skip
    Permit.objects.update(status="rejected", checked_at=NOW, checked_by="x")

    case = Case.objects.get()
    assert (case.status, case.verdict, case.verdict_text["en"]) == ("permit_rejected", "wrong_quantity", "Quantity")
    assert Notice.objects.filter(kind="case.permit_rejected").exists()
    case = granted(case, number="H-2026-0002")
    assert (case.status, case.verdict) == (CaseStatus.GRANTED, "")


def test_a_case_whose_term_has_run_out_is_announced_once() -> None:
    case = accepted(open_case())
    assert actions.tell_overdue(by=SYSTEM, now=NOW + timedelta(days=4)) == 0

    later = NOW + timedelta(days=8)
    assert actions.tell_overdue(by=SYSTEM, now=later) == 1
    assert actions.tell_overdue(by=SYSTEM, now=later) == 0
    assert queries.view(Case.objects.get(), now=later).overdue
    assert queries.view(Case.objects.get(), now=later).mark == "overdue"
    assert Notice.objects.filter(kind="case.overdue", subject=case.reference).count() == 1


def test_granting_costs_at_most_25_statements() -> None:
    case = accepted(open_case())
    one = message(case, "case.granted", permit=permit_of(case), document=file(), officer=OFFICER)
    by = speaker(case.provider)

    with CaptureQueriesContext(connection) as captured:
        actions.grant(one, by=by, now=NOW)

    assert len(captured) <= 25


def test_every_open_state_leads_to_an_end() -> None:
    reach: dict[str, set[str]] = {state: {state} for state in CaseStatus}
    for _round in CaseStatus:
        for row in TABLE.rows:
            for source in row.sources:
                reach[source] |= reach[row.target]

    assert all(reach[state] & {*FINAL, CaseStatus.GRANTED} for state in CaseStatus)
    assert all(reach[CaseStatus.SUBMITTED] & {state} for state in CaseStatus)


def test_the_periodic_job_announces_what_is_overdue() -> None:
    from azexport.cases import tasks

    open_case(now=NOW - timedelta(days=60))
    tasks.tell_overdue(timestamp=0)

    assert Event.objects.filter(name="case.overdue").count() == 1
