"""Random walks over the life of a draft: every pair that is not in the table is refused, and no walk is stuck."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azexport.calendar.queries import today
from azexport.kernel.errors import IllegalTransition, NotAllowed, RuleViolated
from azexport.parties.models import Member
from azexport.services import conditions
from azexport.services.actions import discussions, drafts
from azexport.services.lifecycle import TABLE
from azexport.services.models import RegulationDraft
from azexport.services.states import FINAL, DraftStatus
from tests.factories import services
from tests.factories.drafts import make_draft, sign_paper
from tests.factories.parties import make_head, make_officer
from tests.factories.services import NOW, honey

pytestmark = pytest.mark.django_db

# The expression library raises Python's recursion limit when it is first used; hypothesis wants it steady.
conditions.check("true", {})


class Walk:
    """One draft and the people around it; each step of the walk is eleven days later than the one before."""

    def __init__(self, *, others: bool) -> None:
        self.officer, self.head, self.wax = make_officer("honey-office"), make_head("honey-office"), make_head("wax")
        text = honey()
        text["general"]["other_performers"] = ["wax"] if others else []
        self.draft = make_draft(by=self.officer, content=text)
        self.now = NOW

    def row(self) -> RegulationDraft:
        return RegulationDraft.objects.select_related("provider", "based_on").get(pk=self.draft.pk)

    def approve(self) -> None:
        """The head's signature comes; for what does not wait for one nothing happens."""
        draft = self.row()
        if draft.status != DraftStatus.AWAITING_HEAD:
            raise IllegalTransition
        sign_paper(draft, by=self.head, now=self.now)

    def close(self) -> None:
        if self.draft not in discussions.close_due(now=self.now):
            raise IllegalTransition


def _day(walk: Walk, more: int = 10) -> Any:
    return today(walk.now) + timedelta(days=more)


MOVES: dict[str, Callable[[Walk], Any]] = {
    "publish": lambda w: discussions.publish(draft=w.row(), until=_day(w), by=w.officer, now=w.now),
    "close_discussion": lambda w: w.close(),
    "ask": lambda w: drafts.ask_performers(draft=w.row(), by=w.officer, now=w.now),
    "agree": lambda w: drafts.agree(draft=w.row(), by=w.wax, now=w.now),
    "object": lambda w: drafts.object_(draft=w.row(), reason="No.", by=w.wax, now=w.now),
    "send_to_head": lambda w: drafts.send_to_head(draft=w.row(), effective_on=_day(w), by=w.officer, now=w.now),
    "send_back": lambda w: drafts.send_back(draft=w.row(), reason="No.", by=w.head, now=w.now),
    "approve": lambda w: w.approve(),
    "reopen": lambda w: drafts.reopen(draft=w.row(), by=w.officer, now=w.now),
    "return_unregistered": lambda w: drafts.returned_unregistered(
        w.draft.reference, reason="No.", by=w.head, now=w.now
    ),
    "register": lambda w: drafts.registered(w.draft.reference, now=w.now),
    "withdraw": lambda w: drafts.withdraw(draft=w.row(), reason="No.", by=w.head, now=w.now),
}
TARGETS = {"ask": {"agreeing", "agreed"}, "agree": {"agreeing", "agreed"}}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(sorted(MOVES)), max_size=14), others=st.booleans())
def test_a_walk_follows_the_table_and_nothing_else(steps: list[str], others: bool, db: Any) -> None:
    walk = Walk(others=others)
    for name in steps:
        before = walk.row()
        transition = TABLE.find(name, before.status)
        walk.now += timedelta(days=11)
        try:
            MOVES[name](walk)
        except (IllegalTransition, RuleViolated, NotAllowed):
            assert walk.row().status == before.status
        else:
            again = name == "register" and before.status == DraftStatus.REGISTERED
            assert transition is not None or again
            assert walk.row().status in TARGETS.get(name, {transition.target if transition else before.status})
        after = walk.row()
        stuck = not any(TABLE.find(one, after.status) for one in MOVES)
        assert stuck == (after.status in FINAL)
        assert (after.version is not None) == (after.status == DraftStatus.REGISTERED)
        assert after.discussed_at is not None or after.status in (DraftStatus.DRAFTED, DraftStatus.WITHDRAWN)


def test_every_draft_finds_its_way_into_the_registry() -> None:
    """The straight way, with everybody agreeing, ends in force: no dead end (S9, S10)."""
    walk = Walk(others=True)
    for name in ("publish", "close_discussion", "ask", "agree", "send_to_head", "approve", "register"):
        MOVES[name](walk)
        walk.now += timedelta(days=11)
    assert walk.row().status == "registered"


@pytest.mark.parametrize("state", list(DraftStatus))
@pytest.mark.parametrize("name", sorted(MOVES))
def test_every_pair_that_is_not_in_the_table_is_refused(name: str, state: DraftStatus) -> None:
    if TABLE.find(name, state) is not None or (name == "register" and state == DraftStatus.REGISTERED):
        return
    walk = Walk(others=False)
    _put(walk.draft, state)
    with pytest.raises(IllegalTransition):
        MOVES[name](walk)
    assert walk.row().status == state


def _put(draft: RegulationDraft, state: DraftStatus) -> None:
    """The draft in that state, with what the database wants of it."""
    values: dict[str, Any] = {"status": state, "effective_on": NOW.date(), "approved_at": NOW, "document": "DC-X"}
    if state == DraftStatus.REGISTERED:
        values |= {"registered_at": NOW, "version": services.load(id="x")}
    RegulationDraft.objects.filter(pk=draft.pk).update(**values)


def test_two_officers_cannot_both_move_it(officer_pair: tuple[Member, Member]) -> None:
    """The second finds the state changed (409): a move locks the row and looks again."""
    first, second = officer_pair
    draft = make_draft(by=first)
    stale = RegulationDraft.objects.get(pk=draft.pk)
    drafts.withdraw(draft=draft, reason="No bees.", by=first, now=NOW)
    with pytest.raises(IllegalTransition) as refusal:
        discussions.publish(draft=stale, until=today(NOW) + timedelta(days=10), by=second, now=NOW)
    assert refusal.value.status == 409
    with pytest.raises(IllegalTransition):
        drafts.withdraw(draft=stale, reason="No.", by=second, now=NOW)


@pytest.fixture
def officer_pair() -> tuple[Member, Member]:
    return make_officer("honey-office"), make_officer("honey-office")
