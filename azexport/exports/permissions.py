"""Who may do what with an operation: its own organisation, nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from azexport.kernel.actor import Actor

if TYPE_CHECKING:
    from azexport.exports.models import Application


def owns_application(actor: Actor, application: Application) -> bool:
    """exports:application:change: somebody with a mandate of the applying organisation."""
    organisation = getattr(actor, "organisation", None)
    return organisation is not None and organisation.pk == application.operation.organisation_id


def may_read_application_document(actor: Actor, document: Any) -> bool:
    """exports:document:read: the applying organisation reads its applications in all versions."""
    from azexport.exports.models import Application

    organisation = getattr(actor, "organisation", None)
    return organisation is not None and Application.objects.of(organisation).filter(code=document.code).exists()


def may_read_attachment(actor: Actor, document: Any) -> bool:
    """exports:attachment:read: the applying organisation reads what it attached."""
    from azexport.exports.models import Attachment

    organisation = getattr(actor, "organisation", None)
    if organisation is None:
        return False
    return Attachment.objects.filter(document=document, application__operation__organisation=organisation).exists()


def may_read_dossier(actor: Actor, document: Any) -> bool:
    """exports:dossier:read: the organisation whose operation it is."""
    from azexport.exports.models import Operation

    organisation = getattr(actor, "organisation", None)
    return organisation is not None and Operation.objects.of(organisation).filter(dossier__code=document.code).exists()
