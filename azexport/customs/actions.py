"""Every write to a declaration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app as jobs

from azexport.audit import actions as audit
from azexport.calendar.queries import today
from azexport.customs import rules
from azexport.customs.lifecycle import TABLE
from azexport.customs.models import Declaration
from azexport.customs.permissions import is_declarant
from azexport.customs.states import AT_CUSTOMS, FINAL, Channel, DeclarationStatus
from azexport.customs.values import invoice_value, statistical_value
from azexport.documents import actions as documents
from azexport.documents import queries as document_queries
from azexport.documents.states import DocumentStatus
from azexport.exchange import actions as exchange
from azexport.exchange import protocol
from azexport.kernel.actor import SYSTEM, Actor, NamedActor
from azexport.kernel.errors import IllegalTransition, Missing, NotAllowed, RuleViolated, Violation
from azexport.kernel.references import new_reference
from azexport.kernel.text import Text, both, pick
from azexport.lifecycle import settle
from azexport.notices import actions as notices
from azexport.participants import queries as participants
from azexport.permits import queries as permit_queries
from azexport.permits.states import PermitStatus
from azexport.reference import queries as reference
from azexport.signatures import actions as signatures

if TYPE_CHECKING:
    from azexport.contracts.models import Contract
    from azexport.documents.models import Document
    from azexport.exchange.models import Message
    from azexport.parties.models import Member, Organisation
    from azexport.permits.models import Permit
    from azexport.signatures.models import SigningRequest

PURPOSE = "declaration"
KIND, RELEASE_KIND = "declaration", "release"
FIELD = "Declarant"
ROLE = "customs"
PROCEDURE = "1000"
TYPE = "EX 1"
HOME = "AZN"
NATURE = "11"
"""SAD box 24: outright sale."""
ANSWERS = ("exit_office", "transport_mode", "transport_identity", "transport_nationality", "place_of_loading")


# ---------------------------------------------------------------- drafting


@transaction.atomic
def draft_declaration(
    *,
    contract: Contract,
    application_reference: str,
    application_document: Document | None,
    permits: Iterable[Permit],
    organisation: Organisation,
    by: Member,
    now: datetime,
    lines: Sequence[Mapping[str, Any]] | None = None,
    required: Sequence[str] = (),
) -> Declaration:
    """A declaration filled from contract, application and permits (P10.3.3(7-8)); asked twice, the same one.

    Args:
        permits: what came for the application; only issued ones are attached.
        lines: the consignment's goods (`ContractLine.as_data`); the contract's where the application has none.
        required: ids of the regulations whose permit must be attached when it is lodged.

    Raises:
        NotAllowed: the contract is not the organisation's, or the actor not of the organisation.
        RuleViolated: EXP-201, the contract is not concluded; EXP-207, the goods have been released already.
    """
    if by.organisation.pk != organisation.pk or contract.seller_id != organisation.pk:
        raise NotAllowed
    living = _living(application_reference)
    if living is not None:
        return living
    former = (
        Declaration.objects.filter(application_reference=application_reference, organisation=organisation)
        .order_by("-id")
        .first()
    )
    declaration = Declaration(
        reference=new_reference("DE"),
        organisation=organisation,
        contract=contract,
        application_reference=application_reference,
        application_document=application_document,
        required=list(required),
        lines=[dict(line) for line in lines] if lines is not None else contract.as_data()["goods"],
        declarant={
            "voen": organisation.voen,
            "name": organisation.name,
            "fin": by.person.fin,
            "person": by.actor_name,
        },
        previous=former if former and former.status == DeclarationStatus.NOT_RELEASED else None,
        created_at=now,
        changed_at=now,
        place_of_loading=contract.place,
    )
    if former is not None:
        for name in ANSWERS:
            setattr(declaration, name, getattr(former, name))
    if violations := list(rules.contract_is_concluded(declaration)):
        raise RuleViolated(violations)
    declaration.save()
    declaration.permits.set([permit for permit in permits if permit.status == PermitStatus.ISSUED])
    audit.record(
        "declaration.drafted",
        subject=declaration.reference,
        by=by,
        now=now,
        data={"contract": contract.reference, "application": application_reference},
    )
    return declaration


def _living(application_reference: str) -> Declaration | None:
    """The declaration of the application that is under way; two presses of one button meet here."""
    rows = Declaration.objects.select_for_update(of=("self",)).filter(application_reference=application_reference)
    found = rows.exclude(status__in=sorted(FINAL - {DeclarationStatus.RELEASED})).first()
    if found is not None and found.status == DeclarationStatus.RELEASED:
        raise RuleViolated([Violation("EXP-207", _("The goods of this application have been released already"))])
    return found


def draft_again(declaration: Declaration, *, by: Member, now: datetime) -> Declaration:
    """Corrected and lodged again: a new declaration that takes over the former one's goods and answers.

    Raises:
        NotAllowed: somebody else's.
        IllegalTransition: the former one was not refused release.
    """
    if not is_declarant(by, declaration):
        raise NotAllowed
    if declaration.status != DeclarationStatus.NOT_RELEASED:
        raise IllegalTransition
    return draft_declaration(
        contract=declaration.contract,
        application_reference=declaration.application_reference,
        application_document=declaration.application_document,
        permits=permit_queries.issued_for(declaration.application_reference),
        organisation=declaration.organisation,
        by=by,
        now=now,
        lines=declaration.lines,
        required=declaration.required,
    )


@transaction.atomic
def answer(declaration: Declaration, *, values: Mapping[str, str], by: Actor, now: datetime) -> Declaration:
    """What cannot be derived is kept: transport, place of loading, exit office.

    Raises:
        IllegalTransition: it is no longer a draft.
    """
    declaration = _locked(declaration)
    if not is_declarant(by, declaration):
        raise NotAllowed
    if declaration.status != DeclarationStatus.DRAFTED:
        raise IllegalTransition
    for name in ANSWERS:
        setattr(declaration, name, values[name])
    declaration.changed_at = now
    declaration.save(update_fields=[*ANSWERS, "changed_at"])
    audit.record("declaration.changed", subject=declaration.reference, by=by, now=now)
    return declaration


def compose(declaration: Declaration, *, on: date) -> dict[str, Any]:
    """The declaration's data as they would be lodged on that day: the message's members, without the files.

    Each item's statistical value is rounded once, to two places, at the rate of that day; the customs value is
    their sum.

    Raises:
        Missing: no exchange rate is known.
    """
    contract = declaration.contract
    rate = reference.rate(contract.currency, on)
    permits = [permit for permit in declaration.attached() if permit.status == PermitStatus.ISSUED]
    items = [_item(line, rate.rate, permits) for line in declaration.lines]
    seller, buyer = contract.seller_stated, contract.buyer_stated
    return {
        "declaration": declaration.reference,
        "type": TYPE,
        "procedure": PROCEDURE,
        "nature_of_transaction": NATURE,
        "declarant": {**declaration.declarant, "name": pick(declaration.declarant["name"], "az")},
        "exporter": {
            "voen": seller.get("voen"),
            "name": pick(seller.get("name"), "az"),
            "address": pick(seller.get("address"), "az"),
        },
        "consignee": {key: buyer.get(key, "") for key in ("name", "country", "address")},
        "dispatch": "AZ",
        "destination": contract.destination,
        "contract": {"reference": contract.reference, "number": contract.title, "sha256": contract.sha256},
        "application": declaration.application_reference,
        "incoterm": contract.incoterm,
        "place": contract.incoterm_place,
        "currency": contract.currency,
        "total": str(sum((Decimal(item["invoice_value"]) for item in items), Decimal("0.00"))),
        "exchange_rate": f"{rate.rate.normalize():f}",
        "exchange_rate_on": rate.on.isoformat(),
        "exchange_rate_source": rate.source,
        "customs_value_azn": str(sum((Decimal(item["statistical_value"]) for item in items), Decimal("0.00"))),
        "exit_office": declaration.exit_office,
        "place_of_loading": declaration.place_of_loading,
        "transport": {
            "mode": declaration.transport_mode,
            "identity": declaration.transport_identity,
            "nationality": declaration.transport_nationality,
        },
        "items": items,
        "permits": [
            {
                "number": permit.number,
                "service": permit.case.regulation.service,
                "valid_until": permit.valid_until.isoformat() if permit.valid_until else None,
            }
            for permit in permits
        ],
        "date": on.isoformat(),
    }


def _item(line: Mapping[str, Any], rate: Decimal, permits: Sequence[Permit]) -> dict[str, Any]:
    invoice = invoice_value(Decimal(str(line["quantity"])), Decimal(str(line["price"])))
    kept = ("line", "hs", "description", "description_en", "origin", "net_kg", "gross_kg", "quantity", "unit",
            "packages", "package_kind", "price")  # fmt: skip
    speaking = [one.number for one in permits if any(str(row.get("line")) == str(line["line"]) for row in one.lines)]
    return {
        **{name: line.get(name) for name in kept},
        "invoice_value": str(invoice),
        "statistical_value": str(statistical_value(invoice, rate)),
        "permits": speaking,
    }


# ---------------------------------------------------------------- freezing and signing


@transaction.atomic
def freeze(declaration: Declaration, *, by: Member, now: datetime) -> Declaration:
    """Its data stand as shown; a job makes the PDF and asks for the declarant's signature.

    Permits that have come since the draft was made are attached, those no longer issued are not.

    Raises:
        RuleViolated: EXP-201 to EXP-209, everything that stands in the way.
    """
    declaration = _locked(declaration)
    if is_declarant(by, declaration) and declaration.status == DeclarationStatus.DRAFTED:
        declaration.permits.set(permit_queries.issued_for(declaration.application_reference))
    declaration = settle(declaration, "freeze", table=TABLE, by=by, now=now, data={"today": today(now)})
    declaration.data = compose(declaration, on=today(now))
    declaration.customs_value = Decimal(declaration.data["customs_value_azn"])
    declaration.code = documents.new_code()
    declaration.save(update_fields=["data", "customs_value", "code"])
    jobs.configure_task("customs.render").defer(
        reference=declaration.reference,
        code=declaration.code,
        signer={"actor_kind": by.actor_kind, "actor_id": by.actor_id, "actor_name": by.actor_name},
        expected=dict(by.expected),
    )
    return declaration


@transaction.atomic
def present(
    declaration: Declaration, *, code: str, content: bytes, signer: Actor, expected: Mapping[str, Any], now: datetime
) -> Declaration:
    """The rendered PDF is stored and waits for the signature; a job that comes too late changes nothing."""
    declaration = _locked(declaration)
    if declaration.status != DeclarationStatus.FROZEN or declaration.code != code:
        return declaration
    declaration.document = documents.store(
        kind=KIND,
        title=document_title(declaration),
        content=content,
        code=code,
        facts=_facts(declaration),
        by=SYSTEM,
        now=now,
    )
    declaration.save(update_fields=["document"])
    declaration = settle(declaration, "present", table=TABLE, by=SYSTEM, now=now)
    _request(declaration, content=content, signer=signer, expected=expected, by=SYSTEM, now=now)
    return declaration


@transaction.atomic
def open_signing(declaration: Declaration, *, by: Member, now: datetime) -> SigningRequest:
    """A signing request of the actor's own, for instance after one that failed.

    Raises:
        IllegalTransition: it does not wait for a signature.
    """
    declaration = _locked(declaration)
    if not is_declarant(by, declaration):
        raise NotAllowed
    if declaration.status != DeclarationStatus.AWAITING_SIGNATURE or declaration.document is None:
        raise IllegalTransition
    content = document_queries.content(declaration.document)
    return _request(declaration, content=content, signer=by, expected=by.expected, by=by, now=now)


@transaction.atomic
def reopen(declaration: Declaration, *, by: Actor, now: datetime) -> Declaration:
    """A draft again: the PDF that nobody signed counts for nothing."""
    declaration = _locked(declaration)
    return _back_to_draft(declaration, "reopen", by=by, now=now)


@transaction.atomic
def discard(declaration: Declaration, *, by: Actor, now: datetime) -> Declaration:
    """Given up before it was lodged; another one can be drafted for the application."""
    declaration = settle(_locked(declaration), "discard", table=TABLE, by=by, now=now)
    _revoke_document(declaration, by=by, now=now)
    return declaration


@transaction.atomic
def signature_completed(subject: SigningRequest, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The signed declaration is lodged with customs, contract, application and permits with it
    (event signing.completed.declaration).

    Where a permit has meanwhile ceased to be valid it goes back to its draft instead, and says why. A signature on
    anything but the PDF that waits is put on record and changes nothing.
    """
    declaration = _locked_by(subject.subject)
    signer = NamedActor(subject.signer_kind, subject.signer_id, subject.signer_name)
    waiting = declaration.document if declaration.status == DeclarationStatus.AWAITING_SIGNATURE else None
    if waiting is None or subject.content_sha256 != waiting.sha256:
        audit.record("declaration.signature_discarded", subject=declaration.reference, by=signer, now=now,
                     data={"request": subject.reference})  # fmt: skip
        return
    try:
        with transaction.atomic():
            settle(declaration, "lodge", table=TABLE, by=signer, now=now, data={"today": today(now)})
    except RuleViolated:
        declaration = _back_to_draft(_locked(declaration), "return", by=SYSTEM, now=now)
        _tell(
            declaration,
            "declaration.returned",
            both("Bəyannamə göndərilmədi", "The declaration was not lodged"),
            both(
                f"{declaration.reference}: imzalandığı anda icazələrdən biri qüvvədə deyildi. Bəyannaməni yoxlayın.",
                f"{declaration.reference}: when it was signed, one of the permits was not in force. Check it again.",
            ),
            now=now,
        )
        return
    declaration.document = documents.store(
        kind=KIND,
        title=document_title(declaration),
        content=subject.result,
        previous=waiting,
        signatures=[subject.report],
        by=SYSTEM,
        now=now,
    )
    declaration.save(update_fields=["document"])
    _lodge(declaration, by=signer, now=now)


