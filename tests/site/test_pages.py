"""The pages for everybody, through the doors that browsers use."""

from __future__ import annotations

import hashlib
import html
import re
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from azexport.documents import actions
from azexport.documents.models import Document
from azexport.documents.states import DocumentStatus
from azexport.kernel.actor import SYSTEM
from azexport.kernel.text import both

pytestmark = pytest.mark.django_db

CONTENT = b"%PDF-1.7 the contract"
PUBLIC_PAGES = ["/", "/verify/", "/accessibility/", "/privacy/", "/contact/"]
SIGNATURE = {
    "field": "Seller",
    "verdict": "accepted",
    "signer": {"common_name": "Leyla Məmmədova", "organisation": "Şəki Fındıq MMC", "issuer": "E-imza CA"},
    "signed_at": "2026-10-05T06:00:00+00:00",
    "level": "B-LTA",
    "details": "",
}


def in_language(client: Client, language: str) -> Client:
    client.cookies["language"] = language
    return client


def make_document(now: datetime, **given: Any) -> Document:
    values: dict[str, Any] = {
        "kind": "contract",
        "title": both("Alqı-satqı müqaviləsi", "Contract of sale"),
        "content": CONTENT,
        "facts": [{"label": both("Satıcı", "Seller"), "value": "Şəki Fındıq MMC"}],
        "signatures": [SIGNATURE],
    } | given
    return actions.store(by=SYSTEM, now=now, **values)


@pytest.mark.parametrize("language", ["az", "en"])
@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_every_page_opens_in_both_languages(client: Client, address: str, language: str) -> None:
    answer = in_language(client, language).get(address)

    assert answer.status_code == 200
    page = answer.content.decode()
    assert f'<html lang="{language}"' in page
    assert len(re.findall(r"<h1[ >]", page)) == 1


@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_no_page_has_inline_script_or_style(client: Client, address: str) -> None:
    page = client.get(address).content.decode()

    assert not re.search(r"<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=|hx-on", page)


def test_the_two_languages_say_different_things(client: Client) -> None:
    assert "Azərbaycandan ixrac" in in_language(client, "az").get("/").content.decode()
    assert "Export from Azerbaijan" in in_language(client, "en").get("/").content.decode()


def test_switching_the_language_comes_back_to_the_same_page(client: Client) -> None:
    switch = re.search(
        r'<a class="az-languages__item" href="([^"]+)"', client.get("/finder/?hs=08&a=%C9%99").content.decode()
    )
    assert switch is not None

    answer = client.get(html.unescape(switch[1]))

    assert answer.status_code == 302
    assert answer["Location"] == "/finder/?hs=08&a=%C9%99"
    assert answer["Cache-Control"] == "private, no-store"
    assert '<html lang="en"' in client.get("/verify/").content.decode()


@pytest.mark.parametrize(
    "elsewhere", ["https://example.com/", "//example.com", "/\\example.com", "javascript:alert(1)", ""]
)
def test_the_language_switch_leads_nowhere_else(client: Client, elsewhere: str) -> None:
    assert client.get("/language/en/", {"next": elsewhere})["Location"] == "/"


def test_only_a_language_of_the_portal_is_switched_to(client: Client) -> None:
    answer = client.get("/language/fr/?next=/verify/")

    assert (answer.status_code, dict(answer.cookies)) == (404, {})


def test_a_language_that_nobody_speaks_here_is_read_as_azerbaijani(client: Client) -> None:
    page = in_language(client, "fr").get("/", headers={"accept-language": "en"})

    assert '<html lang="az"' in page.content.decode()
    assert page["Content-Language"] == "az"


@pytest.mark.parametrize(("language", "words"), [("az", "Səhifə tapılmadı"), ("en", "Page not found")])
def test_a_page_that_is_not_there_says_how_to_go_on(client: Client, language: str, words: str) -> None:
    answer = in_language(client, language).get("/there-is-nothing-here/")

    assert answer.status_code == 404
    assert words in answer.content.decode()
    assert "/sign-in/" in answer.content.decode()


def test_a_code_as_people_type_it_leads_to_its_document(client: Client, now: datetime) -> None:
    document = make_document(now)

    answer = client.get("/verify/", {"code": f" {document.shown_code.lower()} "})

    assert answer.status_code == 302
    assert answer["Location"] == f"/verify/{document.code}/"


