"""Whatever regulation is written, it runs: round trips, breaks that are found, walks without a dead end (S9, S-A1)."""

from __future__ import annotations

import copy
import re
from datetime import date
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from azexport.services import conditions, conformance, diagram, files, json_schema, legal, queries
from azexport.services.calculator import work_out
from azexport.services.conformance import INFORMATIONAL, INTERACTIVE, OF_STEPS, REQUIRED
from azexport.services.fields import accept
from azexport.services.schema import Question, Regulation
from tests.factories.random_regulations import (
    COUNTRIES,
    TEXT,
    UNITS,
    Content,
    answers_to,
    at,
    nearly,
    questions,
    regulations,
    texts,
    without,
)

CHECKED = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
BREAKS = settings(CHECKED, max_examples=50)
COIN: st.SearchStrategy[bool] = st.booleans()
CASE = {"reference": "CS-1", "submitted_on": "2026-01-02", "decided_on": "2026-01-03", "valid_until": ""}


def _stored(question: Question, value: Any) -> Any:
    with patch("azexport.services.composite.reference.commodity"):
        return accept(question, value, countries=COUNTRIES, units=UNITS)


# --- Whole


@CHECKED
@given(content=regulations())
def test_a_valid_regulation_is_read_written_and_read_again_as_it_was(content: Content) -> None:
    regulation = Regulation.model_validate(content)

    text = files.dump(regulation)

    assert files.parse(text, name="x.yaml") == regulation
    assert files.parse(files.dump(content)) == regulation
    assert Regulation.model_validate(regulation.model_dump(mode="json")) == regulation
    assert files.dump(files.parse(text)) == text


@CHECKED
@given(content=regulations())
def test_a_valid_regulation_conforms_and_everything_is_made_from_it(content: Content) -> None:
    regulation = Regulation.model_validate(content)

    assert conformance.check(regulation) == []
    assert conformance.check(content) == []
    for language in ("az", "en"):
        numbers = [one.number for one in legal.clauses(regulation, language=language, names={})]
        assert numbers == sorted(numbers, key=list(legal.HEADINGS).index)
        assert set(REQUIRED) <= set(numbers)
        assert diagram.svg(regulation, language=language).startswith("<svg")
    assert json_schema.schema_of(regulation)["$schema"] == json_schema.DIALECT


# --- Broken


@BREAKS
@given(content=regulations(), data=st.data())
def test_a_heading_that_is_not_filled_is_found(content: Content, data: st.DataObject) -> None:
    interactive = content["provision"]["kind"] == "interactive"
    headings = REQUIRED | (INTERACTIVE if interactive else INFORMATIONAL)
    number = data.draw(st.sampled_from(sorted(headings)))
    path = headings[number]
    if data.draw(st.booleans()):
        without(content, path)
    else:
        at(content, path[:-1])[path[-1]] = [] if isinstance(at(content, path), list) else ""

    found = conformance.check(content)

    assert any(fault.path == path and fault.clause.startswith(number) for fault in found), found


@BREAKS
@given(content=regulations(), data=st.data())
def test_a_step_without_its_headings_is_found(content: Content, data: st.DataObject) -> None:
    steps = content["procedures"].get("steps", [])
    assume(steps)
    number = data.draw(st.sampled_from(sorted(OF_STEPS)))
    path = (
        "procedures",
        "steps",
        data.draw(st.integers(0, len(steps) - 1)),
        data.draw(st.sampled_from(OF_STEPS[number])),
    )
    without(content, path)

    assert any(fault.path == path and fault.clause == number for fault in conformance.check(content))


@BREAKS
@given(content=regulations(), data=st.data())
def test_a_text_without_one_of_its_languages_is_found(content: Content, data: st.DataObject) -> None:
    path = (*data.draw(st.sampled_from(list(texts(content)))), data.draw(st.sampled_from(["az", "en"])))
    if data.draw(st.booleans()):
        without(content, path)
    else:
        at(content, path[:-1])[path[-1]] = "  "

    assert any(fault.path == path for fault in conformance.check(content))


