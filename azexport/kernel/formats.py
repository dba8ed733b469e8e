"""One formatter of numbers, money and dates for pages, PDF and CSV (Babel; Django's own differ in az)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from django.utils.timezone import localtime
from django.utils.translation import get_language


def _locale(language: str | None) -> str:
    chosen = (language or get_language() or "az")[:2]
    return "en_GB" if chosen == "en" else "az"


def number(value: Decimal | int | str, language: str | None = None) -> str:
    """`20000.5` -> `20.000,5` (az) or `20,000.5` (en): no trailing zeros, at most six places."""
    return format_decimal(Decimal(value), format="#,##0.######", locale=_locale(language))


def money(amount: Decimal | int | str, currency: str, language: str | None = None) -> str:
    """`12 500,00 EUR`: the code stands behind the amount, as on Azerbaijani documents."""
    return format_currency(
        Decimal(amount), currency, format="#,##0.00\xa0¤¤", locale=_locale(language), currency_digits=False
    )


def date_(value: date | datetime | str, language: str | None = None) -> str:
    """`22 noyabr 2026`. Datetimes are shown in Baku."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    if isinstance(value, datetime):
        value = localtime(value).date() if value.tzinfo else value.date()
    return format_date(value, format="d MMMM y", locale=_locale(language))


def datetime_(value: datetime | str, language: str | None = None) -> str:
    """`22 noyabr 2026, 14:05`, in Baku."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    local = localtime(value) if value.tzinfo else value
    return f"{date_(local, language)}, {format_datetime(local, 'HH:mm', locale=_locale(language))}"
