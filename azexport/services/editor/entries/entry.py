"""What every entry is, what it may look at, and what the format says of its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, TypeAlias

from django import forms
from pydantic.fields import FieldInfo

from azexport.kernel.errors import Message
from azexport.services.editor import expressions
from azexport.services.editor.content import Content, put, read
from azexport.services.editor.expressions import Subject
from azexport.services.faults import Path
from azexport.services.schema import fields_to

Raw = Mapping[str, Any]
"""What was sent, by the field's name, as its widget reads it."""
Data = Mapping[str, Any] | None
Label: TypeAlias = Any
"""What Django's fields take: text, or text in the language of the page."""
Choices = Sequence[tuple[str, Any]]


@dataclass(frozen=True)
class Setting:
    """What the entries of a form may look at: the whole content, and what there is on the portal."""

    content: Content
    bodies: tuple[tuple[str, str], ...] = ()
    countries: tuple[tuple[str, str], ...] = ()
    country_groups: tuple[str, ...] = ()
    provider: str = ""
    free_rule: str = ""
    """The number that the next rule of the finder may have."""

    def subjects(self, *, case: bool = False, per_line: bool = False) -> list[Subject]:
        return expressions.subjects(self.content, case=case, per_line=per_line)


@dataclass(frozen=True)
class Entry:
    """One thing to write.

    Attributes:
        at: its place within the record that the form is about, as `term.working_days`.
        required: whether it must be written; None: as the format has it.
    """

    at: str
    label: Label = ""
    hint: Label = ""
    required: bool | None = None

    @property
    def path(self) -> Path:
        return place(self.at)

    @property
    def name(self) -> str:
        return self.at.replace(".", "__")

    def fitted(self, base: Path) -> Self:
        """The entry with what the format says of its place in the record at `base`."""
        known = fields_to((*base, *self.path))[len(fields_to(base)) :]
        return replace(self, **self.said(known)) if known else self

    def said(self, known: Sequence[FieldInfo]) -> dict[str, Any]:
        """What of the entry the format says: `known` leads from the record to its place."""
        required = all(one.is_required() for one in known) if self.required is None else self.required
        return {"required": required}

    def fields(self, at: Setting, record: Content, prefix: str, data: Data) -> dict[str, forms.Field]:
        """The form fields by name; what they hold is kept whatever it is."""
        return {prefix + self.name: self.field(at)}

    def field(self, at: Setting) -> forms.Field:
        raise NotImplementedError

    def initial(self, record: Content, prefix: str, at: Setting) -> dict[str, Any]:
        """What stands in the content, for the fields."""
        return {prefix + self.name: self.shown(read(record, self.path))}

    def shown(self, value: Any) -> Any:
        return value

    def places(self, prefix: str) -> dict[str, Path]:
        """Field -> the place its content has."""
        return {prefix + self.name: self.path}

    def apply(self, record: Content, raw: Raw, prefix: str, at: Setting) -> None:
        """What was typed stands in the record."""
        put(record, self.path, self.value(raw.get(prefix + self.name)))

    def value(self, given: Any) -> Any:
        return given

    def unfinished(self, raw: Raw, prefix: str) -> Message:
        """What is still to be chosen before what was typed can be kept; empty where it can."""
        return ""

    def clear(self, record: Content) -> None:
        """Nothing of this stands in the record: it does not belong there."""
        put(record, self.path, None)

    @property
    def _common(self) -> dict[str, Any]:
        return {"label": self.label, "help_text": self.hint, "required": self.required is not False}


@dataclass(frozen=True)
class Group:
    """Entries under one heading."""

    entries: tuple[Entry, ...]
    heading: Message = ""
    hint: Message = ""


Groups = Callable[[Content], Sequence[Group]]
"""The groups that a record has, for its kind; they may change with what it says."""


def place(dotted: str) -> tuple[str, ...]:
    """`provision.fee` as a place in the content."""
    return tuple(dotted.split(".")) if dotted else ()


def default_of(known: Sequence[FieldInfo]) -> Any:
    """What the format takes where nothing is written; None where it takes nothing."""
    field = known[-1]
    return None if field.is_required() else field.get_default(call_default_factory=True)


def tidy(given: Any) -> str:
    """Without space around it, and with the line breaks of every other text."""
    return str(given or "").replace("\r\n", "\n").replace("\x00", "").strip()


def lines_of(given: Any) -> list[str]:
    """What was typed one a line, without lines that say nothing."""
    return [one for line in tidy(given).split("\n") if (one := line.strip())]
