"""What a form of the editor consists of: each entry knows its place in the content, and writes there whatever is typed.

Nothing is refused here: what does not fit stays in the draft as it was typed, and the regulation's own faults say what
is wrong with it. So a draft is never lost, and there is one place that knows what is right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django import forms
from django.utils.translation import gettext_lazy as _

from azexport.services.editor import expressions
from azexport.services.editor.content import Content, ids_at, is_empty, items, put, read, slug, ticked_at, unique, words
from azexport.services.editor.expressions import Comparison, Simple, Subject
from azexport.services.faults import Path

Raw = Mapping[str, Any]
"""What was sent, by the field's name, as its widget reads it."""
Data = Mapping[str, Any] | None
Label: TypeAlias = Any
"""What Django's fields take: text, or text in the language of the page."""
LINES = 3
"""How many comparisons a simple condition may have."""


@dataclass(frozen=True)
class Setting:
    """What the entries of a form may look at: the whole content, and the bodies there are."""

    content: Content
    bodies: tuple[tuple[str, str], ...] = ()
    countries: tuple[tuple[str, str], ...] = ()
    provider: str = ""

    def subjects(self, *, case: bool = False, per_line: bool = False) -> list[Subject]:
        return expressions.subjects(self.content, case=case, per_line=per_line)


@dataclass(frozen=True)
class Entry:
    """One thing to write. `path` begins at the record that the form is about."""

    path: Path
    label: Label = ""
    hint: Label = ""
    required: bool = True

    @property
    def name(self) -> str:
        return "__".join(map(str, self.path))

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

    def clear(self, record: Content) -> None:
        """Nothing of this stands in the record: it does not belong there."""
        put(record, self.path, None)

    @property
    def _common(self) -> dict[str, Any]:
        return {"label": self.label, "help_text": self.hint, "required": self.required}


def _tidy(given: Any) -> str:
    """Without space around it, and with the line breaks of every other text."""
    return str(given or "").replace("\r\n", "\n").replace("\x00", "").strip()


@dataclass(frozen=True)
class Line(Entry):
    """One line of text."""

    width: str = ""
    default: str = ""

    def field(self, at: Setting) -> forms.Field:
        attrs = {"class": f"govuk-input--width-{self.width}"} if self.width else {}
        return forms.CharField(widget=forms.TextInput(attrs=attrs), **self._common)

    def shown(self, value: Any) -> Any:
        return self.default if value is None else value

    def value(self, given: Any) -> Any:
        return _tidy(given)


