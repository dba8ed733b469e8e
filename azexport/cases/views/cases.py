"""The pages of cases."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from azexport.cases import actions, queries
from azexport.cases.forms import AnswerForm
from azexport.cases.lifecycle import TABLE
from azexport.cases.models import Case
from azexport.cases.permissions import may_sign_answer
from azexport.cases.queries import CaseView
from azexport.cases.states import CaseStatus
from azexport.cases.timeline import events_of
from azexport.documents import queries as documents
from azexport.kernel.errors import Missing
from azexport.kernel.http import SIGNED_IN, audience
from azexport.parties.models import Member


class Asked(HttpRequest):
    """A request of somebody who is signed in: the audience gate lets nobody else in."""

    actor: Member


@audience(SIGNED_IN)
@require_GET
def case_list(request: Asked) -> HttpResponse:
    """/cases/: the organisation's cases, newest first."""
    which = request.GET.get("show", "all")
    views, following = queries.page(
        _organisation(request), which=which, before=request.GET.get("before"), now=timezone.now()
    )
    tabs = [
        {"label": label, "url": f"{reverse('cases')}?show={name}", "current": which == name}
        for name, label in (("all", _("All")), ("open", _("In progress")), ("decided", _("Decided")))
    ]
    context = {
        "rows": [{"view": view, "case": view.case} for view in views],
        "tabs": tabs,
        "next": f"{reverse('cases')}?show={which}&before={following}" if following else None,
        "first": f"{reverse('cases')}?show={which}" if request.GET.get("before") else None,
    }
    return render(request, "cases/list.html", context)


@audience(SIGNED_IN)
@require_GET
def case_page(request: Asked, reference: str) -> HttpResponse:
    """/cases/<reference>/: everything about one case; its state part polls itself."""
    return render(request, "cases/case.html", _context(request, reference))


@audience(SIGNED_IN)
@require_GET
def case_state(request: Asked, reference: str) -> HttpResponse:
    """The part of the page that changes; 204 or 304 while the page that asks shows what is true."""
    case = queries.case(_organisation(request), reference)
    view = queries.view(case, now=timezone.now())
    version = _version(view)
    if request.GET.get("v") == version:
        return HttpResponse(status=204)
    if request.headers.get("If-None-Match") == f'"{version}"':
        return HttpResponse(status=304)
    response = render(request, "cases/_state.html", _context_of(request, view))
    response["ETag"] = f'"{version}"'
    response["Cache-Control"] = "private, no-cache"
    return response


@audience(SIGNED_IN)
@require_http_methods(["GET", "POST"])
def answer(request: Asked, reference: str) -> HttpResponse:
    """/cases/<reference>/answer/: the body's questions; what is valid is kept, and once all is, it is put on paper."""
    case = queries.case(_organisation(request), reference)
    asked = queries.open_request(case)
    if request.method != "POST":
        if asked.paper:
            return _answer_waits(request, case, asked)
        return _answer_page(request, case, asked, AnswerForm(asked))
    form = AnswerForm(asked, request.POST, request.FILES)
    form.is_valid()
    now = timezone.now()
    kept = actions.keep_answer(
        case=case, answers=form.answers(), files=form.chosen(), removed=form.removed(), by=request.actor, now=now
    )
    if "later" in request.POST:
        messages.success(request, _("Your answers are saved. You can come back at any time."))
        return redirect("case", reference)
    if form.errors:
        # The files that were kept are named beside their fields: nobody has to choose them again.
        form = AnswerForm(kept, request.POST, request.FILES)
        form.is_valid()
        return _answer_page(request, case, kept, form)
    paper = actions.prepare_answer(case=case, by=request.actor, now=now)
    if paper.signer_id == request.actor.actor_id:
        return redirect("paper", paper.reference)
    messages.success(request, _("The head has been asked to sign."))
    return redirect("case_answer", reference)


@audience(SIGNED_IN)
@require_POST
def reopen_answer(request: Asked, reference: str) -> HttpResponse:
    """Back to the draft of the answer."""
    case = queries.case(_organisation(request), reference)
    actions.reopen_answer(case=case, by=request.actor, now=timezone.now())
    messages.success(
        request, _("You can change your answers again. The document that was not signed counts for nothing.")
    )
    return redirect("case_answer", reference)


def _answer_page(request: Asked, case: Any, asked: Any, form: AnswerForm) -> HttpResponse:
    status = 422 if form.is_bound else 200
    context = {"case": case, "asked": asked, "form": form, "signs": may_sign_answer(request.actor, case)}
    return render(request, "cases/answer.html", context, status=status)


