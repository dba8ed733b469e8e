"""The parts of a regulation, heading by heading of the model form (S-A1), each with the form that writes it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from azexport.kernel.errors import Message
from azexport.services.editor.parts import finder, general, procedures, provision, questions
from azexport.services.editor.parts.choices import KINDS
from azexport.services.editor.parts.part import Listed, Part
from azexport.services.faults import Fault, Path

CHAPTERS: tuple[tuple[Message, tuple[Part, ...]], ...] = (
    (
        _("1. General part"),
        (
            general.NAME, general.BASIS, general.PERFORMERS, general.TERM, general.RESULT, general.DOCUMENT,
            general.REGISTER,
        ),
    ),
    (
        _("2. Provision of the service"),
        (provision.KIND, provision.FEE, provision.USERS, provision.PLACE, provision.KNOWN, provision.DOCUMENTS),
    ),
    (_("The form annexed to it"), (questions.QUESTIONS, questions.SECTIONS, questions.CHECKS)),
    (
        _("3. Procedures"),
        (
            provision.CALCULATOR, procedures.REQUEST, procedures.GROUNDS, procedures.STEPS, procedures.DECISION,
            procedures.CONTROL, procedures.DISPUTES, procedures.MESSAGES,
        ),
    ),
    (_("What the portal tells exporters"), (finder.FINDER,)),
)  # fmt: skip
PARTS: dict[str, Part] = {part.key: part for _title, parts in CHAPTERS for part in parts}


def part_of(path: Path) -> Part | None:
    """The part whose page mends what stands at the place."""
    best, length = None, 0
    for part in PARTS.values():
        for own in part.paths:
            if path[: len(own)] == own and len(own) > length:
                best, length = part, len(own)
            elif own[: len(path)] == path and length == 0:
                best = best or part
    return best


def faults_in(part: Part, faults: Sequence[Fault]) -> list[Fault]:
    """Those of the faults that this part's page mends."""
    return [fault for fault in faults if part_of(fault.path) is part]


__all__ = ["CHAPTERS", "KINDS", "PARTS", "Listed", "Part", "faults_in", "part_of"]
