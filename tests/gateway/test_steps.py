"""Another body's system answers for its step through the portal's door: signed, once, in its turn (S-A1 3.4.3)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.utils import timezone

from azexport.cases import route
from azexport.cases.actions import officers, withdraw
from azexport.cases.models import Case
from azexport.exchange.models import Message
from azexport.exchange.states import Direction, Status
from azexport.parties.models import Member
from sandbox import wire
from tests.factories.cases import CHECKLIST, again, desk_case, desk_row, office, step
from tests.factories.participants import KeyPair, key_of
from tests.factories.parties import make_member, make_officer
from tests.gateway.test_messages import code, post, verified

pytestmark = pytest.mark.django_db
ROUTE = [
    step("tasting"),
    step("bees", performer="bee-office", after=["tasting"], checklist=CHECKLIST),
    step("wax", performer="wax-office", after=["tasting"]),
    step("sealing", after=["bees", "wax"]),
]
TICKED = {str(one["id"]): True for one in CHECKLIST}


@pytest.fixture
def clerk() -> Member:
    office("bee-office")
    office("wax-office")
    return make_officer("honey-office")


@pytest.fixture
def applicant() -> Member:
    return make_member()


@pytest.fixture
def case(clerk: Member, applicant: Member) -> Case:
    """Taken on; its first step is not done."""
    now = timezone.now() - timedelta(minutes=1)
    clerk.participant.systems.all().delete()  # type: ignore[union-attr]
    return officers.take_on(case=desk_case(applicant, desk_row(ROUTE), now=now), by=clerk, now=now)


@pytest.fixture
def asked(case: Case, clerk: Member) -> Case:
    return officers.finish_step(case=case, step="tasting", outcome="done", by=clerk, now=timezone.now())


def answer(case: Case, *, sender: str = "bee-office", kind: str = "case.step_finished", **body: Any) -> wire.Message:
    given = {"case": case.reference, "step": "bees", "outcome": "agreed", "checklist": TICKED,
             "officer": {"name": "Aynur", "position": {"az": "Arıçı", "en": "Beekeeper"}}, **body}  # fmt: skip
    return wire.new_message(kind, sender=sender, recipient="azexport", subject=case.reference, body=given)


def refused(response: HttpResponse) -> list[str]:
    return [one["code"] for one in json.loads(response.content)["violations"]]


def kept(message: wire.Message) -> Message:
    return Message.objects.get(direction=Direction.IN, message_id=message.id)


def test_an_answer_takes_effect_once_and_has_a_signed_receipt(asked: Case, portal: KeyPair) -> None:
    message = answer(asked)

    assert verified(post(message), portal).body == {"status": "accepted"}
    assert verified(post(message), portal).body == {"status": "duplicate"}

    record = route.records_of(asked)["bees"]
    assert (record.outcome, record.officer_name, record.finished_by) == ("agreed", "Aynur", "bee-office")
    assert again(asked).steps.filter(step="bees").count() == 1
    # Under another message id it is another answer, and comes too late.
    later = answer(asked)
    assert code(post(later)) == (422, "CAS-017")
    assert refused(post(later)) == ["CAS-017"]
    assert kept(later).status == Status.REJECTED


def test_an_answer_comes_in_its_turn(case: Case) -> None:
    assert refused(post(answer(case))) == ["CAS-020"]
    assert refused(post(answer(case, kind="case.step_started"))) == ["CAS-020"]


def test_nobody_answers_for_another(asked: Case) -> None:
    assert code(post(answer(asked, sender="wax-office"))) == (403, "not-allowed")
    office("pollen-office")
    assert code(post(answer(asked, sender="pollen-office"))) == (404, "missing")
    assert code(post(answer(asked), key=key_of("wax-office"))) == (403, "wrong-sender")
    assert code(post(replace(answer(asked), body={"case": "CS-0000-0000-0", "step": "bees"}))) == (404, "missing")
    assert route.records_of(asked)["bees"].outcome == ""


def test_an_answer_says_what_the_step_wants_to_know(asked: Case) -> None:
    assert refused(post(answer(asked, outcome="done"))) == ["CAS-015"]
    assert refused(post(answer(asked, outcome="objected"))) == ["CAS-016"]
    assert refused(post(answer(asked, checklist={"clean": True}))) == ["CAS-012"]
    nonsense: Any
    for nonsense in (None, [], "all", {"clean": 1, "full": "yes"}):
        assert set(refused(post(answer(asked, checklist=nonsense)))) == {"CAS-012"}
    assert post(answer(asked, outcome="objected", note="İcazə yoxdur.", checklist={})).status_code == 202


@pytest.mark.parametrize("body", [{"officer": 7}, {"note": {"az": "Hə"}}, {"officer": {"name": 5}}, {"more": [1]}])
def test_what_is_not_understood_of_an_answer_is_left_out(asked: Case, body: dict[str, Any]) -> None:
    assert post(answer(asked, **body)).status_code == 202
    assert route.records_of(asked)["bees"].outcome == "agreed"


def test_after_the_end_nothing_is_answered(asked: Case, applicant: Member) -> None:
    withdraw(case=asked, by=applicant, now=timezone.now())

    assert code(post(answer(asked))) == (409, "illegal-transition")
