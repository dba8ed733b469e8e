"""One case under review: taking it on, its steps, asking the applicant for more."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from azexport.cases import queries
from azexport.cases.actions import officers
from azexport.cases.lifecycle import ENTRIES
from azexport.cases.models import Case
from azexport.cases.queries.desk import Review, StepView
from azexport.cases.timeline import events_of
from azexport.desk import presentation, registry
from azexport.desk.forms import AskForm, StepForm
from azexport.desk.views.entries import TITLES
from azexport.desk.views.request import Asked, body_of, case_of, forget, keep, kept, open_case, posted
from azexport.documents import queries as documents
from azexport.kernel.errors import IllegalTransition, Missing, RuleViolated
from azexport.kernel.http import OFFICER, audience

form_page = require_http_methods(["GET", "HEAD", "POST"])


@audience(OFFICER)
@require_GET
def case(request: Asked, reference: str) -> HttpResponse:
    """/desk/cases/<reference>/: everything that a decision is made from, beside the checklist of the running step."""
    found = case_of(request, reference)
    review = queries.desk.review(found, viewer=request.actor, now=timezone.now())
    return render(request, "desk/case.html", _context(request, review))


def _context(request: Asked, review: Review) -> dict[str, Any]:
    found, view = review.case, review.view
    signs = review.paper is not None and review.paper.signer_id == request.actor.actor_id
    return {
        "case": found,
        "view": view,
        "review": review,
        "regulation": found.regulation.regulation,
        "clock": _clock(review),
        "own_case": found.provider_id == body_of(request).pk,
        "sections": presentation.sections(review),
        "sources": presentation.sources(review),
        "goods": presentation.goods(found),
        "running": [
            {"step": one, "form": StepForm(step=one.step, own=one.own, auto_id=f"{one.step.id}_%s")}
            for one in presentation.mine(review)
        ],
        "offers": review.offers,
        "blocked": list(dict.fromkeys(str(one.message) for one in review.blocked_by)),
        "result_waits": review.paper is not None and review.paper.status in ("rendering", "waiting"),
        "signs": signs,
        "events": events_of(found, review.events),
        "grounds": found.decision.get("grounds", []),
        "messages_offered": queries.messages_offered(found),
        **_entry(request, found),
        "panel": registry.panel(found, on=view.today),
    }


def _entry(request: Asked, found: Case) -> dict[str, Any]:
    """The entry in the body's public register, what may be decided about it, and what waits for the head."""
    entry = queries.entry_of(found) if found.provider_id == body_of(request).pk else None
    if entry is None:
        return {"entry": None}
    waits = queries.decision_that_waits(entry)
    paper = documents.paper(waits.paper) if waits else None
    return {
        "entry": entry,
        "entry_waits": waits,
        "entry_paper": paper,
        "entry_signs": paper is not None and paper.signer_id == request.actor.actor_id,
        "entry_offers": [(kind, label) for kind, label in TITLES.items() if ENTRIES.find(kind, entry.status)],
    }


def _clock(review: Review) -> dict[str, Any] | None:
    view = review.view
    if view.clock is None or view.clock.finished_on is not None:
        return None
    return {
        "days_used": view.days_used,
        "days_left": view.days_left,
        "working_days": view.clock.term,
        "due_on": view.clock.due_on,
    }


@audience(OFFICER)
@form_page
def take_on(request: Asked, reference: str) -> HttpResponse:
    """Asks whether it is meant, then the officer holds the case."""
    found = open_case(request, reference, "accept")
    if request.method == "POST":
        officers.take_on(case=found, by=request.actor, now=timezone.now())
        messages.success(request, _("You hold the case now. The applicant sees your name and position."))
        return redirect("desk_case", reference)
    return render(request, "desk/take_on.html", {"case": found})


@audience(OFFICER)
@require_POST
def start_step(request: Asked, reference: str, step: str) -> HttpResponse:
    """The officer is at the step."""
    found = case_of(request, reference)
    officers.start_step(case=found, step=step, by=request.actor, now=timezone.now())
    messages.success(request, _("The step is yours. The applicant sees who takes it."))
    return redirect("desk_case", reference)


@audience(OFFICER)
@form_page
def step(request: Asked, reference: str, step: str) -> HttpResponse:
    """The step by itself: what it is, its checklist, and its end."""
    found = case_of(request, reference)
    review = queries.desk.review(found, viewer=request.actor, now=timezone.now())
    shown = _step(review, step)
    form = StepForm(posted(request), step=shown.step, own=shown.own)
    if request.method == "POST" and form.is_valid() and _finish(request, found, form):
        messages.success(request, _("The step is finished."))
        return redirect("desk_case", reference)
    context = {"case": found, "shown": shown, "form": form}
    return render(request, "desk/step.html", context, status=422 if form.is_bound else 200)


def _finish(request: Asked, found: Case, form: StepForm) -> bool:
    try:
        officers.finish_step(
            case=found, step=form.step.id, outcome=form.outcome, note=form.cleaned_data["note"], checklist=form.ticks,
            by=request.actor, now=timezone.now(),
        )  # fmt: skip
    except RuleViolated as refusal:
        for one in refusal.violations:
            form.add_error(None, str(one.message))
        return False
    return True


def _step(review: Review, step: str) -> StepView:
    """The step, if this officer can finish it now. Raises Missing, IllegalTransition."""
    found = next((one for one in review.steps if one.step.id == step), None)
    if found is None:
        raise Missing
    if not found.may_finish:
        raise IllegalTransition
    return found


@audience(OFFICER)
@form_page
def ask(request: Asked, reference: str) -> HttpResponse:
    """The officer's own questions; what was written is there again when they come back."""
    found = open_case(request, reference, "request_information")
    before = kept(request, found, "ask")
    if request.method != "POST":
        form = AskForm(initial=before, count=int(before.get("count", 1)))
        return render(request, "desk/ask.html", {"case": found, "form": form})
    count = _count(request.POST.get("count", "1"))
    if "more" in request.POST:
        form = AskForm(initial=_written(request), count=count + 1)
        return render(request, "desk/ask.html", {"case": found, "form": form})
    form = AskForm(request.POST, count=count)
    keep(request, found, "ask", {**_written(request), "count": count})
    if form.is_valid():
        return redirect("desk_ask_check", reference)
    return render(request, "desk/ask.html", {"case": found, "form": form}, status=422)


@audience(OFFICER)
@form_page
def check_ask(request: Asked, reference: str) -> HttpResponse:
    """The questions once more, as the applicant will see them; POST sends them."""
    found = open_case(request, reference, "request_information")
    before = kept(request, found, "ask")
    form = AskForm(before, count=int(before.get("count", 1)))
    if not before or not form.is_valid():
        return redirect("desk_ask", reference)
    if request.method == "POST":
        officers.request_information(
            case=found, questions=form.questions, reason=form.reason, by=request.actor, now=timezone.now()
        )
        forget(request, found, "ask")
        messages.success(request, _("The questions are with the applicant. The time limit stands until the answer."))
        return redirect("desk_case", reference)
    kinds = dict(form.fields["kind_1"].choices)  # type: ignore[attr-defined]
    rows = [{"label": one["label"], "kind": kinds[one["kind"]]} for one in form.questions]
    return render(request, "desk/ask_check.html", {"case": found, "rows": rows, "reason": form.reason})


def _written(request: Asked) -> dict[str, str]:
    hidden = ("csrfmiddlewaretoken", "more", "count")
    return {name: str(value)[:2000] for name, value in request.POST.items() if name not in hidden}


def _count(given: str) -> int:
    return int(given) if given.isdecimal() and len(given) < 4 else 1
