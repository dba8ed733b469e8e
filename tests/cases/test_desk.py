"""Cases that officers run on the desk: the same life as by message, with several bodies (S6.3, S7.1, S7.3, S-A1 3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from azexport.audit.models import Event
from azexport.calendar import queries as calendar
from azexport.cases import actions, route
from azexport.cases.actions import officers
from azexport.cases.models import Case, FurtherInformationRequest, RegisterEntry, StepRecord
from azexport.cases.queries import desk, steps_of
from azexport.cases.states import CaseStatus, StepOutcome
from azexport.documents.models import Paper
from azexport.exchange.models import Message
from azexport.kernel.actor import SYSTEM
from azexport.kernel.errors import IllegalTransition, Missing, NotAllowed, RuleViolated
from azexport.notices.models import Notice
from azexport.participants.models import Participant
from azexport.parties.models import Member
from tests.factories import papers, services
from tests.factories.cases import (
    CHECKLIST,
    DOCUMENT,
    OFFICER,
    PARALLEL,
    REGISTER,
    accepted,
    again,
    desk_case,
    desk_row,
    granted,
    office,
    open_case,
    says,
    step,
    supplies,
    treasury,
    words,
)
from tests.factories.parties import make_citizen, make_head, make_member, make_officer
from tests.factories.services import NOW

pytestmark = pytest.mark.django_db
TICKED = {one["id"]: True for one in CHECKLIST}


@pytest.fixture
def row() -> Any:
    return desk_row()


@pytest.fixture
def clerk(row: Any) -> Member:
    return make_officer("honey-office")


@pytest.fixture
def bees(row: Any) -> Member:
    return make_officer("bee-office")


def codes(refused: pytest.ExceptionInfo[RuleViolated]) -> list[str]:
    return [one.code for one in refused.value.violations]


def begun(row: Any, clerk: Member, member: Member | None = None) -> Case:
    return officers.take_on(case=desk_case(member, row), by=clerk, now=NOW)


def finish(case: Case, step_id: str, by: Member, outcome: str = "done", **given: Any) -> Case:
    given.setdefault("checklist", TICKED)
    return officers.finish_step(case=case, step=step_id, outcome=outcome, by=by, now=given.pop("now", NOW), **given)


# ------------------------------------------------------------------------------------------------ taking on


def body_of(officer: Member) -> Participant:
    """Whom the officer works for."""
    assert officer.participant is not None
    return officer.participant


def test_a_body_without_a_system_gets_no_message_and_finds_the_case_on_its_desk(row: Any, clerk: Member) -> None:
    """S7.3: what comes electronically is considered like any other, whether or not the body has a system."""
    case = desk_case(row=row)

    assert not Message.objects.exists()
    found, following = desk.page(body_of(clerk), which="new", now=NOW)
    assert [one.case for one in found] == [case]
    assert following is None


def test_who_takes_a_case_on_holds_it_by_name_and_position_and_the_applicant_is_told(row: Any, clerk: Member) -> None:
    """S6.3, S7.1.3: notices of acceptance and of further processing."""
    case = begun(row, clerk)

    assert case.status == CaseStatus.ACCEPTED
    assert (case.holder_name, case.holder_position) == (clerk.person.full_name, clerk.position)
    assert case.holder_reference == clerk.actor_id
    assert Notice.objects.filter(kind="case.accepted", organisation=case.organisation).exists()
    event = Event.objects.get(name="case.accepted")
    assert (event.actor_id, event.data["officer"]["name"]) == (clerk.actor_id, clerk.person.full_name)


def test_the_first_step_is_open_when_the_case_is_taken_on(row: Any, clerk: Member) -> None:
    case = begun(row, clerk)

    assert [one.step for one in steps_of(case)] == ["tasting"]
    assert case.step == "tasting"
    assert Notice.objects.filter(kind="case.step_started").count() == 1


def test_somebody_elses_officer_finds_no_such_case(row: Any) -> None:
    stranger = make_officer("pollen-office")
    case = desk_case(row=row)

    attempts: list[Callable[[], Any]] = [
        lambda: officers.take_on(case=case, by=stranger, now=NOW),
        lambda: officers.start_step(case=case, step="tasting", by=stranger, now=NOW),
        lambda: finish(case, "tasting", stranger),
        lambda: officers.refuse(case=case, grounds=[{"ground": "no-bees"}], by=stranger, now=NOW),
        lambda: desk.case(body_of(stranger), case.reference),
    ]
    for refused in attempts:
        with pytest.raises(Missing):
            refused()
    assert again(case).status == CaseStatus.SUBMITTED


def test_an_applicant_is_no_officer(row: Any) -> None:
    member = make_member()
    case = desk_case(member, row)

    with pytest.raises(Missing):
        officers.take_on(case=case, by=member, now=NOW)


# ------------------------------------------------------------------------------------------------ the queue and review


def test_the_queue_costs_the_same_for_one_row_and_three(row: Any, clerk: Member) -> None:
    """Aim: at most 8 statements with the session's own."""

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            for one in desk.page(body_of(clerk), which="new", now=NOW)[0]:
                assert one.label
                assert one.case.regulation.name
                assert one.case.organisation.name
        return len(captured)

    desk_case(row=row)
    cost()
    one = cost()
    desk_case(row=row)
    desk_case(row=row)

    assert cost() == one <= 4


