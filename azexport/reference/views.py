"""Looking codes up."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from azexport.kernel.http import PUBLIC, audience, kept
from azexport.reference import queries

MOST = 20


@audience(PUBLIC)
@require_safe
@kept(seconds=3600, personal=False)
def commodities(request: HttpRequest) -> HttpResponse:
    """`GET /reference/commodities?q=findiq` -> `{"results": [{"value": "080222", "label": "0802.22 …"}]}`.

    In the page's language. May be kept for an hour by anybody, and carries a validator.
    """
    found = queries.search_commodities(request.GET.get("q", ""), MOST)
    return JsonResponse(
        {"results": [{"value": row.code, "label": row.label} for row in found]},
        json_dumps_params={"ensure_ascii": False},
    )
