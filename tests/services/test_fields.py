"""Every kind of question as a form field, a stored answer and text; and the same from a machine (S-A1 2.6, S7.1)."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import override

from azexport.services.fields import accept, form_field, more_rows, plain, rows_of, shown
from azexport.services.schema import Question
from tests.factories.services import words

COUNTRIES = [("DE", "Germany"), ("AZ", "Azerbaijan")]
UNITS = [("kg", "Kilogram"), ("l", "Litre")]
ROW = {"hs": "0802.22", "description": "Kernels", "quantity": "1 5".replace(" ", ""), "unit": "kg", "net_kg": "15",
       "value": "90.50"}  # fmt: skip


def question(kind: str, **more: Any) -> Question:
    choices = [{"id": one, "label": words(one.title())} for one in ("road", "sea")] if "choice" in kind else []
    data = {"id": "q", "kind": kind, "label": words("Q?"), "why": words("Law 1"), "choices": choices}
    return Question.model_validate(data | more)


class OneField(forms.Form):
    """A form of one question."""

    def __init__(self, asked: Question, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["q"] = form_field(asked, countries=COUNTRIES, units=UNITS)


def sent(**values: Any) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in values.items():
        data.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
    return data


def table(*rows: dict[str, Any], **more: str) -> QueryDict:
    data = QueryDict(mutable=True)
    data["q-rows"] = str(len(rows))
    for number, row in enumerate(rows):
        for column, value in row.items():
            data[f"q-{number}-{column}"] = value
    data.update({name.replace("__", "-"): value for name, value in more.items()})
    return data


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "data", "stored", "text"),
    [
        ("hs", sent(q="0802.22"), "080222", "0802.22"),
        ("choices", sent(q=["road", "sea"]), ["road", "sea"], "Road, Sea"),
        ("statement", sent(q="on"), True, "Confirmed"),
        ("money", sent(q="12.50"), "12.50", "12.50\xa0AZN"),
        (
            "party", sent(q_name="Hans", q_country="DE", q_address="Hamburg"),
            {"name": "Hans", "country": "DE", "address": "Hamburg"}, "Hans, Germany, Hamburg",
        ),
        (
            "goods", table(ROW, {}),
            [{"hs": "080222", "description": "Kernels", "quantity": "15", "unit": "kg", "net_kg": "15",
              "value": "90.50"}],
            "1. 0802.22 Kernels, 15 kg, 15 kg, 90.5",
        ),
    ],
)  # fmt: skip
def test_a_new_kind_of_question_is_a_field_a_stored_answer_and_a_shown_one(
    kind: str, data: QueryDict, stored: Any, text: str
) -> None:
    asked = question(kind, **({"currency": "AZN"} if kind == "money" else {}))
    with override("en"):
        form = OneField(asked, data)
        assert form.is_valid(), form.errors
        assert plain(form.cleaned_data["q"]) == stored
        assert shown(asked, stored, countries=dict(COUNTRIES)) == text
        assert form.as_div()  # it can be drawn, filled
        assert OneField(asked, initial={"q": stored}).as_div()
    assert accept(asked, _as_json(kind, stored), countries=COUNTRIES, units=UNITS) == _without_zeros(stored)


def _without_zeros(stored: Any) -> Any:
    """An exact number without zeros behind it, as numbers of JSON are."""
    return [{**row, "value": "90.5"} for row in stored] if isinstance(stored, list) and "value" in stored[0] else (
        "12.5" if stored == "12.50" else stored
    )  # fmt: skip


def _as_json(kind: str, stored: Any) -> Any:
    """The stored answer as a program sends it: numbers are numbers."""
    if kind == "goods":
        return [{**row, "quantity": 15, "net_kg": 15, "value": 90.5} for row in stored]
    return 12.5 if kind == "money" else stored


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "data", "complaint"),
    [
        ("hs", sent(q="08"), "six digits"),
        ("hs", sent(q="999999"), "no such code"),
        ("choices", sent(q=["road", "air"]), "air is not one of the available choices"),
        ("statement", sent(), "Confirm the statement"),
        ("text", sent(q="abc"), "does not have the form"),
        ("money", sent(q="1.234"), "decimal"),
        ("party", sent(q_name="Hans", q_country="XX", q_address="Hamburg"), "Choose the country"),
        ("party", sent(q_name="Hans"), "Choose the country"),
        ("party", sent(), "Answer this question"),
        ("goods", table({}, {}), "Answer this question"),
        ("goods", table({**ROW, "unit": "barrel"}), "Row 1, Unit: Choose the unit"),
        ("goods", table(ROW, {**ROW, "hs": ""}), "Row 2, HS code: Choose the HS code"),
        ("goods", table({**ROW, "quantity": "-1"}), "Row 1, Quantity: Ensure this value is greater than or equal to 0"),
    ],
)
def test_a_poor_answer_is_refused_and_says_how_to_mend_it(kind: str, data: QueryDict, complaint: str) -> None:
    """S7.4"""
    asked = question(kind, **({"pattern": r"ES-[0-9]{6}"} if kind == "text" else {}))
    with override("en"):
        form = OneField(asked, data)
        assert not form.is_valid()
        assert complaint in str(form.errors)
        assert form.as_div()


@pytest.mark.parametrize("kind", ["hs", "choices", "party", "goods", "boolean"])
def test_what_may_be_left_out_may_be_left_empty(kind: str) -> None:
    asked = question(kind, required=False)
    data = table({}) if kind == "goods" else sent()

    form = OneField(asked, data)

    assert form.is_valid(), form.errors
    assert not form.cleaned_data["q"]


def test_a_button_asks_for_more_rows_and_loses_nothing_typed() -> None:
    """Without a script, too: what is typed so far comes back, with empty rows below it."""
    asked = question("goods")
    pressed = table(ROW, {}, {}, q__more="1")

    typed = more_rows(OneField(asked).fields, pressed)
    assert typed is not None
    page = OneField(asked, initial=typed).as_div()

    assert 'value="Kernels"' in page
    assert 'name="q-2-hs"' in page
    assert 'name="q-rows" value="3"' in page
    assert more_rows(OneField(asked).fields, table(ROW)) is None


def test_a_table_takes_no_more_rows_than_a_hundred() -> None:
    data = table(ROW)
    data["q-rows"] = "99999"
    assert OneField(question("goods"), data).fields["q"].widget.value_from_datadict(data, {}, "q")
    with pytest.raises(ValidationError, match="100"), override("en"):
        form_field(question("goods"), units=UNITS).clean([ROW] * 101)


def test_a_pattern_is_matched_in_time_that_grows_with_the_text_only() -> None:
    asked = question("text", pattern="(a+)+b", max_length=10000)
    with pytest.raises(ValidationError):
        form_field(asked).clean("a" * 9000)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("number", "x"), ("number", True), ("text", 5), ("boolean", "true"), ("choices", "road"), ("party", []),
     ("goods", {}), ("goods", ["x"]), ("statement", "on"), ("file", "x"), ("date", 5), ("hs", 80222)],
)  # fmt: skip
def test_a_program_sends_an_answer_in_the_one_type_that_its_kind_has(kind: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        accept(question(kind), value, countries=COUNTRIES, units=UNITS)


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [("number", 12.5, "12.5"), ("number", 3, "3"), ("money", 0.07, "0.07"), ("boolean", True, True),
     ("boolean", False, False), ("date", "2026-10-05", "2026-10-05"), ("country", "DE", "DE"), ("text", " a ", "a"),
     ("choice", "road", "road")],
)  # fmt: skip
def test_a_programs_answer_is_stored_as_a_persons(kind: str, value: Any, stored: Any) -> None:
    assert accept(question(kind), value, countries=COUNTRIES, units=UNITS) == stored


def test_rows_of_a_table_are_shown_one_by_one() -> None:
    with override("en"):
        assert rows_of([{**ROW, "hs": "080222", "value": None}]) == [["0802.22 Kernels", "15 kg", "15 kg"]]
        assert rows_of(None) == []


@pytest.mark.parametrize("kind", ["text", "choices", "goods", "statement", "boolean", "money"])
def test_what_a_clerk_wrote_is_text_and_never_markup(kind: str) -> None:
    """Regulations are written by people in the portal: nothing of it may run in a browser (S7.1.5, ASVS 5 V1)."""
    hostile = {"az": "<script>a</script>", "en": "<script>a</script>"}
    asked = question(kind, label=hostile, hint=hostile, why=hostile)
    page = OneField(asked)["q"].as_field_group()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
