"""How heavy a regulation is, measured (S9.3): what users bear, and what the bodies do."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from azexport.services.burden import MEASURES, Burden, burden, compared
from azexport.services.editor.incomplete import regulation_of
from azexport.services.schema import Regulation
from tests.factories.services import honey, words

KNOWN = [
    {"id": "hive", "name": words("Registration of the hives"), "identified_by": words("Number"),
     "register": {"participant": "hive-office", "facts": [
         {"id": "owner", "label": words("Owner"), "source": "applicant.name"},
         {"id": "number", "label": words("Number"), "source": "applicant.voen"}]}},
    {"name": words("Extract"), "identified_by": words("Number")},
]  # fmt: skip


def of(**changes: Any) -> Burden:
    return burden(Regulation.model_validate(honey(**changes)))


def test_every_part_of_the_burden_is_counted() -> None:
    """S9.3.1 steps, S9.3.2 documents, S9.3.3 no contact, S9.3.4 terms; and what the state supplies instead (S7.2)."""
    text = honey(provision__known_documents=KNOWN, general__other_performers=["wax-office", "hive-office"])
    text["provision"]["documents"][0]["original"] = True
    text["procedures"]["steps"][0]["performer"] = "wax-office"
    assert burden(Regulation.model_validate(text)) == Burden(
        questions=5, documents=1, supplied=3, visits=1, working_days=4, fee=Decimal("7.50"), currency="AZN", steps=2,
        bodies=3,
    )  # fmt: skip


def test_a_regulation_that_is_not_whole_yet_is_measured_as_far_as_it_is_written() -> None:
    assert burden(regulation_of({"provision": {"documents": [{"id": "photo"}]}})).documents == 1
    assert burden(regulation_of({})).steps == 0


def test_a_new_service_is_compared_with_nothing() -> None:
    found = compared(None, of())
    assert [one.measure for one in found] == list(MEASURES)
    assert {(one.before, one.change, one.worse_for_users) for one in found} == {(None, None, False)}


@pytest.mark.parametrize(
    ("measure", "change", "after"),
    [
        ("fee", "worse", {"provision__fee__amount": "8"}),
        ("fee", "better", {"provision__fee__amount": "0"}),
        ("fee", None, {"provision__fee__currency": "EUR"}),
        ("working_days", "worse", {"general__term__working_days": 5}),
        ("documents", "better", {"provision__documents": []}),
        ("supplied", "better", {"provision__known_documents": KNOWN}),
        ("bodies", "worse", {"general__other_performers": ["wax-office"]}),
    ],
)
def test_more_is_worse_but_of_what_the_state_supplies(measure: str, change: str | None, after: dict[str, Any]) -> None:
    found = {one.measure: one for one in compared(of(), of(**after))}
    assert found.pop(measure).change == change  # type: ignore[call-overload]
    assert {one.change for one in found.values()} == {"same"}


def test_only_what_users_bear_gets_worse_for_users() -> None:
    heavier = of(general__other_performers=["wax-office"], provision__known_documents=[], provision__fee__amount="8")
    worse = [one.measure for one in compared(of(provision__known_documents=KNOWN), heavier) if one.worse_for_users]
    assert worse == ["supplied", "fee"]
