"""Customs values: exact, rounded once for each item, so that the total is the sum of what is shown."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def invoice_value(quantity: Decimal, price: Decimal) -> Decimal:
    """Quantity times price in the contract's currency, to two places, halves away from zero."""
    return (quantity * price).quantize(CENT, ROUND_HALF_UP)


def statistical_value(amount: Decimal, rate: Decimal) -> Decimal:
    """SAD box 46: the invoice value in manats, at `rate` manats for one unit, to two places, halves away from zero."""
    return (amount * rate).quantize(CENT, ROUND_HALF_UP)
