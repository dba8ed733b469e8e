"""The answer to a body's request for more on paper: exactly what was asked and answered, in both languages."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _g

from azexport.cases.filings.printing import identified_by, in_both
from azexport.documents import queries as documents
from azexport.kernel import formats
from azexport.kernel.text import Text, both, pick

if TYPE_CHECKING:
    from azexport.cases.models import Case, FurtherInformationRequest
    from azexport.kernel.actor import Actor

TEMPLATE = "cases/answer.typ"
TO_SIGN = both("Quruma cavab rəhbərin imzasını gözləyir", "An answer to a body waits for the head's signature")


def title(case: Case) -> Text:
    """What the answer's PDF is called wherever it is listed."""
    name = case.regulation.name
    return both(
        f"Əlavə məlumat, iş {case.reference}: {pick(name, 'az')}",
        f"Further information, case {case.reference}: {pick(name, 'en')}",
    )


def to_sign(case: Case, by: Actor) -> Text:
    """What the head is told of an answer that an officer has written."""
    name = case.regulation.name
    return both(
        f"{pick(name, 'az')}: {case.reference}. Hazırlayan: {by.actor_name}.",
        f"{pick(name, 'en')}: {case.reference}. Prepared by {by.actor_name}.",
    )


def public_facts(case: Case) -> list[dict[str, Any]]:
    """What anybody who holds a copy may read."""
    return [
        {"label": both("İşin nömrəsi", "Case number"), "value": case.reference},
        {"label": both("Müraciət edən", "Applicant"), "value": pick(case.organisation.name, "az")},
        {"label": both("Xidmət", "Service"), "value": pick(case.regulation.name, "az")},
    ]


def data(case: Case, request: FurtherInformationRequest) -> dict[str, Any]:
    """What machines read, inside the PDF."""
    return {
        "case": case.reference,
        "request": request.request,
        "questions": request.questions,
        "answers": request.answers_drafted(),
        "documents": [{"id": item, "name": name, "sha256": sha256} for item, name, sha256 in _files(request)],
    }


def page(case: Case, request: FurtherInformationRequest, *, signer: Actor, now: datetime) -> dict[str, Any]:
    """What the template prints."""
    party = case.organisation
    label, number = identified_by(party)
    given = request.answers_drafted()
    return {
        "case": case.reference,
        "application": case.application_reference,
        "body_reference": case.body_reference,
        "date": in_both(lambda: formats.date_(now)),
        "asked_on": in_both(lambda: formats.date_(request.created_at)),
        "asked_by": request.officer_name,
        "service": case.regulation.name,
        "provider": case.provider.name,
        "reason": request.reason or None,
        "applicant": {
            "name": party.name,
            "identified": {"label": label, "value": number},
            "address": party.address or "",
            "representative": signer.actor_name,
        },
        "rows": [
            {"label": one["label"], "value": in_both(partial(shown, one["kind"], given[one["id"]]))}
            for one in request.questions
        ],
        "files": [[name, sha256] for _item, name, sha256 in _files(request)],
    }


def shown(kind: str, value: Any) -> str:
    """An answer as it is read, in the page's language."""
    if isinstance(value, bool):
        return _g("Yes") if value else _g("No")
    if kind == "number" and value not in (None, ""):
        return formats.number(Decimal(value))
    if kind == "date" and value:
        return formats.date_(date.fromisoformat(value))
    return str(value or "–")


def _files(request: FurtherInformationRequest) -> list[tuple[str, str, str]]:
    """(item, name, SHA-256) of each drafted file."""
    return [
        (one["item"], one["name"], documents.by_reference(one["reference"]).sha256) for one in request.drafted_files
    ]
