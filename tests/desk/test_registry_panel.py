"""What the registry's operator sees beside a request: the entry as it stands and as it will be (S10.3-10.8, S-A2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from azexport.cases.models import Case
from azexport.parties.models import Member
from tests.factories import registry
from tests.factories.cases import desk_case, desk_row
from tests.factories.participants import participant
from tests.factories.parties import make_head, make_officer
from tests.factories.services import words

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]


def question(id_: str, kind: str = "text", **given: Any) -> dict[str, Any]:
    return {
        "id": id_, "kind": kind, "label": words(id_.replace("_", " ").capitalize()), "why": words("Decision 191"),
        "required": False,
    } | given  # fmt: skip


NUMBER = question("registry_number")
WHOLE = [
    question("name_az"), question("name_en"), question("content_az", "long_text"),
    question("kind", "choice", choices=[
        {"id": "informational", "label": words("Informational")}, {"id": "interactive", "label": words("Interactive")},
    ]),
    question("activity", "choice", choices=[
        {"id": "s3-1-11", "label": words("Agriculture")}, {"id": "s3-1-21", "label": words("Industry")},
    ]),
    question("fee_text"), question("effective_on", "date"), question("true", "statement", required=True),
]  # fmt: skip


@pytest.fixture
def operator() -> Member:
    return make_officer(participant("list-office", roles=("registry-operator",), base_url=None).code)


@pytest.fixture
def applicant() -> Member:
    return make_head("honey-office")


def request_of(member: Member, questions: list[dict[str, Any]], **answers: Any) -> Case:
    row = desk_row(general__provider="list-office", provision__questions=questions, provision__documents=[])
    return desk_case(member, row, answers=answers, now=timezone.now())


def page(browser: Browser, operator: Member, case: Case, language: str = "en") -> str:
    response = browser(operator, language).get(f"/desk/cases/{case.reference}/")
    assert response.status_code == 200
    return response.content.decode()


def test_a_correction_stands_beside_the_entry_with_what_changes_marked(
    browser: Browser, operator: Member, applicant: Member
) -> None:
    """S10.8"""
    entry = registry.registered()
    case = request_of(
        applicant, [NUMBER, *WHOLE], registry_number=entry.number, name_az="Bal möhürünün verilməsi və dəyişdirilməsi",
        name_en="Issue of the honey seal", kind="interactive", activity="s3-1-21", fee_text="7,50 AZN", true=True,
    )  # fmt: skip

    text = page(browser, operator, case)

    assert "The entry as it stands and as it will be" in text
    assert entry.number in text
    assert "<del>Bal möhürünün verilməsi</del>" in text
    assert "<ins>Bal möhürünün verilməsi və dəyişdirilməsi</ins>" in text
    assert "<del>Agriculture</del>" in text
    assert "<ins>Industry</ins>" in text
    assert "<del>Issue of the honey seal</del>" not in text
    assert "<del>7,50 AZN</del>" not in text
    assert "<del>Interactive</del>" not in text


@pytest.mark.parametrize(("days", "told"), [(0, "Asked in time"), (9, "Asked too late")])
def test_the_operator_sees_whether_a_change_was_reported_in_time(
    days: int, told: str, browser: Browser, operator: Member, applicant: Member
) -> None:
    """S10.6: within three working days after it arose."""
    entry = registry.registered()
    arose_on = (timezone.localdate() - timedelta(days=days)).isoformat()
    questions = [NUMBER, question("arose_on", "date"), *WHOLE]
    case = request_of(applicant, questions, registry_number=entry.number, arose_on=arose_on, fee_text="8", true=True)

    text = page(browser, operator, case)

    assert told in text
    assert text.count("Asked ") == 1
    assert "Arose on" not in text.split("As it will be", 1)[1].split("</table>", 1)[0]


def test_what_a_correction_does_not_speak_of_stays_as_it_is(
    browser: Browser, operator: Member, applicant: Member
) -> None:
    """S10.8: only what is asked for is corrected."""
    entry = registry.registered()
    case = request_of(applicant, [NUMBER, *WHOLE], registry_number=entry.number, fee_text="8 AZN", true=True)

    text = page(browser, operator, case)

    assert "<del>7,50 AZN</del>" in text
    assert "<ins>8 AZN</ins>" in text
    assert text.count("<del>") == 1


def test_a_new_service_is_compared_with_those_of_similar_names(
    browser: Browser, operator: Member, applicant: Member
) -> None:
    """S10.4: one service, one number."""
    entry = registry.registered()
    case = request_of(applicant, WHOLE, name_az="Bal möhürünün verilməsi", kind="interactive", true=True)

    text = page(browser, operator, case)

    assert "The entry as it will be" in text
    assert "Entries with similar names" in text
    assert f"/services/{entry.number}/" in text
    assert "<del>" not in text


def test_a_cancellation_shows_the_entry_that_goes(browser: Browser, operator: Member, applicant: Member) -> None:
    """S10.7"""
    entry = registry.registered()
    questions = [NUMBER, question("effective_on", "date"), question("true", "statement", required=True)]
    case = request_of(applicant, questions, registry_number=entry.number, true=True)

    text = page(browser, operator, case)

    assert "The entry that is to be cancelled" in text
    assert entry.number in text


def test_a_number_that_no_entry_has_is_told(browser: Browser, operator: Member, applicant: Member) -> None:
    case = request_of(applicant, [NUMBER, *WHOLE], registry_number="ES-999999", name_az="Bal", true=True)
    assert "There is no entry ES-999999 in the registry." in page(browser, operator, case)


def test_other_bodies_cases_have_no_such_panel(browser: Browser, operator: Member) -> None:
    case = desk_case(row=desk_row(provision__questions=WHOLE), answers={"name_az": "Bal"}, now=timezone.now())
    text = page(browser, make_officer("honey-office"), case)
    assert "The entry as it will be" not in text
    plain = request_of(make_officer("honey-office"), [question("hives")], hives="12")
    assert "The entry as it will be" not in page(browser, operator, plain)