def test_an_unknown_code_is_said_to_be_unknown_beside_its_field(client: Client) -> None:
    answer = in_language(client, "en").get("/verify/", {"code": "0000-0000-0000"})

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "<title>Error:" in page
    assert 'href="#id_code"' in page
    assert page.count("No document has this code") == 2


def test_no_code_at_all_is_asked_for(client: Client) -> None:
    with override("az"):
        answer = in_language(client, "az").get("/verify/", {"code": ""})

    assert answer.status_code == 422
    assert "Yoxlama kodunu daxil edin" in answer.content.decode()


def test_an_address_with_an_unknown_code_is_not_found_and_offers_the_form(client: Client) -> None:
    answer = in_language(client, "en").get("/verify/0000-0000-0000/")

    assert answer.status_code == 404
    assert "No document has this code" in answer.content.decode()


def test_an_address_with_dashes_leads_to_the_one_without(client: Client, now: datetime) -> None:
    document = make_document(now)

    assert client.get(f"/verify/{document.shown_code}/")["Location"] == f"/verify/{document.code}/"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("az", ["Alqı-satqı müqaviləsi", "həqiqidir və qüvvədədir", "Satıcı", "5 oktyabr 2026"]),
        ("en", ["Contract of sale", "genuine and in force", "Seller", "5 October 2026"]),
    ],
)
def test_anybody_sees_what_a_document_is_and_who_signed_it(
    client: Client, now: datetime, language: str, words: list[str]
) -> None:
    document = make_document(now)

    page = in_language(client, language).get(f"/verify/{document.code}/").content.decode()

    for word in [*words, document.shown_code, hashlib.sha256(CONTENT).hexdigest(), "Leyla Məmmədova", "B-LTA"]:
        assert word in page


def test_the_content_itself_is_not_shown(client: Client, now: datetime) -> None:
    document = make_document(now)

    assert f"/documents/{document.reference}" not in client.get(f"/verify/{document.code}/").content.decode()


def test_a_rejected_document_is_said_not_to_be_in_force(client: Client, now: datetime) -> None:
    document = make_document(now, status=DocumentStatus.REJECTED, signatures=[SIGNATURE | {"verdict": "revoked"}])

    page = in_language(client, "en").get(f"/verify/{document.code}/").content.decode()

    assert "This document is not in force" in page
    assert "The certificate is revoked" in page
    assert "genuine and in force" not in page


def test_the_code_of_a_replaced_document_shows_the_newest_and_lists_both(client: Client, now: datetime) -> None:
    first = make_document(now, signatures=[])
    second = make_document(now, code=first.code, previous=first, content=CONTENT + b" signed")

    page = in_language(client, "en").get(f"/verify/{first.code}/").content.decode()

    assert second.sha256 in page
    assert first.sha256 not in page
    assert "Replaced by a newer version" in page


def test_a_signature_that_nobody_can_read_is_shown_as_not_accepted(client: Client, now: datetime) -> None:
    report = SIGNATURE | {"verdict": "malformed", "signer": None, "signed_at": None, "level": ""}
    document = make_document(now, signatures=[report])

    page = in_language(client, "en").get(f"/verify/{document.code}/").content.decode()

    assert "Unknown signer" in page
    assert "Not accepted" in page
    assert "Do not rely on it" in page
    assert "genuine and in force" not in page


def test_a_document_without_a_signature_is_not_called_signed(client: Client, now: datetime) -> None:
    document = make_document(now, signatures=[])

    page = in_language(client, "en").get(f"/verify/{document.code}/").content.decode()

    assert "is not signed" in page
    assert "genuine and in force" not in page


def test_health_says_ok_to_programs(client: Client) -> None:
    answer = client.get("/health/")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok"}


def test_search_engines_read_the_registry_and_no_verified_document(client: Client) -> None:
    rules = client.get("/robots.txt").content.decode()

    assert "Allow: /verify/$" in rules
    assert "Allow: /services/\n" in rules
    assert "Disallow: /" in rules


def test_browsers_that_ask_for_an_icon_by_its_old_name_get_ours(client: Client) -> None:
    assert client.get("/favicon.ico")["Location"].endswith("images/favicon.svg")
