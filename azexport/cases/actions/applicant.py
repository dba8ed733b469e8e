"""What an applicant does with a case: answers the body, withdraws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from azexport.cases import words
from azexport.cases.actions.transitions import changed, close, locked, run_on, tell_provider
from azexport.cases.lifecycle import TABLE
from azexport.cases.models import Case
from azexport.documents import actions as documents
from azexport.exchange import protocol
from azexport.kernel.actor import Actor
from azexport.lifecycle import settle

ANSWER_FILE = "case-answer-file"
"""Kind of document: a file that an applicant supplied at a body's request."""


@dataclass(frozen=True)
class SuppliedFile:
    """A file that the applicant hands over."""

    name: str
    media_type: str
    content: bytes


@transaction.atomic
def supply_information(
    *, case: Case, answers: Mapping[str, Any], files: Sequence[SuppliedFile], by: Actor, now: datetime
) -> Case:
    """The body has the answers to its open request, and the clock runs again.

    Raises:
        IllegalTransition: nothing is asked (any more).
        RuleViolated: a question is not answered.
    """
    case = locked(case.reference)
    request = case.requests.filter(answered_at__isnull=True).first()
    asked = [one for one in request.questions if one["kind"] != "file"] if request else []
    settle(case, "supply_information", table=TABLE, by=by, now=now,
           data={"questions": asked, "answers": dict(answers)})  # fmt: skip
    assert request is not None
    stored = [
        documents.store(
            kind=ANSWER_FILE, title={"az": one.name, "en": one.name}, content=one.content, media_type=one.media_type,
            by=by, now=now,
        )
        for one in files
    ]  # fmt: skip
    request.answers = dict(answers)
    request.documents = [
        {"reference": document.reference, "name": one.name} for document, one in zip(stored, files, strict=True)
    ]
    request.answered_at, request.answered_by = now, by.actor_id
    request.save(update_fields=["answers", "documents", "answered_at", "answered_by"])
    changed(case, *run_on(case, now=now))
    body = {
        "case": case.reference, "request": request.request, "answers": dict(answers),
        "documents": [protocol.stored(one["reference"], name=one["name"]) for one in request.documents],
    }  # fmt: skip
    tell_provider(case, "case.information_supplied", "desk.information_supplied", body, by=by, now=now)
    words.tell(case, "case.information_supplied", by=by, now=now, email=False)
    return case


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
