"""Granting with a result that the portal itself knows: on the desk, automatically, by silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from azexport.calendar import queries as calendar
from azexport.cases import words
from azexport.cases.actions.transitions import changed, close
from azexport.cases.lifecycle import TABLE
from azexport.cases.models import Case, RegisterEntry
from azexport.cases.results import Result, search_text
from azexport.kernel.actor import Actor
from azexport.lifecycle import announce, settle

if TYPE_CHECKING:
    from azexport.documents.models import Document


def grant_with(
    case: Case, result: Result, *, transition: str, document: Document | None, by: Actor, now: datetime,
    held: Sequence[str] = (), mark: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """The locked case is granted: its decision, its document, its entry in the public register, the notice.

    Args:
        held: fields of the holder that were set and wait to be written.
        mark: what else the decision says, such as `{"silence": {…}}`.
    """
    case.decision = {"result": result.as_data(), **(mark or {})}
    # Only the result's own data go into the event: a handler that wants a file finds it by the document.
    data = {"result": result.as_data(), "document_reference": document.reference if document else "", **(mark or {})}
    if result.officer.get("name"):
        data["officer"] = result.officer
    case.result_document = document
    # Before the transition: who hears of it may read the case again.
    case.save(update_fields=["decision", "result_document", *held])
    settle(case, transition, table=TABLE, by=by, now=now, data=data)
    if case.regulation.regulation.register is not None:
        _enter(case, result, now=now)
        announce("case.registered", case, by=by, now=now, data={"number": result.number})
    close(case, by=by, now=now)
    changed(case, "paper")
    words.tell(case, _news(mark, document), by=by, now=now)


def _news(mark: Mapping[str, Any] | None, document: Document | None) -> str:
    if mark and "silence" in mark:
        return "case.granted_by_silence"
    return "case.issued" if document is not None else "case.granted_without_document"


def _enter(case: Case, result: Result, *, now: datetime) -> None:
    entry = RegisterEntry(
        case=case, service=case.regulation.service, number=result.number, holder=case.organisation.name,
        data=result.columns, valid_from=result.valid_from or calendar.today(now), valid_until=result.valid_until,
        created_at=now,
    )  # fmt: skip
    entry.search_text = search_text(entry)
    entry.save(force_insert=True)
