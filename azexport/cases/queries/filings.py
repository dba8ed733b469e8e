"""Reading applications for services: one's own only, in few statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from azexport.calendar import queries as calendar
from azexport.cases.models import Filing
from azexport.cases.queries.cases import PAGE, CaseView, views
from azexport.cases.states import FilingStatus
from azexport.documents import queries as documents
from azexport.documents.models import Paper
from azexport.kernel.errors import Missing
from azexport.services import queries as services

if TYPE_CHECKING:
    from azexport.services.models import RegulationVersion


@dataclass(frozen=True)
class FilingView:
    """One line of the history of use (S6.1.3): the application, and how its case stands once it is one."""

    filing: Filing
    case: CaseView | None


def filings_of(organisation: Any) -> QuerySet[Filing]:
    """The organisation's applications for services, newest first."""
    return Filing.objects.of(organisation).for_page().order_by("-id")


def filing(organisation: Any, reference: str) -> Filing:
    """The organisation's application.

    Raises:
        Missing: there is none, or it is somebody else's.
    """
    found = filings_of(organisation).filter(reference=reference).first()
    if found is None:
        raise Missing
    return found


def filing_page(
    organisation: Any, *, which: str = "all", before: str | None = None, now: datetime, size: int = PAGE
) -> tuple[list[FilingView], str | None]:
    """One page of the organisation's applications, newest first, and the key of the next page (None on the last)."""
    rows = filings_of(organisation).select_related("case__regulation", "case__provider", "case__organisation")
    if which == "sent":
        rows = rows.filter(status=FilingStatus.SUBMITTED)
    elif which == "drafts":
        rows = rows.exclude(status=FilingStatus.SUBMITTED)
    if before:
        rows = rows.filter(id__lt=Filing.objects.of(organisation).filter(reference=before).values("id")[:1])
    found = list(rows.defer("answers", "known", "case__answers", "case__facts", "case__decision")[: size + 1])
    following = found[size - 1].reference if len(found) > size else None
    return _with_cases(found[:size], now), following


def _with_cases(filings: Sequence[Filing], now: datetime) -> list[FilingView]:
    cases = [one.case for one in filings if one.case is not None]
    by_key = {view.case.pk: view for view in views(cases, now=now)} if cases else {}
    return [FilingView(one, by_key.get(one.case_id or 0)) for one in filings]


def filing_of_request(organisation: Any, key_digest: str) -> Filing | None:
    """What the organisation's machine filed under the idempotency key of this digest."""
    return Filing.objects.of(organisation).for_page().filter(request_key__startswith=f"{key_digest}:").first()


def prepared_for(reference: str) -> Filing | None:
    """What the portal prepared from this thing, and nobody deleted."""
    return Filing.objects.for_page().filter(prepared_for=reference).exclude(status=FilingStatus.ABANDONED).first()


def earlier(organisation: Any, service: str, limit: int = 5) -> list[Filing]:
    """Sent applications for the same service: a new one may begin as a copy."""
    rows = filings_of(organisation).filter(regulation__service=service, status=FilingStatus.SUBMITTED)
    return list(rows.defer("answers", "known")[:limit])


def open_drafts(organisation: Any, service: str) -> list[Filing]:
    """Drafts for the service that are not finished."""
    rows = filings_of(organisation).filter(regulation__service=service).exclude(status=FilingStatus.SUBMITTED)
    return list(rows.defer("answers", "known")[:5])


def newest_regulation(filing: Filing, on: date) -> RegulationVersion | None:
    """The version of the filing's regulation that is in force; None where the service is not provided any more."""
    return services.regulation(filing.regulation.service, on)


def paper_of(filing: Filing) -> Paper | None:
    """The newest paper that was put forward for signature."""
    return documents.paper(filing.paper) if filing.paper else None


def today(now: datetime) -> date:
    return calendar.today(now)


def filings_about(document: Any) -> list[Filing]:
    """The applications that the document is the paper of, or is attached to: a copy shares its files."""
    rows = Filing.objects.for_page().select_related("case__provider", "case__regulation")
    if document.kind == "filing":
        papers = Paper.objects.filter(document__code=document.code, purpose="filing")
        return list(rows.filter(reference__in=list(papers.values_list("subject", flat=True))))
    return list(rows.filter(documents__document_id=document.pk))
