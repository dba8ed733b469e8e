"""Finding a service: spelling, missing letters, two languages, numbers, filters, pages by key (S11.5.2)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from azexport.services import queries
from azexport.services.actions.entries import abbreviations
from azexport.services.queries.registry import NOT_SUPPLIED, Run
from tests.factories import services as regulations
from tests.factories.registry import cancelled, registered

pytestmark = pytest.mark.django_db

TODAY = date(2026, 10, 5)
registry = queries.registry


def found(text: str = "", **given: Any) -> list[str]:
    """The listed numbers found, best first."""
    return [row.entry.list_number for row in registry.search(text, on=TODAY, **given).rows]


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("mənşə sertifikatı", "24.1"),
        ("mense sertifikati", "24.1"),
        ("MENSE SERTIFIKATI", "24.1"),
        ("MƏNŞƏ SERTİFİKATI", "24.1"),
        ("mense sertfikati", "24.1"),
        ("mənşənin sertifikati", "24.1"),
        ("certificate of origin", "24.1"),
        ("certificat of orgin", "24.1"),
        ("surucu vesiqesi", "10.8"),
        ("sürücülük vəsiqəsi", "10.8"),
        ("driving licences", "10.8"),
        ("driving license", "10.8"),
        ("elektron növbə gömrük", "7.4"),
        ("gomruk novbe", "7.4"),
        ("pensiya teyinati", "25.6"),
        ("award of a pension", "25.6"),
        ("SOCAR", "38.1"),
    ],
)
def test_a_service_is_found_however_it_is_written(text: str, best: str) -> None:
    """Without Azerbaijani letters, misspelt, in the other case, in English."""
    assert found(text)[0] == best


@pytest.mark.parametrize("text", ["24.1", " 24.1 ", "ES-000186", "es 186", "ES186"])
def test_a_number_finds_its_service_alone(text: str) -> None:
    assert found(text) == ["24.1"]


def test_a_bodys_number_finds_its_services() -> None:
    assert {"24.1", "24.2", "24.3", "24.4", "24.5"} <= set(found("24"))


@pytest.mark.parametrize("text", ["DGK", "dgk", "SCC", "Dövlət Gömrük Komitəsi", "dovlet gomruk komitesi"])
def test_a_bodys_name_and_its_abbreviation_find_its_services(text: str) -> None:
    assert {number.split(".")[0] for number in found(text)} == {"7"}


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Dövlət Gömrük Komitəsi", ["DGK"]),
        ("Mədəniyyət və Turizm Nazirliyi", ["MTN"]),
        ("Azərbaycan Respublikasının Qida Təhlükəsizliyi Agentliyi", ["ARQTA", "QTA"]),
        ("Azersu", []),
    ],
)
def test_a_bodys_name_is_shortened_as_people_do(name: str, short: list[str]) -> None:
    assert abbreviations(name) == short


def test_words_are_found_in_whole_before_their_beginnings_and_in_names_before_bodies() -> None:
    whole = registered(name_az="Xqzdefter", name_en="", content_az="", service="a")
    begun = registered(name_az="Xqzdefterxana", name_en="", content_az="", service="b", case="CS-2")
    told = registered(name_az="Başqa", name_en="", content_az="Xqzdefter barədə", service="c", case="CS-3")
    assert registry.search("xqzdəftər", on=TODAY).rows == [whole, begun, told]


def test_a_misspelt_word_is_told_as_it_was_read() -> None:
    page = registry.search("lisenzia", on=TODAY)
    assert page.rows
    assert page.read_as == {"lisenzia": "lisenziya"}
    assert registry.search("lisenziya", on=TODAY).read_as == {}


def test_where_no_service_holds_all_words_those_that_hold_some_are_shown_and_said_to_be() -> None:
    page = registry.search("xarici pasport", on=TODAY)
    assert page.some_words
    assert page.rows
    assert not registry.search("pasport", on=TODAY).some_words


@pytest.mark.parametrize("text", ["zzqqxxyy", "%", "'; DROP TABLE services_entry; --", "a" * 500, "🐝", ":* & !"])
def test_what_nothing_resembles_finds_nothing_and_breaks_nothing(text: str) -> None:
    page = registry.search(text, on=TODAY)
    assert len(page.rows) in (0, registry.PAGE) or page.some_words or page.read_as


def test_an_empty_text_is_the_whole_registry_by_number() -> None:
    assert found("")[:3] == ["1.1", "1.2", "2.1"]
    assert found(" !? ")[:3] == ["1.1", "1.2", "2.1"]
    assert found("the") != found("")  # a little word alone is looked for


# ---------------------------------------------------------------- filters


def test_each_filter_keeps_what_fits() -> None:
    office = registered(users=["natural", "state"], fee="paid", activity="s3-1-11", kind="informational", place="x")
    filters: list[dict[str, str]] = [
        {"provider": "honey-office"}, {"activity": "3.1.11"}, {"kind": "informational"}, {"fee": "paid"},
        {"users": "state"}, {"users": "natural"}, {"runs": "none"},
    ]  # fmt: skip
    for given in filters:
        assert office in registry.search("bal möhürü", on=TODAY, **given).rows, given  # type: ignore[arg-type]
    others: list[dict[str, str]] = [
        {"provider": "24"}, {"activity": "3.1.12"}, {"kind": "interactive"}, {"fee": "free"}, {"fee": NOT_SUPPLIED},
        {"users": "legal"}, {"users": NOT_SUPPLIED}, {"runs": "here"}, {"runs": "link"}, {"provider": "unknown"},
    ]  # fmt: skip
    for given in others:
        assert office not in registry.search("bal möhürü", on=TODAY, **given).rows, given  # type: ignore[arg-type]


def test_what_nobody_supplied_can_be_asked_for() -> None:
    assert set(found(provider="1", fee=NOT_SUPPLIED)) == {"1.1", "1.2"}
    assert set(found(provider="1", users=NOT_SUPPLIED)) == {"1.1", "1.2"}


def test_every_field_of_activity_filter_adds_up_to_the_registry() -> None:
    numbers = registry.statistics(on=TODAY)
    assert sum(numbers.activities.values()) == sum(numbers.providers.values()) == numbers.all == 285
    assert sum(numbers.kinds.values()) == 285


# ---------------------------------------------------------------- where a service runs


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("https://honey.example/seal", Run("link", "https://honey.example/seal")),
        ("Ünvan: https://honey.example/a, otaq 1", Run("link", "https://honey.example/a")),
        ("Bakı, Bal küçəsi 1", Run("none")),
        ("javascript:alert(1)", Run("none")),
        ("", Run("none")),
    ],
)
def test_a_service_without_a_regulation_here_is_where_its_body_says(place: str, expected: Run) -> None:
    version = registered(place=place)
    assert registry.run_of(version, registry.running(TODAY)) == expected
    for runs in ("here", "link", "none"):
        rows = registry.search("bal möhürü", on=TODAY, runs=runs).rows
        assert (version in rows) == (runs == expected.place)


def test_a_service_whose_regulation_is_in_force_runs_here() -> None:
    """S11.5.3: by a form."""
    regulations.load()
    version = registered()
    assert registry.run_of(version, registry.running(TODAY)) == Run("apply", "/apply/honey-seal/")
    assert registry.search("bal möhürü", on=TODAY, runs="here").rows == [version]
    before = date(2025, 12, 31)
    assert registry.run_of(version, registry.running(before)).how == "link"


def test_a_cancelled_service_runs_nowhere() -> None:
    regulations.load()
    version = cancelled(registered())
    assert registry.run_of(version, registry.running(TODAY)) == Run("none")
    assert version in registry.search("bal möhürü", on=TODAY, runs="none").rows


# ---------------------------------------------------------------- pages


@pytest.mark.parametrize("text", ["", "sosial", "muraciet"])
def test_every_page_forwards_and_backwards_holds_the_next_rows_and_none_twice(text: str) -> None:
    whole = [row.number for row in registry.search(text, on=TODAY, size=400).rows]
    forwards: list[list[str]] = []
    after = ""
    while True:
        page = registry.search(text, on=TODAY, size=7, after=after)
        forwards.append([row.number for row in page.rows])
        assert (page.previous is None) == (after == "")
        if page.next is None:
            break
        after = page.next
    assert [number for rows in forwards for number in rows] == whole
    backwards = [forwards[-1]]
    before = forwards[-1][0]
    while before:
        page = registry.search(text, on=TODAY, size=7, before=before)
        backwards.insert(0, [row.number for row in page.rows])
        assert page.next == backwards[0][-1]
        before = page.previous or ""
    assert [number for rows in backwards for number in rows] == whole


def test_a_key_that_is_not_there_leads_to_an_empty_page() -> None:
    assert registry.search("", on=TODAY, after="ES-999999").rows == []
