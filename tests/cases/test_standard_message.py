"""A case can be had as a message of the standard that its regulation maps (S-A1 3.2.1)."""

from __future__ import annotations

import pytest
from django.test import Client
from lxml import etree

from azexport.cases.models import Case
from azexport.parties.models import Member
from tests.factories import cases as factory
from tests.factories.parties import make_member, make_officer, sign_in
from tests.factories.services import load

pytestmark = pytest.mark.django_db

UBL = {"standard": "UBL CertificateOfOrigin", "version": "2.4"}
FIELDS = [
    {"from": "case.reference", "element": "cbc:ID"},
    {"from": "applicant.name", "element": "cac:ExporterParty/cac:PartyName/cbc:Name"},
    {"from": 'case.decided_on == "" ? "19" : "70"', "element": "cac:IssuerEndorsement/cbc:ApprovalStatus"},
]


@pytest.fixture
def member() -> Member:
    return make_member()


def mapped(member: Member, messages: list[dict[str, object]] | None = None) -> Case:
    wanted = [{**UBL, "fields": FIELDS}] if messages is None else messages
    return factory.open_case(member, load(procedures__messages=wanted))


def address(case: Case, number: int = 1) -> str:
    return f"/cases/{case.reference}/messages/{number}.xml"


def test_the_applicant_takes_the_case_along_as_a_standard_message(client: Client, member: Member) -> None:
    case = mapped(member)
    sign_in(client, member)

    page = client.get(f"/cases/{case.reference}/")
    answer = client.get(address(case))

    assert f'href="{address(case)}">UBL CertificateOfOrigin 2.4 (XML)' in page.content.decode()
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/xml")
    assert answer["Cache-Control"] == "private, no-cache"
    assert f'filename="{case.reference}-1.xml"' in answer["Content-Disposition"]
    texts = [node.text for node in etree.fromstring(answer.content).iter() if not len(node)]
    assert texts == [case.reference, member.organisation.name["az"], "19"]


def test_the_message_of_a_granted_case_says_so(client: Client, member: Member) -> None:
    case = factory.granted(factory.accepted(mapped(member)))
    sign_in(client, member)

    root = etree.fromstring(client.get(address(case)).content)

    assert root.findtext(".//{*}ApprovalStatus") == "70"


def test_officers_of_the_body_have_it_on_their_desk(client: Client, member: Member) -> None:
    row = factory.desk_row(procedures__messages=[{**UBL, "fields": FIELDS}])
    case = factory.desk_case(member, row)
    sign_in(client, make_officer("honey-office"))

    assert address(case) in client.get(f"/desk/cases/{case.reference}/").content.decode()
    assert client.get(address(case)).status_code == 200


def test_a_body_that_has_applied_itself_has_it_too(client: Client) -> None:
    officer = make_officer("wax-office")
    case = mapped(officer)
    sign_in(client, officer)

    assert client.get(address(case)).status_code == 200


@pytest.mark.parametrize("number", [0, 2])
def test_there_is_no_other_message(client: Client, member: Member, number: int) -> None:
    case = mapped(member)
    sign_in(client, member)

    assert client.get(address(case, number)).status_code == 404


def test_a_case_whose_regulation_maps_none_offers_none(client: Client, member: Member) -> None:
    case = mapped(member, [])
    sign_in(client, member)

    assert "(XML)" not in client.get(f"/cases/{case.reference}/").content.decode()
    assert client.get(address(case)).status_code == 404


def test_others_do_not_see_it(client: Client, member: Member) -> None:
    case = mapped(member)
    sign_in(client, make_member())
    assert client.get(address(case)).status_code == 404

    sign_in(client, make_officer("wax-office"))
    assert client.get(address(case)).status_code == 404