@CHECKED
@given(content=regulations(), data=st.data())
def test_a_term_that_is_not_set_is_found(content: Content, data: st.DataObject) -> None:
    without(content, ("general", "term", data.draw(st.sampled_from(["working_days", "clause", "source"]))))

    assert any(fault.clause == "1.7" for fault in conformance.check(content))


@BREAKS
@given(content=regulations(), data=st.data())
def test_a_route_that_is_cut_is_found(content: Content, data: st.DataObject) -> None:
    steps = content["procedures"].get("steps", [])
    assume(steps)
    number = data.draw(st.integers(0, len(steps) - 1))
    # To wait for oneself, for a later step that waits for oneself, or for a step that is not there.
    later = [one["id"] for one in steps[number:]]
    target = data.draw(st.sampled_from([*later, "nowhere"]))
    for step in steps[number + 1 :]:
        step["after"] = [steps[number]["id"]]
    steps[number]["after"] = [target]

    found = conformance.check(content)

    assert any(fault.path[:2] == ("procedures", "steps") and fault.clause.startswith("3.4") for fault in found)


@BREAKS
@given(content=regulations(), data=st.data())
def test_an_expression_of_a_wrong_name_or_type_is_found(content: Content, data: st.DataObject) -> None:
    items = [*content["provision"]["questions"], *content["provision"]["documents"]]
    assume(items)
    broken = data.draw(
        st.sampled_from(["answers.nothing", "1.0", "answers", "applicant.name", "1 +", "now()", "'x' > 1"])
    )
    data.draw(st.sampled_from(items))["when"] = broken

    assert any(fault.path[-1] == "when" for fault in conformance.check(content))


@CHECKED
@given(content=regulations(), data=st.data())
def test_what_stands_in_no_task_is_found(content: Content, data: st.DataObject) -> None:
    tasks = [task for section in content["provision"].get("sections", []) for task in section["tasks"]]
    assume(tasks)
    task = data.draw(st.sampled_from(tasks))
    items = task.get("questions") or task["documents"]
    if data.draw(st.booleans()):
        items.pop()
    else:
        items.append(items[0])

    assert any(fault.path[:2] == ("provision", "sections") for fault in conformance.check(content))


# --- Walked


class Walk:
    """An applicant who goes through the form page by page, in any order, answers, changes their mind, and sends."""

    def __init__(self, regulation: Regulation, data: st.DataObject) -> None:
        self.regulation, self.data = regulation, data
        self.answers: dict[str, Any] = {}
        self.skipped: set[str] = set()
        self.context = {
            "known": {fact.id: data.draw(TEXT) for fact in regulation.facts},
            "applicant": {"name": "A", "kind": data.draw(st.sampled_from(["taxpayer", "person"])), "country": "AZ"},
        }

    @property
    def asked(self) -> queries.Asked:
        return queries.asked(self.regulation, answers=self.answers, **self.context)

    def open_questions(self) -> dict[str, list[Question]]:
        """Task -> what it still asks."""
        asked = self.asked
        left = {
            task.id: [one for one in asked.questions_of(task.questions) if one.id not in {*self.answers, *self.skipped}]
            for section in self.regulation.sections
            for task in section.tasks
        }
        return {task: found for task, found in left.items() if found}

    def answer(self, question: Question) -> None:
        if not question.required and self.data.draw(COIN):
            self.skipped.add(question.id)
            self.answers.pop(question.id, None)
            return
        self.answers[question.id] = _stored(question, self.data.draw(answers_to(question)))

    def change_mind(self) -> None:
        if self.data.draw(COIN) and self.answers:
            name = self.data.draw(st.sampled_from(sorted(self.answers)))
            question = self.regulation.question(name)
            assert question is not None
            self.answer(question)

    def to_the_end(self) -> None:
        for _page in range(10 * len(self.regulation.questions) + 1):
            left = self.open_questions()
            if not left:
                return
            for question in left[self.data.draw(st.sampled_from(sorted(left)))]:
                self.answer(question)
            if _page < 5:
                self.change_mind()
        raise AssertionError("the form never ends")


