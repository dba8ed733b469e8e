"""When something holds, and what a value is: chosen from what is known, or written as an expression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from azexport.kernel.errors import Message
from azexport.services.editor import expressions
from azexport.services.editor.content import Content, put, read
from azexport.services.editor.entries.choices import offered
from azexport.services.editor.entries.entry import Data, Entry, Label, Raw, Setting, tidy
from azexport.services.editor.expressions import Comparison, Simple, Subject
from azexport.services.faults import Path

LINES = 3
"""How many comparisons a simple condition may have."""


@dataclass(frozen=True)
class Expression(Entry):
    """A value: chosen from what is known, or written by hand."""

    case: bool = False
    numbers: bool = False
    """Only numbers are wanted."""

    def fields(self, at: Setting, record: Content, prefix: str, data: Data) -> dict[str, forms.Field]:
        known = [one for one in at.subjects(case=self.case) if self._fits(one)]
        choices = expressions.grouped(known, ("", _("Something else, written below")))
        return {
            prefix + self.name: forms.ChoiceField(choices=choices, widget=forms.Select, **self._common),
            f"{prefix}{self.name}__own": forms.CharField(
                label=_("Expression (CEL), for experts"), required=False,
                widget=forms.TextInput(attrs={"spellcheck": "false", "class": "az-expression"}),
            ),
        }  # fmt: skip

    def _fits(self, one: Subject) -> bool:
        return one.type == "number" if self.numbers else one.type != "choices"

    def initial(self, record: Content, prefix: str, at: Setting) -> dict[str, Any]:
        stands = read(record, self.path)
        listed = stands in {one.name for one in at.subjects(case=self.case) if self._fits(one)}
        return {
            prefix + self.name: stands if listed else "",
            f"{prefix}{self.name}__own": "" if listed else stands or "",
        }

    def apply(self, record: Content, raw: Raw, prefix: str, at: Setting) -> None:
        chosen = tidy(raw.get(prefix + self.name))
        put(record, self.path, chosen or tidy(raw.get(f"{prefix}{self.name}__own")))


ALWAYS, SIMPLE, OWN = "always", "simple", "own"


@dataclass(frozen=True)
class Condition(Entry):
    """When something holds: always, by a simple condition made of choices, or by an expression written by hand."""

    always: Label = ""
    """What it is called that there is no condition; empty: there must be one."""
    case: bool = False

    def fields(self, at: Setting, record: Content, prefix: str, data: Data) -> dict[str, forms.Field]:
        base = prefix + self.name
        known = at.subjects(case=self.case, per_line=record.get("scope") == "line")
        modes = [*([(ALWAYS, self.always)] if self.always else []), (SIMPLE, _("By an answer")),
                 (OWN, _("By an expression (CEL), for experts"))]  # fmt: skip
        found: dict[str, forms.Field] = {
            f"{base}__mode": forms.ChoiceField(
                label=self.label, help_text=self.hint, choices=modes, widget=forms.RadioSelect
            )
        }
        stands = self.initial(record, prefix, at)
        for number in range(LINES):
            line = f"{base}__{number}"
            subject = str(data.get(f"{line}__subject", "") if data is not None else stands[f"{line}__subject"])
            chosen = next((one for one in known if one.name == subject), None)
            value = "" if data is not None else str(stands[f"{line}__value"])
            found |= self._line(line, number, known, chosen, at, value)
        return found | {
            f"{base}__join": forms.ChoiceField(
                label=_("If there are several"), required=False, widget=forms.Select,
                choices=[("all", _("all must be so")), ("any", _("one is enough"))],
            ),
            f"{base}__own": forms.CharField(
                label=_("Expression"), required=False,
                widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "class": "az-expression"}),
            ),
        }  # fmt: skip

    def _line(
        self, line: str, number: int, known: Sequence[Subject], subject: Subject | None, at: Setting, stands: str
    ) -> dict[str, forms.Field]:
        operators = expressions.OPERATORS[subject.type] if subject else expressions.OPERATORS["text"]
        return {
            f"{line}__subject": forms.ChoiceField(
                label=_("Condition %(number)s: what is looked at") % {"number": number + 1}, required=False,
                choices=expressions.grouped(known, ("", _("Choose"))),
                widget=forms.Select(attrs={"data-reloads": "true"}),
            ),
            f"{line}__operator": forms.ChoiceField(
                label=_("Condition %(number)s: how it is compared") % {"number": number + 1}, choices=operators,
                required=False, widget=forms.Select,
            ),
            f"{line}__value": self._value_field(
                _("Condition %(number)s: with what") % {"number": number + 1}, subject, at, stands
            ),
        }  # fmt: skip

    def _value_field(self, label: Label, subject: Subject | None, at: Setting, stands: str) -> forms.Field:
        match subject.type if subject else "text":
            case "boolean":
                return forms.ChoiceField(
                    label=label, required=False, widget=forms.Select,
                    choices=[("", _("Choose")), ("true", _("Yes")), ("false", _("No"))],
                )  # fmt: skip
            case "choice" | "choices" if subject is not None:
                choices = offered([("", _("Choose")), *subject.choices], stands)
                return forms.ChoiceField(label=label, required=False, choices=choices, widget=forms.Select)
            case "country":
                choices = offered([("", _("Choose")), *at.countries], stands)
                return forms.ChoiceField(label=label, required=False, choices=choices, widget=forms.Select)
            case "date":
                return forms.CharField(
                    label=label, required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
                )
            case type_:
                attrs = {"inputmode": "decimal"} if type_ == "number" else {}
                return forms.CharField(label=label, required=False, widget=forms.TextInput(attrs=attrs))

    def initial(self, record: Content, prefix: str, at: Setting) -> dict[str, Any]:
        base, stands = prefix + self.name, read(record, self.path)
        expression = stands if isinstance(stands, str) else ""
        known = at.subjects(case=self.case, per_line=record.get("scope") == "line")
        simple = expressions.understood(expression, known) if expression else None
        shown = simple if simple and len(simple.comparisons) <= LINES else None
        mode = (ALWAYS if self.always else SIMPLE) if not expression else SIMPLE if shown else OWN
        found = {f"{base}__mode": mode, f"{base}__join": shown.join if shown else "all",
                 f"{base}__own": "" if shown else expression}  # fmt: skip
        lines = shown.comparisons if shown else ()
        for number in range(LINES):
            line = lines[number] if number < len(lines) else Comparison("", "", "")
            for name in ("subject", "operator", "value"):
                found[f"{base}__{number}__{name}"] = getattr(line, name)
        return found

    def places(self, prefix: str) -> dict[str, Path]:
        base = prefix + self.name
        return {f"{base}__mode": self.path, f"{base}__own": self.path}

    def apply(self, record: Content, raw: Raw, prefix: str, at: Setting) -> None:
        base, mode = prefix + self.name, tidy(raw.get(f"{prefix}{self.name}__mode"))
        if mode == OWN:
            put(record, self.path, tidy(raw.get(f"{base}__own")))
        elif mode == SIMPLE:
            known = at.subjects(case=self.case, per_line=record.get("scope") == "line")
            written, stands = expressions.written(self._typed(raw, base, known), known), read(record, self.path)
            if not (isinstance(stands, str) and expressions.mean_the_same(stands, written, known)):
                put(record, self.path, written)
        else:
            put(record, self.path, None)

    def unfinished(self, raw: Raw, prefix: str) -> Message:
        base = prefix + self.name
        if tidy(raw.get(f"{base}__mode")) != SIMPLE:
            return ""
        lines = [
            tuple(tidy(raw.get(f"{base}__{number}__{name}")) for name in ("subject", "operator", "value"))
            for number in range(LINES)
        ]
        begun = [line for line in lines if line[0]]
        if not begun and not self.always:
            return ""  # the regulation itself says that there must be one
        if begun and all(value or operator in expressions.NO_VALUE for _subject, operator, value in begun):
            return ""
        return _("The condition is not finished: choose what is looked at, and with what it is compared.")

    def _typed(self, raw: Raw, base: str, known: Sequence[Subject]) -> Simple:
        types = {one.name: one.type for one in known}
        lines = []
        for number in range(LINES):
            subject, operator, value = (
                tidy(raw.get(f"{base}__{number}__{name}")) for name in ("subject", "operator", "value")
            )
            fitting = [code for code, _label in expressions.OPERATORS[types.get(subject, "text")]]
            lines.append(Comparison(subject, operator if operator in fitting else fitting[0], value))
        return Simple("any" if raw.get(f"{base}__join") == "any" else "all", tuple(lines))
