"""The dashboard and the settings (P1.3.4)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from azexport.audit.models import Event
from azexport.cabinet import queries
from azexport.cases.models import Case
from azexport.contracts.models import Contract
from azexport.exports import actions as exports
from azexport.exports.models import Application
from azexport.notices import actions as notices
from azexport.parties.models import Member
from azexport.services.models import RegulationVersion
from tests.factories import services
from tests.factories.cases import accepted, asks, open_case
from tests.factories.contracts import make_concluded, make_draft
from tests.factories.parties import NOW, make_foreign_member, make_member, sign_in

pytestmark = pytest.mark.django_db


def test_an_empty_cabinet_says_how_to_begin(client: Client) -> None:
    sign_in(client, make_member())
    page = client.get("/cabinet/").content.decode()
    assert "/goods/add/" in page


def test_a_buyer_s_empty_cabinet_offers_nothing_that_only_exporters_do(client: Client) -> None:
    sign_in(client, make_foreign_member())
    page = client.get("/cabinet/").content.decode()
    assert "/goods/add/" not in page
    assert "/contracts/new/" not in page


def test_an_anonymous_visitor_is_led_to_the_sign_in(client: Client) -> None:
    for address in ("/cabinet/", "/cabinet/settings/"):
        assert client.get(address)["Location"].startswith("/sign-in/?next=")


def test_a_draft_waits_for_the_seller_and_a_sent_contract_for_the_buyer() -> None:
    seller, buyer = make_member(), make_foreign_member()
    draft = make_draft(seller)
    board = queries.dashboard(seller.organisation, now=NOW)
    assert [line.url for line in board.waiting] == [f"/contracts/{draft.reference}/"]
    Contract.objects.filter(pk=draft.pk).update(status="awaiting_buyer", buyer=buyer.organisation)
    board = queries.dashboard(seller.organisation, now=NOW)
    assert (board.waiting, [line.status for line in board.running]) == ([], ["awaiting_buyer"])
    board = queries.dashboard(buyer.organisation, now=NOW)
    assert [line.status for line in board.waiting] == ["awaiting_buyer"]


def test_a_concluded_contract_is_finished_for_both() -> None:
    seller, buyer = make_member(), make_foreign_member()
    make_concluded(seller, buyer)
    for member in (seller, buyer):
        board = queries.dashboard(member.organisation, now=NOW)
        assert [line.status for line in board.finished] == ["concluded"]
        assert board.waiting == []


def test_nothing_of_another_organisation_is_shown(client: Client) -> None:
    contract = make_draft(make_member())
    sign_in(client, make_member())
    assert contract.reference not in client.get("/cabinet/").content.decode()


def test_the_newest_notices_are_shown(client: Client) -> None:
    member = make_member()
    for number in range(6):
        notices.notify(
            organisation=member.organisation, kind="test", title={"az": f"Xəbər {number}", "en": f"News {number}"},
            body={"az": "-", "en": "-"}, link="/goods/", subject="GD-1", by=member, now=NOW, email=False,
        )  # fmt: skip
    page = sign_in(client, member).get("/cabinet/").content.decode()
    assert "Xəbər 5" in page
    assert "Xəbər 0" not in page


def test_the_dashboard_costs_the_same_for_one_contract_and_for_three(client: Client) -> None:
    member, buyer = make_member(), make_foreign_member()
    sign_in(client, member)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/cabinet/").status_code == 200
        return len(captured)

    make_concluded(member, buyer)
    make_draft(member)
    one = cost()
    make_concluded(member, buyer)
    make_draft(member)
    make_draft(member)
    assert cost() == one <= 12


def test_the_settings_are_saved_and_audited(client: Client) -> None:
    member = make_member()
    sign_in(client, member)
    assert str(member.organisation.voen) in client.get("/cabinet/settings/").content.decode()
    answer = client.post("/cabinet/settings/", {"language": "en", "email": "new@example.az", "phone": "+994501112233"})
    assert answer["Location"] == "/cabinet/settings/"
    member.person.refresh_from_db()
    assert (member.person.language, member.person.email) == ("en", "new@example.az")
    assert client.cookies["language"].value == "en"
    event = Event.objects.get(name="person.contact_changed")
    assert event.data == {"fields": ["email", "phone", "language"]}
    assert "Your settings are saved." in client.get("/cabinet/settings/").content.decode()


@pytest.mark.parametrize(("field", "value"), [("language", "fr"), ("email", ""), ("email", "x"), ("phone", "555")])
def test_wrong_settings_are_said_at_their_field(client: Client, field: str, value: str) -> None:
    member = make_member()
    sign_in(client, member)
    good = {"language": "az", "email": "a@b.az", "phone": ""}
    answer = client.post("/cabinet/settings/", good | {field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_saving_what_is_there_already_writes_no_event(client: Client) -> None:
    member = make_member()
    sign_in(client, member)
    client.post("/cabinet/settings/", {"language": "az", "email": member.person.email, "phone": ""})
    assert not Event.objects.filter(name="person.contact_changed").exists()


def _submitted(seller: Member, buyer: Member) -> Application:
    contract = make_concluded(seller, buyer)
    application = exports.start(contract=contract, by=seller, now=NOW)
    Application.objects.filter(pk=application.pk).update(
        status="submitted", submitted_at=NOW, submitted_by=seller.actor_id, document=contract.document
    )
    application.refresh_from_db()
    return application


def _case_of(application: Application, seller: Member, row: RegulationVersion | None = None) -> Case:
    case = open_case(seller, row)
    Case.objects.filter(pk=case.pk).update(application_reference=application.reference)
    case.refresh_from_db()
    return case


def test_an_application_begun_waits_for_the_exporter() -> None:
    seller = make_member()
    application = exports.start(contract=make_concluded(seller, make_foreign_member()), by=seller, now=NOW)
    board = queries.dashboard(seller.organisation, now=NOW)
    assert [line.url for line in board.waiting] == [f"/applications/{application.reference}/"]


def test_an_application_with_the_bodies_runs_and_says_how_many_permits_are_there() -> None:
    seller = make_member()
    application = _submitted(seller, make_foreign_member())
    _case_of(application, seller)
    board = queries.dashboard(seller.organisation, now=NOW)
    assert [line.url for line in board.running] == [f"/operations/{application.operation.reference}/"]
    assert "0" in board.running[0].label
    assert board.waiting == []


def test_a_body_s_question_waits_for_the_exporter() -> None:
    seller = make_member()
    application = _submitted(seller, make_foreign_member())
    case = asks(accepted(_case_of(application, seller)))
    board = queries.dashboard(seller.organisation, now=NOW)
    assert [(line.url, line.status) for line in board.waiting] == [
        (f"/cases/{case.reference}/", "information_requested")
    ]


def test_when_all_permits_are_there_the_declaration_waits() -> None:
    seller = make_member()
    application = _submitted(seller, make_foreign_member())
    case = _case_of(application, seller)
    Case.objects.filter(pk=case.pk).update(
        status="granted", decided_at=NOW, decided_by="body", result_document=application.document
    )
    board = queries.dashboard(seller.organisation, now=NOW)
    assert [line.url for line in board.waiting] == [f"/operations/{application.operation.reference}/"]


def test_the_dashboard_costs_the_same_for_one_application_and_for_three(client: Client) -> None:
    seller, buyer = make_member(), make_foreign_member()
    sign_in(client, seller)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/cabinet/").status_code == 200
        return len(captured)

    service = services.load()
    _case_of(_submitted(seller, buyer), seller, service)
    one = cost()
    _case_of(_submitted(seller, buyer), seller, service)
    _case_of(_submitted(seller, buyer), seller, service)
    assert cost() == one <= 15
