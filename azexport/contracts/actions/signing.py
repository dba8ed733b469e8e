"""From the frozen text to both signatures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from azexport.audit import actions as audit
from azexport.calendar.queries import today
from azexport.contracts import paper as printing
from azexport.contracts.actions.invitations import invite
from azexport.contracts.actions.locks import locked, locked_by
from azexport.contracts.actions.words import tell_of_conclusion, tell_of_signature_in_vain
from azexport.contracts.lifecycle import TABLE
from azexport.contracts.permissions import is_buyer, is_seller
from azexport.contracts.states import ContractStatus
from azexport.documents import papers
from azexport.documents import queries as documents
from azexport.kernel.errors import IllegalTransition
from azexport.lifecycle import settle
from azexport.signatures.states import Verdict

if TYPE_CHECKING:
    from azexport.contracts.models import Contract
    from azexport.documents.models import Paper
    from azexport.kernel.actor import Actor
    from azexport.parties.models import Member

SIGNED_BY = {printing.SELLER_FIELD: "sign_as_seller", printing.BUYER_FIELD: "sign_as_buyer"}
"""Signature -> what it does to the contract."""


@transaction.atomic
def freeze(contract: Contract, *, by: Member, now: datetime) -> Contract:
    """Nothing in it changes any more; its paper is being made, and the seller's signature asked for.

    Raises:
        RuleViolated: CON-001 to CON-010, all that is missing.
    """
    contract = settle(locked(contract), "freeze", table=TABLE, by=by, now=now, data={"today": today(now)})
    paper = papers.put_forward(
        purpose=printing.PURPOSE,
        subject=contract.reference,
        kind=printing.KIND,
        title=printing.title(contract),
        template="contracts/contract.typ",
        data=printing.data(contract),
        attachment=printing.attachment(contract),
        facts=printing.facts(contract),
        signer=by,
        expected=by.expected,
        return_url=f"/contracts/{contract.reference}/",
        fields=(printing.SELLER_FIELD, printing.BUYER_FIELD),
        by=by,
        now=now,
    )
    contract.paper, contract.code = paper.reference, paper.code
    contract.save(update_fields=["paper", "code"])
    return contract


@transaction.atomic
def open_signing(contract: Contract, *, by: Member, now: datetime) -> Paper:
    """The paper, its signature asked of the actor, who acts for the party whose turn it is.

    Raises:
        IllegalTransition: it is nobody's turn, or the other party's; or the paper is still being made.
    """
    contract = locked(contract)
    selling = contract.status == ContractStatus.AWAITING_SELLER and is_seller(by, contract)
    buying = contract.status == ContractStatus.AWAITING_BUYER and is_buyer(by, contract)
    if not (selling or buying):
        raise IllegalTransition
    return papers.ask(documents.paper(contract.paper), signer=by, expected=by.expected, by=by, now=now)


@transaction.atomic
def reopen(contract: Contract, *, by: Actor, now: datetime) -> Contract:
    """A draft again: the paper that nobody signed counts for nothing."""
    contract = settle(locked(contract), "reopen", table=TABLE, by=by, now=now)
    papers.discard(documents.paper(contract.paper), by=by, now=now)
    contract.paper = ""
    contract.save(update_fields=["paper"])
    return contract


def signed(subject: Paper, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The signed PDF is the contract's newest version and the contract moves on (event paper.signed.contract).

    Of each signature a paper tells once, and of no paper that was taken back.
    """
    contract = locked_by(subject.subject)
    contract.document = documents.by_reference(data["document"])
    contract.save(update_fields=["document"])
    settle(contract, SIGNED_BY[data["field"]], table=TABLE, by=by, now=now, data={"sha256": contract.sha256})
    if data["complete"]:
        tell_of_conclusion(contract, by=by, now=now)
    else:
        invite(contract, email=contract.buyer_stated["email"], by=by, now=now)


def signature_failed(subject: Paper, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The contract's history knows of the refusal (event paper.failed.contract); its page shows the paper's verdict.

    Of a signature in vain the party hears, too: who gave it cannot come back to see.
    """
    contract = locked_by(subject.subject)
    audit.record("contract.signature_refused", subject=contract.reference, by=by, now=now,
                 data={"verdict": data["verdict"], "paper": subject.reference})  # fmt: skip
    if data["verdict"] == Verdict.NO_MANDATE:
        tell_of_signature_in_vain(contract, field=data["field"], by=by, now=now)
