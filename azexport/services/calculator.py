"""Informational services that work something out: a form open to all, the result with what it rests on (S4.2-4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms

from azexport.kernel import formats
from azexport.kernel.text import pick
from azexport.services import conditions, fields
from azexport.services.queries import asked, broken_checks
from azexport.services.schema import Output, Regulation
from azexport.services.scope import values_for


@dataclass(frozen=True)
class Worked:
    """One result of the calculator."""

    output: Output
    amount: Decimal | None
    """Rounded half-up; None where there is no such number (a division by zero)."""

    @property
    def shown(self) -> str:
        """The number with its unit, as the page shows it."""
        if self.amount is None:
            return "–"
        if self.output.currency and self.output.decimals == 2:
            return formats.money(self.amount, self.output.currency)
        unit = pick(self.output.unit.text) if self.output.unit else self.output.currency or ""
        return f"{formats.number(self.amount)} {unit}".strip()


class CalculatorForm(forms.Form):
    """The questions that the answers so far lead to, and the checks across them.

    `SHOWN` in the data names the questions that the page had: one that the answers have led to since is shown, and not
    yet missed. An address without it is taken to have shown everything.
    """

    SHOWN = "shown"

    def __init__(self, regulation: Regulation, data: Mapping[str, Any] | None = None) -> None:
        every = {one.id: fields.form_field(one) for one in regulation.asked_order}
        typed = {name: field.widget.value_from_datadict(data or {}, {}, name) for name, field in every.items()}
        wanted = {one.id for one in asked(regulation, answers=_cleaned(every, typed)).questions}
        shown = set((data or {}).get(self.SHOWN, ",".join(every)).split(","))
        self.is_complete = data is not None and wanted <= shown
        super().__init__(data if self.is_complete else None, auto_id="%s", initial=typed)
        self.regulation = regulation
        self.answers: dict[str, Any] = {}
        self.fields.update({name: field for name, field in every.items() if name in wanted})

    @property
    def shown(self) -> str:
        """What the page puts into `SHOWN`."""
        return ",".join(self.fields)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.answers = {name: fields.plain(value) for name, value in cleaned.items()}
        if not self.errors:
            for check in broken_checks(self.regulation, answers=self.answers):
                field = check.question if check.question in self.fields else None
                self.add_error(field, pick(check.message.text))
        return cleaned


def _cleaned(every: Mapping[str, forms.Field], typed: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that are valid so far."""
    given = {}
    for name, field in every.items():
        try:
            given[name] = fields.plain(field.clean(typed[name]))
        except forms.ValidationError:
            continue
    return given


def work_out(regulation: Regulation, answers: Mapping[str, Any]) -> list[Worked]:
    """Every output for these answers (by question id, as stored)."""
    calculator = regulation.provision.calculator
    if calculator is None:
        return []
    values = values_for(regulation, answers=asked(regulation, answers=answers).answers)
    return [Worked(one, _amount(one, values)) for one in calculator.outputs]


def _amount(output: Output, values: Mapping[str, Any]) -> Decimal | None:
    try:
        return conditions.money(Decimal(conditions.value(output.value, values)), output.decimals)
    except conditions.ConditionError:
        return None
