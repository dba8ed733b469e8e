"""Ids: made of the label, unless somebody wants another one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from azexport.services.editor.content import Content, is_empty, put, read, slug, unique, words
from azexport.services.editor.entries.entry import Entry, Setting, place, tidy


@dataclass(frozen=True)
class IdOf(Entry):
    """An id: as typed, else made of the label (`of`); never one that a sibling has."""

    at: str = "id"
    of: str = "label"
    mark: str = "_"
    among: str = ""
    """Where the ids stand that it must differ from."""
    renames: str = ""
    """What of it other parts name by the id: they follow when it changes."""

    def field(self, at: Setting) -> forms.Field:
        widget = forms.TextInput(attrs={"class": "govuk-input--width-20", "spellcheck": "false"})
        return forms.CharField(
            label=self.label or _("Short name for the system"),
            help_text=self.hint or _("Latin letters and digits. Left empty, it is made from the name above."),
            required=False, widget=widget,
        )  # fmt: skip

    def value(self, given: Any) -> Any:
        return tidy(given)

    def settle(self, record: Content, taken: Iterable[str]) -> None:
        """The record has an id."""
        if is_empty(read(record, self.path)):
            label = read(record, place(self.of))
            wanted = slug(words(label, "en"), mark=self.mark, default=self.renames or "item")
            put(record, self.path, unique(wanted, taken, mark=self.mark))
