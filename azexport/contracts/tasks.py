"""What contracts leave to the worker."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from azexport.contracts import actions


@app.periodic(cron="*/10 * * * *")
@app.task(name="contracts.lapse", queueing_lock="contracts.lapse")
def lapse(timestamp: int) -> None:
    """Contracts nobody came to sign have lapsed."""
    actions.lapse_expired(now=timezone.now())
