"""What the registry's operator compares: what an entry says, and what it would say (S-A2, S10.2-10.8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from azexport.calendar.queries import today
from azexport.kernel.text import pick
from azexport.participants.states import Role
from azexport.services import fields
from azexport.services import queries as services
from azexport.services.actions.registry import silent

if TYPE_CHECKING:
    from azexport.cases.models import Case
    from azexport.services.models import EntryVersion
    from azexport.services.queries.registry import Report
    from azexport.services.schema import Question

NUMBER, AROSE = "registry_number", "arose_on"
NAMES = ("name_az", "name_en")
IN_BOTH = ("name", "content")
"""Of these the form asks in each language."""
SIMILAR = 5


@dataclass(frozen=True)
class Line:
    """One thing that the registry keeps of a service: as it stands, as it will be."""

    label: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Panel:
    """The request beside the entry. `entry` is None for a service that is not in the registry yet."""

    entry: EntryVersion | None
    unknown: str
    """A registry number that the request names and that no entry has."""
    lines: list[Line]
    cancels: bool
    similar: list[EntryVersion]
    """Entries with a similar name: is it there already?"""
    report: Report | None = None
    """Whether a change was reported in time after it arose (S10.6); None where the request does not say when."""


def panel(case: Case, *, on: date) -> Panel | None:
    """The panel of a request to the registry; None for every other case."""
    answers = case.answers
    if Role.REGISTRY_OPERATOR not in case.provider.roles or not ({NUMBER, *NAMES} & set(answers)):
        return None
    number = str(answers.get(NUMBER) or "").strip().upper()
    entry = services.registry.find(number, on=on) if number else None
    asked = {one.id for one in case.regulation.regulation.questions}
    return Panel(
        entry=entry,
        unknown=number if number and entry is None else "",
        lines=_lines(case, entry),
        cancels=bool(number) and NAMES[0] not in asked,
        similar=[] if number else _similar(str(answers.get(NAMES[0]) or ""), on),
        report=services.registry.report(_arose_on(answers), today(case.submitted_at)),
    )


def _arose_on(answers: dict[str, Any]) -> date | None:
    return date.fromisoformat(answers[AROSE]) if answers.get(AROSE) else None


def _lines(case: Case, entry: EntryVersion | None) -> list[Line]:
    content = entry.content if entry else {}
    lines = []
    for question in case.regulation.regulation.questions:
        if question.kind in ("statement", "file") or question.id in (NUMBER, AROSE, "draft", "service"):
            continue
        before = _before(question, content) if entry else None
        after = _after(question, case.answers, before, content)
        if before in (None, "", []) and after in (None, "", []):
            continue
        lines.append(Line(pick(question.label.text), _shown(question, before), _shown(question, after)))
    return lines


def _after(question: Question, answers: dict[str, Any], before: Any, content: dict[str, Any]) -> Any:
    """What the request makes of it; what a request does not speak of stays as it is, or is emptied with it."""
    if question.id in silent(answers, content.get("fee")):
        return None
    name, _mark, _language = question.id.rpartition("_")
    spoken_of = f"{name}_az" if name in IN_BOTH else question.id
    return answers.get(question.id) if spoken_of in answers else before


def _before(question: Question, content: dict[str, Any]) -> Any:
    """What the entry says, in the shape in which the form's question is answered."""
    name, _mark, language = question.id.rpartition("_")
    if name in IN_BOTH:
        return (content.get(name) or {}).get(language)
    value = content.get(question.id)
    if question.kind == "choice" and isinstance(value, str):
        return next((one.id for one in question.choices if one.id in (value, f"s{value.replace('.', '-')}")), value)
    return pick(value) if isinstance(value, dict) else value


def _shown(question: Question, value: Any) -> str:
    return "" if value in (None, "", []) else fields.shown(question, value)


def _similar(name: str, on: date) -> list[EntryVersion]:
    return list(services.registry.search(name, on=on, size=SIMILAR).rows)[:SIMILAR] if name.strip() else []
