"""Signing in, opening a cabinet, inviting."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from azexport.audit import actions as audit
from azexport.exchange import actions as exchange
from azexport.kernel.actor import SYSTEM, Actor, NamedActor
from azexport.kernel.errors import NotAllowed, RuleViolated, Violation
from azexport.kernel.references import new_reference
from azexport.kernel.text import Text, both
from azexport.lifecycle import announce, hold_subjects
from azexport.participants import queries as participants
from azexport.parties import queries
from azexport.parties.candidates import Candidate
from azexport.parties.errors import ChallengeSpent, NamesNobody, NoMandate, NoTaxpayer, TooManyAttempts
from azexport.parties.models import Challenge, Invitation, Mandate, Member, Organisation, Person
from azexport.parties.rules import is_voen, register_violations
from azexport.parties.states import AT_A_BODY, Kind, Role

if TYPE_CHECKING:
    from azexport.participants.models import Participant

CHALLENGE_LIFE = timedelta(minutes=5)
REFUSALS_ALLOWED = 10
REFUSALS_REMEMBERED = timedelta(minutes=5)
INVITATION_LIFE = timedelta(days=14)
ANONYMOUS = NamedActor("visitor", "anonymous", "anonymous")
"""Somebody who is not signed in."""


# ---------------------------------------------------------------- the challenge


@transaction.atomic
def issue_challenge(*, nonce: str, address: str, now: datetime) -> None:
    """The nonce may be used once within five minutes. Those that nobody needs any more are gone."""
    Challenge.objects.filter(expires_at__lt=now - REFUSALS_REMEMBERED).delete()
    Challenge.objects.create(
        nonce_sha256=queries.token_digest(nonce),
        address_sha256=_address_digest(address),
        issued_at=now,
        expires_at=now + CHALLENGE_LIFE,
    )


def use_challenge(*, nonce: str | None, address: str, now: datetime) -> None:
    """The nonce is spent; of two callers at once, one only gets past here.

    Raises:
        TooManyAttempts: many tokens from this address were refused in the last five minutes.
        ChallengeSpent: the nonce is unknown, used or too old.
    """
    digest = _address_digest(address)
    since = now - REFUSALS_REMEMBERED
    if Challenge.objects.filter(address_sha256=digest, refused_at__gt=since).count() >= REFUSALS_ALLOWED:
        raise TooManyAttempts
    if nonce is None:
        raise ChallengeSpent
    spent = Challenge.objects.filter(
        nonce_sha256=queries.token_digest(nonce), used_at__isnull=True, expires_at__gt=now
    ).update(used_at=now)
    if not spent:
        raise ChallengeSpent


@transaction.atomic
def refuse_sign_in(*, nonce: str, reason: str, by: Actor = ANONYMOUS, now: datetime) -> None:
    """The refusal is in the audit and counts against the caller's address."""
    Challenge.objects.filter(nonce_sha256=queries.token_digest(nonce)).update(refused_at=now)
    audit.record("sign_in.refused", subject="sign-in", by=by, now=now, data={"reason": reason})


def _address_digest(address: str) -> str:
    return salted_hmac("azexport.parties.address", address, algorithm="sha256").hexdigest()


# ---------------------------------------------------------------- signing in


def check_candidate(candidate: Candidate) -> None:
    """The certificate can open a cabinet (P1.3.3): a taxpayer of Azerbaijan, or somebody from abroad.

    Raises:
        NamesNobody: it has no personal number.
        NoTaxpayer: it names an organisation of Azerbaijan, and no valid VÖEN.
    """
    if not candidate.fin and not candidate.foreign_id:
        raise NamesNobody
    if candidate.kind == Kind.TAXPAYER and not is_voen(candidate.voen):
        raise NoTaxpayer


@transaction.atomic
def sign_in(*, candidate: Candidate, now: datetime) -> Mandate | None:
    """The mandate under which this certificate's owner works from now on; None: they have no cabinet yet (P10.1).

    Raises:
        NoMandate: an official whom the body has not appointed.
    """
    check_candidate(candidate)
    mandate = queries.mandate_of(candidate.person_key, candidate.organisation_key)
    if mandate is None and candidate.kind == Kind.BODY:
        raise NoMandate
    if mandate is not None:
        _record_sign_in(mandate, candidate, now)
    return mandate


