"""The pages of the unified application: its list, its task list, its questions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from azexport.calendar.queries import today
from azexport.contracts import queries as contracts
from azexport.exports import actions, printing, quantities, queries, rules, screens
from azexport.exports.forms import PermitsForm, PromotionForm, QuantityForm, SectionForm
from azexport.exports.models import Application
from azexport.exports.sections import Plan, Section
from azexport.exports.states import ApplicationStatus
from azexport.exports.views.requests import MemberRequest
from azexport.kernel.errors import IllegalTransition, Missing, RuleViolated
from azexport.kernel.http import TRADER, audience
from azexport.reference import queries as reference


@require_GET
@audience(TRADER)
def application_list(request: MemberRequest) -> HttpResponse:
    """My applications, newest first."""
    rows, following = queries.page(request.actor.organisation, before=request.GET.get("before", ""))
    can_start = contracts.concluded_for(request.actor.organisation).exists()
    return render(
        request, "exports/application_list.html", {"applications": rows, "following": following, "can_start": can_start}
    )


@require_http_methods(["GET", "POST"])
@audience(TRADER)
def application_new(request: MemberRequest) -> HttpResponse:
    """Which contract, and whether to begin with the answers of an earlier application."""
    member = request.actor
    if request.method == "POST":
        contract = contracts.contract(member.organisation, request.POST.get("contract", ""))
        copied = request.POST.get("copy_of", "")
        earlier = queries.application(member.organisation, copied) if copied else None
        application = actions.start(contract=contract, copy_of=earlier, by=member, now=timezone.now())
        return redirect("application", application.reference)
    concluded = contracts.concluded_for(member.organisation)
    earlier_ones = queries.applications_of(member.organisation).filter(status=ApplicationStatus.SUBMITTED)[:10]
    return render(
        request,
        "exports/application_new.html",
        {"contracts": concluded[:50], "chosen": request.GET.get("contract", ""), "earlier": earlier_ones,
         "copy_of": request.GET.get("copy_of", "")},
    )  # fmt: skip


@require_GET
@audience(TRADER)
def application(request: MemberRequest, reference: str) -> HttpResponse:
    """The task list of a draft; afterwards what was submitted."""
    row = queries.application(request.actor.organisation, reference)
    if row.status == ApplicationStatus.SUBMITTED:
        return redirect("operation", row.operation.reference)
    if not row.editable:
        return redirect("application_sign", reference)
    plan = Plan(row, today(timezone.now()))
    tasks = screens.tasks(plan)
    done = sum(task["status"] == "completed" for task in tasks)
    return render(request, "exports/application.html", {"application": row, "plan": plan, "tasks": tasks, "done": done})


@require_http_methods(["GET", "POST"])
@audience(TRADER)
def goods(request: MemberRequest, reference: str) -> HttpResponse:
    """How much of the contract's goods goes with this consignment."""
    row = _draft(request, reference)
    contract = row.operation.contract
    form = QuantityForm(
        _posted(request),
        lines=[line.as_data() for line in contract.lines.all()],
        left=quantities.left(contract, besides=row),
        quantities={line["line"]: Decimal(line["quantity"]) for line in row.lines},
    )
    if request.method == "POST" and form.is_valid():
        actions.set_quantities(row, quantities=form.quantities(), by=request.actor, now=timezone.now())
        return redirect("application_permits", reference)
    return _question(request, "exports/goods.html", row, form)


@require_http_methods(["GET", "POST"])
@audience(TRADER)
def permits(request: MemberRequest, reference: str) -> HttpResponse:
    """Which documents the goods need, each with its rule; which of the conditional ones to apply for."""
    row = _draft(request, reference)
    plan = Plan(row, today(timezone.now()))
    optional = [one for one in plan.requirements if one.level != "required"]
    required = [one for one in plan.requirements if one.level == "required"]
    form = PermitsForm(_posted(request), optional=optional, chosen=row.chosen)
    if request.method == "POST" and form.is_valid():
        actions.choose_permits(row, chosen=form.cleaned_data, by=request.actor, now=timezone.now())
        return redirect("application", reference)
    return _question(request, "exports/permits.html", row, form, required=required, optional=optional, plan=plan)


@require_http_methods(["GET", "POST"])
@audience(TRADER)
def questions(request: MemberRequest, reference: str, section: str) -> HttpResponse:
    """One section's questions and files; "save and come back later" keeps what is valid."""
    row = _draft(request, reference)
    plan = Plan(row, today(timezone.now()))
    if (part := plan.section(section)) is None:
        raise Missing
    if request.method != "POST":
        return _question(request, "exports/questions.html", row, _section_form(plan, part), section=part)
    return _answered(request, plan, part)


