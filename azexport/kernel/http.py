"""The HTTP edge: who a page is for, how an error looks, which headers every answer carries."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from enum import Enum
from functools import cache, wraps
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import activate, get_language

from azexport.kernel.errors import AzexportError, Missing, NotAllowed, RuleViolated

log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])
GetResponse = Callable[[HttpRequest], HttpResponse]
_FOR_EVERYBODY = "azexport_for_everybody"
"""The mark of an answer that depends on no cookie."""


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
    """Whether the caller is a program: it asks the API, or sends or accepts JSON and not HTML."""
    if request.path.startswith("/api/"):
        return True
    # Who only reads sends nothing: no cache tells answers apart by the type of what was not sent.
    sent = "" if request.method in ("GET", "HEAD") else request.content_type or ""
    accepts = request.headers.get("Accept", "")
    return "json" in sent or ("json" in accepts and "html" not in accepts)


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


class ChosenLanguage:
    """The portal speaks Azerbaijani until somebody chooses otherwise, whatever their browser was set up with."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


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
        if response.cookies and "public" in response.headers.get("Cache-Control", ""):
            # A token or a session is this visitor's own, whatever the view believed of its answer.
            response.headers["Cache-Control"] = "private, no-store"
        if getattr(response, _FOR_EVERYBODY, False):
            del response.headers["Vary"]
        else:
            patch_vary_headers(response, ["Cookie"])  # it names who is signed in, and the language
        return response


# ---------------------------------------------------------------- what may be kept


def etag(*parts: object) -> str:
    """The validator of what is made of these parts and of nothing else, told apart whatever is in them."""
    return f'"{hashlib.sha256(repr([str(part) for part in parts]).encode()).hexdigest()[:32]}"'


def kept(
    known: Callable[..., Iterable[object]] | None = None,
    *,
    seconds: int = 60,
    personal: bool = True,
    worded: bool = True,
    vary: Iterable[str] = (),
) -> Callable[[View], View]:
    """The view's answer may be kept by browsers and by caches on the way, then is asked about (S4.3).

    Who is signed in gets an answer of their own, which nobody keeps; everybody else in one language the same bytes.
    No answer outlives its day: terms end and regulations begin at midnight. Put it under the view's `audience`.

    Args:
        known: from the view's arguments what the answer is made of besides the address, the language and the day;
            asked before the view, which then need not run for who has the answer. None: the answer itself is compared.
        seconds: how long it is not even asked about.
        personal: it shows who is signed in. worded: it is in the visitor's language. Where it is neither, it is one
            answer for everybody.
        vary: the other request headers that it depends on.
    """

    vary = list(vary)
    for_everybody = not (personal or worded or vary)

    def declare(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **given: Any) -> HttpResponse:
            if personal and (getattr(request, "actor", None) is not None or request.COOKIES.get("messages")):
                mine: HttpResponse = view(request, *args, **given)
                return mine
            tag: str | None = None
            response: HttpResponse | None = None
            if known is not None:
                seen = [request.headers.get(name, "") for name in vary]
                where = (request.get_full_path(), get_language() if worded else "", *seen)
                tag = etag(_release(), timezone.localdate(), *where, *known(request, *args, **given))
                response = get_conditional_response(request, etag=tag)
            response = response or view(request, *args, **given)
            if response.status_code not in (200, 304):
                return response  # a refusal, or 412 for one visitor's condition: nobody else may be given it
            tag = tag or etag(response.content)
            response.headers["ETag"] = tag
            response.headers["Cache-Control"] = f"public, max-age={min(seconds, _left_of_today())}"
            if vary:
                patch_vary_headers(response, vary)
            if for_everybody:
                response.headers.setdefault("Content-Language", ", ".join(dict(settings.LANGUAGES)))
                setattr(response, _FOR_EVERYBODY, True)
            return get_conditional_response(request, etag=tag, response=response) or response

        return cast("View", answer)

    return declare


def _left_of_today() -> int:
    """Seconds."""
    now = timezone.localtime()
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((midnight - now).total_seconds())


@cache
def _release() -> str:
    """What changes with the program and its templates: a page made by an older one is not the same page."""
    product = Path(__file__).resolve().parents[1]
    files = [one for folder in (product, product.parent / "templates") for one in folder.rglob("*.*")]
    made_of = [one for one in files if one.suffix in (".py", ".html", ".mo")]
    return etag(*sorted((str(one), one.stat().st_mtime_ns) for one in made_of))


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
    """A form was sent from a page that is too old, or not ours; or a program has left its token out."""
    if wants_json(request):
        return problem(NotAllowed())
    return render(request, "403.html", {"stale_form": True}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404"""
    return refusal(request, Missing())


def server_error(request: HttpRequest) -> HttpResponse:
    """500"""
    return render(request, "500.html", status=500)
