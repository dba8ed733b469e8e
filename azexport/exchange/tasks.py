"""Delivery of the outbox, and the watch over jobs and messages that were left lying."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from procrastinate import RetryStrategy
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


def lock_of(message_pk: int) -> str:
    """The lock under which attempts at one message never run side by side."""
    return f"message:{message_pk}"


def enqueue_delivery(pks: Sequence[int], *, at: datetime | None = None) -> None:
    """Each message has a job, in the surrounding transaction: one statement for all of them."""
    app.job_manager.batch_defer_jobs(
        jobs=[
            Job(
                id=None,
                queue=QUEUE,
                task_name=DELIVER,
                lock=lock_of(pk),
                queueing_lock=None,
                scheduled_at=at,
                task_kwargs={"message_pk": pk},
            )
            for pk in pks
        ]
    )


@app.task(name=DELIVER, queue=QUEUE, retry=RetryStrategy(max_attempts=20, wait=5, linear_wait=5))
def deliver(message_pk: int) -> None:
    """One attempt at one message. The retry here is for the portal's own troubles; the recipient's are the action's."""
    from azexport.exchange import actions

    actions.deliver(message_pk=message_pk, now=timezone.now())


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
    orphans = list(
        Message.objects.filter(
            direction=Direction.OUT,
            status__in=WAITING,
            next_attempt_at__lt=timezone.now() - OVERDUE_AFTER,
        ).values_list("pk", flat=True)[:500]
    )
    if not orphans:
        return
    locks = [lock_of(pk) for pk in orphans]
    busy = set(
        ProcrastinateJob.objects.filter(lock__in=locks, status__in=["todo", "doing"]).values_list("lock", flat=True)
    )
    enqueue_delivery([pk for pk in orphans if lock_of(pk) not in busy])
