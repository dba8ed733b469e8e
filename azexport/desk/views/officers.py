"""/desk/officers/: the head appoints and dismisses who works for the body on the portal."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from azexport.desk.forms import OfficerForm
from azexport.desk.views.request import Asked, body_of, posted
from azexport.kernel.errors import Missing, NotAllowed, RuleViolated
from azexport.kernel.http import OFFICER, audience
from azexport.parties import actions, queries
from azexport.parties.models import Mandate
from azexport.parties.states import Role

form_page = require_http_methods(["GET", "HEAD", "POST"])


@audience(OFFICER)
@require_GET
def officers(request: Asked) -> HttpResponse:
    """Who works for the body; every officer sees it, the head changes it."""
    context = {"officers": queries.officers_of(body_of(request)), "head": request.actor.is_head, "role": Role}
    return render(request, "desk/officers.html", context)


@audience(OFFICER)
@form_page
def appoint(request: Asked) -> HttpResponse:
    """Somebody new."""
    _require_head(request)
    form = OfficerForm(posted(request), initial={"role": Role.OFFICER})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        actions.appoint_officer(
            participant=body_of(request), fin=given["fin"], given_name=given["given_name"], surname=given["surname"],
            position=form.position, role=given["role"], email=given["email"], by=request.actor, now=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("The officer is appointed and can sign in with the body’s certificate."))
        return redirect("desk_officers")
    return render(request, "desk/officer.html", {"form": form}, status=422 if form.is_bound else 200)


@audience(OFFICER)
@form_page
def change(request: Asked, reference: str) -> HttpResponse:
    """Another position or role; the address is the person's own to change."""
    mandate = _mandate(request, reference)
    person = mandate.person
    initial = {
        "position_az": mandate.position.get("az", ""), "position_en": mandate.position.get("en", ""),
        "role": mandate.role,
    }  # fmt: skip
    form = OfficerForm(posted(request), initial=initial, known=True)
    if person.reference == request.actor.actor_id:  # somebody must be left who signs for the body
        del form.fields["role"]
    if request.method == "POST" and form.is_valid():
        actions.appoint_officer(
            participant=body_of(request), fin=person.fin or "", given_name=person.given_name, surname=person.surname,
            position=form.position, role=form.cleaned_data.get("role", mandate.role), email="",
            by=request.actor, now=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("The change is saved."))
        return redirect("desk_officers")
    context = {"form": form, "mandate": mandate}
    return render(request, "desk/officer.html", context, status=422 if form.is_bound else 200)


@audience(OFFICER)
@form_page
def dismiss(request: Asked, reference: str) -> HttpResponse:
    """Asks whether it is meant, then ends the mandate."""
    mandate = _mandate(request, reference)
    refusal = None
    if request.method == "POST":
        try:
            actions.dismiss_officer(mandate=mandate, by=request.actor, now=timezone.now())
        except RuleViolated as error:
            refusal = error
        else:
            messages.success(request, _("The officer no longer works for the body on the portal."))
            return redirect("desk_officers")
    context = {"mandate": mandate, "refusal": refusal}
    return render(request, "desk/dismiss.html", context, status=422 if refusal else 200)


def _require_head(request: Asked) -> None:
    if not request.actor.is_head:
        raise NotAllowed


def _mandate(request: Asked, reference: str) -> Mandate:
    """The running mandate of that person at the head's own body. Raises NotAllowed, Missing."""
    _require_head(request)
    found = next((one for one in queries.officers_of(body_of(request)) if one.person.reference == reference), None)
    if found is None:
        raise Missing
    return found