@dataclass(frozen=True)
class Bilingual(Entry):
    """Text in both languages."""

    rows: int = 0
    """Of the text area; 0: one line."""

    def fields(self, at: Setting, record: Content, prefix: str, data: Data) -> dict[str, forms.Field]:
        return {
            f"{prefix}{self.name}__{language}": forms.CharField(
                label=_("%(label)s (%(language)s)") % {"label": self.label, "language": said},
                help_text=self.hint if language == "az" else "", required=self.required, widget=self._widget(language),
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
        typed = {language: _tidy(raw.get(f"{prefix}{self.name}__{language}")) for language in ("az", "en")}
        put(record, self.path, {language: text for language, text in typed.items() if text})


@dataclass(frozen=True)
class Whole(Entry):
    """A whole number; what is none stays as it was typed."""

    width: str = "4"
    suffix: Label = ""
    default: int | None = None

    def field(self, at: Setting) -> forms.Field:
        attrs = {"class": f"govuk-input--width-{self.width}", "inputmode": "numeric"}
        widget = forms.TextInput(attrs=attrs | ({"data-suffix": self.suffix} if self.suffix else {}))
        return forms.CharField(widget=widget, **self._common)

    def shown(self, value: Any) -> Any:
        return self.default if value is None else value

    def value(self, given: Any) -> Any:
        text = _tidy(given)
        return int(text) if re.fullmatch(r"-?\d{1,9}", text) else text


@dataclass(frozen=True)
class Amount(Line):
    """A number with decimals, kept as exact text."""

    def field(self, at: Setting) -> forms.Field:
        attrs = {"class": f"govuk-input--width-{self.width or 10}", "inputmode": "decimal"}
        return forms.CharField(widget=forms.TextInput(attrs=attrs), **self._common)

    def value(self, given: Any) -> Any:
        return _tidy(given).replace("\u00a0", "").replace(" ", "").replace(",", ".")


@dataclass(frozen=True)
class Day(Line):
    def field(self, at: Setting) -> forms.Field:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        return forms.CharField(widget=widget, **self._common)


def offered(choices: Sequence[tuple[Any, Any]], stands: Any) -> list[tuple[Any, Any]]:
    """The choices with what stands there already, so that it is not lost where it is no longer among them."""
    known = any(code == stands for code, _label in choices)
    return [*choices, *([] if known or not isinstance(stands, str) or not stands else [(stands, stands)])]


Choose = Callable[[Setting], Sequence[tuple[Any, Any]]]


@dataclass(frozen=True)
class Pick(Entry):
    """One of a list."""

    choices: Choose = field(default=lambda _at: ())
    radios: bool = False
    default: Any = None
    """What is picked in a new record."""
    usual: Any = None
    """What it means that nothing stands in one that is there."""
    reloads: bool = False
    """Whether the form looks otherwise once another one is picked."""

    def fields(self, at: Setting, record: Content, prefix: str, data: Data) -> dict[str, forms.Field]:
        name, attrs = prefix + self.name, {"data-reloads": "true"} if self.reloads else {}
        if self.radios:
            widget = forms.RadioSelect(attrs=attrs)
            return {name: forms.ChoiceField(choices=self.choices(at), widget=widget, **self._common)}
        stands = read(record, self.path) if data is None else data.get(name)
        choices = offered([("", _("Choose")), *self.choices(at)], stands)
        return {name: forms.ChoiceField(choices=choices, widget=forms.Select(attrs=attrs), **self._common)}

    def initial(self, record: Content, prefix: str, at: Setting) -> dict[str, Any]:
        stands = read(record, self.path)
        if stands is None:
            stands = self.usual if record and self.usual is not None else self.default
        return {prefix + self.name: stands}

    def value(self, given: Any) -> Any:
        return _tidy(given)


@dataclass(frozen=True)
class Ticks(Entry):
    """Several of a list, in the list's order; what was ordered otherwise keeps its order, what is not there goes."""

    choices: Choose = field(default=lambda _at: ())
    once: tuple[str, ...] = ()
    """Where the same may be ticked too, and is then not offered here: each belongs to one place only."""

    def fields(self, at: Setting, record: Content, prefix: str, data: Data) -> dict[str, forms.Field]:
        small = forms.CheckboxSelectMultiple(attrs={"class": "govuk-checkboxes--small"})
        taken = set(ticked_at(at.content, self.once)) - set(items(record, self.path)) if self.once else set()
        choices = [one for one in self.choices(at) if one[0] not in taken]
        widget = small if len(choices) > 4 else forms.CheckboxSelectMultiple()
        return {prefix + self.name: forms.MultipleChoiceField(choices=choices, widget=widget, **self._common)}

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

    def field(self, at: Setting) -> forms.Field:
        return forms.BooleanField(**{**self._common, "required": False})

    def shown(self, value: Any) -> Any:
        return self.usual if value is None else value

    def value(self, given: Any) -> Any:
        return None if bool(given) == self.usual else bool(given)


@dataclass(frozen=True)
class Strings(Entry):
    """Short texts, one a line."""

    def field(self, at: Setting) -> forms.Field:
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **self._common)

    def shown(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value or ""

    def value(self, given: Any) -> Any:
        return [one for line in _tidy(given).split("\n") if (one := line.strip())]


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
        others = [one for line in _tidy(raw.get(f"{prefix}{self.name}__others")).split("\n") if (one := line.strip())]
        stands = [one for one in items(record, self.path) if one in ticked]
        put(record, self.path, [*stands, *(one for one in ticked if one not in stands), *others])


@dataclass(frozen=True)
class IdOf(Entry):
    """An id: as typed, else made of the label (`of`); never one that a sibling has."""

    of: Path = ("label",)
    mark: str = "_"
    among: tuple[str, ...] = ()
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
        return _tidy(given)

    def settle(self, record: Content, taken: Iterable[str]) -> None:
        """The record has an id."""
        if is_empty(read(record, self.path)):
            label = read(record, self.of)
            wanted = slug(words(label, "en"), mark=self.mark, default=self.renames or "item")
            put(record, self.path, unique(wanted, taken, mark=self.mark))


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
        for line in _tidy(given).split("\n"):
            parts = [part.strip() for part in line.split("|", 2)]
            if any(parts):
                found.append(self._choice(parts, {one["id"] for one in found}))
        return found

    def _choice(self, parts: list[str], taken: set[str]) -> Content:
        id_, az, en = parts if len(parts) == 3 else ["", *parts, ""][:3]
        label = {language: text for language, text in (("az", az), ("en", en)) if text}
        return {"id": id_ or unique(slug(en or az, default="choice"), taken), "label": label}


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
        chosen = _tidy(raw.get(prefix + self.name))
        put(record, self.path, chosen or _tidy(raw.get(f"{prefix}{self.name}__own")))


ALWAYS, SIMPLE, OWN = "always", "simple", "own"


@dataclass(frozen=True)
class Condition(Entry):
    """When something holds: always, by a simple condition made of choices, or by an expression written by hand."""

    always: Label = ""
    """What it is called that there is no condition; empty: there must be one."""
    case: bool = False
    but: tuple[Path, ...] = ()

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
        base, mode = prefix + self.name, _tidy(raw.get(f"{prefix}{self.name}__mode"))
        if mode == OWN:
            put(record, self.path, _tidy(raw.get(f"{base}__own")))
        elif mode == SIMPLE:
            known = at.subjects(case=self.case, per_line=record.get("scope") == "line")
            written, stands = expressions.written(self._typed(raw, base, known), known), read(record, self.path)
            if not (isinstance(stands, str) and expressions.mean_the_same(stands, written, known)):
                put(record, self.path, written)
        else:
            put(record, self.path, None)

    def _typed(self, raw: Raw, base: str, known: Sequence[Subject]) -> Simple:
        types = {one.name: one.type for one in known}
        lines = []
        for number in range(LINES):
            subject, operator, value = (
                _tidy(raw.get(f"{base}__{number}__{name}")) for name in ("subject", "operator", "value")
            )
            fitting = [code for code, _label in expressions.OPERATORS[types.get(subject, "text")]]
            lines.append(Comparison(subject, operator if operator in fitting else fitting[0], value))
        return Simple("any" if raw.get(f"{base}__join") == "any" else "all", tuple(lines))


@dataclass(frozen=True)
class Rows(Entry):
    """A short list within the form: each row has its own entries; there is always an empty one to go on with."""

    entries: tuple[Entry, ...] = ()
    one: Label = ""
    """What a row is called: "Act 1"."""
    add: Label = ""

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
            taken = ids_at(content, entry.among, apart_from=(*base, *self.path)) if entry.among else set()
            for row in rows:
                entry.settle(row, taken | {one.get("id", "") for one in rows if one is not row})


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
        modes = [(NEXT, _("After the step before it in the list")), (AT_ONCE, _("At once, when the case begins")),
                 (CHOSEN, _("After the steps ticked below"))]  # fmt: skip
        return {
            f"{prefix}{self.name}__mode": forms.ChoiceField(
                label=self.label, help_text=self.hint, choices=modes, widget=forms.RadioSelect
            ),
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
