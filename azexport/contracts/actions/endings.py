"""A contract that does not come about: withdrawn, declined or lapsed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from azexport.contracts.actions.locks import locked
from azexport.contracts.actions.words import tell, tell_buyer
from azexport.contracts.lifecycle import TABLE
from azexport.contracts.models import Contract
from azexport.contracts.states import ContractStatus
from azexport.documents import papers
from azexport.documents import queries as documents
from azexport.kernel.actor import SYSTEM
from azexport.kernel.text import both
from azexport.lifecycle import settle
from azexport.parties import actions as parties

if TYPE_CHECKING:
    from azexport.kernel.actor import Actor


@transaction.atomic
def withdraw(contract: Contract, *, by: Actor, now: datetime) -> Contract:
    """The seller takes it back before the buyer has signed; an invited buyer is told."""
    contract = locked(contract)
    invited = contract.status == ContractStatus.AWAITING_BUYER
    contract = settle(contract, "withdraw", table=TABLE, by=by, now=now)
    _end(contract, by=by, now=now)
    if invited:
        tell_buyer(
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
    contract = locked(contract)
    contract.decline_reason = reason = reason.strip()
    contract.save(update_fields=["decline_reason"])
    contract = settle(contract, "decline", table=TABLE, by=by, now=now, data={"reason": reason})
    _end(contract, by=by, now=now)
    tell(
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


def lapse_expired(*, now: datetime) -> int:
    """Contracts whose invitation ran out before anybody came have lapsed, and their sellers know; each by itself.

    Returns:
        How many.
    """
    rows = Contract.objects.filter(
        status=ContractStatus.AWAITING_BUYER, buyer__isnull=True, invitation_expires_at__lt=now
    )
    return sum(_lapse(contract, now=now) for contract in rows[:200])


@transaction.atomic
def _lapse(contract: Contract, *, now: datetime) -> bool:
    contract = locked(contract)
    expires = contract.invitation_expires_at
    # Accepted, sent again or withdrawn since the row was found.
    if contract.status != ContractStatus.AWAITING_BUYER or contract.buyer_id or expires is None or expires >= now:
        return False
    settle(contract, "lapse", table=TABLE, by=SYSTEM, now=now)
    _end(contract, by=SYSTEM, now=now)
    tell(
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
    return True


def _end(contract: Contract, *, by: Actor, now: datetime) -> None:
    """What hung on the contract that will not come about is closed too."""
    if contract.paper:
        papers.discard(documents.paper(contract.paper), by=by, now=now)
    parties.withdraw_invitations(subject=contract.reference, by=by, now=now)
