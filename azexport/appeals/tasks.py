"""Jobs of this room."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from azexport.appeals import actions
from azexport.kernel.actor import SYSTEM


@app.periodic(cron="*/10 * * * *")
@app.task(name="appeals.tell_overdue", queueing_lock="appeals.tell_overdue", pass_context=False)
def tell_overdue(timestamp: int) -> None:
    """Letters whose term has run out are announced, and officers warned of those whose term is about to."""
    now = timezone.now()
    actions.tell_overdue(by=SYSTEM, now=now)
    actions.warn_of_term(by=SYSTEM, now=now)
