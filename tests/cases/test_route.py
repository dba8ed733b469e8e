"""A case on its way through bodies that have systems of their own: asked, answered, withdrawn by message (S-A1 3.4.3).

`bee-office` is reached by messages, `wax-office` works on the desk; the provider is the one or the other.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from azexport.audit.models import Event
from azexport.cases import actions, queries, route
from azexport.cases.actions import TooEarly, officers
from azexport.cases.models import Case, StepRecord
from azexport.cases.states import CaseStatus, StepOutcome
from azexport.exchange import lifecycle as exchange
from azexport.exchange.models import Message
from azexport.exchange.states import Direction, Status
from azexport.kernel.actor import SYSTEM
from azexport.kernel.errors import IllegalTransition, Missing, NotAllowed, RuleViolated
from azexport.lifecycle import move
from azexport.notices.models import Notice
from azexport.participants.models import Participant
from azexport.parties.models import Member
from tests.factories.cases import (
    CHECKLIST,
    OFFICER,
    PARALLEL,
    accepted,
    again,
    desk_case,
    desk_row,
    granted,
    message,
    office,
    says,
    speaker,
    step,
    supplies,
    words,
)
from tests.factories.parties import make_member, make_officer
from tests.factories.services import NOW

pytestmark = pytest.mark.django_db
TICKED = {str(one["id"]): True for one in CHECKLIST}
ROUTE = [
    step("tasting", checklist=CHECKLIST),
    step("bees", performer="bee-office", after=["tasting"], working_days=2, checklist=CHECKLIST),
    step("wax", performer="wax-office", after=["tasting"], working_days=2),
    step("sealing", after=["bees", "wax"]),
]


@pytest.fixture
def bees() -> Participant:
    """The other body, with a system."""
    return office("bee-office")


@pytest.fixture
def row(bees: Participant) -> Any:
    return desk_row(ROUTE)


@pytest.fixture
def clerk(row: Any) -> Member:
    return make_officer("honey-office")


def asked(row: Any, clerk: Member, member: Member | None = None, **given: Any) -> Case:
    """A case whose first step is done, so that both other bodies have been asked."""
    case = officers.take_on(case=desk_case(member, row, **given), by=clerk, now=NOW)
    return officers.finish_step(case=case, step="tasting", outcome="done", checklist=TICKED, by=clerk, now=NOW)


def answers(case: Case, outcome: str = "agreed", *, sender: Participant | None = None, **body: Any) -> Case:
    """The system of bee-office says how its step ended."""
    given = {"step": "bees", "outcome": outcome, "checklist": TICKED, "officer": OFFICER} | body
    return says(case, "finish_step", sender=sender or office("bee-office"), **given)


def sent(kind: str, to: str = "bee-office") -> list[dict[str, Any]]:
    rows = Message.objects.filter(type=kind, direction=Direction.OUT, participant__code=to).order_by("id")
    return [one.data for one in rows]


def delivered(kind: str, *, days: int = 0) -> None:
    """The body's system has taken the messages of this type, so many days later."""
    for one in Message.objects.filter(type=kind):
        move(one, "deliver", table=exchange.TABLE, by=SYSTEM, now=NOW + timedelta(days=days), data={})


def codes(refused: pytest.ExceptionInfo[RuleViolated]) -> list[str]:
    return [one.code for one in refused.value.violations]


def open_steps(case: Case) -> list[str]:
    return sorted(StepRecord.objects.filter(case=case, finished_at__isnull=True).values_list("step", flat=True))


# ------------------------------------------------------------------------------------------------ asking


