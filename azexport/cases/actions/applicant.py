"""What an applicant does with a case besides answering the body: withdraws it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from azexport.cases import words
from azexport.cases.actions.transitions import changed, close, locked, tell_provider
from azexport.cases.lifecycle import TABLE
from azexport.cases.models import Case
from azexport.kernel.actor import Actor
from azexport.lifecycle import settle


@transaction.atomic
def withdraw(*, case: Case, by: Actor, now: datetime) -> Case:
    """The applicant wants it no more; the body is told."""
    case = locked(case.reference)
    settle(case, "withdraw", table=TABLE, by=by, now=now)
    close(case, by=by, now=now)
    changed(case, "paper")
    tell_provider(case, "case.withdrawn", "desk.withdrawn", {"case": case.reference}, by=by, now=now)
    words.tell(case, "case.withdrawn", by=by, now=now)
    return case
