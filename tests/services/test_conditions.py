"""The conditions of regulations: a small, typed, safe language (S-A1, conditions)."""

from __future__ import annotations

from decimal import Decimal
from time import perf_counter
from typing import Any

import pytest

from azexport.services import conditions
from azexport.services.conditions import BOOL, DOUBLE, STRING, ConditionError, list_of, record

SCOPE = {
    "destination": STRING,
    "groups": list_of(STRING),
    "answers": record(name=STRING, weight=DOUBLE, dry=BOOL),
    "goods": list_of(record(hs=STRING)),
}
CONTEXT: dict[str, Any] = {
    "destination": "DE",
    "groups": ["EU"],
    "answers": {"name": "x", "weight": 6.0, "dry": False},
    "goods": [{"hs": "080222"}],
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('destination in ["DE", "AT"] && answers["name"] == "x"', True),
        ("answers.dry", False),
        ("!answers.dry || answers.weight > 7.0", True),
        ('"EU" in groups', True),
        ('goods.exists(good, good.hs.startsWith("08"))', True),
        ('goods.all(good, good.hs.startsWith("09"))', False),
        ("size(goods) > 1", False),
        ("answers.dry ? answers.weight > 1.0 : answers.weight * 2.0 >= 12.0", True),
        ('answers.name.contains("x") && -1 < 0', True),
    ],
)
def test_a_condition_is_checked_and_then_holds_or_not(expression: str, expected: bool) -> None:
    conditions.check(expression, SCOPE)

    assert conditions.holds(expression, CONTEXT) is expected


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("answers.name ==", "not an expression"),
        ("answers.height > 1.0", "nothing is called height"),
        ("now > 1", "nothing is called now"),
        ("answers.weight > 5", "double and int cannot be compared"),
        ("answers.weight + answers.name == 'x'", "cannot be combined"),
        ("true || answers.name", "wants a bool"),
        ("!answers.name", "wants a bool"),
        ("-answers.name == 'x'", "cannot be put before"),
        ("answers.dry ? 1 : 'x'", "wants a int"),
        ("1 ? true : false", "wants a bool"),
        ("destination", "must be true or false"),
        ("destination.foo", "has no parts"),
        ("destination in answers.name", "cannot be in"),
        ("1 in groups", "cannot be in"),
        ('destination in [1, "a"]', "one type"),
        ("destination in []", "one type"),
        ("size(answers) > 1", "has no size"),
        ("int(answers.name) == 2", "does not take"),
        ("type(answers.name) == 2", "not in the language"),
        ("answers.name.foo()", "knows no foo"),
        ("size() == 1", "not in the language"),
        ("answers.name.foo('x')", "knows no foo"),
        ("groups[0] == 1", "cannot be compared"),
        ("answers[destination] == 'x'", "is read by a name"),
        ("goods.map(good, good.hs)", "must be true or false"),
        ('{"a": 1} == {"a": 1}', "not in the language"),
        ("answers.name == null", "not in the language"),
    ],
)
def test_a_condition_whose_types_do_not_fit_is_refused_before_it_ever_runs(expression: str, complaint: str) -> None:
    with pytest.raises(ConditionError, match=complaint):
        conditions.check(expression, SCOPE)


