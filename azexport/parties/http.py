"""Who is signed in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from azexport.kernel.errors import NotAllowed
from azexport.kernel.http import GetResponse
from azexport.parties import queries
from azexport.parties.models import Member


class SignedInMember:
    """Sets `request.actor` to the signed-in `Member`, or None. One query, and none for the anonymous."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = queries.member_for(request.session)  # type: ignore[attr-defined]
        return self.get_response(request)


def member_of(request: HttpRequest) -> Member:
    """Who is signed in, typed. Raises NotAllowed where nobody is."""
    member: Member | None = getattr(request, "actor", None)
    if member is None:
        raise NotAllowed
    return member
