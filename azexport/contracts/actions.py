"""Every write to a contract."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app as jobs

from azexport.audit import actions as audit
from azexport.calendar.queries import today
from azexport.contracts.lifecycle import TABLE
from azexport.contracts.models import Contract, ContractLine
from azexport.contracts.permissions import is_buyer, is_seller
from azexport.contracts.states import ContractStatus
from azexport.documents import actions as documents
from azexport.documents import queries as document_queries
from azexport.documents.states import DocumentStatus
from azexport.kernel.actor import SYSTEM, Actor, NamedActor
from azexport.kernel.errors import IllegalTransition, Missing, NotAllowed, RuleViolated, Violation
from azexport.kernel.references import new_reference
from azexport.kernel.text import Text, both, pick
from azexport.lifecycle import move, settle
from azexport.notices import actions as notices
from azexport.parties import actions as parties
from azexport.signatures import actions as signatures

if TYPE_CHECKING:
    from azexport.documents.models import Document
    from azexport.parties.models import Invitation, Member, Organisation
    from azexport.signatures.models import SigningRequest

PURPOSE = "contract"
KIND = "contract"
INCOMPLETE_REGISTER = _("The taxpayer register's data on your organisation are incomplete, or it is no longer active")
NOT_FOR_THE_SELLER = _("This invitation is for the foreign buyer: sign in with the buyer's certificate to accept it")
SELLER_FIELD, BUYER_FIELD = "Seller", "Buyer"

ANSWERS = frozenset(
    {
        "number", "place", "buyer_stated", "currency", "incoterm", "incoterm_place", "delivery_by", "payment_terms",
        "payment_percent", "payment_days", "payment_text", "governing_law", "disputes",
    }
)  # fmt: skip
"""What a question page may change."""

COPIED = ANSWERS | {"seller_id"}
LINE_FIELDS = (
    "good", "hs", "description", "quantity", "unit", "price", "net_kg", "gross_kg", "packages", "package_kind",
    "origin",
)  # fmt: skip


@transaction.atomic
def draft(*, by: Member, now: datetime) -> Contract:
    """An empty contract in which the actor's organisation sells.

    Raises:
        NotAllowed: the organisation is not a taxpayer of Azerbaijan (P4.1.2).
    """
    if not by.organisation.is_resident:
        raise NotAllowed
    contract = Contract.objects.create(
        reference=new_reference("CT"), seller=by.organisation, drafted_by=by.actor_id, created_at=now, changed_at=now
    )
    audit.record("contract.drafted", subject=contract.reference, by=by, now=now)
    return contract


@transaction.atomic
def copy(contract: Contract, *, by: Member, now: datetime) -> Contract:
    """A new draft that says what the contract says; the next version of it, where it did not come about.

    The seller's details are asked again: the register may say something else by now.
    """
    if not is_seller(by, contract):
        raise NotAllowed
    failed = contract.status in (ContractStatus.DECLINED, ContractStatus.WITHDRAWN, ContractStatus.LAPSED)
    fresh = Contract(
        reference=new_reference("CT"),
        drafted_by=by.actor_id,
        created_at=now,
        changed_at=now,
        version=contract.version + 1 if failed else 1,
        previous=contract if failed else None,
        total=contract.total,
        **{name: getattr(contract, name) for name in COPIED},
    )
    if not failed:
        fresh.number = ""
    if fresh.delivery_by and fresh.delivery_by < today(now):
        fresh.delivery_by = None
    fresh.save()
    ContractLine.objects.bulk_create(
        ContractLine(contract=fresh, line=line.line, **{name: getattr(line, name) for name in LINE_FIELDS})
        for line in contract.lines.all()
    )
    audit.record("contract.drafted", subject=fresh.reference, by=by, now=now, data={"copied_from": contract.reference})
    return fresh


@transaction.atomic
def confirm_seller(contract: Contract, *, by: Member, now: datetime) -> Contract:
    """The seller's details, as the taxpayer register gave them, stand in the contract (P10.3.1(1-2)).

    Raises:
        RuleViolated: CON-012, the register's data are incomplete or the taxpayer is no longer active.
    """
    contract = _locked_draft(contract, by)
    seller = contract.seller
    complete = bool(seller.voen and pick(seller.name) and pick(seller.address))
    if not complete or seller.register.get("status", "active") != "active":
        raise RuleViolated([Violation("CON-012", INCOMPLETE_REGISTER, "seller")])
    contract.seller_stated = {
        "voen": seller.voen,
        "name": seller.name,
        "address": seller.address,
        "representative": by.actor_name,
        "confirmed_at": now.isoformat(),
    }
    return _save(contract, ["seller_stated"], section="seller", by=by, now=now)


@transaction.atomic
def answer(contract: Contract, *, section: str, values: Mapping[str, Any], by: Actor, now: datetime) -> Contract:
    """The answers of one question page are kept; nothing else of the draft changes.

    Raises:
        IllegalTransition: it is no longer a draft.
    """
    if unknown := set(values) - ANSWERS:
        raise ValueError(f"not for a question page to change: {sorted(unknown)}")
    contract = _locked_draft(contract, by)
    for name, value in values.items():
        merged = {**contract.buyer_stated, **value} if name == "buyer_stated" else value
        setattr(contract, name, merged)
    return _save(contract, list(values), section=section, by=by, now=now)


@transaction.atomic
def save_line(
    contract: Contract, *, line: int | None, values: Mapping[str, Any], by: Actor, now: datetime
) -> ContractLine:
    """The line says what `values` say; None adds one at the end. The contract's total follows."""
    contract = _locked_draft(contract, by)
    lines = list(contract.lines.all())
    row = _line(lines, line) if line else ContractLine(contract=contract, line=len(lines) + 1)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    _retotal(contract, by=by, now=now)
    return row


