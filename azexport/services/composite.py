"""Fields of the kinds of question whose answer has parts: a party, a table of goods, an HS code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from azexport.kernel.errors import Message, Missing
from azexport.reference import queries as reference

Choices = Sequence[tuple[str, str]]
FIRST_ROWS = 1
MORE_ROWS = 2
MOST_ROWS = 100
COLUMNS: dict[str, Message] = {
    "hs": _("HS code"),
    "description": _("Description of the goods"),
    "quantity": _("Quantity"),
    "unit": _("Unit"),
    "net_kg": _("Net weight, kg"),
    "value": _("Value"),
}
"""Column of a table of goods -> what it is called."""
NUMBERS = ("quantity", "net_kg", "value")
SEARCH = {"data-autocomplete": "/reference/commodities", "autocomplete": "off"}


class HsField(forms.CharField):
    """A subheading of the Harmonized System: six digits, found by search or typed."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={**SEARCH, "class": "govuk-input--width-20"}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        code = re.sub(r"[.\s]", "", super().clean(value))
        if not code:
            return ""
        if not re.fullmatch(r"[0-9]{6}", code):
            raise ValidationError(_("Choose an HS code from the list, or enter its six digits"), code="invalid")
        try:
            reference.commodity(code)
        except Missing as missing:
            raise ValidationError(str(missing.message), code="unknown") from missing
        return code


class PartyWidget(forms.MultiWidget):
    """Name, country and address, each with its label."""

    template_name = "services/widgets/party.html"
    use_fieldset = True
    LABELS = (_("Name"), _("Country"), _("Address"))

    def __init__(self, countries: Choices = (), attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {
                "name": forms.TextInput(attrs={"autocomplete": "organization"}),
                "country": forms.Select(choices=[("", ""), *countries], attrs={"data-autocomplete": "select"}),
                "address": forms.Textarea(attrs={"rows": 3}),
            },
            attrs,
        )

    def decompress(self, value: Any) -> list[Any]:
        given = value if isinstance(value, Mapping) else {}
        return [given.get("name", ""), given.get("country", ""), given.get("address", "")]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for label, part in zip(self.LABELS, context["widget"]["subwidgets"], strict=True):
            part["label"] = label
        return context


class PartyField(forms.MultiValueField):
    """A party: `{"name": …, "country": "DE", "address": …}`."""

    def __init__(self, *, countries: Choices = (), **kwargs: Any) -> None:
        parts = (
            forms.CharField(max_length=200, error_messages={"incomplete": _("Enter the name")}),
            forms.ChoiceField(
                choices=[("", ""), *countries],
                error_messages={"incomplete": _("Choose the country"), "invalid_choice": _("Choose the country")},
            ),
            forms.CharField(max_length=500, error_messages={"incomplete": _("Enter the address")}),
        )
        super().__init__(fields=parts, widget=PartyWidget(countries), require_all_fields=False, **kwargs)

    def compress(self, data_list: list[Any]) -> dict[str, str] | None:
        if not any(data_list):
            return None
        return dict(zip(("name", "country", "address"), data_list, strict=True))


