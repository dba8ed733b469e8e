"""The applicant's way through a service: what it needs, the task list, one task a page, check, sign, receipt (S4.4)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from azexport.calendar.queries import today
from azexport.cases.actions import filings as actions
from azexport.cases.filings import printing, screens
from azexport.cases.filings.permissions import may_sign
from azexport.cases.filings.plan import Plan, TaskPlan, runs_alone
from azexport.cases.filings.rules import RULES
from azexport.cases.forms import TaskForm
from azexport.cases.models import Filing
from azexport.cases.queries import filings as queries
from azexport.cases.states import FilingStatus
from azexport.kernel.errors import IllegalTransition, Missing, RuleViolated
from azexport.kernel.http import PUBLIC, SIGNED_IN, audience
from azexport.parties import queries as parties
from azexport.parties.models import Member
from azexport.services import fields
from azexport.services import queries as services


class Asked(HttpRequest):
    """A request of somebody who is signed in: the audience gate lets nobody else in."""

    actor: Member


# ------------------------------------------------------------------------------------------------ before


@audience(PUBLIC)
@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest, service: str) -> HttpResponse:
    """/apply/<service>/: what the service needs, costs and takes, and for whom it is; POST begins (S7.1)."""
    row = services.regulation(service, today(timezone.now()))
    if row is None:
        raise Missing
    if not row.regulation.interactive or row.regulation.provision.runs_at:
        return redirect(screens.elsewhere(row))
    actor: Member | None = getattr(request, "actor", None)
    context = screens.start_page(row, actor)
    if request.method == "GET" or not runs_alone(row.regulation):
        return render(request, "cases/filings/apply.html", context)
    if actor is None:
        return redirect(f"{reverse('sign_in')}?next={request.path}")
    if not context["admitted"]:
        return render(request, "cases/filings/apply.html", context, status=403)
    filing = actions.start(regulation=row, by=actor, now=timezone.now())
    return redirect("filing", filing.reference)


# ------------------------------------------------------------------------------------------------ the history of use


@audience(SIGNED_IN)
@require_GET
def filing_list(request: Asked) -> HttpResponse:
    """/filings/: every application for a service that one has made or begun, newest first (S6.1.3)."""
    which = request.GET.get("show", "all")
    rows, following = queries.filing_page(
        request.actor.organisation, which=which, before=request.GET.get("before"), now=timezone.now()
    )
    here = reverse("filings")
    names = (("all", _("All")), ("drafts", _("Not sent yet")), ("sent", _("Sent")))
    context = {
        "rows": rows,
        "tabs": [{"label": label, "url": f"{here}?show={name}", "current": which == name} for name, label in names],
        "following": f"{here}?show={which}&before={following}" if following else None,
        "first": f"{here}?show={which}" if request.GET.get("before") else None,
    }
    return render(request, "cases/filings/list.html", context)


# ------------------------------------------------------------------------------------------------ drawing up


@audience(SIGNED_IN)
@require_GET
def filing(request: Asked, reference: str) -> HttpResponse:
    """/filings/<reference>/: the task list of a draft; afterwards where it is."""
    row = _own(request, reference)
    if row.status == FilingStatus.SUBMITTED:
        return redirect("filing_submitted", reference)
    if row.status == FilingStatus.FROZEN and may_sign(request.actor, row):
        return redirect("filing_check", reference)
    if not row.editable:
        paper = queries.paper_of(row)
        mine = paper is not None and paper.signer_id == request.actor.actor_id
        return render(request, "cases/filings/waiting.html", {"filing": row, "paper": paper, "mine": mine})
    plan = Plan(row)
    context = {
        "filing": row,
        "plan": plan,
        "sections": screens.sections(plan),
        "known": screens.known(plan),
        "done": sum(plan.complete(one) for one in plan.tasks),
        "outdated": _outdated(row),
    }
    return render(request, "cases/filings/filing.html", context)


@audience(SIGNED_IN)
@require_http_methods(["GET", "POST"])
def task(request: Asked, reference: str, task: str) -> HttpResponse:
    """/filings/<reference>/tasks/<task>/: one task's questions and files; what is valid is kept, whatever is not."""
    plan = Plan(_draft(request, reference))
    page = plan.task(task)
    if page is None:
        # An answer elsewhere has made it needless: nothing is asked here any more.
        return redirect("filing", reference)
    if request.method != "POST":
        return _task_page(request, plan, page, _form(request, plan, page))
    form = _form(request, plan, page, posted=True)
    form.is_valid()
    kept = actions.answer(
        plan.filing, task=page.id, answers=form.answers(), files=form.chosen(), removed=form.removed(),
        finished=False, by=request.actor, now=timezone.now(),
    )  # fmt: skip
    typed = fields.more_rows(form.fields, request.POST)
    if typed is not None:
        plan = Plan(kept)
        return _task_page(request, plan, page, _form(request, plan, page, initial=typed))
    return _answered(request, kept, page, form)


def _answered(request: Asked, kept: Filing, page: TaskPlan, form: TaskForm) -> HttpResponse:
    """What was valid is kept; asks on where an answer has brought up another question."""
    after = Plan(kept)
    again = after.task(page.id) or page
    if "later" in request.POST:
        messages.success(request, _("Your answers are saved. You can come back at any time."))
        return redirect("filing", kept.reference)
    if form.errors:
        # The files that were kept are named beside their fields: nobody has to choose them again.
        form = _form(request, after, again, posted=True)
        form.ask(again.asks - page.asks)
        return _task_page(request, after, again, form)
    if again.asks - page.asks:
        return redirect(request.path)
    kept = actions.answer(kept, task=page.id, answers={}, files={}, finished=True, by=request.actor, now=timezone.now())
    return redirect("filing_check" if Plan(kept).ready else "filing", kept.reference)


