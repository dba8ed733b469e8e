"""How heavy a regulation is, in numbers, so that drafting can make it lighter (S9.3.1-S9.3.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from azexport.services.schema import Regulation

Measure: TypeAlias = Literal["questions", "documents", "supplied", "visits", "working_days", "fee", "steps", "bodies"]
MEASURES: tuple[Measure, ...] = (
    "questions", "documents", "supplied", "visits", "working_days", "fee", "steps", "bodies",
)  # fmt: skip
"""In the order in which they are read: first what users bear, last what the bodies do."""
BORNE_BY_USERS: frozenset[Measure] = frozenset({"questions", "documents", "supplied", "visits", "working_days", "fee"})
BETTER_MORE: frozenset[Measure] = frozenset({"supplied"})
"""Of everything else, less is better."""


@dataclass(frozen=True)
class Burden:
    """What a regulation asks of users and of bodies. What is asked on a condition counts as asked."""

    questions: int
    documents: int
    supplied: int
    """Details and documents that the state's registers hold, so that nobody is asked for them (S7.2)."""
    visits: int
    """Documents whose originals are shown in person (2.6, note 2)."""
    working_days: int
    """The longest term (1.7)."""
    fee: Decimal
    currency: str
    steps: int
    bodies: int
    """The provider and every other performer."""


def burden(regulation: Regulation) -> Burden:
    """The numbers of one regulation."""
    known = regulation.provision.known_documents
    performers = {regulation.performer(step) for step in regulation.steps}
    return Burden(
        questions=len(regulation.questions),
        documents=len(regulation.documents),
        supplied=sum(len(one.register_.facts) if one.register_ else 1 for one in known),
        visits=sum(one.original for one in regulation.documents),
        working_days=regulation.term.working_days,
        fee=regulation.fee.amount,
        currency=regulation.fee.currency,
        steps=len(regulation.steps),
        bodies=len({regulation.provider, *regulation.general.other_performers, *performers}),
    )


@dataclass(frozen=True)
class Line:
    """One measure as it was and as it will be; `change` None where nothing is replaced, or it cannot be compared."""

    measure: Measure
    before: int | Decimal | None
    after: int | Decimal
    change: Literal["same", "better", "worse"] | None

    @property
    def worse_for_users(self) -> bool:
        return self.change == "worse" and self.measure in BORNE_BY_USERS


def compared(before: Burden | None, after: Burden) -> list[Line]:
    """Every measure beside that of the version to be replaced, where there is one."""
    return list(_lines(before, after))


def _lines(before: Burden | None, after: Burden) -> Iterator[Line]:
    for measure in MEASURES:
        now: int | Decimal = getattr(after, measure)
        was: int | Decimal | None = getattr(before, measure) if before else None
        yield Line(measure, was, now, None if before is None else _change(measure, before, after))


def _change(measure: Measure, before: Burden, after: Burden) -> Literal["same", "better", "worse"] | None:
    if measure == "fee" and before.fee and after.fee and before.currency != after.currency:
        return None
    was, now = getattr(before, measure), getattr(after, measure)
    if was == now:
        return "same"
    return "better" if (now > was) == (measure in BETTER_MORE) else "worse"
