"""Money: an exact amount and its currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True)
class Money:
    """`amount` in units of `currency` (ISO 4217). Never a float."""

    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added")
        return Money(self.amount + other.amount, self.currency)

    def rounded(self) -> Money:
        """To two places, halves away from zero."""
        return Money(self.amount.quantize(Decimal("0.01"), ROUND_HALF_UP), self.currency)
