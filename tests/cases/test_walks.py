"""Random walks over the life of a case: every pair that is not in the table is refused, and no walk is stuck."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azexport.cases import actions, route
from azexport.cases.actions import officers
from azexport.cases.lifecycle import TABLE
from azexport.cases.models import Case, StepRecord
from azexport.cases.states import FINAL, CaseStatus
from azexport.kernel.actor import SYSTEM
from azexport.kernel.errors import AzexportError, IllegalTransition, RuleViolated
from azexport.parties.models import Member
from azexport.permits.models import Permit
from azexport.services import conditions
from tests.factories import services
from tests.factories.cases import (
    OFFICER,
    again,
    asks,
    desk_case,
    desk_row,
    granted,
    open_case,
    says,
    step,
    supplies,
    words,
)
from tests.factories.parties import make_member, make_officer
from tests.factories.services import NOW

pytestmark = pytest.mark.django_db
# celpy raises the recursion limit when it parses for the first time, which Hypothesis would take for the test's doing.
conditions.check("true", {})

MOVES: dict[str, Callable[[Case, Member, int], Any]] = {
    "accept": lambda case, member, n: says(case, "accept", officer=OFFICER),
    "start_step": lambda case, member, n: says(case, "start_step", step=("tasting", "sealing")[n % 2], officer=OFFICER),
    "request_information": lambda case, member, n: asks(case, request=f"R{n}"),
    "supply_information": lambda case, member, n: supplies(case, member, {"lab": "x"}),
    "refuse": lambda case, member, n: says(case, "refuse", grounds=[{"ground": "no-bees"}], officer=OFFICER),
    "grant": lambda case, member, n: granted(case, number=f"H-{n}-{case.pk}"),
    "reject_permit": lambda case, member, n: _reject(case),
    "withdraw": lambda case, member, n: actions.withdraw(case=case, by=member, now=NOW),
}  # fmt: skip


def _reject(case: Case) -> None:
    actions.reject_permit(case_reference=case.reference, verdict="wrong_data", text={"az": "x"}, by=SYSTEM, now=NOW)
    Permit.objects.filter(case=case).update(status="rejected", checked_at=NOW, checked_by="x")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walk=st.lists(st.sampled_from(sorted(MOVES)), max_size=12))
def test_a_walk_follows_the_table_and_nothing_else(walk: list[str], db: Any) -> None:
    member = make_member()
    row = services.load() if not _known() else _known()
    case = open_case(member, row)
    for number, name in enumerate(walk):
        transition = TABLE.find(name, case.status)
        before = case.status
        try:
            MOVES[name](case, member, number)
        except (IllegalTransition, RuleViolated):
            assert transition is None
        else:
            assert transition is not None
        case = Case.objects.for_page().get(pk=case.pk)
        assert case.status == (transition.target if transition else before)
        stuck = not any(TABLE.find(one, case.status) for one in MOVES)
        assert stuck == (case.status in FINAL)


def _known() -> Any:
    from azexport.services import queries

    return queries.regulation("honey-seal", NOW.date())


@pytest.mark.parametrize("state", list(CaseStatus))
@pytest.mark.parametrize("name", sorted(MOVES))
def test_every_pair_that_is_not_in_the_table_is_refused(name: str, state: str) -> None:
    if TABLE.find(name, state) is not None:
        return
    member = make_member()
    case = open_case(member)
    Case.objects.filter(pk=case.pk).update(status=state)

    with pytest.raises(IllegalTransition):
        MOVES[name](case, member, 1)


# ------------------------------------------------------------------------------------------------ on the desk


BODIES = ("honey-office", "bee-office", "wax-office")


@st.composite
def routes(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Any route: up to five steps, each after some of those before it, of the provider or of two other bodies."""
    steps: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 5))):
        before = [one["id"] for one in steps]
        after = sorted(draw(st.sets(st.sampled_from(before)))) if before else []
        performer = draw(st.sampled_from(BODIES))
        steps.append(step(f"s{number}", after=after, performer=performer, working_days=draw(st.integers(0, 1))))
    return steps


WALKS = st.lists(
    st.tuples(
        st.sampled_from(["take_on", "start", "finish", "object", "ask", "answer", "propose", "silence"]),
        st.integers(0, 4),
        st.sampled_from(BODIES),
    ),
    max_size=15,
)


