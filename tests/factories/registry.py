"""The registry of e-services: a body's filled registration form (S-A2), and what the operator makes of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from azexport.kernel.actor import NamedActor
from azexport.participants.models import Participant
from azexport.services.actions import registry
from azexport.services.models import EntryVersion
from tests.factories.participants import participant
from tests.factories.parties import NOW

OPERATOR = NamedActor("person", "PS-OPERATOR", "Rəşad Vəliyev")
"""The official of the registry's operator."""

FORM: dict[str, Any] = {
    "service": "honey-seal",
    "name_az": "Bal möhürünün verilməsi",
    "name_en": "Issue of the honey seal",
    "other_performers": "Arıçılar Birliyi",
    "content_az": "Balın bal olduğunu təsdiq edir.",
    "content_en": "Confirms that honey is honey.",
    "legal_basis": "Bal haqqında Qanun, 7",
    "kind": "interactive",
    "fee": "paid",
    "fee_text": "7,50 AZN",
    "users": ["natural", "legal"],
    "place": "https://honey.example/seal",
    "activity": "s3-1-11",
    "effective_on": "",
}
"""The answers of S-A2 for a service no list knows."""


def body(code: str = "honey-office") -> Participant:
    """The body of this code; the same however often it is asked for."""
    return Participant.objects.filter(code=code).first() or participant(code, base_url=None)


HONEY_SAYS = {"kind": "interactive", "fee": "paid", "fee_text": "7.50 AZN. Law on Honey, 9", "users": ["legal"]}


def form(**given: Any) -> dict[str, Any]:
    """The filled form, with some answers of its own; one that names a draft says what the invented regulation says."""
    return FORM | (HONEY_SAYS if given.get("draft") else {}) | given


def registered(*, code: str = "honey-office", case: str = "CS-1", now: datetime = NOW, **given: Any) -> EntryVersion:
    """A service in the registry, entered at a body's request."""
    return registry.register(provider=body(code), answers=form(**given), case=case, by=OPERATOR, now=now)


def amended(version: EntryVersion, *, case: str = "CS-2", now: datetime = NOW, **given: Any) -> EntryVersion:
    """The entry amended at its own body's request."""
    provider = version.entry.provider.participant
    assert provider is not None
    answers = {"registry_number": version.number, **given}
    return registry.amend(provider=provider, answers=answers, case=case, by=OPERATOR, now=now)


def cancelled(version: EntryVersion, *, case: str = "CS-3", now: datetime = NOW, **given: Any) -> EntryVersion:
    """The entry cancelled at its own body's request."""
    provider = version.entry.provider.participant
    assert provider is not None
    answers = {"registry_number": version.number, **given}
    return registry.cancel(provider=provider, answers=answers, case=case, by=OPERATOR, now=now)
