"""Everything that is written about a declaration, by noun: its draft, its signature, the control by customs."""

from azexport.customs.actions.control import (
    RELEASE_KIND,
    accept,
    assign_channel,
    refuse_release,
    release,
    settle_release,
)
from azexport.customs.actions.drafts import answer, discard, draft_again, draft_declaration
from azexport.customs.actions.signature import KIND, PURPOSE, freeze, lodge, open_signing, reopen, signature_failed
from azexport.customs.data import compose

__all__ = [
    "KIND",
    "PURPOSE",
    "RELEASE_KIND",
    "accept",
    "answer",
    "assign_channel",
    "compose",
    "discard",
    "draft_again",
    "draft_declaration",
    "freeze",
    "lodge",
    "open_signing",
    "refuse_release",
    "release",
    "reopen",
    "settle_release",
    "signature_failed",
]
