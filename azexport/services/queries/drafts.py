"""Reading drafts: whose they are, what is wrong with them, whom they concern."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from azexport.kernel.errors import Missing
from azexport.kernel.text import Text, both, pick
from azexport.participants import queries as participants
from azexport.parties import queries as parties
from azexport.services.models import RegulationDraft, RegulationVersion
from azexport.services.schema import Regulation
from azexport.services.states import FINAL

if TYPE_CHECKING:
    from azexport.participants.models import Participant

RESERVED = frozenset({"approved", "discussions"})
"""Words that stand in addresses where the id of a service could stand."""
_FOLDED = str.maketrans("əƏıİöÖüÜçÇşŞğĞ", "eEiIoOuUcCsSgG")


def draft(participant: Participant, reference: str) -> RegulationDraft:
    """The body's own draft. Raises Missing."""
    found = RegulationDraft.objects.of(participant).select_related("provider", "based_on").filter(reference=reference)
    return _only(found.first())


def asked_draft(participant: Participant, reference: str) -> RegulationDraft:
    """Another body's draft that was put before this one for agreement (S9.2). Raises Missing."""
    found = RegulationDraft.objects.asked_of(participant).select_related("provider", "based_on")
    return _only(found.filter(reference=reference).first())


def published_draft(reference: str) -> RegulationDraft:
    """A draft that was put to public discussion, whatever became of it (S9.7). Raises Missing."""
    found = RegulationDraft.objects.in_public().select_related("provider", "based_on", "version")
    return _only(found.filter(reference=reference).first())


def _only(found: RegulationDraft | None) -> RegulationDraft:
    if found is None:
        raise Missing
    return found


# ---------------------------------------------------------------- ids of new services


def free_service_id(name: Text) -> str:
    """An id for a new service from its name, the English one if there is one: `Honey seal` -> `honey-seal`."""
    words = re.sub(r"[^a-z0-9]+", "-", pick(name, "en").translate(_FOLDED).lower()).strip("-")
    stem = words[:50].rsplit("-", 1)[0] if len(words) > 50 else words
    stem = stem if re.match(r"[a-z]", stem) else f"service-{stem}".strip("-")
    number, candidate = 1, stem
    while is_taken(candidate):
        number += 1
        candidate = f"{stem}-{number}"
    return candidate


def is_taken(service: str) -> bool:
    """Whether a regulation or a running draft, anybody's, has this id already."""
    return (
        service in RESERVED
        or RegulationVersion.objects.filter(service=service).exists()
        or RegulationDraft.objects.filter(service=service).exclude(status__in=FINAL).exists()
    )


# ---------------------------------------------------------------- what the text says


def regulation_of(draft: RegulationDraft) -> Regulation:
    """The draft's text as a regulation.

    Raises:
        pydantic.ValidationError: it has faults.
    """
    return Regulation.model_validate(draft.content)


def faults(draft: RegulationDraft) -> list[Any]:
    """What keeps the text from being published or signed: faults of the format, else of conformance (S9.1)."""
    from azexport.services import conformance, files

    return files.faults_of(draft.content) or conformance.check(regulation_of(draft))


@dataclass(frozen=True)
class Body:
    """Another performer that the text names (1.5, 3.4.3)."""

    body: str
    name: Text
    participant: Participant | None
    is_here: bool
    """It has officers on the portal, so that it can be asked here."""


def other_bodies(draft: RegulationDraft) -> list[Body]:
    """The other performers in the order of the text, each once (S9.2)."""
    named = list(dict.fromkeys(_performers(draft.content)))
    known = participants.by_codes(set(named))
    return [
        Body(
            body=one,
            name=known[one].name if one in known else both(one, one),
            participant=known.get(one),
            is_here=one in known and bool(parties.heads_of(known[one])),
        )
        for one in named
        if one != draft.provider.code
    ]


def _performers(content: Mapping[str, Any]) -> list[str]:
    named = (content.get("general") or {}).get("other_performers") or []
    steps = (content.get("procedures") or {}).get("steps") or []
    return [str(one) for one in [*named, *(step.get("performer") for step in steps)] if one]


def in_force_of(participant: Participant, on: date) -> list[RegulationVersion]:
    """The body's regulations in force on the day, by name."""
    rows = [one for one in RegulationVersion.objects.in_force(on) if one.regulation.provider == participant.code]
    return sorted(rows, key=lambda one: pick(one.name))
