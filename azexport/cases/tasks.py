"""Jobs of this room."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from azexport.cases import actions
from azexport.kernel.actor import SYSTEM


@app.periodic(cron="*/10 * * * *")
@app.task(name="cases.tell_overdue", queueing_lock="cases.tell_overdue", pass_context=False)
def tell_overdue(timestamp: int) -> None:
    """Cases whose term has run out are announced."""
    actions.tell_overdue(by=SYSTEM, now=timezone.now())
