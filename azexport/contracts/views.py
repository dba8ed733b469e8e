"""Pages about contracts: list, wizard, check, signing, what became of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from azexport.calendar.queries import today
from azexport.catalogue import queries as catalogue
from azexport.contracts import actions, presentation, queries
from azexport.contracts.forms import SECTIONS, ChooseGoodForm, DeclineForm, InviteForm, LineForm
from azexport.contracts.lifecycle import TABLE
from azexport.contracts.models import Contract
from azexport.contracts.permissions import is_seller
from azexport.contracts.states import FINAL, ContractStatus
from azexport.kernel.errors import IllegalTransition, Missing, RuleViolated
from azexport.kernel.formats import money
from azexport.kernel.http import TRADER, audience
from azexport.kernel.text import pick
from azexport.parties.http import member_of
from azexport.signatures.queries import latest_for
from azexport.signatures.states import RequestStatus, Verdict

form_page = require_http_methods(["GET", "HEAD", "POST"])


def _load(request: HttpRequest, reference: str) -> Contract:
    return queries.contract(member_of(request).organisation, reference)


def _draft(request: HttpRequest, reference: str) -> Contract:
    """The draft, for a question page of its seller's.

    Raises:
        Missing: not theirs.
        IllegalTransition: no longer a draft.
    """
    contract = _load(request, reference)
    if not is_seller(member_of(request), contract):
        raise Missing
    if contract.status != ContractStatus.DRAFTED:
        raise IllegalTransition
    return contract


@audience(TRADER)
@require_GET
def contracts(request: HttpRequest) -> HttpResponse:
    """The organisation's contracts, newest first, paged by key."""
    organisation = member_of(request).organisation
    page = queries.page(organisation, before=request.GET.get("before", ""), after=request.GET.get("after", ""))
    rows = [
        {
            "contract": row,
            "other": row.buyer_stated.get("name", "") if row.seller_id == organisation.pk else pick(row.seller.name),
            "total": money(row.total, row.currency) if row.currency else "",
        }
        for row in page.rows
    ]
    address = reverse("contracts")
    context = {
        "rows": rows,
        "newer": f"{address}?after={page.newer}" if page.newer else None,
        "older": f"{address}?before={page.older}" if page.older else None,
        "may_draft": organisation.is_resident,
    }
    return render(request, "contracts/list.html", context)


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
@require_GET
def contract(request: HttpRequest, reference: str) -> HttpResponse:
    """A draft's task list; else the contract, whose turn it is, its PDF and what happened."""
    contract = _load(request, reference)
    if contract.status == ContractStatus.DRAFTED:
        return _task_list(request, contract)
    return render(request, "contracts/contract.html", {**_state(request, contract), **_detail(request, contract)})


@audience(TRADER)
@require_GET
def state(request: HttpRequest, reference: str) -> HttpResponse:
    """The state partial; goes on to the signing page as soon as the PDF is there."""
    contract = _load(request, reference)
    response = render(request, "contracts/state.html", _state(request, contract))
    if request.GET.get("was") == ContractStatus.FROZEN and contract.status == ContractStatus.AWAITING_SELLER:
        response["HX-Redirect"] = f"/sign/{contract.signing}/"
    elif request.GET.get("was") != contract.status:
        response["HX-Refresh"] = "true"
    return response


def _task_list(request: HttpRequest, contract: Contract) -> HttpResponse:
    on = today(timezone.now())
    groups = presentation.tasks(contract, on)
    lacking = presentation.missing(contract, on)
    sections = len(presentation.ORDER) - len(presentation.OPTIONAL)
    context = {
        "contract": contract,
        "groups": groups,
        "ready": not lacking,
        "done": sections - len(lacking),
        "sections": sections,
        "check_url": reverse("contract_check", args=[contract.reference]),
    }
    return render(request, "contracts/tasks.html", context)


def _state(request: HttpRequest, contract: Contract) -> dict[str, Any]:
    member = member_of(request)
    selling = is_seller(member, contract)
    verdict = Verdict(contract.verdict) if contract.verdict else None
    return {
        "contract": contract,
        "selling": selling,
        "my_turn": contract.status == (ContractStatus.AWAITING_SELLER if selling else ContractStatus.AWAITING_BUYER),
        "verdict": verdict,
        "polling": contract.status not in FINAL,
        "seconds": 1 if contract.status == ContractStatus.FROZEN else 5,
        "open": TABLE.open_to(member, contract),
    }


