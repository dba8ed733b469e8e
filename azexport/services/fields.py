"""A regulation's question as a form field, and its answer as text for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from azexport.kernel import formats
from azexport.kernel.text import Text, pick
from azexport.services.schema import Question, Words

Choices = Sequence[tuple[str, str]]


def form_field(question: Question, *, required: bool | None = None, countries: Choices = ()) -> forms.Field:
    """The Django field of a question, in the page's language: label, hint, limits and messages.

    Args:
        required: overrides the question's own (a question asked for several bodies).
        countries: (code, name) for a question of kind country.
    """
    must = question.required if required is None else required
    label = pick(question.label.text)
    common: dict[str, Any] = {
        "label": label,
        "help_text": pick(question.hint.text) if question.hint else "",
        "required": must,
        "error_messages": {"required": _("Answer this question: %(label)s") % {"label": label}},
    }
    match question.kind:
        case "long_text":
            area = forms.Textarea(attrs={"rows": 5, "maxlength": question.max_length})
            return forms.CharField(max_length=question.max_length, widget=area, **common)
        case "number" | "money":
            return forms.DecimalField(
                min_value=question.minimum, max_value=question.maximum, localize=True, max_digits=18, **common
            )
        case "date":
            return forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **common)
        case "choice":
            options = [(choice.id, pick(choice.label.text)) for choice in question.choices]
            return forms.ChoiceField(choices=options, widget=forms.RadioSelect, **common)
        case "boolean":
            return forms.TypedChoiceField(
                choices=[("true", _("Yes")), ("false", _("No"))], coerce=lambda value: value == "true",
                empty_value=None, widget=forms.RadioSelect(attrs={"class": "govuk-radios--inline"}), **common,
            )  # fmt: skip
        case "country":
            options = [("", ""), *countries]
            return forms.ChoiceField(
                choices=options, widget=forms.Select(attrs={"data-autocomplete": "select"}), **common
            )
        case "file":
            return forms.FileField(widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}), **common)
        case _:
            return forms.CharField(max_length=question.max_length, **common)


def plain(value: Any) -> Any:
    """A cleaned value as JSON keeps it: exact numbers and dates as text."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


def shown(question: Question, value: Any, *, countries: Mapping[str, str] | None = None) -> str:
    """A stored answer as the page shows it; per line `1: …; 2: …`."""
    if isinstance(value, Mapping):
        return "; ".join(f"{line}: {shown(question, one)}" for line, one in value.items())
    if value is None or value == "":
        return _g("Not stated")
    match question.kind:
        case "boolean":
            return _g("Yes") if value is True or value == "true" else _g("No")
        case "choice":
            named: dict[str, Words] = {choice.id: choice.label for choice in question.choices}
            return pick(named[value].text) if value in named else str(value)
        case "number" if _is_year(question):
            return str(value)
        case "number" | "money":
            return formats.number(value)
        case "date":
            return formats.date_(value)
        case "country":
            return (countries or {}).get(value, str(value))
        case _:
            return str(value)


def _is_year(question: Question) -> bool:
    # Four digits and no others: digits of a year are not grouped.
    low, high = question.minimum, question.maximum
    return low is not None and high is not None and low >= 1000 and high <= 9999


def label(question: Question) -> Text:
    return question.label.text