def test_the_review_costs_at_most_15_statements(clerk: Member) -> None:
    case = begun(desk_row(PARALLEL), clerk)

    with CaptureQueriesContext(connection) as captured:
        shown = desk.review(desk.case(body_of(clerk), case.reference), viewer=clerk, now=NOW)

    assert [one.state for one in shown.steps] == ["ready", "cannot_start", "cannot_start", "cannot_start"]
    assert len(captured) <= 13


def test_the_review_shows_answers_steps_and_what_stands_in_the_way(row: Any, clerk: Member, bees: Member) -> None:
    case = begun(row, clerk)

    shown = desk.review(case, viewer=clerk, now=NOW)
    answers = {one.question.id: one.value for section in shown.sections for one in section.answers}
    assert answers["hives"] == "12"
    assert shown.offers == {"start_step", "finish_step", "request_information", "refuse", "propose_grant"}
    assert {one.code for one in shown.blocked_by} == {"CAS-014"}
    assert not shown.may_grant
    assert (shown.steps[0].may_start, shown.steps[0].may_finish, shown.steps[1].may_finish) == (True, True, False)
    assert shown.valid_until == date(2026, 11, 3)
    theirs = desk.review(case, viewer=bees, now=NOW)
    assert theirs.offers == {"start_step", "finish_step"}
    assert not any(one.may_start for one in theirs.steps)


def test_each_tab_of_the_queue_shows_its_own(row: Any, clerk: Member, bees: Member) -> None:
    new = desk_case(row=row)
    running = finish(begun(row, clerk), "tasting", clerk)
    waiting = officers.request_information(
        case=begun(row, clerk), questions=[{"id": "a", "label": words("Which?"), "kind": "text"}], reason=words("So."),
        by=clerk, now=NOW,
    )  # fmt: skip
    decided = officers.refuse(case=begun(row, clerk), grounds=[{"ground": "no-bees"}], by=clerk, now=NOW)
    later = NOW + timedelta(days=10)

    def shown(who: Member, which: Any, **given: Any) -> list[str]:
        return [one.case.reference for one in desk.page(body_of(who), which=which, **{"now": NOW} | given)[0]]

    assert shown(clerk, "new") == [new.reference]
    assert shown(clerk, "running") == [running.reference]
    assert shown(clerk, "waiting") == [waiting.reference]
    assert shown(clerk, "decided") == [decided.reference]
    assert set(shown(clerk, "late", now=later)) == {new.reference, running.reference}
    assert shown(bees, "running") == [running.reference]
    assert shown(clerk, "running", mine=clerk) == [running.reference]
    assert shown(clerk, "running", mine=make_officer("honey-office")) == []
    assert shown(clerk, "new", search=new.reference.lower()) == [new.reference]
    assert shown(clerk, "new", search="SEKI findiq") == [new.reference]
    assert shown(clerk, "new", search="nobody") == []
    assert desk.counts(body_of(clerk), now=later) == {"new": 1, "running": 1, "waiting": 1, "late": 2}
    assert desk.counts(body_of(bees), now=later)["running"] == 1


