"""The registry's public pages (S7.1.1, S10.5, S11.5.2-3): what they show, how they are kept, what they cost."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from azexport.calendar import actions as calendar
from azexport.services.actions import registry as actions
from tests.factories import services as regulations
from tests.factories.parties import NOW, make_citizen, sign_in
from tests.factories.registry import FORM, OPERATOR, amended, body, cancelled, form, registered
from tests.factories.services import words

pytestmark = pytest.mark.django_db

PAGES = (
    "/services/",
    "/services/bodies/",
    "/services/pending/",
    "/services/ES-000001/",
    "/services/ES-000001/history/",
)


@pytest.fixture
def english(client: Client) -> Client:
    client.cookies["language"] = "en"
    return client


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["az", "en"])
def test_every_page_is_for_everybody_in_both_languages(client: Client, page: str, language: str) -> None:
    """S4.3: free to read, without identification."""
    client.cookies["language"] = language
    assert f'lang="{language}"' in text_of(client, page)
    sign_in(client, make_citizen())
    answer = client.get(page)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"


# ---------------------------------------------------------------- finding


def test_the_catalogue_finds_by_words_and_filters_and_leads_to_the_page(english: Client) -> None:
    page = text_of(english, "/services/?q=certificat+of+orgin&provider=24&kind=interactive")
    assert 'href="/services/ES-000186/"' in page
    assert "Ministry of Economic Development" in page
    assert "orgin → origin" in page
    assert '<option value="24" selected>' in page


def test_what_a_search_is_narrowed_to_is_said_and_each_filter_is_taken_off_by_itself(english: Client) -> None:
    page = text_of(english, "/services/?q=certificate&provider=24&kind=interactive")
    assert "Body: Ministry of Economic Development" in page
    assert 'href="?q=certificate&amp;kind=interactive"' in page
    assert 'href="?q=certificate&amp;provider=24"' in page
    assert "Narrowed to" not in text_of(english, "/services/?q=certificate")
    assert "Kind: magic" in text_of(english, "/services/?kind=magic")


def test_a_page_of_the_catalogue_leads_to_the_next_with_the_same_filters(english: Client) -> None:
    answer = english.get("/services/?kind=interactive")
    assert answer.context["later"] == "?kind=interactive&after=" + answer.context["found"][-1]["entry"].number
    assert answer.context["earlier"] is None
    after = english.get(f"/services/{answer.context['later']}")
    assert after.context["earlier"] == "?kind=interactive&before=" + after.context["found"][0]["entry"].number


def test_nothing_found_says_so_and_unknown_filters_find_nothing(english: Client) -> None:
    for query in ("q=zzqqxx", "provider=nobody", "activity=9.9", "kind=magic", "runs=here&fee=x"):
        assert "No service was found" in text_of(english, f"/services/?{query}")


def test_nothing_found_shows_where_to_go_on(english: Client) -> None:
    """S11.5.2: without the filters, to the nearest bodies and fields, to all of them, or by asking."""
    page = text_of(english, "/services/?q=customs+commitee&kind=informational&fee=paid")
    assert 'href="?q=customs+commitee"' in page
    assert 'href="?provider=7">State Customs Committee' in page
    page = text_of(english, "/services/?q=healthh&users=state")
    assert "Services of the field:" in page
    for told in ('href="/services/bodies/"', 'href="/letters/new/"'):
        assert told in text_of(english, "/services/?q=zzqqxx")


@pytest.mark.parametrize(("words", "code"), [("fındıq", "0802"), ("findiq", "0802"), ("natural honey", "0409")])
def test_who_names_goods_is_led_to_the_permits_that_their_export_needs(english: Client, words: str, code: str) -> None:
    """P8.1.2(1): most who come to this portal look for what their goods need."""
    text = text_of(english, f"/services/?q={words}")
    assert "See which permits their export needs" in text
    assert f'href="/finder/?hs={code}' in text


@pytest.mark.parametrize("words", ["", "24.1", "sertifikat", "findlq", "hony seel", "fındıq ixracı"])
def test_other_words_are_not_taken_for_goods(english: Client, words: str) -> None:
    assert "See which permits" not in text_of(english, f"/services/?q={words}")


def test_words_that_no_service_holds_together_are_answered_with_the_nearest(english: Client) -> None:
    assert "These hold some of them" in text_of(english, "/services/?q=xarici+pasport")


@pytest.mark.parametrize(
    "query", ["q=%27%22%3Cscript%3E", "after=%00", "q=" + "a" * 3000, "after=x&before=y", "runs[]=1"]
)
def test_no_address_breaks_the_catalogue(english: Client, query: str) -> None:
    answer = english.get(f"/services/?{query}")
    assert answer.status_code in (200, 404)
    assert b"<script>" not in answer.content


# ---------------------------------------------------------------- one service


def test_a_service_of_the_list_shows_its_name_and_says_that_the_rest_is_not_yet_supplied(english: Client) -> None:
    page = text_of(english, "/services/ES-000001/")
    assert "Application for intercountry adoption" in page
    assert "Ölkələrarası övladlığa götürmə ilə bağlı e-müraciət" in page
    assert "1.1 in the list of decision 191" in page
    assert page.count("Assigned by this portal") == 4  # number, English name, kind, field
    assert page.count("Not yet supplied") == 7
    assert "not yet online" in page
    assert "/apply/" not in page


def test_a_service_that_runs_here_shows_everything_its_regulation_wants_published(english: Client) -> None:
    """S7.1.1: exact list of documents, forms; 1.7 term, 2.2 fee, 3.3 grounds, 3.4 steps, 3.6 complaint of S-A1."""
    known = [{"name": words("Bee register"), "identified_by": words("Hive number")}]
    regulations.load(provision__known_documents=known)
    version = registered()
    page = text_of(english, f"/services/{version.number}/")
    for told in (
        'href="/apply/honey-seal/"', "Start", "Honey seal", "30 days", "Photo of the hives", "no other document may be",
        "Bee register", "Hive number", "How many hives?", "Law on Honey, 10", "7.50", "Law on Honey, 9",
        "4 working days", "Tasting", "at most 2 working days", "There are no bees.", "You may complain.", "A month.",
        'href="/regulations/honey-seal/"', 'href="/regulations/honey-seal/regulation.pdf"',
        'href="/regulations/honey-seal/schema.json"', FORM["other_performers"],
    ):  # fmt: skip
        assert told in page, told
    assert "Assigned by this portal" not in page


def test_a_service_elsewhere_leads_there_and_none_without_an_address_leads_anywhere(english: Client) -> None:
    """S11.1, S11.5.3: by a link to the source."""
    linked = registered()
    assert 'href="https://honey.example/seal"' in text_of(english, f"/services/{linked.number}/")
    evil = registered(service="b", place="javascript:alert(1)", case="CS-2")
    assert 'href="javascript' not in text_of(english, f"/services/{evil.number}/")


def test_what_a_body_writes_is_shown_as_text(english: Client) -> None:
    version = registered(name_en="<script>alert(1)</script>", content_en="<b>", place='https://x.example/"onclick=')
    for page in (f"/services/{version.number}/", f"/services/{version.number}/history/", "/services/?q=bal"):
        shown = text_of(english, page)
        assert "<script>alert" not in shown
        assert '"onclick=' not in shown


def test_an_address_in_small_letters_leads_to_the_permanent_one(english: Client) -> None:
    answer = english.get("/services/es-000001/")
    assert (answer.status_code, answer["Location"]) == (301, "/services/ES-000001/")
    assert english.get("/services/ES-999999/").status_code == 404
    assert english.get("/services/ES-999999/history/").status_code == 404


def test_a_cancelled_service_stays_readable_and_cannot_be_started(english: Client) -> None:
    regulations.load()
    version = cancelled(registered())
    page = text_of(english, f"/services/{version.number}/")
    assert "was cancelled on 5 October 2026" in page
    assert "/apply/" not in page
    assert "Cancelled" in text_of(english, "/services/?q=honey+seal")


def test_what_is_to_come_is_told_beforehand(english: Client) -> None:
    now = timezone.now()
    day = (now + timedelta(days=40)).date().isoformat()
    first, second = registered(now=now), registered(service="b", case="CS-B", now=now)
    amended(first, fee="free", effective_on=day, now=now)
    cancelled(second, effective_on=day, now=now)
    page = text_of(english, f"/services/{first.number}/")
    assert "This entry is amended from" in page
    assert "Paid" in page
    page = text_of(english, f"/services/{second.number}/")
    assert "is cancelled from" in page
    assert "was cancelled on" not in page
    assert "to come" in text_of(english, f"/services/{first.number}/history/")


def test_the_history_shows_every_version_with_what_changed_by_whom_and_why(english: Client) -> None:
    """S10.5.1"""
    version = cancelled(amended(registered(), fee="free", fee_text=""))
    page = text_of(english, f"/services/{version.number}/history/")
    for told in ("Version 1", "Version 2", "Version 3", "CS-1", "CS-2", "CS-3", OPERATOR.actor_name, "Paid",
                 "Free of charge", "7,50 AZN", "Cancelled", "replaced on 5 October 2026"):  # fmt: skip
        assert told in page, told
    assert "The list of decision 191" in text_of(english, "/services/ES-000001/history/")


# ---------------------------------------------------------------- what is pending, bodies


def test_what_is_pending_is_public_and_so_is_what_is_overdue(english: Client) -> None:
    """S10.4, S10.8: the operator's terms, for all to see."""
    assert "Nothing is under way" in text_of(english, "/services/pending/")
    now = timezone.now()
    first = registered(now=now)
    for case, change, days, ago in (("CS-7", "registered", 3, 0), ("CS-8", "amended", 1, 30)):
        then = now - timedelta(days=ago)
        answers = form(registry_number=first.number if change == "amended" else "")
        actions.open_request(case=case, provider=body(), change=change, answers=answers, by=OPERATOR, now=then)
        calendar.start_clock(subject=case, working_days=days, now=then)
    page = text_of(english, "/services/pending/")
    assert page.count("Overdue") == 1
    assert "Office honey-office" in page
    assert "Correction" in page
    assert "A request about this entry" in text_of(english, f"/services/{first.number}/")


