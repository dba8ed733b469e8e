"""Reading the code lists."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from django.db.models import Func, Q, QuerySet, TextField
from django.db.models.expressions import Combinable, F
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Length
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from azexport.kernel.errors import Missing
from azexport.kernel.text import pick
from azexport.reference.models import (
    Commodity,
    Country,
    Currency,
    ExchangeRate,
    GroupMember,
    Incoterm,
    Listed,
    PackageKind,
    Region,
    Unit,
)

Entry = TypeVar("Entry", bound=Listed)
MOST_WORDS = 8


def valid(entries: QuerySet[Entry], on: date | None = None) -> QuerySet[Entry]:
    """The entries in force on that day (default: those with no end)."""
    if on is None:
        return entries.filter(valid_until__isnull=True)
    return entries.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=on), valid_from__lte=on)


class AzKey(Func):
    """The sort key of an Azerbaijani text (SQL function az_key)."""

    function = "az_key"
    output_field = TextField()


def _by_name(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    name: Combinable = KT("name__en") if (get_language() or "az").startswith("en") else KT("name__az")
    return valid(entries).order_by(AzKey(Coalesce(name, KT("name__en"))), F("pk"))


def countries() -> QuerySet[Country]:
    """In the alphabetical order of the page's language."""
    return _by_name(Country.objects.all())


def currencies() -> QuerySet[Currency]:
    return valid(Currency.objects.order_by("code"))


def units() -> QuerySet[Unit]:
    return _by_name(Unit.objects.all())


def package_kinds() -> QuerySet[PackageKind]:
    return _by_name(PackageKind.objects.all())


def regions() -> QuerySet[Region]:
    return _by_name(Region.objects.all())


def incoterms() -> QuerySet[Incoterm]:
    """In the order of the ICC's own list."""
    return valid(Incoterm.objects.order_by("order"))


def choices(entries: Iterable[Listed], *, codes: bool = False) -> list[tuple[str, str]]:
    """(code, name in the page's language) for a form; with `codes` the label is `FCA – Free Carrier`."""
    return [(entry.pk, f"{entry.pk} – {pick(entry.name)}" if codes else pick(entry.name)) for entry in entries]


def country(code: str) -> Country:
    """Raises Missing for an unknown code; so do the others below."""
    return _entry(Country, code)


def currency(code: str) -> Currency:
    return _entry(Currency, code)


def unit(code: str) -> Unit:
    return _entry(Unit, code)


def package_kind(code: str) -> PackageKind:
    return _entry(PackageKind, code)


def incoterm(code: str) -> Incoterm:
    return _entry(Incoterm, code)


def _entry(model: type[Entry], code: str) -> Entry:
    found = model._default_manager.filter(pk=code).first()
    if found is None:
        raise Missing(_("There is no such code."), code="unknown-code")
    return found


def in_group(code: str, group: str, on: date) -> bool:
    """Whether the country belonged to the group (`EU`) on that day."""
    return (
        GroupMember.objects.filter(group=group, country_id=code, valid_from__lte=on)
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gte=on))
        .exists()
    )


def groups_of(code: str, on: date) -> set[str]:
    """The groups that the country belonged to on that day."""
    return set(
        GroupMember.objects.filter(country_id=code, valid_from__lte=on)
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gte=on))
        .values_list("group", flat=True)
    )


def country_groups() -> list[str]:
    """The groups of countries that there are, by code."""
    return list(GroupMember.objects.order_by("group").values_list("group", flat=True).distinct())


def rate(code: str, on: date) -> ExchangeRate:
    """Manats for one unit of the currency on that day. A manat is one manat.

    Raises:
        Missing: no rate is known for that day or before.
    """
    if code == "AZN":
        from decimal import Decimal

        return ExchangeRate(currency_id=code, on=on, rate=Decimal(1), source="AZN")
    found = ExchangeRate.objects.filter(currency_id=code, on__lte=on).order_by("-on").first()
    if found is None:
        raise Missing(_("No exchange rate is known for this currency and day."), code="no-rate")
    return found


def commodity(code: str) -> Commodity:
    """The subheading of a code of 6 to 10 digits (the national digits behind the sixth are not checked), or the
    heading or chapter itself.

    Raises:
        Missing: the Harmonized System has no such code.
    """
    digits = re.sub(r"[.\s]", "", code)
    if not re.fullmatch(r"[0-9]{2}|[0-9]{4}|[0-9]{6,10}", digits):
        raise Missing(_("An HS code has 6 to 10 digits."), code="not-an-hs-code")
    found = Commodity.objects.filter(pk=digits[:6]).first()
    if found is None:
        raise Missing(_("The Harmonized System has no such code."), code="unknown-hs-code")
    return found


def search_commodities(text: str, limit: int = 20) -> list[Commodity]:
    """Subheadings that begin with the given digits, or whose names hold all the given words, best first.

    Words match from their beginning, in Azerbaijani and English, with or without the marks of Azerbaijani
    letters; a word that no name holds is read as the most similar word that one does.
    """
    digits = re.sub(r"[.\s]", "", text)
    if digits.isdigit() and digits.isascii():
        subheadings = Commodity.objects.alias(digits=Length("code")).filter(digits=6)
        return list(subheadings.filter(code__startswith=digits[:6]).order_by("code")[:limit])
    return list(Commodity.objects.raw(_SEARCH, {"text": text[:200], "most": MOST_WORDS, "limit": limit}))


_SEARCH = r"""
WITH given AS (
    SELECT token, place
    FROM regexp_split_to_table(az_fold(%(text)s), ' ') WITH ORDINALITY AS split (token, place)
    WHERE token <> '' AND place <= %(most)s
), known AS (
    SELECT place, coalesce(
        (SELECT token FROM reference_word WHERE word >= token AND word < token || '~' LIMIT 1),
        (SELECT word FROM reference_word WHERE word %% token ORDER BY similarity(word, token) DESC, word LIMIT 1)
    ) AS word
    FROM given
), asked AS (
    SELECT to_tsquery('pg_catalog.simple', string_agg(word || ':*', ' & ' ORDER BY place)) AS words,
           to_tsquery('pg_catalog.simple', string_agg(word, ' & ' ORDER BY place)) AS whole_words
    FROM known WHERE word IS NOT NULL
)
SELECT commodity.code, commodity.parent, commodity.section, commodity.name, commodity.name_az_source,
       commodity.valid_from, commodity.valid_until
FROM reference_commodity AS commodity, asked
WHERE commodity.words @@ asked.words AND length(commodity.code) = 6
ORDER BY commodity.words @@ asked.whole_words DESC, ts_rank(commodity.words, asked.words, 2) DESC, commodity.code
LIMIT %(limit)s
"""
