"""Entering, changing and publishing goods."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from azexport.audit import actions as audit
from azexport.catalogue.lifecycle import TABLE
from azexport.catalogue.models import Good
from azexport.catalogue.permissions import may_offer, owns
from azexport.kernel.errors import Missing, NotAllowed, RuleViolated, Violation
from azexport.kernel.references import new_reference
from azexport.kernel.text import Text
from azexport.lifecycle.engine import move
from azexport.parties.models import Member
from azexport.reference import queries as reference


@dataclass(frozen=True)
class GoodData:
    """What an exporter says of a good. `hs_code`: 6 to 10 digits."""

    hs_code: str
    name: Text
    description: Text
    unit: str
    region: str
    origin_criterion: str
    producer: str
    made_in_azerbaijan: bool


@transaction.atomic
def add_good(data: GoodData, *, by: Member, now: datetime) -> Good:
    """The good is in the organisation's list, not published.

    Raises:
        NotAllowed: the organisation is not an Azerbaijani taxpayer.
        RuleViolated: unknown HS code (GDS-001), or not stated to be made in Azerbaijan (GDS-002).
    """
    if not may_offer(by):
        raise NotAllowed(_("Goods made in Azerbaijan are offered by Azerbaijani taxpayers."))
    good = Good(
        reference=new_reference("GD"), organisation=by.organisation, created_at=now, **_columns(data, by=by, now=now)
    )
    good.save(force_insert=True)
    audit.record("good.added", subject=good.reference, by=by, now=now, data=asdict(data))
    return good


@transaction.atomic
def change_good(good: Good, data: GoodData, *, by: Member, now: datetime) -> Good:
    """The good is as `data` say; contracts that name it keep what they said.

    Raises:
        NotAllowed: it is another organisation's.
        RuleViolated: as `add_good`.
    """
    locked = Good.objects.select_for_update(of=("self",)).get(pk=good.pk)
    if not owns(by, locked):
        raise NotAllowed
    columns = _columns(data, by=by, now=now)
    for name, value in columns.items():
        setattr(locked, name, value)
    locked.save(update_fields=[name.removesuffix("_id") for name in columns])
    audit.record("good.changed", subject=good.reference, by=by, now=now, data=asdict(data))
    return locked


def publish(good: Good, *, by: Member, now: datetime) -> Good:
    """Everybody sees the good."""
    return move(good, "publish", table=TABLE, by=by, now=now)


def unpublish(good: Good, *, by: Member, now: datetime) -> Good:
    """Only its organisation sees the good."""
    return move(good, "unpublish", table=TABLE, by=by, now=now)


def _columns(data: GoodData, *, by: Member, now: datetime) -> dict[str, Any]:
    _check(data)
    return {
        "hs_code": data.hs_code,
        "commodity_id": data.hs_code[:6],
        "name": data.name,
        "description": data.description,
        "unit_id": data.unit,
        "region_id": data.region,
        "origin_criterion": data.origin_criterion,
        "producer": data.producer,
        "made_in_azerbaijan": data.made_in_azerbaijan,
        "changed_at": now,
        "changed_by": by.actor_id,
    }


def _check(data: GoodData) -> None:
    violations = []
    try:
        if len(data.hs_code) < 6:
            raise Missing(_("An HS code has 6 to 10 digits."))
        reference.commodity(data.hs_code)
    except Missing as missing:
        violations.append(Violation("GDS-001", missing.message, "hs_code"))
    if not data.made_in_azerbaijan:
        violations.append(
            Violation("GDS-002", _("Only goods made in Azerbaijan are entered here."), "made_in_azerbaijan")
        )
    if violations:
        raise RuleViolated(violations)