ROWS = list_of(record(hs=STRING, net=DOUBLE))
WIDE = {**SCOPE, "rows": ROWS, "chosen": list_of(STRING)}
FULL: dict[str, Any] = {
    **CONTEXT, "rows": [{"hs": "080222", "net": 0.1}, {"hs": "040900", "net": 0.2}], "chosen": ["road", "sea"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("answers.weight * 2.0 - 1.0 / 4.0", Decimal("11.75")),
        ("sum(rows.map(row, row.net))", Decimal("0.3")),
        ("sum(rows.filter(row, row.hs.startsWith('08')).map(row, row.net * 10.0))", Decimal("1")),
        ("rows.filter(row, row.net > 0.15).size()", 1),
        ("size(chosen) + size(answers.name)", 3),
        ("'sea' in chosen && chosen.exists_one(one, one == 'sea')", True),
        ("rows.map(row, row.hs)[0]", "080222"),
        ("rows.map(row, row.net)", [Decimal("0.1"), Decimal("0.2")]),
        ("round(2.675, 2)", Decimal("2.68")),
        ("round(-2.675, 2)", Decimal("-2.68")),
        ("min(answers.weight, 5.0) + max(1.0, 2.0)", Decimal("7")),
        ("answers.dry ? 'dry' : answers.name + '!'", "x!"),
        ("double(size(rows)) * 1.5", Decimal("3")),
        ("int(answers.weight) % 4", 2),
        ("string(answers.dry ? 1 : 2)", "2"),
        ("answers['weight'] > 5.0", True),
        ("sum(rows.map(row, 1))", 2),
    ],
)
def test_an_expression_is_checked_and_then_has_a_value(expression: str, expected: Any) -> None:
    conditions.check_value(expression, WIDE)

    found = conditions.value(expression, FULL)

    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("rows.exists(row, rows.exists(other, other.hs == row.hs))", "cannot stand within another list macro"),
        ("rows.map(row, chosen.filter(one, one == row.hs))", "cannot stand within another list macro"),
        ("sum(chosen)", "does not take"),
        ("sum(rows)", "does not take"),
        ("min(1, 2.0)", "does not take"),
        ("round(2.5, 1.0)", "does not take"),
        ("1.5 % 1.0", "cannot be combined"),
        ("rows.filter(row, row.net)", "wants a bool"),
        ("rows.map(row.hs, row.net)", "one word"),
        ("rows[0.5]", "wants a int"),
        ("answers", "wanted is double"),
        ("timestamp('2026-01-01T00:00:00Z')", "not in the language"),
        ("duration('1s')", "not in the language"),
        ("'" + "a" * 1000 + "'", "longer than 1000"),
        ("(" * 60 + "1.0" + ")" * 60, "too much"),
        ("!" * 900 + "true", "too much"),
    ],
)
def test_what_would_run_without_bounds_or_types_is_refused(expression: str, complaint: str) -> None:
    with pytest.raises(ConditionError, match=complaint) as refused:
        conditions.check_value(expression, WIDE, [DOUBLE])

    assert refused.value.text["az"]


@pytest.mark.parametrize("expression", ["answers.weight / 0.0", "rows[9].hs", "1 / 0", "double('x')", "1e308 * 1e308"])
def test_what_has_no_value_is_an_error_and_no_accident(expression: str) -> None:
    conditions.check_value(expression, WIDE)

    with pytest.raises(ConditionError):
        conditions.value(expression, FULL)


def test_the_longest_walk_over_a_full_table_is_short() -> None:
    table = {**FULL, "rows": [{"hs": "080222", "net": 1.0}] * 100}
    started = perf_counter()

    for _time in range(3):
        conditions.value("sum(rows.filter(r, r.hs.matches('(0+8*)+.*')).map(r, r.net * 2.0 + 1.0))", table)

    assert perf_counter() - started < 3


@pytest.mark.parametrize(
    ("amount", "decimals", "rounded"),
    [(2.675, 2, "2.68"), (0.005, 2, "0.01"), (-0.005, 2, "-0.01"), (1.0, 2, "1.00"), (2.5, 0, "3"), (1.005, 2, "1.01"),
     (123456789012.345, 2, "123456789012.35")],
)  # fmt: skip
def test_money_is_rounded_half_up(amount: float, decimals: int, rounded: str) -> None:
    """S8: no more than the legal fee, and no less for want of a binary digit."""
    assert str(conditions.money(amount, decimals)) == rounded


def test_the_answers_that_an_expression_looks_at_are_known() -> None:
    expression = """answers.a == "x" || answers["b-c"] > 1.0 && goods.exists(g, g.hs == answers.d)"""

    assert conditions.parts_named(expression, "answers") == {"a", "b-c", "d"}
    assert conditions.parts_named("destination == 'answers.x'", "answers") == set()


def test_no_condition_always_holds() -> None:
    assert conditions.holds(None, {})


def test_a_condition_that_lacks_what_it_was_promised_fails_loudly() -> None:
    with pytest.raises(ConditionError):
        conditions.holds("answers.missing", CONTEXT)


def test_an_expression_is_compiled_once() -> None:
    conditions.holds("answers.weight > 1.5", CONTEXT)
    before = conditions._program.cache_info().hits
    conditions.holds("answers.weight > 1.5", CONTEXT)

    assert conditions._program.cache_info().hits == before + 1
