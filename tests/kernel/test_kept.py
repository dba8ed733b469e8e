"""What may be kept by browsers and by caches on the way (S4.3, S7.1): the same bytes for all who are not signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
from django.utils import timezone

from azexport.kernel import http
from azexport.kernel.http import etag, kept
from tests.factories.parties import make_citizen, sign_in
from tests.factories.registry import registered
from tests.factories.services import CALCULATOR, honey, informational, load_all

pytestmark = pytest.mark.django_db

PAGES = [
    "/", "/verify/", "/accessibility/", "/privacy/", "/contact/", "/finder/", "/made-in-azerbaijan/", "/registers/",
    "/services/", "/services/?q=viza", "/services/?q=qqqq", "/services/bodies/", "/services/pending/",
    "/services/ES-000001/", "/services/ES-000001/history/", "/regulations/", "/regulations/honey-seal/",
    "/regulations/honey-seal/1/", "/calculators/honey-sum/", "/calculators/honey-sum/?jars=2&heated=false",
    "/information/honey-facts/",
]  # fmt: skip
WORDED = ["/regulations/honey-seal/schema.json", "/regulations/honey-seal/diagram.svg", "/reference/commodities?q=08"]
FOR_EVERYBODY = [
    "/services/services.json", "/services/services.csv", "/api/services", "/api/services?q=viza",
    "/api/services/ES-000001", "/api/providers", "/api/activities", "/api/openapi.json",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _services() -> None:
    pages = {"az": "Bal haqqında.", "en": "About honey."}
    facts = informational(provision__questions=[], provision__pages=pages) | {"id": "honey-facts"}
    load_all(honey(), informational(**CALCULATOR), facts)


def in_language(language: str, **cookies: str) -> Client:
    client = Client()
    for name, value in {"language": language, **cookies}.items():
        client.cookies[name] = value
    return client


def get(client: Client, page: str, **headers: str) -> Any:
    answer = client.get(page, headers=headers)
    assert answer.status_code == 200, page
    return answer


def varies(answer: Any) -> set[str]:
    return {one.strip() for one in answer.get("Vary", "").split(",")} - {""}


def test_two_visitors_get_the_same_bytes_and_no_cookie() -> None:
    """S4.3: open, without identification; nothing in the page is one visitor's own."""
    for page in [*PAGES, *WORDED]:
        first, second = Client(), in_language("az", csrftoken="x" * 32)
        one, other = get(first, page), get(second, page, **{"accept-language": "en"})
        assert one.content == other.content, page
        assert one["ETag"] == other["ETag"]
        for answer in (one, other):
            assert not answer.cookies, page
            assert answer["Cache-Control"].startswith("public, max-age="), page
            assert varies(answer) - {"Accept"} == {"Cookie"}, "it names the language and who is signed in"
        again = second.get(page, headers={"if-none-match": one["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        for header in ("Cache-Control", "ETag", "Vary"):
            assert again[header] == one[header], (page, header)


def test_neither_language_is_served_from_the_other_s() -> None:
    for page in [*PAGES, *WORDED]:
        azerbaijani, english = in_language("az"), in_language("en")
        kept_page = get(english, page)
        assert kept_page["Content-Language"] == "en"
        answer = get(azerbaijani, page, **{"if-none-match": kept_page["ETag"]})
        assert answer["Content-Language"] == "az"
        if page != "/reference/commodities?q=08":
            assert answer.content != kept_page.content, page


def test_who_is_signed_in_gets_a_page_of_their_own_that_nobody_keeps() -> None:
    client = sign_in(Client(), make_citizen())
    for page in PAGES:
        seen = get(Client(), page)["ETag"]
        answer = get(client, page, **{"if-none-match": seen})
        assert answer["Cache-Control"] == "private, no-store"
        assert "ETag" not in answer, page
        assert varies(answer) >= {"Cookie"}


@pytest.mark.parametrize("address", FOR_EVERYBODY)
def test_open_data_are_one_answer_for_everybody_whoever_asks(address: str) -> None:
    """S11.5.2: a cache on the way needs to keep it once."""
    answers = [get(one, address) for one in (Client(), in_language("en"), sign_in(Client(), make_citizen()))]
    tags = {one["ETag"] for one in answers}
    assert len(tags) == 1
    for answer in answers:
        assert answer["Cache-Control"].startswith("public, max-age=")
        assert not varies(answer)
        assert not answer.cookies
        assert answer["Content-Language"] == "az, en"
    again = Client().get(address, headers={"if-none-match": tags.pop()})
    assert (again.status_code, varies(again)) == (304, set())
    if address.startswith("/api/"):
        assert again["Access-Control-Allow-Origin"] == "*"


def test_a_page_for_people_is_not_given_to_programs_nor_the_other_way_round() -> None:
    address = "/calculators/honey-sum/?jars=2&heated=false"
    page = get(Client(), address, accept="text/html")
    data = get(Client(), address, accept="application/json", **{"if-none-match": page["ETag"]})
    assert data["Content-Type"] == "application/json"
    assert varies(page) == varies(data) == {"Accept", "Cookie"}


@pytest.mark.parametrize("address", ["/calculators/honey-sum/?jars=2&heated=false", "/finder/"])
def test_nobody_can_have_an_answer_for_programs_kept_as_the_page_for_people(address: str) -> None:
    """Caches look at Accept only: what else a visitor sends must not change what they keep."""
    page = get(Client(), address, accept="text/html")
    answer = get(Client(), address, accept="text/html", **{"content-type": "application/json"})
    assert answer["Content-Type"] == page["Content-Type"]
    assert answer.content == page.content


@pytest.mark.parametrize("page", ["/", "/services/", "/regulations/honey-seal/"])
def test_a_condition_that_does_not_hold_is_answered_to_who_made_it_only(page: str) -> None:
    """One visitor's 412 in a cache on the way would shut the page for everybody."""
    answer = Client().get(page, headers={"if-match": '"x"'})
    assert answer.status_code == 412
    assert "public" not in answer.get("Cache-Control", "")


@pytest.mark.parametrize("address", ["/calculators/honey-sum/?jars=many", "/services/ES-999999/", "/verify/?code=x"])
def test_a_refusal_is_not_kept(address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code in (404, 422)
    assert "public" not in answer.get("Cache-Control", "")


def test_what_changes_is_asked_for_again() -> None:
    seen = get(Client(), "/services/")["ETag"]
    registered(now=timezone.now())
    assert Client().get("/services/", headers={"if-none-match": seen}).status_code == 200


def test_a_visitor_with_a_message_gets_it_and_nobody_else_does() -> None:
    assert "ETag" not in in_language("az", messages="x").get("/services/")


def test_a_session_that_has_ended_is_taken_back_and_that_answer_is_kept_by_nobody() -> None:
    answer = get(in_language("az", session="of-nobody"), "/services/")
    assert answer.cookies["session"].value == ""
    assert answer["Cache-Control"] == "private, no-store"


# ---------------------------------------------------------------- how


def ask(view: Any, address: str = "/") -> HttpResponse:
    request = RequestFactory().get(address)
    answer = http.SecurityHeaders(lambda given: view(given))(request)
    assert isinstance(answer, HttpResponse)
    return answer


def test_no_answer_outlives_its_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """A term ends and a regulation begins at midnight in Baku."""
    at = datetime(2026, 10, 5, 23, 59, 40, tzinfo=ZoneInfo("Asia/Baku"))
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)
    view = kept(lambda request: ["x"], seconds=300)(lambda request: HttpResponse("today"))
    assert ask(view)["Cache-Control"] == "public, max-age=20"
    today = ask(view)["ETag"]
    monkeypatch.setattr("django.utils.timezone.now", lambda: at.replace(day=6))
    assert ask(view)["ETag"] != today


def test_an_answer_that_sets_a_cookie_is_kept_by_nobody() -> None:
    def with_cookie(request: HttpRequest) -> HttpResponse:
        response = HttpResponse("mine")
        response.set_cookie("csrftoken", get_token(request))
        return response

    assert ask(kept()(with_cookie))["Cache-Control"] == "private, no-store"


def test_the_validator_tells_parts_apart_whatever_is_in_them() -> None:
    assert etag("a", "b|c") != etag("a|b", "c")
    assert etag(1, None) == etag(1, None) != etag(None, 1)
