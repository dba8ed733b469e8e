"""Two at once: a nonce and an invitation let one in (P2.1.6)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection
from django.utils import timezone

from azexport.kernel.errors import AzexportError
from azexport.parties import actions
from azexport.parties.candidates import Candidate
from azexport.parties.models import Invitation, Mandate, Organisation, Person
from tests.factories.parties import make_foreign_member, make_member
from tests.parties.conftest import identity, register_of


def at_once(number: int, act: Callable[[int], object]) -> list[str]:
    """What came of `act(0)`, `act(1)`, …, all begun at the same moment: "done" or the refusal's code."""
    start = Barrier(number)

    def run(place: int) -> str:
        try:
            start.wait()
            act(place)
        except AzexportError as refusal:
            return refusal.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(number) as pool:
        return sorted(pool.map(run, range(number)))


def test_of_four_who_use_a_nonce_at_once_one_gets_in(fresh_database: str) -> None:
    now = timezone.now()
    actions.issue_challenge(nonce="n", address="a", now=now)
    outcome = at_once(4, lambda _: actions.use_challenge(nonce="n", address="a", now=now))
    assert outcome == ["challenge-spent", "challenge-spent", "challenge-spent", "done"]


def test_of_two_who_accept_an_invitation_at_once_one_has_it(fresh_database: str) -> None:
    now = timezone.now()
    _invitation, token = actions.invite(
        email="a@b.example", name="A", purpose="test", subject="XX-1", by=make_member(), now=now
    )
    members = [make_foreign_member(), make_foreign_member()]
    outcome = at_once(2, lambda place: actions.accept_invitation(token=token, member=members[place], now=now))
    assert outcome == ["done", "invitation-used"]
    assert Invitation.objects.get().accepted_by in {one.actor_id for one in members}


def test_confirming_at_once_makes_one_cabinet(fresh_database: str) -> None:
    candidate = Candidate.of_data({**Candidate.of(identity()).as_data(), "register": register_of(identity())})
    stated: Any = actions.Stated("a@b.az", "", "az")
    outcome = at_once(3, lambda _: actions.confirm_cabinet(candidate=candidate, stated=stated, now=timezone.now()))
    assert outcome == ["done"] * 3
    assert (Person.objects.count(), Organisation.objects.count(), Mandate.objects.count()) == (1, 1, 1)
