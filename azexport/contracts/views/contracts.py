"""The list of contracts, and a contract: a draft's task list, else whose turn it is, its PDF and what happened."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from azexport.calendar.queries import today
from azexport.contracts import presentation, queries
from azexport.contracts.lifecycle import TABLE
from azexport.contracts.models import Contract
from azexport.contracts.permissions import is_seller
from azexport.contracts.states import FINAL, ContractStatus
from azexport.contracts.views.loading import load
from azexport.documents import queries as documents
from azexport.documents.states import PaperStatus
from azexport.kernel.formats import money
from azexport.kernel.http import TRADER, audience
from azexport.kernel.text import pick
from azexport.parties.http import member_of
from azexport.signatures.states import Verdict

RENDERING = PaperStatus.RENDERING.value
"""The stage at which a contract's paper is being made; every other stage is a status of the contract."""


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
@require_GET
def contract(request: HttpRequest, reference: str) -> HttpResponse:
    """A draft's task list; else the contract, whose turn it is, its PDF and what happened."""
    contract = load(request, reference)
    if contract.status == ContractStatus.DRAFTED:
        return _task_list(request, contract)
    return render(request, "contracts/contract.html", {**_state(request, contract), **_detail(request, contract)})


@audience(TRADER)
@require_GET
def state(request: HttpRequest, reference: str) -> HttpResponse:
    """The state partial; goes on to the signing page as soon as the PDF is there."""
    contract = load(request, reference)
    context = _state(request, contract)
    response = render(request, "contracts/state.html", context)
    was, paper = request.GET.get("was"), context["paper"]
    if was == RENDERING and contract.status == ContractStatus.AWAITING_SELLER and paper.signing:
        response["HX-Redirect"] = f"/sign/{paper.signing}/"
    elif was != context["stage"]:
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
    paper = documents.paper(contract.paper) if contract.paper else None
    stage = RENDERING if paper and paper.status == PaperStatus.RENDERING else contract.status
    return {
        "contract": contract,
        "paper": paper,
        "document": contract.document or (paper.document if paper else None),
        "stage": stage,
        "selling": selling,
        "my_turn": stage == (ContractStatus.AWAITING_SELLER if selling else ContractStatus.AWAITING_BUYER),
        "verdict": Verdict(paper.verdict) if paper and paper.verdict else None,
        "polling": contract.status not in FINAL,
        "seconds": 1 if stage == RENDERING else 5,
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
