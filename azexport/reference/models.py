"""Code lists. A row's primary key is its published code, so that other rooms may keep the bare code as a value."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from azexport.kernel.text import pick

if TYPE_CHECKING:
    from azexport.kernel.text import Text


class Listed(models.Model):
    """An entry of a code list: bilingual, valid between two dates (`valid_until` is the last day; null: open)."""

    name: models.JSONField[Text, Text] = models.JSONField()
    valid_from = models.DateField(default=date(2022, 1, 1))
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return pick(self.name)


class Commodity(Listed):
    """A chapter (2 digits), heading (4) or subheading (6) of the Harmonized System 2022.

    The table has two more columns, kept by the database from `code` and `name` (migration 0002): `folded`
    (az_fold of the names) and `words` (their text search vector).
    """

    code = models.CharField(max_length=6, primary_key=True)
    parent = models.CharField(max_length=6, blank=True)
    section = models.CharField(max_length=5)
    name_az_source = models.CharField(
        max_length=10, blank=True, help_text="'ours': the Azerbaijani name is this portal's, not the state's"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^([0-9]{2}|[0-9]{4}|[0-9]{6})$"), name="hs_code_has_2_4_or_6_digits"
            )
        ]

    @property
    def label(self) -> str:
        """`0802.22 Fındıq, qabığı təmizlənmiş`."""
        return f"{dotted(self.code)} {self.shown_name}"

    @property
    def shown_name(self) -> str:
        """The name in the page's language; an English one on an Azerbaijani page is marked as such."""
        language = (get_language() or "az")[:2]
        if language in self.name:
            return self.name[language]
        return _("%(name)s (in English)") % {"name": pick(self.name)}


def dotted(code: str) -> str:
    """`080222` -> `0802.22`; `0802221000` -> `0802.22.1000`; shorter codes stay as they are."""
    return ".".join(part for part in (code[:4], code[4:6], code[6:]) if part)


class Country(Listed):
    """ISO 3166-1."""

    code = models.CharField(max_length=2, primary_key=True)
    alpha3 = models.CharField(max_length=3)
    numeric = models.CharField(max_length=3)


class GroupMember(models.Model):
    """A country's membership of a group of countries, with its dates and its source."""

    group = models.CharField(max_length=20)
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="memberships")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "country", "valid_from"], name="one_membership_a_day")]

    def __str__(self) -> str:
        return f"{self.country_id} in {self.group}"


class Region(Listed):
    """An economic region of Azerbaijan: where a good is grown or made."""

    code = models.CharField(max_length=20, primary_key=True)


class Currency(Listed):
    """ISO 4217."""

    code = models.CharField(max_length=3, primary_key=True)
    numeric = models.CharField(max_length=3)
    digits = models.PositiveSmallIntegerField(default=2)


class ExchangeRate(models.Model):
    """Manats for one unit of the currency, from the day `on` until the next row's day."""

    currency = models.ForeignKey(Currency, on_delete=models.PROTECT, related_name="rates")
    on = models.DateField()
    rate = models.DecimalField(max_digits=16, decimal_places=6)
    source = models.CharField(max_length=80, help_text="'sample': not a rate of the Central Bank")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["currency", "on"], name="one_rate_a_day"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="rate_is_positive"),
        ]

    def __str__(self) -> str:
        return f"1 {self.currency_id} = {self.rate} AZN ({self.on})"


class Unit(Listed):
    """UN/ECE Recommendation 20."""

    code = models.CharField(max_length=3, primary_key=True)
    symbol: models.JSONField[Text, Text] = models.JSONField()
    kilograms = models.DecimalField(
        max_digits=12, decimal_places=6, null=True, blank=True, help_text="of one unit, for units of mass"
    )


class PackageKind(Listed):
    """UN/ECE Recommendation 21."""

    code = models.CharField(max_length=2, primary_key=True)


class Incoterm(Listed):
    """Incoterms 2020 (ICC)."""

    code = models.CharField(max_length=3, primary_key=True)
    edition = models.CharField(max_length=4, default="2020")
    sea_only = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)
