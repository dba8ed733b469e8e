"""People and organisations for tests."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from django.test import Client

from azexport.kernel.actor import SYSTEM
from azexport.kernel.references import new_reference
from azexport.kernel.text import both
from azexport.participants.models import Participant
from azexport.parties import actions
from azexport.parties.models import Mandate, Member, Organisation, Person
from azexport.parties.queries import SESSION_KEY
from azexport.parties.states import Role
from tests.factories.participants import participant

NOW = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def make_voen(serial: int, *, status: int = 1) -> str:
    """A valid VÖEN of unit 14 with this serial or the next one that has a check digit."""
    while True:
        body = f"14{serial:06d}"
        check = sum(w * int(d) for w, d in zip((4, 1, 8, 6, 2, 7, 5, 3), body, strict=True)) % 11
        if check < 10:
            return f"{body}{check}{status}"
        serial += 1


def make_person(**given: Any) -> Person:
    number = next(_numbers)
    values: dict[str, Any] = {
        "reference": new_reference("PS"),
        "country": "AZ",
        "given_name": "Leyla",
        "surname": "Məmmədova",
        "email": f"person{number}@example.az",
        "language": "az",
        "created_at": NOW,
    } | given
    if not values.get("foreign_id"):
        values.setdefault("fin", f"5X{number:05d}")
    values.setdefault("common_name", f"{values['given_name']} {values['surname']}")
    return Person.objects.create(**values)


def make_organisation(**given: Any) -> Organisation:
    """A confirmed Azerbaijani taxpayer; with `foreign_id=` a confirmed foreign partner."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "reference": new_reference("OR"),
        "country": "DE" if given.get("foreign_id") else "AZ",
        "name": both("Şəki Fındıq MMC", "Sheki Findiq LLC"),
        "address": both("Şəki şəhəri, M.F. Axundzadə prospekti 12", "12 M.F. Akhundzade Avenue, Sheki"),
        "email": f"office{number}@example.az",
        "confirmed_at": NOW,
        "confirmed_by": "PS-TEST",
        "created_at": NOW,
    } | given
    if not values.get("foreign_id") and not values.get("fin"):
        values.setdefault("voen", make_voen(number * 7))
    return Organisation.objects.create(**values)


def make_member(*, person: Person | None = None, organisation: Organisation | None = None) -> Member:
    """Somebody who may act for a confirmed organisation."""
    organisation = organisation or make_organisation()
    person = person or make_person()
    Mandate.objects.create(person=person, organisation=organisation, created_at=NOW)
    return Member(person, organisation)


def make_citizen(**given: Any) -> Member:
    """A natural person who is not in business."""
    person = make_person(given_name="Aysel", surname="Kərimova", **given)
    name = person.full_name
    return make_member(person=person, organisation=make_organisation(fin=person.fin, name=both(name, name), address={}))


def make_officer(code: str = "honey-office", *, role: str = Role.OFFICER, **given: Any) -> Member:
    """Somebody who works at the body of this code; the body is there afterwards."""
    body = Participant.objects.filter(code=code).first() or participant(code)
    number = next(_numbers)
    mandate = actions.appoint_officer(
        participant=body, role=role, by=SYSTEM, now=NOW,
        **{
            "fin": f"6F{number:05d}", "given_name": "Aynur", "surname": f"Quliyeva {number}",
            "position": both("Aparıcı mütəxəssis", "Leading specialist"), "email": f"officer{number}@example.az",
        } | given,
    )  # fmt: skip
    return Member.of(mandate)


def make_head(code: str = "honey-office", **given: Any) -> Member:
    """The head of the body of this code."""
    return make_officer(code, role=Role.HEAD, **{"position": both("Sədr", "Chair")} | given)


def make_foreign_member(organisation: Organisation | None = None) -> Member:
    """A buyer: Jonas Weber of Weber Nuss GmbH, Hamburg; or of the organisation given."""
    number = next(_numbers)
    return make_member(
        person=make_person(
            foreign_id=f"PNODE-{number:08d}", country="DE", given_name="Jonas", surname="Weber", language="en"
        ),
        organisation=organisation
        or make_organisation(
            foreign_id=f"NTRDE-HRB{number:05d}",
            registration_number=f"HRB{number:05d}",
            name=both("Weber Nuss GmbH", "Weber Nuss GmbH"),
            address=both("Speicherstadt 4, 20457 Hamburq", "Speicherstadt 4, 20457 Hamburg"),
        ),
    )


def sign_in(client: Client, member: Member) -> Client:
    """The client's session is the member's. For tests of pages; the sign-in itself has its own tests."""
    session = client.session
    session[SESSION_KEY] = Mandate.objects.get(
        person=member.person, organisation=member.organisation, ended_at__isnull=True
    ).pk
    session.save()
    return client
