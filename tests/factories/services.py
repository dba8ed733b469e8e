"""Invented regulations: the engine must run what nobody has written code for."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from azexport.kernel.actor import SYSTEM
from azexport.services import actions
from azexport.services.models import RegulationVersion
from azexport.services.schema import Regulation

NOW = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)


def words(text: str) -> dict[str, str]:
    return {"az": f"{text} (az)", "en": text}


HONEY: dict[str, Any] = {
    "id": "honey-seal",
    "version": 1,
    "valid_from": "2026-01-01",
    "general": {
        "name": words("Issue of the honey seal"),
        "content": words("Says that honey is honey."),
        "activity": "3.1.11",
        "legal_basis": [{"act": words("Law on Honey"), "clause": "7", "source": "verified"}],
        "provider": "honey-office",
        "automation": "partial",
        "term": {"working_days": 4, "clause": "Law on Honey, 8", "source": "verified"},
        "result": {"kind": "seal", "name": words("Honey seal"), "validity": {"days": 30, "text": words("30 days")}},
    },
    "provision": {
        "kind": "interactive",
        "fee": {"amount": "7.50", "currency": "AZN", "legal_basis": words("Law on Honey, 9"), "source": "verified"},
        "users": ["legal"],
        "place": words("azexport.az"),
        "information": words("azexport.az"),
        "questions": [
            {"id": "hives", "kind": "number", "label": words("How many hives?"), "why": words("Law on Honey, 10"),
             "minimum": "1"},
            {"id": "heated", "kind": "boolean", "label": words("Was it heated?"), "why": words("Law on Honey, 10")},
            {"id": "temperature", "kind": "number", "label": words("To how many degrees?"),
             "why": words("Law on Honey, 10"), "when": "answers.heated && answers.hives > 0.0"},
            {"id": "blossom", "kind": "choice", "scope": "line", "label": words("Which blossom?"),
             "why": words("Law on Honey, 11"),
             "choices": [{"id": "acacia", "label": words("Acacia")}, {"id": "other", "label": words("Other")}]},
            {"id": "which", "kind": "text", "scope": "line", "label": words("Which one?"),
             "why": words("Law on Honey, 11"), "when": "answers.blossom == 'other' && line.hs.startsWith('0409')"},
        ],
        "documents": [
            {"id": "photo", "name": words("Photo of the hives"), "why": words("Law on Honey, 12"),
             "when": "destination == 'JP' || 'EU' in destination_groups"},
        ],
    },
    "procedures": {
        "request": {"formed": words("On the portal."), "accepted": words("By the office.")},
        "refusal_grounds": [{"id": "no-bees", "text": words("There are no bees."), "clause": "Law on Honey, 13"}],
        "steps": [
            {"id": "tasting", "name": words("Tasting"), "responsible": words("Taster"),
             "content": words("It is tasted."), "working_days": 2, "result": words("A taste.")},
            {"id": "sealing", "name": words("Sealing"), "responsible": words("Head"), "content": words("It is sealed."),
             "working_days": 2, "result": words("A seal.")},
        ],
        "control": {"form": words("Current"), "order": words("By the portal")},
        "disputes": {"right": words("You may complain."), "information": words("Say why."), "term": words("A month.")},
    },
    "requirements": [
        {"rule": "HON-901", "level": "required", "hs": ["0409"], "destination": {"groups": ["EU"], "countries": ["JP"]},
         "reason": words("Honey is watched."), "legal_basis": words("Law on Honey, 1"), "source": "verified",
         "valid_from": "2026-01-01"},
        {"rule": "HON-902", "level": "on_request", "hs": ["0409", "1702"],
         "destination": {"except_countries": ["KZ"]}, "reason": words("Some wish it."),
         "condition": words("The buyer wishes it."), "legal_basis": words("Law on Honey, 2"), "source": "assumption",
         "valid_from": "2026-01-01", "valid_until": "2026-12-31"},
    ],
}  # fmt: skip
"""A service no code knows: its own questions, fee, two steps, and rules."""


def honey(**changes: Any) -> dict[str, Any]:
    """The invented regulation; a key such as `general__term` reaches into it."""
    data = copy.deepcopy(HONEY)
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = data
        for parent in parents:
            place = place[parent]
        place[last] = value
    return data


def informational(**changes: Any) -> dict[str, Any]:
    """The content of a regulation that tells and decides nothing (S4.2)."""
    return honey(
        id="honey-sum", requirements=[], provision__kind="informational", provision__documents=[],
        general__automation="full",
        general__term={"working_days": 0, "processing": words("At once."), "clause": "8", "source": "verified"},
        procedures__steps=[], procedures__request=None, procedures__refusal_grounds=[],
        procedures__open=words("Always open."), **changes,
    )  # fmt: skip


CALCULATOR: dict[str, Any] = {
    "provision__questions": [
        {"id": "jars", "kind": "number", "label": words("How many jars?"), "why": words("Law on Honey, 9"),
         "minimum": "1", "maximum": "1000"},
        {"id": "heated", "kind": "boolean", "label": words("Was it heated?"), "why": words("Law on Honey, 9")},
        {"id": "degrees", "kind": "number", "label": words("To how many degrees?"), "why": words("Law on Honey, 9"),
         "when": "answers.heated"},
    ],
    "provision__checks": [
        {"id": "even", "condition": "int(answers.jars) % 2 == 0", "message": words("Jars come in pairs."),
         "question": "jars"},
    ],
    "provision__calculator": {
        "outputs": [
            {"id": "fee", "label": words("Fee"), "value": "answers.jars * 0.075", "currency": "AZN"},
            {"id": "share", "label": words("Share"), "value": "100.0 / answers.degrees", "decimals": 1,
             "unit": words("per degree")},
        ],
        "note": words("An estimate."),
    },
}  # fmt: skip


def write(folder: Path, data: dict[str, Any]) -> Path:
    """The regulation as a file of the folder."""
    path = folder / f"{data['id']}.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def load(**changes: Any) -> RegulationVersion:
    """The invented regulation in the database."""
    return load_all(honey(**changes))[0]


def load_all(*regulations: dict[str, Any]) -> list[RegulationVersion]:
    return actions.load(regulations=[Regulation.model_validate(one) for one in regulations], by=SYSTEM, now=NOW)
