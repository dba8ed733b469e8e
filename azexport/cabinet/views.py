"""The dashboard and the settings."""

from __future__ import annotations

from django.conf import settings as django_settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from azexport.cabinet import queries
from azexport.kernel.formats import date_
from azexport.kernel.http import SIGNED_IN, audience
from azexport.kernel.text import pick
from azexport.parties import actions as parties
from azexport.parties.forms import SettingsForm
from azexport.parties.http import member_of
from azexport.parties.models import Organisation


@audience(SIGNED_IN)
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """What waits for the member, what runs, what is new."""
    member = member_of(request)
    if member.is_officer:
        return redirect("/desk/")
    return render(request, "cabinet/dashboard.html", {
        "board": queries.dashboard(member.organisation, now=timezone.now()),
        "resident": member.organisation.is_resident,
        "trades": member.trades,
    })  # fmt: skip


@audience(SIGNED_IN)
def settings(request: HttpRequest) -> HttpResponse:
    """Language, e-mail and telephone; and what the portal keeps of the organisation."""
    member = member_of(request)
    person = member.person
    initial = {"language": person.language, "email": member.email, "phone": person.phone}
    form = SettingsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        parties.change_contact(**form.cleaned_data, by=member, now=timezone.now())
        response = redirect("cabinet_settings")
        language = form.cleaned_data["language"]
        response.set_cookie(django_settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax")
        with override(language):
            messages.success(request, _("Your settings are saved."))
        return response
    return render(request, "cabinet/settings.html", {"form": form, "rows": _rows(member.organisation)},
                  status=422 if form.errors else 200)  # fmt: skip


def _rows(organisation: Organisation) -> list[dict[str, str]]:
    rows = [
        (_("Name"), pick(organisation.name)),
        (_("VÖEN") if organisation.voen else _("Registration number"),
         organisation.voen or organisation.registration_number),
        (_("Address"), pick(organisation.address)),
        (_("Confirmed on"), date_(organisation.confirmed_at) if organisation.confirmed_at else ""),
    ]  # fmt: skip
    return [{"key": key, "value": value} for key, value in rows if value]