# ------------------------------------------------------------------------------------------------ steps and opinions


def test_steps_of_several_bodies_open_when_those_before_them_are_done(clerk: Member, bees: Member) -> None:
    """S-A1 3.4: the route of the regulation, other performers included, in sequence and side by side."""
    wax = make_officer("wax-office")
    case = begun(desk_row(PARALLEL), clerk)

    assert open_steps(case) == ["tasting"]
    finish(case, "tasting", clerk)
    assert open_steps(case) == ["bees", "wax"]
    finish(case, "bees", bees, "agreed")
    assert open_steps(case) == ["wax"]
    finish(case, "wax", wax, "objected", note="The wax is thin.")
    assert open_steps(case) == ["sealing"]
    finish(case, "sealing", clerk)
    assert open_steps(case) == []
    records = route.records_of(case)
    assert {one.step: one.outcome for one in records.values()} == {
        "tasting": "done", "bees": "agreed", "wax": "objected", "sealing": "done",
    }  # fmt: skip
    assert records["bees"].officer_name == bees.person.full_name
    assert again(case).holder_reference == clerk.actor_id


def open_steps(case: Case) -> list[str]:
    rows = StepRecord.objects.filter(case=case, finished_at__isnull=True)
    return sorted(rows.values_list("step", flat=True))


def test_the_other_body_is_told_that_its_opinion_is_asked_and_the_provider_what_it_was(
    row: Any, clerk: Member, bees: Member
) -> None:
    """S6.1.2, S7.1.4: the bodies deal with each other; the applicant is sent to nobody."""
    case = finish(begun(row, clerk), "tasting", clerk)
    asked = Notice.objects.get(kind="desk.opinion_asked")
    assert (asked.organisation, asked.link) == (bees.organisation, f"/desk/cases/{case.reference}/")

    finish(case, "bees", bees, "agreed")

    assert Notice.objects.get(kind="desk.opinion_given").organisation == clerk.organisation
    assert Notice.objects.get(kind="case.opinion_given").organisation == case.organisation


def test_a_step_is_finished_only_by_its_own_body(row: Any, clerk: Member, bees: Member) -> None:
    case = begun(row, clerk)

    with pytest.raises(NotAllowed):
        finish(case, "tasting", bees)
    finish(case, "tasting", clerk)
    with pytest.raises(NotAllowed):
        finish(case, "bees", clerk, "agreed")
    with pytest.raises(NotAllowed):
        officers.start_step(case=case, step="bees", by=clerk, now=NOW)


def test_an_officer_who_starts_a_step_is_named_at_it(row: Any, clerk: Member, bees: Member) -> None:
    case = finish(begun(row, clerk), "tasting", clerk)

    officers.start_step(case=case, step="bees", by=bees, now=NOW)

    record = route.records_of(case)["bees"]
    assert (record.officer_name, record.officer_position) == (bees.person.full_name, bees.position)
    assert again(case).holder_reference == clerk.actor_id
    assert StepRecord.objects.filter(case=case, step="bees").count() == 1


