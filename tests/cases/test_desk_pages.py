"""What the applicant sees of a case that officers run: opinions, silence, decisions, registers (S6.3, S7.1.2-3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from azexport.cases import actions
from azexport.cases.actions import officers
from azexport.cases.models import Case
from azexport.kernel.actor import SYSTEM
from azexport.parties.models import Member
from tests.factories import papers
from tests.factories.cases import (
    CHECKLIST,
    DOCUMENT,
    PARALLEL,
    REGISTER,
    SEQUENCE,
    again,
    desk_case,
    desk_row,
    step,
    words,
)
from tests.factories.parties import make_citizen, make_member, make_officer, sign_in

pytestmark = pytest.mark.django_db
TICKED = {str(one["id"]): True for one in CHECKLIST}


@pytest.fixture
def member() -> Member:
    return make_member()


@pytest.fixture
def applicant(member: Member) -> Client:
    client = sign_in(Client(), member)
    client.cookies["language"] = "en"
    return client


def finish(case: Case, step_id: str, by: Member, outcome: str = "done", note: str = "") -> Case:
    return officers.finish_step(
        case=case, step=step_id, outcome=outcome, note=note, checklist=TICKED, by=by, now=timezone.now()
    )


def page(client: Client, case: Case) -> str:
    response = client.get(f"/cases/{case.reference}/")
    assert response.status_code == 200
    return response.content.decode()


def test_opinions_of_other_bodies_are_shown_with_their_notes(member: Member, applicant: Client) -> None:
    """S7.1.3: the progress of every step can be followed, whoever performs it."""
    now = timezone.now()
    row = desk_row(PARALLEL)
    clerk, bees, wax = (make_officer(code) for code in ("honey-office", "bee-office", "wax-office"))
    case = officers.take_on(case=desk_case(member, row, now=now), by=clerk, now=now)
    finish(case, "tasting", clerk)
    finish(case, "bees", bees, "agreed")
    finish(case, "wax", wax, "objected", "The wax is thin.")

    text = page(applicant, case)

    for part in ("Agreed", "Objected", "The wax is thin.", "Office bee-office", "Office wax-office", "Step finished",
                 bees.person.full_name, "Leading specialist"):  # fmt: skip
        assert part in text


def test_an_opinion_deemed_given_is_marked(member: Member, applicant: Client) -> None:
    """The 2015 decree: silence of a consulted body is its positive opinion, and everybody sees that it was silence."""
    now = timezone.now()
    row = desk_row(SEQUENCE)
    clerk = make_officer("honey-office")
    case = officers.take_on(case=desk_case(member, row, now=now), by=clerk, now=now)
    finish(case, "tasting", clerk)

    actions.deem_agreed(by=SYSTEM, now=now + timedelta(days=20))

    text = page(applicant, case)
    assert "Deemed agreed: no answer in time" in text
    assert "No answer in time: the opinion counts as positive" in text


def granted(member: Member) -> Case:
    now = timezone.now()
    row = desk_row(
        [step("tasting")], general__result__document=DOCUMENT, general__result__register=REGISTER,
        provision__users=["natural", "legal"],
    )  # fmt: skip
    clerk = make_officer("honey-office")
    case = officers.take_on(case=desk_case(member, row, now=now), by=clerk, now=now)
    finish(case, "tasting", clerk)
    paper = officers.propose_grant(
        case=case, valid_from=timezone.localdate(), valid_until=timezone.localdate() + timedelta(days=9),
        remarks=words("For sale only."), by=clerk, now=now,
    )  # fmt: skip
    assert paper is not None
    papers.signed(paper, now=now)
    return again(case)


def test_the_result_its_validity_and_its_place_in_the_register_are_shown(member: Member, applicant: Client) -> None:
    case = granted(member)

    text = page(applicant, case)

    assert case.result_document is not None
    assert f"/documents/{case.result_document.reference}/" in text
    assert f"/registers/{case.regulation.service}/{case.reference}/" in text
    assert "For sale only." in text
    assert "Nobody: the case is closed" in text


def test_the_holder_and_the_bodys_officers_read_the_result_and_nobody_else(member: Member, applicant: Client) -> None:
    """S7.1.5: operations and personal data are protected."""
    case = granted(member)
    assert case.result_document is not None
    address = f"/documents/{case.result_document.reference}/"

    assert applicant.get(address).status_code == 200
    assert sign_in(Client(), make_officer("honey-office")).get(address).status_code == 200
    assert sign_in(Client(), make_officer("pollen-office")).get(address).status_code == 404
    assert sign_in(Client(), make_member()).get(address).status_code == 404


def test_a_citizen_follows_a_case_like_anybody(applicant: Client) -> None:
    """P1.3.3: a natural person not in business has the same pages."""
    citizen = make_citizen()
    client = sign_in(Client(), citizen)
    client.cookies["language"] = "en"
    case = granted(citizen)

    assert "Granted" in page(client, case)
    assert case.reference in client.get("/cases/").content.decode()
    assert case.reference in client.get("/notices/").content.decode()
    assert applicant.get(f"/cases/{case.reference}/").status_code == 404


def test_the_page_of_a_case_through_three_bodies_costs_at_most_15_statements(member: Member, applicant: Client) -> None:
    now = timezone.now()
    row = desk_row(PARALLEL)
    clerk = make_officer("honey-office")
    case = officers.take_on(case=desk_case(member, row, now=now), by=clerk, now=now)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(applicant, case)
        return len(captured)

    cost()
    one = cost()
    finish(case, "tasting", clerk)
    assert cost() == one <= 15


def test_an_officer_is_no_applicant_of_the_bodys_cases(member: Member) -> None:
    case = desk_case(member, desk_row())
    officer = sign_in(Client(), make_officer("honey-office"))

    assert officer.get(f"/cases/{case.reference}/").status_code == 404
