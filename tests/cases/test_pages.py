"""The pages of cases: what the exporter sees, in both languages, and what nobody else sees (P2.1.1, S7.1)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from azexport.cases import actions
from azexport.cases.models import Case
from azexport.exchange.models import Message
from azexport.kernel.actor import SYSTEM
from azexport.parties.models import Member
from tests.factories import services
from tests.factories.cases import OFFICER, accepted, asks, granted, open_case, open_cases, says, supplies, treasury
from tests.factories.parties import make_member, sign_in

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 a report"


def client_of(member: Member) -> Client:
    """A browser in which the member is signed in and has chosen English."""
    client = sign_in(Client(), member)
    client.cookies["language"] = "en"
    return client


@pytest.fixture
def member() -> Member:
    return make_member()


@pytest.fixture
def exporter(member: Member) -> Client:
    return client_of(member)


def page(client: Client, case: Case, language: str = "en") -> str:
    client.cookies["language"] = language
    response = client.get(f"/cases/{case.reference}/")
    client.cookies["language"] = "en"
    assert response.status_code == 200
    return response.content.decode()


def statements(client: Client, address: str) -> int:
    client.get(address)  # what is kept in memory is there
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_page_says_who_holds_the_case_and_how_long(member: Member, exporter: Client) -> None:
    now = timezone.now()
    case = accepted(open_case(member, now=now), now=now)
    officer = OFFICER | {"position": {"az": "Dadıcı", "en": "Taster"}}
    case = says(case, "start_step", step="tasting", officer=officer, now=now)

    text = page(exporter, case)

    for part in ("Issue of the honey seal", "Accepted", "Aynur Quliyeva", "Taster", "Tasting", "Under way", "7.50",
                 "Not paid yet", "H-1", "Working day 0 of 4", case.application_reference):  # fmt: skip
        assert part in text
    assert "Dadıcı" in page(exporter, case, "az")
    assert "Qəbul edilib" in page(exporter, case, "az")


def test_nobody_else_sees_the_case(member: Member) -> None:
    case = asks(accepted(open_case(member)))
    stranger = client_of(make_member())

    for address in ("", "state/", "answer/", "withdraw/"):
        assert stranger.get(f"/cases/{case.reference}/{address}").status_code == 404
    assert stranger.post(f"/cases/{case.reference}/withdraw/").status_code == 404
    assert case.reference not in stranger.get("/cases/").content.decode()
    assert Client().get(f"/cases/{case.reference}/").status_code == 302
    assert Case.objects.get().status == "information_requested"


def test_the_list_shows_the_newest_first_by_key_and_filters(member: Member, exporter: Client) -> None:
    row = services.load()
    cases = [open_case(member, row) for _ in range(25)]
    says(cases[24], "refuse", grounds=[{"ground": "no-bees"}])

    first = exporter.get("/cases/").content.decode()
    assert cases[24].reference in first
    assert cases[5].reference in first
    assert cases[4].reference not in first
    assert f"before={cases[5].reference}" in first
    second = exporter.get("/cases/", {"before": cases[5].reference}).content.decode()
    assert cases[4].reference in second
    assert cases[24].reference not in exporter.get("/cases/", {"show": "open"}).content.decode()
    decided = exporter.get("/cases/", {"show": "decided"}).content.decode()
    assert cases[24].reference in decided
    assert cases[23].reference not in decided


def test_an_empty_list_says_what_will_be_here(exporter: Client) -> None:
    assert "No cases" in exporter.get("/cases/").content.decode()


def test_the_list_costs_at_most_8_statements_however_many_rows(member: Member, exporter: Client) -> None:
    row = services.load()
    open_case(member, row)
    one = statements(exporter, "/cases/")
    open_cases(member, row)
    open_cases(member, row)

    assert statements(exporter, "/cases/") == one <= 8


def test_the_case_page_costs_at_most_15_statements(member: Member, exporter: Client) -> None:
    case = asks(accepted(open_case(member)))

    assert statements(exporter, f"/cases/{case.reference}/") <= 15
    assert statements(exporter, f"/cases/{case.reference}/state/") <= 15


# ------------------------------------------------------------------------------------------------ polling


def polled(client: Client, case: Case, version: str, **headers: str) -> Any:
    return client.get(f"/cases/{case.reference}/state/", {"v": version} if version else {}, headers=headers)


def test_a_poll_answers_nothing_until_something_has_changed(member: Member, exporter: Client) -> None:
    case = open_case(member)
    shown = polled(exporter, case, "")
    version = shown["ETag"].strip('"')
    assert f"state/?v={version}" in shown.content.decode()

    assert polled(exporter, case, version).status_code == 204
    assert polled(exporter, case, "", **{"If-None-Match": f'"{version}"'}).status_code == 304

    accepted(case)
    changed = polled(exporter, case, version)
    assert changed.status_code == 200
    assert "Aynur Quliyeva" in changed.content.decode()


def test_a_closed_case_polls_no_more(member: Member, exporter: Client) -> None:
    case = says(accepted(open_case(member)), "refuse", grounds=[{"ground": "no-bees"}])

    assert "hx-get" not in polled(exporter, case, "").content.decode()


def test_every_event_changes_what_a_poll_compares(member: Member) -> None:
    case = open_case(member)
    seen = [case.changes]
    steps: tuple[Callable[[], object], ...] = (
        lambda: accepted(case),
        lambda: says(case, "start_step", step="tasting", officer=OFFICER),
        lambda: asks(case),
        lambda: supplies(case, member, {"lab": "x"}),
        lambda: says(case, "fee_paid", sender=treasury(), amount="7.50", currency="AZN", payment_reference="P"),
        lambda: granted(case),
        lambda: actions.reject_permit(
            case_reference=case.reference, verdict="altered", text={"az": "x"}, by=SYSTEM, now=services.NOW
        ),
    )
    for step in steps:
        step()
        seen.append(Case.objects.get().changes)

    assert all(before < after for before, after in itertools.pairwise(seen))


# ------------------------------------------------------------------------------------------------ each state


def test_a_body_whose_system_is_down_is_shown_as_such(member: Member, exporter: Client) -> None:
    case = open_case(member)
    Message.objects.filter(type="case.submitted").update(status="retrying", attempts=3, last_error="refused")

    text = page(exporter, case)
    assert "Not delivered yet" in text
    assert "attempts so far: 3" in text
    assert "Not delivered yet" in exporter.get("/cases/").content.decode()
    assert "Hələ çatdırılmayıb" in page(exporter, case, "az")

    Message.objects.filter(type="case.submitted").update(status="parked", next_attempt_at=None)
    assert "The operator of the portal has been told" in page(exporter, case)


def test_an_overdue_case_is_shown_as_such(member: Member, exporter: Client) -> None:
    long_ago = timezone.now() - timedelta(days=60)
    case = accepted(open_case(member, now=long_ago), now=long_ago)

    text = page(exporter, case)
    assert "Overdue" in text
    assert "You can complain about the delay" in text


def test_a_refusal_shows_grounds_and_how_to_complain(member: Member, exporter: Client) -> None:
    """S5.1.4, S13.4"""
    explanation = {"az": "Pətək boşdur.", "en": "The hive is empty."}
    case = says(accepted(open_case(member)), "refuse", grounds=[{"ground": "no-bees", "explanation": explanation}])

    text = page(exporter, case)
    shown = ("There are no bees.", "The hive is empty.", "Law on Honey, 13", "How to complain", "You may complain.")
    assert [part for part in shown if part not in text] == []


def test_a_rejected_document_shows_its_verdict(member: Member, exporter: Client) -> None:
    case = granted(accepted(open_case(member)))
    assert "checking the signature" in page(exporter, case)
    text = {"az": "Miqdar başqadır.", "en": "The quantity differs."}
    actions.reject_permit(
        case_reference=case.reference, verdict="wrong_quantity", text=text, by=SYSTEM, now=services.NOW
    )

    shown = page(exporter, case)
    assert "Document not accepted" in shown
    assert "The quantity differs." in shown
    assert 'data-verdict="wrong_quantity"' in shown
    assert "Miqdar başqadır." in page(exporter, case, "az")


def test_a_paid_fee_is_shown_as_paid(member: Member, exporter: Client) -> None:
    case = says(open_case(member), "fee_paid", sender=treasury(), amount="7.50", currency="AZN", payment_reference="P",
                paid_at="2026-10-05T07:00:00+00:00")  # fmt: skip

    assert "Paid on 5 October 2026" in page(exporter, case)


# ------------------------------------------------------------------------------------------------ withdrawing


def test_the_exporter_withdraws_after_being_asked_whether_it_is_meant(member: Member, exporter: Client) -> None:
    case = accepted(open_case(member))
    address = f"/cases/{case.reference}/withdraw/"
    assert address in page(exporter, case)
    assert "cannot be undone" in exporter.get(address).content.decode()

    assert exporter.post(address).status_code == 302
    assert Case.objects.get().status == "withdrawn"
    assert exporter.post(address).status_code == 409
    assert address not in page(exporter, case)