def test_a_body_with_a_system_is_asked_by_message_and_one_without_on_its_desk(row: Any, clerk: Member) -> None:
    """S6.1.2, S7.1.4, S-A1 3.4.3: the bodies deal with each other, each in its own way."""
    make_officer("wax-office")
    case = asked(row, clerk)

    [request] = sent("case.step_requested")
    assert (request["case"], request["service"], request["provider"]) == (
        case.reference, case.regulation.service, "honey-office",
    )  # fmt: skip
    assert request["step"] == {
        "id": "bees", "name": words("Bees"), "content": words("bees is done."), "result": words("Done."),
        "working_days": 2,
        "checklist": [{"id": one["id"], "text": one["text"], "clause": one["clause"]} for one in CHECKLIST],
    }  # fmt: skip
    assert request["due_on"] == "2026-10-07"
    assert request["requested_at"] == NOW.isoformat()
    assert request["applicant"]["voen"] == case.organisation.voen
    assert request["answers"] == {"hives": "12", "heated": False}
    [earlier] = request["earlier_steps"]
    assert (earlier["step"], earlier["performer"], earlier["outcome"]) == ("tasting", "honey-office", "done")
    assert earlier["officer"]["name"] == clerk.person.full_name
    assert Notice.objects.get(kind="desk.opinion_asked").organisation.participant == office("wax-office")
    assert Notice.objects.filter(kind="case.step_started").count() == 3
    assert not sent("case.step_requested", "wax-office")


def test_nobody_is_asked_before_its_turn(row: Any, clerk: Member) -> None:
    officers.take_on(case=desk_case(row=row), by=clerk, now=NOW)

    assert not Message.objects.filter(type="case.step_requested").exists()


def test_a_body_is_shown_the_application_and_what_was_supplied_since_not_contract_and_fee(
    row: Any, clerk: Member
) -> None:
    """P10.3.3(5), S13.1: whoever gives an opinion sees what it is about, not what was agreed between others."""
    member = make_member()
    photo = {"$document": "DC-1111-1111-1", "name": "photo.pdf", "id": "photo"}
    case = officers.take_on(case=desk_case(member, row, documents=[photo]), by=clerk, now=NOW)
    questions = [{"id": "lab", "label": words("Which laboratory?"), "kind": "text"}]
    officers.request_information(case=case, questions=questions, reason=words("So."), by=clerk, now=NOW)
    supplies(again(case), member, {"lab": "Bakı"}, extra="report.pdf")
    officers.finish_step(case=case, step="tasting", outcome="done", checklist=TICKED, by=clerk, now=NOW)

    [request] = sent("case.step_requested")
    assert request["documents"] == [photo]
    assert request["application_document"] == {"$document": "DC-0000-0000-0", "name": "application.pdf"}
    [more] = request["further_information"]
    assert (more["answers"], more["questions"][0]["id"]) == ({"lab": "Bakı"}, "lab")
    [report] = more["documents"]
    assert report["name"] == "report.pdf"
    assert more["answer_document"]["name"] == f"{case.reference}-answer.pdf"
    assert not {"contract", "fee"} & set(request)
    # What its system is told, its officers may open, and no more than that.
    assert queries.handed_to("bee-office", "DC-1111-1111-1")
    assert queries.supplied_to("bee-office", report["$document"])
    assert not queries.handed_to("pollen-office", "DC-1111-1111-1")
    contract = {"reference": "CT-1", "file": {"$document": "DC-2222-2222-2"}}
    Case.objects.filter(pk=case.pk).update(facts={**again(case).facts, "contract": contract})
    assert queries.handed_to("honey-office", "DC-2222-2222-2")
    assert not queries.handed_to("bee-office", "DC-2222-2222-2")


# ------------------------------------------------------------------------------------------------ answering


def test_opinions_by_message_and_on_the_desk_open_the_next_step_together(row: Any, clerk: Member) -> None:
    """S-A1 3.4.3: two bodies side by side, the one a program, the other an officer."""
    wax = make_officer("wax-office")
    case = answers(asked(row, clerk), note="Healthy bees.")

    assert open_steps(case) == ["wax"]
    record = route.records_of(case)["bees"]
    assert (record.outcome, record.note, record.checklist) == ("agreed", "Healthy bees.", TICKED)
    assert (record.officer_name, record.finished_by) == ("Aynur Quliyeva", "bee-office")
    assert Notice.objects.get(kind="desk.opinion_given").organisation == clerk.organisation
    assert Notice.objects.get(kind="case.opinion_given").organisation == case.organisation
    event = Event.objects.filter(name="case.step_finished").latest("id")
    assert (event.actor_id, event.data["outcome"]) == ("bee-office", "agreed")
    assert case.holder_reference == clerk.actor_id

    officers.finish_step(case=case, step="wax", outcome="agreed", by=wax, now=NOW)
    assert open_steps(case) == ["sealing"]
    assert not sent("case.step_withdrawn")