@pytest.mark.parametrize(
    ("step_id", "outcome", "given", "code"),
    [
        ("tasting", "done", {"checklist": {"clean": True}}, "CAS-012"),
        ("tasting", "done", {"checklist": None}, "CAS-012"),
        ("tasting", "agreed", {}, "CAS-015"),
        ("tasting", "deemed", {}, "CAS-015"),
        ("sealing", "done", {}, "CAS-020"),
        ("dancing", "done", {}, "CAS-001"),
    ],
)
def test_a_step_that_is_not_properly_finished_is_refused(
    clerk: Member, step_id: str, outcome: str, given: Any, code: str
) -> None:
    """S-A1 3.4.2: the content of each step is its checklist."""
    case = begun(desk_row(PARALLEL), clerk)

    with pytest.raises(RuleViolated) as refused:
        finish(case, step_id, clerk, outcome, **given)

    assert set(codes(refused)) == {code}
    assert open_steps(case) == ["tasting"]


def test_an_objection_says_why_and_a_finished_step_stays_finished(row: Any, clerk: Member, bees: Member) -> None:
    case = finish(begun(row, clerk), "tasting", clerk)

    with pytest.raises(RuleViolated) as refused:
        finish(case, "bees", bees, "objected")
    assert codes(refused) == ["CAS-016"]
    finish(case, "bees", bees, "objected", note="No.")
    with pytest.raises(RuleViolated) as refused:
        finish(case, "bees", bees, "agreed")
    assert codes(refused) == ["CAS-017"]


def test_a_step_cannot_start_before_those_it_waits_for(row: Any, clerk: Member) -> None:
    case = begun(row, clerk)

    with pytest.raises(RuleViolated) as refused:
        officers.start_step(case=case, step="sealing", by=clerk, now=NOW)

    assert codes(refused) == ["CAS-020"]


def test_a_consulted_body_that_is_silent_for_its_days_has_agreed(row: Any, clerk: Member, bees: Member) -> None:
    """The 2015 decree: the silence of a consulted body is its positive opinion."""
    case = finish(begun(row, clerk), "tasting", clerk)

    assert actions.deem_agreed(by=SYSTEM, now=NOW + timedelta(days=2)) == 0
    later = NOW + timedelta(days=3)
    assert actions.deem_agreed(by=SYSTEM, now=later) == 1
    assert actions.deem_agreed(by=SYSTEM, now=later) == 0

    record = StepRecord.objects.get(case=case, step="bees")
    assert (record.outcome, record.finished_by) == (StepOutcome.DEEMED, "azexport")
    assert open_steps(case) == ["sealing"]
    event = Event.objects.get(name="case.opinion_deemed")
    assert event.data["body"] == body_of(bees).name
    assert {one.organisation for one in Notice.objects.filter(kind__endswith="opinion_deemed")} == {
        case.organisation, clerk.organisation,
    }  # fmt: skip
    with pytest.raises(RuleViolated):
        finish(case, "bees", bees, "agreed", now=later)


def test_the_providers_own_silence_is_no_opinion(clerk: Member) -> None:
    begun(desk_row(), clerk)

    assert actions.deem_agreed(by=SYSTEM, now=NOW + timedelta(days=30)) == 0


def test_every_clock_stands_while_the_applicant_is_asked(row: Any, clerk: Member, bees: Member) -> None:
    """S7.4: the applicant is told what to mend, and the time does not run meanwhile."""
    member = make_member()
    case = finish(begun(row, clerk, member), "tasting", clerk)
    officers.request_information(
        case=case, questions=[{"id": "lab", "label": words("Which laboratory?"), "kind": "text"}],
        reason=words("The photo cannot be read."), by=clerk, now=NOW,
    )  # fmt: skip
    asked = FurtherInformationRequest.objects.get()
    assert (asked.officer_name, asked.reason["en"]) == (clerk.person.full_name, "The photo cannot be read.")
    assert actions.deem_agreed(by=SYSTEM, now=NOW + timedelta(days=30)) == 0

    later = NOW + timedelta(days=14)
    supplies(case, member, {"lab": "Bakı"}, now=later)

    step_clock = calendar.clocks_for([f"{case.reference}/bees"], "step")[f"{case.reference}/bees"]
    assert step_clock.due_on == date(2026, 10, 21)
    assert Notice.objects.get(kind="desk.information_supplied").organisation == clerk.organisation
    assert not Message.objects.exists()


