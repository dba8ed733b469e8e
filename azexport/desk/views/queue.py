"""/desk/: what is there to do; and the requests to the registry's operator."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from azexport.calendar.queries import today
from azexport.cases import queries as cases
from azexport.cases.queries.desk import TABS
from azexport.desk import queries
from azexport.desk.views.request import Asked, body_of
from azexport.kernel.errors import Missing
from azexport.kernel.http import OFFICER, audience
from azexport.kernel.references import is_reference
from azexport.participants.states import Role
from azexport.services import queries as services

LABELS: dict[str, str | Promise] = {
    "new": _("New"),
    "running": _("In work"),
    "waiting": _("Waiting for the applicant"),
    "late": _("Late"),
    "decided": _("Decided"),
}


@audience(OFFICER)
@require_GET
def queue(request: Asked) -> HttpResponse:
    """The body's cases by how they stand, and what waits for this officer's signature."""
    body, text = body_of(request), request.GET.get("q", "").strip()[:100]
    which = request.GET.get("show", "new")
    if which not in TABS:
        raise Missing
    if text and (found := _exactly(request, text)):
        return redirect("desk_case", found)
    mine = request.GET.get("mine") == "1"
    before = request.GET.get("before") or None
    views, following = cases.desk.page(
        body, which=which, mine=request.actor if mine else None, search=text, before=before,
        now=timezone.now(),
    )  # fmt: skip
    own: dict[str, str] = {"show": which, **({"q": text} if text else {}), **({"mine": "1"} if mine else {})}
    context = {
        "views": views,
        "body": body,
        "which": which,
        "q": text,
        "mine": mine,
        "all_url": _address({**own, "mine": ""}),
        "mine_url": _address({**own, "mine": "1"}),
        "tabs": [
            {"label": LABELS[name], "url": _address({**own, "show": name}), "current": name == which} for name in TABS
        ],
        "next": _address({**own, "before": following}) if following else None,
        "first": _address(own) if before else None,
        "papers": queries.papers_to_sign(request.actor),
        "filings": queries.filings_to_sign(request.actor) if request.actor.is_head else [],
        "is_operator": _is_operator(request),
    }
    return render(request, "desk/queue.html", context)


@audience(OFFICER)
@require_GET
def registry(request: Asked) -> HttpResponse:
    """The requests to register, correct or cancel that are under way, with their due days (S10.4, S10.8)."""
    if not _is_operator(request):
        raise Missing
    rows = services.registry.pending(on=today(timezone.now()))
    return render(request, "desk/registry.html", {"rows": rows})


def _is_operator(request: Asked) -> bool:
    return Role.REGISTRY_OPERATOR in body_of(request).roles


def _exactly(request: Asked, text: str) -> str | None:
    """The reference of the case that is meant, where a whole one was typed."""
    if not is_reference(text.upper()):
        return None
    try:
        return str(cases.desk.case(body_of(request), text.upper()).reference)
    except Missing:
        return None


def _address(given: dict[str, Any]) -> str:
    return f"{reverse('desk')}?{urlencode({name: value for name, value in given.items() if value})}"
