"""What must be true before a letter moves. Each docstring is the rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from azexport.appeals.models import Answer, Letter
from azexport.appeals.states import AnswerStatus
from azexport.kernel.errors import Violation


def letter_has_a_matter(letter: Letter, **data: Any) -> Iterator[Violation]:
    """LET-001: a letter says in a line what it is about."""
    if not letter.matter.strip():
        yield Violation("LET-001", _("Say in a line what the letter is about"), "matter")


def letter_has_a_text(letter: Letter, **data: Any) -> Iterator[Violation]:
    """LET-002: a letter has a text."""
    if not letter.text.strip():
        yield Violation("LET-002", _("Write the letter"), "text")


def body_is_connected(letter: Letter, **data: Any) -> Iterator[Violation]:
    """LET-003: the letter goes to a body that is connected and has an officer who can answer (S11.6)."""
    if not data.get("connected"):
        yield Violation(
            "LET-003", _("This body does not take letters on the portal at the moment. Choose another one."), "body"
        )


def a_reason_is_given(letter: Letter, **data: Any) -> Iterator[Violation]:
    """LET-004: who extends a term or forwards a letter says why."""
    if not str(data.get("reason") or "").strip():
        yield Violation("LET-004", _("Give the reason"), "reason")


def term_is_extended_once(letter: Letter, **data: Any) -> Iterator[Violation]:
    """LET-005: the law lets a term be extended once (law on citizens' appeals, 10.1)."""
    if letter.extended_at is not None:
        yield Violation("LET-005", _("The term has been extended already; the law allows it once."))


def goes_to_another_body(letter: Letter, **data: Any) -> Iterator[Violation]:
    """LET-006: a letter is forwarded to another body that is connected."""
    if data.get("to") == letter.participant.code or not data.get("connected"):
        yield Violation("LET-006", _("Choose another body that takes letters on the portal"), "body")


def no_answer_waits_for_a_signature(letter: Letter, **data: Any) -> Iterator[Violation]:
    """LET-007: a letter whose answer waits for a signature is not forwarded."""
    if Answer.objects.filter(letter=letter, status=AnswerStatus.PREPARED).exists():
        yield Violation("LET-007", _("An answer waits for a signature. Take it back first."))


def answer_has_a_text(answer: Answer, **data: Any) -> Iterator[Violation]:
    """LET-008: an answer has a text."""
    if not answer.text.strip():
        yield Violation("LET-008", _("Write the answer"), "text")


def letter_waits_for_the_answer(answer: Answer, **data: Any) -> Iterator[Violation]:
    """LET-009: the body answers what it has registered and not answered yet."""
    if answer.letter.status != "registered":
        yield Violation("LET-009", _("Register the letter before you answer it."))


COMPLETE = (letter_has_a_matter, letter_has_a_text, body_is_connected)
EXTENDABLE = (a_reason_is_given, term_is_extended_once)
FORWARDABLE = (a_reason_is_given, goes_to_another_body, no_answer_waits_for_a_signature)
ANSWERABLE = (answer_has_a_text, letter_waits_for_the_answer)
