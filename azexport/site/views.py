"""Pages for everybody: nothing here needs a person to be known."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_GET, require_http_methods

from azexport.documents import queries as documents
from azexport.kernel.http import PUBLIC, audience
from azexport.signatures.states import Verdict
from azexport.site.forms import CodeForm

ROBOTS = """User-agent: *
Allow: /$
Allow: /finder/
Allow: /verify/$
Allow: /accessibility/
Allow: /privacy/
Allow: /contact/
Allow: /static/
Disallow: /
"""


@audience(PUBLIC)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What the portal does and where to begin."""
    return render(request, "site/home.html", {"code_form": CodeForm(auto_id="home_%s")})


@audience(PUBLIC)
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Asks for a code and leads to the document that has it."""
    form = CodeForm(request.POST if request.method == "POST" else None)
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
@require_GET
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
