"""Officers: people with a mandate of a public body."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from azexport.audit.models import Event
from azexport.kernel.errors import NotAllowed, RuleViolated
from azexport.kernel.http import OFFICER, SIGNED_IN, TRADER
from azexport.parties import actions, queries
from azexport.parties.models import Mandate, Member, Organisation
from azexport.parties.states import Kind, Role
from tests.factories.participants import participant
from tests.factories.parties import (
    NOW,
    make_citizen,
    make_foreign_member,
    make_head,
    make_member,
    make_officer,
    make_organisation,
    sign_in,
)

pytestmark = pytest.mark.django_db


def test_who_acts_for_what_decides_the_pages_that_are_theirs() -> None:
    assert make_member().audiences == {SIGNED_IN, TRADER}
    assert make_foreign_member().audiences == {SIGNED_IN, TRADER}
    assert make_citizen().audiences == {SIGNED_IN}
    assert make_officer().audiences == {SIGNED_IN, OFFICER}


@pytest.mark.parametrize("address", ["/contracts/", "/goods/", "/applications/", "/declarations/"])
def test_an_officer_and_a_citizen_are_refused_at_the_pages_of_traders(client: Client, address: str) -> None:
    assert sign_in(client, make_officer()).get(address).status_code == 403
    assert sign_in(client, make_citizen()).get(address).status_code == 403


def test_a_body_is_a_party_like_any_other_and_its_officers_get_its_notices() -> None:
    """S2.1.4: state bodies are users, too."""
    head, officer = make_head(), make_officer()
    party = queries.body_organisation(head.participant)  # type: ignore[arg-type]
    assert party == head.organisation == officer.organisation
    assert party.kind == Kind.BODY
    assert set(queries.addresses_of(party)) == {head.person.email, officer.person.email}


def test_heads_stand_before_officers() -> None:
    officer, head = make_officer(), make_head()
    body = head.participant
    assert body is not None
    assert [one.person for one in queries.officers_of(body)] == [head.person, officer.person]
    assert [one.person for one in queries.heads_of(body)] == [head.person]


def test_a_head_appoints_an_officer_and_dismisses_them_again(client: Client) -> None:
    head = make_head()
    officer = _appointed(head)
    sign_in(client, officer)
    mandate = Mandate.objects.get(person=officer.person)
    actions.dismiss_officer(mandate=mandate, by=head, now=NOW + timedelta(days=1))
    assert client.get("/notices/").status_code == 302
    assert Event.objects.filter(name="officer.appointed", actor_id=head.person.reference).exists()


def _appointed(head: Member) -> Member:
    body = head.participant
    assert body is not None
    return Member.of(actions.appoint_officer(
        participant=body, fin="1AB23CD", given_name="Sona", surname="Qasımova", position={"az": "Məsləhətçi"},
        role=Role.OFFICER, email="sona@example.az", by=head, now=NOW,
    ))  # fmt: skip


def test_appointing_again_changes_the_position_and_gives_no_second_mandate() -> None:
    head = make_head()
    _appointed(head)
    _appointed(head)
    assert Mandate.objects.filter(person__fin="1AB23CD").count() == 1


@pytest.mark.parametrize("who", [make_officer, make_member, lambda: make_head("other-office")])
def test_only_a_head_of_the_body_appoints_and_dismisses(who: object) -> None:
    head = make_head()
    officer = _appointed(head)
    stranger = who()  # type: ignore[operator]
    body = head.participant
    assert body is not None
    with pytest.raises(NotAllowed):
        actions.appoint_officer(
            participant=body, fin="9ZZ99ZZ", given_name="A", surname="B", position={}, role=Role.HEAD, email="",
            by=stranger, now=NOW,
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        actions.dismiss_officer(mandate=Mandate.objects.get(person=officer.person), by=stranger, now=NOW)


def test_a_head_cannot_dismiss_themselves() -> None:
    """PTY-005"""
    head = make_head()
    with pytest.raises(RuleViolated) as refused:
        actions.dismiss_officer(mandate=Mandate.objects.get(person=head.person), by=head, now=NOW)
    assert [one.code for one in refused.value.violations] == ["PTY-005"]


def test_nobody_is_appointed_to_represent_a_body() -> None:
    """PTY-004"""
    with pytest.raises(RuleViolated) as refused:
        make_officer(role=Role.REPRESENTATIVE)
    assert [one.code for one in refused.value.violations] == ["PTY-004"]


def test_a_party_is_of_exactly_one_kind() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_organisation(fin="1AB23CD", voen="1400000071")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_organisation(foreign_id="NTRDE-1", participant=participant("two-faces"))


def test_an_official_signs_as_an_official_of_the_body() -> None:
    head = make_head("honey-office")
    assert head.expected["body"] == "honey-office"
    assert head.expected["fin"] == head.person.fin


def test_the_first_officers_come_from_the_directory_and_loading_again_changes_nothing(tmp_path: Path) -> None:
    participant("honey-office")
    entry = {
        "body": "honey-office", "role": "head", "fin": "3CA71RT", "given_name": "Fərid", "surname": "Əhmədov",
        "position": {"az": "Sədr", "en": "Chair"}, "email": "farid@example.az",
    }  # fmt: skip
    path = tmp_path / "directory.json"
    others = [{"body": None, "role": "exporter"}, {**entry, "body": "nobody", "fin": "7XX11XX"}]
    path.write_text(json.dumps({"people": [entry, *others]}))
    call_command("load_officers", directory=path)
    call_command("load_officers", directory=path)
    mandate = Mandate.objects.get()
    assert (mandate.role, mandate.person.full_name) == (Role.HEAD, "Fərid Əhmədov")
    assert Organisation.objects.get().participant is not None


def test_what_the_registers_say_of_a_taxpayer_is_known_without_asking() -> None:
    """S6.1.1, S7.2"""
    organisation = make_organisation(register={"status": "active", "activities": ["Fındıq", "Bal"]})
    facts = queries.facts_of(make_member(organisation=organisation))
    assert facts["applicant.voen"] == organisation.voen
    assert facts["applicant.activities"] == "Fındıq; Bal"
    assert "applicant.director" not in facts
