"""The review screen and what an officer does there: take on, steps, asking for more (S7.1.3, S7.4, S-A1 3.4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from azexport.cases.actions import officers
from azexport.cases.models import Case, Filing, FurtherInformationRequest, StepRecord
from azexport.notices.models import Notice
from azexport.parties.models import Member
from tests.factories import filings
from tests.factories.cases import again, desk_case
from tests.factories.parties import make_citizen, make_officer

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
TICKED = {"clean": True, "full": True}


@pytest.fixture
def case(row: Any) -> Case:
    return desk_case(row=row, now=timezone.now())


@pytest.fixture
def held(case: Case, clerk: Member) -> Case:
    return officers.take_on(case=case, by=clerk, now=timezone.now())


def page(client: Client, case: Case, address: str = "") -> str:
    response = client.get(f"/desk/cases/{case.reference}/{address}")
    assert response.status_code == 200
    return response.content.decode()


def case_of(filing: Filing) -> Case:
    assert filing.case is not None
    return filing.case


# ------------------------------------------------------------------------------------------------ what is shown


def test_the_screen_shows_answers_beside_the_checklist_of_the_running_step(held: Case, client: Client) -> None:
    """S-A1 3.4: what is decided from, and what is to be made sure of, on one page."""
    text = page(client, held)

    for part in ("How many hives?", "12", "Law on Honey, 10", "The hives are clean.", "Law on Honey, 14",
                 "Working day 0 of 4", "Sheki Findiq LLC", "Free of charge", "Route", "Sealing", "Office bee-office",
                 "A step has not been finished yet."):  # fmt: skip
        assert part in text
    assert ">Grant<" not in text


def test_it_shows_what_the_registers_said_and_when(browser: Browser) -> None:
    """S6.1.1, S7.2: what the state holds is shown with its source, never asked."""
    citizen = make_citizen()
    filing = filings.make_submitted(citizen, filings.load_tea())
    clerk = make_officer("tea-office")

    text = page(browser(clerk), case_of(filing))

    for part in ("Entry in the register of taxpayers", "Name in the register", "Aysel Kərimova",
                 "Office tea-office · 5 October 2026", "Deed of the land",
                 "The original is shown when the result is handed over.",
                 "opens in a new tab", "Azerbaijan, Germany"):  # fmt: skip
        assert part in text


def test_documents_of_the_application_open_for_the_officer(browser: Browser) -> None:
    filing = filings.make_submitted(make_citizen(), filings.load_tea())
    deed = filing.documents.get(item="deed").document
    officer, stranger = browser(make_officer("tea-office")), browser(make_officer("pollen-office"))

    assert f"/documents/{deed.reference}/" in page(officer, case_of(filing))
    assert officer.get(f"/documents/{deed.reference}/").status_code == 200
    assert stranger.get(f"/documents/{deed.reference}/").status_code == 404


def test_the_screen_costs_at_most_15_statements(
    held: Case, client: Client, statements: Callable[[Client, str], int]
) -> None:
    assert statements(client, f"/desk/cases/{held.reference}/") <= 15


def test_nobody_of_another_body_sees_or_does_anything(held: Case, browser: Browser) -> None:
    stranger = browser(make_officer("pollen-office"))

    for address in ("", "take-on/", "steps/tasting/", "ask/", "ask/check/", "refuse/", "refuse/explain/",
                    "refuse/check/", "grant/", "grant/check/"):  # fmt: skip
        assert stranger.get(f"/desk/cases/{held.reference}/{address}").status_code == 404, address
        assert stranger.post(f"/desk/cases/{held.reference}/{address}").status_code in (404, 405), address
    assert stranger.post(f"/desk/cases/{held.reference}/steps/tasting/start/").status_code == 404


# ------------------------------------------------------------------------------------------------ taking on


def test_taking_on_is_asked_and_then_done(case: Case, clerk: Member, client: Client) -> None:
    assert "Do you take the case on?" in page(client, case, "take-on/")
    assert again(case).status == "submitted"

    answer = client.post(f"/desk/cases/{case.reference}/take-on/", follow=True)

    assert "You hold the case now" in answer.content.decode()
    assert again(case).holder_name == clerk.person.full_name
    assert client.get(f"/desk/cases/{case.reference}/take-on/").status_code == 409


# ------------------------------------------------------------------------------------------------ steps


def test_a_step_ends_when_its_checklist_is_ticked(held: Case, client: Client) -> None:
    address = f"/desk/cases/{held.reference}/steps/tasting/"
    half = client.post(address, {"checklist": ["clean"], "note": "So far"})
    assert half.status_code == 422
    assert "Tick everything on the checklist" in half.content.decode()
    assert "So far" in half.content.decode()
    assert not StepRecord.objects.exclude(finished_at=None).exists()

    client.post(address, {"checklist": ["clean", "full"], "note": "Sweet"})

    record = StepRecord.objects.get(step="tasting")
    assert (record.outcome, record.note, record.checklist) == ("done", "Sweet", TICKED)
    assert "Sweet" in page(client, held)
    assert client.get(address).status_code == 409
    assert client.get(f"/desk/cases/{held.reference}/steps/dancing/").status_code == 404


def test_taking_a_step_shows_whose_it_is(held: Case, clerk: Member, client: Client) -> None:
    client.post(f"/desk/cases/{held.reference}/steps/tasting/start/")

    assert StepRecord.objects.get(step="tasting").officer_name == clerk.person.full_name
    assert "Under way" in page(client, held)
    assert client.get(f"/desk/cases/{held.reference}/steps/tasting/start/").status_code == 405


def test_another_body_gives_its_opinion_and_an_objection_says_why(
    held: Case, clerk: Member, bees: Member, browser: Browser, client: Client
) -> None:
    """S-A1 3.4.3"""
    officers.finish_step(case=held, step="tasting", outcome="done", checklist=TICKED, by=clerk, now=timezone.now())
    theirs, address = browser(bees), f"/desk/cases/{held.reference}/steps/bees/"
    assert client.get(address).status_code == 409
    text = page(theirs, held)
    assert "It objects" in text
    assert ">Refuse<" not in text

    silent = theirs.post(address, {"outcome": "objected", "note": " "})
    assert silent.status_code == 422
    assert "Say why the body objects" in silent.content.decode()
    nothing = theirs.post(address, {"note": "x"})
    assert "Say whether your body agrees or objects" in nothing.content.decode()
    theirs.post(address, {"outcome": "objected", "note": "The bees are tired."})

    assert StepRecord.objects.get(step="bees").outcome == "objected"
    text = page(client, held)
    assert "The bees are tired." in text
    assert "Objected" in text


# ------------------------------------------------------------------------------------------------ asking for more


QUESTION = {"az_1": "Hansı laboratoriya?", "en_1": "Which laboratory?", "kind_1": "text", "count": "1"}
REASON = {"reason_az": "Protokol oxunmur.", "reason_en": "The report cannot be read."}


def test_an_officer_asks_own_questions_and_the_clock_stands(held: Case, client: Client) -> None:
    """S7.4: a poor or incomplete document: the user is told, and how to mend it."""
    address = f"/desk/cases/{held.reference}/ask/"
    more = client.post(address, {**QUESTION, **REASON, "more": "1"})
    assert "Question 2" in more.content.decode()
    assert "Hansı laboratoriya?" in more.content.decode()

    second = {"az_2": "Protokol", "en_2": "", "kind_2": "file", "count": "2"}
    answer = client.post(address, {**QUESTION, **REASON, **second})
    assert answer.headers["Location"] == f"{address}check/"
    text = page(client, held, "ask/check/")
    for part in ("Which laboratory?", "Protokol", "A file", "The report cannot be read."):
        assert part in text
    assert again(held).status == "accepted"
    client.post(f"{address}check/")

    request = FurtherInformationRequest.objects.get()
    assert [(one["label"], one["kind"]) for one in request.questions] == [
        ({"az": "Hansı laboratoriya?", "en": "Which laboratory?"}, "text"), ({"az": "Protokol"}, "file"),
    ]  # fmt: skip
    assert again(held).status == "information_requested"
    assert Notice.objects.filter(kind="case.information_requested", organisation=held.organisation).exists()
    text = page(client, held)
    assert "It stands until the applicant answers." in text
    assert "Not answered yet" in text
    assert client.get(address).status_code == 409


def test_what_an_officer_wrote_is_there_again_when_they_come_back(held: Case, client: Client) -> None:
    address = f"/desk/cases/{held.reference}/ask/"
    incomplete = client.post(address, {**QUESTION, "reason_az": ""})
    assert incomplete.status_code == 422
    assert "Say in Azerbaijani why you need it" in incomplete.content.decode()

    assert "Hansı laboratoriya?" in page(client, held, "ask/")
    assert client.get(f"{address}check/").headers["Location"] == address


def test_a_question_that_is_only_in_english_is_refused(held: Case, client: Client) -> None:
    second = {"az_2": "", "en_2": "Only English", "kind_2": "text", "count": "2"}
    answer = client.post(f"/desk/cases/{held.reference}/ask/", {**QUESTION, **REASON, **second})
    assert answer.status_code == 422
    assert "Write the question in Azerbaijani" in answer.content.decode()


def test_a_decided_case_offers_nothing_more(held: Case, clerk: Member, client: Client) -> None:
    officers.refuse(
        case=held, grounds=[{"ground": "no-bees", "explanation": {"az": "Yoxdur.", "en": "None."}}], by=clerk,
        now=timezone.now() + timedelta(minutes=1),
    )  # fmt: skip
    text = page(client, held)
    assert "There are no bees." in text
    assert "None." in text
    for button in (">Take on<", ">Grant<", ">Ask for more<", ">Refuse<", "Finish the step"):
        assert button not in text
    for address in ("ask/", "refuse/", "grant/", "steps/tasting/"):
        assert client.get(f"/desk/cases/{held.reference}/{address}").status_code == 409


@pytest.mark.parametrize("count", ["9" * 5000, "-1", "²", ""])
def test_a_number_of_questions_that_is_none_is_one(client: Client, held: Case, count: str) -> None:
    answer = client.post(f"/desk/cases/{held.reference}/ask/", {"count": count, "more": "1"})
    assert answer.status_code == 200