def test_where_the_regulation_stops_no_clock_the_clock_runs_on(clerk: Member) -> None:
    never = {"stops": [], "text": words("It never stands."), "clause": "Law on Honey, 16"}
    member = make_member()
    case = begun(desk_row(procedures__clock=never), clerk, member)
    officers.request_information(
        case=case, questions=[{"id": "a", "label": words("A?"), "kind": "text"}], reason={}, by=clerk, now=NOW
    )

    clock = calendar.clocks_for([case.reference])[case.reference]
    assert clock.due_on == date(2026, 10, 9)
    supplies(case, member, {"a": "x"})
    assert again(case).status == CaseStatus.ACCEPTED


def test_another_body_may_finish_its_step_while_the_applicant_is_asked(row: Any, clerk: Member, bees: Member) -> None:
    case = finish(begun(row, clerk), "tasting", clerk)
    officers.request_information(
        case=case, questions=[{"id": "a", "label": words("A?"), "kind": "text"}], reason={}, by=clerk, now=NOW
    )

    finish(case, "bees", bees, "agreed")

    assert again(case).status == CaseStatus.INFORMATION_REQUESTED


# ------------------------------------------------------------------------------------------------ deciding


def ready(row: Any, clerk: Member, member: Member | None = None) -> Case:
    """A case whose only step is done."""
    return finish(begun(row, clerk, member), "tasting", clerk)


def grant(case: Case, clerk: Member, **given: Any) -> Paper | None:
    values: dict[str, Any] = {"valid_from": NOW.date(), "valid_until": date(2026, 12, 31), "remarks": {}} | given
    return officers.propose_grant(case=case, by=clerk, now=NOW, **values)


ONE = [step("tasting", checklist=CHECKLIST)]


def test_what_the_official_signs_is_the_result_and_grants_the_case(clerk: Member) -> None:
    """S-A1 1.8, 3.4.4: the result document of the regulation, signed by the deciding official, given at once."""
    case = ready(desk_row(ONE, general__result__document=DOCUMENT), clerk)

    paper = grant(case, clerk, remarks=words("For sale."))
    assert paper is not None
    assert (paper.signer_id, paper.return_url) == (clerk.actor_id, f"/desk/cases/{case.reference}/")
    assert again(case).status == CaseStatus.ACCEPTED
    papers.signed(paper)

    case = again(case)
    assert case.status == CaseStatus.GRANTED
    assert case.settled
    assert case.result_document is not None
    result = case.decision["result"]
    assert (result["number"], result["valid_until"]) == (case.reference, "2026-12-31")
    assert [one["value"] for one in result["fields"]] == [
        "12", {"az": "Xeyr", "en": "No"}, "6", {"az": "31 dekabr 2026", "en": "31 December 2026"},
    ]  # fmt: skip
    assert result["officer"]["name"] == clerk.person.full_name
    assert case.decided_by == clerk.actor_id
    assert Notice.objects.filter(kind="case.issued", organisation=case.organisation).count() == 1
    assert calendar.clocks_for([case.reference])[case.reference].finished_on == NOW.date()
    assert case.result_document.facts[0]["value"] == case.reference


def test_granting_costs_at_most_25_statements(clerk: Member) -> None:
    row = desk_row(ONE, general__result__document=DOCUMENT, general__result__register=REGISTER)
    grant(ready(row, clerk), clerk)
    case = ready(row, clerk)

    with CaptureQueriesContext(connection) as captured:
        grant(case, clerk)

    assert len(captured) <= 25