@BREAKS
@given(content=regulations(), data=st.data())
def test_a_walk_through_the_form_comes_to_its_end_and_loses_no_answer(content: Content, data: st.DataObject) -> None:
    """No dead end: some task can always be done until all are. What was answered and is still asked is sent."""
    regulation = Regulation.model_validate(content)
    walk = Walk(regulation, data)

    walk.to_the_end()
    sent = walk.asked

    still = {one.id for one in sent.questions}
    assert sent.answers == {name: value for name, value in walk.answers.items() if name in still}
    assert all(one.id in sent.answers for one in sent.questions if one.required)
    assert queries.asked(regulation, answers=sent.answers, **walk.context) == sent
    assert all(
        check.question not in sent.answers
        for check in queries.broken_checks(regulation, answers=walk.answers, **walk.context)
    )
    _decide(regulation, walk)


def _decide(regulation: Regulation, walk: Walk) -> None:
    """Everything that is worked out from the answers can be."""
    values = queries.scope_values(regulation, answers=walk.answers, case=CASE, **walk.context)
    result = regulation.result
    expressions = [field.value for field in result.document.fields] if result.document else []
    expressions += [column.value for column in result.register.columns] if result.register else []
    for expression in expressions:
        assert isinstance(conditions.value(expression, values), str | int | Decimal | bool)
    assert all(one.amount is not None for one in work_out(regulation, walk.answers))


@CHECKED
@given(content=regulations(), data=st.data())
def test_a_walk_along_the_route_passes_every_step_and_ends(content: Content, data: st.DataObject) -> None:
    """Each step can be begun once those it waits for are done, in whatever order the bodies work."""
    regulation = Regulation.model_validate(content)
    done: set[str] = set()
    while len(done) < len(regulation.steps):
        ready = [one.id for one in regulation.steps if one.id not in done and done.issuperset(regulation.after(one))]
        assert ready, "nothing can be done"
        done.add(data.draw(st.sampled_from(ready)))
    assert [step.id for stage in regulation.stages for step in stage] != [] or not regulation.steps
    assert sum(len(stage) for stage in regulation.stages) == len(regulation.steps)


# --- JSON Schema


def accepts(schema: dict[str, Any], value: Any) -> bool:
    """What JSON Schema says of the value, by the keywords that the form's schemas use."""
    return all(_KEYWORDS[name](told, value, schema) for name, told in schema.items() if name in _KEYWORDS)


