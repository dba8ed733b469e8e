"""The contract that a page is about, for who may see it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from azexport.calendar.queries import today
from azexport.contracts import presentation, queries
from azexport.contracts.models import Contract
from azexport.contracts.permissions import is_seller
from azexport.contracts.states import ContractStatus
from azexport.kernel.errors import IllegalTransition, Missing
from azexport.parties.http import member_of

form_page = require_http_methods(["GET", "HEAD", "POST"])


def load(request: HttpRequest, reference: str) -> Contract:
    """Raises Missing: the member's organisation is not a party of it."""
    return queries.contract(member_of(request).organisation, reference)


def load_draft(request: HttpRequest, reference: str) -> Contract:
    """The draft, for a question page of its seller's.

    Raises:
        Missing: not theirs.
        IllegalTransition: no longer a draft.
    """
    contract = load(request, reference)
    if not is_seller(member_of(request), contract):
        raise Missing
    if contract.status != ContractStatus.DRAFTED:
        raise IllegalTransition
    return contract


def go_on(request: HttpRequest, contract: Contract, section: str) -> HttpResponseRedirect:
    """Back to where the user was, or to the next section that lacks something."""
    if "later" in request.POST:
        messages.success(request, _("Your draft is saved."))
        return redirect("contract", contract.reference)
    if request.GET.get("then") == "check":
        return redirect("contract_check", contract.reference)
    return redirect(presentation.next_address(contract, section, today(timezone.now())))
