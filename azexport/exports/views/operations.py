"""The pages of an export operation and its dossier."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from azexport.customs import actions as customs
from azexport.documents import queries as documents
from azexport.exports import actions, queries
from azexport.exports.states import ApplicationStatus, OperationStage
from azexport.exports.views.requests import MemberRequest
from azexport.kernel.errors import IllegalTransition, Missing
from azexport.kernel.http import TRADER, audience


@require_GET
@audience(TRADER)
def operation(request: MemberRequest, reference: str) -> HttpResponse:
    """The dossier: everything that belongs to this export, what each body is doing, what comes next."""
    view = queries.operation(request.actor.organisation, reference, now=timezone.now())
    if view.application.status != ApplicationStatus.SUBMITTED:
        return redirect("application", view.application.reference)
    return render(request, "exports/operation.html", {"view": view, "Stage": OperationStage})


@require_GET
@audience(TRADER)
def operation_state(request: MemberRequest, reference: str) -> HttpResponse:
    """The fragment that the page asks for each second: no body when nothing has changed."""
    view = queries.operation(request.actor.organisation, reference, now=timezone.now())
    if request.GET.get("version") == view.version:
        return HttpResponse(status=204)
    return render(request, "exports/_operation_state.html", {"view": view, "Stage": OperationStage})


@require_POST
@audience(TRADER)
def declare(request: MemberRequest, reference: str) -> HttpResponse:
    """The customs declaration is drafted from contract, application and permits (P10.3.3(7))."""
    now = timezone.now()
    view = queries.operation(request.actor.organisation, reference, now=now)
    if view.declaration is not None and view.stage is not OperationStage.NOT_RELEASED:
        return redirect(f"/declarations/{view.declaration.reference}/")
    if view.application.document is None or not view.ready:
        raise IllegalTransition
    declaration = customs.draft_declaration(
        contract=view.operation.contract,
        application_reference=view.application.reference,
        application_document=view.application.document,
        permits=list(view.permits.values()),
        lines=view.application.lines,
        required=queries.needed_services(view.application),
        organisation=request.actor.organisation,
        by=request.actor,
        now=now,
    )
    return redirect(f"/declarations/{declaration.reference}/")


@require_http_methods(["GET", "POST"])
@audience(TRADER)
def dossier(request: MemberRequest, reference: str) -> HttpResponse:
    """POST: an archive is being made. GET: the newest one is downloaded."""
    now = timezone.now()
    view = queries.operation(request.actor.organisation, reference, now=now)
    if request.method == "POST":
        actions.want_dossier(view.operation, by=request.actor, now=now)
        return redirect("operation", reference)
    if view.operation.dossier is None:
        raise Missing
    return HttpResponse(
        documents.content(view.operation.dossier),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{reference}.zip"'},
    )
