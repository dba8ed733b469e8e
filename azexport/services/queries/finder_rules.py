"""The rules of the requirement finder wherever they stand, and what must hold between a text's and the others (P4.1.4).

A rule is known by its number on every permit that rests on it, so no two services have the same one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from azexport.calendar.queries import today
from azexport.kernel.text import Text
from azexport.reference import queries as reference
from azexport.services import conformance
from azexport.services.faults import Fault, say
from azexport.services.models import RegulationDraft, RegulationVersion
from azexport.services.models.drafts import name_in
from azexport.services.states import FINAL

PREFIX = "EXP"
"""Of numbers that the portal gives."""


def faults(draft: RegulationDraft, content: Mapping[str, Any], *, on: date | None = None) -> list[Fault]:
    """What of the content's rules does not go with the portal: a number that stands elsewhere already, in a version in
    force or to come or in a draft under way, and countries that there are not. Without rules nothing is asked.

    Args:
        on: default: today.
    """
    if not content.get("requirements"):
        return []
    day = on or today(timezone.now())
    countries = {one.pk for one in reference.countries()}
    return [
        *conformance.rules_given_elsewhere(content, standing(draft, on=day)),
        *conformance.unknown_countries(content, countries, set(reference.country_groups())),
    ]


def standing(draft: RegulationDraft, *, on: date) -> dict[str, Text]:
    """Number of a rule -> where it stands, apart from the draft's own service: two statements."""
    return dict([*_in_drafts(draft), *_in_versions(draft.service, on)])


def _in_versions(service: str, on: date) -> Iterator[tuple[str, Text]]:
    rows = (
        RegulationVersion.objects.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=on))
        .exclude(service=service)
        .exclude(content__requirements=[])
        .order_by("version", "revision")
    )
    for one in rows.values("service", "version", "content__general", "content__requirements"):
        name = name_in({"general": one["content__general"]}, one["service"])
        where = say(_("“%(name)s”, version %(version)s"), name=name, version=one["version"])
        for number in conformance.rule_numbers({"requirements": one["content__requirements"]}):
            yield number, where


def _in_drafts(draft: RegulationDraft) -> Iterator[tuple[str, Text]]:
    rows = (
        RegulationDraft.objects.exclude(service=draft.service)
        .exclude(status__in=FINAL)
        .exclude(content__requirements=[])
        .select_related("provider")
    )
    for other in rows:
        # What another body drafts is its own business until it puts it before the public (S9.7).
        known = other.provider_id == draft.provider_id or other.discussed_at is not None
        where = (
            say(_("the draft “%(name)s”"), name=other.name)
            if known
            else say(_("a draft of another body: %(body)s"), body=other.provider.name)
        )
        for number in conformance.rule_numbers(other.content):
            yield number, where


def next_number(draft: RegulationDraft, content: Mapping[str, Any]) -> str:
    """A number that no rule has: the one after the text's own last, else the first of a new hundred."""
    own = _numbers(conformance.rule_numbers(content))
    taken = _numbers(standing(draft, on=today(timezone.now()))) | own
    if own:
        prefix, last = max(own, key=lambda one: one[1])
        number = last + 1
    else:
        prefix, number = PREFIX, max((one // 100 for of, one in taken if of == PREFIX), default=0) * 100 + 101
    while (prefix, number) in taken:
        number += 1
    return f"{prefix}-{number}"


def _numbers(rules: Any) -> set[tuple[str, int]]:
    found = (re.fullmatch(r"([A-Z]{2,5})-(\d{3,5})", str(one)) for one in rules)
    return {(one[1], int(one[2])) for one in found if one}
