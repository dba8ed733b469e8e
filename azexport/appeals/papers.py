"""Letters and answers on paper: what their typst templates and their machine-readable copies say."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from azexport.appeals import queries
from azexport.kernel.formats import date_
from azexport.kernel.text import Text, both, pick

if TYPE_CHECKING:
    from azexport.appeals.models import Answer, Letter
    from azexport.parties.models import Member


def title_of(letter: Letter) -> Text:
    """What the letter's PDF is called."""
    return both(f"Məktub {letter.reference}", f"Letter {letter.reference}")


def title_of_answer(letter: Letter) -> Text:
    """What the answer's PDF is called."""
    return both(f"{letter.reference} nömrəli məktuba cavab", f"Answer to letter {letter.reference}")


def letter_data(letter: Letter, *, signer: Member, now: datetime) -> dict[str, Any]:
    """What appeals/letter.typ prints."""
    return {
        "number": letter.reference,
        "date": _day(now),
        "sender": _sender(letter, signer),
        "body": letter.participant.name,
        "matter": letter.matter,
        "paragraphs": _paragraphs(letter.text),
        "enclosures": _enclosures(letter),
        "follows": letter.first.reference if letter.first else None,
        "signer": signer.actor_name,
    }


def letter_attachment(letter: Letter, *, signer: Member) -> dict[str, Any]:
    """The letter for machines."""
    return {
        "letter": letter.reference,
        "kind": letter.kind,
        "follows": letter.first.reference if letter.first else None,
        "to": letter.participant.code,
        "from": {**_sender(letter, signer), "signer": signer.actor_name},
        "matter": letter.matter,
        "text": letter.text,
        "enclosures": _enclosures(letter),
    }


def letter_facts(letter: Letter) -> list[dict[str, Any]]:
    """What anybody who holds a copy may read: that there is such a letter and to whom, never what it says."""
    return [
        {"label": both("Məktubun nömrəsi", "Letter number"), "value": letter.reference},
        {"label": both("Ünvanlanıb", "Addressed to"), "value": pick(letter.participant.name, "az")},
    ]


def answer_data(answer: Answer, *, signer: Member, now: datetime) -> dict[str, Any]:
    """What appeals/answer.typ prints."""
    letter = answer.letter
    assert letter.sent_at is not None
    return {
        "number": answer.reference,
        "date": _day(now),
        "body": answer.participant.name,
        "to": letter.organisation.name,
        "person": letter.sender_name,
        "letter": letter.reference,
        "letter_date": _day(letter.sent_at),
        "body_number": letter.body_number,
        "matter": letter.matter,
        "paragraphs": _paragraphs(answer.text),
        "enclosures": _enclosures(answer),
        "signer": {"name": signer.actor_name, "position": signer.position},
    }


def answer_attachment(answer: Answer, *, signer: Member) -> dict[str, Any]:
    """The answer for machines."""
    return {
        "answer": answer.reference,
        "letter": answer.letter.reference,
        "body": answer.participant.code,
        "body_number": answer.letter.body_number,
        "text": answer.text,
        "signer": {"name": signer.actor_name, "position": signer.position},
        "enclosures": _enclosures(answer),
    }


def answer_facts(answer: Answer) -> list[dict[str, Any]]:
    """What anybody who holds a copy may read."""
    return [
        {"label": both("Məktubun nömrəsi", "Letter number"), "value": answer.letter.reference},
        {"label": both("Cavab verib", "Answered by"), "value": pick(answer.participant.name, "az")},
    ]


def _sender(letter: Letter, signer: Member) -> dict[str, Any]:
    party = letter.organisation
    label, number = None, ""
    if party.voen:
        label, number = both("VÖEN", "VÖEN (taxpayer number)"), party.voen
    elif party.fin:
        label, number = both("FİN", "FİN (personal number)"), party.fin
    elif party.registration_number:
        label, number = both("Qeydiyyat nömrəsi", "Registration number"), party.registration_number
    return {
        "name": party.name,
        "address": party.address or "",
        "label": label,
        "number": number,
        "email": signer.email or party.email,
    }


def _enclosures(of: Letter | Answer) -> list[dict[str, Any]]:
    # The signature covers the files through their hashes.
    return [{"name": one.name, "sha256": one.document.sha256} for one in queries.enclosures(of)]


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]


def _day(moment: datetime) -> Text:
    return both(date_(moment, "az"), date_(moment, "en"))