def _answer_waits(request: Asked, case: Any, asked: Any) -> HttpResponse:
    paper = documents.paper(asked.paper)
    context = {"case": case, "paper": paper, "mine": paper.signer_id == request.actor.actor_id}
    return render(request, "cases/answer_waiting.html", context)


@audience(SIGNED_IN)
@require_http_methods(["GET", "POST"])
def withdraw(request: Asked, reference: str) -> HttpResponse:
    """/cases/<reference>/withdraw/: asks whether it is meant, then withdraws."""
    case = queries.case(_organisation(request), reference)
    if request.method == "POST":
        actions.withdraw(case=case, by=request.actor, now=timezone.now())
        messages.success(request, _("You have withdrawn this part of your application."))
        return redirect("case", reference)
    alone = case.application_reference.startswith("FL-")
    return render(request, "cases/withdraw.html", {"case": case, "alone": alone})


@audience(SIGNED_IN)
@require_GET
def standard_message(request: Asked, reference: str, number: int) -> HttpResponse:
    """/cases/<reference>/messages/<number>.xml: the case in a standard's words, for its applicant and its bodies."""
    made = queries.standard_message(_own_or_on_the_desk(request, reference), number)
    response = HttpResponse(made.content, content_type="application/xml")
    response.headers["Content-Disposition"] = f'attachment; filename="{reference}-{number}.xml"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _own_or_on_the_desk(request: Asked, reference: str) -> Case:
    """A body's officers see what the body has applied for, and what lies on its desk."""
    participant = request.actor.participant
    try:
        return queries.case(_organisation(request), reference)
    except Missing:
        if participant is None:
            raise
    return queries.desk.case(participant, reference)


def _context(request: Asked, reference: str) -> dict[str, Any]:
    return _context_of(request, queries.view(queries.case(_organisation(request), reference), now=timezone.now()))


def _context_of(request: Asked, view: CaseView) -> dict[str, Any]:
    case = view.case
    requests = queries.requests_of(case)
    return {
        "view": view,
        "case": case,
        "regulation": case.regulation.regulation,
        "clock": _clock(view),
        "steps": _steps(view),
        "requests": requests,
        "open_request": next((one for one in requests if one.answered_at is None), None)
        if case.status == CaseStatus.INFORMATION_REQUESTED
        else None,
        "grounds": case.decision.get("grounds", []),
        "events": events_of(case, queries.history(case)),
        "documents": _documents(case),
        "messages_offered": queries.messages_offered(case),
        "result": case.decision.get("result"),
        "silence": case.decision.get("silence"),
        **_entry(case),
        "alone": case.application_reference.startswith("FL-"),
        "may_withdraw": "withdraw" in TABLE.open_to(request.actor, case),
        "poll": None if case.settled else f"{reverse('case_state', args=[case.reference])}?v={_version(view)}",
    }


def _entry(case: Any) -> dict[str, Any]:
    """The entry in the public register, and what was decided about it since."""
    entry = queries.entry_of(case)
    return {"entry": entry, "entry_decisions": queries.decisions_about(entry) if entry else []}


def _clock(view: CaseView) -> dict[str, Any] | None:
    if view.clock is None or view.clock.finished_on is not None:
        return None
    return {
        "days_used": view.days_used,
        "days_left": view.days_left,
        "working_days": view.clock.term,
        "due_on": view.clock.due_on,
    }


def _steps(view: CaseView) -> list[dict[str, Any]]:
    """The regulation's steps in their order: whose they are, how far each has come, who took it and what came of it."""
    taken = {one.step: one for one in queries.steps_of(view.case)}
    result = []
    for step in view.case.regulation.regulation.steps:
        record = taken.get(step.id)
        state = "not_started" if record is None else "completed" if record.finished_at else "in_progress"
        body = record.participant if record else None
        result.append({"step": step, "record": record, "state": state, "body": body})
    return result


def _documents(case: Any) -> list[dict[str, str]]:
    """Name and address of each file of the case that is a document of the portal."""
    facts = case.facts
    contract = (facts.get("contract") or {}).get("file")
    members = [facts.get("application_document"), contract, *facts.get("documents", [])]
    named = [(_("Application"), members[0]), (_("Contract"), members[1])]
    named += [(one.get("name") or _("Document"), one) for one in members[2:] if isinstance(one, dict)]
    return [
        {"name": str(name), "url": f"/documents/{member['$document']}/"}
        for name, member in named
        if isinstance(member, dict) and member.get("$document")
    ]


def _version(view: CaseView) -> str:
    delivery = f"{view.delivery.status}.{view.delivery.attempts}" if view.delivery else "-"
    return f"{view.case.changes}.{delivery}.{view.today:%Y%m%d}.{(get_language() or 'az')[:2]}"


def _organisation(request: Asked) -> Any:
    return request.actor.organisation
