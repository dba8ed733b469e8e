"""A short list within a form."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Self

from django import forms

from azexport.services.editor.content import Content, ids_at, is_empty, items, put, read
from azexport.services.editor.entries.entry import Data, Entry, Label, Raw, Setting, place
from azexport.services.editor.entries.ids import IdOf
from azexport.services.faults import Path


@dataclass(frozen=True)
class Rows(Entry):
    """A short list within the form: each row has its own entries; there is always an empty one to go on with."""

    entries: tuple[Entry, ...] = ()
    one: Label = ""
    """What a row is called: "Act 1"."""
    add: Label = ""

    def fitted(self, base: Path) -> Self:
        row = (*base, *self.path, 0)
        return replace(super().fitted(base), entries=tuple(one.fitted(row) for one in self.entries))

    def count(self, record: Content, data: Data) -> int:
        if data is not None:
            given = str(data.get(f"{self.name}-rows", ""))
            return min(int(given), 200) if re.fullmatch(r"\d{1,3}", given) else 0
        return len(items(record, self.path)) + 1

    def row_prefix(self, number: int) -> str:
        return f"{self.name}-{number}-"

    def fields(self, at: Setting, record: Content, prefix: str, data: Data) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {}
        rows = items(record, self.path)
        for number in range(self.count(record, data)):
            row = rows[number] if number < len(rows) and isinstance(rows[number], dict) else {}
            for entry in self.entries:
                found |= entry.fields(at, row, self.row_prefix(number), data)
        return found

    def initial(self, record: Content, prefix: str, at: Setting) -> dict[str, Any]:
        found: dict[str, Any] = {}
        rows = items(record, self.path)
        for number in range(len(rows) + 1):
            row = rows[number] if number < len(rows) and isinstance(rows[number], dict) else {}
            for entry in self.entries:
                found |= entry.initial(row, self.row_prefix(number), at)
        return found

    def places(self, prefix: str) -> dict[str, Path]:
        return {}

    def row_places(self, number: int) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for entry in self.entries:
            for name, path in entry.places(self.row_prefix(number)).items():
                found[name] = (*self.path, number, *path)
        return found

    def apply(self, record: Content, raw: Raw, prefix: str, at: Setting) -> None:
        rows, written = items(record, self.path), list[Content]()
        for number in range(self.count(record, raw)):
            row = dict(rows[number]) if number < len(rows) and isinstance(rows[number], dict) else {}
            for entry in self.entries:
                entry.apply(row, raw, self.row_prefix(number), at)
            if self._says_something(row):
                written.append(row)
        put(record, self.path, written)

    def _says_something(self, row: Content) -> bool:
        usual = {entry.path for entry in self.entries if getattr(entry, "default", None) is not None}
        return any(not is_empty(read(row, entry.path)) for entry in self.entries if entry.path not in usual)

    def settle(self, record: Content, content: Content, base: Path) -> None:
        """Every row has an id, where rows have ids."""
        for entry in self.entries:
            if not isinstance(entry, IdOf):
                continue
            rows = items(record, self.path)
            taken = ids_at(content, place(entry.among), apart_from=(*base, *self.path)) if entry.among else set()
            for row in rows:
                entry.settle(row, taken | {one.get("id", "") for one in rows if one is not row})
