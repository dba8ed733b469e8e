"""A regulation's question as a form field, and its answer as data and as text for people."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import re2
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from azexport.kernel import formats
from azexport.kernel.text import Text, pick
from azexport.reference import queries as reference
from azexport.services.composite import COLUMNS, NUMBERS, GoodsField, HsField, PartyField, more_rows
from azexport.services.schema import Question, Words

__all__ = ["Choices", "accept", "form_field", "label", "more_rows", "plain", "rows_of", "shown"]

Choices = Sequence[tuple[str, str]]
DIGITS = 18
DECIMALS = {"number": 6, "money": 2}
_EMPTY: dict[str, Any] = {"choices": [], "goods": [], "party": {}}


def form_field(
    question: Question, *, required: bool | None = None, countries: Choices | None = None, units: Choices | None = None
) -> forms.Field:
    """The Django field of a question, in the page's language: label, hint, limits and messages.

    Args:
        required: overrides the question's own (a question asked for several bodies).
        countries: (code, name) where a country is asked for; default: all of them.
        units: (code, name) of units of quantity in a table of goods; default: all of them.
    """
    must = question.required if required is None else required
    label = pick(question.label.text)
    common: dict[str, Any] = {
        "label": label,
        "help_text": pick(question.hint.text) if question.hint else "",
        "required": must,
        "error_messages": {"required": _("Answer this question: %(label)s") % {"label": label}},
    }
    make = _MAKERS.get(question.kind, _text)
    if question.kind in ("country", "party"):
        return _of_countries(question, common, _countries() if countries is None else countries)
    if question.kind == "goods":
        return GoodsField(units=_units if units is None else lambda: units, **common)
    return make(question, common)


def _countries() -> Choices:
    return reference.choices(reference.countries())


def _units() -> Choices:
    return reference.choices(reference.units())


def _of_countries(question: Question, common: dict[str, Any], countries: Choices) -> forms.Field:
    if question.kind == "party":
        return PartyField(countries=countries, **common)
    widget = forms.Select(attrs={"data-autocomplete": "select"})
    return forms.ChoiceField(choices=[("", ""), *countries], widget=widget, **common)


def _text(question: Question, common: dict[str, Any]) -> forms.Field:
    field = forms.CharField(max_length=question.max_length, **common)
    if question.pattern:
        field.validators.append(_matching(question.pattern))
    return field


def _matching(pattern: str) -> Callable[[str], None]:
    def validate(value: str) -> None:
        if not re2.fullmatch(pattern, value):
            raise ValidationError(_("This does not have the form that is asked for. Look at the hint."), code="pattern")

    return validate


def _long_text(question: Question, common: dict[str, Any]) -> forms.Field:
    area = forms.Textarea(attrs={"rows": 5, "maxlength": question.max_length})
    return forms.CharField(max_length=question.max_length, widget=area, **common)


def _number(question: Question, common: dict[str, Any]) -> forms.Field:
    field = forms.DecimalField(
        min_value=question.minimum, max_value=question.maximum, localize=True, max_digits=DIGITS,
        decimal_places=DECIMALS[question.kind], **common,
    )  # fmt: skip
    if question.currency:
        field.widget.attrs["data-suffix"] = question.currency
    return field


def _date(question: Question, common: dict[str, Any]) -> forms.Field:
    return forms.DateField(
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), input_formats=["%Y-%m-%d"], **common
    )


def _options(question: Question) -> Choices:
    return [(choice.id, pick(choice.label.text)) for choice in question.choices]


def _choice(question: Question, common: dict[str, Any]) -> forms.Field:
    return forms.ChoiceField(choices=_options(question), widget=forms.RadioSelect, **common)


def _choices(question: Question, common: dict[str, Any]) -> forms.Field:
    return forms.MultipleChoiceField(choices=_options(question), widget=forms.CheckboxSelectMultiple, **common)


def _boolean(question: Question, common: dict[str, Any]) -> forms.Field:
    return forms.TypedChoiceField(
        choices=[("true", _("Yes")), ("false", _("No"))], coerce=lambda value: value == "true",
        empty_value=None, widget=forms.RadioSelect(attrs={"class": "govuk-radios--inline"}), **common,
    )  # fmt: skip


def _statement(question: Question, common: dict[str, Any]) -> forms.Field:
    common["error_messages"] = {"required": _("Confirm the statement to go on: %(label)s") % {"label": common["label"]}}
    return forms.BooleanField(**{**common, "required": True})


def _file(question: Question, common: dict[str, Any]) -> forms.Field:
    return forms.FileField(widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}), **common)


def _hs(question: Question, common: dict[str, Any]) -> forms.Field:
    return HsField(**common)


_MAKERS: dict[str, Callable[[Question, dict[str, Any]], forms.Field]] = {
    "text": _text, "long_text": _long_text, "number": _number, "money": _number, "date": _date, "choice": _choice,
    "choices": _choices, "boolean": _boolean, "statement": _statement, "file": _file, "hs": _hs,
}  # fmt: skip


def plain(value: Any) -> Any:
    """A cleaned value as JSON keeps it: exact numbers and dates as text."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def accept(question: Question, value: Any, *, countries: Choices | None = None, units: Choices | None = None) -> Any:
    """An answer as a program sends it (json_schema), checked as the form checks it, and as it is stored.

    Raises:
        ValidationError: in the page's language.
    """
    if value is None or value == "" or (question.kind in _EMPTY and value == _EMPTY[question.kind]):
        return plain(form_field(question, countries=countries, units=units).clean(None))
    return plain(form_field(question, countries=countries, units=units).clean(_typed(question.kind, value)))