@pytest.mark.parametrize(
    ("arose_on", "told"),
    [
        ("2026-10-05", "Asked in time: the change arose on 5 October 2026"),
        ("2026-09-30", "Asked in time: the change arose on 30 September 2026"),
        (
            "2026-09-29",
            "Asked too late: the change arose on 29 September 2026 and was to be reported by 2 October 2026",
        ),
        ("", ""),
    ],
)
def test_whether_a_change_was_reported_in_time_is_public(arose_on: str, told: str, english: Client) -> None:
    """S10.6: within three working days after it arose; 3 and 4 October are no working days."""
    answers = form(registry_number=registered(now=NOW).number, arose_on=arose_on)
    actions.open_request(case="CS-8", provider=body(), change="amended", answers=answers, by=OPERATOR, now=NOW)
    page = text_of(english, "/services/pending/")
    assert told in page
    assert ("Asked " in page) == bool(told)


def test_a_request_that_waits_for_the_provider_has_no_day(english: Client, now: datetime) -> None:
    actions.open_request(case="CS-7", provider=body(), change="cancelled", answers=form(), by=OPERATOR, now=now)
    clock = calendar.start_clock(subject="CS-7", working_days=3, now=now)
    calendar.stop_clock(clock, now=now)
    assert "the provider is asked for more" in text_of(english, "/services/pending/")
    assert english.get("/services/pending/?after=zz").status_code == 200


