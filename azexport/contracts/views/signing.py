"""Pages of what becomes of a contract: signing, inviting, and the ways in which it ends."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from azexport.contracts import actions
from azexport.contracts.forms import DeclineForm, InviteForm
from azexport.contracts.lifecycle import TABLE
from azexport.contracts.permissions import is_seller
from azexport.contracts.views.loading import form_page, load
from azexport.kernel.errors import IllegalTransition, Missing
from azexport.kernel.http import TRADER, audience
from azexport.parties.http import member_of
from azexport.signatures.queries import latest_for
from azexport.signatures.states import RequestStatus


@audience(TRADER)
@require_POST
def sign(request: HttpRequest, reference: str) -> HttpResponse:
    """The signature of the party whose turn it is, asked of the member; then its page."""
    contract = load(request, reference)
    latest = latest_for(contract.paper) if contract.paper else None
    if latest is not None and latest.status == RequestStatus.SIGNED:
        messages.info(request, _("Your signature is being completed. This takes a few seconds."))
        return redirect("contract", contract.reference)
    paper = actions.open_signing(contract, by=member_of(request), now=timezone.now())
    return redirect(f"/sign/{paper.signing}/")


@audience(TRADER)
@require_POST
def reopen(request: HttpRequest, reference: str) -> HttpResponse:
    """Back to a draft, before anybody has signed."""
    contract = load(request, reference)
    actions.reopen(contract, by=member_of(request), now=timezone.now())
    return redirect("contract", contract.reference)


@audience(TRADER)
@form_page
def decline(request: HttpRequest, reference: str) -> HttpResponse:
    """The buyer says why not."""
    contract = load(request, reference)
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
    contract = load(request, reference)
    if request.method == "POST":
        actions.withdraw(contract, by=member_of(request), now=timezone.now())
        return redirect("contract", contract.reference)
    if "withdraw" not in TABLE.open_to(member_of(request), contract):
        raise IllegalTransition
    return render(request, "contracts/withdraw.html", {"contract": contract})


@audience(TRADER)
@form_page
def invite(request: HttpRequest, reference: str) -> HttpResponse:
    """The invitation once more, to the same address or to a mended one."""
    contract = load(request, reference)
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
