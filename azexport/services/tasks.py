"""What the services leave to the worker."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from azexport.services.actions import discussions


@app.periodic(cron="*/10 * * * *")
@app.task(name="services.close_discussions", queueing_lock="services.close_discussions")
def close_discussions(timestamp: int) -> None:
    """Public discussions whose last day is over have ended (S9.7)."""
    discussions.close_due(now=timezone.now())
