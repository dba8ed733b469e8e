"""Which permits these goods need for this destination, and the permits there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from azexport.kernel.text import Text
from azexport.permits.models import Permit
from azexport.reference import queries as reference
from azexport.services import queries as services
from azexport.services.schema import LEVELS, Level, RequirementRule

if TYPE_CHECKING:
    from azexport.services.models import RegulationVersion

HOME = "AZ"


@dataclass(frozen=True)
class Requirement:
    """A permit that the goods need, may need, or may get; with the rule that says so.

    `lines` are the numbers of the goods lines the rule is about.
    """

    regulation: RegulationVersion
    level: Level
    rule: str
    reason: Text
    condition: Text
    legal_basis: Text
    assumption: bool
    lines: tuple[int, ...]


def requirements(*, lines: Sequence[Mapping[str, Any]], destination: str, on: date) -> list[Requirement]:
    """What the rules in force on the day say of these goods, strongest first, one for each service (P4.1.4).

    Two statements, whatever the number of lines and rules. Where several rules of a service speak, the strongest
    counts for all the lines that any rule of that level names.

    Args:
        lines: `{"hs": "080222", "line": 1}`; a line without a number is numbered by its place, from 1.
        destination: ISO 3166-1 code. There is no export to Azerbaijan, so nothing is needed for it.
    """
    if destination == HOME:
        return []
    groups = reference.groups_of(destination, on)
    numbered = [(int(line.get("line") or place), _digits(line["hs"])) for place, line in enumerate(lines, start=1)]
    found = []
    for row in services.in_force(on):
        hits = [
            (rule, matching)
            for rule in row.regulation.requirements
            if rule.in_force(on) and rule.destination.covers(destination, groups)
            if (matching := [number for number, hs in numbered if rule.covers_goods(hs)])
        ]
        if hits:
            found.append(_strongest(row, hits))
    return sorted(found, key=lambda one: (LEVELS.index(one.level), one.rule))


def _strongest(row: RegulationVersion, hits: Iterable[tuple[RequirementRule, list[int]]]) -> Requirement:
    ranked = sorted(hits, key=lambda hit: LEVELS.index(hit[0].level))
    rule = ranked[0][0]
    lines = {number for other, numbers in ranked if other.level == rule.level for number in numbers}
    return Requirement(
        regulation=row,
        level=rule.level,
        rule=rule.rule,
        reason=rule.reason.text,
        condition=rule.condition.text if rule.condition else {},
        legal_basis=rule.legal_basis.text,
        assumption=rule.source == "assumption",
        lines=tuple(sorted(lines)),
    )


def _digits(hs: str) -> str:
    return "".join(character for character in str(hs) if character.isdigit())


def of_organisation(organisation: Any) -> QuerySet[Permit]:
    """The organisation's permits, newest first."""
    return Permit.objects.of(organisation).for_page().order_by("-id")


def of_application(application_reference: str) -> list[Permit]:
    """Every permit that came for the application, rejected ones included, oldest first."""
    return list(Permit.objects.for_page().filter(application_reference=application_reference).order_by("id"))


def issued_for(application_reference: str, *, on: date | None = None) -> list[Permit]:
    """The permits of the application that passed the checks; with `on`, those valid on that day."""
    rows = Permit.objects.for_page().issued().filter(application_reference=application_reference).order_by("id")
    if on is not None:
        rows = rows.filter(valid_from__lte=on, valid_until__gte=on)
    return list(rows)


def of_case(case_reference: str) -> list[Permit]:
    """Every permit that came for the case, newest first."""
    return list(Permit.objects.for_page().filter(case__reference=case_reference).order_by("-id"))


def is_holder(organisation: Any, document: Any) -> bool:
    """Whether the document is a permit, accepted or not, of this organisation."""
    return Permit.objects.filter(document=document, organisation=organisation).exists()
