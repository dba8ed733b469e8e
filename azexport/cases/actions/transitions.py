"""What the actions on a case share: its lock, its clock, its steps."""

from __future__ import annotations

from datetime import datetime

from azexport.calendar import queries as calendar
from azexport.calendar.models import Clock
from azexport.cases.models import Case, StepRecord
from azexport.kernel.errors import Missing


def locked(reference: str) -> Case:
    case = Case.objects.for_page().select_for_update(of=("self",)).filter(reference=reference).first()
    if case is None:
        raise Missing
    return case


def changed(case: Case, *fields: str) -> None:
    case.changes += 1
    case.save(update_fields=[*fields, "changes"])


def clock_of(case: Case) -> Clock:
    return calendar.clocks_for([case.reference])[case.reference]


def end_step(case: Case, now: datetime) -> None:
    StepRecord.objects.filter(case=case, finished_at__isnull=True).update(finished_at=now)
