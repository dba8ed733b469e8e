"""What a regulation asks for given answers, and the values its expressions see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from azexport.services import conditions
from azexport.services.models import RegulationVersion
from azexport.services.schema import Check, Question, Regulation, RequiredDocument
from azexport.services.scope import values_for
from azexport.services.standard_messages import StandardMessage, message, vocabulary_of

Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """What is asked of an applicant, as the answers stand."""

    questions: tuple[Question, ...]
    """In the order of the form."""
    documents: tuple[RequiredDocument, ...]
    answers: dict[str, Any]
    """The answers to what is asked, by question id: what is no longer asked is left out."""

    def questions_of(self, ids: Sequence[str]) -> list[Question]:
        """Those of a task, in the task's order."""
        return [one for wanted in ids for one in self.questions if one.id == wanted]

    def documents_of(self, ids: Sequence[str]) -> list[RequiredDocument]:
        return [one for wanted in ids for one in self.documents if one.id == wanted]


def asked(regulation: RegulationVersion | Regulation, *, answers: Answers, **context: Any) -> Asked:
    """The questions and documents that these answers lead to; an answer that is not asked for leads nowhere.

    Args:
        answers: by question id, as stored.
        context: what else expressions see: `known`, `applicant`, `destination`, … (scope_values).
    """
    whole = _regulation(regulation)
    kept: dict[str, Any] = {}
    questions = []
    for question in whole.asked_order:
        if question.scope == "application" and not _holds(whole, question.when, kept, context):
            continue
        questions.append(question)
        if question.id in answers:
            kept[question.id] = answers[question.id]
    documents = [one for one in whole.documents if _holds(whole, one.when, kept, context)]
    return Asked(tuple(questions), tuple(documents), kept)


def _holds(regulation: Regulation, when: str | None, answers: Answers, context: Mapping[str, Any]) -> bool:
    return when is None or _true(when, values_for(regulation, answers=answers, **context))


def broken_checks(regulation: RegulationVersion | Regulation, *, answers: Answers, **context: Any) -> list[Check]:
    """The checks across answers that do not hold; one that cannot be worked out does not."""
    whole = _regulation(regulation)
    kept = asked(whole, answers=answers, **context).answers
    values = values_for(whole, answers=kept, **context)
    return [one for one in whole.provision.checks if not _true(one.condition, values)]


def _true(condition: str, values: Mapping[str, Any]) -> bool:
    # What cannot be worked out (the first row of a table without rows) does not hold: nobody is stopped by an error.
    try:
        return conditions.holds(condition, values)
    except conditions.ConditionError:
        return False


def scope_values(
    regulation: RegulationVersion | Regulation,
    *,
    answers: Answers,
    known: Mapping[str, Any] | None = None,
    applicant: Mapping[str, Any] | None = None,
    case: Mapping[str, Any] | None = None,
    **export: Any,
) -> dict[str, Any]:
    """What expressions of the regulation see: `conditions.value(expression, scope_values(…))`.

    Args:
        answers: by question id; what is no longer asked counts as not answered.
        known: fact id -> what the register says.
        applicant: name, voen, kind, country.
        case: reference, submitted_on, decided_on, valid_until; only where a result is described.
        export: destination, destination_groups, goods, line of an application for export.
    """
    whole = _regulation(regulation)
    context = {"known": known, "applicant": applicant, **export}
    line = context.pop("line", None)
    kept = answers if line is not None else asked(whole, answers=answers, **context).answers
    return values_for(whole, answers=kept, case=case, line=line, **context)


def standard_messages(
    regulation: RegulationVersion | Regulation, *, answers: Answers, case: Mapping[str, Any], **context: Any
) -> list[StandardMessage]:
    """The messages of international standards that the regulation fills from a case (S-A1 3.2.1).

    Args:
        context: as for `scope_values`.

    Raises:
        ConditionError: an expression cannot be worked out for these answers.
    """
    whole = _regulation(regulation)
    kept = asked(whole, answers=answers, **context).answers
    made = (message(one, whole, {"answers": kept, "case": case, **context}) for one in whole.procedures.messages)
    return [one for one in made if one is not None]


def standards_of(regulation: RegulationVersion | Regulation) -> list[str]:
    """The standards, with their versions, of the messages that `standard_messages` makes, in the same order."""
    mappings = _regulation(regulation).procedures.messages
    return [f"{one.standard} {one.version}" for one in mappings if vocabulary_of(one.standard, one.version)]


def _regulation(regulation: RegulationVersion | Regulation) -> Regulation:
    return regulation.regulation if isinstance(regulation, RegulationVersion) else regulation
