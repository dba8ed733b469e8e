"""The rules of the requirement finder that come with a permit's regulation (P4.1.4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal, TypeAlias

from django.utils.translation import gettext_lazy as _
from pydantic import model_validator

from azexport.services.faults import Faults, wrong
from azexport.services.schema.parts import CountryCode, HsPrefix, Part, RuleNumber, Source, Words

Level: TypeAlias = Literal["required", "conditional", "on_request"]

LEVELS: tuple[Level, ...] = ("required", "conditional", "on_request")
"""Strongest first."""


class Destination(Part):
    """Which countries a rule is about: all of them, or groups and countries, less the exceptions."""

    groups: tuple[str, ...] = ()
    countries: tuple[CountryCode, ...] = ()
    except_groups: tuple[str, ...] = ()
    except_countries: tuple[CountryCode, ...] = ()

    def covers(self, country: str, groups: Iterable[str]) -> bool:
        """Whether the rule speaks of `country`, which belongs to `groups`."""
        of = set(groups)
        if country in self.except_countries or of & set(self.except_groups):
            return False
        everywhere = not self.groups and not self.countries
        return everywhere or country in self.countries or bool(of & set(self.groups))


class RequirementRule(Part):
    """A rule of the requirement finder: which goods need this permit for which destination (P4.1.4)."""

    rule: RuleNumber
    level: Level
    hs: tuple[HsPrefix, ...] = ()
    """Prefixes of HS codes; none means every good."""
    except_hs: tuple[HsPrefix, ...] = ()
    destination: Destination = Destination()
    reason: Words
    condition: Words | None = None
    """When it applies, in words a person decides by; wanted for what is conditional or on request."""
    legal_basis: Words
    source: Source
    valid_from: date
    valid_until: date | None = None

    @model_validator(mode="after")
    def _condition_fits_the_level(self) -> RequirementRule:
        if self.level != "required" and self.condition is None:
            raise Faults([wrong(_("a rule that is not plainly required says its condition"), "condition")])
        return self

    def covers_goods(self, hs: str) -> bool:
        return (not self.hs or hs.startswith(self.hs)) and not (self.except_hs and hs.startswith(self.except_hs))

    def in_force(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)
