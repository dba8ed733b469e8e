"""Which permits goods need: from the rules of the regulations, with their reasons (P4.1.4)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from azexport.permits import queries
from tests.factories import services

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 5)


def found(hs: str, destination: str, on: date = DAY) -> dict[str, tuple[str, str]]:
    """service -> (level, rule)"""
    needed = queries.requirements(lines=[{"hs": hs, "line": 1}], destination=destination, on=on)
    return {one.regulation.service: (one.level, one.rule) for one in needed}


PHYTO, QUALITY, ORIGIN = "phytosanitary-certificate", "eu-food-quality-certificate", "certificate-of-origin"


@pytest.mark.parametrize(
    ("goods", "hs", "destination", "expected"),
    [
        ("shelled hazelnuts to Germany", "080222", "DE",
         {PHYTO: ("required", "EXP-101"), QUALITY: ("required", "EXP-111"), ORIGIN: ("conditional", "EXP-121")}),
        ("the same by its national code", "0802.22.0000", "DE",
         {PHYTO: ("required", "EXP-101"), QUALITY: ("required", "EXP-111"), ORIGIN: ("conditional", "EXP-121")}),
        ("shelled hazelnuts to Russia", "080222", "RU",
         {PHYTO: ("required", "EXP-101"), ORIGIN: ("conditional", "EXP-122")}),
        ("shelled hazelnuts to China", "080222", "CN",
         {PHYTO: ("required", "EXP-101"), ORIGIN: ("on_request", "EXP-123")}),
        ("roasted hazelnuts to Germany", "200819", "DE",
         {QUALITY: ("required", "EXP-111"), ORIGIN: ("conditional", "EXP-121"), PHYTO: ("on_request", "EXP-102")}),
        ("wine to Poland", "220421", "PL", {QUALITY: ("required", "EXP-111"), ORIGIN: ("conditional", "EXP-121")}),
        ("raw cotton to Türkiye", "520100", "TR", {PHYTO: ("required", "EXP-101"), ORIGIN: ("on_request", "EXP-123")}),
        ("steel pipes to Germany", "730429", "DE", {ORIGIN: ("conditional", "EXP-121")}),
        ("anything to Azerbaijan", "080222", "AZ", {}),
    ],
)  # fmt: skip
def test_goods_and_destination_decide(goods: str, hs: str, destination: str, expected: dict[str, Any]) -> None:
    assert found(hs, destination) == expected, goods


def test_a_rule_holds_in_its_days_only() -> None:
    services.load()

    assert found("170290", "CN", date(2026, 12, 31))["honey-seal"] == ("on_request", "HON-902")
    assert "honey-seal" not in found("170290", "CN", date(2027, 1, 1))


def test_the_strongest_rule_of_a_service_counts_for_the_lines_it_names() -> None:
    services.load()
    lines = [{"hs": "040900", "line": 3}, {"hs": "170290", "line": 7}, {"hs": "730429", "line": 9}]

    [honey] = [one for one in queries.requirements(lines=lines, destination="DE", on=DAY)
               if one.regulation.service == "honey-seal"]  # fmt: skip

    assert (honey.level, honey.rule, honey.lines) == ("required", "HON-901", (3,))
    assert not honey.assumption


def test_strongest_come_first_and_each_names_its_basis() -> None:
    needed = queries.requirements(lines=[{"hs": "080222"}], destination="DE", on=DAY)

    assert [one.level for one in needed] == ["required", "required", "conditional"]
    assert all(one.legal_basis["az"] and one.reason["en"] and one.assumption for one in needed)
    assert needed[2].condition["en"]


def test_a_country_can_be_left_out_of_a_rule() -> None:
    services.load()

    assert "honey-seal" not in found("170290", "KZ")


def test_finding_costs_two_statements() -> None:
    with CaptureQueriesContext(connection) as captured:
        found("080222", "DE")

    assert len(captured) == 2


# ------------------------------------------------------------------------------------------------ the page


def test_the_page_is_for_everybody_and_can_be_linked_to(client: Client) -> None:
    client.cookies["language"] = "en"
    page = client.get("/finder/", {"hs": "080222", "destination": "DE"})

    text = page.content.decode()
    assert page.status_code == 200
    for part in ("Phytosanitary certificate", "Quality certificate", "Certificate of origin", "EXP-101", "Assumption",
                 "Required", "Conditional", "3 working days", "20.00"):  # fmt: skip
        assert part in text


def test_the_page_speaks_azerbaijani_by_itself(client: Client) -> None:
    text = client.get("/finder/", {"hs": "080222", "destination": "DE"}).content.decode()

    assert "Fitosanitar sertifikat" in text
    assert "Tələb olunur" in text


def test_a_link_with_the_good_alone_asks_where_it_goes(client: Client) -> None:
    response = client.get("/finder/?hs=080222")
    assert response.status_code == 200
    assert 'value="080222"' in response.content.decode()
    assert client.get("/finder/?hs=080222", headers={"accept": "application/json"}).status_code == 422


def test_the_empty_page_asks(client: Client) -> None:
    assert client.get("/finder/").status_code == 200


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"hs": "999999", "destination": "DE"}, 422),
        ({"hs": "0802", "destination": "DE"}, 422),
        ({"hs": "nuts", "destination": "DE"}, 422),
        ({"hs": "080222", "destination": "XX"}, 422),
        ({"destination": "DE"}, 422),
    ],
)
def test_what_cannot_be_found_is_said_on_the_page_and_as_a_problem(
    client: Client, query: dict[str, str], code: int
) -> None:
    assert client.get("/finder/", query).status_code == code

    problem = client.get("/finder/", query, headers={"Accept": "application/json"})
    assert problem.status_code == code
    assert problem["Content-Type"] == "application/problem+json"
    assert problem.json()["violations"]


def test_the_same_as_data(client: Client) -> None:
    answer = client.get("/finder/", {"hs": "0802.22", "destination": "DE"}, headers={"Accept": "application/json"})

    data = answer.json()
    assert (data["hs"], data["destination"]) == ("080222", "DE")
    assert [(one["service"], one["level"], one["rule"]) for one in data["requirements"]] == [
        (PHYTO, "required", "EXP-101"), (QUALITY, "required", "EXP-111"), (ORIGIN, "conditional", "EXP-121"),
    ]  # fmt: skip
    assert data["requirements"][1]["fee"] == {"amount": "20.00", "currency": "AZN"}
    assert data["requirements"][1]["term_working_days"] == 3
    assert data["requirements"][0]["assumption"] is True


def test_goods_that_need_nothing_are_told_so(client: Client) -> None:
    services.load_all(services.honey(id="certificate-of-origin", version=2, requirements=[]))

    client.cookies["language"] = "en"
    page = client.get("/finder/", {"hs": "730429", "destination": "DE"})

    assert "No permit found" in page.content.decode()
