"""The administrative regulation as data: the headings of the model form (S-A1) and what makes them run.

A field's description names the clause of the model form, so that an error can say which heading is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from azexport.services import conditions
from azexport.services.conditions import BOOL, DOUBLE, STRING, ConditionError, Scope, list_of, record

Id: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$", max_length=60)]
HsPrefix: TypeAlias = Annotated[str, StringConstraints(pattern=r"^\d{2,10}$")]
CountryCode: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Source: TypeAlias = Literal["verified", "assumption"]
Level: TypeAlias = Literal["required", "conditional", "on_request"]
Kind: TypeAlias = Literal[
    "text", "long_text", "number", "money", "date", "choice", "boolean", "country", "file"
]  # fmt: skip

LEVELS: tuple[Level, ...] = ("required", "conditional", "on_request")
"""Strongest first."""


class Part(BaseModel):
    """A part of a regulation: nothing unknown in it, nothing changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Words(Part):
    """Text in both languages."""

    az: str = Field(min_length=1)
    en: str = Field(min_length=1)

    @property
    def text(self) -> dict[str, str]:
        return {"az": self.az, "en": self.en}


class Basis(Part):
    """One act, and the clause in it, that something rests on."""

    act: Words
    clause: str = ""
    source: Source = "assumption"

    @property
    def text(self) -> dict[str, str]:
        mark = f", {self.clause}" if self.clause else ""
        return {"az": f"{self.act.az}{mark}", "en": f"{self.act.en}{mark}"}


class Term(Part):
    """1.7: how long the service takes, in working days."""

    working_days: int = Field(ge=1, le=365, description="1.7")
    lower: int | None = Field(None, ge=0, description="1.7")
    clause: str = Field(min_length=1, description="1.7")
    source: Source = Field(description="1.7")


class Validity(Part):
    """How long the result may be used."""

    days: int | None = Field(None, ge=1)
    text: Words


class Result(Part):
    """1.8: what the applicant receives."""

    kind: Id = Field(description="1.8")
    name: Words = Field(description="1.8")
    validity: Validity = Field(description="1.8")


class General(Part):
    """1: the general part."""

    name: Words = Field(description="1.1")
    content: Words = Field(description="1.2")
    legal_basis: tuple[Basis, ...] = Field(min_length=1, description="1.3")
    provider: str = Field(min_length=1, description="1.4")
    other_performers: tuple[str, ...] = Field((), description="1.5")
    automation: Literal["full", "partial"] = Field(description="1.6")
    term: Term = Field(description="1.7")
    result: Result = Field(description="1.8")


class Fee(Part):
    """2.2: what the service costs. An amount of 0 is free of charge."""

    amount: Decimal = Field(ge=0, decimal_places=2, description="2.2")
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = Field("AZN", description="2.2")
    note: Words | None = Field(None, description="2.2")
    legal_basis: Words | None = Field(None, description="2.2.1")
    source: Source = Field("assumption", description="2.2.1")
    ways: Words | None = Field(None, description="2.2.1")

    @model_validator(mode="after")
    def _paid_has_a_basis(self) -> Fee:
        if self.amount and self.legal_basis is None:
            raise ValueError("a fee names its legal basis (S8)")
        return self


class Choice(Part):
    id: Id
    label: Words


class Question(Part):
    """A field of the form annexed to the regulation (2.6, note 1)."""

    id: Id
    key: Id | None = None
    """Questions of several bodies with the same key are asked once."""
    kind: Kind
    scope: Literal["application", "line"] = "application"
    label: Words
    hint: Words | None = None
    why: Words
    """Why this is asked, with the clause that lets the body ask it (S7.2)."""
    required: bool = True
    choices: tuple[Choice, ...] = ()
    max_length: int = Field(500, ge=1, le=10000)
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    when: str | None = None

    @property
    def shared_key(self) -> str:
        return self.key or self.id

    @model_validator(mode="after")
    def _choices_fit_the_kind(self) -> Question:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError("choices belong to a question of kind choice, and to no other")
        return self


class RequiredDocument(Part):
    """A document the state does not hold (2.6.2)."""

    id: Id
    name: Words
    why: Words
    required: bool = True
    media_types: tuple[str, ...] = ("application/pdf", "image/jpeg", "image/png")
    when: str | None = None


class KnownDocument(Part):
    """A document the state holds; the number that identifies it is enough (2.6.1)."""

    name: Words
    identified_by: Words


class Provision(Part):
    """2: the provision of the service."""

    kind: Literal["informational", "interactive"] = Field(description="2.1")
    fee: Fee = Field(description="2.2")
    users: tuple[Literal["natural", "legal", "state", "other"], ...] = Field(min_length=1, description="2.3")
    place: Words = Field(description="2.4")
    information: Words = Field(description="2.5")
    known_documents: tuple[KnownDocument, ...] = Field((), description="2.6.1")
    documents: tuple[RequiredDocument, ...] = Field((), description="2.6.2")
    questions: tuple[Question, ...] = Field((), description="2.6, note 1")


class Request(Part):
    """3.2: how the request is formed and accepted."""

    formed: Words = Field(description="3.2.1")
    accepted: Words = Field(description="3.2.2")


class Ground(Part):
    """3.3.1: a ground on which the body may refuse."""

    id: Id
    text: Words
    clause: str = Field(min_length=1)
    source: Source = "assumption"


