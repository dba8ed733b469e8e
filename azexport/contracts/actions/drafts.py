"""A draft: begun, copied, answered question by question, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from azexport.audit import actions as audit
from azexport.calendar.queries import today
from azexport.contracts.actions.locks import locked
from azexport.contracts.models import Contract, ContractLine
from azexport.contracts.permissions import is_seller
from azexport.contracts.states import ContractStatus
from azexport.kernel.errors import IllegalTransition, Missing, NotAllowed, RuleViolated, Violation
from azexport.kernel.references import new_reference
from azexport.kernel.text import pick

if TYPE_CHECKING:
    from azexport.kernel.actor import Actor
    from azexport.parties.models import Member

INCOMPLETE_REGISTER = _("The taxpayer register's data on your organisation are incomplete, or it is no longer active")

ANSWERS = frozenset(
    {
        "number", "place", "buyer_stated", "currency", "incoterm", "incoterm_place", "delivery_by", "payment_terms",
        "payment_percent", "payment_days", "payment_text", "governing_law", "disputes",
    }
)  # fmt: skip
"""What a question page may change."""

COPIED = ANSWERS | {"seller_id"}
LINE_FIELDS = (
    "good", "hs", "description", "quantity", "unit", "price", "net_kg", "gross_kg", "packages", "package_kind",
    "origin",
)  # fmt: skip


@transaction.atomic
def draft(*, by: Member, now: datetime) -> Contract:
    """An empty contract in which the actor's organisation sells.

    Raises:
        NotAllowed: the organisation is not a taxpayer of Azerbaijan (P4.1.2).
    """
    if not by.organisation.is_resident:
        raise NotAllowed
    contract = Contract.objects.create(
        reference=new_reference("CT"), seller=by.organisation, drafted_by=by.actor_id, created_at=now, changed_at=now
    )
    audit.record("contract.drafted", subject=contract.reference, by=by, now=now)
    return contract


@transaction.atomic
def copy(contract: Contract, *, by: Member, now: datetime) -> Contract:
    """A new draft that says what the contract says; the next version of it, where it did not come about.

    The seller's details are asked again: the register may say something else by now.
    """
    if not is_seller(by, contract):
        raise NotAllowed
    failed = contract.status in (ContractStatus.DECLINED, ContractStatus.WITHDRAWN, ContractStatus.LAPSED)
    fresh = Contract(
        reference=new_reference("CT"),
        drafted_by=by.actor_id,
        created_at=now,
        changed_at=now,
        version=contract.version + 1 if failed else 1,
        previous=contract if failed else None,
        total=contract.total,
        **{name: getattr(contract, name) for name in COPIED},
    )
    if not failed:
        fresh.number = ""
    if fresh.delivery_by and fresh.delivery_by < today(now):
        fresh.delivery_by = None
    fresh.save()
    ContractLine.objects.bulk_create(
        ContractLine(contract=fresh, line=line.line, **{name: getattr(line, name) for name in LINE_FIELDS})
        for line in contract.lines.all()
    )
    audit.record("contract.drafted", subject=fresh.reference, by=by, now=now, data={"copied_from": contract.reference})
    return fresh


@transaction.atomic
def confirm_seller(contract: Contract, *, by: Member, now: datetime) -> Contract:
    """The seller's details, as the taxpayer register gave them, stand in the contract (P10.3.1(1-2)).

    Raises:
        RuleViolated: CON-012, the register's data are incomplete or the taxpayer is no longer active.
    """
    contract = _locked_draft(contract, by)
    seller = contract.seller
    complete = bool(seller.voen and pick(seller.name) and pick(seller.address))
    if not complete or seller.register.get("status", "active") != "active":
        raise RuleViolated([Violation("CON-012", INCOMPLETE_REGISTER, "seller")])
    contract.seller_stated = {
        "voen": seller.voen,
        "name": seller.name,
        "address": seller.address,
        "representative": by.actor_name,
        "confirmed_at": now.isoformat(),
    }
    return _save(contract, ["seller_stated"], section="seller", by=by, now=now)


@transaction.atomic
def answer(contract: Contract, *, section: str, values: Mapping[str, Any], by: Actor, now: datetime) -> Contract:
    """The answers of one question page are kept; nothing else of the draft changes.

    Raises:
        IllegalTransition: it is no longer a draft.
    """
    if unknown := set(values) - ANSWERS:
        raise ValueError(f"not for a question page to change: {sorted(unknown)}")
    contract = _locked_draft(contract, by)
    for name, value in values.items():
        merged = {**contract.buyer_stated, **value} if name == "buyer_stated" else value
        setattr(contract, name, merged)
    return _save(contract, list(values), section=section, by=by, now=now)


@transaction.atomic
def save_line(
    contract: Contract, *, line: int | None, values: Mapping[str, Any], by: Actor, now: datetime
) -> ContractLine:
    """The line says what `values` say; None adds one at the end. The contract's total follows."""
    contract = _locked_draft(contract, by)
    lines = list(contract.lines.all())
    row = _line(lines, line) if line else ContractLine(contract=contract, line=len(lines) + 1)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    _retotal(contract, by=by, now=now)
    return row


@transaction.atomic
def remove_line(contract: Contract, *, line: int, by: Actor, now: datetime) -> None:
    """The line is gone, the ones behind it move up, the total follows."""
    contract = _locked_draft(contract, by)
    lines = list(contract.lines.all())
    row = _line(lines, line)
    row.delete()
    for later in lines[line:]:
        later.line -= 1
        later.save(update_fields=["line"])
    _retotal(contract, by=by, now=now)


def _locked_draft(contract: Contract, by: Actor) -> Contract:
    contract = locked(contract)
    if not is_seller(by, contract):
        raise NotAllowed
    if contract.status != ContractStatus.DRAFTED:
        raise IllegalTransition
    return contract


def _save(contract: Contract, fields: list[str], *, section: str, by: Actor, now: datetime) -> Contract:
    contract.changed_at = now
    contract.save(update_fields=[*fields, "changed_at"])
    audit.record("contract.changed", subject=contract.reference, by=by, now=now, data={"section": section})
    return contract


def _retotal(contract: Contract, *, by: Actor, now: datetime) -> None:
    contract.total = sum((line.amount for line in contract.lines.all()), Decimal("0.00"))
    _save(contract, ["total"], section="goods", by=by, now=now)


def _line(lines: list[ContractLine], number: int) -> ContractLine:
    if not 1 <= number <= len(lines):
        raise Missing
    return lines[number - 1]