def test_a_service_without_a_document_is_granted_at_once(clerk: Member) -> None:
    case = ready(desk_row(ONE), clerk)

    assert grant(case, clerk, valid_until=None) is None

    case = again(case)
    assert (case.status, case.result_document, case.settled) == (CaseStatus.GRANTED, None, True)
    assert Notice.objects.filter(kind="case.granted_without_document").exists()
    assert case.holder_name == clerk.person.full_name


def test_nothing_is_granted_while_a_step_is_open(row: Any, clerk: Member) -> None:
    case = finish(begun(row, clerk), "tasting", clerk)

    with pytest.raises(RuleViolated) as refused:
        grant(case, clerk)

    assert codes(refused) == ["CAS-014", "CAS-014"]


def test_where_payment_is_flagged_nothing_is_granted_before_it(clerk: Member) -> None:
    """S8, S-A1 2.2.1: no fee beyond the legal one; where the regulation says so it comes before the decision."""
    fee = {"amount": "20", "legal_basis": words("Law on Honey, 9"), "source": "verified", "before_decision": True}
    treasury()
    case = ready(desk_row(ONE, provision__fee=fee), clerk)
    with pytest.raises(RuleViolated) as refused:
        grant(case, clerk)
    assert codes(refused) == ["CAS-011"]
    assert [one.code for one in desk.review(case, viewer=clerk, now=NOW).blocked_by] == ["CAS-011"]

    says(case, "fee_paid", sender=treasury(), amount="20.00", currency="AZN", payment_reference="P1")

    assert grant(case, clerk) is None
    assert not Message.objects.filter(type="case.fee_paid").exists()
    assert Notice.objects.get(kind="desk.fee_paid").organisation == clerk.organisation


def test_nothing_is_granted_while_the_applicant_is_asked_and_asking_drops_what_was_proposed(clerk: Member) -> None:
    case = ready(desk_row(ONE, general__result__document=DOCUMENT), clerk)
    paper = grant(case, clerk)
    assert paper is not None
    officers.request_information(
        case=case, questions=[{"id": "a", "label": words("A?"), "kind": "text"}], reason={}, by=clerk, now=NOW
    )

    assert papers.fresh(paper).status == "discarded"
    with pytest.raises(IllegalTransition):
        grant(case, clerk)


def test_a_validity_that_ends_before_it_begins_is_refused(clerk: Member) -> None:
    case = ready(desk_row(ONE), clerk)

    with pytest.raises(RuleViolated) as refused:
        grant(case, clerk, valid_until=date(2026, 10, 4))

    assert codes(refused) == ["CAS-019"]


def test_a_proposal_made_anew_replaces_the_one_before(clerk: Member) -> None:
    case = ready(desk_row(ONE, general__result__document=DOCUMENT), clerk)
    first, second = grant(case, clerk), grant(case, clerk)
    assert first is not None
    assert second is not None

    assert papers.fresh(first).status == "discarded"
    papers.signed(second)
    assert again(case).status == CaseStatus.GRANTED


def test_a_signature_on_a_case_that_was_withdrawn_meanwhile_grants_nothing(clerk: Member) -> None:
    member = make_member()
    case = ready(desk_row(ONE, general__result__document=DOCUMENT), clerk, member)
    paper = papers.printed(grant(case, clerk))  # type: ignore[arg-type]
    actions.withdraw(case=case, by=member, now=NOW)

    officers.result_signed(paper, by=clerk, now=NOW, data={"document": paper.document.reference})  # type: ignore[union-attr]

    assert again(case).status == CaseStatus.WITHDRAWN
    assert papers.fresh(paper).status == "discarded"
    assert Event.objects.filter(name="case.signed_in_vain", subject=case.reference).exists()
    assert Notice.objects.get(kind="desk.withdrawn").organisation == clerk.organisation


