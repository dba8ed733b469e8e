"""Finding participants. They are few and looked up in every exchange, so each look-up is one statement."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef

from azexport.kernel.actor import Actor, NamedActor
from azexport.kernel.errors import Missing
from azexport.kernel.text import Text, pick
from azexport.participants.models import Participant, System
from azexport.participants.states import Role


def by_code(code: str) -> Participant:
    """The participant of that code.

    Raises:
        Missing: nobody has it.
    """
    participant = Participant.objects.filter(code=code).first()
    if participant is None:
        raise Missing
    return participant


def by_codes(codes: set[str]) -> dict[str, Participant]:
    """The participants of those codes, in one statement; unknown codes are left out."""
    return {one.code: one for one in Participant.objects.filter(code__in=codes)}


def everybody() -> list[Participant]:
    """Every participant of today, by code."""
    return list(Participant.objects.filter(succeeded_by__isnull=True).order_by("code"))


def with_role(role: str | Role) -> Participant:
    """The one participant that plays this role today; of several, the first by code.

    Raises:
        Missing: nobody plays it.
    """
    participant = (
        Participant.objects.filter(roles__contains=[str(role)], succeeded_by__isnull=True).order_by("code").first()
    )
    if participant is None:
        raise Missing
    return participant


def all_with_role(role: str | Role) -> list[Participant]:
    """Everybody who plays this role today, by code."""
    return list(Participant.objects.filter(roles__contains=[str(role)], succeeded_by__isnull=True).order_by("code"))


def name_on(participant: Participant, day: date) -> Text:
    """What the body that held the competence on that day is called; outside every tenure, today's name."""
    for tenure in participant.tenures.all():
        if (tenure.valid_from or date.min) <= day <= (tenure.valid_until or date.max):
            return tenure.name
    return participant.name


def system_of(participant: Participant) -> System | None:
    """The system that speaks for the participant now, or None where it has none."""
    return System.objects.filter(participant=participant, active=True).first()


def standing(codes: set[str]) -> dict[str, tuple[Participant, bool]]:
    """Code -> who has that competence today (a successor, where there is one) and whether a system speaks for it.

    One statement; unknown codes are left out.
    """
    active = System.objects.filter(active=True)
    rows = (
        Participant.objects.filter(code__in=codes)
        .select_related("succeeded_by")
        .annotate(
            own=Exists(active.filter(participant=OuterRef("pk"))),
            theirs=Exists(active.filter(participant=OuterRef("succeeded_by"))),
        )
    )
    return {one.code: (one.succeeded_by, one.theirs) if one.succeeded_by else (one, one.own) for one in rows}


def system_by_fingerprint(fingerprint: str) -> System | None:
    """The active system whose key this is, with its participant; None for an unknown or withdrawn key."""
    return System.objects.select_related("participant").filter(fingerprint=fingerprint, active=True).first()


def as_actor(participant: Participant) -> Actor:
    """The participant as the one who acts, for audit and transitions."""
    return NamedActor("participant", participant.code, pick(participant.name, "az")[:200])
