"""Refusing on the regulation's grounds and granting with a signed result (S-A1 3.3, 3.4.4, P10.3.3(6))."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from azexport.calendar.queries import today
from azexport.cases.actions import officers
from azexport.cases.models import Case, RegisterEntry
from azexport.documents.models import Paper
from azexport.parties.models import Member
from tests.factories import papers
from tests.factories.cases import again, desk_case, desk_row, step
from tests.factories.parties import make_member, make_officer

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
TICKED = {"clean": True, "full": True}


@pytest.fixture
def held(row: Any, clerk: Member) -> Case:
    now = timezone.now()
    return officers.take_on(case=desk_case(make_member(), row, now=now), by=clerk, now=now)


@pytest.fixture
def ready(held: Case, clerk: Member, bees: Member) -> Case:
    """Every step is done."""
    for name, who, outcome in (("tasting", clerk, "done"), ("bees", bees, "agreed"), ("sealing", clerk, "done")):
        officers.finish_step(case=held, step=name, outcome=outcome, checklist=TICKED, by=who, now=timezone.now())
    return again(held)


def address(case: Case, rest: str = "") -> str:
    return f"/desk/cases/{case.reference}/{rest}"


# ------------------------------------------------------------------------------------------------ refusing


def test_a_refusal_names_grounds_of_the_regulation_and_explains_each(held: Case, client: Client) -> None:
    """S-A1 3.3.1; S-A1 3.6: the applicant is told how to complain."""
    none = client.post(address(held, "refuse/"), {})
    assert none.status_code == 422
    assert "Choose at least one ground" in none.content.decode()
    foreign = client.post(address(held, "refuse/"), {"grounds": ["bad-mood"]})
    assert foreign.status_code == 422

    onward = client.post(address(held, "refuse/"), {"grounds": ["no-bees"]})
    assert onward.headers["Location"] == address(held, "refuse/explain/")
    assert "There are no bees." in client.get(address(held, "refuse/explain/")).content.decode()
    silent = client.post(address(held, "refuse/explain/"), {"en_no-bees": "None"})
    assert silent.status_code == 422
    assert "Explain the ground in Azerbaijani" in silent.content.decode()
    written = {"az_no-bees": "Pətəklər boşdur.", "en_no-bees": "The hives are empty."}
    checked = client.post(address(held, "refuse/explain/"), written)
    assert checked.headers["Location"] == address(held, "refuse/check/")
    text = client.get(address(held, "refuse/check/")).content.decode()
    for part in ("Pətəklər boşdur.", "The hives are empty.", "You may complain.", "you cannot take it back"):
        assert part in text
    assert again(held).status == "accepted"

    client.post(address(held, "refuse/check/"))

    refused = again(held)
    assert refused.status == "refused"
    (ground,) = refused.decision["grounds"]
    assert ground["explanation"] == {"az": "Pətəklər boşdur.", "en": "The hives are empty."}
    assert client.get(address(held, "refuse/")).status_code == 409


def test_nothing_is_refused_without_the_steps_before(held: Case, client: Client) -> None:
    for rest in ("refuse/explain/", "refuse/check/"):
        assert client.get(address(held, rest)).headers["Location"] == address(held, "refuse/")
        assert client.post(address(held, rest)).headers["Location"] == address(held, "refuse/")
    assert again(held).status == "accepted"


# ------------------------------------------------------------------------------------------------ granting


def test_a_case_is_not_granted_while_steps_are_open(held: Case, client: Client) -> None:
    for rest in ("grant/", "grant/check/"):
        assert client.get(address(held, rest)).status_code == 409
        assert client.post(address(held, rest)).status_code == 409


def test_a_case_is_granted_with_the_officials_own_signature(ready: Case, clerk: Member, client: Client) -> None:
    """P10.3.3(6), S-A1 3.4.4: the result is previewed, signed, and then the case is granted and the register has it."""
    first = today(timezone.now())
    page = client.get(address(ready, "grant/")).content.decode()
    assert f'value="{first.isoformat()}"' in page
    assert f'value="{(first + timedelta(days=29)).isoformat()}"' in page
    wrong = {"valid_from": "2027-01-02", "valid_until": "2027-01-01"}
    assert client.post(address(ready, "grant/"), wrong).status_code == 422
    given = {"valid_from": "2027-01-01", "valid_until": "2027-06-30", "remarks_az": "Qeyd", "remarks_en": "A remark"}
    onward = client.post(address(ready, "grant/"), given)
    assert onward.headers["Location"] == address(ready, "grant/check/")
    text = client.get(address(ready, "grant/check/")).content.decode()
    for part in ("Honey seal", "Sheki Findiq LLC", "1 January 2027", "30 June 2027", "Hives", "12", "A remark",
                 "Entry in the public register"):  # fmt: skip
        assert part in text
    assert not Paper.objects.filter(subject=ready.reference).exists()

    signing = client.post(address(ready, "grant/check/"))
    paper = Paper.objects.get(subject=ready.reference)
    assert signing.headers["Location"] == f"/papers/{paper.reference}/"
    waiting = client.get(address(ready)).content.decode()
    assert "The result waits for a signature" in waiting
    assert "Read and sign" in waiting
    assert again(ready).status == "accepted"
    papers.signed(paper, now=timezone.now())

    granted = again(ready)
    assert granted.status == "granted"
    assert granted.result_document is not None
    assert RegisterEntry.objects.get().case == granted
    shown = client.get(address(ready)).content.decode()
    assert "Result" in shown
    assert f"/documents/{granted.result_document.reference}/" in shown
    assert client.get(f"/documents/{granted.result_document.reference}/").status_code == 200


def test_only_who_was_asked_sees_the_way_to_the_signature(
    ready: Case, client: Client, browser: Browser, head: Member
) -> None:
    client.post(address(ready, "grant/"), {"valid_from": "2027-01-01", "valid_until": ""})
    client.post(address(ready, "grant/check/"))

    page = browser(head).get(address(ready)).content.decode()

    assert "The result waits for a signature" in page
    assert "Read and sign" not in page


def test_a_service_without_a_document_is_granted_at_once(browser: Browser) -> None:
    row = desk_row([step("tasting")])
    clerk, now = make_officer("honey-office"), timezone.now()
    case = officers.take_on(case=desk_case(row=row, now=now), by=clerk, now=now)
    officers.finish_step(case=case, step="tasting", outcome="done", by=clerk, now=now)
    client = browser(clerk)
    client.post(address(case, "grant/"), {"valid_from": "2027-01-01", "valid_until": ""})
    assert "granted at once" in client.get(address(case, "grant/check/")).content.decode()

    answer = client.post(address(case, "grant/check/"), follow=True)

    assert "The case is granted" in answer.content.decode()
    assert again(case).status == "granted"


def test_the_check_page_needs_the_form_first(ready: Case, client: Client) -> None:
    assert client.get(address(ready, "grant/check/")).headers["Location"] == address(ready, "grant/")
    assert client.post(address(ready, "grant/check/")).headers["Location"] == address(ready, "grant/")
    assert again(ready).status == "accepted"
