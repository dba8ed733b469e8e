"""Words, numbers and days."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from pydantic.fields import FieldInfo

from azexport.services.editor.content import Content, put, read, slug, unique
from azexport.services.editor.entries.entry import Data, Entry, Label, Raw, Setting, default_of, tidy
from azexport.services.faults import Path


@dataclass(frozen=True)
class Line(Entry):
    """One line of text."""

    width: str = ""
    mode: str = ""
    """The keyboard that a telephone shows: decimal, numeric."""

    def field(self, at: Setting) -> forms.Field:
        return forms.CharField(widget=forms.TextInput(attrs=self.attributes()), **self._common)

    def attributes(self) -> dict[str, Any]:
        found = {"class": f"govuk-input--width-{self.width}"} if self.width else {}
        return found | ({"inputmode": self.mode} if self.mode else {})

    def value(self, given: Any) -> Any:
        return tidy(given)


@dataclass(frozen=True)
class Bilingual(Entry):
    """Text in both languages."""

    rows: int = 0
    """Of the text area; 0: one line."""

    def fields(self, at: Setting, record: Content, prefix: str, data: Data) -> dict[str, forms.Field]:
        return {
            f"{prefix}{self.name}__{language}": forms.CharField(
                label=_("%(label)s (%(language)s)") % {"label": self.label, "language": said},
                help_text=self.hint if language == "az" else "", required=self.required is not False,
                widget=self._widget(language),
            )
            for language, said in (("az", _("in Azerbaijani")), ("en", _("in English")))
        }  # fmt: skip

    def _widget(self, language: str) -> forms.Widget:
        if self.rows:
            return forms.Textarea(attrs={"lang": language, "rows": self.rows})
        return forms.TextInput(attrs={"lang": language})

    def initial(self, record: Content, prefix: str, at: Setting) -> dict[str, Any]:
        stands = read(record, self.path)
        given = stands if isinstance(stands, dict) else {"az": stands} if isinstance(stands, str) else {}
        return {f"{prefix}{self.name}__{language}": given.get(language, "") for language in ("az", "en")}

    def places(self, prefix: str) -> dict[str, Path]:
        return {f"{prefix}{self.name}__{language}": (*self.path, language) for language in ("az", "en")}

    def apply(self, record: Content, raw: Raw, prefix: str, at: Setting) -> None:
        typed = {language: tidy(raw.get(f"{prefix}{self.name}__{language}")) for language in ("az", "en")}
        put(record, self.path, {language: text for language, text in typed.items() if text})


@dataclass(frozen=True)
class Whole(Line):
    """A whole number; what is none stays as it was typed."""

    width: str = "4"
    mode: str = "numeric"
    suffix: Label = ""
    default: int | None = None

    def said(self, known: Sequence[FieldInfo]) -> dict[str, Any]:
        return super().said(known) | {"default": default_of(known)}

    def attributes(self) -> dict[str, Any]:
        return super().attributes() | ({"data-suffix": self.suffix} if self.suffix else {})

    def shown(self, value: Any) -> Any:
        return self.default if value is None else value

    def value(self, given: Any) -> Any:
        text = tidy(given)
        return int(text) if re.fullmatch(r"-?\d{1,9}", text) else text


@dataclass(frozen=True)
class Amount(Line):
    """A number with decimals, kept as exact text."""

    width: str = "10"
    mode: str = "decimal"

    def value(self, given: Any) -> Any:
        return tidy(given).replace("\u00a0", "").replace(" ", "").replace(",", ".")


@dataclass(frozen=True)
class Day(Line):
    def field(self, at: Setting) -> forms.Field:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        return forms.CharField(widget=widget, **self._common)


@dataclass(frozen=True)
class ChoiceLines(Entry):
    """Answers to choose from, one a line: `id | az | en`; without an id one is made."""

    def field(self, at: Setting) -> forms.Field:
        widget = forms.Textarea(attrs={"rows": 6, "spellcheck": "false"})
        return forms.CharField(widget=widget, **self._common)

    def shown(self, value: Any) -> Any:
        if not isinstance(value, list):
            return ""
        return "\n".join(self._line(one) for one in value if isinstance(one, dict))

    def _line(self, choice: dict[str, Any]) -> str:
        label = choice.get("label")
        az, en = (label.get("az", ""), label.get("en", "")) if isinstance(label, dict) else (str(label or ""), "")
        return f"{choice.get('id', '')} | {az} | {en}"

    def value(self, given: Any) -> Any:
        found: list[Content] = []
        for line in tidy(given).split("\n"):
            parts = [part.strip() for part in line.split("|", 2)]
            if any(parts):
                found.append(self._choice(parts, {one["id"] for one in found}))
        return found

    def _choice(self, parts: list[str], taken: set[str]) -> Content:
        id_, az, en = parts if len(parts) == 3 else ["", *parts, ""][:3]
        label = {language: text for language, text in (("az", az), ("en", en)) if text}
        return {"id": id_ or unique(slug(en or az, default="choice"), taken), "label": label}
