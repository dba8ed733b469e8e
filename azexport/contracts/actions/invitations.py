"""The buyer is invited, and comes or declines to come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from azexport.audit import actions as audit
from azexport.contracts import paper as printing
from azexport.contracts.actions.locks import locked, locked_by
from azexport.contracts.actions.words import letter_to_buyer, tell_of_invitation_declined
from azexport.contracts.permissions import is_seller
from azexport.contracts.states import ContractStatus
from azexport.kernel.errors import IllegalTransition, NotAllowed, RuleViolated, Violation
from azexport.parties import actions as parties

if TYPE_CHECKING:
    from azexport.contracts.models import Contract
    from azexport.kernel.actor import Actor
    from azexport.parties.models import Invitation, Member

NOT_FOR_THE_SELLER = _("This invitation is for the foreign buyer: sign in with the buyer's certificate to accept it")


def invite(contract: Contract, *, email: str, by: Actor, now: datetime) -> None:
    """A letter with an invitation to sign is on its way to the buyer; a former invitation no longer works."""
    # Fresh in the audit of the contract too: both parties read its timeline.
    audit.record("contract.invited", subject=contract.reference, by=by, now=now, data={"email": email})
    invitation, token = parties.invite(
        email=email,
        name=contract.buyer_stated["contact"],
        purpose=printing.PURPOSE,
        subject=contract.reference,
        title=printing.title_with_parties(contract),
        link=f"/contracts/{contract.reference}/",
        by=by,
        now=now,
    )
    contract.invitation_expires_at, contract.invitation_declined_at = invitation.expires_at, None
    contract.save(update_fields=["invitation_expires_at", "invitation_declined_at"])
    letter_to_buyer(contract, email=email, link=f"/invitation/{token}/", by=by, now=now)


@transaction.atomic
def invite_again(contract: Contract, *, email: str, by: Member, now: datetime) -> Contract:
    """A fresh invitation goes to the buyer, to a mended address if need be; the former one no longer works.

    Raises:
        IllegalTransition: the buyer is here already, or it is not the buyer's turn.
    """
    contract = locked(contract)
    if not is_seller(by, contract):
        raise NotAllowed
    if contract.status != ContractStatus.AWAITING_BUYER or contract.buyer_id is not None:
        raise IllegalTransition
    # The signed text keeps the address that was stated; only the letter goes elsewhere.
    invite(contract, email=email, by=by, now=now)
    return contract


def invitation_accepted(subject: Invitation, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The organisation of who accepted is the contract's buyer (event invitation.accepted.contract).

    Raises:
        IllegalTransition: the contract no longer waits for a buyer, or has one.
        RuleViolated: CON-013, the seller opened their own invitation.
    """
    contract = locked_by(subject.subject)
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


def invitation_declined(subject: Invitation, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The seller knows, and can send a fresh invitation elsewhere or withdraw (event invitation.declined.contract)."""
    contract = locked_by(subject.subject)
    contract.invitation_declined_at = now
    contract.save(update_fields=["invitation_declined_at"])
    audit.record("contract.invitation_declined", subject=contract.reference, by=by, now=now)
    tell_of_invitation_declined(contract, email=subject.email, now=now)
