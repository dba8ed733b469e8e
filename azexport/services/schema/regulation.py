"""A service, whole: the administrative regulation in the model form (S4.1, S9.1, S-A1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from pydantic import BaseModel, Field, model_validator
from pydantic.fields import FieldInfo

from azexport.kernel.text import Text
from azexport.services.faults import Faults
from azexport.services.schema import rules
from azexport.services.schema.general import General, Result, ResultRegister, Term
from azexport.services.schema.parts import Id, Part
from azexport.services.schema.procedures import Ground, Procedures, Step
from azexport.services.schema.provision import Fact, Fee, Provision, Question, RequiredDocument, Section, Task
from azexport.services.schema.requirements import RequirementRule


class Regulation(Part):
    """A service, whole."""

    id: Id
    version: int = Field(ge=1)
    valid_from: date
    valid_until: date | None = None
    general: General = Field(description="1")
    provision: Provision = Field(description="2")
    procedures: Procedures = Field(description="3")
    requirements: tuple[RequirementRule, ...] = ()

    @property
    def name(self) -> Text:
        return self.general.name.text

    @property
    def provider(self) -> str:
        """The participant code of the body that provides the service."""
        return self.general.provider

    @property
    def term(self) -> Term:
        return self.general.term

    @property
    def result(self) -> Result:
        return self.general.result

    @property
    def register(self) -> ResultRegister | None:
        """The public register that granting enters the holder in."""
        return self.general.result.register_

    @property
    def fee(self) -> Fee:
        return self.provision.fee

    @property
    def questions(self) -> tuple[Question, ...]:
        return self.provision.questions

    @property
    def documents(self) -> tuple[RequiredDocument, ...]:
        return self.provision.documents

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.procedures.steps

    @property
    def refusal_grounds(self) -> tuple[Ground, ...]:
        return self.procedures.refusal_grounds

    @property
    def interactive(self) -> bool:
        return self.provision.kind == "interactive"

    @property
    def automatic(self) -> bool:
        """Whether the portal decides by itself, in the same second (1.6)."""
        return self.procedures.decision is not None

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What registers say of the applicant, in the order of 2.6.1."""
        known = self.provision.known_documents
        return tuple(fact for one in known if one.register_ for fact in one.register_.facts)

    @property
    def sections(self) -> tuple[Section, ...]:
        """The form's sections; without any of its own, one with one task "application" that asks everything."""
        if self.provision.sections or not (self.questions or self.documents):
            return self.provision.sections
        name = self.general.name
        task = Task(
            id="application", title=name,
            questions=tuple(one.id for one in self.questions), documents=tuple(one.id for one in self.documents),
        )  # fmt: skip
        return (Section(id="application", title=name, tasks=(task,)),)

    @property
    def asked_order(self) -> tuple[Question, ...]:
        """The questions in the order in which the form asks them."""
        place = {
            one: number
            for number, one in enumerate(
                one for section in self.provision.sections for task in section.tasks for one in task.questions
            )
        }
        return tuple(sorted(self.questions, key=lambda one: place.get(one.id, len(place))))

    def question(self, question_id: str) -> Question | None:
        return next((one for one in self.questions if one.id == question_id), None)

    def document(self, document_id: str) -> RequiredDocument | None:
        return next((one for one in self.documents if one.id == document_id), None)

    def step(self, step_id: str) -> Step | None:
        return next((one for one in self.steps if one.id == step_id), None)

    def ground(self, ground_id: str) -> Ground | None:
        return next((one for one in self.refusal_grounds if one.id == ground_id), None)

    def performer(self, step: Step) -> str:
        """The participant code of the body that performs the step."""
        return step.performer or self.provider

    def after(self, step: Step) -> tuple[str, ...]:
        """The ids of the steps that must be done before this one may start."""
        return rules.before(self.steps)[step.id]

    @property
    def stages(self) -> tuple[tuple[Step, ...], ...]:
        """The steps in the order of execution; those that may run side by side stand together."""
        before, level = rules.before(self.steps), dict[str, int]()
        for step in rules.in_order(self.steps):
            level[step.id] = max((level[one] + 1 for one in before[step.id]), default=0)
        return tuple(
            tuple(step for step in self.steps if level[step.id] == stage)
            for stage in range(max(level.values(), default=-1) + 1)
        )

    @model_validator(mode="after")
    def _holds_together(self) -> Regulation:
        if faults := list(rules.faults(self)):
            raise Faults(faults)
        return self


def clause_of(location: Iterable[Any]) -> str:
    """The clause of the model form (S-A1) that the place in a regulation belongs to, as deep as it is known."""
    return next((field.description for field in reversed(fields_to(location)) if field.description), "")


def fields_to(location: Iterable[Any]) -> list[FieldInfo]:
    """The fields of the format that lead to the place in a regulation, as far as it knows them."""
    found: list[FieldInfo] = []
    model: Any = Regulation
    for step in location:
        if not isinstance(step, str):
            continue
        field = _field(model, step)
        if field is None:
            break
        found.append(field)
        model = _model_in(field.annotation)
    return found


def _field(model: Any, name: str) -> Any:
    fields = getattr(model, "model_fields", {})
    return fields.get(name) or next((one for one in fields.values() if one.alias == name), None)


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(_models(annotation), None)


def _models(annotation: Any) -> Iterator[Any]:
    for argument in getattr(annotation, "__args__", ()):
        if found := _model_in(argument):
            yield found
