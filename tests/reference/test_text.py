"""Azerbaijani text in the database: folding for search, keys for sorting."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.django_db

ALPHABET = "abcçdeəfgğhxıijkqlmnoöprsştuüvyz"
CAPITALS = "ABCÇDEƏFGĞHXIİJKQLMNOÖPRSŞTUÜVYZ"
few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def sql(expression: str, *values: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {expression}", values)
        return str(cursor.fetchone()[0])


def fold(text: str) -> str:
    return sql("az_fold(%s)", text)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Şəki Fındığı", "seki findigi"),
        ("İSTİ BİBƏR", "isti biber"),
        ("QARĞIDALI", "qargidali"),
        ("Çay, «Lənkəran»", "cay lenkeran"),
        ("  0802.22 ", "0802 22"),
        ("", ""),
    ],
)
def test_folding_leaves_small_latin_letters_digits_and_single_spaces(written: str, folded: str) -> None:
    assert fold(written) == folded


@few
@given(st.text(alphabet=ALPHABET + CAPITALS + " -.,0123456789", max_size=40))
def test_folding_is_the_same_for_capitals_and_for_folded_text(text: str) -> None:
    capital = "".join(CAPITALS[ALPHABET.index(c)] if c in ALPHABET else c for c in text)
    assert fold(text) == fold(capital) == fold(fold(text))


@few
@given(st.text(max_size=40).filter(lambda text: "\x00" not in text))
def test_folding_gives_nothing_but_words_of_ascii(text: str) -> None:
    assert all(character in "abcdefghijklmnopqrstuvwxyz0123456789 " for character in fold(text))


def test_the_sort_key_follows_the_azerbaijani_alphabet() -> None:
    words = ["çay", "cır", "zirə", "əncir", "ev", "fındıq", "ığdır", "iydə", "xurma", "heyva", "şaftalı", "süd", "ərik"]
    expected = [
        "cır",
        "çay",
        "ev",
        "əncir",
        "ərik",
        "fındıq",
        "heyva",
        "xurma",
        "ığdır",
        "iydə",
        "süd",
        "şaftalı",
        "zirə",
    ]
    assert sorted(words, key=lambda word: sql("az_key(%s)", word)) == expected


@few
@given(st.text(alphabet=ALPHABET, min_size=1, max_size=12), st.text(alphabet=ALPHABET, min_size=1, max_size=12))
def test_the_sort_key_orders_as_the_places_of_the_letters_do(one: str, other: str) -> None:
    places = [ALPHABET.index(c) for c in one], [ALPHABET.index(c) for c in other]
    keys = sql("az_key(%s)", one), sql("az_key(%s)", other)
    assert (places[0] < places[1]) == (keys[0] < keys[1])


def test_the_sort_key_ignores_case() -> None:
    assert sql("az_key(%s)", "İNCİR") == sql("az_key(%s)", "incir")
