"""Looking codes up."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from azexport.kernel.http import PUBLIC, audience
from azexport.reference import queries

MOST = 20


@audience(PUBLIC)
@require_safe
def commodities(request: HttpRequest) -> HttpResponse:
    """`GET /reference/commodities?q=findiq` -> `{"results": [{"value": "080222", "label": "0802.22 …"}]}`.

    In the page's language. May be kept for an hour by anybody, and carries a validator.
    """
    found = queries.search_commodities(request.GET.get("q", ""), MOST)
    response: HttpResponse = JsonResponse(
        {"results": [{"value": row.code, "label": row.label} for row in found]},
        json_dumps_params={"ensure_ascii": False},
    )
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponseNotModified()
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, max-age=3600"
    patch_vary_headers(response, ("Accept-Language", "Cookie"))
    return response
