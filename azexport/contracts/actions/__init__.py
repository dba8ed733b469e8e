"""Every write to a contract, by what is written: drafts, signatures, invitations, and how contracts end."""

from azexport.contracts.actions.drafts import (
    ANSWERS,
    answer,
    confirm_seller,
    copy,
    draft,
    remove_line,
    save_line,
)
from azexport.contracts.actions.endings import decline, lapse_expired, withdraw
from azexport.contracts.actions.invitations import invitation_accepted, invitation_declined, invite_again
from azexport.contracts.actions.signing import (
    freeze,
    open_signing,
    reopen,
    signature_failed,
    signed,
)
from azexport.contracts.paper import BUYER_FIELD, KIND, PURPOSE, SELLER_FIELD
from azexport.contracts.paper import title as document_title

__all__ = [
    "ANSWERS",
    "BUYER_FIELD",
    "KIND",
    "PURPOSE",
    "SELLER_FIELD",
    "answer",
    "confirm_seller",
    "copy",
    "decline",
    "document_title",
    "draft",
    "freeze",
    "invitation_accepted",
    "invitation_declined",
    "invite_again",
    "lapse_expired",
    "open_signing",
    "remove_line",
    "reopen",
    "save_line",
    "signature_failed",
    "signed",
    "withdraw",
]
