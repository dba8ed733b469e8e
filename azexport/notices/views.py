"""/notices/: what the organisation was told."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from azexport.kernel.http import SIGNED_IN, audience
from azexport.notices import actions, queries


@require_safe
@audience(SIGNED_IN)
def notices(request: HttpRequest) -> HttpResponse:
    """The notices, newest first; `?unread=1` shows the unread ones only."""
    actor = request.actor  # type: ignore[attr-defined]
    unread = request.GET.get("unread") == "1"
    page = queries.page(actor.organisation, unread=unread, before=_key(request, "before"), after=_key(request, "after"))
    here = reverse("notices")
    return render(
        request,
        "notices/list.html",
        {
            "page": page,
            "unread": unread,
            "any_unread": any(one.read_at is None for one in page.notices),
            "tabs": [
                {"label": _("All notices"), "url": here, "current": not unread},
                {"label": _("Unread"), "url": f"{here}?unread=1", "current": unread},
            ],
            "previous": _address(here, unread, "after", page.newer),
            "next": _address(here, unread, "before", page.older),
        },
    )


@require_POST
@audience(SIGNED_IN)
def open_notice(request: HttpRequest, reference: str) -> HttpResponse:
    """The notice counts as read; the page it leads to opens."""
    actor = request.actor  # type: ignore[attr-defined]
    notice = queries.notice_of(actor.organisation, reference)
    actions.mark_read(notice=notice, by=actor, now=timezone.now())
    return HttpResponseRedirect(notice.link or reverse("notices"))


@require_POST
@audience(SIGNED_IN)
def read_all(request: HttpRequest) -> HttpResponse:
    """Everything counts as read."""
    actor = request.actor  # type: ignore[attr-defined]
    actions.mark_all_read(organisation=actor.organisation, by=actor, now=timezone.now())
    return redirect("notices")


def _key(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None


def _address(here: str, unread: bool, name: str, key: int | None) -> str | None:
    if key is None:
        return None
    return f"{here}?{urlencode({**({'unread': 1} if unread else {}), name: key})}"
