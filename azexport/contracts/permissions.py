"""Who may do what with a contract: only its two parties may know that it exists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from azexport.kernel.actor import Actor
from azexport.parties import queries as parties

if TYPE_CHECKING:
    from azexport.contracts.models import Contract
    from azexport.documents.models import Paper


def is_seller(actor: Actor, contract: Contract) -> bool:
    """contracts:contract:sell: somebody with a mandate of the selling organisation."""
    organisation = getattr(actor, "organisation", None)
    return organisation is not None and organisation.pk == contract.seller_id


def is_buyer(actor: Actor, contract: Contract) -> bool:
    """contracts:contract:buy: somebody with a mandate of the buying organisation."""
    organisation = getattr(actor, "organisation", None)
    return organisation is not None and organisation.pk == contract.buyer_id


def may_still_sign(signer: Actor, paper: Paper) -> bool:
    """contracts:contract:sign: whoever gives a signature acts for its party at the moment when it is completed."""
    from azexport.contracts.models import Contract
    from azexport.contracts.paper import SELLER_FIELD

    contract = Contract.objects.select_related("seller", "buyer").get(reference=paper.subject)
    party = contract.seller if paper.field == SELLER_FIELD else contract.buyer
    return party is not None and parties.acting_for(party, signer.actor_id) is not None


def may_read_document(actor: Actor, document: Any) -> bool:
    """contracts:document:read: either party reads every version of the contract's PDF offered to them."""
    from azexport.contracts.models import Contract

    organisation = getattr(actor, "organisation", None)
    if organisation is None:
        return False
    return Contract.objects.visible_to(organisation).filter(code=document.code).exclude(code="").exists()
