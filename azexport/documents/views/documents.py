"""Opening a document."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from azexport.documents import queries
from azexport.documents.states import DocumentStatus
from azexport.kernel.http import SIGNED_IN, audience

_POLICY = "default-src 'self'; style-src 'unsafe-inline'; object-src 'self'; base-uri 'none'; frame-ancestors 'self'"
"""The browser's own PDF viewer styles itself; nothing else can be in these bytes."""


@audience(SIGNED_IN)
@require_safe
def download(request: HttpRequest, reference: str) -> HttpResponse:
    """The bytes: PDF in the browser's viewer, anything else as a file to save.

    What was renewed begins with these very bytes and can be verified for longer: it is what is opened.
    """
    document = queries.readable(reference, request.actor)  # type: ignore[attr-defined]
    newest = queries.as_renewed(document) if document.status == DocumentStatus.SUPERSEDED else document
    if newest.pk != document.pk:
        return redirect("document", newest.reference)
    tag = f'"{document.sha256}"'
    response: HttpResponse
    if tag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(queries.content(document), content_type=document.media_type)
        where = "inline" if document.media_type == "application/pdf" else "attachment"
        response["Content-Disposition"] = f'{where}; filename="{document.file_name}"'
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    response["Content-Security-Policy"] = _POLICY
    return response
