"""Reading people, organisations and invitations."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from azexport.kernel.errors import Missing
from azexport.parties.models import Invitation, Mandate, Member, Organisation
from azexport.parties.states import AT_A_BODY, Role

if TYPE_CHECKING:
    from azexport.kernel.text import Text
    from azexport.participants.models import Participant

SESSION_KEY = "mandate"
"""Where the session keeps the mandate that its member acts under."""


def organisation(reference: str) -> Organisation:
    """Raises Missing."""
    found = Organisation.objects.filter(reference=reference).first()
    if found is None:
        raise Missing
    return found


def member_for(session: Mapping[str, Any]) -> Member | None:
    """Who is signed in with this session, in one query; None once the mandate has ended."""
    mandate_id = session.get(SESSION_KEY)
    if mandate_id is None:
        return None
    mandate = (
        Mandate.objects.select_related("person", "organisation__participant")
        .filter(pk=mandate_id, ended_at__isnull=True, organisation__confirmed_at__isnull=False)
        .first()
    )
    return Member.of(mandate) if mandate else None


def addresses_of(organisation: Organisation) -> dict[str, str]:
    """E-mail address -> language of each person who acts for the organisation now, the longest-serving first."""
    running = Mandate.objects.filter(organisation=organisation, ended_at__isnull=True)
    rows = running.select_related("person").order_by("person_id", "id")
    return {one.address: one.person.language for one in rows if one.address}


def mandate_of(person_key: Mapping[str, str], organisation_key: Mapping[str, str]) -> Mandate | None:
    """The running mandate of a person (fin or foreign_id) for a confirmed organisation (voen or foreign_id)."""
    return (
        Mandate.objects.select_related("person", "organisation__participant")
        .filter(
            ended_at__isnull=True,
            organisation__confirmed_at__isnull=False,
            **{f"person__{key}": value for key, value in person_key.items()},
            **{f"organisation__{key}": value for key, value in organisation_key.items()},
        )
        .first()
    )


def acting_for(organisation: Organisation, person: str) -> Member | None:
    """The person (reference) as they act for the organisation now; None once they do so no more."""
    running = Mandate.objects.filter(organisation=organisation, person__reference=person, ended_at__isnull=True)
    mandate = running.select_related("person", "organisation__participant").first()
    return Member.of(mandate) if mandate else None


def body_organisation(participant: Participant) -> Organisation:
    """The public body as a party: what notices, cases and papers of the body belong to.

    Raises:
        Missing: nobody has been appointed at the body yet.
    """
    found = Organisation.objects.select_related("participant").filter(participant=participant).first()
    if found is None:
        raise Missing
    return found


def officers_of(participant: Participant) -> list[Mandate]:
    """The running mandates at the body, the heads first, then by name."""
    rows = Mandate.objects.select_related("person", "organisation__participant").filter(
        organisation__participant=participant, ended_at__isnull=True, role__in=AT_A_BODY
    )
    return sorted(rows, key=lambda one: (one.role != Role.HEAD, one.person.surname, one.pk))


def heads_of(participant: Participant) -> list[Member]:
    """Who signs for the body."""
    return [Member.of(one) for one in officers_of(participant) if one.role == Role.HEAD]


def bodies_with_officers() -> list[Participant]:
    """The public bodies for which somebody works on the portal now, by code."""
    running = Mandate.objects.filter(
        ended_at__isnull=True, role__in=AT_A_BODY, organisation__participant__succeeded_by__isnull=True
    )
    parties = Organisation.objects.select_related("participant").filter(pk__in=running.values("organisation"))
    bodies = [one.participant for one in parties if one.participant is not None]
    return sorted(bodies, key=lambda one: one.code)


def facts_of(member: Member) -> dict[str, Text | str]:
    """What the registers and the certificate say of the member and their party (S6.1.1, S7.2), by source.

    What no register says is left out.
    """
    party, register = member.organisation, member.organisation.register
    known: dict[str, Any] = {
        "applicant.name": party.name,
        "applicant.voen": party.voen,
        "applicant.address": party.address,
        "applicant.legal_form": register.get("legal_form"),
        "applicant.registered_on": register.get("registered_on"),
        "applicant.status": register.get("status"),
        "applicant.activities": "; ".join(register.get("activities") or ()),
        "applicant.director": (register.get("director") or {}).get("name"),
        "person.name": member.person.full_name,
        "person.fin": member.person.fin,
        "person.email": member.email,
        "person.phone": member.person.phone,
    }
    return {name: value for name, value in known.items() if value}


def token_digest(token: str) -> str:
    """What is kept of a secret that was given out."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_invitation(token: str, now: datetime) -> Invitation:
    """The invitation that this token opens.

    Raises:
        Missing: there is none, or it was used, declined, withdrawn or has run out; the code says which.
    """
    found = Invitation.objects.filter(token_sha256=token_digest(token)).first()
    if found is None:
        raise Missing(_("This invitation does not exist."), code="invitation-unknown")
    if found.accepted_at is not None:
        raise Missing(_("This invitation has been used. It works once only."), code="invitation-used")
    if found.declined_at is not None:
        raise Missing(_("This invitation was declined."), code="invitation-declined")
    if found.withdrawn_at is not None:
        raise Missing(_("This invitation was withdrawn by whoever sent it."), code="invitation-withdrawn")
    if found.expires_at <= now:
        raise Missing(_("This invitation has run out. Ask for a new one."), code="invitation-expired")
    return found