def test_a_refusal_on_the_desk_names_grounds_of_the_regulation(row: Any, clerk: Member) -> None:
    """S-A1 3.3.1."""
    case = begun(row, clerk)
    with pytest.raises(RuleViolated) as refused:
        officers.refuse(case=case, grounds=[{"ground": "dislike"}], by=clerk, now=NOW)
    assert codes(refused) == ["CAS-003"]

    officers.refuse(case=case, grounds=[{"ground": "no-bees", "explanation": words("Empty.")}], by=clerk, now=NOW)

    case = again(case)
    assert case.status == CaseStatus.REFUSED
    assert case.decision["grounds"][0]["explanation"]["en"] == "Empty."
    assert open_steps(case) == []
    assert not Message.objects.exists()


@pytest.mark.parametrize("applicant", ["citizen", "body"])
def test_citizens_and_bodies_are_applicants_like_any_other(clerk: Member, applicant: str) -> None:
    """P1.3.3, S2.1.4: natural persons and bodies use services too, and hear of every step."""
    member = make_citizen() if applicant == "citizen" else make_head("pollen-office")
    fee = {"amount": "5", "legal_basis": words("Law on Honey, 9"), "source": "verified"}
    case = ready(desk_row(ONE, provision__fee=fee, provision__users=["natural", "legal", "state"]), clerk, member)
    due = Message.objects.get(type="fee.due").data
    known = {"citizen": ("payer_fin", member.organisation.fin), "body": ("payer_body", "pollen-office")}[applicant]
    assert due[known[0]] == known[1]

    grant(case, clerk)

    kinds = set(Notice.objects.filter(organisation=member.organisation).values_list("kind", flat=True))
    assert kinds >= {"case.submitted", "case.accepted", "case.step_started", "case.granted_without_document"}


def test_an_informational_service_takes_no_applications(clerk: Member) -> None:
    """S4.2."""
    page_row = services.load(
        id="honey-page", provision__kind="informational", provision__pages=words("About honey."),
        provision__questions=[], provision__documents=[], procedures__steps=[], procedures__open=words("Always open."),
        requirements=[],
    )  # fmt: skip

    with pytest.raises(RuleViolated) as refused:
        open_case(row=page_row)

    assert codes(refused) == ["CAS-018"]


# ------------------------------------------------------------------------------------------------ public registers


def test_granting_enters_the_holder_in_the_public_register(clerk: Member) -> None:
    """S-A1 1.8: a service whose result is an entry of a public register."""
    case = ready(desk_row(ONE, general__result__register=REGISTER), clerk)

    grant(case, clerk)

    entry = RegisterEntry.objects.get()
    assert (entry.case, entry.service, entry.number) == (case, case.regulation.service, case.reference)
    assert entry.data == {"hives": "12", "holder": case.organisation.name}
    assert (entry.valid_from, entry.valid_until) == (NOW.date(), date(2026, 12, 31))


def test_a_refused_case_is_in_no_register(clerk: Member) -> None:
    case = begun(desk_row(ONE, general__result__register=REGISTER), clerk)
    officers.refuse(case=case, grounds=[{"ground": "no-bees"}], by=clerk, now=NOW)

    assert not RegisterEntry.objects.exists()


# ------------------------------------------------------------------------------------------------ the clock


def test_officers_are_warned_a_working_day_before_and_told_when_it_is_late(row: Any, clerk: Member) -> None:
    """S6.3, S-A1 1.7: due on Friday 9 October; the officers hear of it on Thursday, and again when it has passed."""
    case = begun(row, clerk)

    assert actions.warn_of_term(by=SYSTEM, now=NOW + timedelta(days=2)) == 0
    assert actions.warn_of_term(by=SYSTEM, now=NOW + timedelta(days=3)) == 1
    assert actions.warn_of_term(by=SYSTEM, now=NOW + timedelta(days=3)) == 0
    assert Notice.objects.get(kind="desk.term_ends").organisation == clerk.organisation
    assert actions.tell_overdue(by=SYSTEM, now=NOW + timedelta(days=7)) == 1
    assert Notice.objects.get(kind="desk.overdue").organisation == clerk.organisation
    assert Notice.objects.get(kind="case.overdue").organisation == case.organisation