@audience(SIGNED_IN)
@require_http_methods(["GET", "POST"])
def check(request: Asked, reference: str) -> HttpResponse:
    """/filings/<reference>/check/: everything that will be sent; POST makes the document to sign, or asks the head."""
    row = _own(request, reference)
    signs = may_sign(request.actor, row)
    if row.status != FilingStatus.DRAFTED and not (row.status == FilingStatus.FROZEN and signs):
        return redirect("filing", reference)
    now = timezone.now()
    if request.method == "POST":
        try:
            if not signs:
                actions.send_to_head(row, by=request.actor, now=now)
                messages.success(request, _("The head has been asked to sign."))
                return redirect("filing", reference)
            return redirect("paper", actions.freeze(row, by=request.actor, now=now).paper)
        except RuleViolated:
            row = _own(request, reference)
    plan = Plan(row)
    given = actions.known_to_rules(row, now)
    violations = [one for rule in RULES for one in rule(row, plan=plan, **given)]
    context = {
        "filing": row,
        "plan": plan,
        "violations": violations,
        "summaries": screens.summaries(plan, change=row.editable),
        "known": screens.known(plan),
        "applicant": screens.applicant(row),
        "signs": signs,
        "fee": printing.fee(plan.regulation),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "cases/filings/check.html", context, status=status)


@audience(SIGNED_IN)
@require_GET
def submitted(request: Asked, reference: str) -> HttpResponse:
    """/filings/<reference>/submitted/: the receipt with the number of the case (S6.3, S7.1.2)."""
    row = _own(request, reference)
    if row.case is None:
        return redirect("filing", reference)
    return render(request, "cases/filings/submitted.html", screens.receipt(row, timezone.now()))


# ------------------------------------------------------------------------------------------------ moves


@audience(SIGNED_IN)
@require_POST
def reopen(request: Asked, reference: str) -> HttpResponse:
    """Back to the draft."""
    actions.reopen(_own(request, reference), by=request.actor, now=timezone.now())
    messages.success(
        request, _("You can change your answers again. The document that was not signed counts for nothing.")
    )
    return redirect("filing", reference)


@audience(SIGNED_IN)
@require_POST
def renew(request: Asked, reference: str) -> HttpResponse:
    """On under the version of the regulation that is in force."""
    actions.renew(_draft(request, reference), by=request.actor, now=timezone.now())
    messages.success(request, _("Your answers are kept. Go through the tasks again: the regulation has changed."))
    return redirect("filing", reference)


@audience(SIGNED_IN)
@require_POST
def copy(request: Asked, reference: str) -> HttpResponse:
    """A new application that begins with the answers and files of this one."""
    earlier = _own(request, reference)
    newest = queries.newest_regulation(earlier, today(timezone.now()))
    if newest is None:
        raise Missing(_("This service is not provided any more."))
    started = actions.start(regulation=newest, copy_of=earlier, by=request.actor, now=timezone.now())
    messages.success(request, _("Here is a copy. Go through each task and check that it is still true."))
    return redirect("filing", started.reference)


@audience(SIGNED_IN)
@require_http_methods(["GET", "POST"])
def abandon(request: Asked, reference: str) -> HttpResponse:
    """Asks first: a deleted draft cannot be brought back."""
    row = _draft(request, reference)
    if request.method == "POST":
        actions.abandon(row, by=request.actor, now=timezone.now())
        messages.success(request, _("The draft %(reference)s is deleted.") % {"reference": reference})
        return redirect("filings")
    return render(request, "cases/filings/abandon.html", {"filing": row})


# ------------------------------------------------------------------------------------------------ inside


def _own(request: Asked, reference: str) -> Filing:
    return queries.filing(request.actor.organisation, reference)


def _draft(request: Asked, reference: str) -> Filing:
    """The draft.

    Raises:
        Missing: there is none of that reference, or it is somebody else's.
        IllegalTransition: it is not a draft any more.
    """
    row = _own(request, reference)
    if not row.editable:
        raise IllegalTransition
    return row


def _outdated(row: Filing) -> str:
    """Why the draft cannot go on under its regulation: `changed`, `ended` or nothing."""
    newest = queries.newest_regulation(row, today(timezone.now()))
    if newest is None:
        return "ended"
    return "" if newest.pk == row.regulation_id else "changed"


def _form(request: Asked, plan: Plan, page: TaskPlan, *, posted: bool = False, initial: Any = None) -> TaskForm:
    """The task's form: as it is stored, as it was sent, or (`initial`) as it was typed so far."""
    data: QueryDict | None = request.POST if posted else None
    wants_facts = any(one.prefill for one in page.questions)
    facts = parties.facts_of(request.actor) if wants_facts else {}
    form = TaskForm(data, request.FILES if posted else None, plan=plan, page=page, facts=facts)
    for name, value in (initial or {}).items():
        form.fields[name].initial = value
    return form


def _task_page(request: Asked, plan: Plan, page: TaskPlan, form: TaskForm) -> HttpResponse:
    status = 422 if form.is_bound and form.errors else 200
    context = {"filing": plan.filing, "plan": plan, "page": page, "form": form}
    return render(request, "cases/filings/task.html", context, status=status)