@transaction.atomic
def remove_line(contract: Contract, *, line: int, by: Actor, now: datetime) -> None:
    """The line is gone, the ones behind it move up, the total follows."""
    contract = _locked_draft(contract, by)
    lines = list(contract.lines.all())
    row = _line(lines, line)
    row.delete()
    for later in lines[line:]:
        later.line -= 1
        later.save(update_fields=["line"])
    _retotal(contract, by=by, now=now)


@transaction.atomic
def freeze(contract: Contract, *, by: Member, now: datetime) -> Contract:
    """Nothing in it changes any more; a job makes the PDF and asks for the seller's signature.

    Raises:
        RuleViolated: CON-001 to CON-010, all that is missing.
    """
    contract = move(contract, "freeze", table=TABLE, by=by, now=now, data={"today": today(now)})
    # A fresh code each time: a job still at work on what it said before cannot put that forward.
    contract.code = documents.new_code()
    contract.save(update_fields=["code"])
    jobs.configure_task("contracts.render").defer(
        reference=contract.reference,
        code=contract.code,
        signer={"actor_kind": by.actor_kind, "actor_id": by.actor_id, "actor_name": by.actor_name},
        expected=dict(by.expected),
    )
    return contract


@transaction.atomic
def present(
    contract: Contract, *, code: str, content: bytes, signer: Actor, expected: Mapping[str, Any], now: datetime
) -> Contract:
    """The rendered PDF is stored and waits for the seller's signature; a job that comes too late changes nothing."""
    contract = _locked(contract)
    if contract.status != ContractStatus.FROZEN or contract.code != code:
        return contract
    contract.document = documents.store(
        kind=KIND,
        title=document_title(contract),
        content=content,
        code=code,
        facts=_facts(contract),
        by=SYSTEM,
        now=now,
    )
    contract.save(update_fields=["document"])
    contract = settle(contract, "present", table=TABLE, by=SYSTEM, now=now)
    _request(contract, content=content, field=SELLER_FIELD, signer=signer, expected=expected, by=SYSTEM, now=now)
    return contract


@transaction.atomic
def open_signing(contract: Contract, *, by: Member, now: datetime) -> SigningRequest:
    """A signing request of the actor's own on the newest PDF, for the party whose turn it is.

    Raises:
        IllegalTransition: it is nobody's turn, or the other party's.
    """
    contract = _locked(contract)
    field = _whose_turn(contract, by)
    content = document_queries.content(_document(contract))
    return _request(contract, content=content, field=field, signer=by, expected=by.expected, by=by, now=now)


@transaction.atomic
def reopen(contract: Contract, *, by: Actor, now: datetime) -> Contract:
    """A draft again: the PDF that nobody signed counts for nothing."""
    contract = move(contract, "reopen", table=TABLE, by=by, now=now)
    _revoke_document(contract, by=by, now=now)
    contract.document = None
    contract.save(update_fields=["document"])
    return contract


