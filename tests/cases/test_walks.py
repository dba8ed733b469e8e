"""Random walks over the life of a case: every pair that is not in the table is refused, and no walk is stuck."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azexport.cases import actions
from azexport.cases.lifecycle import TABLE
from azexport.cases.models import Case
from azexport.cases.states import FINAL, CaseStatus
from azexport.kernel.actor import SYSTEM
from azexport.kernel.errors import IllegalTransition, RuleViolated
from azexport.parties.models import Member
from azexport.permits.models import Permit
from tests.factories import services
from tests.factories.cases import OFFICER, asks, granted, open_case, says
from tests.factories.parties import make_member
from tests.factories.services import NOW

pytestmark = pytest.mark.django_db

MOVES: dict[str, Callable[[Case, Member, int], Any]] = {
    "accept": lambda case, member, n: says(case, "accept", officer=OFFICER),
    "start_step": lambda case, member, n: says(case, "start_step", step=("tasting", "sealing")[n % 2], officer=OFFICER),
    "request_information": lambda case, member, n: asks(case, request=f"R{n}"),
    "supply_information": lambda case, member, n: actions.supply_information(
        case=case, answers={"lab": "x"}, files=[], by=member, now=NOW
    ),
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
