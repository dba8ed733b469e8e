"""Reading regulations: which is in force, what it asks, when a condition holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from azexport.services import conditions
from azexport.services.models import RegulationDraft, RegulationVersion
from azexport.services.schema import Question, RequiredDocument
from azexport.services.scope import values_for

__all__ = ["AskedQuestion", "asked_documents", "asked_questions", "in_force", "is_asked", "regulation", "version"]

Answers = Mapping[str, Any]


def regulation(service: str, on: date) -> RegulationVersion | None:
    """The service's regulation in force on the day."""
    return RegulationVersion.objects.in_force(on).filter(service=service).first()


def in_force(on: date) -> list[RegulationVersion]:
    """Every service's regulation in force on the day, in one query."""
    return list(RegulationVersion.objects.in_force(on))


def versions(pks: Iterable[int]) -> dict[int, RegulationVersion]:
    """These version rows by their keys, in one query."""
    return RegulationVersion.objects.in_bulk(list(pks))


def version(pk: int) -> RegulationVersion:
    return RegulationVersion.objects.get(pk=pk)


def versions_of(service: str) -> list[RegulationVersion]:
    """Every version of the service, newest first."""
    return list(RegulationVersion.objects.filter(service=service).order_by("-version", "-revision"))


def newest(service: str) -> RegulationVersion | None:
    """The newest version, whether in force or not."""
    return RegulationVersion.objects.filter(service=service).order_by("-version", "-revision").first()


def labelled(service: str, number: int, revision: int) -> RegulationVersion | None:
    """The version that people write `3` or `3.2`."""
    return RegulationVersion.objects.filter(service=service, version=number, revision=revision).first()


def fingerprint(service: str) -> tuple[Any, ...]:
    """What changes when a version of the service is added or ended, for validators: one statement."""
    versions = RegulationVersion.objects.filter(service=service).order_by("pk")
    return tuple(versions.values_list("pk", "valid_until"))


def fingerprint_of_list(on: date) -> tuple[int, ...]:
    """What changes when another version of any service is in force on the day, for validators: one statement."""
    return tuple(RegulationVersion.objects.in_force(on).values_list("pk", flat=True))


def approval_of(row: RegulationVersion) -> RegulationDraft | None:
    """The draft that the head approved and this version was registered from, with the signed text (S9.8)."""
    return RegulationDraft.objects.filter(version=row).exclude(document="").first()


@dataclass(frozen=True)
class AskedQuestion:
    """A question as the applicant meets it: asked once, for all the bodies that need the answer.

    `key` names the answer in the application's answers. `ids` says under which question id each service gets it.
    """

    key: str
    question: Question
    required: bool
    ids: tuple[tuple[str, str], ...]
    """(service, question id) of everyone who asks."""
    names: tuple[dict[str, str], ...]
    """Names of the services that ask, for "asked by"."""


def asked_questions(regulations: Sequence[RegulationVersion]) -> list[AskedQuestion]:
    """The questions of these regulations, each shared one once, in the order of the regulations.

    An answer that one body needs and another would merely like is required; the first body's wording is shown.
    """
    merged: dict[str, AskedQuestion] = {}
    for row in regulations:
        for question in row.regulation.questions:
            key = question.shared_key
            before = merged.get(key)
            merged[key] = AskedQuestion(
                key=key,
                question=before.question if before else question,
                required=question.required or bool(before and before.required),
                ids=(*(before.ids if before else ()), (row.service, question.id)),
                names=(*(before.names if before else ()), row.name),
            )
    return list(merged.values())


def asked_documents(regulations: Sequence[RegulationVersion]) -> list[tuple[RegulationVersion, RequiredDocument]]:
    """The documents these regulations want, each with the regulation that wants it."""
    return [(row, document) for row in regulations for document in row.regulation.documents]


def answers_for(row: RegulationVersion, answers: Answers) -> dict[str, Any]:
    """An application's answers (by shared key) as this service's own (by question id), without what it does not ask."""
    return {
        question.id: answers[question.shared_key]
        for question in row.regulation.questions
        if question.shared_key in answers
    }


def is_asked(
    row: RegulationVersion,
    item: Question | RequiredDocument,
    *,
    answers: Answers,
    destination: str = "",
    destination_groups: Sequence[str] = (),
    goods: Sequence[Mapping[str, Any]] = (),
    line: Mapping[str, Any] | None = None,
    known: Mapping[str, Any] | None = None,
    applicant: Mapping[str, Any] | None = None,
) -> bool:
    """Whether the item's condition holds for these answers (by question id of that service).

    Answers per line are `{"<line>": value}`; `line` is the goods line (with its number under "line") for a question
    that is asked per line. What is not answered yet counts as empty, zero or no.
    """
    if item.when is None:
        return True
    values = values_for(
        row.regulation,
        answers=answers, known=known, applicant=applicant, destination=destination,
        destination_groups=destination_groups, goods=goods, line=line,
    )  # fmt: skip
    return conditions.holds(item.when, values)