def _is(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    types: dict[str, Any] = {"string": str, "number": int | float, "array": list, "object": dict, "boolean": bool}
    return isinstance(value, types[kind])


def _same(left: Any, right: Any) -> bool:
    return type(left) is type(right) and left == right


def _number(value: Any) -> Decimal | None:
    return Decimal(str(value)) if _is("number", value) else None


_KEYWORDS: dict[str, Any] = {
    "type": lambda told, value, _: _is(told, value),
    "const": lambda told, value, _: _same(told, value),
    "enum": lambda told, value, _: any(_same(one, value) for one in told),
    "anyOf": lambda told, value, _: any(accepts(one, value) for one in told),
    "minLength": lambda told, value, _: not isinstance(value, str) or len(value) >= told,
    "maxLength": lambda told, value, _: not isinstance(value, str) or len(value) <= told,
    "pattern": lambda told, value, _: not isinstance(value, str) or bool(re.search(told, value)),
    "format": lambda told, value, _: not isinstance(value, str) or _is_a_date(value),
    "minimum": lambda told, value, _: (_number(value) or 0) >= told,
    "maximum": lambda told, value, _: (_number(value) or told) <= told,
    "exclusiveMinimum": lambda told, value, _: (_number(value) or 0) > told,
    "exclusiveMaximum": lambda told, value, _: (_number(value) or 0) < told,
    "multipleOf": lambda told, value, _: (_number(value) or 0) % Decimal(str(told)) == 0,
    "minItems": lambda told, value, _: not isinstance(value, list) or len(value) >= told,
    "items": lambda told, value, _: not isinstance(value, list) or all(accepts(told, one) for one in value),
}


def _is_a_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


SIMPLE = ("text", "long_text", "number", "money", "date", "choice", "choices", "boolean", "statement")
PRINTED = st.text(st.characters(blacklist_categories=["Cs"]), max_size=8).filter(
    lambda one: one == one.strip() or not one.strip()
)
VALUES = st.one_of(
    PRINTED,
    st.sampled_from(
        ["c0", "c1", "AB-12", "ab-12", "2026-02-28", "2026-02-30", "2026-2-3", "0000-01-01", "true", "5", " "]
    ),
    st.integers(-5, 120),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(-200, 200, places=3).map(float),
    st.booleans(),
    st.none(),
    st.just({}),
    st.lists(st.sampled_from(["c0", "c1", "c9"]), max_size=3),
    st.lists(st.integers(), max_size=2),
)


@settings(CHECKED, max_examples=300)
@given(data=st.data())
def test_the_json_schema_accepts_exactly_what_the_form_accepts(data: st.DataObject) -> None:
    """S7.1: a program that keeps to the schema is not refused, and what the schema refuses the form refuses."""
    question = Question.model_validate(data.draw(questions("q", SIMPLE, prefill=False)))
    value = data.draw(st.one_of(VALUES, answers_to(question), nearly(question), nearly(question)))
    schema = json_schema._question(question)

    try:
        _stored(question, value)
        form = True
    except ValidationError:
        form = False

    assert accepts(schema, value) is form, (question, value, schema)


@pytest.mark.parametrize(
    ("made", "value", "good"),
    [
        ({"kind": "number"}, 10**12 - 1, True),
        ({"kind": "number"}, 10**12, False),
        ({"kind": "number"}, 0.000001, True),
        ({"kind": "number"}, 1e-7, False),
        ({"kind": "money"}, 10**16, False),
        ({"kind": "money"}, 0.07, True),
        ({"kind": "money"}, 0.075, False),
        ({"kind": "text", "required": False}, "  ", True),
        ({"kind": "text"}, "  ", False),
        ({"kind": "text"}, "a\x00b", False),
        ({"kind": "choices", "choices": [{"id": "c0", "label": {"az": "C", "en": "C"}}]}, [], False),
        ({"kind": "statement"}, False, False),
        ({"kind": "boolean"}, 1, False),
    ],
)
def test_the_edges_of_what_the_schema_and_the_form_take(made: Content, value: Any, good: bool) -> None:
    question = Question.model_validate(
        {"id": "q", "label": {"az": "S", "en": "Q"}, "why": {"az": "Q", "en": "L"}, **made}
    )

    assert accepts(json_schema._question(question), value) is good
    if good:
        _stored(question, value)
    else:
        with pytest.raises(ValidationError):
            _stored(question, value)


def test_a_schema_says_which_answers_are_required() -> None:
    from tests.factories.services import honey

    schema = json_schema.schema_of(Regulation.model_validate(honey()), address="https://x/schema.json", language="en")

    answers = schema["properties"]["answers"]
    assert schema["$id"] == "https://x/schema.json"
    assert answers["required"] == ["hives", "heated"]
    assert answers["properties"]["temperature"]["x-when"] == "answers.heated && answers.hives > 0.0"
    assert answers["properties"]["hives"]["minimum"] == 1
    assert answers["properties"]["hives"]["x-why"]["en"] == "Law on Honey, 10"
    assert "blossom" not in answers["properties"], "what is asked per line belongs to the export application"
    assert schema["properties"]["documents"]["properties"]["photo"]["x-media-types"]
    assert copy.deepcopy(schema) == schema


@pytest.mark.parametrize(
    "broken", [None, 5, [], "x", {}, {"general": None, "provision": [], "procedures": {"steps": [None]}}]
)
def test_content_of_any_shape_has_faults_and_no_accident(broken: Any) -> None:
    assert files.faults_of(broken)
    assert conformance.check(broken if isinstance(broken, dict) else {"general": broken})
    assert files.dump({"general": broken})
