"""Jobs of this room."""

from __future__ import annotations

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from azexport.cases import actions
from azexport.kernel.actor import SYSTEM
from azexport.kernel.errors import OutsideFailure
from azexport.signatures.errors import Refused

_RETRY = RetryStrategy(max_attempts=200, wait=3, retry_exceptions=[OutsideFailure, Refused])


@app.task(name="cases.decide", queue="signatures", retry=_RETRY)
def decide(reference: str) -> None:
    """The case of an automatic service is decided (S-A1 1.6)."""
    actions.decide(reference=reference, by=SYSTEM, now=timezone.now())


def enqueue_decision(reference: str) -> None:
    """The decision is enqueued in the surrounding transaction; one at a time for each case."""
    decide.configure(lock=f"decide:{reference}").defer(reference=reference)


@app.periodic(cron="*/10 * * * *")
@app.task(name="cases.tell_overdue", queueing_lock="cases.tell_overdue", pass_context=False)
def tell_overdue(timestamp: int) -> None:
    """Cases whose term has run out are announced, and officers warned of terms and steps that are about to."""
    now = timezone.now()
    actions.tell_overdue(by=SYSTEM, now=now)
    actions.warn_of_term(by=SYSTEM, now=now)
    actions.warn_of_silence(by=SYSTEM, now=now)


@app.periodic(cron="5,15,25,35,45,55 * * * *")
@app.task(name="cases.hear_silence", queueing_lock="cases.hear_silence", pass_context=False)
def hear_silence(timestamp: int) -> None:
    """What a body's silence means has come about: an opinion deemed given, a case granted."""
    now = timezone.now()
    actions.deem_agreed(by=SYSTEM, now=now)
    actions.grant_silent(by=SYSTEM, now=now)
