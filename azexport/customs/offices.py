"""The customs posts where goods leave the country: a dated list (data/README.md)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from azexport.kernel.text import Text, both


@dataclass(frozen=True)
class Office:
    """`modes` are the modes of transport that pass there."""

    code: str
    name: Text
    modes: tuple[str, ...]
    valid_from: date
    valid_until: date | None

    def open_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@cache
def offices() -> dict[str, Office]:
    """Code -> office."""
    with (Path(__file__).parent / "data" / "exit_offices.tsv").open(encoding="utf-8") as file:
        return {row["code"]: _office(row) for row in csv.DictReader(file, delimiter="\t")}


def _office(row: dict[str, str]) -> Office:
    return Office(
        code=row["code"],
        name=both(row["az"], row["en"]),
        modes=tuple(row["modes"].split(",")),
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_until=date.fromisoformat(row["valid_until"]) if row["valid_until"] else None,
    )
