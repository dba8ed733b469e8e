"""What the portal itself does with a case: confirms or rejects a result, announces what is late."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from azexport.calendar import queries as calendar
from azexport.cases import words
from azexport.cases.actions.transitions import changed, locked
from azexport.cases.lifecycle import TABLE
from azexport.cases.models import Case
from azexport.kernel.actor import Actor
from azexport.kernel.text import Text
from azexport.lifecycle import announce, settle


@transaction.atomic
def confirm_result(*, case_reference: str, document: Any, by: Actor, now: datetime) -> Case:
    """The document that the body granted has passed the checks and is the case's result."""
    case = locked(case_reference)
    case.result_document = document
    changed(case, "result_document")
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


@transaction.atomic
def tell_overdue(*, by: Actor, now: datetime) -> int:
    """Each open case whose term has run out is announced as overdue, once for each due day.

    Returns:
        How many were announced.
    """
    late = calendar.overdue(on=calendar.today(now))
    told = 0
    rows = Case.objects.open().for_page().select_for_update(of=("self",)).filter(reference__in=late).order_by("id")
    for case in rows:
        if case.overdue_told_on == late[case.reference]:
            continue
        case.overdue_told_on = late[case.reference]
        changed(case, "overdue_told_on")
        announce("case.overdue", case, by=by, now=now, data={"due_on": str(case.overdue_told_on)})
        words.tell(case, "case.overdue", by=by, now=now)
        told += 1
    return told
