"""Letters go out."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

QUEUE = "mail"
OWN_TROUBLES = RetryStrategy(max_attempts=20, wait=5, linear_wait=5)
"""For the portal's own troubles; the mail server's are the action's."""


def enqueue_post(mail_pk: int, *, at: datetime | None = None) -> None:
    """The letter has a job, in the surrounding transaction."""
    post.configure(lock=f"mail:{mail_pk}", schedule_at=at).defer(mail_pk=mail_pk)


@app.task(name="notices.write_letters", queue=QUEUE, retry=OWN_TROUBLES)
def write_letters(notice_pk: int) -> None:
    """A notice becomes a letter to each of its organisation's people."""
    from azexport.notices import actions

    actions.write_letters(notice_pk=notice_pk, now=timezone.now())


@app.task(name="notices.post", queue=QUEUE, retry=OWN_TROUBLES)
def post(mail_pk: int) -> None:
    """One attempt at one letter."""
    from azexport.notices import actions

    actions.post(mail_pk=mail_pk, now=timezone.now())
