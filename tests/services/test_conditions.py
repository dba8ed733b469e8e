"""The conditions of regulations: a small, typed, safe language (S-A1, conditions)."""

from __future__ import annotations

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
