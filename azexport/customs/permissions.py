"""Who may do what with a declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from azexport.kernel.actor import Actor
from azexport.parties import queries as parties

if TYPE_CHECKING:
    from azexport.customs.models import Declaration

ROLE = "customs"
"""Of the participant that a declaration is lodged with, and that alone may speak about it."""


def is_declarant(actor: Actor, declaration: Declaration) -> bool:
    """customs:declaration:change: somebody with a mandate of the declaring organisation."""
    organisation = getattr(actor, "organisation", None)
    return organisation is not None and organisation.pk == declaration.organisation_id


def may_still_sign(signer: Actor, paper: Any) -> bool:
    """customs:declaration:sign: who acts for the declaring organisation when the signature is completed."""
    from azexport.customs.models import Declaration

    declaration = Declaration.objects.select_related("organisation").get(reference=paper.subject)
    return parties.acting_for(declaration.organisation, signer.actor_id) is not None


def may_read_document(actor: Actor, document: Any) -> bool:
    """customs:document:read: the declaring organisation reads its declaration and the release."""
    from azexport.customs.models import Declaration

    organisation = getattr(actor, "organisation", None)
    if organisation is None or not document.code:
        return False
    same = Q(document__code=document.code) | Q(paper__code=document.code) | Q(release_document=document)
    return Declaration.objects.of(organisation).filter(same).exists()
