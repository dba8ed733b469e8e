"""The requirement finder (P4.1.4)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from azexport.calendar.queries import today
from azexport.kernel.errors import RuleViolated, Violation
from azexport.kernel.http import PUBLIC, audience, kept, problem, wants_json
from azexport.participants import queries as participants
from azexport.permits import queries
from azexport.permits.forms import FinderForm
from azexport.permits.queries import Requirement
from azexport.services.schema import Level

LEVELS: dict[Level, str | Promise] = {
    "required": _("Required"),
    "conditional": _("Conditional"),
    "on_request": _("On request"),
}
COLOURS: dict[Level, str] = {"required": "red", "conditional": "yellow", "on_request": "grey"}


@audience(PUBLIC)
@require_safe
@kept(vary=["Accept"])
def finder(request: HttpRequest) -> HttpResponse:
    """/finder/?hs=080222&destination=DE: the permits such an export needs, as a page or as JSON.

    A page that is asked for with the good alone asks where it goes.
    """
    asked = "destination" in request.GET or ("hs" in request.GET and wants_json(request))
    form = FinderForm(request.GET) if asked else FinderForm(initial={"hs": request.GET.get("hs", "")})
    found = asked and form.is_valid()
    if wants_json(request):
        return _json(form) if found else problem(RuleViolated(_violations(form)))
    context: dict[str, Any] = {"form": form, "asked": found}
    if found:
        requirements = _requirements(form)
        commodity, destination = form.cleaned_data["hs"], form.cleaned_data["destination"]
        form.fields["hs"].widget.attrs["data-label"] = commodity.label
        context |= {
            "commodity": commodity,
            "country": dict(form.countries)[destination],
            "rows": _rows(requirements),
        }
    return render(request, "permits/finder.html", context, status=422 if asked and not found else 200)


def _requirements(form: FinderForm) -> list[Requirement]:
    return queries.requirements(
        lines=[{"hs": form.cleaned_data["hs"].code, "line": 1}],
        destination=form.cleaned_data["destination"],
        on=today(timezone.now()),
    )


def _rows(requirements: list[Requirement]) -> list[dict[str, Any]]:
    bodies = participants.by_codes({one.regulation.regulation.provider for one in requirements})
    return [
        {
            "requirement": one,
            "regulation": one.regulation.regulation,
            "name": one.regulation.name,
            "body": bodies[one.regulation.regulation.provider].name
            if one.regulation.regulation.provider in bodies
            else {},
            "level": LEVELS[one.level],
            "colour": COLOURS[one.level],
        }
        for one in requirements
    ]


def _json(form: FinderForm) -> JsonResponse:
    """The same as data: texts in both languages, amounts as text."""
    items = [
        {
            "service": row["requirement"].regulation.service,
            "version": row["requirement"].regulation.label,
            "name": row["name"],
            "result": row["regulation"].result.name.text,
            "body": {"code": row["regulation"].provider, "name": row["body"]},
            "level": row["requirement"].level,
            "rule": row["requirement"].rule,
            "reason": row["requirement"].reason,
            "condition": row["requirement"].condition,
            "legal_basis": row["requirement"].legal_basis,
            "assumption": row["requirement"].assumption,
            "term_working_days": row["regulation"].term.working_days,
            "fee": {"amount": str(row["regulation"].fee.amount), "currency": row["regulation"].fee.currency},
        }
        for row in _rows(_requirements(form))
    ]
    return JsonResponse(
        {"hs": form.cleaned_data["hs"].code, "destination": form.cleaned_data["destination"], "requirements": items},
        json_dumps_params={"ensure_ascii": False},
    )


def _violations(form: FinderForm) -> list[Violation]:
    if not form.is_bound:
        return [Violation("required", _("Give hs and destination."))]
    return [
        Violation(str(error.code or "invalid"), str(error.messages[0]), field)
        for field, errors in form.errors.as_data().items()
        for error in errors
    ]
