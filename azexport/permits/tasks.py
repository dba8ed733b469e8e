"""Jobs of this room."""

from __future__ import annotations

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from azexport.kernel.actor import SYSTEM
from azexport.permits import actions

# Neither a certification centre that is down over a weekend nor a trouble of our own may lose a permit.
RETRY = RetryStrategy(max_attempts=220, wait=2, linear_wait=10)


@app.task(name="permits.check", retry=RETRY)
def check_permit(reference: str) -> None:
    """The permit is checked; see `actions.check`."""
    actions.check(reference=reference, by=SYSTEM, now=timezone.now())


def enqueue_check(reference: str) -> None:
    """The job exists if, and only if, the surrounding transaction commits."""
    check_permit.defer(reference=reference)
