"""What an application asks, worked out from the regulations: which permits, which questions, asked once, where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _g
from django.utils.translation import override

from azexport.cases import queries as cases
from azexport.permits import queries as permits
from azexport.reference import queries as reference
from azexport.services import queries as services
from azexport.services.queries import AskedQuestion

if TYPE_CHECKING:
    from azexport.exports.models import Application, Attachment
    from azexport.kernel.text import Text
    from azexport.permits.queries import Requirement
    from azexport.services.models import RegulationVersion
    from azexport.services.schema import Question, RequiredDocument

COMMON = "common"


@dataclass(frozen=True)
class Field:
    """One answer: a question, and for a question per goods line the line."""

    asked: AskedQuestion
    line: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        """The form field's name."""
        return self.asked.key if self.line is None else f"{self.asked.key}__{self.line['line']}"

    def value(self, answers: Mapping[str, Any]) -> Any:
        """The stored answer, None where there is none."""
        stored = answers.get(self.asked.key)
        if self.line is None:
            return stored
        return stored.get(str(self.line["line"])) if isinstance(stored, Mapping) else None


@dataclass(frozen=True)
class Section:
    """One page of questions: those that several bodies ask, or those that only one does."""

    id: str
    title: Text
    questions: tuple[AskedQuestion, ...]
    documents: tuple[tuple[RegulationVersion, RequiredDocument], ...] = ()


