"""What the review screen shows of a case, in words: rows of answers, facts with their source, goods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from azexport.cases.models import Case
from azexport.cases.queries.desk import Review, SectionAnswers, StepView
from azexport.kernel.text import pick
from azexport.participants import queries as participants
from azexport.reference import queries as reference
from azexport.services import fields


@dataclass(frozen=True)
class Row:
    """A question with its answer; a table of goods comes as `table`."""

    label: str
    why: str
    value: str
    table: list[list[str]]


@dataclass(frozen=True)
class Fact:
    """What a register said of the applicant, which one, and when."""

    label: str
    value: str


@dataclass(frozen=True)
class Source:
    """One document that the state holds."""

    name: str
    register: str
    asked_at: datetime | None
    facts: list[Fact]


def sections(review: Review) -> list[dict[str, Any]]:
    """The form as it was filled in, by section: only what was asked."""
    countries = {one.pk: pick(one.name) for one in reference.countries()}
    found = [
        {"title": pick(one.section.title.text), "rows": _rows(one, countries), "documents": one.documents}
        for one in review.sections
    ]
    return [one for one in found if one["rows"] or one["documents"]]


def _rows(section: SectionAnswers, countries: Mapping[str, str]) -> list[Row]:
    return [
        Row(
            label=pick(one.question.label.text),
            why=pick(one.question.why.text),
            value=fields.shown(one.question, one.value, countries=countries),
            table=fields.rows_of(one.value) if one.question.kind == "goods" else [],
        )
        for one in section.answers
        if one.asked and one.question.kind != "file"
    ]


def sources(review: Review) -> list[Source]:
    """What registers said, with their names and the time (S6.1.1, S7.2)."""
    wanted = [one for one in review.known if one.facts and one.document.register is not None]
    if not wanted:
        return []
    asked = _asked(review.case)
    codes = {one.document.register.participant for one in wanted if one.document.register}
    names = {code: pick(one.name) for code, one in participants.by_codes(codes).items()}
    found = []
    for one in wanted:
        register = one.document.register
        assert register is not None
        times = [_asked_at(asked.get(fact.id)) for fact in register.facts]
        found.append(
            Source(
                name=pick(one.document.name.text),
                register=names.get(register.participant, ""),
                asked_at=next((time for time in times if time), None),
                facts=[Fact(pick(label), _said(value)) for label, value in one.facts],
            )
        )
    return found


def _asked(case: Case) -> Mapping[str, Any]:
    """Fact id -> when it was asked: in the application that became the case, else as the case has it."""
    if hasattr(case, "filing"):
        return case.filing.known
    return case.facts.get("known") or {}


def _asked_at(fact: Any) -> datetime | None:
    said = fact.get("asked_at") if isinstance(fact, Mapping) else None
    return datetime.fromisoformat(said) if said else None


def _said(value: Any) -> str:
    return pick(value) if isinstance(value, Mapping | str) else str(value)


def mine(review: Review) -> list[StepView]:
    """The steps that this officer can finish now."""
    return [one for one in review.steps if one.may_finish]


def _dotted(hs: str) -> str:
    return f"{hs[:4]}.{hs[4:]}" if len(hs) > 4 else hs


def goods(case: Case) -> list[dict[str, str]]:
    """The goods that the application is about, where it is one of the unified application's."""
    found: Iterable[Any] = case.facts.get("goods") or ()
    return [
        {
            "hs": _dotted(str(one.get("hs", ""))),
            "name": pick({"az": str(one.get("description", "")), "en": str(one.get("description_en") or "")}),
            "quantity": f"{one.get('quantity', '')} {one.get('unit', '')}".strip(),
        }
        for one in found
        if isinstance(one, Mapping)
    ]
