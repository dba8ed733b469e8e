"""What an application for a service asks as its answers stand, and who may make one (S-A1 2.3, 2.6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from azexport.cases.models import Filing, FilingDocument
from azexport.kernel.text import pick
from azexport.parties.states import Kind
from azexport.services import queries as services

if TYPE_CHECKING:
    from azexport.parties.models import Organisation
    from azexport.services.models import RegulationVersion
    from azexport.services.queries import Asked
    from azexport.services.schema import Check, Fact, Question, Regulation, RequiredDocument, Section, Task

USERS: dict[str, str | Promise] = {
    "natural": _("natural persons"),
    "legal": _("legal persons"),
    "state": _("public bodies"),
    "other": _("others, partners abroad among them"),
}
"""2.3 of a regulation in words."""
SOLE_TRADER = "2"
"""The last digit of a sole trader's VÖEN: a natural person in business."""


def user_kind(organisation: Organisation) -> str:
    """Which of the users of 2.3 the party is."""
    match organisation.kind:
        case Kind.TAXPAYER:
            return "natural" if (organisation.voen or "").endswith(SOLE_TRADER) else "legal"
        case Kind.PERSON:
            return "natural"
        case Kind.BODY:
            return "state"
        case _:
            return "other"


def may_apply(organisation: Organisation, regulation: Regulation) -> bool:
    """Whether the regulation admits the party (2.3)."""
    return user_kind(organisation) in regulation.provision.users


def runs_alone(regulation: Regulation) -> bool:
    """Whether it is applied for by itself.

    An informational service is open to all without an application (S4.3); a document of the export has rules that say
    when goods need it, and is asked for in the unified application (P4.1.4).
    """
    return regulation.interactive and not regulation.requirements and regulation.provision.runs_at is None


def applicant_of(organisation: Organisation) -> dict[str, str]:
    """The applicant as expressions of a regulation see it, in the form, at the decision and in the result."""
    return {
        "name": pick(organisation.name, "az"),
        "voen": organisation.voen or "",
        "kind": str(organisation.kind),
        "country": organisation.country,
    }


def file_item(question: Question) -> str:
    """The name under which the file that answers the question is kept."""
    return f"answers.{question.id}"


@dataclass(frozen=True)
class TaskPlan:
    """One page of the form as it is asked now."""

    section: Section
    task: Task
    questions: Sequence[Question]
    documents: Sequence[RequiredDocument]

    @property
    def id(self) -> str:
        return self.task.id

    @property
    def asks(self) -> frozenset[str]:
        """Everything it asks now, by name."""
        return frozenset([one.id for one in self.questions] + [f"file:{one.id}" for one in self.documents])


class Plan:
    """What this filing asks, given what has been answered so far."""

    def __init__(self, filing: Filing) -> None:
        self.filing = filing
        self.regulation: Regulation = filing.regulation.regulation

    @cached_property
    def asked(self) -> Asked:
        return services.asked(self.regulation, answers=self.filing.answers, **self.context)

    @property
    def context(self) -> dict[str, Any]:
        """What conditions see besides the answers."""
        return {"known": self.filing.known_values, "applicant": applicant_of(self.filing.organisation)}

    @cached_property
    def tasks(self) -> list[TaskPlan]:
        """The pages that ask for something now, in order. Questions per line of goods belong to exports alone."""
        pages = [
            TaskPlan(
                section,
                task,
                [one for one in self.asked.questions_of(task.questions) if one.scope == "application"],
                self.asked.documents_of(task.documents),
            )
            for section in self.regulation.sections
            for task in section.tasks
        ]
        return [one for one in pages if one.asks]

    def task(self, task_id: str) -> TaskPlan | None:
        return next((one for one in self.tasks if one.id == task_id), None)

    def task_of(self, question_id: str) -> TaskPlan | None:
        return next((one for one in self.tasks if any(q.id == question_id for q in one.questions)), None)

    @cached_property
    def files(self) -> dict[str, FilingDocument]:
        """The files that are there, by item."""
        return {one.item: one for one in self.filing.documents.select_related("document").order_by("id")}

    def missing(self, page: TaskPlan) -> list[str]:
        """The ids of what the page requires and has not."""
        lacking = [one.id for one in page.questions if one.required and not self.answered(one)]
        return lacking + [one.id for one in page.documents if one.required and one.id not in self.files]

    def answered(self, question: Question) -> bool:
        if question.kind == "file":
            return file_item(question) in self.files
        value = self.filing.answers.get(question.id)
        return value is True if question.kind == "statement" else value not in (None, "", [], {})

    def complete(self, page: TaskPlan) -> bool:
        """The applicant has gone through it, and nothing that it requires is missing."""
        return page.id in self.filing.tasks_done and not self.missing(page)

    def begun(self, page: TaskPlan) -> bool:
        return any(self.answered(one) for one in page.questions) or any(one.id in self.files for one in page.documents)

    @property
    def ready(self) -> bool:
        """Every page is complete: what is left is to check and sign."""
        return all(self.complete(one) for one in self.tasks)

    @cached_property
    def broken(self) -> list[Check]:
        """The regulation's checks across answers that do not hold."""
        return services.broken_checks(self.regulation, answers=self.filing.answers, **self.context)

    @property
    def facts(self) -> list[tuple[Fact, Any]]:
        """What registers say, each fact with its value; those of which no register says anything are left out."""
        values = self.filing.known_values
        return [(one, values[one.id]) for one in self.regulation.facts if one.id in values]

    @property
    def answers(self) -> dict[str, Any]:
        """What is sent, by question id: what is not asked any more stays behind. Files are not among them."""
        asked = {one.id: one for one in self.asked.questions if one.scope == "application" and one.kind != "file"}
        given = self.asked.answers
        return {name: given[name] for name in asked if given.get(name) not in (None, "", [])}

    @property
    def sent_files(self) -> list[tuple[str, str, FilingDocument]]:
        """(id, kind `document` or `answer`, file) of what is sent: of what is asked for now."""
        wanted: Iterable[tuple[str, str, str]] = [
            *((one.id, "answer", file_item(one)) for one in self.asked.questions if one.kind == "file"),
            *((one.id, "document", one.id) for one in self.asked.documents),
        ]
        return [(name, kind, self.files[item]) for name, kind, item in wanted if item in self.files]


def in_force(row: RegulationVersion, newest: RegulationVersion | None) -> bool:
    """Whether the version is the one that is in force."""
    return newest is not None and newest.pk == row.pk
