"""Everything that is written about an export, by noun: the application's draft, its signature, the operation."""

from azexport.exports.actions.drafts import (
    ATTACHMENT_KIND,
    abandon,
    answer,
    choose_permits,
    merged,
    note_promotion,
    set_quantities,
    start,
)
from azexport.exports.actions.operations import (
    DOSSIER_KIND,
    give_up_dossier,
    keep_dossier,
    tell_permits_ready,
    want_dossier,
)
from azexport.exports.actions.signature import KIND, PURPOSE, freeze, open_signing, reopen, submit

__all__ = [
    "ATTACHMENT_KIND",
    "DOSSIER_KIND",
    "KIND",
    "PURPOSE",
    "abandon",
    "answer",
    "choose_permits",
    "freeze",
    "give_up_dossier",
    "keep_dossier",
    "merged",
    "note_promotion",
    "open_signing",
    "reopen",
    "set_quantities",
    "start",
    "submit",
    "tell_permits_ready",
    "want_dossier",
]
