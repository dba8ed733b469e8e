"""Who may do what with an operation: its own organisation, nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from azexport.cases.permissions import may_read_handed_over
from azexport.contracts import permissions as contracts
from azexport.kernel.actor import Actor
from azexport.parties import queries as parties

if TYPE_CHECKING:
    from azexport.exports.models import Application


def owns_application(actor: Actor, application: Application) -> bool:
    """exports:application:change: somebody with a mandate of the applying organisation."""
    organisation = getattr(actor, "organisation", None)
    return organisation is not None and organisation.pk == application.operation.organisation_id


def may_still_sign(signer: Actor, paper: Any) -> bool:
    """exports:application:sign: who acts for the applying organisation when the signature is completed."""
    from azexport.exports.models import Application

    application = Application.objects.select_related("operation__organisation").get(reference=paper.subject)
    return parties.acting_for(application.operation.organisation, signer.actor_id) is not None


def may_read_application_document(actor: Actor, document: Any) -> bool:
    """exports:document:read: the applying organisation reads its applications in all versions, a body what it got."""
    from azexport.exports.models import Application

    organisation = getattr(actor, "organisation", None)
    if organisation is None:
        return False
    same = Q(document__code=document.code) | Q(paper__code=document.code)
    return Application.objects.of(organisation).filter(same).exists() or may_read_handed_over(actor, document)


def may_read_contract(actor: Actor, document: Any) -> bool:
    """exports:contract:read: either party, and the bodies that got it with an application."""
    return contracts.may_read_document(actor, document) or may_read_handed_over(actor, document)


def may_read_attachment(actor: Actor, document: Any) -> bool:
    """exports:attachment:read: the applying organisation reads what it attached, a body what it got."""
    from azexport.exports.models import Attachment

    organisation = getattr(actor, "organisation", None)
    if organisation is None:
        return False
    own = Attachment.objects.filter(document=document, application__operation__organisation=organisation).exists()
    return own or may_read_handed_over(actor, document)


def may_read_dossier(actor: Actor, document: Any) -> bool:
    """exports:dossier:read: the organisation whose operation it is."""
    from azexport.exports.models import Operation

    organisation = getattr(actor, "organisation", None)
    return organisation is not None and Operation.objects.of(organisation).filter(dossier__code=document.code).exists()
