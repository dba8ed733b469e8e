"""An organisation's goods, and the public list of goods made in Azerbaijan (P4.1.1)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from azexport.catalogue import actions, queries
from azexport.catalogue.forms import GoodForm, initial_of
from azexport.catalogue.models import Good
from azexport.catalogue.permissions import may_offer
from azexport.kernel.errors import NotAllowed
from azexport.kernel.http import PUBLIC, TRADER, audience, kept
from azexport.kernel.text import pick
from azexport.parties.http import member_of

# ---------------------------------------------------------------- one's own


@audience(TRADER)
@require_safe
def goods(request: HttpRequest) -> HttpResponse:
    """The organisation's goods, newest first."""
    member = member_of(request)
    return render(request, "catalogue/goods.html", {
        "may_offer": may_offer(member),
        **_list(request, queries.goods_of(member.organisation)),
    })  # fmt: skip


@audience(TRADER)
def add(request: HttpRequest) -> HttpResponse:
    """A new good."""
    member = member_of(request)
    if not may_offer(member):
        raise NotAllowed(_("Goods made in Azerbaijan are offered by Azerbaijani taxpayers."))
    form = GoodForm(request.POST or None, initial={"unit": "KGM", "producer": pick(member.organisation.name)})
    if request.method == "POST" and form.is_valid():
        good = actions.add_good(form.data_of_good(), by=member, now=timezone.now())
        messages.success(request, _("“%(name)s” is in your list of goods.") % {"name": pick(good.name)})
        return redirect("good", good.reference)
    return render(request, "catalogue/form.html", {"form": form}, status=422 if form.errors else 200)


@audience(TRADER)
@require_safe
def good(request: HttpRequest, reference: str) -> HttpResponse:
    """One good and what can be done with it."""
    found = queries.good_of(member_of(request).organisation, reference)
    return render(request, "catalogue/good.html", {"good": found, "rows": _rows(found)})


@audience(TRADER)
def change(request: HttpRequest, reference: str) -> HttpResponse:
    """Changing a good."""
    member = member_of(request)
    found = queries.good_of(member.organisation, reference)
    form = GoodForm(request.POST or None, initial=initial_of(found))
    if request.method == "POST" and form.is_valid():
        actions.change_good(found, form.data_of_good(), by=member, now=timezone.now())
        messages.success(request, _("The changes are saved."))
        return redirect("good", reference)
    return render(request, "catalogue/form.html", {"form": form, "good": found}, status=422 if form.errors else 200)


@audience(TRADER)
@require_POST
def publish(request: HttpRequest, reference: str) -> HttpResponse:
    """Shows the good to everybody."""
    member = member_of(request)
    actions.publish(queries.good_of(member.organisation, reference), by=member, now=timezone.now())
    messages.success(request, _("The good is published: everybody can find it."))
    return redirect("good", reference)


@audience(TRADER)
@require_POST
def unpublish(request: HttpRequest, reference: str) -> HttpResponse:
    """Takes the good back from the public list."""
    member = member_of(request)
    actions.unpublish(queries.good_of(member.organisation, reference), by=member, now=timezone.now())
    messages.success(request, _("The good is no longer published."))
    return redirect("good", reference)


# ---------------------------------------------------------------- everybody's


def _known(request: HttpRequest, **given: Any) -> list[object]:
    return [queries.last_change()]


@audience(PUBLIC)
@require_safe
@kept(_known)
def made_in_azerbaijan(request: HttpRequest) -> HttpResponse:
    """Published goods and their producers, for anybody."""
    return render(request, "catalogue/public_goods.html", _list(request, queries.published()))


@audience(PUBLIC)
@require_safe
@kept(_known)
def public_good(request: HttpRequest, reference: str) -> HttpResponse:
    """One published good and its producer."""
    found = queries.published_good(reference)
    return render(request, "catalogue/public_good.html", {"good": found, "rows": _rows(found)})


# ---------------------------------------------------------------- both


def _list(request: HttpRequest, goods: QuerySet[Good]) -> dict[str, Any]:
    text = request.GET.get("q", "").strip()
    if text:
        goods = queries.matching(goods, text)
    page = queries.page(goods, before=request.GET.get("before", ""), after=request.GET.get("after", ""))
    return {
        "goods": page.rows,
        "q": text,
        "newer": _further(request, text, after=page.newer),
        "older": _further(request, text, before=page.older),
    }


def _further(request: HttpRequest, text: str, **key: str | None) -> str | None:
    given = {name: value for name, value in key.items() if value}
    if not given:
        return None
    return f"{request.path}?{urlencode({**({'q': text} if text else {}), **given})}"


def _rows(good: Good) -> list[dict[str, Any]]:
    rows = [
        (_("HS code"), f"{good.hs_shown} – {good.commodity.shown_name}"),
        (_("Description"), pick(good.description)),
        (_("Unit"), pick(good.unit.name)),
        (_("Producer"), good.producer),
        (_("Region"), pick(good.region.name)),
        (_("Origin"), good.get_origin_criterion_display()),
    ]
    return [{"key": key, "value": value} for key, value in rows if value]
