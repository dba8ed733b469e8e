"""Opening a cabinet from certificate and taxpayer register (P10.1, P10.3.3(1-2), P4.2.9.1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from freezegun import freeze_time
from hypothesis import given
from hypothesis import strategies as st
from stdnum.az import voen as stdnum_voen

from azexport.audit.models import Event
from azexport.kernel.errors import RuleViolated
from azexport.parties import actions, queries
from azexport.parties.candidates import Candidate
from azexport.parties.models import Mandate, Organisation, Person
from azexport.parties.rules import is_voen
from tests.factories.parties import make_member, make_organisation, make_person, make_voen
from tests.parties.conftest import VOEN, Door, foreign_identity, identity

pytestmark = pytest.mark.django_db
Knock = Callable[..., Any]
CONTACT = {"email": "leyla@sheki.example", "phone": "+994 50 123-45-67"}
STATED = {
    "name": "Other Ltd", "registration_number": "HRB 1", "address": "Speicherstadt 4, 20457 Hamburg",
    "email": "jonas@weber-nuss.example", "phone": "",
}  # fmt: skip


def test_the_first_sign_in_asks_the_register_live_and_shows_both_for_confirmation(
    client: Client, door: Door, knock: Knock
) -> None:
    assert knock("/goods/").json() == {"location": "/sign-in/confirm/"}
    [asked] = door.asked
    assert (asked["type"], asked["body"], asked["to"].code) == ("taxpayer.query", {"voen": VOEN}, "register-of-tests")
    assert asked["by"].actor_id == "5XK7P2M"
    page = client.get("/sign-in/confirm/").content.decode()
    for shown in ("MƏMMƏDOVA LEYLA", VOEN, "5XK7P2M", "Şəki şəhəri", "Məmmədova Leyla", "2 mart 2015"):
        assert shown in page
    assert len(door.asked) == 1
    assert not Organisation.objects.exists()


def test_confirming_opens_the_cabinet_and_leads_to_where_the_user_wanted(
    client: Client, door: Door, knock: Knock
) -> None:
    knock("/goods/")
    client.get("/sign-in/confirm/")
    before = client.session.session_key
    answer = client.post("/sign-in/confirm/", CONTACT)
    assert (answer.status_code, answer["Location"]) == (302, "/goods/")
    person, organisation = Person.objects.get(), Organisation.objects.get()
    assert (person.fin, person.email, person.phone) == ("5XK7P2M", "leyla@sheki.example", "+994501234567")
    assert (organisation.voen, organisation.name["en"]) == (VOEN, "Sheki Findiq LLC")
    assert organisation.confirmed_by == person.reference
    assert organisation.register["director"]["fin"] == "5XK7P2M"
    assert client.get("/goods/").status_code == 200
    assert "sign_in_candidate" not in client.session
    assert before != client.session.session_key
    events = Event.objects.filter(actor_id=person.reference).order_by("id")
    assert [event.name for event in events] == ["cabinet.confirmed", "member.signed_in"]


@pytest.mark.parametrize(
    ("field", "value"), [("email", ""), ("email", "no address"), ("phone", "12345"), ("phone", "+994 abc")]
)
def test_a_missing_or_wrong_contact_is_said_at_its_field(
    client: Client, door: Door, knock: Knock, field: str, value: str
) -> None:
    knock()
    answer = client.post("/sign-in/confirm/", CONTACT | {field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Organisation.objects.exists()


def test_a_register_that_does_not_answer_loses_nothing(client: Client, door: Door, knock: Knock) -> None:
    answers, door.register = door.register, None
    assert knock("/goods/").json() == {"location": "/sign-in/confirm/"}
    page = client.get("/sign-in/confirm/")
    assert page.status_code == 503
    assert "MƏMMƏDOVA LEYLA" in page.content.decode()
    assert client.post("/sign-in/register/")["Location"] == "/sign-in/confirm/"
    assert client.get("/sign-in/confirm/").status_code == 503
    door.register = answers
    client.post("/sign-in/register/")
    assert client.get("/sign-in/confirm/").status_code == 200
    assert client.post("/sign-in/confirm/", CONTACT)["Location"] == "/goods/"


@pytest.mark.parametrize(
    ("register", "code"),
    [
        ({"found": False}, "PTY-001"),
        ({"status": "closed"}, "PTY-002"),
        ({"director": {"name": "Başqa Şəxs", "fin": "8LT4N6Q"}}, "PTY-003"),
        ({"director": None}, "PTY-003"),
    ],
)
def test_a_register_that_says_otherwise_opens_no_cabinet(
    client: Client, door: Door, knock: Knock, register: dict[str, Any], code: str
) -> None:
    assert door.register is not None
    door.register |= register
    knock()
    for answer in (client.get("/sign-in/confirm/"), client.post("/sign-in/confirm/", CONTACT)):
        assert answer.status_code == 422
        assert [one.code for one in answer.context["violations"]] == [code]
    assert not Organisation.objects.exists()


def test_the_action_refuses_what_the_page_refuses(door: Door) -> None:
    candidate = Candidate.of_data(Candidate.of(identity()).as_data() | {"register": {"found": False}})
    with pytest.raises(RuleViolated):
        actions.confirm_cabinet(candidate=candidate, stated=actions.Stated("a@b.az", "", "az"), now=timezone.now())


def test_confirming_without_a_certificate_leads_to_the_sign_in(client: Client, door: Door) -> None:
    assert client.get("/sign-in/confirm/")["Location"] == "/sign-in/"
    assert client.post("/sign-in/confirm/", CONTACT)["Location"] == "/sign-in/"


def test_what_was_shown_is_forgotten_after_half_an_hour(client: Client, door: Door, knock: Knock) -> None:
    knock()
    with freeze_time(timezone.now() + timedelta(minutes=31)):
        assert client.post("/sign-in/confirm/", CONTACT)["Location"] == "/sign-in/"


def test_another_key_can_be_chosen(client: Client, door: Door, knock: Knock) -> None:
    knock()
    assert client.post("/sign-in/cancel/")["Location"] == "/sign-in/"
    assert client.get("/sign-in/confirm/")["Location"] == "/sign-in/"


def test_confirming_twice_makes_one_cabinet(client: Client, door: Door, knock: Knock) -> None:
    knock()
    kept = client.session["sign_in_candidate"]
    client.post("/sign-in/confirm/", CONTACT)
    session = client.session
    session["sign_in_candidate"] = kept
    session.save()
    assert client.post("/sign-in/confirm/", CONTACT).status_code == 302
    assert (Person.objects.count(), Organisation.objects.count(), Mandate.objects.count()) == (1, 1, 1)
    assert Event.objects.filter(name="cabinet.confirmed").count() == 1


def test_a_new_director_ends_the_earlier_one_s_mandate(client: Client, door: Door, knock: Knock) -> None:
    earlier = make_member(person=make_person(fin="8LT4N6Q"), organisation=make_organisation(voen=VOEN))
    knock()
    client.post("/sign-in/confirm/", CONTACT)
    ended = Mandate.objects.get(person=earlier.person)
    assert ended.ended_at is not None
    assert ended.ended_by == Person.objects.get(fin="5XK7P2M").reference
    assert Event.objects.filter(name="mandate.ended", subject=earlier.person.reference).exists()


def test_a_foreign_partner_states_what_the_certificate_does_not_say(client: Client, door: Door, knock: Knock) -> None:
    door.who = foreign_identity()
    knock()
    page = client.get("/sign-in/confirm/")
    assert door.asked == []
    assert set(page.context["form"].fields) == {"address", "email", "phone"}
    assert page.context["form"]["email"].value() == "jonas@weber-nuss.example"
    assert client.post("/sign-in/confirm/", STATED | {"address": ""}).status_code == 422
    assert client.post("/sign-in/confirm/", STATED).status_code == 302
    organisation = Organisation.objects.get()
    assert (organisation.voen, organisation.foreign_id) == (None, "NTRDE-HRB98765")
    assert (organisation.name["en"], organisation.registration_number) == ("Weber Nuss GmbH", "HRB98765")
    assert (organisation.country, organisation.address["en"]) == ("DE", STATED["address"])
    assert Person.objects.get().foreign_id == "PNODE-L8X2T5V91"


def test_a_certificate_without_organisation_cannot_take_over_another_s(
    client: Client, door: Door, knock: Knock
) -> None:
    theirs = make_organisation(foreign_id="NTRDE-HRB98765")
    door.who = foreign_identity(organisation="", organisation_id=None)
    knock()
    assert {"name", "registration_number"} <= set(client.get("/sign-in/confirm/").context["form"].fields)
    stated = STATED | {"name": "Weber Nuss GmbH", "registration_number": "NTRDE-HRB98765"}
    assert client.post("/sign-in/confirm/", stated).status_code == 302
    assert Mandate.objects.get().organisation != theirs
    assert Organisation.objects.exclude(pk=theirs.pk).get().foreign_id == "stated-by:PNODE-L8X2T5V91"


def test_two_people_of_a_foreign_organisation_share_its_cabinet(client: Client, door: Door, knock: Knock) -> None:
    door.who = foreign_identity()
    knock()
    client.post("/sign-in/confirm/", STATED)
    client.post("/sign-out/")
    door.who = foreign_identity(foreign_id="PNODE-OTHER", given_name="Erika")
    knock()
    client.post("/sign-in/confirm/", STATED)
    assert Organisation.objects.count() == 1
    assert Mandate.objects.filter(ended_at__isnull=True).count() == 2


def test_each_of_two_people_of_a_foreign_organisation_keeps_their_own_address(
    client: Client, door: Door, knock: Knock
) -> None:
    door.who = foreign_identity()
    knock()
    client.post("/sign-in/confirm/", STATED)
    client.post("/sign-out/")
    door.who = foreign_identity(foreign_id="PNODE-OTHER", given_name="Erika", email=None)
    knock()
    client.post("/sign-in/confirm/", STATED | {"email": "erika@weber-nuss.example"})
    organisation = Organisation.objects.get()
    assert organisation.email == STATED["email"]
    assert list(queries.addresses_of(organisation)) == [STATED["email"], "erika@weber-nuss.example"]


def test_somebody_who_acts_for_two_organisations_is_written_to_at_each_ones_address(
    client: Client, door: Door, knock: Knock
) -> None:
    for number, address in (("NTRDE-HRB98765", "jonas@one.example"), ("NTRDE-HRB11111", "jonas@two.example")):
        door.who = foreign_identity(organisation_id=number, email=None)
        knock()
        client.post("/sign-in/confirm/", STATED | {"email": address})
        if "two" not in address:
            client.post("/sign-out/")
    first, second = (Organisation.objects.get(foreign_id=f"NTRDE-HRB{number}") for number in ("98765", "11111"))
    client.post("/cabinet/settings/", {"language": "en", "email": "weber@two.example", "phone": ""})
    assert list(queries.addresses_of(first)) == ["jonas@one.example"]
    assert list(queries.addresses_of(second)) == ["weber@two.example"]


def test_the_second_sign_in_asks_nobody(client: Client, door: Door, knock: Knock) -> None:
    knock()
    client.post("/sign-in/confirm/", CONTACT)
    client.post("/sign-out/")
    door.register = None
    assert knock("/goods/").json() == {"location": "/goods/"}
    assert len(door.asked) == 1


@given(st.integers(min_value=0, max_value=999_999), st.integers(min_value=1, max_value=2))
def test_a_voen_with_its_check_digit_is_valid_and_with_any_other_is_not(serial: int, status: int) -> None:
    voen = make_voen(serial % 900_000, status=status)
    assert is_voen(voen)
    assert stdnum_voen.is_valid(voen)
    for digit in set("0123456789") - {voen[8]}:
        assert not is_voen(voen[:8] + digit + voen[9])


@given(st.text(max_size=12))
def test_what_is_not_ten_digits_is_no_voen(text: str) -> None:
    if is_voen(text):
        assert len(text) == 10
        assert text.isdigit()
        assert text[9] in "12"


@pytest.mark.parametrize("voen", ["1401555081", "1400057424", "140155507", "", "14015550711", "140155507x"])
def test_known_wrong_voens_are_refused(voen: str) -> None:
    assert is_voen("1401555071")
    assert not is_voen(voen)
