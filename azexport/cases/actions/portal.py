"""What the portal itself does with a case: confirms or rejects a result, announces what is late."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from azexport.calendar import queries as calendar
from azexport.cases import words
from azexport.cases.actions.transitions import changed, locked
from azexport.cases.lifecycle import TABLE
from azexport.cases.models import Case, StepRecord
from azexport.cases.states import OPEN, STEP_CLOCK
from azexport.kernel.actor import Actor
from azexport.kernel.text import Text
from azexport.lifecycle import announce, settle


@transaction.atomic
def confirm_result(*, case_reference: str, document: Any, by: Actor, now: datetime) -> Case:
    """The document that the body granted has passed the checks and is the case's result."""
    case = locked(case_reference)
    case.result_document, case.checking = document, False
    changed(case, "result_document", "checking")
    announce("case.result_confirmed", case, by=by, now=now, data={"document": document.reference})
    words.tell(case, "case.granted", by=by, now=now)
    return case


@transaction.atomic
def reject_permit(*, case_reference: str, verdict: str, text: Text, by: Actor, now: datetime) -> Case:
    """What the body sent is not accepted, with the reason; the body may send another."""
    case = locked(case_reference)
    settle(case, "reject_permit", table=TABLE, by=by, now=now, data={"verdict": verdict, "text": dict(text)})
    case.verdict, case.verdict_text = verdict, dict(text)
    changed(case, "verdict", "verdict_text")
    words.tell(case, "case.permit_rejected", by=by, now=now, detail=text)
    return case


def tell_overdue(*, by: Actor, now: datetime) -> int:
    """Each open case whose term has run out is announced as overdue, once for each due day, to both sides.

    One transaction for each case: nobody waits for the others.

    Returns:
        How many were announced.
    """
    late = calendar.overdue(on=calendar.today(now))
    told = Case.objects.open().filter(reference__in=late).order_by("id").values_list("reference", "overdue_told_on")
    return sum(
        _tell_overdue(reference, late[reference], by=by, now=now)
        for reference, day in list(told)
        if day != late[reference]
    )


@transaction.atomic
def _tell_overdue(reference: str, due: date, *, by: Actor, now: datetime) -> bool:
    case = locked(reference)
    if case.status not in OPEN or case.overdue_told_on == due:
        return False
    case.overdue_told_on = due
    changed(case, "overdue_told_on")
    announce("case.overdue", case, by=by, now=now, data={"due_on": str(due)})
    words.tell(case, "case.overdue", by=by, now=now)
    words.tell_body(case.provider, "desk.overdue", case, by=by, now=now)
    return True


def warn_of_term(*, by: Actor, now: datetime) -> int:
    """The body's officers are warned of each open case that is due on the next working day, once for each due day.

    Returns:
        Of how many.
    """
    due = calendar.due_on(calendar.add_working_days(calendar.today(now), 1))
    rows = Case.objects.open().filter(reference__in=due).order_by("id").values_list("reference", "warned_on")
    return sum(
        _warn(reference, due[reference], by=by, now=now) for reference, day in list(rows) if day != due[reference]
    )


def warn_of_silence(*, by: Actor, now: datetime) -> int:
    """A consulted body's officers are warned of each step whose silence counts as agreement after the next working day.

    Once for each due day (2015 decree; S-A1 3.4.3).

    Returns:
        Of how many steps.
    """
    due = calendar.due_on(calendar.add_working_days(calendar.today(now), 1), name=STEP_CLOCK)
    asked = StepRecord.objects.filter(
        finished_at__isnull=True, participant__isnull=False, case__status__in=OPEN
    ).order_by("id").values_list("case__reference", "step", "warned_on")  # fmt: skip
    late = [
        (reference, step, due[f"{reference}/{step}"])
        for reference, step, warned in list(asked)
        if due.get(f"{reference}/{step}") not in (None, warned)
    ]
    return sum(_warn_of_silence(reference, step, day, by=by, now=now) for reference, step, day in late)


@transaction.atomic
def _warn_of_silence(reference: str, step: str, due: date, *, by: Actor, now: datetime) -> bool:
    case = locked(reference)
    record = StepRecord.objects.select_related("participant").filter(
        case=case, step=step, finished_at__isnull=True, participant__isnull=False
    ).first()  # fmt: skip
    if record is None or record.participant is None or case.status not in OPEN or record.warned_on == due:
        return False
    record.warned_on = due
    record.save(update_fields=["warned_on"])
    told = {"step": step, "body": record.participant.name, "due_on": str(due)}
    announce("case.opinion_ends", case, by=by, now=now, data=told)
    words.tell_body(record.participant, "desk.opinion_ends", case, by=by, now=now)
    return True


@transaction.atomic
def _warn(reference: str, due: date, *, by: Actor, now: datetime) -> bool:
    case = locked(reference)
    if case.status not in OPEN or case.warned_on == due:
        return False
    case.warned_on = due
    changed(case, "warned_on")
    announce("case.term_ends", case, by=by, now=now, data={"due_on": str(due)})
    words.tell_body(case.provider, "desk.term_ends", case, by=by, now=now)
    return True
