"""Who may do what with goods."""

from __future__ import annotations

from azexport.catalogue.models import Good
from azexport.kernel.actor import Actor
from azexport.parties.models import Member


def may_offer(actor: Actor) -> bool:
    """Goods made in Azerbaijan are offered by Azerbaijani taxpayers (P4.1.1)."""
    return isinstance(actor, Member) and actor.organisation.is_resident


def owns(actor: Actor, good: Good) -> bool:
    """Whoever acts for the organisation whose good it is."""
    return isinstance(actor, Member) and actor.organisation.pk == good.organisation_id
