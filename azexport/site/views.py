"""Pages for everybody: nothing here needs a person to be known."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_safe

from azexport.documents import queries as documents
from azexport.kernel.errors import Missing
from azexport.kernel.http import PUBLIC, audience, kept
from azexport.signatures.states import Verdict
from azexport.site.forms import CodeForm

ROBOTS = """User-agent: *
Allow: /$
Allow: /finder/
Allow: /verify/$
Allow: /services/
Allow: /regulations/
Allow: /information/
Allow: /calculators/
Allow: /registers/$
Allow: /made-in-azerbaijan/
Allow: /accessibility/
Allow: /privacy/
Allow: /contact/
Allow: /static/
Disallow: /
"""


@audience(PUBLIC)
@require_safe
@kept(seconds=300)
def home(request: HttpRequest) -> HttpResponse:
    """What the portal does and where to begin."""
    return render(request, "site/home.html")


@audience(PUBLIC)
@require_safe
def language(request: HttpRequest, code: str) -> HttpResponse:
    """/language/<code>/?next=<address>: the portal speaks the language from now on, and shows that address again.

    A link and no form: a form would carry a token, which makes every page that has it one visitor's own. Nothing but
    the taste of this browser changes, and `next` leads nowhere but to the portal.
    """
    if code not in dict(settings.LANGUAGES):
        raise Missing
    here = request.GET.get("next", "/")
    known = url_has_allowed_host_and_scheme(here, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(here if known else "/")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, max_age=365 * 24 * 3600, secure=request.is_secure(), httponly=True,
        samesite="Lax",
    )  # fmt: skip
    response.headers["Cache-Control"] = "private, no-store"
    return response


@audience(PUBLIC)
@require_safe
@kept(seconds=300)
def verify(request: HttpRequest) -> HttpResponse:
    """Asks for a code and leads to the document that has it."""
    form = CodeForm(request.GET if "code" in request.GET else None)
    if form.is_valid():
        return redirect("verified", code=form.cleaned_data["code"])
    return render(request, "site/verify.html", {"form": form}, status=422 if form.is_bound else 200)


@audience(PUBLIC)
@require_GET
def verified(request: HttpRequest, code: str) -> HttpResponse:
    """What the document behind a code is, its state and signatures: to anybody who holds the code."""
    document = documents.by_code(code)
    if document is None:
        form = CodeForm({"code": code})
        return render(request, "site/verify.html", {"form": form}, status=404)
    if code != document.code:
        return redirect("verified", code=document.code)
    signatures = [
        {**report, "verdict": verdict, "accepted": verdict is Verdict.ACCEPTED}
        for report in document.signatures
        for verdict in [Verdict(report["verdict"])]
    ]
    context = {
        "document": document,
        "signatures": signatures,
        "refused": not all(report["accepted"] for report in signatures),
        "versions": documents.history(document),
    }
    return render(request, "site/verified.html", context)


@audience(PUBLIC)
@require_safe
@kept(seconds=300)
def page(request: HttpRequest, name: str) -> HttpResponse:
    """A page of plain text: accessibility, privacy, contact."""
    return render(request, f"site/{name}.html")


@audience(PUBLIC)
@require_GET
def health(request: HttpRequest) -> JsonResponse:
    """200 {"status": "ok"} while the database answers, else 503: for load balancers and the launcher."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "failing", "database": "unreachable"}, status=503)
    return JsonResponse({"status": "ok", "database": "ok"})


@audience(PUBLIC)
@require_GET
def robots(request: HttpRequest) -> HttpResponse:
    """Search engines may read what is for everybody, and no verified document."""
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")


@audience(PUBLIC)
@require_GET
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for it by this name whatever the page says."""
    return HttpResponseRedirect(static("images/favicon.svg"))
