"""What a rule of the requirement finder speaks of: its number, goods, countries and days (P4.1.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django import forms

from azexport.services.editor.content import Content, items, put, read
from azexport.services.editor.entries.entry import Raw, Setting, lines_of, tidy
from azexport.services.editor.entries.texts import Day, Line

_FOLDED = str.maketrans("əƏıİöÖüÜçÇşŞğĞ", "eEiIoOuUcCsSgG")


@dataclass(frozen=True)
class RuleNumber(Line):
    """The number of a rule, in capital letters; a new rule begins with one that nobody has."""

    width: str = "10"

    def initial(self, record: Content, prefix: str, at: Setting) -> dict[str, Any]:
        return {prefix + self.name: read(record, self.path) if record else at.free_rule}

    def value(self, given: Any) -> Any:
        return tidy(given).upper()


@dataclass(frozen=True)
class FirstDay(Day):
    """A day; a new record begins with the first day of the regulation itself."""

    def initial(self, record: Content, prefix: str, at: Setting) -> dict[str, Any]:
        return {prefix + self.name: read(record if record else at.content, self.path)}


@dataclass(frozen=True)
class Codes(Line):
    """Beginnings of HS codes between commas, spaces or lines; the dot within a code is left out."""

    def field(self, at: Setting) -> forms.Field:
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}), **self._common)

    def shown(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value or ""

    def value(self, given: Any) -> Any:
        return list(dict.fromkeys(one.replace(".", "") for one in re.split(r"[\s,;]+", tidy(given)) if one))


@dataclass(frozen=True)
class Countries(Line):
    """Countries one a line, by name or code; a line that names none stays as it was typed."""

    def field(self, at: Setting) -> forms.Field:
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}), **self._common)

    def initial(self, record: Content, prefix: str, at: Setting) -> dict[str, Any]:
        names = dict(at.countries)
        return {prefix + self.name: "\n".join(names.get(str(one), str(one)) for one in items(record, self.path))}

    def apply(self, record: Content, raw: Raw, prefix: str, at: Setting) -> None:
        codes = {_folded(name): code for code, name in at.countries} | {_folded(code): code for code, _ in at.countries}
        found: list[str] = []
        for line in lines_of(raw.get(prefix + self.name)):
            typed = [line] if _folded(line) in codes else [one.strip() for one in re.split(r"[,;]", line)]
            found += [codes.get(_folded(one), one) for one in typed if one]
        put(record, self.path, list(dict.fromkeys(found)))


def _folded(name: str) -> str:
    return name.translate(_FOLDED).casefold()
