"""Signing in: the challenge, the token, the session (P3.7, P10.1)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from freezegun import freeze_time
from pytest_django.fixtures import Settings as SettingsWrapper

from azexport.audit.models import Event
from azexport.parties import actions, queries
from azexport.parties.models import Challenge, Mandate, Organisation, Person
from azexport.parties.views import safe_next
from azexport.signatures.states import Verdict
from tests.factories.parties import make_member, make_officer, make_organisation, make_person, sign_in
from tests.parties.conftest import VOEN, Door, foreign_identity, identity

pytestmark = pytest.mark.django_db
Knock = Callable[..., Any]


def known() -> Mandate:
    member = make_member(person=make_person(fin="5XK7P2M"), organisation=make_organisation(voen=VOEN))
    return Mandate.objects.get(person=member.person)


def test_somebody_with_a_cabinet_is_signed_in_and_led_on(client: Client, door: Door, knock: Knock) -> None:
    """S13.3: who came in, and with which certificate, is on record."""
    mandate = known()
    answer = knock("/goods/")
    assert (answer.status_code, answer.json()) == (200, {"location": "/goods/"})
    assert client.session[queries.SESSION_KEY] == mandate.pk
    assert client.get("/goods/").status_code == 200
    event = Event.objects.get(name="member.signed_in")
    assert (event.subject, event.actor_id) == (mandate.person.reference, mandate.person.reference)
    assert door.asked == []


def test_the_session_gets_a_new_key_at_sign_in(client: Client, door: Door, knock: Knock) -> None:
    known()
    client.get("/sign-in/")
    before = client.session.session_key
    knock(page=False)
    assert client.session.session_key != before


def test_the_nonce_of_the_page_is_the_one_that_must_be_signed(
    client: Client, door: Door, knock: Knock, monkeypatch: pytest.MonkeyPatch
) -> None:
    known()
    monkeypatch.setattr("azexport.signatures.queries.takes_key_files", lambda now: True)
    page = client.get("/sign-in/")
    nonce = page.context["nonce"]
    assert f'data-nonce="{nonce}"' in page.content.decode()
    assert page["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    knock(page=False)
    assert door.nonces == [nonce]


def test_two_tabs_of_a_session_share_the_nonce(client: Client, door: Door) -> None:
    assert client.get("/sign-in/").context["nonce"] == client.get("/sign-in/").context["nonce"]
    assert Challenge.objects.count() == 1


def test_a_nonce_works_once(client: Client, door: Door, knock: Knock) -> None:
    known()
    client.get("/sign-in/")
    kept = client.session["sign_in_nonce"]
    assert knock(page=False).status_code == 200
    client.post("/sign-out/")
    session = client.session
    session["sign_in_nonce"] = kept
    session.save()
    answer = knock(page=False)
    assert (answer.status_code, answer.json()["code"]) == (409, "challenge-spent")
    assert len(door.nonces) == 1


def test_a_session_without_a_nonce_is_refused(door: Door, knock: Knock) -> None:
    known()
    assert knock(page=False).json()["code"] == "challenge-spent"


def test_another_session_s_nonce_is_of_no_use(client: Client, door: Door, knock: Knock) -> None:
    known()
    Client().get("/sign-in/")
    answer = knock(page=False)
    assert answer.status_code == 409
    assert door.nonces == []


def test_a_nonce_lives_five_minutes(client: Client, door: Door, knock: Knock) -> None:
    known()
    start = timezone.now()
    client.get("/sign-in/")
    with freeze_time(start + timedelta(minutes=5, seconds=1)):
        assert knock(page=False).json()["code"] == "challenge-spent"


@pytest.mark.parametrize("verdict", [Verdict.REVOKED, Verdict.EXPIRED, Verdict.UNKNOWN_CENTRE, Verdict.WRONG_USAGE])
def test_a_refused_certificate_is_told_why_audited_and_given_a_fresh_nonce(
    client: Client, door: Door, knock: Knock, verdict: Verdict
) -> None:
    known()
    door.who = verdict
    answer = knock()
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (403, verdict.value)
    assert problem["title"]
    assert Event.objects.get(name="sign_in.refused").data == {"reason": verdict.value}
    assert queries.SESSION_KEY not in client.session
    door.who = identity()
    assert knock(page=False).status_code == 200
    assert door.nonces[1] == problem["nonce"] != door.nonces[0]


def test_a_certificate_of_an_organisation_without_a_voen_opens_no_cabinet(
    client: Client, door: Door, knock: Knock
) -> None:
    door.who = identity(voen=None, organisation_id="NTRAZ-77", organisation="Şəki Fındıq")
    answer = knock()
    assert (answer.status_code, answer.json()["code"]) == (403, "no-taxpayer")
    assert Event.objects.get(name="sign_in.refused").actor_id == "5XK7P2M"


def test_a_voen_with_a_wrong_check_digit_opens_no_cabinet(door: Door, knock: Knock) -> None:
    door.who = identity(voen="1401555081")
    assert knock().json()["code"] == "no-taxpayer"


def test_a_certificate_that_names_nobody_is_refused(door: Door, knock: Knock) -> None:
    door.who = identity(fin=None)
    assert knock().json()["code"] == "names-nobody"


@pytest.mark.parametrize("body", ["", "{", "[]", '{"token": "x"}', '{"next": "/"}', '"' + "x" * 40_000 + '"'])
def test_what_is_not_a_token_is_refused_and_uses_up_nothing(client: Client, door: Door, body: str) -> None:
    client.get("/sign-in/")
    answer = client.post("/sign-in/token", body, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-token")
    assert "sign_in_nonce" in client.session


def test_a_token_needs_the_page_s_csrf_token(door: Door) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.get("/sign-in/")
    assert strict.post("/sign-in/token", "{}", "application/json").status_code == 403


def test_behind_the_proxy_the_address_is_the_one_the_proxy_saw(
    client: Client, door: Door, knock: Knock, settings: SettingsWrapper
) -> None:
    settings.BEHIND_PROXY = True
    client.get("/sign-in/", headers={"X-Forwarded-For": "203.0.113.7, 198.51.100.4"})
    client.get("/sign-in/", headers={"X-Forwarded-For": "made-up, 198.51.100.4"})
    client.cookies.clear()
    client.get("/sign-in/", headers={"X-Forwarded-For": "203.0.113.7"})
    assert Challenge.objects.values("address_sha256").distinct().count() == 2


def test_after_ten_refusals_an_address_waits_five_minutes(client: Client, door: Door, knock: Knock) -> None:
    known()
    door.who = Verdict.REVOKED
    client.get("/sign-in/")
    for _ in range(10):
        assert knock(page=False).status_code == 403
    door.who = identity()
    answer = knock(page=False)
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-attempts")
    with freeze_time(timezone.now() + timedelta(minutes=6)):
        assert knock().status_code == 200


@pytest.mark.parametrize(
    ("given", "goal"),
    [
        ("/goods/?q=1", "/goods/?q=1"),
        ("", "/cabinet/"),
        (None, "/cabinet/"),
        ("https://evil.example/", "/cabinet/"),
        ("//evil.example/", "/cabinet/"),
        ("/\\evil.example", "/cabinet/"),
        ("javascript:alert(1)", "/cabinet/"),
        ("cabinet", "/cabinet/"),
        (7, "/cabinet/"),
    ],
)
def test_the_next_page_is_one_of_ours(given: object, goal: str) -> None:
    assert safe_next(given) == goal


def test_somebody_signed_in_is_led_past_the_page(client: Client, door: Door) -> None:
    sign_in(client, make_member())
    assert client.get("/sign-in/?next=/goods/")["Location"] == "/goods/"


def test_signing_out_ends_the_session(client: Client, door: Door) -> None:
    member = make_member()
    sign_in(client, member)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/signed-out/"
    assert client.get("/goods/").status_code == 302
    assert Event.objects.filter(name="member.signed_out", subject=member.person.reference).exists()
    assert client.get("/signed-out/").status_code == 200


def test_a_mandate_that_has_ended_ends_the_session(client: Client, door: Door) -> None:
    member = make_member()
    sign_in(client, member)
    assert client.get("/goods/").status_code == 200
    Mandate.objects.update(ended_at=timezone.now(), ended_by="PS-OTHER")
    assert client.get("/goods/").status_code == 302


def test_who_is_signed_in_costs_one_query(client: Client, django_assert_num_queries: Any) -> None:
    session = dict(sign_in(client, make_member()).session.items())
    with django_assert_num_queries(1):
        member = queries.member_for(session)
    with django_assert_num_queries(0):
        assert member is not None
        assert member.organisation.name["en"]
        assert queries.member_for({}) is None


def test_demo_keys_are_listed_and_given_out_only_in_the_sandbox(
    client: Client, door: Door, tmp_path: Any, settings: Any
) -> None:
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "leyla-auth.p12").write_bytes(b"key")
    (tmp_path / "secret.p12").write_bytes(b"no")
    (tmp_path / "directory.json").write_text(
        json.dumps(
            {
                "people": [
                    {
                        "name": "leyla",
                        "given_name": "Leyla",
                        "surname": "Məmmədova",
                        "role": "exporter",
                        "auth_p12": str(tmp_path / "people" / "leyla-auth.p12"),
                        "sign_p12": str(tmp_path / "people" / "leyla-sign.p12"),
                        "password": "sandbox",
                    }
                ]
            }
        )
    )
    settings.SANDBOX = tmp_path
    assert "Leyla Məmmədova" in client.get("/sign-in/").content.decode()
    answer = client.get("/sign-in/demo-keys/leyla-auth.p12")
    assert (answer.status_code, answer.content) == (200, b"key")
    for name in ("secret.p12", "leyla-sign.p12", "..%2Fsecret.p12", "nobody.p12"):
        assert client.get(f"/sign-in/demo-keys/{name}").status_code == 404
    settings.SANDBOX = None
    assert "Leyla Məmmədova" not in client.get("/sign-in/").content.decode()
    assert client.get("/sign-in/demo-keys/leyla-auth.p12").status_code == 404


def test_old_challenges_are_forgotten(door: Door) -> None:
    now = timezone.now()
    actions.issue_challenge(nonce="old", address="a", now=now - timedelta(hours=1))
    actions.issue_challenge(nonce="new", address="a", now=now)
    assert Challenge.objects.count() == 1


def test_a_foreign_certificate_is_told_from_a_resident_s(client: Client, door: Door, knock: Knock) -> None:
    door.who = foreign_identity()
    assert knock().json() == {"location": "/sign-in/confirm/"}
    assert not Person.objects.exists()
    assert not Organisation.objects.exists()


def test_the_settings_name_the_origin_that_is_signed(door: Door, knock: Knock, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    known()

    def verify(token: Any, *, nonce: str, origin: str, now: Any) -> Any:
        seen.append(origin)
        return identity()

    monkeypatch.setattr("azexport.signatures.signin.verify_token", verify)
    knock()
    assert seen == [settings.PORTAL_URL]


def test_a_natural_person_opens_a_cabinet_of_their_own_without_the_taxpayer_register(
    client: Client, door: Door, knock: Knock
) -> None:
    """P1.3.3: users are natural persons who are not in business, too."""
    door.who = identity(voen=None, organisation_id=None, organisation="")
    assert knock().json()["location"] == "/sign-in/confirm/"
    answer = client.post("/sign-in/confirm/", {"email": "leyla@mail.example", "phone": ""})
    assert answer.status_code == 302
    party = Organisation.objects.get()
    assert (party.kind, party.fin, party.name["az"]) == ("person", "5XK7P2M", "Leyla Məmmədova")
    assert client.get("/cabinet/").status_code == 200
    assert client.get("/contracts/").status_code == 403


def test_an_official_whom_the_body_has_appointed_lands_on_the_desk(door: Door, knock: Knock) -> None:
    make_officer("honey-office", fin="5XK7P2M")
    door.who = identity(voen=None, organisation_id="GOVAZ-honey-office", body="honey-office")
    assert knock().json()["location"] == "/desk/"


def test_an_official_whom_nobody_has_appointed_is_refused_with_the_way_to_mend_it(door: Door, knock: Knock) -> None:
    make_officer("honey-office")
    door.who = identity(voen=None, organisation_id="GOVAZ-honey-office", body="honey-office")
    answer = knock()
    assert (answer.status_code, answer.json()["code"]) == (403, "no-mandate")


def test_an_officer_is_none_when_they_come_with_the_certificate_of_their_own_business(
    client: Client, door: Door, knock: Knock
) -> None:
    """The certificate decides for whom one acts: an officer's private business opens its own cabinet."""
    make_officer("honey-office", fin="5XK7P2M")
    assert knock().json()["location"] == "/sign-in/confirm/"
