"""Random applicants fill in every shipped form to its end: nothing asked in vain, nothing that cannot be answered.

An answer goes through the same door as one that a program or a page sends (`fields.accept`); conditions, checks, the
result's document and its register are worked out of what was accepted (S-A1 2.6, S7.4).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from azexport.services import actions, conditions, queries
from azexport.services.fields import accept, shown
from azexport.services.schema import FACTS, Question, Regulation
from azexport.services.scope import values_for

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent.parent
SHIPPED = actions.read_folder(ROOT / "regulations")
FORMS = [one for one in SHIPPED if one.questions]
EACH = pytest.mark.parametrize("regulation", FORMS, ids=lambda one: one.id)
COUNTRIES = [("AZ", "Azerbaijan"), ("DE", "Germany"), ("TR", "Türkiye")]
UNITS = [("KGM", "kg"), ("H87", "piece")]
CODES = ["010221", "080222", "040900"]
LIKE = {
    "ES-[0-9]{6}": "ES-000286",
    "[a-z][a-z0-9-]*": "veterinary-certificate",
    "AZ[0-9]{2}[A-Z]{4}[A-Z0-9]{20}": "AZ21NABZ00000000137010001944",
}
"""Pattern of a question -> an answer that has its form."""
KNOWN = dict.fromkeys(FACTS, "x") | {"applicant.status": "active", "applicant.voen": "1401555071"}
CASE = {"reference": "CS-1", "submitted_on": "2026-11-02", "decided_on": "2026-11-05", "valid_until": "2027-11-05"}
LINE = {"line": 1, "hs": "080222", "description": "x", "net_kg": "1", "gross_kg": "1.5", "origin": "AZ"}

words = st.text(st.sampled_from("əğıAb 1"), min_size=1, max_size=12).map(lambda one: f"x{one}".strip())
days = st.dates().map(lambda one: one.isoformat())
party = st.fixed_dictionaries({"name": words, "country": st.sampled_from(["DE", "TR"]), "address": words})
row = st.fixed_dictionaries(
    {
        "hs": st.sampled_from(CODES),
        "description": words,
        "quantity": st.integers(1, 500),
        "unit": st.sampled_from([code for code, _ in UNITS]),
        "net_kg": st.integers(1, 20_000),
        "value": st.integers(0, 90_000),
    }
)


def answer_to(question: Question) -> st.SearchStrategy[Any]:
    """Answers of the question's JSON type that a person could give."""
    options = [choice.id for choice in question.choices]
    low, high = int(question.minimum or 0), int(question.maximum or 100_000)
    given: dict[str, st.SearchStrategy[Any]] = {
        "choice": st.sampled_from(options or [""]),
        "choices": st.lists(st.sampled_from(options or [""]), min_size=1, unique=True),
        "boolean": st.booleans(),
        "statement": st.just(True),
        "number": st.integers(low, high),
        "money": st.integers(max(low, 1), high),
        "date": days,
        "country": st.sampled_from(["DE", "TR"]),
        "hs": st.sampled_from(CODES),
        "party": party,
        "goods": st.lists(row, min_size=1, max_size=3),
    }
    like = LIKE.get(question.pattern or "")
    found = given.get(question.kind, words) if like is None else st.just(like)
    return found if question.required else st.none() | found


@st.composite
def walked(draw: Callable[[st.SearchStrategy[Any]], Any], regulation: Regulation) -> dict[str, Any]:
    """The form as it is walked: a question is asked where its condition holds for what was answered before it."""
    answers: dict[str, Any] = {}
    for question in regulation.asked_order:
        per_line = question.scope == "line"
        line = {"line": 1, "hs": "080222"} if per_line else None
        if conditions.holds(question.when, values_for(regulation, answers=answers, line=line)):
            value = accept(question, draw(answer_to(question)), countries=COUNTRIES, units=UNITS)
            answers[question.id] = {"1": value} if per_line else value
    return answers


