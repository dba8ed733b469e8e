"""What a part of the editor is: one page, or one list of pages, of the model form (S-A1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from azexport.kernel.errors import Message
from azexport.services.blank import blank
from azexport.services.editor.content import Content, is_empty, put, read
from azexport.services.editor.entries import Entry, Group, Groups
from azexport.services.editor.entries.entry import place
from azexport.services.faults import Path
from azexport.services.schema import clause_of


@dataclass(frozen=True)
class Listed:
    """A part that is a list: each item is written on a page of its own."""

    at: str
    one: Message
    """What an item is called."""
    add: Message
    name: str
    """Where in an item its name stands."""
    nothing: Message
    """What it means that there are none."""
    kind: str = ""
    """What other parts name it by: question, document, step, ground."""
    note: Callable[[Content], Message] = lambda _item: ""

    @property
    def path(self) -> Path:
        return place(self.at)

    @property
    def title(self) -> Path:
        return place(self.name)


@dataclass(frozen=True)
class Part:
    """One page, or one list of pages, of the editor.

    Attributes:
        at: where the record stands that its form is about.
        form: the groups of its entries, or what makes them of the record.
        also: further places whose faults are its own.
        only: the kind of service that it belongs to; empty: both.
        optional: whether nothing need stand there.
        variants: records that between them have every entry the form may show.
    """

    key: str
    title: Message
    form: tuple[Group, ...] | Groups
    at: str = ""
    also: tuple[str, ...] = ()
    listed: Listed | None = None
    lead: Message = ""
    only: str = ""
    optional: bool = False
    variants: tuple[Content, ...] = ({},)

    @property
    def base(self) -> Path:
        return place(self.at)

    def groups(self, record: Content) -> Sequence[Group]:
        """The groups that the record has; each entry knows what the format says of its place."""
        record_at = (*self.listed.path, 0) if self.listed else self.base
        groups = self.form(record) if callable(self.form) else self.form
        return [replace(one, entries=tuple(entry.fitted(record_at) for entry in one.entries)) for one in groups]

    @cached_property
    def everything(self) -> tuple[Entry, ...]:
        """Every entry that the form may show."""
        found = {entry.name: entry for one in self.variants for group in self.groups(one) for entry in group.entries}
        return tuple(found.values())

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """Where its content stands; faults there are its own."""
        if self.listed:
            return (self.listed.path,)
        places = {(*self.base, *one.path)[: max(2, len(self.base) + 1)]: None for one in self.everything}
        return (*places, *map(place, self.also))

    @cached_property
    def clauses(self) -> str:
        """The headings of the model form that it fills, as `1.6–1.7`; empty where the model form has none."""
        whole = self.paths if len(self.base) < 2 else (self.base,)
        found = sorted({one for path in whole if "." in (one := clause_of(path).split(",")[0])}, key=_digits)
        return "–".join(dict.fromkeys((found[0], found[-1]))) if found else ""

    def stands(self, content: Content) -> Any:
        """What of the content is this part's."""
        return [read(content, path) for path in self.paths]

    def is_blank(self, content: Content) -> bool:
        """Nobody has written here yet."""
        empty = blank()
        return all(_bare(read(content, path)) == _bare(read(empty, path)) for path in self.paths)

    def applies(self, content: Content) -> bool:
        """Whether a service of this kind has the part; what stands there nonetheless must be seen."""
        return not self.only or self.only == (read(content, ("provision", "kind")) or "interactive")

    def lacks_standard(self, content: Content) -> bool:
        """Whether there is wording that every regulation may use, and nothing stands where it would."""
        return any(is_empty(read(content, at)) for at, _text in self._standard())

    def _standard(self) -> Iterator[tuple[Path, str]]:
        empty = blank()
        return (found for path in self.paths for found in _texts(read(empty, path), path))

    def put_standard(self, content: Content) -> None:
        """The standard wording stands wherever nothing is written."""
        for at, text in self._standard():
            if is_empty(read(content, at)):
                put(content, at, text)


def _digits(clause: str) -> list[int]:
    return [int(one) for one in clause.split(".") if one.isdigit()]


def _bare(value: Any) -> Any:
    """Without what is empty, however deep."""
    if isinstance(value, dict):
        found = {key: bare for key, one in value.items() if not is_empty(bare := _bare(one))}
        return found or None
    if isinstance(value, list):
        return [_bare(one) for one in value] or None
    return None if value == "" else value


def _texts(value: Any, at: Path) -> Iterator[tuple[Path, str]]:
    """The words in both languages at and below the place."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(one, (*at, key))
    elif isinstance(value, str) and value and at[-1] in ("az", "en"):
        yield at, value
