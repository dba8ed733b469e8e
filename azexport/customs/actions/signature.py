"""The declarant's signature, with which a declaration is lodged (P10.3.3(7-8))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from azexport.audit import actions as audit
from azexport.calendar.queries import today
from azexport.customs import printing
from azexport.customs.actions.rows import lock_contract, locked, rows, tell
from azexport.customs.data import compose
from azexport.customs.lifecycle import TABLE
from azexport.customs.permissions import ROLE, is_declarant
from azexport.customs.states import DeclarationStatus
from azexport.documents import papers
from azexport.exchange import actions as exchange
from azexport.exchange import protocol
from azexport.kernel.actor import SYSTEM, Actor
from azexport.kernel.errors import IllegalTransition, Missing, NotAllowed, RuleViolated
from azexport.kernel.text import both
from azexport.lifecycle import settle
from azexport.participants import queries as participants
from azexport.permits import queries as permit_queries

if TYPE_CHECKING:
    from azexport.customs.models import Declaration
    from azexport.documents.models import Document, Paper
    from azexport.parties.models import Member

PURPOSE = "declaration"
KIND = "declaration"
FIELD = "Declarant"
"""Of the signature in the PDF."""


@transaction.atomic
def freeze(declaration: Declaration, *, by: Member, now: datetime) -> Declaration:
    """Its data stand as shown; the paper that `by` signs is being made, at /papers/<reference>/.

    Permits that have come since the draft was made are attached, those no longer issued are not. From here on its goods
    count as declared under the contract: of two that want the last of them one is refused.

    Raises:
        RuleViolated: EXP-201 to EXP-210, everything that stands in the way.
    """
    lock_contract(declaration)
    declaration = locked(declaration)
    if is_declarant(by, declaration) and declaration.status == DeclarationStatus.DRAFTED:
        declaration.permits.set(permit_queries.issued_for(declaration.application_reference))
    declaration = settle(declaration, "freeze", table=TABLE, by=by, now=now, data={"today": today(now)})
    declaration.data = compose(declaration, on=today(now))
    declaration.customs_value = Decimal(declaration.data["customs_value_azn"])
    declaration.paper = papers.put_forward(
        purpose=PURPOSE,
        subject=declaration.reference,
        kind=KIND,
        title=printing.title(declaration),
        template="customs/declaration.typ",
        data=printing.page(declaration),
        attachment=declaration.data,
        facts=printing.public_facts(declaration),
        signer=by,
        expected=by.expected,
        return_url=f"/declarations/{declaration.reference}/",
        by=by,
        now=now,
        fields=[FIELD],
    )
    declaration.save(update_fields=["data", "customs_value", "paper"])
    return declaration


@transaction.atomic
def open_signing(declaration: Declaration, *, by: Member, now: datetime) -> Paper:
    """The paper with a signature asked of the actor: afresh where the last one failed, ran out or was another's.

    Raises:
        NotAllowed: the declaration is somebody else's.
        IllegalTransition: it does not wait for a signature.
    """
    if not is_declarant(by, declaration):
        raise NotAllowed
    paper = declaration.paper
    if declaration.status != DeclarationStatus.AWAITING_SIGNATURE or paper is None:
        raise IllegalTransition
    return papers.asked_of(paper, signer=by, expected=by.expected, by=by, now=now)


@transaction.atomic
def reopen(declaration: Declaration, *, by: Actor, now: datetime) -> Declaration:
    """A draft again: the paper that nobody signed counts for nothing."""
    declaration = settle(locked(declaration), "reopen", table=TABLE, by=by, now=now)
    if declaration.paper is not None:
        papers.discard(declaration.paper, by=by, now=now)
    declaration.paper = None
    declaration.save(update_fields=["paper"])
    return declaration


@transaction.atomic
def lodge(subject: Paper, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The signed declaration is lodged with customs, contract, application and permits with it
    (event paper.signed.declaration).

    Where a permit has meanwhile ceased to be valid it goes back to its draft instead, and says why. A signature on a
    paper that is not the newest is put on record and changes nothing; that of somebody who does not act for the
    declarant any more never comes here (config/signers.py).
    """
    declaration = rows().get(reference=subject.subject)
    if declaration.status != DeclarationStatus.AWAITING_SIGNATURE or declaration.paper_id != subject.pk:
        audit.record("declaration.signature_discarded", subject=declaration.reference, by=by, now=now,
                     data={"paper": subject.reference})  # fmt: skip
        return
    try:
        with transaction.atomic():
            settle(declaration, "lodge", table=TABLE, by=by, now=now, data={"today": today(now)})
    except RuleViolated:
        _return(locked(declaration), subject, now=now)
        return
    declaration.document = subject.document
    declaration.save(update_fields=["document"])
    _send(declaration, by=by, now=now)


@transaction.atomic
def signature_failed(subject: Paper, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """That a signature was not accepted is among what happened (event paper.failed.declaration)."""
    audit.record("declaration.signature_refused", subject=subject.subject, by=SYSTEM, now=now,
                 data={"verdict": data["verdict"], "paper": subject.reference})  # fmt: skip


def _return(declaration: Declaration, paper: Paper, *, now: datetime) -> None:
    """A draft again although it was signed: what was signed counts for nothing."""
    settle(declaration, "return", table=TABLE, by=SYSTEM, now=now)
    declaration.paper = None
    declaration.save(update_fields=["paper"])
    papers.void(paper, by=SYSTEM, now=now)
    tell(
        declaration,
        "declaration.returned",
        both("Bəyannamə göndərilmədi", "The declaration was not lodged"),
        both(
            f"{declaration.reference}: imzalandığı anda icazələrdən biri qüvvədə deyildi. Bəyannaməni yoxlayın.",
            f"{declaration.reference}: when it was signed, one of the permits was not in force. Check it again.",
        ),
        now=now,
    )


def _send(declaration: Declaration, *, by: Actor, now: datetime) -> None:
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


def _reference(document: Document | None) -> str:
    if document is None:
        raise Missing
    return document.reference
