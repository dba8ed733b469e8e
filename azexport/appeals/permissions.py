"""Who may do what with a letter: who wrote it, and the body that it lies with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from azexport.appeals.states import HANDED_OVER, AnswerStatus
from azexport.kernel.actor import Actor

if TYPE_CHECKING:
    from azexport.appeals.models import Answer, Letter


def may_write(actor: Actor) -> bool:
    """appeals:letter:write: everybody signed in who is not a body's officer; officers answer on the desk (S11.6)."""
    return getattr(actor, "organisation", None) is not None and not getattr(actor, "is_officer", False)


def is_sender(actor: Actor, letter: Letter) -> bool:
    """appeals:letter:send: somebody who acts for whoever the letter is from."""
    organisation = getattr(actor, "organisation", None)
    return organisation is not None and organisation.pk == letter.organisation_id


def is_addressee(actor: Actor, letter: Letter) -> bool:
    """appeals:letter:answer: an officer of the body with which the letter lies."""
    participant = getattr(actor, "participant", None)
    return participant is not None and participant.pk == letter.participant_id and letter.status in HANDED_OVER


def is_answering(actor: Actor, answer: Answer) -> bool:
    """appeals:answer:write: an officer of the body whose answer it is, while the letter lies with that body."""
    return is_addressee(actor, answer.letter) and answer.participant_id == answer.letter.participant_id


def may_read_letter(actor: Actor, document: Any) -> bool:
    """appeals:letter:read: the letter on paper, by who wrote it and by the bodies that it was handed over to."""
    from azexport.appeals.models import Letter

    organisation, participant = _parties(actor)
    if organisation is None or not document.code:
        return False
    if participant is None:
        return Letter.objects.of(organisation).filter(code=document.code).exists()
    return Letter.objects.known_to(participant).filter(code=document.code).exists()


def may_read_answer(actor: Actor, document: Any) -> bool:
    """appeals:answer:read: the answering body always; whoever wrote the letter once the answer is signed."""
    from azexport.appeals.models import Answer

    organisation, participant = _parties(actor)
    answers = Answer.objects.filter(code=document.code).exclude(code="")
    if organisation is None:
        return False
    if participant is not None:
        return answers.filter(participant=participant).exists()
    return answers.filter(letter__organisation=organisation, status=AnswerStatus.SIGNED).exists()


def may_read_enclosure(actor: Actor, document: Any) -> bool:
    """appeals:enclosure:read: as the letter or the answer that it goes with."""
    from azexport.appeals.models import Enclosure, Letter

    organisation, participant = _parties(actor)
    found = Enclosure.objects.select_related("answer__letter").filter(document=document).first()
    if organisation is None or found is None:
        return False
    if found.answer is not None:
        answer = found.answer
        if participant is not None:
            return bool(answer.participant_id == participant.pk)
        return bool(answer.letter.organisation_id == organisation.pk and answer.status == AnswerStatus.SIGNED)
    known = Letter.objects.of(organisation) if participant is None else Letter.objects.known_to(participant)
    return known.filter(enclosures=found).exists()


def _parties(actor: Actor) -> tuple[Any, Any]:
    return getattr(actor, "organisation", None), getattr(actor, "participant", None)