def _answered(request: MemberRequest, plan: Plan, part: Section) -> HttpResponse:
    """Keeps what is valid; asks on where an answer has brought up another question."""
    row, later = plan.application, "later" in request.POST
    form = _section_form(plan, part, request)
    form.is_valid()
    answers = actions.merged(row.answers, form.answers())
    brought_up = {one.name for one in plan.fields(part, answers)} - {one.name for one in form.asked}
    finished = not form.errors and not brought_up and not later
    kept = actions.answer(
        row, section=part.id, answers=form.answers(), files=_read(form), finished=finished, by=request.actor,
        now=timezone.now(),
    )  # fmt: skip
    if later:
        messages.success(request, _("Your answers are saved. You can come back at any time."))
        return redirect("application", row.reference)
    if finished:
        return redirect("application", row.reference)
    if not form.errors:
        return redirect(request.path)
    again = _section_form(Plan(kept, plan.on), part, request)
    return _question(request, "exports/questions.html", row, again, section=part)


@require_http_methods(["GET", "POST"])
@audience(TRADER)
def promotion(request: MemberRequest, reference: str) -> HttpResponse:
    """The note on the export promotion payment (P10.3.3(4))."""
    row = _draft(request, reference)
    known = dict(row.promotion)
    if "requested" in known:
        known["requested"] = "yes" if known["requested"] else "no"
    form = PromotionForm(_posted(request), initial=known)
    if request.method == "POST" and form.is_valid():
        actions.note_promotion(row, note=form.note(), by=request.actor, now=timezone.now())
        return redirect("application", reference)
    return _question(request, "exports/promotion.html", row, form)


@require_http_methods(["GET", "POST"])
@audience(TRADER)
def check(request: MemberRequest, reference: str) -> HttpResponse:
    """Check your answers; then the document is made that will be signed."""
    row = _draft(request, reference)
    plan = Plan(row, today(timezone.now()))
    violations: tuple[Any, ...] = tuple(rules.complete(row, plan=plan))
    if request.method == "POST":
        try:
            frozen = actions.freeze(row, by=request.actor, now=timezone.now())
        except RuleViolated as refused:
            violations = refused.violations
        else:
            assert frozen.paper is not None
            return redirect("paper", frozen.paper.reference)
    context = {"application": row, "plan": plan, "violations": violations, "sections": screens.summaries(plan),
               "promotion": printing.promotion_rows(row.promotion)}  # fmt: skip
    return render(request, "exports/check.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@audience(TRADER)
def delete(request: MemberRequest, reference: str) -> HttpResponse:
    """Asks first: a deleted draft cannot be brought back."""
    row = _draft(request, reference)
    if request.method == "POST":
        actions.abandon(row, by=request.actor, now=timezone.now())
        messages.success(request, _("The draft %(reference)s is deleted.") % {"reference": reference})
        return redirect("application_list")
    return render(request, "exports/delete.html", {"application": row})


# ------------------------------------------------------------------------------------------------ inside


def _draft(request: MemberRequest, reference: str) -> Application:
    """The draft.

    Raises:
        Missing: there is none of that reference, or it is somebody else's.
        IllegalTransition: it is not a draft any more.
    """
    row = queries.application(request.actor.organisation, reference)
    if not row.editable:
        raise IllegalTransition
    return row


def _question(request: HttpRequest, template: str, row: Application, form: Any, **context: Any) -> HttpResponse:
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {"application": row, "form": form, **context}, status=status)


def _posted(request: HttpRequest) -> QueryDict | None:
    """What was sent; a form with nothing in it was sent, too."""
    return request.POST if request.method == "POST" else None


def _section_form(plan: Plan, part: Section, request: HttpRequest | None = None) -> SectionForm:
    fields = plan.fields(part)
    wants_countries = any(one.asked.question.kind == "country" for one in fields)
    return SectionForm(
        request.POST if request else None,
        request.FILES if request else None,
        fields=fields,
        documents=plan.wanted_documents(part),
        attached=plan.attached,
        answers=plan.application.answers,
        countries=reference.choices(reference.countries()) if wants_countries else (),
    )


def _read(form: SectionForm) -> dict[tuple[str, str], tuple[str, bytes]]:
    contents = {}
    for key, upload in form.uploads().items():
        contents[key] = (upload.name, upload.read())
        # The form may be shown and checked again because of another answer.
        upload.seek(0)
    return contents
