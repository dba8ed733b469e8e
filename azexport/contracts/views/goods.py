"""Pages of a draft's goods."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from azexport.catalogue import queries as catalogue
from azexport.contracts import actions, presentation
from azexport.contracts.forms import ChooseGoodForm, LineForm
from azexport.contracts.views.loading import form_page, go_on, load_draft
from azexport.kernel.errors import Missing
from azexport.kernel.formats import money
from azexport.kernel.http import TRADER, audience
from azexport.kernel.text import pick
from azexport.parties.http import member_of


@audience(TRADER)
@form_page
def goods(request: HttpRequest, reference: str) -> HttpResponse:
    """The goods of a draft; POST goes on."""
    contract = load_draft(request, reference)
    if request.method == "POST":
        return go_on(request, contract, "goods")
    if not contract.lines.all():
        return redirect("contract_choose_good", contract.reference)
    total = money(contract.total, contract.currency) if contract.currency else ""
    context = {"contract": contract, "cards": presentation.line_cards(contract), "total": total}
    return render(request, "contracts/goods.html", context)


@audience(TRADER)
@form_page
def choose_good(request: HttpRequest, reference: str) -> HttpResponse:
    """Which of the seller's own goods; straight to the line where the catalogue is empty."""
    contract = load_draft(request, reference)
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
    contract = load_draft(request, reference)
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
    contract = load_draft(request, reference)
    if request.method != "POST":
        found = next((row for row in contract.lines.all() if row.line == number), None)
        if found is None:
            raise Missing
        return render(request, "contracts/remove_line.html", {"contract": contract, "line": found})
    actions.remove_line(contract, line=number, by=member_of(request), now=timezone.now())
    messages.success(request, _("The line was removed."))
    return redirect("contract_goods" if len(contract.lines.all()) > 1 else "contract", contract.reference)
