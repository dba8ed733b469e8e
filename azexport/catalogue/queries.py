"""Reading goods: an organisation's own, and everybody's published ones."""

from __future__ import annotations

from django.db import connection
from django.db.models import QuerySet

from azexport.catalogue.models import Good
from azexport.catalogue.states import GoodStatus
from azexport.kernel.errors import Missing
from azexport.parties.models import Organisation


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
