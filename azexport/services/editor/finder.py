"""What the requirement finder would say of an example, by the rules that are being written (P4.1.4)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from azexport.kernel.errors import Message, Missing
from azexport.reference import queries as reference
from azexport.reference.models import Commodity
from azexport.services.editor.parts.choices import LEVELS
from azexport.services.faults import Fault
from azexport.services.schema import LEVELS as STRONGEST_FIRST
from azexport.services.schema import Level, Regulation, RequirementRule

COLOURS: dict[Level, str] = {"required": "red", "conditional": "yellow", "on_request": "grey"}


@dataclass(frozen=True)
class Example:
    """A good that leaves for a country."""

    good: Commodity
    country: str
    country_name: str
    groups: frozenset[str]
    on: date


@dataclass(frozen=True)
class Rule:
    """One rule, and what it says of the example."""

    number: str
    says: Message
    speaks: bool


@dataclass(frozen=True)
class Answer:
    """What the finder would say: the strongest rule that speaks of the example, and what became of each."""

    example: Example
    rule: RequirementRule | None
    level: Message
    colour: str
    rules: tuple[Rule, ...]


def example_of(given: Mapping[str, str], countries: Sequence[tuple[str, str]], on: date) -> Example | None:
    """The example that was typed; None while it is not a good and a country."""
    code, country = given.get("try_hs", "").split(" ")[0], given.get("try_country", "")
    names = dict(countries)
    if country not in names:
        return None
    try:
        good = reference.commodity(code)
    except Missing:
        return None
    return Example(good, country, names[country], frozenset(reference.groups_of(country, on)), on)


def answer(regulation: Regulation, example: Example, faults: Collection[Fault]) -> Answer:
    """What the finder would say of the example; a rule that has faults says nothing yet."""
    faulty = {fault.path[1] for fault in faults if fault.path[:1] == ("requirements",) and len(fault.path) > 1}
    speaking, rules = list[RequirementRule](), list[Rule]()
    for number, rule in enumerate(regulation.requirements):
        silent = _("has something to mend first") if number in faulty else next(_silent(rule, example), None)
        if silent is None:
            speaking.append(rule)
        rules.append(Rule(rule.rule, silent or _("speaks of this export"), silent is None))
    strongest = min(speaking, key=lambda one: STRONGEST_FIRST.index(one.level), default=None)
    level, colour = (dict(LEVELS)[strongest.level], COLOURS[strongest.level]) if strongest else ("", "")
    return Answer(example, strongest, level, colour, tuple(rules))


def _silent(rule: RequirementRule, example: Example) -> Iterator[Message]:
    """Why the rule says nothing of the example."""
    if not rule.covers_goods(example.good.code):
        yield _("is not about this good")
    if not rule.destination.covers(example.country, example.groups):
        yield _("is not about this country")
    if not rule.in_force(example.on):
        yield _("is not in force today")
