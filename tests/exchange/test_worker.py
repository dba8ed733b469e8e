"""The worker as it is run: its own process, real HTTP, SIGTERM and SIGKILL."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from azexport.exchange import actions, tasks
from azexport.exchange.models import Message
from azexport.exchange.states import Status
from azexport.kernel.actor import SYSTEM
from azexport.participants.models import Participant
from tests.factories.exchange import Answer, Counterpart, Received, counterpart
from tests.factories.participants import KeyPair, participant

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.stack


@contextmanager
def worker(database: str, portal_folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in a process of its own, ready to work; it is killed if the test has not stopped it."""
    environment = {**os.environ, "DATABASE_URL": database, "AZEXPORT_PORTAL_KEYS": str(portal_folder)}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "procrastinate", "worker"],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until(lambda: _workers() > 0, 20)
        yield process
    finally:
        process.kill()
        process.wait()


def _workers() -> int:
    return int(_scalar("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '20 s'"))


def _scalar(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        [value] = cursor.fetchone()
        return value


def until(condition: Callable[[], bool], seconds: float) -> float:
    """How long it took to become true; fails when it does not in time."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, "it did not come about in time"
        time.sleep(0.02)
    return time.monotonic() - started


def delivered(count: int) -> Callable[[], bool]:
    return lambda: Message.objects.filter(status=Status.DELIVERED).count() == count


def send(*bodies: Participant) -> list[Message]:
    drafts = [actions.Draft(body, "case.submitted", {"n": 1}, f"CS-{n}") for n, body in enumerate(bodies)]
    return actions.send_many(drafts=drafts, by=SYSTEM, now=timezone.now())


def test_messages_go_out_at_once_and_side_by_side(fresh_database: str, portal: KeyPair, portal_folder: Path) -> None:
    def slow(self: Counterpart, one: Received) -> Answer:
        time.sleep(0.8)
        return self.receipt(one)

    with ExitStack() as stack:
        offices = [stack.enter_context(counterpart(f"office-{n}", portal)) for n in range(4)]
        bodies = [participant(office.code, base_url=office.url) for office in offices]
        stack.enter_context(worker(fresh_database, portal_folder))
        send(bodies[0])
        assert until(delivered(1), 10) < 3
        for office in offices:
            office.answer = slow
        send(*bodies)
        # One after another they would need more than three seconds.
        assert until(delivered(5), 10) < 2.8


def test_messages_about_one_subject_arrive_in_order_however_often_the_first_is_tried(
    fresh_database: str, office: Counterpart, portal_folder: Path
) -> None:
    """A fee that is paid while the body is down must not be news to a body that has not heard of the case."""
    body, other = participant("hazel-office", base_url=office.url), "CS-other"
    left = [503, 503]

    def down_at_first(self: Counterpart, one: Received) -> Answer:
        if one.message.type == "case.submitted" and one.message.subject != other and left:
            return left.pop(), {}, b""
        return self.receipt(one)

    office.answer = down_at_first
    drafts = [
        actions.Draft(body, "case.submitted", {}, "CS-1"),
        actions.Draft(body, "case.fee_paid", {}, "CS-1"),
        actions.Draft(body, "case.submitted", {}, other),
    ]
    actions.send_many(drafts=drafts, by=SYSTEM, now=timezone.now())
    with worker(fresh_database, portal_folder):
        until(delivered(3), 15)
    arrived = [(one.message.subject, one.message.type) for one in office.received]
    assert [kind for subject, kind in arrived if subject == "CS-1"] == ["case.submitted"] * 3 + ["case.fee_paid"]
    # Another subject waits for nobody.
    assert arrived.index((other, "case.submitted")) < 3
    assert Message.objects.get(type="case.fee_paid").attempts == 1


def test_a_worker_that_is_told_to_stop_finishes_what_it_is_doing(
    fresh_database: str, office: Counterpart, portal_folder: Path
) -> None:
    def slow(self: Counterpart, one: Received) -> Answer:
        time.sleep(1)
        return self.receipt(one)

    office.answer = slow
    [message] = [*send(participant("hazel-office", base_url=office.url))]
    with worker(fresh_database, portal_folder) as process:
        until(lambda: len(office.received) == 1, 10)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    message.refresh_from_db()
    assert message.status == Status.DELIVERED
    assert len(office.received) == 1


def test_a_message_whose_worker_was_killed_is_sent_again_with_the_same_id(
    fresh_database: str, office: Counterpart, portal_folder: Path
) -> None:
    def never(self: Counterpart, one: Received) -> Answer:
        time.sleep(1)
        return 503, {}, b""

    office.answer = never
    [message] = send(participant("hazel-office", base_url=office.url))
    with worker(fresh_database, portal_folder) as process:
        until(lambda: len(office.received) == 1, 10)
        process.kill()
        process.wait()
    office.answer = lambda self, one: self.receipt(one)
    # As if a quarter of a minute had passed: that is when a silent worker is taken for dead.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    with worker(fresh_database, portal_folder):
        until(delivered(1), 15)
    assert {one.message.id for one in office.received} == {str(message.message_id)}
    assert len({one.content for one in office.received}) == 1


def test_a_job_enqueued_by_a_job_that_fails_does_not_exist(
    fresh_database: str,
) -> None:
    """procrastinate's own worker would have enqueued it over another connection, and run it."""

    def enqueue_and_fail() -> None:
        with transaction.atomic():
            tasks.enqueue_delivery([Message(pk=4711, subject="CS-0", participant_id=1)])
            assert ProcrastinateJob.objects.filter(task_name=tasks.DELIVER).exists()
            raise ZeroDivisionError

    task = app.task(name="test.enqueue_and_fail", queue="test")(enqueue_and_fail)
    try:
        task.defer()
        call_command("procrastinate", "worker", "--one-shot", "--queues=test")
    finally:
        del app.tasks["test.enqueue_and_fail"]
    assert ProcrastinateJob.objects.get(task_name="test.enqueue_and_fail").status == "failed"
    assert not ProcrastinateJob.objects.filter(task_name=tasks.DELIVER).exists()


@contextmanager
def never_answering() -> Iterator[str]:
    """The address of a real socket that accepts connections and says nothing, ever."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    taken.append(server.accept()[0])

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        # Closing alone would not wake who waits in accept.
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    for one in taken:
        one.close()


def test_a_body_that_never_answers_delays_nobody_else(
    fresh_database: str, portal: KeyPair, portal_folder: Path
) -> None:
    """P6.1.16: bodies are connected side by side; the trouble of one is not the others'."""

    def others_take() -> float:
        """How long it takes until thirty messages have reached three other bodies."""
        before = Message.objects.filter(status=Status.DELIVERED).count()
        started = time.monotonic()
        send(*[body for body in others for _message in range(10)])
        until(delivered(before + 30), 30)
        return time.monotonic() - started

    with ExitStack() as stack:
        offices = [stack.enter_context(counterpart(f"office-{n}", portal)) for n in range(3)]
        others = [participant(office.code, base_url=office.url) for office in offices]
        hanging = participant("hanging-office", base_url=stack.enter_context(never_answering()))
        stack.enter_context(worker(fresh_database, portal_folder))
        others_take()  # the worker is warm from here on
        without = others_take()
        send(*[hanging] * 60)
        time.sleep(0.3)
        within = others_take()
        held = Message.objects.filter(participant=hanging)
        assert set(held.values_list("status", flat=True)) == {Status.QUEUED}
    told = f"30 messages to 3 others: {without:.2f} s; while 60 wait for one that hangs: {within:.2f} s"
    # An attempt at the one that hangs lasts ten seconds; sixty would have held all threads for more than a minute.
    assert within < without + 5.0, told