def _typed(kind: str, value: Any) -> Any:
    """The value as the field expects it from a form, of the one JSON type that the kind has."""
    match kind:
        case "number" | "money":
            return _decimal(value)
        case "boolean" | "statement" if isinstance(value, bool):
            return value if kind == "statement" else "true" if value else "false"
        case "choices" if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return value
        case "party" if isinstance(value, Mapping) and all(isinstance(one, str) for one in value.values()):
            return [value.get("name", ""), value.get("country", ""), value.get("address", "")]
        case "goods" if isinstance(value, list) and all(isinstance(one, Mapping) for one in value):
            return [_row(row) for row in value]
        case "boolean" | "statement" | "choices" | "party" | "goods" | "file":
            raise ValidationError(_("This is not an answer to the question."), code="type")
        case "date" if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return value
        case _ if isinstance(value, str) and kind != "date":
            return value
    raise ValidationError(_("This is not an answer to the question."), code="type")


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {column: row.get(column) for column in COLUMNS}
    if set(row) - set(COLUMNS) or not all(isinstance(found[one] or "", str) for one in ("hs", "description", "unit")):
        raise ValidationError(_("This is not an answer to the question."), code="type")
    return found | {column: _decimal(found[column]) for column in NUMBERS if found[column] is not None}


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValidationError(_("Enter a number."), code="type")
    return Decimal(str(value)).normalize() + 0


def shown(question: Question, value: Any, *, countries: Mapping[str, str] | None = None) -> str:
    """A stored answer as the page shows it; per line `1: …; 2: …`."""
    if question.kind == "party" and isinstance(value, Mapping):
        country = value.get("country", "")
        return ", ".join(
            one for one in (value.get("name"), (countries or {}).get(country, country), value.get("address")) if one
        )
    if isinstance(value, Mapping):
        return "; ".join(f"{line}: {shown(question, one)}" for line, one in value.items())
    if value is None or value in ("", []):
        return _g("Not stated")
    match question.kind:
        case "boolean":
            return _g("Yes") if value is True or value == "true" else _g("No")
        case "statement":
            return _g("Confirmed") if value is True or value == "true" else _g("Not stated")
        case "choice":
            return _named(question, value)
        case "choices":
            return ", ".join(_named(question, one) for one in value)
        case "goods":
            return "; ".join(f"{number}. {', '.join(cells)}" for number, cells in enumerate(rows_of(value), start=1))
        case "number" if _is_year(question):
            return str(value)
        case "money" if question.currency:
            return formats.money(value, question.currency)
        case "number" | "money":
            return formats.number(value)
        case "date":
            return formats.date_(value)
        case "country":
            return (countries or {}).get(value, str(value))
        case "hs":
            return f"{value[:4]}.{value[4:]}"
        case _:
            return str(value)


def _named(question: Question, value: Any) -> str:
    named: dict[str, Words] = {choice.id: choice.label for choice in question.choices}
    return pick(named[value].text) if value in named else str(value)


def rows_of(value: Any) -> list[list[str]]:
    """The stored answer of a table of goods as rows of text: HS code and name, quantity, net weight, value."""
    rows = []
    for row in value if isinstance(value, list) else []:
        hs = str(row.get("hs", ""))
        cells = [f"{hs[:4]}.{hs[4:]} {row.get('description', '')}"]
        cells.append(f"{_counted(row.get('quantity'))} {row.get('unit', '')}")
        cells.append(f"{_counted(row.get('net_kg'))} {_g('kg')}")
        if row.get("value") not in (None, ""):
            cells.append(_counted(row["value"]))
        rows.append(cells)
    return rows


def _counted(value: Any) -> str:
    return formats.number(value) if value not in (None, "") else "0"


def _is_year(question: Question) -> bool:
    # Four digits and no others: digits of a year are not grouped.
    low, high = question.minimum, question.maximum
    return low is not None and high is not None and low >= 1000 and high <= 9999


def label(question: Question) -> Text:
    return question.label.text