def test_an_objection_by_message_says_why(row: Any, clerk: Member) -> None:
    case = asked(row, clerk)

    with pytest.raises(RuleViolated) as refused:
        answers(case, "objected", checklist={})
    assert codes(refused) == ["CAS-016"]
    case = answers(case, "objected", checklist=None, note="The bees are ill.")
    assert route.records_of(case)["bees"].outcome == StepOutcome.OBJECTED


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"outcome": "done"}, {"CAS-015"}),
        ({"outcome": "deemed"}, {"CAS-015"}),
        ({"outcome": None}, {"CAS-015"}),
        ({"checklist": {"clean": True}}, {"CAS-012"}),
        ({"checklist": {"clean": True, "full": "true"}}, {"CAS-012"}),
        ({"checklist": ["clean", "full"]}, {"CAS-012"}),
        ({"outcome": "objected", "note": {"az": "Yox"}}, {"CAS-016"}),
    ],
)
def test_an_answer_that_is_not_in_order_is_refused(
    row: Any, clerk: Member, body: dict[str, Any], expected: set[str]
) -> None:
    case = asked(row, clerk)

    with pytest.raises(RuleViolated) as refused:
        answers(case, **{"outcome": "agreed", **body})

    assert set(codes(refused)) == expected
    assert open_steps(case) == ["bees", "wax"]


def test_only_the_body_that_was_asked_answers(row: Any, clerk: Member) -> None:
    case = asked(row, clerk)

    with pytest.raises(NotAllowed):
        answers(case, step="wax")
    with pytest.raises(NotAllowed):
        answers(case, step="tasting", outcome="done")
    with pytest.raises(NotAllowed):
        answers(case, step="dancing")
    with pytest.raises(Missing):
        answers(case, sender=office("pollen-office"))
    with pytest.raises(Missing):
        actions.finish_step(message("CS-0000-0000-0", "x", office("bee-office")), by=speaker(office("bee-office")),
                            now=NOW)  # fmt: skip
    for what in ("accept", "refuse", "grant", "request_information"):
        with pytest.raises(Missing):
            says(case, what, sender=office("bee-office"), grounds=[{"ground": "no-bees"}])
    assert open_steps(case) == ["bees", "wax"]


def test_a_body_answers_when_it_is_asked_and_once(row: Any, clerk: Member) -> None:
    case = desk_case(row=row)
    with pytest.raises(IllegalTransition):
        answers(case)
    case = officers.take_on(case=case, by=clerk, now=NOW)
    for what in (answers, lambda one: says(one, "start_step", sender=office("bee-office"), step="bees")):
        with pytest.raises(RuleViolated) as refused:
            what(case)
        assert codes(refused) == ["CAS-020"]
    officers.finish_step(case=case, step="tasting", outcome="done", checklist=TICKED, by=clerk, now=NOW)
    answers(case)

    for what in (answers, lambda one: says(one, "start_step", sender=office("bee-office"), step="bees")):
        with pytest.raises(RuleViolated) as refused:
            what(case)
        assert codes(refused) == ["CAS-017"]


def test_a_body_that_is_at_its_step_is_named_and_ends_nothing_else(row: Any, clerk: Member) -> None:
    case = says(asked(row, clerk), "start_step", sender=office("bee-office"), step="bees", officer=OFFICER)

    assert route.records_of(case)["bees"].officer_name == "Aynur Quliyeva"
    assert open_steps(case) == ["bees", "wax"]
    assert case.holder_reference == clerk.actor_id


def test_a_body_goes_on_while_the_applicant_is_asked_for_more(row: Any, clerk: Member) -> None:
    case = asked(row, clerk)
    questions = [{"id": "a", "label": words("A?"), "kind": "text"}]
    officers.request_information(case=case, questions=questions, reason={}, by=clerk, now=NOW)

    says(case, "start_step", sender=office("bee-office"), step="bees", officer=OFFICER)
    case = answers(case)

    assert case.status == CaseStatus.INFORMATION_REQUESTED
    assert open_steps(case) == ["wax"]