class GoodsWidget(forms.Widget):
    """Rows of goods; a button asks for more of them, so that it works without a script."""

    template_name = "services/widgets/goods.html"
    use_fieldset = True

    def __init__(self, units: Callable[[], Choices], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.units = units

    def __deepcopy__(self, memo: dict[int, Any]) -> GoodsWidget:
        return type(self)(self.units, dict(self.attrs))

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, str]]:
        """The rows as they were sent, without the empty ones."""
        rows = []
        for number in range(_rows_sent(data, name)):
            row = {column: str(data.get(f"{name}-{number}-{column}", "")).strip() for column in COLUMNS}
            if any(value for column, value in row.items() if column != "unit"):
                rows.append(row)
        return rows

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-rows" not in data

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0" if id_ else ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = value if isinstance(value, list) else []
        shown = min(max(FIRST_ROWS, len(rows) + 1), MOST_ROWS)
        filled = [*rows, *[{} for _row in range(shown - len(rows))]]
        identity = context["widget"]["attrs"].get("id", name)
        context["widget"] |= {"rows": [self._row(name, identity, number, row) for number, row in enumerate(filled)]}
        context["widget"]["more"] = f"{name}-more"
        context["widget"]["count"] = (f"{name}-rows", len(filled))
        return context

    def _row(self, name: str, identity: str, number: int, row: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        cells: dict[str, dict[str, Any]] = {
            column: {
                "name": f"{name}-{number}-{column}",
                "id": f"{identity}_{number}_{column}" if (number, column) != (0, "hs") else f"{identity}_0",
                "value": row.get(column, ""),
            }
            for column in COLUMNS
        }
        cells["unit"]["choices"] = [("", ""), *self.units()]
        return cells


def _rows_sent(data: Any, name: str) -> int:
    sent = str(data.get(f"{name}-rows", "0"))
    return min(int(sent), MOST_ROWS) if sent.isascii() and sent.isdigit() and len(sent) < 9 else 0


class GoodsField(forms.Field):
    """A table of goods: a list of `{"hs", "description", "quantity", "unit", "net_kg", "value"}`."""

    def __init__(self, *, units: Callable[[], Choices], **kwargs: Any) -> None:
        super().__init__(widget=GoodsWidget(units), **kwargs)
        self.units = units
        self.cells: dict[str, forms.Field] = {
            "hs": HsField(error_messages={"required": _("Choose the HS code")}),
            "description": forms.CharField(max_length=500, error_messages={"required": _("Describe the goods")}),
            "unit": forms.CharField(max_length=10, error_messages={"required": _("Choose the unit")}),
            **{
                column: forms.DecimalField(
                    min_value=Decimal(0), max_digits=18, decimal_places=2 if column == "value" else 6, localize=True,
                    required=column != "value", error_messages={"required": _("Enter a number.")},
                )
                for column in NUMBERS
            },
        }  # fmt: skip

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != (data or [])

    def clean(self, value: Any) -> list[dict[str, Any]]:
        rows = value if isinstance(value, list) else []
        if not rows and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(rows) > MOST_ROWS:
            raise ValidationError(_("At most %(most)s rows") % {"most": MOST_ROWS}, code="rows")
        units = {code for code, _name in self.units()}
        cleaned: list[dict[str, Any]] = []
        errors: list[ValidationError] = []
        for number, row in enumerate(rows, start=1):
            cleaned.append(self._row(number, row if isinstance(row, Mapping) else {}, units, errors))
        if errors:
            raise ValidationError(errors)
        return cleaned

    def _row(
        self, number: int, row: Mapping[str, Any], units: set[str], errors: list[ValidationError]
    ) -> dict[str, Any]:
        """The row's values; what is wrong with them is added to the errors, each with its row and column."""
        clean: dict[str, Any] = {}
        for column, name in COLUMNS.items():
            try:
                clean[column] = self.cells[column].clean(row.get(column))
                if column == "unit" and clean[column] not in units:
                    raise ValidationError(_("Choose the unit"))
            except ValidationError as error:
                told = _("Row %(row)s, %(column)s: %(error)s")
                errors += [
                    ValidationError(told, params={"row": number, "column": name, "error": one})
                    for one in error.messages
                ]
        return clean


def more_rows(fields: Mapping[str, forms.Field], data: Any, files: Any = None) -> dict[str, Any] | None:
    """What is typed so far, as the `initial` of a form that is not sent yet, where a button for more rows was pressed.

    Returns:
        None where no such button was pressed. The table whose button it was has some rows more.
    """
    if not any(isinstance(field, GoodsField) and f"{name}-more" in data for name, field in fields.items()):
        return None
    typed = {}
    for name, field in fields.items():
        if isinstance(field, forms.FileField):
            continue
        typed[name] = field.widget.value_from_datadict(data, files or {}, name)
        if isinstance(field, GoodsField) and f"{name}-more" in data:
            typed[name] = [*typed[name], *[{} for _row in range(MORE_ROWS - 1)]]
        if isinstance(field, PartyField):
            typed[name] = field.compress(typed[name])
    return typed