def ask_register(*, candidate: Candidate, now: datetime) -> Candidate:
    """The candidate with what the taxpayer register says of them, asked live (P4.2.9.1, P10.3.3(1)).

    Call it outside a transaction: it waits for another system.

    Raises:
        OutsideFailure: the register does not answer.
    """
    reply = exchange.query(
        to=participants.with_role("tax-register"),
        type="taxpayer.query",
        body={"voen": candidate.voen},
        subject=candidate.voen,
        by=candidate.as_actor(),
        now=now,
    )
    return replace(candidate, register={**reply, "asked_at": now.isoformat()})


@dataclass(frozen=True)
class Stated:
    """What the user adds to the certificate and the register. The first three only from a foreign partner."""

    email: str
    phone: str
    language: str
    name: str = ""
    registration_number: str = ""
    address: str = ""


@transaction.atomic
def confirm_cabinet(*, candidate: Candidate, stated: Stated, now: datetime) -> Mandate:
    """The person, the organisation and the mandate exist, as the user confirmed them (P10.1, P10.3.3(2)).

    The e-mail address is the person's in this mandate; a foreign organisation keeps the first that it was given.
    Confirming twice gives the same mandate. Where the register now names another director, mandates of the
    earlier one have ended.

    Raises:
        RuleViolated: the register's answer does not allow it (PTY-001 to PTY-003).
    """
    check_candidate(candidate)
    if candidate.kind == Kind.BODY:
        raise NoMandate
    if candidate.kind == Kind.TAXPAYER and (violations := register_violations(candidate)):
        raise RuleViolated(violations)
    person = _person(candidate, stated, now)
    actor = NamedActor("person", person.reference, person.full_name)
    organisation = _organisation(candidate, stated, by=actor, now=now)
    mandate, made = Mandate.objects.select_related("person", "organisation").get_or_create(
        person=person,
        organisation=organisation,
        role=Role.REPRESENTATIVE,
        ended_at=None,
        defaults={"created_at": now, "email": stated.email},
    )
    if not made and mandate.email != stated.email:
        mandate.email = stated.email
        mandate.save(update_fields=["email"])
    if made:
        _end_other_mandates(mandate, by=actor, now=now)
        announce(
            "cabinet.confirmed", organisation, by=actor, now=now,
            data={
                "person": person.reference, "source": "register" if candidate.kind == Kind.TAXPAYER else "stated",
            },
        )  # fmt: skip
    _record_sign_in(mandate, candidate, now)
    return mandate


def _person(candidate: Candidate, stated: Stated, now: datetime) -> Person:
    values = {
        "country": candidate.country,
        "given_name": candidate.given_name,
        "surname": candidate.surname,
        "common_name": candidate.common_name,
        "email": stated.email,
        "phone": stated.phone,
        "language": stated.language,
    }
    created = {**values, "reference": new_reference("PS"), "created_at": now}
    person, _made = Person.objects.update_or_create(**candidate.person_key, defaults=values, create_defaults=created)
    return person


def _organisation(candidate: Candidate, stated: Stated, *, by: Actor, now: datetime) -> Organisation:
    values = {
        "country": candidate.country,
        "confirmed_at": now,
        "confirmed_by": by.actor_id,
        **_stated_of(candidate, stated),
    }
    if candidate.kind != Kind.FOREIGN:  # that may have several representatives, each with an address of their own
        values["email"] = stated.email
    created = {**values, "email": stated.email, "reference": new_reference("OR"), "created_at": now}
    organisation, _made = Organisation.objects.update_or_create(
        **candidate.organisation_key, defaults=values, create_defaults=created
    )
    return organisation


def _stated_of(candidate: Candidate, stated: Stated) -> dict[str, Any]:
    match candidate.kind:
        case Kind.TAXPAYER:
            return _of_register(candidate)
        case Kind.PERSON:
            name = f"{candidate.given_name} {candidate.surname}".strip() or candidate.common_name
            return {"name": both(name, name), "register": {"certificate": candidate.as_data() | {"register": {}}}}
    return _of_statement(candidate, stated)


def _of_register(candidate: Candidate) -> dict[str, Any]:
    register = candidate.register
    return {
        "name": _text(register["name"]),
        "address": _text(register.get("address")),
        "register": register,
        "registration_number": candidate.voen,
    }


def _of_statement(candidate: Candidate, stated: Stated) -> dict[str, Any]:
    # What the certificate says is stronger than what its owner states.
    name = candidate.organisation or stated.name
    number = candidate.registration_number or stated.registration_number
    return {
        "name": both(name, name),
        "address": both(stated.address, stated.address),
        "register": {"certificate": candidate.as_data() | {"register": {}}, "stated": {"address": stated.address}},
        "registration_number": number,
    }


