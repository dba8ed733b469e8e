"""Delivery of the outbox, and the watch over jobs and messages that were left lying."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job

from azexport.exchange import turns
from azexport.exchange.models import Message

QUEUE = "exchange"
DELIVER = "exchange.deliver"
STALLED_AFTER = 15.0
"""Seconds without a sign of life after which a worker is taken for dead (see config/jobs.py)."""
OVERDUE_AFTER = timedelta(seconds=30)
AT_A_STRETCH = 0.5
"""Seconds for which a job goes on with its recipient's next messages before other jobs have their turn."""


class Patience(BaseRetryStrategy):
    """A job that could not even note its failure runs again a few times; when a message does is the action's to say."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        return RetryDecision(retry_in={"seconds": 5 * (job.attempts + 1)}) if job.attempts < 20 else None


def enqueue_delivery(messages: Sequence[Message], *, at: datetime | None = None) -> None:
    """Each message has a job, in the surrounding transaction: one statement for all of them.

    The job is for the message's recipient: it takes what is next for it (see turns).
    """
    app.job_manager.batch_defer_jobs(
        jobs=[
            Job(
                id=None,
                queue=QUEUE,
                task_name=DELIVER,
                lock=None,
                queueing_lock=None,
                scheduled_at=at,
                task_kwargs={"message_pk": message.pk},
            )
            for message in messages
        ]
    )


@app.task(name=DELIVER, queue=QUEUE, retry=Patience())
def deliver(message_pk: int) -> None:
    """What is next for the message's recipient is attempted, one after another for a moment; the rest has a job."""
    from azexport.exchange import actions

    recipient = Message.objects.values_list("participant", flat=True).get(pk=message_pk)
    begun = time.monotonic()
    while True:
        _attempted, following = actions.deliver_next(participant_id=recipient, now=timezone.now())
        if following is None:
            return
        if time.monotonic() - begun > AT_A_STRETCH:
            enqueue_delivery([following])
            return


@app.periodic(cron="* * * * * */5", periodic_id="resume")
@app.task(name="exchange.resume_stalled", queue=QUEUE, queueing_lock="exchange.resume_stalled", pass_context=True)
async def resume_stalled(context: JobContext, timestamp: int) -> None:
    """Jobs of every room whose worker died in the middle run again. So every task must bear to be run twice."""
    for job in await context.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        await context.app.job_manager.retry_job(job)


@app.periodic(cron="* * * * * */20", periodic_id="resume")
@app.task(name="exchange.resume_messages", queue=QUEUE, queueing_lock="exchange.resume_messages")
def resume_messages(timestamp: int) -> None:
    """Recipients for whom messages wait have jobs again, for whatever reason theirs were lost."""
    now = timezone.now()
    for recipient in turns.overdue(since=now - OVERDUE_AFTER):
        enqueue_delivery(list(turns.due(recipient, now=now)[: turns.AT_ONCE]))
