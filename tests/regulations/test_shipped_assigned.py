"""What the project assigned to the list of decision 191: nothing forgotten, nothing invented (S-L, S3.1, S4.2)."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import yaml

from azexport.services import actions
from azexport.services.activities import ACTIVITIES

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = ROOT / "azexport" / "services" / "data"
ASSIGNED: dict[str, Any] = yaml.safe_load((DATA / "assigned.yaml").read_text(encoding="utf-8"))
LISTED = list(csv.DictReader((DATA / "e-services.csv").read_text(encoding="utf-8").splitlines()))
BODIES = list(csv.DictReader((DATA / "e-service-agencies.csv").read_text(encoding="utf-8").splitlines()))
PARTICIPANTS = yaml.safe_load((ROOT / "regulations" / "participants.yaml").read_text())["participants"]
AZERBAIJANI_LETTERS = frozenset("əğıöşüçƏĞİÖŞÜÇ")


def test_all_285_services_and_41_bodies_have_an_english_name() -> None:
    assert (len(LISTED), len(BODIES)) == (285, 41)
    assert list(ASSIGNED["services"]) == [one["number"] for one in LISTED]
    assert [str(number) for number in ASSIGNED["providers"]] == [one["number"] for one in BODIES]
    names = [one["en"] for one in (*ASSIGNED["services"].values(), *ASSIGNED["providers"].values())]
    assert all(name and not AZERBAIJANI_LETTERS & set(name) for name in names)


def test_two_services_of_one_body_never_have_the_same_english_name() -> None:
    by_body: dict[str, list[str]] = {}
    for number, one in ASSIGNED["services"].items():
        by_body.setdefault(number.split(".")[0], []).append(one["en"])

    assert all(len(set(names)) == len(names) for names in by_body.values())


def test_every_field_of_activity_has_services_and_every_service_a_field() -> None:
    # S3.1
    assert {one["activity"] for one in ASSIGNED["services"].values()} == set(ACTIVITIES)


def test_every_service_is_informational_or_interactive() -> None:
    # S4.2; a calculator and information for everybody are informational, a licence is not (S4.3-4.4).
    kinds = {number: one["kind"] for number, one in ASSIGNED["services"].items()}

    assert set(kinds.values()) == {"informational", "interactive"}
    assert [kinds[number] for number in ("32.7", "4.6", "5.12", "21.8")] == ["informational"] * 4
    assert [kinds[number] for number in ("24.1", "24.2", "20.3", "12.1", "21.1")] == ["interactive"] * 5


def test_the_bodies_that_take_part_in_the_portal_are_participants() -> None:
    held = {one["participant"] for one in ASSIGNED["providers"].values() if "participant" in one}

    assert held == {"state-customs", "agriculture", "communications", "economy", "state-tax-service"}
    assert held <= {one["code"] for one in PARTICIPANTS}


def test_listed_services_that_run_here_run_by_a_shipped_regulation() -> None:
    shipped = {one.id: one for one in actions.read_folder(ROOT / "regulations")}

    assert ASSIGNED["runs_here"] == {
        "20.3": "export-control-permit", "24.1": "certificate-of-origin", "24.2": "eu-food-quality-certificate",
    }  # fmt: skip
    for number, service in ASSIGNED["runs_here"].items():
        assert shipped[service].general.activity == ASSIGNED["services"][number]["activity"]
        assert shipped[service].provision.kind == ASSIGNED["services"][number]["kind"]


def test_nothing_is_said_of_fee_and_users_which_nobody_supplied() -> None:
    assert {name for one in ASSIGNED["services"].values() for name in one} == {"en", "activity", "kind"}
