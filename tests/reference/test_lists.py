"""The code lists and the search in the nomenclature."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.utils.translation import override

from azexport.kernel.errors import Missing
from azexport.reference import actions, queries
from azexport.reference.models import Commodity, Country, ExchangeRate

pytestmark = pytest.mark.django_db


def codes(text: str, limit: int = 20) -> list[str]:
    return [row.code for row in queries.search_commodities(text, limit)]


def test_the_whole_nomenclature_is_there() -> None:
    assert Commodity.objects.extra(where=["length(code) = 6"]).count() > 5_600
    assert Commodity.objects.filter(code="08").exists()
    assert Commodity.objects.filter(code="0802").exists()


def test_loading_again_writes_nothing() -> None:
    assert set(actions.load().values()) == {0}


def test_loading_mends_what_differs_and_nothing_else() -> None:
    Country.objects.filter(code="DE").update(name={"az": "?", "en": "?"})
    assert actions.load()["countries"] == 1
    assert Country.objects.get(code="DE").name == {"az": "Almaniya", "en": "Germany"}


def test_every_code_with_an_azerbaijani_name_of_ours_exists() -> None:
    ours = dict(actions._lines("commodities_az.tsv"))
    assert set(ours) - set(Commodity.objects.values_list("code", flat=True)) == set()
    assert Commodity.objects.exclude(name_az_source="").count() == len(ours)


def test_all_headings_of_chapter_08_have_azerbaijani_names() -> None:
    headings = Commodity.objects.filter(parent="08")
    assert [row.code for row in headings if "az" not in row.name] == []


def test_an_azerbaijani_name_is_marked_as_ours_and_the_rest_shows_in_english() -> None:
    assert Commodity.objects.get(code="080222").name_az_source == "ours"
    other = Commodity.objects.get(code="843149")
    assert other.name_az_source == ""
    with override("az"):
        assert other.label.startswith("8431.49 ")


@pytest.mark.parametrize(
    "text", ["fındıq", "findiq", "FINDIQ", "Fındıq", "hazelnut", "Hazelnuts", "shelled hazelnut", "0802.22", "080222"]
)
def test_hazelnuts_are_found_by_name_in_both_languages_and_by_code(text: str) -> None:
    assert "080222" in codes(text)


@pytest.mark.parametrize(
    ("typed", "found"),
    [("hazelnutz", "080222"), ("watermellons", "080711"), ("findig", "080222"), ("zeferan", "091020")],
)
def test_a_typing_mistake_still_finds(typed: str, found: str) -> None:
    assert found in codes(typed)


def test_digits_find_by_prefix_in_the_order_of_the_codes() -> None:
    assert codes("0802") == sorted(codes("0802"))
    assert all(code.startswith("0802") for code in codes("08.02"))


def test_ten_digits_find_the_subheading_they_begin_with() -> None:
    assert codes("0802221000") == ["080222"]


@pytest.mark.parametrize("text", ["", " ", "!!!", "ФЫВА", "'; drop table", "a & b | !c", "\\", "zzzzqqqq"])
def test_a_strange_question_is_answered_and_not_an_error(text: str) -> None:
    assert isinstance(codes(text), list)


def test_every_word_must_match() -> None:
    both = set(codes("fındıq qabıqlı"))
    assert "080221" in both
    assert "080222" not in both


def test_a_search_takes_less_than_twenty_milliseconds() -> None:
    codes("findiq")
    taken = []
    for text in ("findiq", "hazelnutz", "0802", "petroleum oils", "machinery parts for"):
        begun = time.perf_counter()
        codes(text)
        taken.append(time.perf_counter() - begun)
    assert sorted(taken)[len(taken) // 2] < 0.02


@pytest.mark.parametrize("code", ["080222", "0802221", "0802221000", "0802.22", "0802", "08"])
def test_a_code_of_six_to_ten_digits_is_validated_by_its_first_six(code: str) -> None:
    assert queries.commodity(code).code == code.replace(".", "")[:6]


@pytest.mark.parametrize("code", ["", "080", "08022", "999999", "08022210001", "abcdef", "٠٨٠٢٢٢"])
def test_what_is_not_a_code_of_the_nomenclature_is_missing(code: str) -> None:
    with pytest.raises(Missing):
        queries.commodity(code)


def test_the_endpoint_answers_everybody_with_a_validator(client: Client) -> None:
    answer = client.get(
        "/reference/commodities?q=findiq", headers={"accept": "application/json", "accept-language": "az"}
    )
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert {"value": "080222", "label": "0802.22 Fındıq, qabığı təmizlənmiş"} in results
    assert answer["Cache-Control"] == "public, max-age=3600"
    again = client.get(
        "/reference/commodities?q=findiq", headers={"if-none-match": answer["ETag"], "accept-language": "az"}
    )
    assert again.status_code == 304
    assert again.content == b""


def test_the_endpoint_speaks_the_page_s_language(client: Client) -> None:
    client.cookies["language"] = "en"
    results = client.get("/reference/commodities?q=080222").json()["results"]
    assert results[0]["label"].startswith("0802.22 Nuts, edible; hazelnuts")


def test_countries_stand_in_the_order_of_the_page_s_language() -> None:
    with override("az"):
        names = [row.name["az"] for row in queries.countries()]
    assert names.index("Çexiya") < names.index("Danimarka")
    assert names.index("Əfqanıstan") < names.index("Finlandiya")
    with override("en"):
        assert queries.choices(queries.countries())[0] == ("AF", "Afghanistan")


def test_membership_of_the_european_union_is_dated() -> None:
    assert queries.in_group("DE", "EU", date(2026, 10, 5))
    assert queries.in_group("GB", "EU", date(2020, 1, 31))
    assert not queries.in_group("GB", "EU", date(2020, 2, 1))
    assert not queries.in_group("HR", "EU", date(2013, 6, 30))
    assert queries.groups_of("DE", date(2026, 10, 5)) == {"EU"}
    assert queries.groups_of("TR", date(2026, 10, 5)) == set()


def test_a_rate_holds_until_the_next_one() -> None:
    ExchangeRate.objects.create(currency_id="EUR", on=date(2026, 10, 5), rate=Decimal("2.01"), source="test")
    assert queries.rate("EUR", date(2026, 10, 4)).source == "sample"
    assert queries.rate("EUR", date(2026, 10, 6)).rate == Decimal("2.01")
    assert queries.rate("AZN", date(2026, 10, 6)).rate == 1


def test_a_day_before_the_first_rate_has_none() -> None:
    with pytest.raises(Missing):
        queries.rate("EUR", date(1999, 1, 1))


@pytest.mark.parametrize(
    "look_up", [queries.country, queries.currency, queries.unit, queries.package_kind, queries.incoterm]
)
def test_an_unknown_code_is_missing(look_up: object) -> None:
    with pytest.raises(Missing):
        look_up("??")  # type: ignore[operator]


def test_incoterms_stand_in_the_order_of_the_icc() -> None:
    with override("en"):
        assert queries.choices(queries.incoterms(), codes=True)[:2] == [
            ("EXW", "EXW – Ex Works"),
            ("FCA", "FCA – Free Carrier"),
        ]


def test_a_manat_has_two_places_and_a_yen_none() -> None:
    assert queries.currency("AZN").digits == 2
    assert queries.currency("JPY").digits == 0
