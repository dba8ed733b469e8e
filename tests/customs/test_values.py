"""Customs values are exact and add up."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from azexport.customs.values import CENT, invoice_value, statistical_value

quantities = st.decimals(min_value="0.001", max_value="10000000", places=3)
prices = st.decimals(min_value="0.0001", max_value="1000000", places=4)
amounts = st.decimals(min_value="0", max_value="1000000000", places=2)
rates = st.decimals(min_value="0.000001", max_value="1000", places=6)


@given(amounts, rates)
def test_a_statistical_value_is_within_half_a_qepik_of_the_exact_one(amount: Decimal, rate: Decimal) -> None:
    value = statistical_value(amount, rate)
    assert value == value.quantize(CENT)
    assert abs(value - amount * rate) <= Decimal("0.005")


@given(quantities, prices)
def test_an_invoice_value_is_within_half_a_cent_of_the_exact_one(quantity: Decimal, price: Decimal) -> None:
    assert abs(invoice_value(quantity, price) - quantity * price) <= Decimal("0.005")


@given(amounts, amounts, rates)
def test_more_goods_are_never_worth_less(one: Decimal, more: Decimal, rate: Decimal) -> None:
    low, high = sorted((one, more))
    assert statistical_value(low, rate) <= statistical_value(high, rate)


@given(amounts)
def test_a_manat_is_a_manat(amount: Decimal) -> None:
    assert statistical_value(amount, Decimal(1)) == amount


@given(st.lists(amounts, min_size=1, max_size=20), rates)
def test_the_total_is_the_sum_of_what_is_shown_and_near_the_exact_one(values: list[Decimal], rate: Decimal) -> None:
    total = sum((statistical_value(value, rate) for value in values), Decimal("0.00"))
    assert abs(total - sum(values) * rate) <= Decimal("0.005") * len(values)


def test_halves_are_rounded_away_from_zero() -> None:
    assert statistical_value(Decimal("0.01"), Decimal("0.5")) == Decimal("0.01")
    assert invoice_value(Decimal("0.5"), Decimal("0.05")) == Decimal("0.025").quantize(CENT, ROUND_HALF_UP)