@transaction.atomic
def withdraw(contract: Contract, *, by: Actor, now: datetime) -> Contract:
    """The seller takes it back before the buyer has signed; an invited buyer is told."""
    invited = contract.status == ContractStatus.AWAITING_BUYER
    contract = move(contract, "withdraw", table=TABLE, by=by, now=now)
    _end(contract, by=by, now=now)
    if invited:
        _tell_buyer(
            contract,
            both("Satıcı müqaviləni geri götürdü", "The seller has withdrawn the contract"),
            both(
                f"{contract.title} nömrəli müqavilə artıq imzalana bilməz.",
                f"Contract {contract.title} can no longer be signed.",
            ),
            now=now,
        )
    return contract


@transaction.atomic
def decline(contract: Contract, *, reason: str, by: Actor, now: datetime) -> Contract:
    """The buyer does not sign, and says why; the seller can copy it into a new version.

    Raises:
        RuleViolated: CON-011, without a reason.
    """
    contract = _locked(contract)
    contract.decline_reason = reason = reason.strip()
    contract.save(update_fields=["decline_reason"])
    contract = settle(contract, "decline", table=TABLE, by=by, now=now, data={"reason": reason})
    _end(contract, by=by, now=now)
    _tell(
        contract.seller,
        contract,
        "contract.declined",
        both("Alıcı müqavilədən imtina etdi", "The buyer has declined the contract"),
        both(
            f"{contract.title} nömrəli müqavilə. Səbəb: {reason}",
            f"Contract {contract.title}. Reason: {reason}",
        ),
        by=by,
        now=now,
    )
    return contract


@transaction.atomic
def invite_again(contract: Contract, *, email: str, by: Member, now: datetime) -> Contract:
    """A fresh invitation goes to the buyer, to a mended address if need be; the former one no longer works.

    Raises:
        IllegalTransition: the buyer is here already, or it is not the buyer's turn.
    """
    contract = _locked(contract)
    if not is_seller(by, contract):
        raise NotAllowed
    if contract.status != ContractStatus.AWAITING_BUYER or contract.buyer_id is not None:
        raise IllegalTransition
    # The signed text keeps the address that was stated; only the letter goes elsewhere.
    _invite(contract, email=email, by=by, now=now)
    return contract


@transaction.atomic
def lapse_expired(*, now: datetime) -> int:
    """Contracts whose invitation ran out before anybody came have lapsed, and their sellers know.

    Returns:
        How many.
    """
    expired = Contract.objects.filter(
        status=ContractStatus.AWAITING_BUYER, buyer__isnull=True, invitation_expires_at__lt=now
    )
    rows = list(expired.select_for_update(of=("self",), skip_locked=True).select_related("seller", "document")[:200])
    for contract in rows:
        settle(contract, "lapse", table=TABLE, by=SYSTEM, now=now)
        _end(contract, by=SYSTEM, now=now)
        _tell(
            contract.seller,
            contract,
            "contract.lapsed",
            both("Müqavilə vaxtında imzalanmadı", "The contract was not signed in time"),
            both(
                f"{contract.title} nömrəli müqavilə üzrə dəvətin müddəti bitdi.",
                f"The invitation to contract {contract.title} has expired.",
            ),
            by=SYSTEM,
            now=now,
        )
    return len(rows)


