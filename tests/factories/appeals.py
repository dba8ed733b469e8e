"""Letters in every state, made through the doors that users use."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from azexport.appeals import actions
from azexport.appeals.models import Answer, Letter
from azexport.documents import queries as documents
from azexport.documents.models import Document, Paper
from azexport.documents.uploads import GivenFile
from azexport.participants.models import Participant
from azexport.parties.models import Member
from tests.factories import papers
from tests.factories.parties import NOW, make_citizen, make_officer

MATTER = "Qəbul saatları"
TEXT = "Hörmətli həmkarlar!\n\nQəbul saatlarınız hansı günlərdir?"
PDF = GivenFile("plan.pdf", "application/pdf", b"%PDF-1.7 a plan")


def officer(code: str = "honey-office") -> Member:
    """An officer of the body, which therefore takes letters."""
    return make_officer(code)


def body(code: str = "honey-office") -> Participant:
    """A body that takes letters."""
    return Participant.objects.filter(code=code, party__isnull=False).first() or body_of(make_officer(code))


def body_of(member: Member) -> Participant:
    """The body that the officer works for."""
    assert member.participant is not None
    return member.participant


def paper_of(row: Letter | Answer | Paper) -> Document:
    """The document of a letter, an answer or a paper that has one."""
    assert row.document is not None
    return row.document


def draft(writer: Member | None = None, *, to: str = "honey-office", now: datetime = NOW, **given: Any) -> Letter:
    """A complete draft."""
    writer = writer or make_citizen()
    letter = actions.start(participant=body(to), by=writer, now=now, follows=given.pop("follows", None))
    return actions.write(letter, **({"matter": MATTER, "text": TEXT} | given), by=writer, now=now)


def prepared(writer: Member, letter: Letter | None = None, *, now: datetime = NOW) -> Letter:
    """Waiting for its writer's signature."""
    return actions.prepare(letter or draft(writer, now=now), by=writer, now=now)


def sent(writer: Member | None = None, letter: Letter | None = None, *, now: datetime = NOW, **given: Any) -> Letter:
    """Signed, and with the body."""
    writer = writer or make_citizen()
    letter = prepared(writer, letter or draft(writer, now=now, **given), now=now)
    papers.signed(documents.paper(letter.paper), now=now)
    return fresh(letter)


def registered(by: Member, letter: Letter, *, study: bool = False, now: datetime = NOW) -> Letter:
    return actions.register(letter, number="15/2026", study=study, by=by, now=now)


def answered(by: Member, letter: Letter, *, text: str = "Hər gün 9-dan 18-dək.", now: datetime = NOW) -> Letter:
    """Registered, answered and signed by the officer."""
    if letter.status == "sent":
        letter = registered(by, letter, now=now)
    answer = actions.prepare_answer(actions.answer(letter, text=text, by=by, now=now), by=by, now=now)
    papers.signed(documents.paper(answer.paper), now=now)
    return fresh(letter)


def fresh(letter: Letter) -> Letter:
    return Letter.objects.for_page().get(pk=letter.pk)


def answer_of(letter: Letter) -> Answer:
    return Answer.objects.select_related("letter", "document").get(letter=letter)
