"""The route of a case: which step waits for which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from azexport.services.editor import expressions
from azexport.services.editor.content import Content, items, words
from azexport.services.editor.entries.entry import Data, Entry, Raw, Setting

NEXT, AT_ONCE, CHOSEN = "next", "at_once", "chosen"


@dataclass(frozen=True)
class After(Entry):
    """When a step may start: after the one before it, at once, or after chosen ones; two that wait for the same run
    side by side."""

    def fields(self, at: Setting, record: Content, prefix: str, data: Data) -> dict[str, forms.Field]:
        others = [
            (one["id"], words(one.get("name"), expressions.language(), one["id"]))
            for one in items(at.content, ("procedures", "steps"))
            if isinstance(one, dict) and isinstance(one.get("id"), str) and one["id"] != record.get("id")
        ]
        modes = [(NEXT, _("After the step before it in the list")), (AT_ONCE, _("At once, when the case begins"))]
        chosen = [(CHOSEN, _("After the steps ticked below"))] if others or record.get("after") else []
        mode = forms.ChoiceField(
            label=self.label, help_text=self.hint, choices=[*modes, *chosen], widget=forms.RadioSelect
        )
        if not chosen:
            return {f"{prefix}{self.name}__mode": mode}
        return {
            f"{prefix}{self.name}__mode": mode,
            f"{prefix}{self.name}": forms.MultipleChoiceField(
                label=_("Steps that must be done before"), choices=others, required=False,
                help_text=_("Two steps that wait for the same step run side by side."),
                widget=forms.CheckboxSelectMultiple,
            ),
        }  # fmt: skip

    def initial(self, record: Content, prefix: str, at: Setting) -> dict[str, Any]:
        stands = record.get("after")
        mode = NEXT if not isinstance(stands, list) else CHOSEN if stands else AT_ONCE
        return {f"{prefix}{self.name}__mode": mode, f"{prefix}{self.name}": stands or []}

    def apply(self, record: Content, raw: Raw, prefix: str, at: Setting) -> None:
        mode = raw.get(f"{prefix}{self.name}__mode")
        if mode == AT_ONCE:
            record["after"] = []
        elif mode == CHOSEN:
            record["after"] = [str(one) for one in raw.get(prefix + self.name) or ()]
        else:
            record.pop("after", None)