class Plan:
    """What this application needs, given what has been answered so far. Reads the rule table once."""

    def __init__(self, application: Application, on: date) -> None:
        self.application = application
        self.on = on

    @property
    def destination(self) -> str:
        return self.application.operation.contract.destination

    @property
    def lines(self) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = self.application.lines
        return lines

    @cached_property
    def requirements(self) -> list[Requirement]:
        """What the finder says of these goods and this destination."""
        return permits.requirements(lines=self.lines, destination=self.destination, on=self.on)

    @cached_property
    def wanted(self) -> list[Requirement]:
        """The required ones, and those of the others that the exporter has chosen."""
        return [one for one in self.requirements if self.is_wanted(one)]

    def is_wanted(self, requirement: Requirement) -> bool:
        return requirement.level == "required" or bool(self.application.chosen.get(requirement.regulation.service))

    @cached_property
    def parts(self) -> list[tuple[RegulationVersion, tuple[int, ...]]]:
        """Each service that is applied for, with the numbers of its goods lines.

        From freezing on it is what the signed document says, whatever regulations have come into force since.
        """
        if self.application.editable:
            return [(one.regulation, one.lines) for one in self.wanted]
        rows = services.versions(one["pk"] for one in self.application.regulations)
        return [(rows[one["pk"]], tuple(one["lines"])) for one in self.application.regulations]

    @property
    def regulations(self) -> list[RegulationVersion]:
        return [row for row, _lines in self.parts]

    @cached_property
    def groups(self) -> list[str]:
        return sorted(reference.groups_of(self.destination, self.on))

    @cached_property
    def applicant(self) -> dict[str, str]:
        """The exporter as conditions see it, in the form and later on the bodies' desks alike."""
        return cases.applicant_of(self.application.operation.organisation)

    @cached_property
    def asked(self) -> list[AskedQuestion]:
        """Every question once, in the order of the regulations."""
        return services.asked_questions(self.regulations)

    @cached_property
    def sections(self) -> list[Section]:
        """The pages of questions: first what several ask, then what each asks alone with its documents."""
        shared = tuple(one for one in self.asked if len(one.ids) > 1)
        pages = [Section(COMMON, _common_title(), shared)] if shared else []
        for row in self.regulations:
            own = tuple(one for one in self.asked if [service for service, _id in one.ids] == [row.service])
            documents = tuple((row, document) for document in row.regulation.documents)
            if own or documents:
                pages.append(Section(row.service, row.name, own, documents))
        return pages

    def section(self, name: str) -> Section | None:
        return next((one for one in self.sections if one.id == name), None)

    def fields(self, section: Section, answers: Mapping[str, Any] | None = None) -> list[Field]:
        """The answers this section wants now: conditions are decided by what has been answered so far."""
        answers = self.application.answers if answers is None else answers
        return [field for asked in section.questions for field in self._fields_of(asked, answers)]

    def wanted_documents(
        self, section: Section, answers: Mapping[str, Any] | None = None
    ) -> list[tuple[RegulationVersion, RequiredDocument]]:
        """The files this section wants now."""
        answers = self.application.answers if answers is None else answers
        return [(row, document) for row, document in section.documents if self._holds(row, document, answers)]

    def missing(self, section: Section) -> bool:
        """Whether a required answer or file of the section is not there yet."""
        answers = self.application.answers
        if any(field.asked.required and field.value(answers) in (None, "") for field in self.fields(section)):
            return True
        have = self.attached
        return any(
            document.required and (row.service, document.id) not in have
            for row, document in self.wanted_documents(section)
        )

    @cached_property
    def attached(self) -> dict[tuple[str, str], Attachment]:
        """The files that are there: (service, document id) -> attachment."""
        rows = self.application.attachments.select_related("document").order_by("id")
        return {(one.regulation, one.item): one for one in rows}

    def answers_for(self, row: RegulationVersion) -> dict[str, Any]:
        """The answers that this service gets, by its own question ids; what its conditions leave out is not sent."""
        answers = self.application.answers
        given = services.answers_for(row, answers)
        found: dict[str, Any] = {}
        for question in row.regulation.questions:
            value = given.get(question.id)
            if question.scope != "line":
                if value is not None and self._holds(row, question, answers):
                    found[question.id] = value
            elif kept := self._by_line(row, question, value or {}):
                found[question.id] = kept
        return found

    def files_for(self, row: RegulationVersion) -> dict[str, Attachment]:
        """The files that this service gets, by the id it asks for them under; others stay with the exporter."""
        return {
            document.id: self.attached[row.service, document.id]
            for document in row.regulation.documents
            if (row.service, document.id) in self.attached and self._holds(row, document, self.application.answers)
        }

    def _by_line(self, row: RegulationVersion, question: Question, value: Mapping[str, Any]) -> dict[str, Any]:
        """The answers of the service's own lines for which the question is asked now."""
        return {
            str(line["line"]): value[str(line["line"])]
            for line in self.lines_of(row)
            if str(line["line"]) in value and self._holds(row, question, self.application.answers, line)
        }

    def lines_of(self, row: RegulationVersion) -> list[dict[str, Any]]:
        """The goods lines that this service is about."""
        numbers = {number for one, lines in self.parts if one.pk == row.pk for number in lines}
        return [line for line in self.lines if line["line"] in numbers]

    def _fields_of(self, asked: AskedQuestion, answers: Mapping[str, Any]) -> Iterable[Field]:
        rows = [row for row in self.regulations if row.service in dict(asked.ids)]
        if asked.question.scope != "line":
            if any(self._holds(row, _question(row, asked), answers) for row in rows):
                yield Field(asked)
            return
        for line in self.lines:
            if any(
                line in self.lines_of(row) and self._holds(row, _question(row, asked), answers, line) for row in rows
            ):
                yield Field(asked, line)

    def _holds(
        self,
        row: RegulationVersion,
        item: Any,
        answers: Mapping[str, Any],
        line: Mapping[str, Any] | None = None,
    ) -> bool:
        return services.is_asked(
            row,
            item,
            answers=services.answers_for(row, answers),
            applicant=self.applicant,
            destination=self.destination,
            destination_groups=self.groups,
            goods=self.lines_of(row),
            line=line,
        )


def _question(row: RegulationVersion, asked: AskedQuestion) -> Any:
    ids = dict(asked.ids)
    return next(one for one in row.regulation.questions if one.id == ids[row.service])


def _common_title() -> Text:
    title: Text = {}
    for language in ("az", "en"):
        with override(language):
            title[language] = _g("Questions common to several bodies")
    return title