def _detail(request: HttpRequest, contract: Contract) -> dict[str, Any]:
    selling = is_seller(member_of(request), contract)
    return {
        "cards": presentation.overview(contract),
        "lines": presentation.lines(contract),
        "total": money(contract.total, contract.currency),
        "timeline": presentation.timeline(contract, for_buyer=not selling),
        "can_invite": selling and contract.status == ContractStatus.AWAITING_BUYER and contract.buyer_id is None,
    }


@audience(TRADER)
@form_page
def seller(request: HttpRequest, reference: str) -> HttpResponse:
    """The seller's details from the taxpayer register, to be confirmed (P10.3.1(1-2))."""
    contract = _draft(request, reference)
    member, now = member_of(request), timezone.now()
    error = None
    if request.method == "POST":
        try:
            contract = actions.confirm_seller(contract, by=member, now=now)
            return _go_on(request, contract, "seller")
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
    contract = _draft(request, reference)
    now = timezone.now()
    title, form_class = SECTIONS[section]
    form = form_class(request.POST or None, initial=form_class.initial_of(contract), today=today(now))
    if request.method == "POST" and form.is_valid():
        contract = actions.answer(contract, section=section, values=form.values(), by=member_of(request), now=now)
        return _go_on(request, contract, section)
    context = {"contract": contract, "form": form, "title": title, "single": len(form.fields) == 1}
    return render(request, "contracts/question.html", context, status=422 if form.is_bound else 200)


def _go_on(request: HttpRequest, contract: Contract, section: str) -> HttpResponseRedirect:
    """Back to where the user was, or to the next section that lacks something."""
    if "later" in request.POST:
        messages.success(request, _("Your draft is saved."))
        return redirect("contract", contract.reference)
    if request.GET.get("then") == "check":
        return redirect("contract_check", contract.reference)
    return redirect(presentation.next_address(contract, section, today(timezone.now())))


@audience(TRADER)
@form_page
def goods(request: HttpRequest, reference: str) -> HttpResponse:
    """The goods of a draft; POST goes on."""
    contract = _draft(request, reference)
    if request.method == "POST":
        return _go_on(request, contract, "goods")
    if not contract.lines.all():
        return redirect("contract_choose_good", contract.reference)
    total = money(contract.total, contract.currency) if contract.currency else ""
    context = {"contract": contract, "cards": presentation.line_cards(contract), "total": total}
    return render(request, "contracts/goods.html", context)


@audience(TRADER)
@form_page
def choose_good(request: HttpRequest, reference: str) -> HttpResponse:
    """Which of the seller's own goods; straight to the line where the catalogue is empty."""
    contract = _draft(request, reference)
    own = [(one.reference, f"{pick(one.name)} ({one.hs_code})") for one in catalogue.goods_of(contract.seller)[:100]]
    address = reverse("contract_new_line", args=[contract.reference])
    if not own:
        return redirect(address)
    form = ChooseGoodForm(request.POST or None, goods=own)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["good"]
        return redirect(address if chosen == form.OTHER else f"{address}?good={chosen}")
    context = {"contract": contract, "form": form, "title": _("The goods"), "single": True, "choosing": True}
    return render(request, "contracts/question.html", context, status=422 if form.is_bound else 200)


@audience(TRADER)
@form_page
def line(request: HttpRequest, reference: str, number: int | None = None) -> HttpResponse:
    """One line of goods: a new one, or one that is there."""
    contract = _draft(request, reference)
    rows = {row.line: row for row in contract.lines.all()}
    if number is not None and number not in rows:
        raise Missing
    initial, good = (LineForm.initial_of(rows[number]), rows[number].good) if number else _from_catalogue(request)
    form = LineForm(request.POST or None, initial=initial, currency=contract.currency)
    if request.method == "POST" and form.is_valid():
        values = {**form.values(), "good": good}
        actions.save_line(contract, line=number, values=values, by=member_of(request), now=timezone.now())
        return redirect("contract_goods", contract.reference)
    title = _("Goods, line %(number)s") % {"number": number or len(rows) + 1}
    context = {"contract": contract, "form": form, "title": title, "back": "goods" if rows else None, "choosing": True}
    return render(request, "contracts/question.html", context, status=422 if form.is_bound else 200)


