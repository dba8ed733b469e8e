"""The registry as open data: downloads, the command, the API and its document (S10, S11.5.2)."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from azexport.services.queries.open_data import CSV_COLUMNS, ServiceData, ServiceHistory, ServicePage
from tests.factories import services as regulations
from tests.factories.registry import amended, cancelled, registered

pytestmark = pytest.mark.django_db


def read_csv(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff"), "Excel would take it for another code page"
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def get(client: Client, address: str) -> dict[str, Any]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


# ---------------------------------------------------------------- files


def test_the_csv_has_every_entry_as_it_stands_in_a_form_that_excel_reads(client: Client) -> None:
    answer = client.get("/services/services.csv")
    assert answer["Content-Disposition"] == 'attachment; filename="services.csv"'
    rows = read_csv(answer.content.decode())
    assert len(rows) == 285
    assert tuple(rows[0]) == CSV_COLUMNS
    assert rows[0]["name_az"] == "Ölkələrarası övladlığa götürmə ilə bağlı e-müraciət"
    assert rows[0]["fee"] == rows[0]["users"] == ""
    assert rows[0]["assigned_by_portal"] == "number name.en activity kind"


def test_no_cell_is_a_formula(client: Client) -> None:
    registered(name_en='=HYPERLINK("http://evil.example")', content_en="@SUM(A1)")
    row = read_csv(client.get("/services/services.csv").content.decode())[-1]
    assert row["name_en"].startswith("'=")
    assert row["content_en"].startswith("'@")


def test_the_json_has_every_version_of_every_entry(client: Client) -> None:
    version = amended(registered(), fee="free")
    services = json.loads(client.get("/services/services.json").content)["services"]
    assert len(services) == 286
    assert all(ServiceHistory.model_validate(one) for one in services)
    last = services[-1]
    assert (last["number"], last["fee"]) == (version.number, "free")
    assert [(one["version"], one["fee"], one["change"]) for one in last["versions"]] == [
        (1, "paid", "registered"), (2, "free", "amended"),
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "json"])
def test_the_command_writes_what_the_page_gives(
    client: Client, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = client.get(f"/services/services.{form}").content
    call_command("registry_export", "--format", form, "--output", str(tmp_path / "out"))
    call_command("registry_export", "--format", form)
    for text in ((tmp_path / "out").read_bytes(), capsys.readouterr().out.encode()):
        if form == "csv":
            assert text.replace(b"\r", b"") == page.replace(b"\r", b"")
        else:
            assert json.loads(text)["services"] == json.loads(page)["services"]


def test_the_command_knows_two_formats() -> None:
    with pytest.raises(CommandError):
        call_command("registry_export", "--format", "xml")


# ---------------------------------------------------------------- the API


def test_a_program_reads_the_whole_registry_page_by_page(client: Client) -> None:
    numbers: list[str] = []
    address: str | None = "/api/services?limit=200"
    while address:
        page = ServicePage.model_validate(get(client, address))
        numbers += [one.number for one in page.services]
        address = page.next and page.next[page.next.index("/api/") :]
    assert numbers == [f"ES-{number:06}" for number in range(1, 286)]


def test_a_program_searches_and_filters_as_people_do(client: Client) -> None:
    page = get(client, "/api/services?q=certificat+of+orgin&provider=24&kind=interactive&limit=5")
    (found,) = page["services"]
    assert (found["list_number"], found["runs"]["how"], page["next"]) == ("24.1", "apply", None)
    assert found["activity"]["clause"] == "3.1.21"
    assert found["provider"]["name"]["en"] == "Ministry of Economic Development"


def test_one_service_has_its_whole_history_and_its_state(client: Client) -> None:
    regulations.load()
    version = registered()
    found = get(client, f"/api/services/{version.number}")
    assert (found["status"], found["service"]) == ("registered", "honey-seal")
    assert found["runs"] == {"how": "apply", "url": "http://localhost:8000/apply/honey-seal/"}
    assert found["url"] == f"http://localhost:8000/services/{version.number}/"
    assert found["list_number"] is found["effective_on"] is None
    cancelled(version)
    found = get(client, f"/api/services/{version.number}")
    assert (found["status"], found["runs"]) == ("cancelled", {"how": "none", "url": None})
    assert [one["change"] for one in found["versions"]] == ["registered", "cancelled"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/services/ES-999999", 404), ("/api/services?colour=red", 422), ("/api/services?limit=201", 422),
        ("/api/services?limit=many", 422), ("/api/services?kind=magic", 422), ("/api/services?q=" + "a" * 201, 422),
    ],
)  # fmt: skip
def test_refusals_are_problem_details_whatever_the_caller_accepts(client: Client, address: str, status: int) -> None:
    answer = client.get(address, headers={"accept": "text/html"})
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status


def test_the_api_is_read_from_every_origin_by_nobody_in_particular_and_kept(client: Client) -> None:
    answer = client.get("/api/services?q=viza")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer
    kept = client.get("/api/services?q=viza", headers={"if-none-match": answer["ETag"]})
    assert kept.status_code == 304
    registered(now=timezone.now())
    assert client.get("/api/services?q=viza", headers={"if-none-match": answer["ETag"]}).status_code == 200
    assert client.post("/api/services").status_code == 405


def test_the_lists_that_filters_take_their_values_from(client: Client) -> None:
    assert [one["code"] for one in get(client, "/api/providers")["providers"]] == [str(code) for code in range(1, 42)]
    assert len(get(client, "/api/activities")["activities"]) == 29


def test_the_document_describes_the_registry_by_the_shapes_that_make_its_answers(client: Client) -> None:
    document = get(client, "/api/openapi.json")
    listed = document["paths"]["/api/services"]["get"]["parameters"]
    assert {one["name"] for one in listed} == {
        "q", "provider", "activity", "kind", "fee", "users", "runs", "after", "limit",
    }  # fmt: skip
    shown = get(client, "/api/services?limit=1")["services"][0]
    assert shown.keys() == ServiceData.model_fields.keys()
    assert shown.keys() == document["components"]["schemas"]["ServiceData"]["properties"].keys()
