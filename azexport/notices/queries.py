"""Reading notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from azexport.kernel.errors import Missing
from azexport.notices.models import Notice

if TYPE_CHECKING:
    from azexport.parties.models import Organisation

PAGE = 20
MOST_COUNTED = 100
"""The header never counts further: nobody reads a larger number, and counting it would cost."""


@dataclass(frozen=True)
class NoticePage:
    """One page of notices, newest first, and the keys of the pages beside it (None: there is none)."""

    notices: Sequence[Notice]
    newer: int | None
    older: int | None


def unread_count(organisation: Organisation) -> int:
    """How many notices nobody of the organisation has opened; 100 stands for all larger numbers."""
    return Notice.objects.filter(organisation=organisation, read_at__isnull=True).order_by()[:MOST_COUNTED].count()


def page(
    organisation: Organisation, *, unread: bool = False, before: int | None = None, after: int | None = None
) -> NoticePage:
    """The organisation's notices older than the key `before`, or newer than `after`, or the newest: one statement."""
    rows: QuerySet[Notice] = Notice.objects.filter(organisation=organisation)
    if unread:
        rows = rows.filter(read_at__isnull=True)
    if after is not None:
        found = list(rows.filter(id__gt=after).order_by("id")[: PAGE + 1])
        more = len(found) > PAGE
        shown = found[:PAGE][::-1]
        return NoticePage(shown, shown[0].pk if shown and more else None, shown[-1].pk if shown else None)
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows.order_by("-id")[: PAGE + 1])
    shown = found[:PAGE]
    older = shown[-1].pk if len(found) > PAGE else None
    return NoticePage(shown, shown[0].pk if shown and before is not None else None, older)


def notice_of(organisation: Organisation, reference: str) -> Notice:
    """Raises Missing where the organisation has no such notice."""
    notice = Notice.objects.filter(organisation=organisation, reference=reference).first()
    if notice is None:
        raise Missing
    return notice