def _from_catalogue(request: HttpRequest) -> tuple[dict[str, Any], str]:
    reference = request.GET.get("good", "")
    if not reference:
        return {}, ""
    good = catalogue.good_of(member_of(request).organisation, reference)
    initial = {
        "hs": good.hs_code,
        "description_az": good.name.get("az", ""),
        "description_en": good.name.get("en", ""),
        "unit": good.unit_id,
    }
    return initial, good.reference


@audience(TRADER)
@form_page
def remove_line(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """A line is taken out: asked once more, then done."""
    contract = _draft(request, reference)
    if request.method != "POST":
        found = next((row for row in contract.lines.all() if row.line == number), None)
        if found is None:
            raise Missing
        return render(request, "contracts/remove_line.html", {"contract": contract, "line": found})
    actions.remove_line(contract, line=number, by=member_of(request), now=timezone.now())
    messages.success(request, _("The line was removed."))
    return redirect("contract_goods" if len(contract.lines.all()) > 1 else "contract", contract.reference)


@audience(TRADER)
@form_page
def check(request: HttpRequest, reference: str) -> HttpResponse:
    """All answers; POST confirms them and has the PDF made."""
    contract = _load(request, reference)
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
def sign(request: HttpRequest, reference: str) -> HttpResponse:
    """A fresh signing request for the party whose turn it is, then its page."""
    contract = _load(request, reference)
    latest = latest_for(contract.reference)
    if latest is not None and latest.status == RequestStatus.SIGNED:
        messages.info(request, _("Your signature is being completed. This takes a few seconds."))
        return redirect("contract", contract.reference)
    signing = actions.open_signing(contract, by=member_of(request), now=timezone.now())
    return redirect(f"/sign/{signing.reference}/")


@audience(TRADER)
@require_POST
def reopen(request: HttpRequest, reference: str) -> HttpResponse:
    """Back to a draft, before anybody has signed."""
    contract = _load(request, reference)
    actions.reopen(contract, by=member_of(request), now=timezone.now())
    return redirect("contract", contract.reference)


@audience(TRADER)
@form_page
def decline(request: HttpRequest, reference: str) -> HttpResponse:
    """The buyer says why not."""
    contract = _load(request, reference)
    if "decline" not in TABLE.open_to(member_of(request), contract):
        raise IllegalTransition
    form = DeclineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.decline(contract, reason=form.cleaned_data["reason"], by=member_of(request), now=timezone.now())
        return redirect("contract", contract.reference)
    return render(
        request, "contracts/decline.html", {"contract": contract, "form": form}, status=422 if form.is_bound else 200
    )


@audience(TRADER)
@form_page
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """The seller takes the contract, or the draft, back: asked once more, then done."""
    contract = _load(request, reference)
    if request.method == "POST":
        actions.withdraw(contract, by=member_of(request), now=timezone.now())
        return redirect("contract", contract.reference)
    if "withdraw" not in TABLE.open_to(member_of(request), contract):
        raise IllegalTransition
    return render(request, "contracts/withdraw.html", {"contract": contract})


@audience(TRADER)
@require_POST
def copy(request: HttpRequest, reference: str) -> HttpResponse:
    """A new draft with the same answers."""
    fresh = actions.copy(_load(request, reference), by=member_of(request), now=timezone.now())
    messages.success(request, _("A new draft was made with the same answers. Check the seller's details and the date."))
    return redirect("contract", fresh.reference)


@audience(TRADER)
@form_page
def invite(request: HttpRequest, reference: str) -> HttpResponse:
    """The invitation once more, to the same address or to a mended one."""
    contract = _load(request, reference)
    if not is_seller(member_of(request), contract):
        raise Missing
    form = InviteForm(request.POST or None, initial={"email": contract.buyer_stated.get("email", "")})
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        actions.invite_again(contract, email=email, by=member_of(request), now=timezone.now())
        messages.success(request, _("A new invitation is on its way to %(email)s.") % {"email": email})
        return redirect("contract", contract.reference)
    return render(
        request, "contracts/invite.html", {"contract": contract, "form": form}, status=422 if form.is_bound else 200
    )
