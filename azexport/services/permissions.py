"""Who may do what with a draft: its body's officers write it, heads sign, whoever performs with them agrees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from azexport.kernel.actor import Actor

if TYPE_CHECKING:
    from azexport.services.models import RegulationDraft


def participant_of(actor: Actor) -> Any:
    """The body whose officer the actor is, or None."""
    return getattr(actor, "participant", None) if getattr(actor, "is_officer", False) else None


def is_drafter(actor: Actor, draft: RegulationDraft) -> bool:
    """services:draft:write: an officer of the body that provides the service (S9.2)."""
    participant = participant_of(actor)
    return participant is not None and participant.pk == draft.provider_id


def may_end_discussion(actor: Actor, draft: RegulationDraft) -> bool:
    """services:draft:end-discussion: nobody, as the public was given a term (S9.7); in the sandbox the body's officers,
    so that a trial need not wait for days."""
    return bool(settings.SANDBOX) and is_drafter(actor, draft)


def is_head(actor: Actor, draft: RegulationDraft) -> bool:
    """services:draft:approve: the head of that body (S-A1, "Təsdiq edirəm")."""
    return is_drafter(actor, draft) and bool(getattr(actor, "is_head", False))


def may_end(actor: Actor, draft: RegulationDraft) -> bool:
    """services:draft:withdraw: an officer of the body; once the head has signed, the head only."""
    from azexport.services.states import DraftStatus

    return is_head(actor, draft) if draft.status == DraftStatus.APPROVED else is_drafter(actor, draft)


def is_asked(actor: Actor, draft: RegulationDraft) -> bool:
    """services:draft:agreement: an officer of a body that was put the text for agreement (S9.2)."""
    participant = participant_of(actor)
    return participant is not None and draft.agreements.filter(participant=participant).exists()


def is_asked_head(actor: Actor, draft: RegulationDraft) -> bool:
    """services:draft:agree: the head of a body that is asked in this round and has not answered yet (S9.2)."""
    participant = participant_of(actor)
    return (
        participant is not None
        and bool(getattr(actor, "is_head", False))
        and draft.agreements.filter(participant=participant, round=draft.round, at__isnull=True).exists()
    )


def may_read_regulation_document(actor: Actor | None, document: Any) -> bool:
    """services:document:read: the approved text by everybody (S9.8); before that the officers of its body."""
    from azexport.services.models import RegulationDraft

    if RegulationDraft.objects.filter(document=document.reference).exists():
        return True
    participant = participant_of(actor) if actor is not None else None
    return participant is not None and any(
        fact.get("value") == participant.code for fact in document.facts if isinstance(fact, dict)
    )
