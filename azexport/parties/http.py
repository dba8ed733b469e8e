"""Who is signed in."""

from __future__ import annotations

from azexport.kernel.http import GetResponse
from django.http import HttpRequest, HttpResponse


class SignedInMember:
    """Sets `request.actor` to the signed-in member, or None."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = None  # type: ignore[attr-defined]
        return self.get_response(request)
