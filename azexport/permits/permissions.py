"""Who may open a permit."""

from __future__ import annotations

from typing import Any

from azexport.kernel.actor import Actor
from azexport.permits import queries


def may_read(actor: Actor, document: Any) -> bool:
    """Those who act for the organisation to which it was issued."""
    organisation: Any = getattr(actor, "organisation", None)
    return organisation is not None and queries.is_holder(organisation, document)