class Desk:
    """A case, everybody who may do something with it, and a clock that only goes on."""

    def __init__(self, steps: list[dict[str, Any]]) -> None:
        self.member = make_member()
        term = services.HONEY["general"]["term"] | {"working_days": 9}
        self.case = desk_case(self.member, desk_row(steps, general__term=term))
        self.officers = {code: make_officer(code) for code in BODIES}
        self.now = NOW

    def tried(self, name: str, number: int, body: str) -> None:
        """What is not allowed now is refused, and changes nothing."""
        before = self.state()
        try:
            getattr(self, f"_{name}")(f"s{number}", self.officers[body])
        except AzexportError:
            assert self.state() == before

    def state(self) -> Any:
        case = again(self.case)
        rows = StepRecord.objects.filter(case=case).order_by("id").values_list("step", "outcome", "officer_name")
        return case.status, case.changes, list(rows), case.requests.count()

    def _take_on(self, _step: str, by: Member) -> None:
        officers.take_on(case=self.case, by=by, now=self.now)

    def _start(self, step: str, by: Member) -> None:
        officers.start_step(case=self.case, step=step, by=by, now=self.now)

    def _finish(self, step: str, by: Member) -> None:
        own = by is self.officers["honey-office"]
        outcome = "done" if own else "agreed"
        officers.finish_step(case=self.case, step=step, outcome=outcome, by=by, now=self.now)

    def _object(self, step: str, by: Member) -> None:
        officers.finish_step(case=self.case, step=step, outcome="objected", note="No.", by=by, now=self.now)

    def _ask(self, _step: str, by: Member) -> None:
        questions = [{"id": "a", "label": words("A?"), "kind": "text"}]
        officers.request_information(case=self.case, questions=questions, reason={}, by=by, now=self.now)

    def _answer(self, _step: str, _by: Member) -> None:
        supplies(self.case, self.member, {"a": "x"}, now=self.now)

    def _propose(self, _step: str, by: Member) -> None:
        today = self.now.date()
        officers.propose_grant(
            case=self.case, valid_from=today, valid_until=None, remarks={}, by=by, now=self.now
        )  # fmt: skip

    def _silence(self, _step: str, _by: Member) -> None:
        self.now += timedelta(days=1)
        actions.deem_agreed(by=SYSTEM, now=self.now)

    def end(self) -> None:
        """Everybody does what is theirs; whatever has happened before, the case is granted."""
        regulation = self.case.regulation.regulation
        for _round in range(20):
            case = again(self.case)
            if case.status == CaseStatus.SUBMITTED:
                self._take_on("", self.officers["honey-office"])
            elif case.status == CaseStatus.INFORMATION_REQUESTED:
                self._answer("", self.member)
            elif case.status == CaseStatus.ACCEPTED:
                open_now = [key for key, one in route.records_of(case).items() if one.finished_at is None]
                if not open_now:
                    self._propose("", self.officers["honey-office"])
                    return
                step = regulation.step(open_now[0])
                assert step is not None
                performer = regulation.performer(step)
                self._finish(open_now[0], self.officers[performer])
            else:
                return
        raise AssertionError("a dead end")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=routes(), walk=WALKS)
def test_a_walk_over_any_route_keeps_its_order_and_ends(steps: list[dict[str, Any]], walk: Any, db: Any) -> None:
    """S-A1 3.4: no step before those it waits for, no dead end, each step once, whatever officers try."""
    desk = Desk(steps)
    for name, number, body in walk:
        desk.tried(name, number, body)
        _in_order(desk.case)
    desk.end()

    case = again(desk.case)
    assert case.status == CaseStatus.GRANTED
    _in_order(case)
    assert not StepRecord.objects.filter(case=case, finished_at__isnull=True).exists()


def _in_order(case: Case) -> None:
    records = list(StepRecord.objects.filter(case=case).order_by("id"))
    assert len({one.step for one in records}) == len(records)
    begun: dict[str, StepRecord] = {one.step: one for one in records}
    regulation = case.regulation.regulation
    for one in records:
        step = regulation.step(one.step)
        assert step is not None
        assert all(route.finished(begun, name) for name in regulation.after(step))
