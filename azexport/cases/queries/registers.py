"""Reading the public registers that decisions fill: anybody may (S7.1, S-A1 1.8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Count, F, Func, QuerySet, TextField, Value

from azexport.calendar import queries as calendar
from azexport.cases.models import Case, RegisterDecision, RegisterEntry
from azexport.cases.states import CaseStatus, DecisionStatus, EntryStatus
from azexport.kernel.errors import Missing
from azexport.services import queries as services

if TYPE_CHECKING:
    from azexport.services.models import RegulationVersion

PAGE = 25


@dataclass(frozen=True)
class Register:
    """The register of a service as its regulation in force describes it."""

    row: RegulationVersion
    entries: int = 0

    @property
    def name(self) -> dict[str, str]:
        register = self.row.regulation.register
        assert register is not None
        return register.name.text

    @property
    def columns(self) -> list[tuple[str, dict[str, str]]]:
        """(id, label) of each column."""
        register = self.row.regulation.register
        assert register is not None
        return [(one.id, one.label.text) for one in register.columns]


@dataclass(frozen=True)
class EntryView:
    """An entry as it stands on a day."""

    entry: RegisterEntry
    today: date

    @property
    def mark(self) -> str:
        """One of "entered", "expired", "not_yet", "suspended" and "struck_off"."""
        if self.entry.status != EntryStatus.ENTERED:
            return str(self.entry.status)
        if self.entry.valid_until is not None and self.entry.valid_until < self.today:
            return "expired"
        return "not_yet" if self.entry.valid_from > self.today else "entered"


def public_registers(*, now: datetime) -> list[Register]:
    """Every register of a regulation in force, by its service, with how many entries it has; two statements."""
    rows = [one for one in services.in_force(calendar.today(now)) if one.regulation.register is not None]
    counted = RegisterEntry.objects.values("service").annotate(entries=Count("pk")).values_list("service", "entries")
    entries = dict(counted.order_by("service"))
    return [Register(one, entries.get(one.service, 0)) for one in rows]


def register(service: str, *, now: datetime) -> Register:
    """The register of the service; of one that has ended, as it was kept last: its addresses are permanent.

    Raises:
        Missing: no regulation keeps one under this id.
    """
    row = services.regulation(service, calendar.today(now)) or services.registry.latest_regulation(service)
    if row is None or row.regulation.register is None:
        raise Missing
    return Register(row)


def entries_of(service: str, *, search: str = "") -> QuerySet[RegisterEntry]:
    """The entries, newest first; with `search` those in whose values all its words stand, in any spelling."""
    rows = RegisterEntry.objects.filter(service=service).order_by("-id")
    for word in search.split()[:8]:
        folded = Func(Value(word[:80]), function="az_fold", output_field=TextField())
        rows = rows.alias(
            folded=Func("search_text", function="az_fold", output_field=TextField()), wanted=folded
        ).filter(folded__contains=F("wanted"))  # fmt: skip
    return rows


def register_page(
    service: str, *, search: str = "", before: str | None = None, now: datetime, size: int = PAGE
) -> tuple[list[EntryView], str | None]:
    """One page of the register, newest first, and the key of the next page (None on the last)."""
    rows = entries_of(service, search=search)
    if before:
        rows = rows.filter(id__lt=RegisterEntry.objects.filter(number=before).values("id")[:1])
    found = list(rows[: size + 1])
    following = found[size - 1].number if len(found) > size else None
    today = calendar.today(now)
    return [EntryView(one, today) for one in found[:size]], following


def register_entry(service: str, number: str, *, now: datetime) -> EntryView:
    """The entry of that number.

    Raises:
        Missing: the register has none.
    """
    found = RegisterEntry.objects.filter(service=service, number=number).first()
    if found is None:
        raise Missing
    return EntryView(found, calendar.today(now))


def entry_of(case: Case) -> RegisterEntry | None:
    """The case's entry in the public register; asked for only where there can be one."""
    if case.status != CaseStatus.GRANTED or case.regulation.regulation.register is None:
        return None
    return RegisterEntry.objects.filter(case=case).first()


def decisions_about(entry: RegisterEntry) -> list[RegisterDecision]:
    """The decisions that were made about the entry, newest first: anybody may read them."""
    rows = entry.decisions.select_related("document").filter(status=DecisionStatus.MADE)
    return list(rows.order_by("-decided_at", "-id"))


def decision_that_waits(entry: RegisterEntry) -> RegisterDecision | None:
    """The decision that waits for the head's signature."""
    return entry.decisions.filter(status=DecisionStatus.AWAITING_SIGNATURE).first()


def by_decision(document_reference: str) -> Case | None:
    """The case about whose entry this document decides."""
    return Case.objects.for_page().filter(register_entry__decisions__document__reference=document_reference).first()


def whole_register(service: str, *, now: datetime) -> Iterator[EntryView]:
    """Every entry, oldest first, read as it is asked for."""
    today = calendar.today(now)
    for one in RegisterEntry.objects.filter(service=service).order_by("id").iterator(chunk_size=500):
        yield EntryView(one, today)
