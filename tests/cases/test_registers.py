"""Public registers: open to anybody, searched in any spelling, downloaded, at addresses that stay (S4.2, S7.1)."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from azexport.cases.actions import officers
from azexport.cases.models import Case, RegisterEntry
from azexport.kernel.text import both
from azexport.parties.models import Member
from azexport.services.models import RegulationVersion
from tests.factories.cases import REGISTER, desk_case, desk_row, step
from tests.factories.parties import make_member, make_officer, make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def row() -> RegulationVersion:
    return desk_row([step("tasting")], general__result__register=REGISTER)


@pytest.fixture
def clerk(row: Any) -> Member:
    return make_officer("honey-office")


@pytest.fixture
def anybody() -> Client:
    client = Client()
    client.cookies["language"] = "en"
    return client


def entered(row: RegulationVersion, clerk: Member, *, name: str = "Şəki Fındıq MMC", hives: str = "12") -> Case:
    now = timezone.now()
    member = make_member(organisation=make_organisation(name=both(name, name)))
    case = desk_case(member, row, now=now, answers={"hives": hives, "heated": False})
    officers.take_on(case=case, by=clerk, now=now)
    officers.finish_step(case=case, step="tasting", outcome="done", by=clerk, now=now)
    today = timezone.localdate(now)
    officers.propose_grant(
        case=case, valid_from=today, valid_until=today + timedelta(days=30), remarks={}, by=clerk, now=now
    )
    return case


def test_the_registers_are_listed_for_anybody(row: Any, clerk: Member, anybody: Client) -> None:
    entered(row, clerk)

    text = anybody.get("/registers/").content.decode()

    assert "Register of honey" in text
    assert "Entries: 1" in text
    assert f"/registers/{row.service}/" in text


def test_an_entry_has_its_own_address(row: Any, clerk: Member, anybody: Client) -> None:
    case = entered(row, clerk)

    listed = anybody.get(f"/registers/{row.service}/").content.decode()
    assert f"/registers/{row.service}/{case.reference}/" in listed
    text = anybody.get(f"/registers/{row.service}/{case.reference}/").content.decode()

    for part in ("Şəki Fındıq MMC", "In force", case.reference, "Hives"):
        assert part in text


@pytest.mark.parametrize("address", ["/registers/nothing/", "/registers/{service}/CS-0000-0000-0/", "/registers/x/y/"])
def test_what_is_in_no_register_is_not_found(row: Any, anybody: Client, address: str) -> None:
    assert anybody.get(address.format(service=row.service)).status_code == 404


def test_the_search_bears_with_spelling_and_missing_letters(row: Any, clerk: Member, anybody: Client) -> None:
    entered(row, clerk, name="Şəki Fındıq MMC")
    entered(row, clerk, name="Gəncə Bal MMC", hives="777")

    def found(q: str) -> list[str]:
        text = anybody.get(f"/registers/{row.service}/", {"q": q}).content.decode()
        return [one for one in ("Şəki Fındıq MMC", "Gəncə Bal MMC") if one in text]

    assert found("SEKI findiq") == ["Şəki Fındıq MMC"]
    assert found("gence") == ["Gəncə Bal MMC"]
    assert found("777") == ["Gəncə Bal MMC"]
    assert found("mmc") == ["Şəki Fındıq MMC", "Gəncə Bal MMC"]
    assert found("%") == ["Şəki Fındıq MMC", "Gəncə Bal MMC"]
    assert found("nobody") == []


def test_the_register_is_paged_by_key_and_costs_the_same_for_one_and_for_three(
    row: Any, clerk: Member, anybody: Client
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert anybody.get(f"/registers/{row.service}/").status_code == 200
        return len(captured)

    entered(row, clerk)
    cost()
    one = cost()
    entered(row, clerk)
    entered(row, clerk)
    assert cost() == one <= 4

    first = RegisterEntry.objects.order_by("id").first()
    assert first is not None
    text = anybody.get(f"/registers/{row.service}/", {"before": first.number}).content.decode()
    assert "No entries yet" in text


def test_the_whole_register_can_be_downloaded(row: Any, clerk: Member, anybody: Client) -> None:
    first = entered(row, clerk, name="=cmd()")
    entered(row, clerk)

    response = anybody.get(f"/registers/{row.service}/register.csv")
    content = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]

    head, *lines = list(csv.reader(io.StringIO(content)))
    assert head[:4] == ["number", "holder", "Hives", "Holder"]
    assert lines[0][0] == first.reference
    assert lines[0][1] == "'=cmd()"
    assert lines[1][2] == "12"
    assert lines[1][-1] == "entered"


def test_an_entry_that_has_run_out_is_marked_so(row: Any, clerk: Member, anybody: Client) -> None:
    case = entered(row, clerk)
    yesterday = timezone.localdate() - timedelta(days=1)
    RegisterEntry.objects.filter(case=case).update(valid_from=yesterday, valid_until=yesterday)

    assert "Expired" in anybody.get(f"/registers/{row.service}/{case.reference}/").content.decode()


def test_the_register_of_a_service_that_has_ended_stays_at_its_address(
    row: RegulationVersion, clerk: Member, anybody: Client
) -> None:
    case = entered(row, clerk)
    RegulationVersion.objects.filter(service=row.service).update(valid_until=timezone.localdate() - timedelta(days=1))

    assert anybody.get(f"/registers/{row.service}/{case.reference}/").status_code == 200
    assert case.reference in anybody.get(f"/registers/{row.service}/").content.decode()
