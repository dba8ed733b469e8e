"""Housekeeping of the door."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore
from procrastinate.contrib.django import app


@app.periodic(cron="17 3 * * *")
@app.task(name="parties.forget_sessions", queueing_lock="parties.forget_sessions")
def forget_sessions(timestamp: int) -> None:
    """Sessions that have run out are gone (S13.1: nothing is kept longer than it is needed)."""
    SessionStore.clear_expired()
