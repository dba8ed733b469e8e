"""The pages of the unified application and of the operation's dossier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from azexport.calendar.queries import today
from azexport.contracts import queries as contracts
from azexport.customs import actions as customs
from azexport.documents import queries as documents
from azexport.exports import actions, printing, queries, rules
from azexport.exports.forms import PermitsForm, PromotionForm, QuantityForm, SectionForm
from azexport.exports.models import Application
from azexport.exports.sections import Plan, Section
from azexport.exports.states import ApplicationStatus, OperationStage
from azexport.kernel.errors import IllegalTransition, Missing, RuleViolated
from azexport.kernel.http import TRADER, audience
from azexport.kernel.text import pick
from azexport.reference import queries as reference
from azexport.services import fields as services
from azexport.signatures.states import Verdict

if TYPE_CHECKING:
    from azexport.parties.models import Member


class MemberRequest(HttpRequest):
    """A request that the gate let through: somebody is signed in."""

    actor: Member


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
    tasks = _tasks(plan)
    done = sum(task["status"] == "completed" for task in tasks)
    return render(request, "exports/application.html", {"application": row, "plan": plan, "tasks": tasks, "done": done})


@require_http_methods(["GET", "POST"])
@audience(TRADER)
def goods(request: MemberRequest, reference: str) -> HttpResponse:
    """How much of the contract's goods goes with this consignment."""
    row = _draft(request, reference)
    contracted = {line.line: line.quantity for line in row.operation.contract.lines.all()}
    form = QuantityForm(_posted(request), lines=row.lines, contracted=contracted)
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
            actions.freeze(row, by=request.actor, now=timezone.now())
        except RuleViolated as refused:
            violations = refused.violations
        else:
            return redirect("application_sign", reference)
    context = {"application": row, "plan": plan, "violations": violations, "sections": _summaries(plan),
               "promotion": printing.promotion_rows(row.promotion)}  # fmt: skip
    return render(request, "exports/check.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@audience(TRADER)
def sign(request: MemberRequest, reference: str) -> HttpResponse:
    """Waits until the document is made, then leads to its signing; POST asks to sign again after a failure."""
    row = queries.application(request.actor.organisation, reference)
    if request.method == "POST":
        wanted = actions.open_signing(row, by=request.actor, now=timezone.now())
        return redirect("sign", wanted.reference)
    if row.status == ApplicationStatus.SUBMITTED:
        return redirect("application_submitted", reference)
    if row.editable:
        return redirect("application", reference)
    return render(request, "exports/sign.html", {"application": row, "verdict": _verdict(row)})


@require_GET
@audience(TRADER)
def sign_state(request: MemberRequest, reference: str) -> HttpResponse:
    """The fragment that the waiting page asks for each second."""
    row = queries.application(request.actor.organisation, reference)
    if row.status == ApplicationStatus.AWAITING_SIGNATURE and row.signing and not row.verdict:
        return HttpResponse(headers={"HX-Redirect": f"/sign/{row.signing}/"})
    return render(request, "exports/_sign_state.html", {"application": row, "verdict": _verdict(row)})


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


def _verdict(row: Application) -> Verdict | None:
    """Why the last signature was not accepted."""
    return Verdict(row.verdict) if row.verdict else None


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


def _tasks(plan: Plan) -> list[dict[str, Any]]:
    """The task list; what depends on the permits waits for them."""
    row = plan.application
    url = f"/applications/{row.reference}/"
    tasks: list[dict[str, Any]] = [
        {"title": _("Goods of this consignment"), "url": f"{url}goods/",
         "status": "completed" if row.lines_confirmed else "not_started"},
        {"title": _("Documents these goods need"), "url": f"{url}permits/" if row.lines_confirmed else None,
         "status": _status(row.permits_confirmed, row.lines_confirmed)},
    ]  # fmt: skip
    for part in plan.sections if row.permits_confirmed else ():
        complete = part.id in row.sections and not plan.missing(part)
        begun = any(field.value(row.answers) not in (None, "") for field in plan.fields(part))
        status = "completed" if complete else "in_progress" if begun else "not_started"
        tasks.append({"title": pick(part.title), "url": f"{url}questions/{part.id}/", "status": status})
    if rules.carries_promotion(plan.lines, plan.on):
        status = "completed" if "requested" in row.promotion else "not_started"
        tasks.append({"title": _("Note on the export promotion payment"), "url": f"{url}promotion/", "status": status})
    ready = all(task["status"] == "completed" for task in tasks)
    tasks.append({"title": _("Check and sign"), "url": f"{url}check/" if ready else None,
                  "status": "not_started" if ready else "cannot_start"})  # fmt: skip
    return tasks


def _status(done: bool, possible: bool) -> str:
    return "completed" if done else "not_started" if possible else "cannot_start"


def _summaries(plan: Plan) -> list[dict[str, Any]]:
    """The answers by section, each with the link that changes it."""
    url = f"/applications/{plan.application.reference}/questions/"
    summaries = []
    for part in plan.sections:
        rows = [
            {
                "key": _label(field),
                "value": services.shown(field.asked.question, field.value(plan.application.answers)),
                "change": f"{url}{part.id}/",
                "change_label": _label(field),
            }
            for field in plan.fields(part)
        ]
        for regulation, document in plan.wanted_documents(part):
            have = plan.attached.get((regulation.service, document.id))
            value = have.name if have else _("Not attached")
            name = pick(document.name.text)
            rows.append({"key": name, "value": value, "change": f"{url}{part.id}/", "change_label": name})
        summaries.append({"title": pick(part.title), "rows": rows})
    return summaries


def _label(field: Any) -> str:
    label = pick(field.asked.question.label.text)
    if field.line is None:
        return label
    return f"{label} ({pick({'az': field.line['description'], 'en': field.line['description_en']})})"
