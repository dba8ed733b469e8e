"""Every regulation that ships: conforming, in both languages, honest about its sources (S4.1, S9.1, S9.3, S-A1)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from azexport.services import actions, conformance
from azexport.services.activities import ACTIVITIES
from azexport.services.schema import Regulation

ROOT = Path(__file__).resolve().parent.parent.parent
SHIPPED = actions.read_folder(ROOT / "regulations")
BODIES = {
    one["code"]: one for one in yaml.safe_load((ROOT / "regulations" / "participants.yaml").read_text())["participants"]
}
EACH = pytest.mark.parametrize("regulation", SHIPPED, ids=lambda one: one.id)
INTERACTIVE = pytest.mark.parametrize("regulation", [one for one in SHIPPED if one.interactive], ids=lambda one: one.id)
AZERBAIJANI_LETTERS = frozenset("əğıöşüçƏĞİÖŞÜÇ")


def texts_of(value: Any, place: str = "") -> Iterator[tuple[str, str, str]]:
    """(place, az, en) of everything said in both languages."""
    if isinstance(value, dict):
        if set(value) == {"az", "en"}:
            yield place, value["az"], value["en"]
            return
        for name, part in value.items():
            yield from texts_of(part, f"{place}.{name}")
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from texts_of(part, f"{place}.{number}")


def test_at_least_twelve_regulations_ship() -> None:
    assert len(SHIPPED) >= 12


@EACH
def test_it_conforms_to_the_model_form(regulation: Regulation) -> None:
    # S-A1: every heading, every state reachable and left, every term, both languages, every expression typed.
    assert conformance.check(regulation) == []


@EACH
def test_what_it_says_differs_by_language_and_each_is_that_language(regulation: Regulation) -> None:
    texts = list(texts_of(regulation.model_dump(mode="json")))

    assert len(texts) >= 15
    assert [place for place, az, en in texts if az == en] == []
    # "and", "the", "of" in the Azerbaijani, or an Azerbaijani letter in the English, is a text in the wrong place.
    assert [place for place, az, _ in texts if {"the", "of", "and"} & set(az.lower().split())] == []
    assert [place for place, _, en in texts if AZERBAIJANI_LETTERS & set(en.replace("VÖEN", "").replace("“", ""))] == []


@EACH
def test_its_bodies_take_part_in_the_portal(regulation: Regulation) -> None:
    performers = {regulation.provider, *regulation.general.other_performers}
    holders = {one.register_.participant for one in regulation.provision.known_documents if one.register_ is not None}

    assert performers <= set(BODIES)
    assert holders <= set(BODIES)
    # 1.5: who is named works on a step, and who works on a step is named (S9.4).
    assert {regulation.performer(step) for step in regulation.steps} | {regulation.provider} == performers


@EACH
def test_its_field_of_activity_is_one_of_the_29(regulation: Regulation) -> None:
    # S3.1
    assert regulation.general.activity in ACTIVITIES


@EACH
def test_it_names_its_legal_basis_and_says_what_was_not_read(regulation: Regulation) -> None:
    bases = regulation.general.legal_basis

    assert any(one.source == "verified" for one in bases)
    assert all(
        one.clause or one.source == "assumption" or " tarixli " in one.act.az or "ISPM" in one.act.az for one in bases
    )
    if regulation.fee.amount:
        assert regulation.fee.legal_basis is not None
        assert regulation.fee.ways is not None


@INTERACTIVE
def test_every_question_and_document_says_why_it_is_asked(regulation: Regulation) -> None:
    # S7.2: nothing is asked that the regulation does not provide for, and the state's own documents are not asked.
    reasons = [*(one.why for one in regulation.questions), *(one.why for one in regulation.documents)]
    assert all(len(why.az) > 10 for why in reasons)
    assert not {one.id for one in regulation.facts} & {one.id for one in regulation.questions}


@INTERACTIVE
def test_every_step_has_a_responsible_person_a_term_and_a_result(regulation: Regulation) -> None:
    # S9.3.4, S-A1 3.4
    assert all(step.responsible.az and step.content.az and step.result.az for step in regulation.steps)


@INTERACTIVE
def test_refusal_silence_and_the_clock_are_ruled(regulation: Regulation) -> None:
    # S-A1 3.3.1: a body refuses on a ground of the regulation, each with its clause.
    assert len(regulation.refusal_grounds) >= (1 if regulation.automatic else 3)
    assert regulation.procedures.silence is not None
    if not regulation.automatic:
        clock = regulation.procedures.clock
        assert clock is not None
        assert clock.stops == ("information_requested",)


@INTERACTIVE
def test_what_an_officer_looks_at_has_a_checklist_with_clauses(regulation: Regulation) -> None:
    if not regulation.automatic:
        assert any(step.checklist for step in regulation.steps)
    assert all(item.clause for step in regulation.steps for item in step.checklist)


@INTERACTIVE
def test_a_form_longer_than_a_page_is_parted_into_tasks(regulation: Regulation) -> None:
    if len(regulation.questions) <= 4:
        return
    tasks = [task for section in regulation.sections for task in section.tasks]

    assert len(tasks) >= 2
    assert all(len(task.questions) <= 6 for task in tasks)
