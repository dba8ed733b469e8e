"""The officers' queue: who sees which cases, by tab, by search, at what cost (S7.1.3, S7.3, P2.1.1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from azexport.appeals import actions
from azexport.cases.actions import filings as filing_actions
from azexport.cases.actions import officers
from azexport.parties.models import Member
from azexport.services.actions import registry as registry_actions
from tests.factories import appeals, filings, registry
from tests.factories.cases import desk_case
from tests.factories.participants import participant
from tests.factories.parties import make_citizen, make_head, make_member, make_officer
from tests.factories.services import NOW

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]


def text(client: Client, **given: str) -> str:
    response = client.get("/desk/", given)
    assert response.status_code == 200
    return response.content.decode()


def test_a_new_case_is_on_the_desk_with_everything_a_row_needs(row: Any, client: Client) -> None:
    now = timezone.now()
    case = desk_case(row=row, now=now)

    page = text(client)

    for part in (case.reference, "Issue of the honey seal", "Sheki Findiq LLC", "Submitted", "Working days left: 4"):
        assert part in page


def test_each_tab_shows_its_own_and_a_late_one_says_so(row: Any, clerk: Member, client: Client) -> None:
    now = timezone.now()
    new = desk_case(row=row, now=now)
    held = officers.take_on(case=desk_case(row=row, now=now), by=clerk, now=now)
    late = desk_case(row=row, now=now - timedelta(days=30))

    assert held.reference in text(client, show="running")
    assert clerk.person.full_name in text(client, show="running")
    assert "Tasting" in text(client, show="running")
    assert new.reference not in text(client, show="running")
    shown = text(client, show="late")
    assert late.reference in shown
    assert "Late" in shown
    assert new.reference not in shown
    assert "No cases here" in text(client, show="decided")
    assert client.get("/desk/", {"show": "everything"}).status_code == 404


def test_a_whole_reference_leads_straight_to_the_case(row: Any, client: Client) -> None:
    case = desk_case(row=row)

    answer = client.get("/desk/", {"q": case.reference.lower(), "show": "decided"})

    assert answer.headers["Location"] == f"/desk/cases/{case.reference}/"


def test_the_search_finds_by_the_applicants_name_as_people_type_it(row: Any, client: Client) -> None:
    case = desk_case(row=row)

    assert case.reference in text(client, q="seki findiq")
    assert "Nothing found" in text(client, q="nobody of that name")


def test_an_officer_can_see_only_what_they_hold(row: Any, clerk: Member, client: Client) -> None:
    case = officers.take_on(case=desk_case(row=row), by=make_officer("honey-office"), now=timezone.now())

    assert case.reference in text(client, show="running")
    assert case.reference not in text(client, show="running", mine="1")


def test_the_queue_pages_by_key(row: Any, client: Client) -> None:
    cases = [desk_case(row=row) for _ in range(22)]

    first = text(client)
    assert cases[21].reference in first
    assert cases[1].reference not in first
    assert f"before={cases[2].reference}" in first
    second = text(client, before=cases[2].reference)
    assert cases[1].reference in second
    assert f"/desk/cases/{cases[2].reference}/" not in second


def test_another_body_sees_the_case_only_while_a_step_is_asked_of_it(
    row: Any, clerk: Member, bees: Member, browser: Browser
) -> None:
    now = timezone.now()
    case = officers.take_on(case=desk_case(row=row, now=now), by=clerk, now=now)
    theirs = browser(bees)
    assert case.reference not in text(theirs, show="running")
    assert theirs.get(f"/desk/cases/{case.reference}/").status_code == 404

    officers.finish_step(
        case=case, step="tasting", outcome="done", checklist={"clean": True, "full": True}, by=clerk, now=now
    )

    page = text(theirs, show="running")
    assert case.reference in page
    assert "Office honey-office asks for a step" in page
    assert theirs.get(f"/desk/cases/{case.reference}/").status_code == 200


def test_the_queue_is_for_officers_only(row: Any, browser: Browser) -> None:
    for somebody in (make_member(), make_citizen()):
        assert browser(somebody).get("/desk/").status_code == 403
    assert Client().get("/desk/").status_code == 302


def test_the_queue_costs_the_same_for_one_row_and_three(
    row: Any, client: Client, statements: Callable[[Client, str], int]
) -> None:
    """Aim: 8 statements."""
    desk_case(row=row)
    one = statements(client, "/desk/")
    desk_case(row=row)
    desk_case(row=row)

    assert statements(client, "/desk/") == one <= 8


def test_what_waits_for_a_signature_stands_on_the_signers_desk(
    clerk: Member, client: Client, head: Member, browser: Browser
) -> None:
    """Papers wait for who was asked to sign them; nobody else sees them there."""
    letter = appeals.registered(clerk, appeals.sent())
    answer = actions.answer(letter, text="Hər gün.", by=clerk, now=timezone.now())
    actions.prepare_answer(answer, by=clerk, now=timezone.now())

    assert f"Answer to letter {letter.reference}" in text(client)
    assert f"Answer to letter {letter.reference}" not in text(browser(head))


def test_the_bodys_own_applications_wait_for_the_head(browser: Browser) -> None:
    """S12.2, S-A2: the head signs what the body applies for."""
    regulation = filings.load_tea(provision__users=["state"])
    clerk, head = make_officer("pollen-office"), make_head("pollen-office")
    filing = filing_actions.send_to_head(filings.make_filled(clerk, regulation), by=clerk, now=timezone.now())

    assert filing.reference in text(browser(head))
    assert filing.reference not in text(browser(clerk))


def test_a_body_that_is_asked_sees_until_when_its_silence_is_no_answer(
    row: Any, clerk: Member, bees: Member, browser: Browser
) -> None:
    """2015 decree: the day of its own step stands in the row, not that of the case."""
    case = officers.take_on(case=desk_case(row=row, now=NOW), by=clerk, now=NOW)
    ticked = {"clean": True, "full": True}
    officers.finish_step(case=case, step="tasting", outcome="done", checklist=ticked, by=clerk, now=NOW)

    shown = text(browser(bees), show="running")

    for part in (case.reference, "Opinion by 6 October 2026", "Ends soon", "After that day it counts as positive."):
        assert part in shown
    assert "Opinion by" not in text(browser(clerk), show="running")


def test_the_queue_of_a_body_that_is_asked_costs_the_same_for_many_steps(
    row: Any, clerk: Member, bees: Member, browser: Browser, statements: Callable[[Client, str], int]
) -> None:
    def ask() -> None:
        case = officers.take_on(case=desk_case(row=row, now=NOW), by=clerk, now=NOW)
        ticked = {"clean": True, "full": True}
        officers.finish_step(case=case, step="tasting", outcome="done", checklist=ticked, by=clerk, now=NOW)

    ask()
    one = statements(browser(bees), "/desk/?show=running")
    for _number in range(2):
        ask()
    assert statements(browser(bees), "/desk/?show=running") == one


def test_requests_to_the_registry_are_the_operators_page(browser: Browser, client: Client) -> None:
    """S10.4: with their due days; other bodies have no such page."""
    operator = participant("list-office", roles=("registry-operator",), base_url=None)
    theirs = browser(make_officer(operator.code))
    assert client.get("/desk/registry/").status_code == 404
    assert "No requests" in theirs.get("/desk/registry/").content.decode()
    assert "Requests to the registry" in text(theirs)
    assert "Requests to the registry" not in text(client)

    registry_actions.open_request(
        case="CS-0000-0000-0", provider=registry.body(), change="registered", answers=registry.form(),
        by=registry.OPERATOR, now=timezone.now(),
    )  # fmt: skip

    page = theirs.get("/desk/registry/").content.decode()
    assert "Issue of the honey seal" in page
    assert "/desk/cases/CS-0000-0000-0/" in page


def test_the_desk_speaks_azerbaijani(row: Any, clerk: Member, browser: Browser) -> None:
    desk_case(row=row)
    page = text(browser(clerk, "az"))
    assert "İş masası" in page
    for english in ("Search by number", "Who holds it", "Cases by how they stand"):
        assert english not in page
