"""Refusing on grounds of the regulation, granting with a result that the official signs (S-A1 3.3, 3.4)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from azexport.cases import queries, results
from azexport.cases.actions import officers
from azexport.cases.models import Case
from azexport.cases.queries.desk import Review
from azexport.desk.forms import ExplainForm, GrantForm, GroundsForm
from azexport.desk.views.request import Asked, case_of, forget, keep, kept, open_case, posted
from azexport.kernel.errors import IllegalTransition, RuleViolated
from azexport.kernel.http import OFFICER, audience

form_page = require_http_methods(["GET", "HEAD", "POST"])


# ------------------------------------------------------------------------------------------------ refusing


@audience(OFFICER)
@form_page
def refuse(request: Asked, reference: str) -> HttpResponse:
    """On which grounds."""
    found = open_case(request, reference, "refuse")
    before = kept(request, found, "refuse")
    form = GroundsForm(posted(request), grounds=found.regulation.regulation.procedures.refusal_grounds, initial=before)
    if request.method == "POST" and form.is_valid():
        keep(request, found, "refuse", {**before, "grounds": form.cleaned_data["grounds"]})
        return redirect("desk_refuse_explain", reference)
    context = {"case": found, "form": form}
    return render(request, "desk/refuse.html", context, status=422 if request.method == "POST" else 200)


@audience(OFFICER)
@form_page
def explain(request: Asked, reference: str) -> HttpResponse:
    """What each ground means in this case."""
    found = open_case(request, reference, "refuse")
    before = kept(request, found, "refuse")
    if not (grounds := _grounds(found, before)):
        return redirect("desk_refuse", reference)
    form = ExplainForm(posted(request), grounds=grounds, initial=before)
    if request.method == "POST":
        written = {name: str(request.POST.get(name, ""))[:2000] for name in form.fields}
        keep(request, found, "refuse", {**before, **written})
        if form.is_valid():
            return redirect("desk_refuse_check", reference)
    context = {"case": found, "form": form}
    return render(request, "desk/explain.html", context, status=422 if request.method == "POST" else 200)


@audience(OFFICER)
@form_page
def check_refusal(request: Asked, reference: str) -> HttpResponse:
    """The refusal once more, as the applicant will read it; POST is final."""
    found = open_case(request, reference, "refuse")
    before = kept(request, found, "refuse")
    grounds = _grounds(found, before)
    form = ExplainForm(before, grounds=grounds)
    if not grounds or not form.is_valid():
        return redirect("desk_refuse", reference)
    if request.method == "POST":
        officers.refuse(case=found, grounds=form.explained, by=request.actor, now=timezone.now())
        forget(request, found, "refuse")
        messages.success(request, _("The case is refused, and the applicant has been told."))
        return redirect("desk_case", reference)
    rows = [
        {"ground": one, "explanation": said["explanation"]} for one, said in zip(grounds, form.explained, strict=True)
    ]
    context = {"case": found, "rows": rows, "disputes": found.regulation.regulation.procedures.disputes}
    return render(request, "desk/refuse_check.html", context)


def _grounds(found: Case, before: dict[str, Any]) -> list[Any]:
    chosen = set(before.get("grounds") or ())
    return [one for one in found.regulation.regulation.procedures.refusal_grounds if one.id in chosen]


# ------------------------------------------------------------------------------------------------ granting


@audience(OFFICER)
@form_page
def grant(request: Asked, reference: str) -> HttpResponse:
    """How long the result holds."""
    review = _grantable(request, reference)
    found = review.case
    before = kept(request, found, "grant")
    initial = before or GrantForm.initial_of(review.valid_from, review.valid_until)
    form = GrantForm(posted(request), initial=initial)
    if request.method == "POST":
        keep(request, found, "grant", {name: str(request.POST.get(name, ""))[:2000] for name in form.fields})
        if form.is_valid():
            return redirect("desk_grant_check", reference)
    context = {"case": found, "form": form, "validity": found.regulation.regulation.result.validity}
    return render(request, "desk/grant.html", context, status=422 if request.method == "POST" else 200)


@audience(OFFICER)
@form_page
def check_grant(request: Asked, reference: str) -> HttpResponse:
    """What the result will say; POST has it printed for the official's own signature (P10.3.3(6))."""
    review = _grantable(request, reference)
    found, now = review.case, timezone.now()
    form = GrantForm(kept(request, found, "grant"))
    if not form.is_valid():
        return redirect("desk_grant", reference)
    first: date = form.cleaned_data["valid_from"]
    last: date | None = form.cleaned_data["valid_until"]
    refusal: RuleViolated | None = None
    if request.method == "POST":
        try:
            paper = officers.propose_grant(
                case=found, valid_from=first, valid_until=last, remarks=form.remarks, by=request.actor, now=now
            )
        except RuleViolated as error:
            refusal = error
        else:
            forget(request, found, "grant")
            if paper is not None:
                return redirect("paper", paper.reference)
            messages.success(request, _("The case is granted, and the applicant has been told."))
            return redirect("desk_case", reference)
    result = found.regulation.regulation.result
    preview = results.compose(
        found, valid_from=first, valid_until=last, now=now, remarks=form.remarks,
        officer=officers.officer_of(request.actor),
    )  # fmt: skip
    columns = result.register_.columns if result.register_ else ()
    context = {
        "case": found,
        "result": result,
        "preview": preview,
        "columns": [{"label": one.label.text, "value": preview.columns.get(one.id, "")} for one in columns],
        "refusal": refusal,
    }
    return render(request, "desk/grant_check.html", context, status=422 if refusal else 200)


def _grantable(request: Asked, reference: str) -> Review:
    """The review of a case that may be granted now. Raises Missing, IllegalTransition."""
    review = queries.desk.review(case_of(request, reference), viewer=request.actor, now=timezone.now())
    if not review.may_grant:
        raise IllegalTransition
    return review