def _text(value: Text | str | None) -> Text:
    if isinstance(value, dict):
        return {**value}
    return both(value or "", value or "")


def _end_other_mandates(mandate: Mandate, *, by: Actor, now: datetime) -> None:
    """The register names one director; a foreign organisation may have several representatives."""
    if mandate.organisation.kind != Kind.TAXPAYER:
        return
    others = Mandate.objects.filter(organisation=mandate.organisation, ended_at__isnull=True).exclude(pk=mandate.pk)
    for other in others.select_for_update(of=("self",)).select_related("person"):
        other.ended_at, other.ended_by = now, by.actor_id
        other.save(update_fields=["ended_at", "ended_by"])
        audit.record("mandate.ended", subject=other.person.reference, by=by, now=now,
                     data={"organisation": mandate.organisation.reference})  # fmt: skip


def _record_sign_in(mandate: Mandate, candidate: Candidate, now: datetime) -> None:
    person = mandate.person
    audit.record(
        "member.signed_in",
        subject=person.reference,
        by=NamedActor("person", person.reference, person.full_name),
        now=now,
        data={"organisation": mandate.organisation.reference, "certificate": candidate.fingerprint},
    )


# ---------------------------------------------------------------- officers


@transaction.atomic
def appoint_officer(
    *, participant: Participant, fin: str, given_name: str, surname: str, position: Text, role: str, email: str,
    by: Actor, now: datetime,
) -> Mandate:  # fmt: skip
    """The person works for the body from now on and may sign in with the certificate that the body gave them.

    Appointing somebody again changes their position and role only: their address is theirs to change.

    Raises:
        NotAllowed: a person who is no head of the body appoints.
        RuleViolated: PTY-004, the role is none of a body's.
    """
    _require_head(participant, by)
    if role not in AT_A_BODY:
        raise RuleViolated([Violation("PTY-004", _("Choose officer or head."), "role")])
    names = {"given_name": given_name, "surname": surname, "common_name": f"{given_name} {surname}", "email": email}
    person, _made = Person.objects.get_or_create(
        fin=fin, defaults={**names, "country": "AZ", "reference": new_reference("PS"), "created_at": now}
    )
    party = _party_of(participant, now)
    mandate, made = Mandate.objects.select_related("person", "organisation__participant").get_or_create(
        person=person, organisation=party, ended_at=None,
        defaults={"role": role, "position": position, "email": email, "created_at": now},
    )  # fmt: skip
    if not made and (mandate.position, mandate.role) != (position, role):
        mandate.position, mandate.role = position, role
        mandate.save(update_fields=["position", "role"])
    audit.record("officer.appointed", subject=person.reference, by=by, now=now,
                 data={"participant": participant.code, "role": role})  # fmt: skip
    return mandate


@transaction.atomic
def dismiss_officer(*, mandate: Mandate, by: Actor, now: datetime) -> Mandate:
    """The officer's mandate has ended; sessions under it are over with the next request.

    Raises:
        NotAllowed: a person who is no head of the body dismisses.
        RuleViolated: PTY-005, heads do not dismiss themselves: somebody must be left who signs.
    """
    mandate = Mandate.objects.select_for_update(of=("self",)).select_related(
        "person", "organisation__participant"
    ).get(pk=mandate.pk)  # fmt: skip
    participant = mandate.organisation.participant
    if participant is None:
        raise NotAllowed
    _require_head(participant, by)
    if mandate.person.reference == by.actor_id:
        raise RuleViolated([Violation("PTY-005", _("You cannot dismiss yourself. Another head has to do it."))])
    if mandate.ended_at is None:
        mandate.ended_at, mandate.ended_by = now, by.actor_id
        mandate.save(update_fields=["ended_at", "ended_by"])
        audit.record("mandate.ended", subject=mandate.person.reference, by=by, now=now,
                     data={"organisation": mandate.organisation.reference})  # fmt: skip
    return mandate


def _require_head(participant: Participant, by: Actor) -> None:
    """Heads appoint for their own body; the operator, at set-up, for every one (P6.1)."""
    if by.actor_kind == "system":
        return
    if not (isinstance(by, Member) and by.is_head and by.participant == participant):
        raise NotAllowed


def _party_of(participant: Participant, now: datetime) -> Organisation:
    party, _made = Organisation.objects.get_or_create(
        participant=participant,
        defaults={
            "reference": new_reference("OR"), "country": "AZ", "name": participant.name,
            "confirmed_at": now, "confirmed_by": SYSTEM.actor_id, "created_at": now,
        },
    )  # fmt: skip
    return party


