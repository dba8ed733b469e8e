"""Who may do what with a declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from azexport.kernel.actor import Actor

if TYPE_CHECKING:
    from azexport.customs.models import Declaration


def is_declarant(actor: Actor, declaration: Declaration) -> bool:
    """customs:declaration:change: somebody with a mandate of the declaring organisation."""
    organisation = getattr(actor, "organisation", None)
    return organisation is not None and organisation.pk == declaration.organisation_id


def may_read_document(actor: Actor, document: Any) -> bool:
    """customs:document:read: the declaring organisation reads its declaration and the release."""
    from azexport.customs.models import Declaration

    organisation = getattr(actor, "organisation", None)
    if organisation is None or not document.code:
        return False
    mine = Declaration.objects.of(organisation)
    return mine.filter(code=document.code).exists() or mine.filter(release_document=document).exists()
