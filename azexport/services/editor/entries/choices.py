"""One, several, yes or no: what is chosen instead of typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from pydantic.fields import FieldInfo

from azexport.services.editor.content import Content, items, put, read, ticked_at
from azexport.services.editor.entries.entry import Choices, Data, Entry, Raw, Setting, default_of, lines_of, place, tidy


def offered(choices: Sequence[tuple[Any, Any]], stands: Any) -> list[tuple[Any, Any]]:
    """The choices with what stands there already, so that it is not lost where it is no longer among them."""
    known = any(code == stands for code, _label in choices)
    return [*choices, *([] if known or not isinstance(stands, str) or not stands else [(stands, stands)])]


@dataclass(frozen=True)
class Chosen(Entry):
    choices: Choices | Callable[[Setting], Choices] = ()

    def offers(self, at: Setting) -> Choices:
        return self.choices(at) if callable(self.choices) else self.choices


@dataclass(frozen=True)
class Pick(Chosen):
    """One of a list."""

    radios: bool = False
    default: Any = None
    """What is picked in a new record; None: as the format has it."""
    usual: Any = None
    """What the format takes where nothing stands."""
    reloads: bool = False
    """Whether the form looks otherwise once another one is picked."""

    def said(self, known: Sequence[FieldInfo]) -> dict[str, Any]:
        usual = default_of(known)
        default = usual if self.default is None else self.default
        found = super().said(known) | {"usual": usual, "default": default}
        # Something is picked from the beginning: nobody is told that it may be left out.
        return found if self.required is not None or default is None else found | {"required": True}

    def fields(self, at: Setting, record: Content, prefix: str, data: Data) -> dict[str, forms.Field]:
        name, attrs = prefix + self.name, {"data-reloads": "true"} if self.reloads else {}
        if self.radios:
            widget = forms.RadioSelect(attrs=attrs)
            return {name: forms.ChoiceField(choices=self.offers(at), widget=widget, **self._common)}
        stands = read(record, self.path) if data is None else data.get(name)
        choices = offered([("", _("Choose")), *self.offers(at)], stands)
        return {name: forms.ChoiceField(choices=choices, widget=forms.Select(attrs=attrs), **self._common)}

    def initial(self, record: Content, prefix: str, at: Setting) -> dict[str, Any]:
        stands = read(record, self.path)
        if stands is None:
            stands = self.usual if record and self.usual is not None else self.default
        return {prefix + self.name: stands}

    def value(self, given: Any) -> Any:
        return tidy(given)


@dataclass(frozen=True)
class Ticks(Chosen):
    """Several of a list, in the list's order; what was ordered otherwise keeps its order, what is not there goes."""

    once: str = ""
    """Where the same may be ticked too, and is then not offered here: each belongs to one place only."""

    def fields(self, at: Setting, record: Content, prefix: str, data: Data) -> dict[str, forms.Field]:
        small = forms.CheckboxSelectMultiple(attrs={"class": "govuk-checkboxes--small"})
        taken = set(ticked_at(at.content, place(self.once))) - set(items(record, self.path)) if self.once else set()
        choices = [one for one in self.offers(at) if one[0] not in taken]
        widget = small if len(choices) > 4 else forms.CheckboxSelectMultiple()
        said = self._common if choices else {**self._common, "help_text": _("There is nothing to tick here yet.")}
        return {prefix + self.name: forms.MultipleChoiceField(choices=choices, widget=widget, **said)}

    def shown(self, value: Any) -> Any:
        return value if isinstance(value, list) else []

    def apply(self, record: Content, raw: Raw, prefix: str, at: Setting) -> None:
        ticked = [str(one) for one in raw.get(prefix + self.name) or ()]
        kept = [one for one in self.shown(read(record, self.path)) if one in ticked]
        put(record, self.path, [*kept, *(one for one in ticked if one not in kept)])


@dataclass(frozen=True)
class Tick(Entry):
    """Yes or no; what is usual is not written down."""

    usual: bool = False

    def said(self, known: Sequence[FieldInfo]) -> dict[str, Any]:
        return super().said(known) | {"usual": bool(default_of(known))}

    def field(self, at: Setting) -> forms.Field:
        return forms.BooleanField(**{**self._common, "required": False})

    def shown(self, value: Any) -> Any:
        return self.usual if value is None else value

    def value(self, given: Any) -> Any:
        return None if bool(given) == self.usual else bool(given)


@dataclass(frozen=True)
class Performers(Entry):
    """The other bodies that take part (1.5): those on the portal, and others by name."""

    def fields(self, at: Setting, record: Content, prefix: str, data: Data) -> dict[str, forms.Field]:
        bodies = [one for one in at.bodies if one[0] != at.provider]
        return {
            prefix + self.name: forms.MultipleChoiceField(
                choices=bodies, widget=forms.CheckboxSelectMultiple, **self._common
            ),
            f"{prefix}{self.name}__others": forms.CharField(
                label=_("Bodies that are not on the portal"), help_text=_("One a line, with the full name"),
                required=False, widget=forms.Textarea(attrs={"rows": 2}),
            ),
        }  # fmt: skip

    def initial(self, record: Content, prefix: str, at: Setting) -> dict[str, Any]:
        listed, known = items(record, self.path), {code for code, _name in at.bodies}
        return {
            prefix + self.name: [one for one in listed if one in known],
            f"{prefix}{self.name}__others": "\n".join(str(one) for one in listed if one not in known),
        }

    def apply(self, record: Content, raw: Raw, prefix: str, at: Setting) -> None:
        ticked = [str(one) for one in raw.get(prefix + self.name) or ()]
        stands = [one for one in items(record, self.path) if one in ticked]
        others = lines_of(raw.get(f"{prefix}{self.name}__others"))
        put(record, self.path, [*stands, *(one for one in ticked if one not in stands), *others])