# ------------------------------------------------------------------------------------------------ the end


def test_a_body_that_was_asked_hears_that_the_case_is_over_and_answers_in_vain(row: Any, clerk: Member) -> None:
    member = make_member()
    case = asked(row, clerk, member)

    actions.withdraw(case=case, by=member, now=NOW)

    assert sent("case.step_withdrawn") == [
        {"case": case.reference, "step": "bees", "reason": "case_ended", "case_status": "withdrawn"}
    ]
    for late in ("finish_step", "start_step"):
        with pytest.raises((IllegalTransition, RuleViolated)):
            says(case, late, sender=office("bee-office"), step="bees", outcome="agreed", checklist=TICKED)
    with pytest.raises(IllegalTransition):
        answers(case)
    assert again(case).status == CaseStatus.WITHDRAWN


def test_a_refusal_withdraws_what_was_asked_and_an_answered_step_is_not_withdrawn(row: Any, clerk: Member) -> None:
    case = asked(row, clerk)
    other = answers(asked(row, clerk))

    for one in (case, other):
        officers.refuse(case=one, grounds=[{"ground": "no-bees"}], by=clerk, now=NOW)

    assert [(one["case"], one["case_status"]) for one in sent("case.step_withdrawn")] == [(case.reference, "refused")]


def test_where_the_bodys_officer_answers_on_the_desk_its_system_is_told(row: Any, clerk: Member) -> None:
    officer = make_officer("bee-office")
    case = asked(row, clerk)

    officers.finish_step(case=case, step="bees", outcome="agreed", checklist=TICKED, by=officer, now=NOW)

    [told] = sent("case.step_withdrawn")
    assert (told["step"], told["reason"]) == ("bees", "answered")
    with pytest.raises(RuleViolated) as refused:
        answers(case)
    assert codes(refused) == ["CAS-017"]


# ------------------------------------------------------------------------------------------------ silence


def test_a_system_that_is_silent_for_its_days_has_agreed_and_is_told_so(row: Any, clerk: Member) -> None:
    """The 2015 decree: silence of a consulted body, whatever it works with, is its positive opinion."""
    case = asked(row, clerk)
    delivered("case.step_requested")

    assert actions.deem_agreed(by=SYSTEM, now=NOW + timedelta(days=2)) == 0
    assert actions.deem_agreed(by=SYSTEM, now=NOW + timedelta(days=3)) == 2

    assert route.records_of(case)["bees"].outcome == StepOutcome.DEEMED
    assert [one["reason"] for one in sent("case.step_withdrawn")] == ["deemed_agreed"]
    with pytest.raises(RuleViolated) as refused:
        answers(case)
    assert codes(refused) == ["CAS-017"]


def test_nobody_is_silent_who_was_not_reached(row: Any, clerk: Member) -> None:
    """The days of a body whose system was down count from the day it took the request."""
    case = asked(row, clerk)
    later = NOW + timedelta(days=7)  # a Monday again

    assert actions.deem_agreed(by=SYSTEM, now=later) == 1  # on the desk of wax-office it lay all the time
    delivered("case.step_requested", days=7)
    assert actions.deem_agreed(by=SYSTEM, now=later + timedelta(days=2)) == 0
    assert open_steps(case) == ["bees"]
    assert actions.deem_agreed(by=SYSTEM, now=later + timedelta(days=3)) == 1
    assert open_steps(case) == ["sealing"]


def test_what_could_not_be_delivered_is_on_the_desk_of_the_bodys_officers(row: Any, clerk: Member) -> None:
    officer = make_officer("bee-office")
    case = asked(row, clerk)
    request = Message.objects.get(type="case.step_requested")
    later = NOW + timedelta(days=3)

    move(request, "park", table=exchange.TABLE, by=SYSTEM, now=later, data={})

    assert Notice.objects.get(kind="desk.request_undelivered").organisation == clerk.organisation
    told = Notice.objects.filter(kind="desk.opinion_asked", organisation=officer.organisation)
    assert told.get().link == f"/desk/cases/{case.reference}/"
    # From that day on, its days count; on the desk of wax-office it lay from the beginning.
    assert actions.deem_agreed(by=SYSTEM, now=later) == 1
    assert open_steps(case) == ["bees"]
    assert actions.deem_agreed(by=SYSTEM, now=later + timedelta(days=4)) == 0
    assert actions.deem_agreed(by=SYSTEM, now=later + timedelta(days=5)) == 1