def test_the_bodies_are_listed_with_the_number_of_their_services(english: Client) -> None:
    """S11.3, S11.5.2: the bodies and the services they provide."""
    answer = english.get("/services/bodies/")
    assert answer.context["numbers"].all == 285
    assert len(answer.context["providers"]) == 41
    assert len(answer.context["activities"]) == 29
    assert "/services/?provider=7" in answer.content.decode()


# ---------------------------------------------------------------- kept, and what it costs


@pytest.mark.parametrize(
    "page", ["/services/?q=viza", "/services/ES-000001/", "/services/bodies/", "/services/services.csv"]
)
def test_a_page_is_kept_until_the_registry_changes(client: Client, page: str) -> None:
    client.get(page)
    first = client.get(page)
    kept = {"if-none-match": first["ETag"]}
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page, headers=kept).status_code == 304
    assert len(queries) == 1
    registered(now=timezone.now())
    assert client.get(page, headers=kept).status_code == 200


def statements(client: Client, address: str) -> int:
    client.get(address)
    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def one_more(number: int) -> None:
    """Another body with its service, and a request of its own under way."""
    office = f"office-{number}"
    registered(service=f"wax-{number}", name_az=f"Qqmum {number}", code=office, case=f"CS-W{number}")
    case = f"CS-P{number}"
    actions.open_request(case=case, provider=body(office), change="registered", answers=form(), by=OPERATOR, now=NOW)
    calendar.start_clock(subject=case, working_days=3, now=NOW)


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/services/?q=qqmum", 6),
        ("/services/?activity=3.1.11&users=natural", 4),
        ("/services/pending/", 2),
        ("/services/bodies/", 4),
        ("/services/services.json", 4),
        ("/api/services?q=qqmum", 4),
        ("/api/providers", 2),
    ],
)
def test_a_list_costs_the_same_at_one_row_and_at_three(client: Client, address: str, most: int) -> None:
    one_more(1)
    one = statements(client, address)
    one_more(2)
    one_more(3)
    assert statements(client, address) == one <= most


def test_a_service_and_its_history_cost_the_same_at_one_version_and_at_three(client: Client) -> None:
    regulations.load()
    version = registered()
    pages = [f"/services/{version.number}/", f"/services/{version.number}/history/", f"/api/services/{version.number}"]
    before = [statements(client, page) for page in pages]
    amended(amended(version, fee="free"), fee="paid", case="CS-4")
    assert [statements(client, page) for page in pages] == before
    assert before <= [7, 2, 4]