def test_a_consulted_body_is_warned_a_working_day_before_its_silence_counts(
    row: Any, clerk: Member, bees: Member
) -> None:
    """2015 decree: asked on Monday for two working days; warned on Tuesday, once; on Thursday it has agreed."""
    case = finish(begun(row, clerk), "tasting", clerk)

    assert actions.warn_of_silence(by=SYSTEM, now=NOW) == 0
    assert actions.warn_of_silence(by=SYSTEM, now=NOW + timedelta(days=1)) == 1
    assert actions.warn_of_silence(by=SYSTEM, now=NOW + timedelta(days=1)) == 0

    notice = Notice.objects.get(kind="desk.opinion_ends")
    assert (notice.organisation, notice.link) == (bees.organisation, f"/desk/cases/{case.reference}/")
    assert Event.objects.get(name="case.opinion_ends").data["step"] == "bees"
    assert actions.deem_agreed(by=SYSTEM, now=NOW + timedelta(days=3)) == 1


def test_nobody_is_warned_of_a_step_that_is_done_or_stands_and_of_a_later_day_once_more(
    row: Any, clerk: Member, bees: Member
) -> None:
    member = make_member()
    done = finish(finish(begun(row, clerk), "tasting", clerk), "bees", bees, "agreed")
    case = finish(begun(row, clerk, member), "tasting", clerk)
    assert actions.warn_of_silence(by=SYSTEM, now=NOW + timedelta(days=1)) == 1
    asks(case, by=clerk)
    assert actions.warn_of_silence(by=SYSTEM, now=NOW + timedelta(days=2)) == 0

    supplies(case, member, {"a": "x"}, now=NOW + timedelta(days=14))

    # The Monday after next: both days of the step are left again, so it ends on Wednesday.
    assert actions.warn_of_silence(by=SYSTEM, now=NOW + timedelta(days=15)) == 1
    assert not Event.objects.filter(name="case.opinion_ends", subject=done.reference).exists()


def asks(case: Case, *, by: Member) -> None:
    officers.request_information(
        case=case, questions=[{"id": "a", "label": words("A?"), "kind": "text"}], reason={}, by=by, now=NOW
    )


# ------------------------------------------------------------------------------------------------ systems and officers


@pytest.fixture
def wired() -> Case:
    """A case of a body with a system of its own, whose regulation asks another body, on the desk, for an opinion."""
    office("honey-office")
    return accepted(desk_case(row=desk_row()))


def test_a_body_with_a_system_waits_for_the_opinion_of_one_on_the_desk(wired: Case, bees: Member) -> None:
    """S-A1 3.4.3: the case does not know whether a body speaks by message or by its officers."""
    case = says(wired, "start_step", step="tasting", officer=OFFICER)
    assert open_steps(case) == ["tasting"]
    case = says(case, "start_step", step="sealing", officer=OFFICER)
    assert open_steps(case) == ["bees", "sealing"]
    with pytest.raises(RuleViolated) as refused:
        granted(case)
    assert codes(refused) == ["CAS-013"]

    finish(case, "bees", bees, "agreed")

    case = granted(case)
    assert (case.status, case.being_checked) == (CaseStatus.GRANTED, True)
    assert open_steps(case) == []


def test_a_body_does_not_speak_by_message_of_another_bodys_step(wired: Case) -> None:
    with pytest.raises(NotAllowed):
        says(wired, "start_step", step="bees", officer=OFFICER)


def test_an_officer_may_act_where_the_body_also_has_a_system(wired: Case, bees: Member) -> None:
    clerk = make_officer("honey-office")
    case = finish(wired, "tasting", clerk)
    finish(case, "bees", bees, "agreed")
    finish(case, "sealing", clerk)

    assert grant(case, clerk, valid_until=None) is None
    assert again(case).status == CaseStatus.GRANTED
    with pytest.raises(IllegalTransition):
        granted(again(case), number="H-2026-0009")
