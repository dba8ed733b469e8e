"""Pages of a draft: its questions, the seller, the check of all answers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from azexport.calendar.queries import today
from azexport.contracts import actions, presentation
from azexport.contracts.forms import SECTIONS
from azexport.contracts.models import Contract
from azexport.contracts.states import ContractStatus
from azexport.contracts.views.loading import form_page, go_on, load, load_draft
from azexport.kernel.errors import IllegalTransition, Missing, RuleViolated
from azexport.kernel.formats import money
from azexport.kernel.http import TRADER, audience
from azexport.kernel.text import pick
from azexport.parties.http import member_of


@audience(TRADER)
@form_page
def new(request: HttpRequest) -> HttpResponse:
    """What is needed for a contract; POST begins a draft."""
    member = member_of(request)
    if request.method == "POST":
        contract = actions.draft(by=member, now=timezone.now())
        return redirect("contract", contract.reference)
    return render(request, "contracts/new.html", {"may_draft": member.organisation.is_resident})


@audience(TRADER)
@form_page
def seller(request: HttpRequest, reference: str) -> HttpResponse:
    """The seller's details from the taxpayer register, to be confirmed (P10.3.1(1-2))."""
    contract = load_draft(request, reference)
    member, now = member_of(request), timezone.now()
    error = None
    if request.method == "POST":
        try:
            contract = actions.confirm_seller(contract, by=member, now=now)
            return go_on(request, contract, "seller")
        except RuleViolated as refusal:
            error = refusal
    organisation = member.organisation
    rows = [
        {"key": _("Name"), "value": pick(organisation.name)},
        {"key": "VÖEN", "value": organisation.voen},
        {"key": _("Address"), "value": pick(organisation.address)},
        {"key": _("Signs"), "value": member.actor_name},
    ]
    context = {"contract": contract, "rows": rows, "refusal": error, "section": "seller"}
    return render(request, "contracts/seller.html", context, status=422 if error else 200)


@audience(TRADER)
@form_page
def section(request: HttpRequest, reference: str, section: str) -> HttpResponse:
    """One question page of the wizard."""
    if section not in SECTIONS:
        raise Missing
    contract = load_draft(request, reference)
    now = timezone.now()
    title, form_class = SECTIONS[section]
    form = form_class(request.POST or None, initial=form_class.initial_of(contract), today=today(now))
    if request.method == "POST" and form.is_valid():
        contract = actions.answer(contract, section=section, values=form.values(), by=member_of(request), now=now)
        return go_on(request, contract, section)
    context = {"contract": contract, "form": form, "title": title, "single": len(form.fields) == 1}
    return render(request, "contracts/question.html", context, status=422 if form.is_bound else 200)


@audience(TRADER)
@form_page
def check(request: HttpRequest, reference: str) -> HttpResponse:
    """All answers; POST confirms them and has the PDF made."""
    contract = load(request, reference)
    if contract.status != ContractStatus.DRAFTED:
        return redirect("contract", contract.reference)
    if request.method == "POST":
        try:
            actions.freeze(contract, by=member_of(request), now=timezone.now())
        except IllegalTransition:
            pass  # The button was pressed twice: what was asked for has been done.
        except RuleViolated as refusal:
            return _check_page(request, contract, refusal)
        return redirect("contract", contract.reference)
    return _check_page(request, contract, None)


def _check_page(request: HttpRequest, contract: Contract, refusal: RuleViolated | None) -> HttpResponse:
    violations = [
        {"message": one.message, "url": presentation.address_of(contract, one.field or "buyer")}
        for one in (refusal.violations if refusal else ())
    ]
    context = {
        "contract": contract,
        "cards": presentation.summary(contract),
        "lines": presentation.lines(contract),
        "total": money(contract.total, contract.currency) if contract.currency else "",
        "violations": violations,
        "ready": not presentation.missing(contract, today(timezone.now())),
    }
    return render(request, "contracts/check.html", context, status=422 if refusal else 200)


@audience(TRADER)
@require_POST
def copy(request: HttpRequest, reference: str) -> HttpResponse:
    """A new draft with the same answers."""
    fresh = actions.copy(load(request, reference), by=member_of(request), now=timezone.now())
    messages.success(request, _("A new draft was made with the same answers. Check the seller's details and the date."))
    return redirect("contract", fresh.reference)
