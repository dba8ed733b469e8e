"""The way of an application from its confirmation to its receipt; the signing itself is at /papers/<reference>/."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from azexport.exports import actions, queries
from azexport.exports.states import ApplicationStatus
from azexport.exports.views.requests import MemberRequest
from azexport.kernel.http import TRADER, audience
from azexport.signatures.states import Verdict


@require_http_methods(["GET", "POST"])
@audience(TRADER)
def sign(request: MemberRequest, reference: str) -> HttpResponse:
    """Whose signature it waits for, and why the last one was not accepted; POST leads to signing it oneself."""
    row = queries.application(request.actor.organisation, reference)
    if request.method == "POST":
        paper = actions.open_signing(row, by=request.actor, now=timezone.now())
        if paper.is_asked_of(request.actor):
            return redirect("paper", paper.reference)
        messages.info(request, _("The signature is being completed. This takes a few seconds."))
        return redirect("application_sign", reference)
    if row.status == ApplicationStatus.SUBMITTED:
        return redirect("application_submitted", reference)
    if row.paper is None:
        return redirect("application", reference)
    context = {
        "application": row,
        "paper": row.paper,
        "mine": row.paper.is_asked_of(request.actor),
        "verdict": Verdict(row.paper.verdict) if row.paper.verdict else None,
    }
    return render(request, "exports/sign.html", context)


@require_GET
@audience(TRADER)
def submitted(request: MemberRequest, reference: str) -> HttpResponse:
    """It is with every body: what happens next (S6.3, S7.1.2)."""
    row = queries.application(request.actor.organisation, reference)
    if row.status != ApplicationStatus.SUBMITTED:
        return redirect("application_sign", reference)
    view = queries.view(row, now=timezone.now())
    return render(request, "exports/submitted.html", {"application": row, "view": view})


@require_POST
@audience(TRADER)
def reopen(request: MemberRequest, reference: str) -> HttpResponse:
    """Back to the draft."""
    row = queries.application(request.actor.organisation, reference)
    actions.reopen(row, by=request.actor, now=timezone.now())
    messages.success(
        request, _("You can change your answers again. The document that was not signed counts for nothing.")
    )
    return redirect("application", reference)