def invitation_accepted(subject: Invitation, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The organisation of who accepted is the contract's buyer (event invitation.accepted.contract).

    Raises:
        IllegalTransition: the contract no longer waits for a buyer, or has one.
        RuleViolated: CON-013, the seller opened their own invitation.
    """
    contract = _locked_by(subject.subject)
    organisation = subject.accepted_organisation
    if contract.status != ContractStatus.AWAITING_BUYER or contract.buyer_id is not None or organisation is None:
        raise IllegalTransition
    if organisation.pk == contract.seller_id or organisation.is_resident:
        raise RuleViolated([Violation("CON-013", NOT_FOR_THE_SELLER)])
    contract.buyer = organisation
    contract.changed_at = now
    contract.save(update_fields=["buyer", "changed_at"])
    audit.record("contract.buyer_arrived", subject=contract.reference, by=by, now=now,
                 data={"organisation": organisation.reference})  # fmt: skip


@transaction.atomic
def signature_completed(subject: SigningRequest, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The signed PDF is the contract's newest version and the contract moves on (event signing.completed.contract).

    A signature on anything but the newest PDF, or out of turn, is put on record and changes nothing: the
    contract was withdrawn meanwhile, or a second request of the same party was faster.
    """
    contract = _locked_by(subject.subject)
    step = {
        (ContractStatus.AWAITING_SELLER, SELLER_FIELD): "sign_as_seller",
        (ContractStatus.AWAITING_BUYER, BUYER_FIELD): "sign_as_buyer",
    }.get((ContractStatus(contract.status), subject.field))
    signer = NamedActor(subject.signer_kind, subject.signer_id, subject.signer_name)
    if step is None or subject.content_sha256 != contract.sha256:
        audit.record("contract.signature_discarded", subject=contract.reference, by=signer, now=now,
                     data={"request": subject.reference})  # fmt: skip
        return
    contract.document = documents.store(
        kind=KIND,
        title=document_title(contract),
        content=subject.result,
        previous=_document(contract),
        signatures=[*_document(contract).signatures, subject.report],
        by=SYSTEM,
        now=now,
    )
    contract.save(update_fields=["document"])
    settle(contract, step, table=TABLE, by=signer, now=now, data={"sha256": contract.sha256})
    if step == "sign_as_seller":
        _invite(contract, email=contract.buyer_stated["email"], by=signer, now=now)
    else:
        _announce_conclusion(contract, by=signer, now=now)


@transaction.atomic
def signature_failed(subject: SigningRequest, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The contract shows why the signature was not accepted; its party can try again (signing.failed.contract)."""
    contract = _locked_by(subject.subject)
    if contract.signing != subject.reference:
        return
    contract.verdict = str(subject.verdict)
    contract.save(update_fields=["verdict"])
    audit.record("contract.signature_refused", subject=contract.reference, by=by, now=now,
                 data={"verdict": contract.verdict, "request": subject.reference})  # fmt: skip


def document_title(contract: Contract) -> Text:
    """What the contract's PDF is called wherever it is listed."""
    return both(f"Alqı-satqı müqaviləsi {contract.title}", f"Contract of sale {contract.title}")


def _facts(contract: Contract) -> list[dict[str, Any]]:
    """What anybody who holds a copy may read: who, with whom, how many goods; never the price."""
    return [
        {"label": both("Müqavilənin nömrəsi", "Contract number"), "value": contract.title},
        {"label": both("Satıcı", "Seller"), "value": pick(contract.seller_stated["name"], "az")},
        {"label": both("VÖEN", "VÖEN (taxpayer number)"), "value": contract.seller_stated["voen"]},
        {"label": both("Alıcı", "Buyer"), "value": contract.buyer_stated["name"]},
    ]


def _request(
    contract: Contract, *, content: bytes, field: str, signer: Actor, expected: Mapping[str, Any], by: Actor,
    now: datetime,
) -> SigningRequest:  # fmt: skip
    request = signatures.request_signature(
        content=content,
        title=document_title(contract),
        purpose=PURPOSE,
        subject=contract.reference,
        field=field,
        signer=signer,
        expected=dict(expected),
        return_url=f"/contracts/{contract.reference}/",
        by=by,
        now=now,
    )
    contract.signing, contract.verdict = request.reference, ""
    contract.save(update_fields=["signing", "verdict"])
    return request


def _whose_turn(contract: Contract, by: Actor) -> str:
    if contract.status == ContractStatus.AWAITING_SELLER and is_seller(by, contract):
        return SELLER_FIELD
    if contract.status == ContractStatus.AWAITING_BUYER and is_buyer(by, contract):
        return BUYER_FIELD
    raise IllegalTransition


def _invite(contract: Contract, *, email: str, by: Actor, now: datetime) -> None:
    title = document_title(contract)
    # Fresh in the audit of the contract too: both parties read its timeline.
    audit.record("contract.invited", subject=contract.reference, by=by, now=now, data={"email": email})
    invitation, token = parties.invite(
        email=email,
        name=contract.buyer_stated["contact"],
        purpose=PURPOSE,
        subject=contract.reference,
        title=title,
        link=f"/contracts/{contract.reference}/",
        by=by,
        now=now,
    )
    contract.invitation_expires_at = invitation.expires_at
    contract.save(update_fields=["invitation_expires_at"])
    seller = contract.seller_stated["name"]
    notices.send_mail(
        to=email,
        subject=both(
            f"{pick(seller, 'az')} sizə imzalamaq üçün müqavilə göndərdi",
            f"{pick(seller, 'en')} has sent you a contract to sign",
        ),
        body=both(
            f"Hörmətli {contract.buyer_stated['contact']},\n\n{pick(seller, 'az')} ({by.actor_name}) {contract.title} "
            "nömrəli alqı-satqı müqaviləsini imzalayıb və sizin imzanızı gözləyir. Aşağıdakı keçiddə onu oxuya, "
            "imzalaya və ya ondan imtina edə bilərsiniz.\n\nKeçid yalnız bir dəfə işləyir. Daxil olmaq üçün ölkənizin "
            "Azərbaycanda tanınan mərkəzinin elektron imza sertifikatı lazımdır.",
            f"Dear {contract.buyer_stated['contact']},\n\n{pick(seller, 'en')} ({by.actor_name}) has signed the "
            f"contract of sale {contract.title} and is waiting for your signature. Follow the link below to read "
            "it, and to sign or decline it.\n\nThe link works once. You need an electronic signature certificate of a "
            "centre in your country that Azerbaijan recognises.",
        ),
        link=f"/invitation/{token}/",
        language="en",
        by=by,
        now=now,
    )


def _announce_conclusion(contract: Contract, *, by: Actor, now: datetime) -> None:
    title = both("Müqavilə bağlandı", "The contract is concluded")
    body = both(
        f"{contract.title} nömrəli müqavilə hər iki tərəf tərəfindən imzalandı. SHA-256: {contract.sha256}",
        f"Contract {contract.title} has been signed by both parties. SHA-256: {contract.sha256}",
    )
    assert contract.buyer is not None
    for organisation in (contract.seller, contract.buyer):
        _tell(organisation, contract, "contract.concluded", title, body, by=by, now=now)


def _tell(
    organisation: Organisation, contract: Contract, kind: str, title: Text, body: Text, *, by: Actor, now: datetime
) -> None:
    notices.notify(
        organisation=organisation,
        kind=kind,
        title=title,
        body=body,
        link=f"/contracts/{contract.reference}/",
        subject=contract.reference,
        by=by,
        now=now,
    )


def _tell_buyer(contract: Contract, title: Text, body: Text, *, now: datetime) -> None:
    """In their cabinet where they have one for this contract already, else by e-mail alone."""
    if contract.buyer is not None:
        _tell(contract.buyer, contract, f"contract.{contract.status}", title, body, by=SYSTEM, now=now)
    else:
        notices.send_mail(
            to=contract.buyer_stated["email"], subject=title, body=body, language="en", by=SYSTEM, now=now
        )


def _end(contract: Contract, *, by: Actor, now: datetime) -> None:
    """What hung on the contract that will not come about is closed too."""
    _revoke_document(contract, by=by, now=now)
    parties.withdraw_invitations(subject=contract.reference, by=by, now=now)


def _revoke_document(contract: Contract, *, by: Actor, now: datetime) -> None:
    if contract.document is not None:
        documents.set_status(contract.document, DocumentStatus.REVOKED, by=by, now=now)


def _document(contract: Contract) -> Document:
    if contract.document is None:
        raise IllegalTransition
    return contract.document


def _locked(contract: Contract) -> Contract:
    rows = Contract.objects.select_for_update(of=("self",)).select_related("seller", "buyer", "document")
    return rows.get(pk=contract.pk)


def _locked_by(reference: str) -> Contract:
    rows = Contract.objects.select_for_update(of=("self",)).select_related("seller", "buyer", "document")
    return rows.get(reference=reference)


def _locked_draft(contract: Contract, by: Actor) -> Contract:
    contract = _locked(contract)
    if not is_seller(by, contract):
        raise NotAllowed
    if contract.status != ContractStatus.DRAFTED:
        raise IllegalTransition
    return contract


def _save(contract: Contract, fields: list[str], *, section: str, by: Actor, now: datetime) -> Contract:
    contract.changed_at = now
    contract.save(update_fields=[*fields, "changed_at"])
    audit.record("contract.changed", subject=contract.reference, by=by, now=now, data={"section": section})
    return contract


def _retotal(contract: Contract, *, by: Actor, now: datetime) -> None:
    contract.total = sum((line.amount for line in contract.lines.all()), Decimal("0.00"))
    _save(contract, ["total"], section="goods", by=by, now=now)


def _line(lines: list[ContractLine], number: int) -> ContractLine:
    if not 1 <= number <= len(lines):
        raise Missing
    return lines[number - 1]
