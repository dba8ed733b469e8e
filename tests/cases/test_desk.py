"""Cases that officers run on the desk: the same life as by message, with several bodies (S6.3, S7.1, S7.3, S-A1 3)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from azexport.audit.models import Event
from azexport.cases import queries
from azexport.cases.actions import officers
from azexport.cases.models import Case
from azexport.cases.queries import desk
from azexport.cases.states import CaseStatus
from azexport.exchange.models import Message
from azexport.kernel.errors import Missing, RuleViolated
from azexport.notices.models import Notice
from azexport.parties.models import Member
from tests.factories.cases import (
    CHECKLIST,
    PARALLEL,
    again,
    desk_case,
    desk_row,
    words,
)
from tests.factories.parties import make_member, make_officer
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


def test_a_body_without_a_system_gets_no_message_and_finds_the_case_on_its_desk(row: Any, clerk: Member) -> None:
    """S7.3: what comes electronically is considered like any other, whether or not the body has a system."""
    case = desk_case(row=row)

    assert not Message.objects.exists()
    found, following = desk.page(clerk.participant, which="new", now=NOW)
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

    assert [one.step for one in queries.steps_of(case)] == ["tasting"]
    assert case.step == "tasting"
    assert Notice.objects.filter(kind="case.step_started").count() == 1


def test_somebody_elses_officer_finds_no_such_case(row: Any) -> None:
    stranger = make_officer("pollen-office")
    case = desk_case(row=row)

    for refused in (
        lambda: officers.take_on(case=case, by=stranger, now=NOW),
        lambda: officers.start_step(case=case, step="tasting", by=stranger, now=NOW),
        lambda: finish(case, "tasting", stranger),
        lambda: officers.refuse(case=case, grounds=[{"ground": "no-bees"}], by=stranger, now=NOW),
        lambda: desk.case(stranger.participant, case.reference),
    ):
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
            for one in desk.page(clerk.participant, which="new", now=NOW)[0]:
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
        shown = desk.review(desk.case(clerk.participant, case.reference), viewer=clerk, now=NOW)

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
        return [one.case.reference for one in desk.page(who.participant, which=which, **{"now": NOW} | given)[0]]

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
    assert desk.counts(clerk.participant, now=later) == {"new": 1, "running": 1, "waiting": 1, "late": 2}
    assert desk.counts(bees.participant, now=later)["running"] == 1
