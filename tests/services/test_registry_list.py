"""The list of decision 191 in the registry: 285 services of 41 bodies, counted against the source (S-L, S3.1)."""

from __future__ import annotations

import csv
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from azexport.audit.models import Event
from azexport.kernel.actor import SYSTEM
from azexport.services.actions.listed import DATA, load_list
from azexport.services.activities import ACTIVITIES
from azexport.services.models import Entry, EntryVersion, Provider
from tests.factories.parties import NOW
from tests.factories.registry import amended, body

pytestmark = pytest.mark.django_db

SOURCE = Path(__file__).resolve().parents[3] / "shared" / "data"
LATER = datetime(2026, 10, 6, 6, 0, tzinfo=UTC)


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("folder", [DATA, pytest.param(SOURCE, id="source")])
def test_every_service_of_the_list_is_in_the_registry_with_its_name_unchanged(folder: Path) -> None:
    """S-L: 285 services of 41 bodies."""
    if not folder.exists():
        pytest.skip("the source files lie beside the project, and are not there")
    listed = {one["number"]: one for one in rows(folder, "e-services.csv")}
    bodies = {one["number"]: one["name_az"] for one in rows(folder, "e-service-agencies.csv")}
    assert (len(listed), len(bodies)) == (285, 41)
    entries = {one.list_number: one for one in Entry.objects.exclude(list_number="").select_related("provider")}
    assert entries.keys() == listed.keys()
    names = {one.entry_id: one.name["az"] for one in EntryVersion.objects.filter(valid_until__isnull=True)}
    for number, row in listed.items():
        assert names[entries[number].pk] == row["name_az"]
        assert entries[number].provider.code == row["agency"]
    assert {one.code: one.name["az"] for one in Provider.objects.filter(list_number__isnull=False)} == bodies


def test_every_listed_service_has_a_number_of_its_own_in_the_order_of_the_list() -> None:
    """S10.4: a number that is not repeated."""
    entries = list(Entry.objects.exclude(list_number="").order_by("number"))
    assert [one.number for one in entries] == [f"ES-{number:06}" for number in range(1, 286)]
    order = [tuple(map(int, one.list_number.split("."))) for one in entries]
    assert order == sorted(order)


def test_what_this_portal_assigned_is_marked_and_what_nobody_supplied_is_not_invented() -> None:
    """The list gives names only; S3.1: one of the 29 fields for each."""
    assert len(ACTIVITIES) == 29
    for version in EntryVersion.objects.filter(basis="S-L").select_related("entry"):
        content = version.content
        assert version.valid_from == date(2011, 11, 24)
        assert "number" in version.ours
        assert ("name.en" in version.ours) == ("en" in content["name"])
        assert content["activity"] is None or content["activity"] in ACTIVITIES
        if not version.entry.service:
            assert content["fee"] is content["users"] is content["legal_basis"] is content["place"] is None
            assert ("kind" in version.ours) == (content["kind"] is not None)


def test_every_listed_service_has_an_english_name_a_field_and_a_kind() -> None:
    versions = list(EntryVersion.objects.filter(basis="S-L"))
    lacking = [one.name_az for one in versions if not (one.name_en and one.activity and one.kind)]
    assert lacking == []


def test_loading_again_writes_nothing() -> None:
    events = Event.objects.count()
    assert load_list(by=SYSTEM, now=NOW) == {"providers": 0, "entries": 0}
    assert Event.objects.count() == events
    call_command("load_registry")
    assert Entry.objects.exclude(list_number="").count() == 285


def a_folder(tmp_path: Path, assigned: dict[str, Any]) -> Path:
    for name in ("e-services.csv", "e-service-agencies.csv"):
        shutil.copy(DATA / name, tmp_path)
    (tmp_path / "assigned.yaml").write_text(yaml.safe_dump(assigned, allow_unicode=True))
    return tmp_path


def test_a_better_translation_comes_in_until_the_body_itself_has_spoken(tmp_path: Path) -> None:
    office = body()
    Provider.objects.filter(code="24").update(participant=office)
    version = EntryVersion.objects.whole().get(entry__list_number="24.3", valid_until__isnull=True)
    amended(version, name_az="Qrant müqavilələri", fee="free", now=NOW)
    assigned = yaml.safe_load((DATA / "assigned.yaml").read_text())
    for number in ("24.3", "24.4"):
        assigned["services"][number]["en"] = "Said better"
    assigned["providers"][24]["participant"] = office.code
    load_list(by=SYSTEM, now=LATER, folder=a_folder(tmp_path, assigned))
    theirs, ours = (
        EntryVersion.objects.get(entry__list_number=number, valid_until__isnull=True) for number in ("24.3", "24.4")
    )
    assert theirs.name_az == "Qrant müqavilələri"
    assert theirs.name_en != "Said better"
    assert (ours.name_en, ours.created_at) == ("Said better", LATER)
    # The body is found by its name on this portal too: its four entries that nobody amended were written.
    assert Event.objects.filter(name="registry.list_loaded").latest("id").data["entries"] == 4


def test_the_list_is_loaded_without_any_assignment(tmp_path: Path) -> None:
    (a_folder(tmp_path, {}) / "assigned.yaml").unlink()
    load_list(by=SYSTEM, now=LATER, folder=tmp_path)
    version = EntryVersion.objects.get(entry__list_number="1.1")
    assert (version.content["name"].keys(), version.kind, version.activity) == ({"az"}, "", "")
    assert version.ours == ["number"]


def test_a_listed_service_that_runs_here_says_what_its_regulation_says() -> None:
    version = EntryVersion.objects.exclude(entry__service="").filter(basis="S-L").earliest("id")
    assert version.fee in ("free", "paid")
    assert version.users
    assert version.content["legal_basis"]["az"]
    assert "kind" not in version.ours
