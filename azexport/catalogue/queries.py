"""Reading goods: an organisation's own, and everybody's published ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from azexport.catalogue.models import Good
from azexport.catalogue.states import GoodStatus
from azexport.kernel.errors import Missing
from azexport.parties.models import Organisation

PAGE = 20


def goods_of(organisation: Organisation) -> QuerySet[Good]:
    """The organisation's goods, newest first."""
    return Good.objects.filter(organisation=organisation).select_related("commodity", "unit", "region").order_by("-id")


def good_of(organisation: Organisation, reference: str) -> Good:
    """One of the organisation's own goods. Raises Missing, for another's too."""
    found = goods_of(organisation).filter(reference=reference).first()
    if found is None:
        raise Missing
    return found


def published() -> QuerySet[Good]:
    """What everybody may see, newest first, with its producer's organisation."""
    return (
        Good.objects.filter(status=GoodStatus.PUBLISHED)
        .select_related("commodity", "unit", "region", "organisation")
        .order_by("-id")
    )


def published_good(reference: str) -> Good:
    """Raises Missing for a good that is not published."""
    found = published().filter(reference=reference).first()
    if found is None:
        raise Missing
    return found


def matching(goods: QuerySet[Good], text: str) -> QuerySet[Good]:
    """Those whose names, description, producer or HS code hold every word of the text, marks of letters aside."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT az_fold(%s)", [text[:200]])
        (folded,) = cursor.fetchone()
    for word in folded.split()[:8]:
        goods = goods.extra(where=["catalogue_good.folded LIKE %s"], params=[f"%{word}%"])
    return goods


@dataclass(frozen=True)
class Page:
    """One page of a list that is paged by key: its rows, and the references to go on from (None: no further page)."""

    rows: Sequence[Good]
    newer: str | None
    older: str | None


def page(goods: QuerySet[Good], *, before: str = "", after: str = "", size: int = PAGE) -> Page:
    """The goods older than `before`, or newer than `after` (references), or the newest; never counted."""
    forwards = bool(after) and not before
    key = _key(before or after)
    if key is not None:
        goods = goods.filter(pk__gt=key) if forwards else goods.filter(pk__lt=key)
    rows = list(goods.order_by("id" if forwards else "-id")[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if forwards:
        rows.reverse()
    newer = more if forwards else key is not None
    older = key is not None if forwards else more
    return Page(
        rows,
        newer=rows[0].reference if rows and newer else None,
        older=rows[-1].reference if rows and older else None,
    )


def _key(reference: str) -> int | None:
    if not reference:
        return None
    return Good.objects.filter(reference=reference).values_list("pk", flat=True).first()


def last_change() -> datetime | None:
    """When any good was last added, changed, published or taken back: the validator of the public pages."""
    return Good.objects.order_by("-changed_at").values_list("changed_at", flat=True).first()
