"""The HTTP edge: who a page is for, how an error looks, which headers every answer carries."""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from azexport.kernel.errors import AzexportError, Missing, NotAllowed, RuleViolated

log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])
GetResponse = Callable[[HttpRequest], HttpResponse]


class Audience(Enum):
    """Whom a view is for. A view that declares none is open to nobody."""

    PUBLIC = "public"
    SIGNED_IN = "signed-in"
    """Everybody who is signed in, whomever they act for."""
    TRADER = "trader"
    """Who acts for a taxpayer or for a partner abroad: the parties to an export (P1.3.3)."""
    OFFICER = "officer"
    """Who acts for a public body."""
    PARTICIPANT = "participant"
    """A participant's system: the view itself verifies the message signature."""


PUBLIC, SIGNED_IN, PARTICIPANT = Audience.PUBLIC, Audience.SIGNED_IN, Audience.PARTICIPANT
TRADER, OFFICER = Audience.TRADER, Audience.OFFICER
_ANYBODY = (PUBLIC, PARTICIPANT)


def audience(who: Audience) -> Callable[[View], View]:
    """Declares whom a view is for."""

    def declare(view: View) -> View:
        view.audience = who  # type: ignore[attr-defined]
        return view

    return declare


class AudienceGate:
    """Denies by default: lets a request through only where the view's declared audience admits it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        # What is raised here passes by `process_exception`: refusals are answered.
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return refusal(request, Missing())  # no reference and no text has it, and the database takes none
        who = getattr(view, "audience", None)
        if who is None:
            log.error("the view of %s declares no audience", request.path)
            return refusal(request, NotAllowed())
        if who in _ANYBODY:
            return None
        actor = getattr(request, "actor", None)
        if actor is None:
            if wants_json(request) or request.headers.get("HX-Request"):
                return refusal(request, NotAllowed())
            goal = request.get_full_path() if request.method == "GET" else request.path
            return HttpResponseRedirect(f"{reverse('sign_in')}?{urlencode({'next': goal})}")
        return None if who in actor.audiences else refusal(request, NotAllowed())


class ErrorPages:
    """The one place where expected refusals become pages, or problem details (RFC 9457) for machines."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, AzexportError):
            return None
        return refusal(request, exception)


def refusal(request: HttpRequest, error: AzexportError) -> HttpResponse:
    """The refusal as a page, or as problem details for a program."""
    return problem(error) if wants_json(request) else _page(request, error)


def wants_json(request: HttpRequest) -> bool:
    """Whether the caller is a program: it sends or accepts JSON and not HTML."""
    accepts = request.headers.get("Accept", "")
    return "json" in (request.content_type or "") or ("json" in accepts and "html" not in accepts)


def problem(error: AzexportError) -> JsonResponse:
    """The error as RFC 9457 problem details."""
    body: dict[str, Any] = {
        "type": f"urn:azexport:problem:{error.code}",
        "title": str(error.message),
        "status": error.status,
        "code": error.code,
    }
    if isinstance(error, RuleViolated):
        body["violations"] = [
            {"code": one.code, "field": one.field, "message": str(one.message)} for one in error.violations
        ]
    return JsonResponse(body, status=error.status, content_type="application/problem+json")


def _page(request: HttpRequest, error: AzexportError) -> HttpResponse:
    if isinstance(error, Missing):
        said = error if error.message is not Missing.message else None
        return render(request, "404.html", {"error": said}, status=404)
    template = f"{error.status}.html" if error.status in (403, 409, 422) else "500.html"
    return render(request, template, {"error": error}, status=error.status)


class AzerbaijaniFirst:
    """The portal speaks Azerbaijani until somebody chooses otherwise, whatever their browser was set up with."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.META.pop("HTTP_ACCEPT_LANGUAGE", None)
        return self.get_response(request)


class SecurityHeaders:
    """No inline script, no foreign origin, no framing but our own (ASVS 5.0 V3.4)."""

    POLICY = (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "frame-ancestors 'self'; form-action 'self'"
    )

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.POLICY)
        response.headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if getattr(request, "actor", None) is not None:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def caller_address(request: HttpRequest) -> str:
    """The caller's network address: behind our proxy the last hop that it names, as those before can be made up."""
    if settings.BEHIND_PROXY and (hops := request.headers.get("X-Forwarded-For")):
        return hops.rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400"""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403"""
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form was sent from a page that is too old, or not ours."""
    return render(request, "403.html", {"stale_form": True}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404"""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500"""
    return render(request, "500.html", status=500)