@transaction.atomic
def signature_failed(subject: SigningRequest, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The declaration shows why the signature was not accepted; one can try again (signing.failed.declaration)."""
    declaration = _locked_by(subject.subject)
    if declaration.signing != subject.reference:
        return
    declaration.verdict = str(subject.verdict)
    declaration.save(update_fields=["verdict"])
    audit.record("declaration.signature_refused", subject=declaration.reference, by=by, now=now,
                 data={"verdict": declaration.verdict, "request": subject.reference})  # fmt: skip


def _lodge(declaration: Declaration, *, by: Actor, now: datetime) -> None:
    assert declaration.document is not None
    assert declaration.contract.document is not None
    attached = {permit.number: permit for permit in declaration.attached()}
    body = {
        **declaration.data,
        "contract": {
            **declaration.data["contract"],
            "file": protocol.stored(declaration.contract.document.reference, name="contract.pdf"),
        },
        "permits": [
            {
                **row,
                "file": protocol.stored(_reference(attached[row["number"]].document), name=f"permit-{position}.pdf"),
            }
            for position, row in enumerate(declaration.data["permits"], 1)
        ],
        "application_document": protocol.stored(declaration.application_document.reference, name="application.pdf")
        if declaration.application_document
        else None,
        "declaration_document": protocol.stored(declaration.document.reference, name="declaration.pdf"),
    }
    exchange.send(
        to=participants.with_role(ROLE),
        type="declaration.lodged",
        body=body,
        subject=declaration.reference,
        by=by,
        now=now,
    )


# ---------------------------------------------------------------- what customs says


@transaction.atomic
def accept(message: Message, *, by: Actor, now: datetime) -> None:
    """Customs has registered the declaration under its own number (declaration.accepted)."""
    declaration = _addressed(message)
    declaration.number = _text_of(message.body, "number", 60)
    declaration.officer = _officer(message.body)
    declaration.save(update_fields=["number", "officer"])
    data = {"number": declaration.number}
    if declaration.status == DeclarationStatus.LODGED:
        settle(declaration, "accept", table=TABLE, by=by, now=now, data=data)
    else:
        # Messages may overtake each other: the number is news, the state is further on already.
        audit.record("declaration.numbered", subject=declaration.reference, by=by, now=now, data=data)


@transaction.atomic
def assign_channel(message: Message, *, by: Actor, now: datetime) -> None:
    """Customs has chosen how deep it looks (declaration.channel_assigned)."""
    declaration = _addressed(message)
    channel = message.body.get("channel")
    if channel not in Channel.values:
        raise RuleViolated([Violation("CUS-002", _("The channel is none of green, yellow and red"), "channel")])
    declaration.channel = channel
    declaration.officer = _officer(message.body)
    declaration.save(update_fields=["channel", "officer"])
    if declaration.status in (DeclarationStatus.LODGED, DeclarationStatus.ACCEPTED):
        settle(declaration, "assign_channel", table=TABLE, by=by, now=now, data={"channel": channel})
    else:
        audit.record("declaration.channel_told_late", subject=declaration.reference, by=by, now=now,
                     data={"channel": channel})  # fmt: skip


@transaction.atomic
def release(message: Message, *, by: Actor, now: datetime) -> None:
    """The release has arrived; a job looks at its signature before the goods count as released."""
    declaration = _addressed(message)
    if declaration.status not in AT_CUSTOMS:
        raise IllegalTransition
    declaration.number = _text_of(message.body, "number", 60)
    declaration.officer = _officer(message.body)
    declaration.received_release = protocol.file_content(message.body.get("document") or {})
    declaration.release_verdict = ""
    declaration.save(update_fields=["number", "officer", "received_release", "release_verdict"])
    audit.record("declaration.release_received", subject=declaration.reference, by=by, now=now,
                 data={"number": declaration.number})  # fmt: skip
    jobs.configure_task("customs.check_release").defer(
        reference=declaration.reference, participant=message.participant.code,
        by={"actor_kind": by.actor_kind, "actor_id": by.actor_id, "actor_name": by.actor_name},
    )  # fmt: skip


@transaction.atomic
def settle_release(
    declaration: Declaration, *, verdict: str, reports: Sequence[Mapping[str, Any]], by: Actor, now: datetime
) -> Declaration:
    """The release's signature is good and the goods are released; or it is not, and that is there to be seen."""
    declaration = _locked(declaration)
    if declaration.received_release is None or declaration.status not in AT_CUSTOMS:
        return declaration
    if verdict:
        return _refuse_document(declaration, verdict, by=by, now=now)
    declaration.release_document = documents.store(
        kind=RELEASE_KIND,
        title=both(f"İxraca buraxılış {declaration.number}", f"Release for export {declaration.number}"),
        content=bytes(declaration.received_release),
        facts=[
            {"label": both("Bəyannamə", "Declaration"), "value": declaration.number},
            {"label": both("İxracatçı", "Exporter"), "value": declaration.data["exporter"]["name"]},
        ],
        signatures=reports,
        by=by,
        now=now,
    )
    declaration.save(update_fields=["release_document"])
    declaration = settle(declaration, "release", table=TABLE, by=by, now=now, data={"number": declaration.number})
    _tell(
        declaration,
        "declaration.released",
        both("Mallar ixraca buraxıldı", "The goods are released for export"),
        both(
            f"Gömrük {declaration.number} nömrəli bəyannamə üzrə malları buraxdı.",
            f"Customs has released the goods of declaration {declaration.number}.",
        ),
        now=now,
    )
    return declaration


def _refuse_document(declaration: Declaration, verdict: str, *, by: Actor, now: datetime) -> Declaration:
    declaration.release_verdict = verdict
    declaration.received_release = None
    declaration.save(update_fields=["release_verdict", "received_release"])
    audit.record("declaration.release_rejected", subject=declaration.reference, by=by, now=now,
                 data={"verdict": verdict})  # fmt: skip
    _tell(
        declaration,
        "declaration.release_rejected",
        both("Buraxılış sənədi qəbul edilmədi", "The release document was not accepted"),
        both(
            f"{declaration.title}: gömrüyün göndərdiyi sənədin imzası yoxlamadan keçmədi. Mallar buraxılmış sayılmır.",
            f"{declaration.title}: the signature of what customs sent did not pass the check. The goods do not count "
            "as released.",
        ),
        now=now,
    )
    return declaration


@transaction.atomic
def refuse_release(message: Message, *, by: Actor, now: datetime) -> None:
    """Customs does not release the goods, and says why (declaration.not_released)."""
    declaration = _addressed(message)
    reasons = [_reason(one) for one in message.body.get("reasons") or [] if isinstance(one, dict)]
    if not reasons:
        raise RuleViolated([Violation("CUS-003", _("A refusal of release must give its reasons"), "reasons")])
    declaration.reasons = reasons
    declaration.officer = _officer(message.body)
    declaration.received_release = None
    declaration.save(update_fields=["reasons", "officer", "received_release"])
    declaration = settle(
        declaration, "refuse", table=TABLE, by=by, now=now, data={"reasons": [one["code"] for one in reasons]}
    )
    _tell(
        declaration,
        "declaration.not_released",
        both("Gömrük malları buraxmadı", "Customs has not released the goods"),
        both(
            f"{declaration.title}: " + "; ".join(one["text"]["az"] for one in reasons),
            f"{declaration.title}: " + "; ".join(pick(one["text"], "en") for one in reasons),
        ),
        now=now,
    )


def _reason(given: Mapping[str, Any]) -> dict[str, Any]:
    text = given.get("text")
    az, en = (str(text.get(key) or "") for key in ("az", "en")) if isinstance(text, dict) else (str(text or ""), "")
    code = str(given.get("code") or "")[:40]
    return {
        "code": code,
        "permit": str(given["permit"])[:80] if given.get("permit") else None,
        "text": both((az or en or code)[:500], (en or az or code)[:500]),
    }


def _addressed(message: Message) -> Declaration:
    """The declaration that a message of customs is about, locked.

    Raises:
        NotAllowed: the sender has not the role of customs.
        Missing: there is no such declaration, or it was never lodged.
    """
    if ROLE not in message.participant.roles:
        raise NotAllowed
    reference = str(message.body.get("declaration") or message.subject)
    row = _rows().filter(reference=reference, lodged_at__isnull=False).first()
    if row is None:
        raise Missing
    return row


def _text_of(body: Mapping[str, Any], name: str, length: int) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > length:
        raise RuleViolated([Violation("CUS-001", _("The message lacks the registration number"), name)])
    return value.strip()


def _officer(body: Mapping[str, Any]) -> dict[str, Any]:
    officer = body.get("officer")
    if not isinstance(officer, dict):
        return {}
    position = officer.get("position")
    # A body may give the position in both languages.
    if isinstance(position, dict):
        said: Any = {key: str(value)[:200] for key, value in position.items()}
    else:
        said = str(position or "")[:200]
    return {"name": str(officer.get("name") or "")[:200], "position": said}


# ---------------------------------------------------------------- shared by the above


def document_title(declaration: Declaration) -> Text:
    """What the declaration's PDF is called wherever it is listed."""
    return both(f"İxrac gömrük bəyannaməsi {declaration.reference}", f"Export declaration {declaration.reference}")


def _facts(declaration: Declaration) -> list[dict[str, Any]]:
    return [
        {"label": both("Bəyannamə", "Declaration"), "value": declaration.reference},
        {"label": both("İxracatçı", "Exporter"), "value": declaration.data["exporter"]["name"]},
        {"label": both("VÖEN", "VÖEN (taxpayer number)"), "value": declaration.data["exporter"]["voen"]},
        {"label": both("Təyinat ölkəsi", "Destination"), "value": declaration.data["destination"]},
        {"label": both("HS kodları", "HS codes"), "value": ", ".join(row["hs"] for row in declaration.data["items"])},
    ]


def _request(
    declaration: Declaration, *, content: bytes, signer: Actor, expected: Mapping[str, Any], by: Actor, now: datetime
) -> SigningRequest:
    request = signatures.request_signature(
        content=content,
        title=document_title(declaration),
        purpose=PURPOSE,
        subject=declaration.reference,
        field=FIELD,
        signer=signer,
        expected=dict(expected),
        return_url=f"/declarations/{declaration.reference}/",
        by=by,
        now=now,
    )
    declaration.signing, declaration.verdict = request.reference, ""
    declaration.save(update_fields=["signing", "verdict"])
    return request


def _back_to_draft(declaration: Declaration, name: str, *, by: Actor, now: datetime) -> Declaration:
    declaration = settle(declaration, name, table=TABLE, by=by, now=now)
    _revoke_document(declaration, by=by, now=now)
    declaration.document = None
    declaration.save(update_fields=["document"])
    return declaration


def _revoke_document(declaration: Declaration, *, by: Actor, now: datetime) -> None:
    if declaration.document is not None:
        documents.set_status(declaration.document, DocumentStatus.REVOKED, by=by, now=now)


def _tell(declaration: Declaration, kind: str, title: Text, body: Text, *, now: datetime) -> None:
    notices.notify(
        organisation=declaration.organisation,
        kind=kind,
        title=title,
        body=body,
        link=f"/declarations/{declaration.reference}/",
        subject=declaration.reference,
        by=SYSTEM,
        now=now,
    )


def _reference(document: Document | None) -> str:
    if document is None:
        raise Missing
    return document.reference


def _rows() -> QuerySet[Declaration]:
    return Declaration.objects.select_for_update(of=("self",)).select_related(
        "organisation", "contract__document", "document", "application_document"
    )


def _locked(declaration: Declaration) -> Declaration:
    return _rows().get(pk=declaration.pk)


def _locked_by(reference: str) -> Declaration:
    return _rows().get(reference=reference)