def context(regulation: Regulation, answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    known = {fact.id: KNOWN[fact.source] for fact in regulation.facts}
    applicant = {"name": "Şəki Fındıq MMC", "voen": "1401555071", "kind": "taxpayer", "country": "AZ"}
    return values_for(regulation, answers=answers, known=known, applicant=applicant, destination="DE", **more)


walks = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@EACH
@walks
@given(data=st.data())
def test_every_walk_ends_and_loses_no_answer(regulation: Regulation, data: st.DataObject) -> None:
    answers = data.draw(walked(regulation))

    # Whoever is asked can answer, and the answer is there when it is looked at again.
    required = {
        one.id for one in regulation.questions
        if one.required and (one.when is None or one.id in answers)
    }  # fmt: skip
    assert required <= set(answers)
    for question in regulation.questions:
        if question.id in answers and answers[question.id] is not None:
            assert shown(question, answers[question.id], countries=dict(COUNTRIES))
    # Each check says yes or no, each document is asked for or not: nothing fails on an odd answer.
    values = context(regulation, answers)
    assert all(conditions.value(one.condition, values) in (True, False) for one in regulation.provision.checks)
    assert all(one.when is None or conditions.holds(one.when, values) in (True, False) for one in regulation.documents)
    # What comes of it can be written down: the result's document, the register, the standard messages.
    values = context(regulation, answers, case=CASE)
    result = regulation.result
    written = [one.value for one in result.document.fields] if result.document else []
    written += [one.value for one in result.register_.columns] if result.register_ else []
    assert all(isinstance(conditions.value(one, values), str | int | bool | Decimal) for one in written)
    made = queries.standard_messages(regulation, answers=answers, case=CASE, goods=[LINE], destination="DE")
    assert [one.standard for one in made] == queries.standards_of(regulation)
    if regulation.provision.calculator:
        for output in regulation.provision.calculator.outputs:
            assert conditions.value(output.value, values) >= 0


@pytest.mark.parametrize("regulation", [one for one in FORMS if one.provision.checks], ids=lambda one: one.id)
def test_some_walk_passes_every_check(regulation: Regulation) -> None:
    def passes(answers: dict[str, Any]) -> bool:
        values = context(regulation, answers)
        return all(conditions.holds(one.condition, values) for one in regulation.provision.checks)

    # `find` raises where there is none; nobody needs the shortest.
    once = settings(max_examples=500, deadline=None, database=None, phases=[Phase.generate])
    assert find(walked(regulation), passes, settings=once)


def test_the_calculator_multiplies_the_base_of_three_per_cent_by_the_coefficient() -> None:
    # Domain: amount = base x coefficient, base = 3 % of the customs value, coefficients of 1 to 2 (sample).
    [calculator] = [one for one in SHIPPED if one.provision.calculator]
    assert calculator.provision.calculator is not None
    outputs = calculator.provision.calculator.outputs

    def amounts(group: str) -> list[Decimal]:
        answers = {"customs_value": "100000", "product_group": group, "consignments": "4"}
        return [conditions.value(one.value, values_for(calculator, answers=answers)) for one in outputs]

    assert amounts("fresh") == [3000, 1, 3000, 12000]
    assert amounts("processed") == [3000, Decimal("1.5"), 4500, 18000]
    assert amounts("wine") == [3000, 2, 6000, 24000]
    assert amounts("fuels") == [3000, 0, 0, 0]


@pytest.mark.parametrize(("status", "granted"), [("active", True), ("closed", False), ("", False)])
def test_the_extract_is_given_to_active_taxpayers_and_refused_to_others(status: str, granted: bool) -> None:
    [extract] = [one for one in SHIPPED if one.automatic]
    assert extract.procedures.decision is not None
    known = {"taxpayer_voen": "1401555071", "taxpayer_status": status}

    values = values_for(extract, answers={"purpose": "bank"}, known=known)

    assert conditions.holds(extract.procedures.decision.grant, values) is granted
