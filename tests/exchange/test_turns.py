"""Whose turn it is: a recipient that takes its time, or never answers, holds up nobody else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from azexport.exchange import actions, tasks, turns
from azexport.exchange.models import Message
from azexport.exchange.protocol import stored
from azexport.exchange.states import Status
from azexport.kernel.actor import SYSTEM
from azexport.participants.models import Participant
from tests.factories.exchange import Answer, Counterpart, Received, problem
from tests.factories.participants import participant


@pytest.fixture
def now() -> datetime:
    """The servers in these tests check the age of signatures by the wall clock."""
    return timezone.now()


@pytest.fixture
def slow(fresh_database: str, office: Counterpart) -> Iterator[threading.Event]:
    """The system of `hazel-office` answers when this is set."""
    answers = threading.Event()

    def wait(self: Counterpart, one: Received) -> Answer:
        assert answers.wait(10)
        return self.receipt(one)

    participant("hazel-office", base_url=office.url)
    office.answer = wait
    yield answers
    answers.set()


def send(body: Participant, *subjects: str, kind: str = "case.submitted") -> list[Message]:
    drafts = [actions.Draft(body, kind, {}, one) for one in subjects]
    return actions.send_many(drafts=drafts, by=SYSTEM, now=timezone.now())


def attempt(body: Participant) -> Message | None:
    """What the worker does with one job, in its thread."""
    try:
        return actions.deliver_next(participant_id=body.pk, now=timezone.now())[0]
    finally:
        connections["default"].close()


def until_under_way(office: Counterpart, count: int) -> None:
    waiting = threading.Event()
    for _look in range(500):
        if len(office.received) == count:
            return
        waiting.wait(0.01)
    raise AssertionError(f"{len(office.received)} under way, not {count}")


def enqueued() -> list[int]:
    rows = ProcrastinateJob.objects.filter(task_name=tasks.DELIVER).order_by("id")
    return [one.args["message_pk"] for one in rows]


def test_one_recipient_has_a_few_deliveries_under_way_and_the_other_jobs_end_at_once(
    slow: threading.Event, office: Counterpart
) -> None:
    body = Participant.objects.get()
    first, second, third, fourth = send(body, "CS-1", "CS-2", "CS-3", "CS-4")
    with ThreadPoolExecutor(turns.AT_ONCE) as pool:
        under_way = [pool.submit(attempt, body) for _place in range(turns.AT_ONCE)]
        until_under_way(office, turns.AT_ONCE)
        assert attempt(body) is None
        assert attempt(body) is None
        slow.set()
        done = [one.result() for one in under_way]
    assert {one.pk for one in done if one} == {first.pk, second.pk}
    assert [attempt(body), attempt(body), attempt(body)] == [third, fourth, None]


def test_a_job_that_is_done_sees_to_what_others_left_to_it(
    slow: threading.Event, office: Counterpart, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = Participant.objects.get()
    messages = send(body, "CS-1", "CS-2", "CS-3", "CS-4")
    slow.set()

    tasks.deliver(message_pk=messages[3].pk)
    assert set(Message.objects.values_list("status", flat=True)) == {Status.DELIVERED}

    # For a moment only: then other jobs have their turn, and a new one goes on.
    monkeypatch.setattr(tasks, "AT_A_STRETCH", -1.0)
    before = enqueued()
    more = send(body, "CS-5", "CS-6")
    tasks.deliver(message_pk=more[1].pk)
    assert enqueued() == [*before, more[0].pk, more[1].pk, more[1].pk]


def test_messages_about_one_subject_go_one_after_another_and_others_meanwhile(
    slow: threading.Event, office: Counterpart
) -> None:
    body = Participant.objects.get()
    first, second, other = send(body, "CS-1", "CS-1", "CS-2")
    with ThreadPoolExecutor(2) as pool:
        under_way = [pool.submit(attempt, body) for _place in range(2)]
        until_under_way(office, 2)
        assert {one.message.subject for one in office.received} == {"CS-1", "CS-2"}
        slow.set()
        assert {one.result() for one in under_way} == {first, other}
    assert attempt(body) == second


def test_a_message_that_waits_for_its_next_attempt_holds_up_its_own_subject_only(
    body: Participant, office: Counterpart
) -> None:
    office.answer = lambda self, one: problem(503) if one.message.subject == "CS-1" else self.receipt(one)
    failing, behind, other = send(body, "CS-1", "CS-1", "CS-2")
    now = timezone.now()

    def next_one() -> Message | None:
        return actions.deliver_next(participant_id=body.pk, now=now)[0]

    assert [next_one(), next_one(), next_one()] == [failing, other, None]
    behind.refresh_from_db()
    assert (behind.status, behind.attempts) == (Status.QUEUED, 0)
    scheduled = ProcrastinateJob.objects.filter(scheduled_at__isnull=False)
    assert [one.args["message_pk"] for one in scheduled] == [failing.pk]


def test_what_the_portal_itself_cannot_send_holds_up_nobody_and_is_tried_again(
    body: Participant, office: Counterpart, now: datetime
) -> None:
    [broken] = actions.send_many(
        drafts=[actions.Draft(body, "case.submitted", {"file": stored("DC-0000-0000-0")}, "CS-1")], by=SYSTEM, now=now
    )
    [other] = send(body, "CS-2")

    assert actions.deliver_next(participant_id=body.pk, now=timezone.now()) == (broken, other)
    assert actions.deliver_next(participant_id=body.pk, now=timezone.now()) == (other, None)

    broken.refresh_from_db()
    assert (broken.status, broken.attempts) == (Status.RETRYING, 1)
    assert broken.last_error == "in the portal: Missing"
    assert [one.message.subject for one in office.received] == ["CS-2"]


def test_another_recipient_has_turns_of_its_own(slow: threading.Event, office: Counterpart) -> None:
    body, other = Participant.objects.get(), participant("wax-office", base_url="http://127.0.0.1:9")
    send(body, "CS-1", "CS-2")
    [to_other] = send(other, "CS-1")
    with ThreadPoolExecutor(2) as pool:
        for _place in range(2):
            pool.submit(attempt, body)
        until_under_way(office, 2)
        assert attempt(other) == to_other
        slow.set()
    to_other.refresh_from_db()
    assert to_other.status == Status.RETRYING


def test_turns_of_a_session_that_is_gone_are_free(fresh_database: str, office: Counterpart) -> None:
    """A worker that was killed holds nothing: its connection is gone."""
    body = participant("hazel-office", base_url=office.url)
    [message] = send(body, "CS-1")
    taken, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with ExitStack() as stack:
            for _place in range(turns.AT_ONCE):
                stack.enter_context(turns.turn(body.pk, now=timezone.now()))
            taken.set()
            let_go.wait(10)
            connections["default"].close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert taken.wait(10)
    assert attempt(body) is None
    let_go.set()
    holder.join()
    assert attempt(body) == message


def test_what_waits_behind_a_message_that_is_tried_later_needs_no_job(
    body: Participant, office: Counterpart, now: datetime
) -> None:
    office.answer = lambda self, one: problem(503, **{"Retry-After": "600"})
    first, behind = send(body, "CS-1", "CS-1")
    assert actions.deliver_next(participant_id=body.pk, now=timezone.now()) == (first, None)
    Message.objects.filter(pk=behind.pk).update(next_attempt_at=now - timedelta(hours=1))
    before = enqueued()

    tasks.resume_messages(timestamp=0)

    assert enqueued() == before
