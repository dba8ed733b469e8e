"""Sending: a message exists exactly when the data do, arrives at least once, and waits, or is parked, by the rules."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction
from hypothesis import given
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job
from pytest_django import DjangoAssertNumQueries

from azexport.audit.queries import history
from azexport.exchange import actions, backoff, queries, tasks
from azexport.exchange.models import Evidence, Message
from azexport.exchange.protocol import file_content, stored
from azexport.exchange.states import Part, Status
from azexport.kernel.actor import SYSTEM
from azexport.kernel.errors import OutsideFailure
from azexport.participants.models import Participant
from sandbox import wire
from tests.factories.exchange import Answer, Counterpart, Received, problem
from tests.factories.participants import new_key, participant

SUBJECT = "CS-0000-0000-0"


def send(to: Participant, now: datetime, **more: Any) -> Message:
    given = {"type": "case.submitted", "body": {"case": SUBJECT}, "subject": SUBJECT, "by": SYSTEM, "now": now, **more}
    return actions.send(to=to, **given)


def deliver(message: Message, now: datetime) -> Message:
    return actions.deliver(message_pk=message.pk, now=now, clock=lambda: now)


def jobs() -> list[ProcrastinateJob]:
    return list(ProcrastinateJob.objects.filter(task_name=tasks.DELIVER).order_by("id"))


def job_of(message: Message, *, attempts: int = 0) -> Job:
    return Job(
        id=1, queue=tasks.QUEUE, task_name=tasks.DELIVER, lock=None, queueing_lock=None, attempts=attempts,
        task_kwargs={"message_pk": message.pk},
    )  # fmt: skip


Answering = Callable[[Counterpart, Received], Answer]


def answering(*answers: Answer | Answering) -> Answering:
    """Each answer once, the last for ever."""
    left = list(answers)

    def answer(office: Counterpart, one: Received) -> Answer:
        chosen = left.pop(0) if len(left) > 1 else left[0]
        return chosen if isinstance(chosen, tuple) else chosen(office, one)

    return answer


def receipt(office: Counterpart, one: Received) -> Answer:
    return office.receipt(one)


@pytest.fixture
def now() -> datetime:
    """The servers in these tests check the age of signatures by the wall clock."""
    from django.utils import timezone

    return timezone.now()


# ---------------------------------------------------------------- in the transaction


def test_a_message_and_its_job_exist_exactly_when_the_transaction_commits(body: Participant, now: datetime) -> None:
    with transaction.atomic():
        send(body, now)
        assert len(jobs()) == 1
        transaction.set_rollback(True)
    assert not Message.objects.exists()
    assert not jobs()
    message = send(body, now)
    assert message.status == Status.QUEUED
    [job] = jobs()
    assert (job.args, job.scheduled_at) == ({"message_pk": message.pk}, None)


def test_a_fan_out_costs_two_statements_and_gives_each_message_a_job_of_its_own(
    body: Participant, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    drafts = [actions.Draft(body, "case.submitted", {"case": str(n)}, f"CS-{n}") for n in range(3)]
    with django_assert_num_queries(4):  # two of them are the savepoint of the test's own transaction
        messages = actions.send_many(drafts=drafts, by=SYSTEM, now=now)
    assert len({one.message_id for one in messages}) == 3
    assert [job.args["message_pk"] for job in jobs()] == [one.pk for one in messages]


# ---------------------------------------------------------------- delivery


def test_a_delivered_message_carries_the_published_envelope(
    body: Participant, office: Counterpart, now: datetime
) -> None:
    cause = uuid4()
    message = deliver(send(body, now, in_reply_to=cause), now)
    assert message.status == Status.DELIVERED
    assert message.delivered_at == now
    assert (message.attempts, message.next_attempt_at, message.last_error) == (1, None, "")
    [one] = office.received
    assert one.headers["content-type"] == "application/json"
    assert one.message == wire.Message(
        id=str(message.message_id),
        type="case.submitted",
        sender="azexport",
        recipient="hazel-office",
        created_at=one.message.created_at,
        subject=SUBJECT,
        body={"case": SUBJECT},
        in_reply_to=str(cause),
    )
    assert abs(datetime.fromisoformat(one.message.created_at) - now) < timedelta(milliseconds=1)


def test_both_halves_of_the_exchange_are_kept_as_they_went_over_the_wire(
    body: Participant, office: Counterpart, now: datetime
) -> None:
    message = deliver(send(body, now), now)
    request, reply = queries.evidence_for([SUBJECT])
    [one] = office.received
    assert bytes(request.content) == one.content
    assert message.sha256 == hashlib.sha256(one.content).hexdigest()
    data = queries.as_data(request)
    headers = {name.lower(): value for name, value in data["headers"]}
    assert headers.items() <= one.headers.items()
    portal = office.portal.wire.certificate
    # Whoever has the archive later can check it without the portal.
    assert wire.verify_request(
        data["target_uri"], headers, bytes(request.content), {wire.key_id(portal): portal}, now=now.timestamp()
    )
    data = queries.as_data(reply)
    headers = {name.lower(): value for name, value in data["headers"]}
    theirs = office.key.wire.certificate
    assert data["certificate"] == office.key.pem
    assert wire.verify_reply(
        data["status"], headers, bytes(reply.content), {wire.key_id(theirs): theirs}, now=now.timestamp()
    )


def test_delivery_is_in_the_audit(body: Participant, now: datetime) -> None:
    message = deliver(send(body, now), now)
    assert [event.name for event in history([message.reference])] == ["message.delivered"]


def test_a_message_that_is_delivered_is_not_sent_again(body: Participant, office: Counterpart, now: datetime) -> None:
    message = deliver(send(body, now), now)
    deliver(message, now)
    tasks.deliver(message_pk=message.pk)
    assert len(office.received) == 1


def test_a_duplicate_receipt_counts_as_delivered(body: Participant, office: Counterpart, now: datetime) -> None:
    office.answer = lambda self, one: self.receipt(one, status="duplicate")
    assert deliver(send(body, now), now).status == Status.DELIVERED


def test_a_stored_document_is_put_in_when_the_message_is_made(
    body: Participant, office: Counterpart, now: datetime
) -> None:
    from azexport.documents import actions as documents

    document = documents.store(
        kind="contract", title={"az": "Müqavilə", "en": "Contract"}, content=b"%PDF-1.7 \xff", by=SYSTEM, now=now
    )
    whole = {"contract": {"reference": "CT-1", "file": stored(document.reference, name="contract.pdf")}}
    message = deliver(send(body, now, body=whole), now)
    arrived = office.received[0].message.body["contract"]["file"]
    assert wire.file_content(arrived) == file_content(arrived) == b"%PDF-1.7 \xff"
    assert (arrived["name"], arrived["media_type"]) == ("contract.pdf", "application/pdf")
    message.refresh_from_db()
    assert message.data == whole


# ---------------------------------------------------------------- what fails


RETRIED = {
    "server error": problem(500),
    "down": problem(503),
    "busy": problem(429),
    "time-out": problem(408),
    "too early": problem(425),
    "redirect": (302, {"Location": "http://localhost:1/"}, b""),
    "a receipt that is not signed": lambda o, one: (202, {}, one.message.reply("receipt", {}).to_bytes()),
    "a receipt signed by another key": lambda o, one: o.signed(202, one.message.reply("receipt", {}), key=new_key("x")),
    "a receipt of another status than signed": lambda o, one: (200, *o.receipt(one)[1:]),
    "a receipt for another message": lambda o, one: o.signed(
        202, replace(one.message.reply("receipt", {}), in_reply_to=str(uuid4()))
    ),
    "a receipt of somebody else": lambda o, one: o.signed(202, replace(one.message.reply("receipt", {}), sender="x")),
    "rubbish": (200, {"Content-Type": "text/html"}, b"<html>"),
}  # fmt: skip


@pytest.mark.parametrize("answer", RETRIED.values(), ids=RETRIED.keys())
def test_what_may_not_have_arrived_is_tried_again(
    answer: Any, body: Participant, office: Counterpart, now: datetime
) -> None:
    office.answer = answering(answer, receipt)
    message = deliver(send(body, now), now)
    assert message.status == Status.RETRYING
    assert message.attempts == 1
    assert message.last_error
    assert message.next_attempt_at is not None
    assert timedelta(seconds=1) <= message.next_attempt_at - now <= timedelta(seconds=1.2)
    message = deliver(message, now)
    assert (message.status, message.attempts, message.last_error) == (Status.DELIVERED, 2, "")
    first, second = office.received
    assert first.content == second.content


def test_the_job_of_a_message_that_was_not_delivered_runs_again_when_it_is_time(
    body: Participant, office: Counterpart, now: datetime
) -> None:
    office.answer = answering(problem(503))
    message = send(body, now)
    tasks.deliver(message_pk=message.pk)
    message.refresh_from_db()
    assert message.status == Status.RETRYING
    first, again = jobs()
    assert (first.scheduled_at, again.scheduled_at) == (None, message.next_attempt_at)
    assert first.args == again.args


def test_the_portals_own_troubles_are_tried_again_a_few_times(body: Participant, now: datetime) -> None:
    message = send(body, now)
    decide = tasks.Patience().get_retry_decision
    assert decide(exception=OSError(), job=job_of(message, attempts=19)) is not None
    assert decide(exception=OSError(), job=job_of(message, attempts=20)) is None


def test_a_system_that_does_not_answer_at_all_is_tried_again(db: None, now: datetime) -> None:
    message = deliver(send(participant(base_url="http://127.0.0.1:9"), now), now)
    assert message.status == Status.RETRYING
    assert "ConnectError" in message.last_error


def test_a_participant_without_a_system_is_tried_again_until_it_has_one(
    office: Counterpart, db: None, now: datetime
) -> None:
    message = deliver(send(participant("silent", base_url=None), now), now)
    assert message.status == Status.RETRYING


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 415, 421, 422])
def test_a_refusal_for_good_parks_the_message_with_the_problem_that_was_told(
    status: int, body: Participant, office: Counterpart, now: datetime
) -> None:
    office.answer = answering(problem(status, "not-ours"))
    message = deliver(send(body, now), now)
    assert message.status == Status.PARKED
    assert message.next_attempt_at is None
    assert message.problem is not None
    assert (message.problem["code"], message.problem["detail"]) == ("not-ours", "because")
    assert [event.name for event in history([message.reference])] == ["message.parked"]
    assert len(jobs()) == 1
    deliver(message, now)
    assert len(office.received) == 1


def test_a_message_is_parked_when_its_deadline_has_passed(
    body: Participant, office: Counterpart, now: datetime
) -> None:
    office.answer = answering(problem(503))
    message = send(body, now, deadline=timedelta(minutes=1))
    assert deliver(message, now + timedelta(seconds=59)).next_attempt_at == now + timedelta(minutes=1)
    assert deliver(message, now + timedelta(minutes=1)).status == Status.PARKED


def test_retry_after_is_heeded(body: Participant, office: Counterpart, now: datetime) -> None:
    office.answer = answering(problem(503, "down", **{"Retry-After": "40"}))
    message = deliver(send(body, now), now)
    assert message.next_attempt_at == now + timedelta(seconds=40)


def test_the_state_of_the_newest_message_is_known_in_one_statement(
    body: Participant, office: Counterpart, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    office.answer = answering(receipt, problem(503), problem(404))
    for name in ("CS-A", "CS-B", "CS-C"):
        deliver(send(body, now, subject=name), now)
    send(body, now, subject="CS-A")
    with django_assert_num_queries(1):
        states = queries.delivery_for(["CS-A", "CS-B", "CS-C", "CS-none"])
    assert {name: state.status for name, state in states.items()} == {
        "CS-A": "queued", "CS-B": "retrying", "CS-C": "parked",
    }  # fmt: skip
    assert [states[name].undelivered for name in ("CS-A", "CS-B", "CS-C")] == [False, True, True]
    with django_assert_num_queries(1):
        assert len(list(queries.log_for(["CS-A", "CS-B"]))) == 3


def test_a_message_that_waits_speaks_for_those_sent_after_it_and_others_do_not_speak_for_the_body(
    body: Participant, office: Counterpart, now: datetime
) -> None:
    office.answer = answering(problem(503), receipt)
    deliver(send(body, now, subject="CS-A"), now)
    deliver(send(body, now, subject="CS-A", type="case.fee_paid"), now)

    assert queries.delivery_for(["CS-A"])["CS-A"].status == "retrying"
    assert queries.delivery_for(["CS-A"], to={"CS-A": body.pk})["CS-A"].status == "retrying"
    assert queries.delivery_for(["CS-A"], to={"CS-A": body.pk + 1}) == {}
    # What one body provides, another is asked for: each case has its own.
    other = participant("other-office")
    send(other, now, subject="CS-B")
    assert queries.delivery_for(["CS-A", "CS-B"], to={"CS-A": other.pk, "CS-B": body.pk}) == {}
    assert set(queries.delivery_for(["CS-A", "CS-B"], to={"CS-A": body.pk, "CS-B": other.pk})) == {"CS-A", "CS-B"}


# ---------------------------------------------------------------- the pauses

NOW = datetime(2026, 10, 5, 6, 0).astimezone()
ATTEMPTS = st.integers(1, 10_000)
JITTER = st.floats(0, 1, exclude_max=True)
SPANS = st.timedeltas(timedelta(seconds=-10), timedelta(days=4))


@given(ATTEMPTS, JITTER)
def test_a_pause_is_never_shorter_than_a_second_nor_longer_than_eighteen_minutes(attempts: int, jitter: float) -> None:
    assert timedelta(seconds=1) <= backoff.pause(attempts, jitter=jitter) <= timedelta(minutes=18)


@given(ATTEMPTS, JITTER)
def test_pauses_double_until_they_are_a_quarter_of_an_hour(attempts: int, jitter: float) -> None:
    now, later = backoff.pause(attempts, jitter=jitter), backoff.pause(attempts + 1, jitter=jitter)
    assert now <= later
    if attempts < 10:
        assert abs(later - now * 2) < timedelta(milliseconds=1)


@given(ATTEMPTS, JITTER, SPANS, st.none() | st.timedeltas(timedelta(0), timedelta(days=10)))
def test_an_attempt_is_never_past_the_deadline_and_the_last_one_is_at_it(
    attempts: int, jitter: float, span: timedelta, asked: timedelta | None
) -> None:
    deadline = NOW + span
    then = backoff.next_attempt(attempts=attempts, now=NOW, deadline=deadline, jitter=jitter, asked=asked)
    if deadline <= NOW:
        assert then is None
    else:
        assert then is not None
        assert NOW < then <= deadline


@given(st.integers(30, 300), JITTER)
def test_a_message_that_never_arrives_is_parked_at_its_deadline_after_finitely_many_attempts(
    seconds: int, jitter: float
) -> None:
    now, deadline, attempts = NOW, NOW + timedelta(seconds=seconds), 0
    while True:
        attempts += 1
        then = backoff.next_attempt(attempts=attempts, now=now, deadline=deadline, jitter=jitter)
        if then is None:
            break
        assert then > now
        now = then
    assert now == deadline
    assert attempts < 12


# ---------------------------------------------------------------- queries


def test_a_query_is_answered_at_once_and_both_halves_are_in_the_log(
    body: Participant, office: Counterpart, now: datetime
) -> None:
    office.answer = lambda self, one: self.signed(
        200, one.message.reply("taxpayer.query.reply", {"found": True, "voen": one.message.body["voen"]})
    )
    answer = actions.query(
        to=body, type="taxpayer.query", body={"voen": "1401555071"}, subject="PE-1", by=SYSTEM, now=now
    )
    assert answer == {"found": True, "voen": "1401555071"}
    [message] = queries.log_for(["PE-1"])
    assert message.status == Status.DELIVERED
    assert [one.part for one in queries.evidence_for(["PE-1"])] == [Part.REQUEST, Part.REPLY]
    assert not jobs()


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [(problem(503), False), (problem(404), True), (lambda o, one: (200, {}, b"{}"), False)],
)
def test_a_query_that_fails_says_whether_asking_again_can_help(
    answer: Any, permanent: bool, body: Participant, office: Counterpart, now: datetime
) -> None:
    office.answer = answering(answer)
    with pytest.raises(OutsideFailure) as caught:
        actions.query(to=body, type="taxpayer.query", body={}, subject="PE-1", by=SYSTEM, now=now)
    assert caught.value.permanent is permanent
    [message] = queries.log_for(["PE-1"])
    assert (message.status, message.attempts) == (Status.PARKED, 1)
    assert message.last_error


# ---------------------------------------------------------------- what was left lying


def test_a_message_that_waits_and_has_no_job_gets_one_again(body: Participant, now: datetime) -> None:
    old = now - timedelta(minutes=5)
    orphan, _behind_it, other = send(body, old), send(body, old), send(body, old, subject="CS-1")
    send(body, old, subject="CS-2")
    send(participant("other-office"), now)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    tasks.resume_messages(timestamp=0)
    # As many as may be under way at once; each finds what is next when it is done.
    assert [job.args["message_pk"] for job in jobs()] == [orphan.pk, other.pk]


def test_two_attempts_at_once_deliver_once_in_the_log(fresh_database: str, office: Counterpart, now: datetime) -> None:
    """A job that was taken for dead and is not: the recipient gets the message twice and knows it by its id."""
    message = send(participant("hazel-office", base_url=office.url), now)
    meeting = threading.Barrier(2, timeout=10)

    def together(self: Counterpart, one: Received) -> Answer:
        meeting.wait()
        return self.receipt(one)

    office.answer = together

    def attempt(_number: int) -> str:
        try:
            return actions.deliver(message_pk=message.pk, now=now).status
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(attempt, range(2))) == [Status.DELIVERED] * 2
    message.refresh_from_db()
    assert message.attempts == 1
    assert Evidence.objects.filter(message=message).count() == 2
    assert [event.name for event in history([message.reference])] == ["message.delivered"]
    assert len({one.message.id for one in office.received}) == 1
