"""Pages about declarations."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from azexport.calendar.queries import today
from azexport.customs import actions, presentation, queries, rules
from azexport.customs.forms import TransportForm
from azexport.customs.lifecycle import TABLE
from azexport.customs.models import Declaration
from azexport.customs.states import AT_CUSTOMS, FINAL, DeclarationStatus
from azexport.exchange.queries import delivery_for
from azexport.exchange.states import DeliveryState
from azexport.kernel.errors import IllegalTransition, RuleViolated
from azexport.kernel.formats import money
from azexport.kernel.http import TRADER, audience
from azexport.kernel.text import pick
from azexport.parties.http import member_of
from azexport.signatures.states import Verdict

form_page = require_http_methods(["GET", "HEAD", "POST"])


def _load(request: HttpRequest, reference: str) -> Declaration:
    return queries.declaration(member_of(request).organisation, reference)


def _draft(request: HttpRequest, reference: str) -> Declaration:
    declaration = _load(request, reference)
    if declaration.status != DeclarationStatus.DRAFTED:
        raise IllegalTransition
    return declaration


@audience(TRADER)
@require_GET
def declarations(request: HttpRequest) -> HttpResponse:
    """The organisation's declarations, newest first, paged by key."""
    page = queries.page(
        member_of(request).organisation, before=request.GET.get("before", ""), after=request.GET.get("after", "")
    )
    address = reverse("declarations")
    context = {
        "rows": [
            {
                "declaration": row,
                "buyer": row.contract.buyer_stated.get("name", ""),
                "value": money(row.customs_value, "AZN") if row.data else "",
            }
            for row in page.rows
        ],
        "newer": f"{address}?after={page.newer}" if page.newer else None,
        "older": f"{address}?before={page.older}" if page.older else None,
    }
    return render(request, "customs/list.html", context)


@audience(TRADER)
@require_GET
def declaration(request: HttpRequest, reference: str) -> HttpResponse:
    """A draft leads to its questions; else where the declaration is, what customs said, what happened."""
    row = _load(request, reference)
    if row.status == DeclarationStatus.DRAFTED:
        return redirect("declaration_check" if row.exit_office else "declaration_transport", row.reference)
    context = {
        **_state(request, row),
        "boxes": presentation.boxes(row.data) if row.data else [],
        "items": presentation.items(row.data) if row.data else [],
        "permits": row.attached(),
    }
    return render(request, "customs/declaration.html", context)


@audience(TRADER)
@require_GET
def state(request: HttpRequest, reference: str) -> HttpResponse:
    """The state partial."""
    row = _load(request, reference)
    was = request.GET.get("was", "")
    response = render(request, "customs/state.html", _state(request, row))
    if row.status != was and row.status not in AT_CUSTOMS:
        response["HX-Refresh"] = "true"
    return response


def _state(request: HttpRequest, row: Declaration) -> dict[str, Any]:
    return {
        "declaration": row,
        "paper": row.paper,
        "mine": row.paper is not None and row.paper.is_asked_of(member_of(request)),
        "verdict": Verdict(row.paper.verdict) if row.paper is not None and row.paper.verdict else None,
        "release_verdict": Verdict(row.release_verdict) if row.release_verdict else None,
        "delivery": _delivery(row),
        "reasons": [{**one, "text": pick(one["text"])} for one in row.reasons],
        "polling": row.status not in FINAL,
        "seconds": 3 if row.status == DeclarationStatus.AWAITING_SIGNATURE else 1,
        "open": TABLE.open_to(member_of(request), row),
        "timeline": presentation.timeline(row),
    }


def _delivery(row: Declaration) -> DeliveryState | None:
    return delivery_for([row.reference]).get(row.reference) if row.status == DeclarationStatus.LODGED else None


@audience(TRADER)
@form_page
def transport(request: HttpRequest, reference: str) -> HttpResponse:
    """The one form: what cannot be derived from contract, application and permits."""
    row = _draft(request, reference)
    now = timezone.now()
    form = TransportForm(request.POST or None, initial=TransportForm.initial_of(row), today=today(now))
    if request.method == "POST" and form.is_valid():
        actions.answer(row, values=form.cleaned_data, by=member_of(request), now=now)
        if "later" in request.POST:
            messages.success(request, _("Your draft is saved."))
            return redirect("declarations")
        return redirect("declaration_check", row.reference)
    return render(
        request, "customs/transport.html", {"declaration": row, "form": form}, status=422 if form.is_bound else 200
    )


@audience(TRADER)
@form_page
def check(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything that will be declared, with where it comes from; POST confirms it and has the PDF made."""
    row = _load(request, reference)
    if row.status != DeclarationStatus.DRAFTED:
        return redirect("declaration", row.reference)
    if request.method == "POST":
        try:
            frozen = actions.freeze(row, by=member_of(request), now=timezone.now())
        except IllegalTransition:
            # The button was pressed twice: what was asked for has been done.
            return redirect("declaration", row.reference)
        except RuleViolated as refusal:
            return _check_page(request, row, refusal)
        assert frozen.paper is not None
        return redirect("paper", frozen.paper.reference)
    return _check_page(request, row, None)


def _check_page(request: HttpRequest, row: Declaration, refusal: RuleViolated | None) -> HttpResponse:
    on = today(timezone.now())
    data = actions.compose(row, on=on)
    open_points = refusal.violations if refusal else [one for rule in rules.LODGEABLE for one in rule(row, today=on)]
    context = {
        "declaration": row,
        "boxes": presentation.boxes(data),
        "items": presentation.items(data),
        "permits": row.attached(),
        "violations": open_points,
        "refused": refusal is not None,
    }
    return render(request, "customs/check.html", context, status=422 if refusal else 200)


@audience(TRADER)
@require_POST
def sign(request: HttpRequest, reference: str) -> HttpResponse:
    """Leads to signing it oneself; after a failure, or where somebody else was asked, the signature is asked afresh."""
    member = member_of(request)
    paper = actions.open_signing(_load(request, reference), by=member, now=timezone.now())
    if paper.is_asked_of(member):
        return redirect("paper", paper.reference)
    messages.info(request, _("The signature is being completed. This takes a few seconds."))
    return redirect("declaration", reference)


@audience(TRADER)
@require_POST
def reopen(request: HttpRequest, reference: str) -> HttpResponse:
    """Back to a draft, before it is signed."""
    row = actions.reopen(_load(request, reference), by=member_of(request), now=timezone.now())
    return redirect("declaration", row.reference)


@audience(TRADER)
@form_page
def discard(request: HttpRequest, reference: str) -> HttpResponse:
    """Given up before lodging: asked once more, then done."""
    row = _load(request, reference)
    if request.method == "POST":
        actions.discard(row, by=member_of(request), now=timezone.now())
        messages.success(request, _("The declaration was discarded."))
        return redirect("declarations")
    if "discard" not in TABLE.open_to(member_of(request), row):
        raise IllegalTransition
    return render(request, "customs/discard.html", {"declaration": row})


@audience(TRADER)
@require_POST
def again(request: HttpRequest, reference: str) -> HttpResponse:
    """A new declaration after one that was not released."""
    fresh = actions.draft_again(_load(request, reference), by=member_of(request), now=timezone.now())
    return redirect("declaration_check", fresh.reference)
