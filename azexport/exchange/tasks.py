"""Delivery of the outbox, and the watch over jobs and messages that were left lying."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job

from azexport.exchange.models import Message
from azexport.exchange.states import WAITING, Direction

QUEUE = "exchange"
DELIVER = "exchange.deliver"
STALLED_AFTER = 15.0
"""Seconds without a sign of life after which a worker is taken for dead (see config/jobs.py)."""
OVERDUE_AFTER = timedelta(seconds=30)


class NotYet(Exception):
    """The attempt failed and the message is to be tried again at that time."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"again at {at.isoformat()}")
        self.at = at


class Patience(BaseRetryStrategy):
    """The same job runs again, so that it keeps its place before later messages about its subject.

    When a message is tried again is the action's to say; the portal's own troubles are tried again a few times.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, NotYet):
            return RetryDecision(retry_at=exception.at)
        if job.attempts >= 20:
            return None
        return RetryDecision(retry_in={"seconds": 5 * (job.attempts + 1)})


def lock_of(message: Message) -> str:
    """Messages of one subject to one participant leave one after another, in the order in which they were sent."""
    return f"exchange:{message.participant_id}:{message.subject}"


def enqueue_delivery(messages: Sequence[Message]) -> None:
    """Each message has a job, in the surrounding transaction: one statement for all of them."""
    app.job_manager.batch_defer_jobs(
        jobs=[
            Job(
                id=None,
                queue=QUEUE,
                task_name=DELIVER,
                lock=lock_of(message),
                queueing_lock=None,
                task_kwargs={"message_pk": message.pk},
            )
            for message in messages
        ]
    )


@app.task(name=DELIVER, queue=QUEUE, retry=Patience())
def deliver(message_pk: int) -> None:
    """One attempt at one message.

    Raises:
        NotYet: it failed; the worker runs the job again when it is time.
    """
    from azexport.exchange import actions

    message = actions.deliver(message_pk=message_pk, now=timezone.now())
    if message.status in WAITING:
        assert message.next_attempt_at is not None
        raise NotYet(message.next_attempt_at)


@app.periodic(cron="* * * * * */5", periodic_id="resume")
@app.task(name="exchange.resume_stalled", queue=QUEUE, queueing_lock="exchange.resume_stalled", pass_context=True)
async def resume_stalled(context: JobContext, timestamp: int) -> None:
    """Jobs of every room whose worker died in the middle run again. So every task must bear to be run twice."""
    for job in await context.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        await context.app.job_manager.retry_job(job)


@app.periodic(cron="* * * * * */20", periodic_id="resume")
@app.task(name="exchange.resume_messages", queue=QUEUE, queueing_lock="exchange.resume_messages")
def resume_messages(timestamp: int) -> None:
    """Messages that wait and have no job, for whatever reason, have one again."""
    overdue = {
        message.pk: message
        for message in Message.objects.filter(
            direction=Direction.OUT,
            status__in=WAITING,
            next_attempt_at__lt=timezone.now() - OVERDUE_AFTER,
        ).order_by("pk")[:500]
    }
    if not overdue:
        return
    busy = ProcrastinateJob.objects.filter(
        task_name=DELIVER, status__in=["todo", "doing"], args__message_pk__in=list(overdue)
    ).values_list("args__message_pk", flat=True)
    for pk in busy:
        overdue.pop(pk, None)
    if overdue:
        enqueue_delivery(list(overdue.values()))
