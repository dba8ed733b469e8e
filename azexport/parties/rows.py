"""What the pages of the door show as summary lists: `{"key", "value"}` rows; empty values are left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from azexport.kernel.errors import Missing
from azexport.kernel.formats import date_
from azexport.kernel.text import pick
from azexport.parties.candidates import Candidate
from azexport.parties.models import Invitation
from azexport.reference import queries as reference

Row = dict[str, Any]


def of_certificate(candidate: Candidate) -> list[Row]:
    """Who the certificate says it belongs to."""
    return _rows([
        (_("Name"), candidate.common_name),
        (_("FİN"), candidate.fin),
        (_("Personal number"), candidate.foreign_id),
        (_("Organisation"), candidate.organisation),
        (_("VÖEN"), candidate.voen),
        (_("Registration number"), candidate.registration_number if not candidate.is_resident else ""),
        (_("Country"), _country(candidate.country)),
    ])  # fmt: skip


def of_register(candidate: Candidate) -> list[Row]:
    """What the taxpayer register said; empty where it knows nothing."""
    register = candidate.register
    if not register.get("found"):
        return []
    status = {"active": _("Active"), "closed": _("Closed")}.get(register.get("status", ""), register.get("status"))
    return _rows([
        (_("Name"), pick(register.get("name"))),
        (_("VÖEN"), register.get("voen") or candidate.voen),
        (_("Legal form"), pick(register.get("legal_form"))),
        (_("Address"), pick(register.get("address"))),
        (_("Director"), (register.get("director") or {}).get("name")),
        (_("Registered on"), _date(register.get("registered_on"))),
        (_("Status"), status),
    ])  # fmt: skip


def of_invitation(invitation: Invitation) -> list[Row]:
    """Who invites whom, and until when."""
    return _rows([
        (_("From"), invitation.invited_by),
        (_("For"), f"{invitation.name}\n{invitation.email}".strip()),
        (_("Valid until"), date_(invitation.expires_at)),
    ])  # fmt: skip


def _rows(pairs: Iterable[tuple[str, Any]]) -> list[Row]:
    return [{"key": key, "value": value} for key, value in pairs if value]


def _country(code: str) -> str:
    try:
        return pick(reference.country(code).name)
    except Missing:
        return code


def _date(value: str | None) -> str:
    try:
        return date_(value) if value else ""
    except ValueError:
        return str(value)