def test_a_request_that_nobody_waits_for_is_parked_in_silence(row: Any, clerk: Member) -> None:
    case = asked(row, clerk)
    answers(case)

    move(Message.objects.get(type="case.step_requested"), "park", table=exchange.TABLE, by=SYSTEM, now=NOW, data={})

    assert not Notice.objects.filter(kind="desk.request_undelivered").exists()


# ------------------------------------------------------------------------------------------------ a provider's system


@pytest.fixture
def system_row(bees: Participant) -> Any:
    """The provider has a system as well."""
    office("honey-office")
    return desk_row(ROUTE)


def test_a_providers_system_ends_its_step_and_is_told_what_the_others_say(system_row: Any) -> None:
    """S-A1 3.4.4: what came of another body's step is told to whoever decides."""
    wax = make_officer("wax-office")
    case = accepted(desk_case(row=system_row))
    says(case, "start_step", step="tasting", officer=OFFICER)
    assert not sent("case.step_requested")

    case = says(case, "finish_step", step="tasting", outcome="done", checklist=TICKED, officer=OFFICER)
    assert open_steps(case) == ["bees", "wax"]
    assert [one["step"]["id"] for one in sent("case.step_requested")] == ["bees"]
    case = answers(case, "objected", note="The bees are ill.")
    officers.finish_step(case=case, step="wax", outcome="agreed", by=wax, now=NOW)

    first, second = sent("case.opinion_given", "honey-office")
    assert first == {
        "case": case.reference, "step": "bees", "performer": "bee-office", "outcome": "objected",
        "note": "The bees are ill.", "officer": {"name": "Aynur Quliyeva", "position": {"az": "Taster"}},
        "finished_at": NOW.isoformat(),
    }  # fmt: skip
    assert (second["step"], second["performer"], second["outcome"]) == ("wax", "wax-office", "agreed")
    assert granted(case).status == CaseStatus.GRANTED


def test_a_providers_system_grants_nothing_before_the_others_have_spoken(system_row: Any) -> None:
    case = accepted(desk_case(row=system_row))
    says(case, "finish_step", step="tasting", outcome="done", checklist=TICKED, officer=OFFICER)

    with pytest.raises(RuleViolated) as refused:
        granted(case)
    assert codes(refused) == ["CAS-013"]
    delivered("case.step_requested")
    actions.deem_agreed(by=SYSTEM, now=NOW + timedelta(days=3))
    assert {one["outcome"] for one in sent("case.opinion_given", "honey-office")} == {"deemed"}
    assert granted(case).status == CaseStatus.GRANTED


def test_the_end_of_a_step_that_overtakes_the_acceptance_is_asked_for_again(system_row: Any) -> None:
    case = desk_case(row=system_row)

    with pytest.raises(TooEarly):
        says(case, "finish_step", step="tasting", outcome="done", checklist=TICKED)

    assert Message.objects.filter(status=Status.QUEUED, type="case.submitted").exists()
    says(accepted(case), "finish_step", step="tasting", outcome="done", checklist=TICKED)
    with pytest.raises(RuleViolated) as refused:
        says(case, "finish_step", step="tasting", outcome="done", checklist=TICKED)
    assert codes(refused) == ["CAS-017"]


def test_two_bodies_with_systems_are_asked_side_by_side() -> None:
    office("bee-office")
    office("wax-office")
    row = desk_row(PARALLEL)
    case = asked(row, make_officer("honey-office"))

    assert len(sent("case.step_requested")) == len(sent("case.step_requested", "wax-office")) == 1
    case = answers(case)
    case = answers(case, sender=office("wax-office"), step="wax")
    assert open_steps(case) == ["sealing"]