@transaction.atomic
def sign_out(*, by: Member, now: datetime) -> None:
    """The audit knows that they left; the view ends the session."""
    audit.record("member.signed_out", subject=by.person.reference, by=by, now=now)


@transaction.atomic
def change_contact(*, email: str, phone: str, language: str, by: Member, now: datetime) -> Person:
    """Where the member is written to as such, and their telephone and language wherever they act."""
    person = Person.objects.select_for_update().get(pk=by.person.pk)
    before = {"email": by.email, "phone": person.phone, "language": person.language}
    new = {"email": email, "phone": phone, "language": language}
    changed = [name for name, value in new.items() if before[name] != value]
    for name in changed:
        setattr(person, name, new[name])
    if changed:
        person.save(update_fields=changed)
        running = Mandate.objects.filter(person=person, organisation=by.organisation, ended_at__isnull=True)
        running.update(email=email)
        audit.record("person.contact_changed", subject=person.reference, by=by, now=now, data={"fields": changed})
    return person


# ---------------------------------------------------------------- invitations


@transaction.atomic
def invite(
    *,
    email: str,
    name: str,
    purpose: str,
    subject: str,
    by: Actor,
    now: datetime,
    title: Text | None = None,
    link: str = "",
    life: timedelta = INVITATION_LIFE,
) -> tuple[Invitation, str]:
    """An invitation that works once until it runs out, and its token, which is known only to the caller.

    Earlier open invitations of the same purpose and subject are withdrawn. The caller mails the letter.
    """
    withdraw_invitations(subject=subject, purpose=purpose, by=by, now=now)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        reference=new_reference("IN"),
        token_sha256=queries.token_digest(token),
        email=email,
        name=name,
        purpose=purpose,
        subject=subject,
        title=title or {},
        link=link,
        invited_by=by.actor_name,
        invited_by_id=by.actor_id,
        expires_at=now + life,
        created_at=now,
    )
    audit.record("invitation.sent", subject=subject, by=by, now=now, data={"invitation": invitation.reference})
    return invitation, token


@transaction.atomic
def accept_invitation(*, token: str, member: Member, now: datetime) -> Invitation:
    """The invitation is the member's, and what it was for has been told (`invitation.accepted.<purpose>`).

    Raises:
        Missing: it is unknown, answered, withdrawn or has run out.
    """
    invitation = _locked_invitation(token, now)
    invitation.accepted_at, invitation.accepted_by = now, member.actor_id
    invitation.accepted_organisation = member.organisation
    invitation.save(update_fields=["accepted_at", "accepted_by", "accepted_organisation"])
    announce(
        f"invitation.accepted.{invitation.purpose}", invitation, by=member, now=now,
        data={"subject": invitation.subject, "organisation": member.organisation.reference},
    )  # fmt: skip
    return invitation


@transaction.atomic
def decline_invitation(*, token: str, by: Actor, now: datetime) -> Invitation:
    """The invitation opens nothing any more, and who sent it has been told (`invitation.declined.<purpose>`).

    Whoever holds the token may decline: nobody has to open a cabinet to say no.

    Raises:
        Missing: it is unknown, answered, withdrawn or has run out.
    """
    invitation = _locked_invitation(token, now)
    invitation.declined_at, invitation.declined_by = now, by.actor_id
    invitation.save(update_fields=["declined_at", "declined_by"])
    announce(
        f"invitation.declined.{invitation.purpose}", invitation, by=by, now=now, data={"subject": invitation.subject}
    )
    return invitation


def _locked_invitation(token: str, now: datetime) -> Invitation:
    found = queries.open_invitation(token, now)
    hold_subjects(found)
    # The lock makes the second of two callers see the first one's answer.
    Invitation.objects.select_for_update().get(pk=found.pk)
    return queries.open_invitation(token, now)


@transaction.atomic
def withdraw_invitations(*, subject: str, by: Actor, now: datetime, purpose: str | None = None) -> int:
    """Open invitations about the subject open nothing any more; returns how many there were."""
    rows = Invitation.objects.filter(
        subject=subject, accepted_at__isnull=True, declined_at__isnull=True, withdrawn_at__isnull=True
    )
    if purpose is not None:
        rows = rows.filter(purpose=purpose)
    withdrawn = rows.update(withdrawn_at=now, withdrawn_by=by.actor_id)
    if withdrawn:
        audit.record("invitation.withdrawn", subject=subject, by=by, now=now, data={"count": withdrawn})
    return withdrawn