class Step(Part):
    """3.4: one administrative operation."""

    id: Id
    name: Words
    responsible: Words = Field(description="3.4.1")
    content: Words = Field(description="3.4.2")
    working_days: int = Field(ge=0, description="3.4.2")
    performer: str | None = Field(None, description="3.4.3")
    result: Words = Field(description="3.4.4")


class Control(Part):
    """3.5: control over the execution."""

    form: Words = Field(description="3.5.1")
    order: Words = Field(description="3.5.2")


class Disputes(Part):
    """3.6: disputes."""

    right: Words = Field(description="3.6.1")
    information: Words = Field(description="3.6.2")
    term: Words = Field(description="3.6.3")


class Procedures(Part):
    """3: administrative procedures."""

    open: Words | None = Field(None, description="3.1")
    request: Request = Field(description="3.2")
    refusal_grounds: tuple[Ground, ...] = Field((), description="3.3.1")
    steps: tuple[Step, ...] = Field(min_length=1, description="3.4")
    control: Control = Field(description="3.5")
    disputes: Disputes = Field(description="3.6")


class Destination(Part):
    """Which countries a rule is about: all of them, or groups and countries, less the exceptions."""

    groups: tuple[str, ...] = ()
    countries: tuple[CountryCode, ...] = ()
    except_groups: tuple[str, ...] = ()
    except_countries: tuple[CountryCode, ...] = ()

    def covers(self, country: str, groups: Iterable[str]) -> bool:
        """Whether the rule speaks of `country`, which belongs to `groups`."""
        of = set(groups)
        if country in self.except_countries or of & set(self.except_groups):
            return False
        everywhere = not self.groups and not self.countries
        return everywhere or country in self.countries or bool(of & set(self.groups))


class RequirementRule(Part):
    """A rule of the requirement finder: which goods need this permit for which destination (P4.1.4)."""

    rule: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,5}-\d{3,5}$")]
    level: Level
    hs: tuple[HsPrefix, ...] = ()
    """Prefixes of HS codes; none means every good."""
    except_hs: tuple[HsPrefix, ...] = ()
    destination: Destination = Destination()
    reason: Words
    condition: Words | None = None
    """When it applies, in words a person decides by; wanted for what is conditional or on request."""
    legal_basis: Words
    source: Source
    valid_from: date
    valid_until: date | None = None

    @model_validator(mode="after")
    def _condition_fits_the_level(self) -> RequirementRule:
        if self.level != "required" and self.condition is None:
            raise ValueError("a rule that is not plainly required says its condition")
        return self

    def covers_goods(self, hs: str) -> bool:
        return (not self.hs or hs.startswith(self.hs)) and not (self.except_hs and hs.startswith(self.except_hs))

    def in_force(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


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
    def name(self) -> dict[str, str]:
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

    def step(self, step_id: str) -> Step | None:
        return next((one for one in self.steps if one.id == step_id), None)

    def ground(self, ground_id: str) -> Ground | None:
        return next((one for one in self.refusal_grounds if one.id == ground_id), None)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Regulation:
        parts: tuple[tuple[str, list[str]], ...] = (
            ("question", [one.id for one in self.questions]),
            ("document", [one.id for one in self.documents]),
            ("step", [one.id for one in self.steps]),
            ("refusal ground", [one.id for one in self.refusal_grounds]),
            ("rule", [one.rule for one in self.requirements]),
        )
        for name, ids in parts:
            if twice := sorted({one for one in ids if ids.count(one) > 1}):
                raise ValueError(f"{name} {', '.join(twice)} stands here twice")
        return self

    @model_validator(mode="after")
    def _terms_fit(self) -> Regulation:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError("valid_until lies before valid_from")
        if sum(step.working_days for step in self.steps) > self.term.working_days:
            raise ValueError(f"the steps take longer than the term of {self.term.working_days} working days (1.7)")
        return self

    @model_validator(mode="after")
    def _conditions_type_check(self) -> Regulation:
        for question in self.questions:
            _checked(question.when, scope_of(self.questions, per_line=question.scope == "line"), question.id)
        for document in self.documents:
            _checked(document.when, scope_of(self.questions, per_line=False), document.id)
        return self


_TYPES = {"number": DOUBLE, "money": DOUBLE, "boolean": BOOL}
LINE = record(
    hs=STRING, description=STRING, quantity=DOUBLE, unit=STRING, net_kg=DOUBLE, gross_kg=DOUBLE, origin=STRING
)


def scope_of(questions: Iterable[Question], *, per_line: bool) -> Scope:
    """The names a condition may use. Answers of other lines cannot be seen; a line's own only within that line."""
    seen = [one for one in questions if one.kind != "file" and (per_line or one.scope == "application")]
    scope = {
        "destination": STRING,
        "destination_groups": list_of(STRING),
        "goods": list_of(LINE),
        "answers": record(**{one.id: _TYPES.get(one.kind, STRING) for one in seen}),
    }
    return {**scope, "line": LINE} if per_line else scope


def _checked(when: str | None, scope: Scope, owner: str) -> None:
    if when is None:
        return
    try:
        conditions.check(when, scope)
    except ConditionError as error:
        raise ValueError(f"the condition of {owner}: {error.message}") from error


def clause_of(location: Iterable[Any]) -> str:
    """The clause of the model form (S-A1) that the place in a regulation belongs to, as deep as it is known."""
    clause, model = "", Regulation
    for step in location:
        if not isinstance(step, str):
            continue
        field = getattr(model, "model_fields", {}).get(step)
        if field is None:
            break
        clause = field.description or clause
        model = _model_in(field.annotation)
    return clause


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        if found := _model_in(argument):
            return found
    return None
