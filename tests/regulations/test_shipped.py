"""The three permits of the main job as they ship: whole, fit for the sandbox's bodies (P4.2.1.2, P4.2.2.1-2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from azexport.services import actions
from azexport.services.schema import Regulation

ROOT = Path(__file__).resolve().parent.parent.parent
SHIPPED = actions.read_folder(ROOT / "regulations")
BODIES = yaml.safe_load((ROOT / "regulations" / "participants.yaml").read_text())["participants"]
PERMITS = [one for one in SHIPPED if one.requirements]
EACH = pytest.mark.parametrize("regulation", PERMITS, ids=lambda one: one.id)


def _texts(value: Any) -> list[tuple[str, str]]:
    """Every pair of az and en in the regulation."""
    if isinstance(value, dict):
        if set(value) == {"az", "en"}:
            return [(value["az"], value["en"])]
        return [pair for part in value.values() for pair in _texts(part)]
    return [pair for part in value for pair in _texts(part)] if isinstance(value, list) else []


def test_three_permits_ship() -> None:
    assert [one.id for one in PERMITS] == [
        "certificate-of-origin", "eu-food-quality-certificate", "phytosanitary-certificate",
    ]  # fmt: skip


@EACH
def test_the_provider_is_a_permit_body(regulation: Regulation) -> None:
    [body] = [one for one in BODIES if one["code"] == regulation.provider]

    assert "permit-body" in body["roles"]


@EACH
def test_every_text_is_in_both_languages(regulation: Regulation) -> None:
    pairs = _texts(regulation.model_dump(mode="json"))

    assert len(pairs) > 40
    assert [az for az, en in pairs if az == en] == []


@EACH
def test_every_question_says_why_it_is_asked(regulation: Regulation) -> None:
    assert all(question.why.az for question in regulation.questions)
    assert all(ground.clause for ground in regulation.refusal_grounds)
    assert len(regulation.refusal_grounds) >= 3


@EACH
def test_every_step_names_who_is_responsible_and_the_last_one_issues(regulation: Regulation) -> None:
    assert all(step.responsible.az and step.result.az for step in regulation.steps)
    assert regulation.steps[-1].id == "issue"
    assert sum(step.working_days for step in regulation.steps) <= regulation.term.working_days


@EACH
def test_a_rule_rests_on_an_act_and_is_an_assumption_unless_that_was_read(regulation: Regulation) -> None:
    assert regulation.requirements
    assert all(rule.legal_basis.az for rule in regulation.requirements)
    assert all(rule.source == "assumption" for rule in regulation.requirements), "none of the lists could be read"


def test_questions_common_to_bodies_share_a_key_and_a_kind() -> None:
    kinds: dict[str, set[tuple[str, str]]] = {}
    askers: dict[str, int] = {}
    for regulation in PERMITS:
        for question in regulation.questions:
            kinds.setdefault(question.shared_key, set()).add((question.kind, question.scope))
            askers[question.shared_key] = askers.get(question.shared_key, 0) + 1

    assert all(len(found) == 1 for found in kinds.values())
    assert {key for key, number in askers.items() if number > 1} == {
        "place_of_origin", "means_of_conveyance", "point_of_entry", "producer",
    }  # fmt: skip


def test_shared_choices_offer_the_same() -> None:
    offered: dict[str, set[tuple[str, ...]]] = {}
    for regulation in PERMITS:
        for question in regulation.questions:
            offered.setdefault(question.shared_key, set()).add(tuple(choice.id for choice in question.choices))

    assert all(len(found) == 1 for found in offered.values())


@EACH
def test_the_sandboxs_body_takes_the_regulations_steps_and_grounds(regulation: Regulation) -> None:
    programs = yaml.safe_load((ROOT / "sandbox" / "data" / "programs.yaml").read_text())
    [name] = [name for name, one in programs.items() if one.get("code") == regulation.provider]
    script = yaml.safe_load((ROOT / "sandbox" / "scripts" / f"{name}.yaml").read_text())

    assert [one["step"] for one in script["steps"]] == [step.id for step in regulation.steps]
    assert all(regulation.ground(one["ground"]) for one in script["refusal"]["grounds"])
