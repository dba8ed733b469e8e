"""Jobs: completing signatures, taking up lost ones, closing those not signed in time."""

from __future__ import annotations

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from azexport.kernel.errors import OutsideFailure
from azexport.signatures import actions
from azexport.signatures.errors import Refused

_RETRY = RetryStrategy(max_attempts=200, wait=3, retry_exceptions=[OutsideFailure, Refused])


@app.task(name="signatures.complete_signing", queue="signatures", retry=_RETRY)
def complete_signing(reference: str) -> None:
    """The signed document is there, or the signing has failed with its verdict."""
    actions.complete(reference, now=timezone.now())


def enqueue_completion(reference: str) -> None:
    """The completion is enqueued in the surrounding transaction; one at a time for each signing."""
    complete_signing.configure(lock=f"signing:{reference}").defer(reference=reference)


@app.periodic(cron="* * * * *")
@app.task(name="signatures.tidy", queue="signatures", queueing_lock="signatures.tidy")
def tidy(timestamp: int) -> None:
    """Requests not signed in time are expired; completions whose worker was killed are enqueued again."""
    now = timezone.now()
    actions.expire(now)
    actions.give_up(now)
    for reference in actions.unfinished(now):
        try:
            complete_signing.configure(queueing_lock=f"again:{reference}").defer(reference=reference)
        except AlreadyEnqueued:
            continue
