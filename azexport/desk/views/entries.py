"""Deciding about the entry of a public register: strike off, suspend, restore."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from azexport.cases import actions, queries
from azexport.cases.lifecycle import ENTRIES
from azexport.cases.models import Case, RegisterEntry
from azexport.cases.states import DecisionKind
from azexport.desk.forms import EntryForm
from azexport.desk.views.request import Asked, body_of, case_of, forget, keep, kept, posted
from azexport.documents import queries as documents
from azexport.kernel.errors import IllegalTransition, Missing, RuleViolated
from azexport.kernel.http import OFFICER, audience

TITLES: dict[str, str | Promise] = {
    DecisionKind.STRIKE_OFF: _("Strike off the register"),
    DecisionKind.SUSPEND: _("Suspend the entry"),
    DecisionKind.RESTORE: _("Restore the entry"),
}


@audience(OFFICER)
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: Asked, reference: str, kind: str) -> HttpResponse:
    """/desk/cases/<reference>/entry/<kind>/: why and on which legal ground; POST has it printed for the head."""
    found, entry = _entry_of(request, reference)
    if kind not in TITLES:
        raise Missing
    if ENTRIES.find(kind, entry.status) is None:
        raise IllegalTransition
    form = EntryForm(posted(request), initial=kept(request, found, f"entry.{kind}"))
    if request.method == "POST":
        keep(request, found, f"entry.{kind}", {name: str(request.POST.get(name, ""))[:2000] for name in form.fields})
        if form.is_valid() and (answer := _decide(request, found, kind, form)) is not None:
            return answer
    context = {
        "case": found, "entry": entry, "form": form, "title": TITLES[kind], "kind": kind,
        "at_once": found.result_document is None,
    }  # fmt: skip
    return render(request, "desk/entry.html", context, status=422 if form.is_bound else 200)


@audience(OFFICER)
@require_POST
def take_back(request: Asked, reference: str) -> HttpResponse:
    """The decision that waits for its signature is not made."""
    found, _entry = _entry_of(request, reference)
    actions.take_back_decision(case=found, by=request.actor, now=timezone.now())
    messages.success(request, _("The decision is taken back. The entry stays as it is."))
    return redirect("desk_case", reference)


def _decide(request: Asked, found: Case, kind: str, form: EntryForm) -> HttpResponse | None:
    try:
        decision = actions.decide_entry(
            case=found, kind=kind, reason=form.reason, ground=form.ground, by=request.actor, now=timezone.now()
        )
    except RuleViolated as refusal:
        for one in refusal.violations:
            form.add_error(None, str(one.message))
        return None
    forget(request, found, f"entry.{kind}")
    if decision.paper and documents.paper(decision.paper).signer_id == request.actor.actor_id:
        return redirect("paper", decision.paper)
    told = _("The head has been asked to sign.") if decision.paper else _("The register has been changed.")
    messages.success(request, told)
    return redirect("desk_case", found.reference)


def _entry_of(request: Asked, reference: str) -> tuple[Case, RegisterEntry]:
    """The body's own case and its entry. Raises Missing."""
    found = case_of(request, reference)
    entry = queries.entry_of(found)
    if entry is None or found.provider_id != body_of(request).pk:
        raise Missing
    return found, entry
