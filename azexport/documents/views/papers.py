"""The way of a paper's signer: it is being made, it is signed, or it waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from azexport.documents import papers, queries
from azexport.documents.states import PaperStatus
from azexport.kernel.http import SIGNED_IN, audience
from azexport.signatures import queries as signatures
from azexport.signatures.lifecycle import OPEN
from azexport.signatures.states import RequestStatus, Verdict

if TYPE_CHECKING:
    from azexport.documents.models import Paper
    from azexport.kernel.actor import Actor


class SignersRequest(HttpRequest):
    """A request of somebody who is signed in: the audience gate lets nobody else in."""

    actor: Actor


@audience(SIGNED_IN)
@require_http_methods(["GET", "POST"])
def paper(request: SignersRequest, reference: str) -> HttpResponse:
    """Waits until the document is made, then leads to its signing; POST asks for the signature afresh."""
    found = queries.paper_for(reference, request.actor)
    if _is_done_with(found, request.actor):
        return redirect(found.return_url)
    if request.method == "POST":
        found = papers.ask(found, signer=request.actor, expected=found.expected, by=request.actor, now=timezone.now())
        return redirect("sign", found.signing)
    if _can_sign(found):
        return redirect("sign", found.signing)
    return _page(request, found)


@audience(SIGNED_IN)
@require_GET
def state(request: SignersRequest, reference: str) -> HttpResponse:
    """The fragment that the waiting page asks for each second."""
    found = queries.paper_for(reference, request.actor)
    if _is_done_with(found, request.actor):
        return HttpResponse(headers={"HX-Redirect": found.return_url})
    if _can_sign(found):
        return HttpResponse(headers={"HX-Redirect": f"/sign/{found.signing}/"})
    return render(request, "documents/_paper.html", {"paper": found, "verdict": _verdict(found)})


@audience(SIGNED_IN)
@require_GET
def back(request: SignersRequest, reference: str) -> HttpResponse:
    """Where the signing page leads: to what the paper is about once they have signed, else to what can be done now."""
    found = queries.paper_for(reference, request.actor)
    return redirect(found.return_url) if _is_done_with(found, request.actor) else _page(request, found)


def _is_done_with(found: Paper, actor: Actor) -> bool:
    """Whether this actor has signed: all have, or it is the next one's turn."""
    return found.status == PaperStatus.SIGNED or not found.is_asked_of(actor)


def _page(request: SignersRequest, found: Paper) -> HttpResponse:
    return render(
        request,
        "documents/paper.html",
        {"paper": found, "verdict": _verdict(found), "can_sign": _can_sign(found)},
    )


def _can_sign(found: Paper) -> bool:
    """Whether the newest request can still be signed, or is just being completed."""
    if found.status != PaperStatus.WAITING or found.verdict:
        return False
    request = signatures.latest_for(found.reference)
    if request is None:
        return False
    return request.status == RequestStatus.SIGNED or (request.status in OPEN and timezone.now() < request.expires_at)


def _verdict(found: Paper) -> Verdict | None:
    """Why the last signature was not accepted."""
    return Verdict(found.verdict) if found.verdict else None
