"""What a contract must say before it can be signed. Each docstring is the rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from azexport.contracts.models import Contract
from azexport.contracts.states import PaymentTerms
from azexport.kernel.errors import Violation


def seller_is_confirmed(contract: Contract, **data: Any) -> Iterator[Violation]:
    """CON-001: the seller's data, taken from the register, are confirmed by the user (P10.3.1(1-2))."""
    if not contract.seller_stated.get("confirmed_at"):
        yield Violation("CON-001", _("Confirm the seller's details"), "seller")


def buyer_is_stated(contract: Contract, **data: Any) -> Iterator[Violation]:
    """CON-002: the buyer's name, country and address are stated."""
    if not all(contract.buyer_stated.get(key) for key in ("name", "country", "address")):
        yield Violation("CON-002", _("State the buyer's name, country and address"), "buyer")


def buyer_can_be_reached(contract: Contract, **data: Any) -> Iterator[Violation]:
    """CON-003: somebody at the buyer's can be invited: a name and an e-mail address."""
    if not all(contract.buyer_stated.get(key) for key in ("contact", "email")):
        yield Violation("CON-003", _("State who signs for the buyer and their e-mail address"), "contact")


def buyer_is_abroad(contract: Contract, **data: Any) -> Iterator[Violation]:
    """CON-004: the buyer is abroad: the portal's contracts are for export (P4.1.2)."""
    if contract.buyer_stated.get("country") == "AZ":
        yield Violation("CON-004", _("The buyer must be in another country"), "buyer")


def currency_is_chosen(contract: Contract, **data: Any) -> Iterator[Violation]:
    """CON-005: the currency of the price is chosen."""
    if not contract.currency:
        yield Violation("CON-005", _("Choose the currency"), "currency")


def there_are_goods(contract: Contract, **data: Any) -> Iterator[Violation]:
    """CON-006: there is at least one line of goods."""
    if not contract.lines.exists():
        yield Violation("CON-006", _("Add the goods"), "goods")


def delivery_is_agreed(contract: Contract, **data: Any) -> Iterator[Violation]:
    """CON-007: the Incoterms rule, its place and the latest date of delivery are stated."""
    if not (contract.incoterm and contract.incoterm_place and contract.delivery_by):
        yield Violation("CON-007", _("State the terms, the place and the date of delivery"), "delivery")


def delivery_lies_ahead(contract: Contract, *, today: date | None = None, **data: Any) -> Iterator[Violation]:
    """CON-008: the latest date of delivery has not passed when the contract is offered for signature."""
    if today and contract.delivery_by and contract.delivery_by < today:
        yield Violation("CON-008", _("The date of delivery has passed: choose a later one"), "delivery")


def payment_is_agreed(contract: Contract, **data: Any) -> Iterator[Violation]:
    """CON-009: the terms of payment are chosen, with the part or the days that they need."""
    missing = (
        not contract.payment_terms
        or (contract.payment_terms == PaymentTerms.PART_ADVANCE and not contract.payment_percent)
        or (contract.payment_terms == PaymentTerms.OPEN_ACCOUNT and not contract.payment_days)
    )
    if missing:
        yield Violation("CON-009", _("Choose the terms of payment"), "payment")


def law_is_agreed(contract: Contract, **data: Any) -> Iterator[Violation]:
    """CON-010: the governing law and who settles disputes are chosen."""
    if not (contract.governing_law and contract.disputes):
        yield Violation("CON-010", _("Choose the governing law and who settles disputes"), "law")


def a_reason_is_given(contract: Contract, *, reason: str = "", **data: Any) -> Iterator[Violation]:
    """CON-011: a buyer who declines says why."""
    if not reason.strip():
        yield Violation("CON-011", _("Say why you decline the contract"), "reason")


DECLINABLE: tuple[Callable[..., Iterator[Violation]], ...] = (a_reason_is_given,)
COMPLETE: tuple[Callable[..., Iterator[Violation]], ...] = (
    seller_is_confirmed,
    buyer_is_stated,
    buyer_can_be_reached,
    buyer_is_abroad,
    currency_is_chosen,
    there_are_goods,
    delivery_is_agreed,
    delivery_lies_ahead,
    payment_is_agreed,
    law_is_agreed,
)
