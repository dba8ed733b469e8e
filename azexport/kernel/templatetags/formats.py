"""`{% load formats %}`: the one formatter on pages."""

from datetime import date, datetime
from decimal import Decimal

from django import template

from azexport.kernel import formats

register = template.Library()


@register.filter
def number(value: Decimal | int | str | None) -> str:
    """`{{ line.quantity|number }}`"""
    return "" if value is None or value == "" else formats.number(value)


@register.filter
def money(amount: Decimal | str | None, currency: str) -> str:
    """`{{ line.price|money:contract.currency }}`"""
    return "" if amount is None or amount == "" else formats.money(amount, currency)


@register.filter
def day(value: date | datetime | str | None) -> str:
    """`{{ permit.valid_until|day }}`"""
    return formats.date_(value) if value else ""


@register.filter
def moment(value: datetime | str | None) -> str:
    """`{{ case.submitted_at|moment }}`, in Baku."""
    return formats.datetime_(value) if value else ""
