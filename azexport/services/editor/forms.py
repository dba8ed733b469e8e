"""The form of one part of a regulation: laid over the content, never refusing, told its faults by the regulation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext as _

from azexport.kernel.errors import Message
from azexport.services.editor.content import Content, copied, ids_at, is_empty, items, put, read, rename
from azexport.services.editor.entries import Condition, Entry, Expression, Groups, IdOf, Rows, Setting
from azexport.services.editor.entries.entry import place
from azexport.services.faults import Fault, Path, wrong


@dataclass
class Row:
    number: int
    fields: list[Any]
    is_new: bool


@dataclass
class Block:
    """One piece of the page: plain fields, a condition, a value, or rows."""

    kind: str
    fields: list[Any] = field(default_factory=list)
    entry: Entry | None = None
    rows: list[Row] = field(default_factory=list)
    stands: int = 0
    """How many of the rows are kept already."""
    parts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Shown:
    heading: Message
    hint: Message
    blocks: list[Block]


class PartForm(forms.Form):
    """A part of a regulation. Whatever is typed is kept; `accept` tells it what the regulation says is wrong.

    Args:
        at: the whole content, and what the fields offer.
        base: where the record stands that the form is about.
        groups: its entries.
        everything: all entries the record may have; those that `groups` leaves out do not stand in it.
        reload: the address that answers with the form as it looks for what was picked.
    """

    use_required_attribute = False

    def __init__(
        self, data: QueryDict | None = None, *, at: Setting, base: Path, groups: Groups,
        everything: tuple[Entry, ...] = (), reload: str = "",
    ) -> None:  # fmt: skip
        super().__init__(data, auto_id="id_%s")
        self.at, self.base, self.data_given = at, base, data
        record = read(at.content, base)
        self.record: Content = record if isinstance(record, dict) else {}
        self.everything, self.reload = everything, reload
        self.groups = list(groups(self._kind_record()))
        self._add_fields()

    def _kind_record(self) -> Content:
        """The record with what was picked in the fields that decide how the form looks."""
        if self.data_given is None:
            return self.record
        picked = {name: self.data_given.get(name) for name in self.data_given if "__" not in name and "-" not in name}
        return {**self.record, **picked}

    @property
    def entries(self) -> Iterator[Entry]:
        for group in self.groups:
            yield from group.entries

    def _add_fields(self) -> None:
        record = self._kind_record() if self.data_given is not None else self.record
        for entry in self.entries:
            self.fields |= entry.fields(self.at, record, "", self.data_given)
            self.initial = {**self.initial, **entry.initial(self.record, "", self.at)}
        for one in self.fields.values():
            if one.widget.attrs.pop("data-reloads", None) and self.reload:
                one.widget.attrs |= {
                    "hx-post": self.reload, "hx-trigger": "change", "hx-target": "#part-fields",
                    "hx-swap": "innerMorph", "hx-include": "closest form",
                }  # fmt: skip

    def full_clean(self) -> None:
        """Nothing is refused here."""
        self._errors = ErrorDict()
        self.cleaned_data = {}

    # -- writing

    @property
    def raw(self) -> Mapping[str, Any]:
        """What was sent, as each widget reads it."""
        data = self.data
        found = {
            name: one.widget.value_from_datadict(data, self.files, self.add_prefix(name))
            for name, one in self.fields.items()
        }
        return found | {name: data[name] for name in data if name.endswith("-rows")}

    def written(self) -> Content:
        """The whole content with what was typed in its place."""
        content = copied(self.at.content)
        record = read(content, self.base)
        if not isinstance(record, dict):
            record = {}
        before = copied(record)
        raw, at = self.raw, self.at
        shown = {entry.name for entry in self.entries}
        for entry in self.everything:
            if entry.name not in shown:
                entry.clear(record)
        for entry in self.entries:
            entry.apply(record, raw, "", at)
        self._settle(record, content)
        self._place(content, record)
        for old, new, kind in self._renamed(before, record):
            rename(content, kind, old, new)
        return content

    def _settle(self, record: Content, content: Content) -> None:
        for entry in self.entries:
            if isinstance(entry, IdOf):
                entry.settle(record, ids_at(content, place(entry.among), apart_from=self.base))
            elif isinstance(entry, Rows):
                entry.settle(record, content, self.base)

    def _place(self, content: Content, record: Content) -> None:
        if not self.base:
            content |= record
        elif isinstance(self.base[-1], int):
            siblings = items(content, self.base[:-1])
            if not siblings:
                put(content, self.base[:-1], [record])
            elif self.base[-1] < len(siblings):
                siblings[self.base[-1]] = record
            else:
                siblings.append(record)
        else:
            put(content, self.base, record)

    def _renamed(self, before: Content, record: Content) -> Iterator[tuple[str, str, str]]:
        for entry in self.entries:
            if isinstance(entry, IdOf) and entry.renames:
                old, new = read(before, entry.path), read(record, entry.path)
                if isinstance(old, str) and isinstance(new, str) and old and old != new:
                    yield old, new, entry.renames
            if isinstance(entry, Rows):
                yield from self._renamed_rows(entry, before, record)

    def _renamed_rows(self, rows: Rows, before: Content, record: Content) -> Iterator[tuple[str, str, str]]:
        kind = next((one.renames for one in rows.entries if isinstance(one, IdOf)), "")
        old, new = items(before, rows.path), items(record, rows.path)
        if kind and len(old) == len(new):
            for was, is_ in zip(old, new, strict=True):
                if was.get("id") and is_.get("id") and was["id"] != is_["id"]:
                    yield was["id"], is_["id"], kind

    # -- faults

    def unfinished(self) -> list[Fault]:
        """What was begun and cannot be kept as it is."""
        if self.data_given is None:
            return []
        raw = self.raw
        told = ((entry, entry.unfinished(raw, "")) for entry in self.entries)
        return [wrong(message, *self.base, *entry.path) for entry, message in told if message]

    @property
    def places(self) -> dict[str, Path]:
        """Field -> where its content stands, from the top."""
        found: dict[str, Path] = {}
        for entry in self.entries:
            found |= {name: (*self.base, *path) for name, path in entry.places("").items()}
            if isinstance(entry, Rows):
                for number in range(entry.count(self.record, self.data_given)):
                    found |= {name: (*self.base, *path) for name, path in entry.row_places(number).items()}
        return {name: path for name, path in found.items() if name in self.fields}

    def field_of(self, path: Path) -> str | None:
        """The field where the fault stands: the one whose place is nearest to it."""
        best, length = None, -1
        for name, own in self.places.items():
            shared = min(len(own), len(path))
            # A fault of a whole record, as "missing", belongs to the record's first field.
            if own[:shared] == path[:shared] and shared > length and (len(path) > len(self.base) or not self.base):
                best, length = name, shared
        return best

    def accept(self, faults: Sequence[Fault]) -> None:
        """The faults stand beside their fields; what has no field, above them all."""
        for fault in faults:
            name = self.field_of(fault.path)
            message = told(fault)
            if message not in self.errors.get(name or "__all__", []):
                self.add_error(name, message)

    # -- showing

    def shown(self) -> list[Shown]:
        return [
            Shown(group.heading, group.hint, [self._block(entry) for entry in group.entries]) for group in self.groups
        ]

    def _block(self, entry: Entry) -> Block:
        match entry:
            case Rows():
                return self._rows_block(entry)
            case Condition() | Expression():
                return self._special(entry, "")
        return self._plain(entry, self.record, "")

    def _plain(self, entry: Entry, record: Content, prefix: str) -> Block:
        names = entry.fields(self.at, record, prefix, self.data_given)
        kind = "id" if isinstance(entry, IdOf) else "fields"
        return Block(kind, entry=entry, fields=[self[name] for name in names])

    def _special(self, entry: Entry, prefix: str) -> Block:
        base = prefix + entry.name
        names = [name for name in self.fields if name == base or name.startswith(f"{base}__")]
        parts: dict[str, Any] = {name.removeprefix(base).strip("_") or "main": self[name] for name in names}
        if isinstance(entry, Condition):
            parts["lines"] = [
                [parts.pop(f"{number}__{name}") for name in ("subject", "operator", "value")]
                for number in range(len([one for one in parts if one.endswith("__subject")]))
            ]
        return Block("condition" if isinstance(entry, Condition) else "expression", entry=entry, parts=parts)

    def _rows_block(self, entry: Rows) -> Block:
        count, stands = entry.count(self.record, self.data_given), len(items(self.record, entry.path))
        rows = []
        for number in range(count):
            prefix, fields = entry.row_prefix(number), []
            for one in entry.entries:
                if isinstance(one, Expression):
                    fields.append(self._special(one, prefix))
                else:
                    fields.append(self._plain(one, {}, prefix))
            rows.append(Row(number, fields, is_new=number >= stands))
        return Block("rows", entry=entry, rows=rows, stands=stands)

    def rows_named(self, name: str) -> Rows | None:
        return next((one for one in self.entries if isinstance(one, Rows) and one.name == name), None)


ROW_PRESS = re.compile(r"(?P<name>[a-z_]+):(?:(?P<number>\d+):)?(?P<way>up|down|remove|restore|add)")


def pressed(content: Content, base: Path, rows: Rows, number: int, way: str) -> None:
    """A row of the content moves up or down, or is gone."""
    move(items(content, (*base, *rows.path)), number, way)
    if way == "remove" and not items(content, (*base, *rows.path)):
        put(content, (*base, *rows.path), None)


def move(listed: list[Any], number: int, way: str) -> bool:
    """The item moves up or down by one, or is removed; says whether anything changed."""
    other = {"up": number - 1, "down": number + 1}.get(way, number)
    if not (0 <= number < len(listed) and 0 <= other < len(listed)):
        return False
    if way == "remove":
        del listed[number]
    else:
        listed[number], listed[other] = listed[other], listed[number]
    return True


def told(fault: Fault) -> str:
    """The fault as the page says it, with the clause of the model form it belongs to."""
    clause = fault.clause.split(",")[0]  # as 2.6 for its note 1
    if "." not in clause:
        return fault.sentence
    return _("%(message)s (clause %(clause)s)") % {"message": fault.sentence, "clause": clause}


def is_left(content: Content, fault: Fault) -> bool:
    """Whether nothing is wrong with what was written: nothing was."""
    return is_empty(read(content, fault.path))


def anchor(field: Any) -> str:
    """The id of the first thing of the field that one can type into or choose."""
    return f"{field.auto_id}_0" if field.field.widget.use_fieldset else str(field.id_for_label)
