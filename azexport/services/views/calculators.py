"""Calculators: informational services that anybody uses without signing in (S4.2-4.3, P10.3.2(4))."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from azexport.calendar.queries import today
from azexport.kernel.errors import Missing, RuleViolated, Violation
from azexport.kernel.http import PUBLIC, audience, kept, problem, wants_json
from azexport.services import legal, queries
from azexport.services.calculator import CalculatorForm, Worked, work_out
from azexport.services.models import RegulationVersion
from azexport.services.views.regulations import READ_FOR, versions_known


@audience(PUBLIC)
@require_safe
@kept(versions_known, seconds=READ_FOR, vary=["Accept"])
def calculator(request: HttpRequest, service: str) -> HttpResponse:
    """/calculators/<service>/: the form, and with answers in the address the result, as a page or as JSON."""
    row = queries.regulation(service, today(timezone.now()))
    if row is None or row.regulation.provision.calculator is None:
        raise Missing
    regulation = row.regulation
    form = CalculatorForm(regulation, request.GET if request.GET else None)
    results = work_out(regulation, form.answers) if form.is_bound and form.is_valid() else []
    wrong = form.is_bound and not form.is_valid()
    if wants_json(request):
        return _json(row, form, results)
    names = legal.names_of(regulation)
    context = {
        "row": row, "regulation": regulation, "calculator": regulation.provision.calculator, "form": form,
        "results": results, "body": names.get(regulation.provider, regulation.provider),
    }  # fmt: skip
    return render(request, "services/calculator.html", context, status=422 if wrong else 200)


def _json(row: RegulationVersion, form: CalculatorForm, results: list[Worked]) -> HttpResponse:
    """The same as data: amounts as text, texts in both languages."""
    if not results:
        violations = [
            Violation("not-answered", message, field=field if field != "__all__" else None)
            for field, errors in form.errors.items()
            for message in map(str, errors)
        ]
        return problem(RuleViolated(violations or [Violation("not-answered", "no answers in the address")]))
    outputs = [
        {
            "id": one.output.id,
            "label": one.output.label.text,
            "value": None if one.amount is None else str(one.amount),
            "currency": one.output.currency,
            "unit": one.output.unit.text if one.output.unit else None,
            "formula": one.output.value,
        }
        for one in results
    ]
    basis = [one.text for one in row.regulation.general.legal_basis]
    body = {"service": row.service, "version": row.label, "answers": form.answers, "outputs": outputs, "basis": basis}
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})
