"""Reading people, organisations and invitations."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from azexport.kernel.errors import Missing
from azexport.parties.models import Invitation, Mandate, Member, Organisation, Person

SESSION_KEY = "mandate"
"""Where the session keeps the mandate that its member acts under."""


def organisation(reference: str) -> Organisation:
    """Raises Missing."""
    found = Organisation.objects.filter(reference=reference).first()
    if found is None:
        raise Missing
    return found


def organisation_by_voen(voen: str) -> Organisation | None:
    return Organisation.objects.filter(voen=voen).first()


def member_for(session: Mapping[str, Any]) -> Member | None:
    """Who is signed in with this session, in one query; None once the mandate has ended."""
    mandate_id = session.get(SESSION_KEY)
    if mandate_id is None:
        return None
    mandate = (
        Mandate.objects.select_related("person", "organisation")
        .filter(pk=mandate_id, ended_at__isnull=True, organisation__confirmed_at__isnull=False)
        .first()
    )
    return Member(mandate.person, mandate.organisation) if mandate else None


def people_of(organisation: Organisation) -> list[Person]:
    """Who may act for the organisation now, the longest-serving first: whom notices are mailed to."""
    return list(
        Person.objects.filter(mandates__organisation=organisation, mandates__ended_at__isnull=True)
        .distinct()
        .order_by("id")
    )


def mandate_of(person_key: Mapping[str, str], organisation_key: Mapping[str, str]) -> Mandate | None:
    """The running mandate of a person (fin or foreign_id) for a confirmed organisation (voen or foreign_id)."""
    return (
        Mandate.objects.select_related("person", "organisation")
        .filter(
            ended_at__isnull=True,
            organisation__confirmed_at__isnull=False,
            **{f"person__{key}": value for key, value in person_key.items()},
            **{f"organisation__{key}": value for key, value in organisation_key.items()},
        )
        .first()
    )


def token_digest(token: str) -> str:
    """What is kept of a secret that was given out."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_invitation(token: str, now: datetime) -> Invitation:
    """The invitation that this token opens.

    Raises:
        Missing: there is none, or it was used, withdrawn or has run out; the code says which.
    """
    found = Invitation.objects.filter(token_sha256=token_digest(token)).first()
    if found is None:
        raise Missing(_("This invitation does not exist."), code="invitation-unknown")
    if found.accepted_at is not None:
        raise Missing(_("This invitation has been used. It works once only."), code="invitation-used")
    if found.withdrawn_at is not None:
        raise Missing(_("This invitation was withdrawn by whoever sent it."), code="invitation-withdrawn")
    if found.expires_at <= now:
        raise Missing(_("This invitation has run out. Ask for a new one."), code="invitation-expired")
    return found
