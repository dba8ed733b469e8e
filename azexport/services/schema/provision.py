"""S-A1 2: the provision of the service: kind, fee, users, documents, and the form annexed to it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

import re2
from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints, model_validator

from azexport.services.faults import Fault, Faults, wrong
from azexport.services.schema.parts import Currency, Expression, FactSource, Id, Part, Source, Words, shaped

Kind: TypeAlias = Literal[
    "text", "long_text", "number", "money", "date", "choice", "choices", "boolean", "country", "file",
    "hs", "party", "goods", "statement",
]  # fmt: skip
WITH_CHOICES = ("choice", "choices")
PREFILLED = ("text", "long_text", "date", "country")
"""Kinds of question that may begin with what a register says."""


_ADDRESS = shaped(
    r"/[^/\\\s]\S*|https://\S+",
    _("“%(value)s” is no address: a page of the portal begins with /, one of another site with https://"),
)


class Fee(Part):
    """2.2: what the service costs. An amount of 0 is free of charge."""

    amount: Decimal = Field(ge=0, decimal_places=2, description="2.2")
    currency: Currency = Field("AZN", description="2.2")
    note: Words | None = Field(None, description="2.2")
    legal_basis: Words | None = Field(None, description="2.2.1")
    source: Source = Field("assumption", description="2.2.1")
    bank: Words | None = Field(None, description="2.2.1")
    ways: Words | None = Field(None, description="2.2.1")
    before_decision: bool = Field(False, description="2.2.1")
    """Whether nothing is decided before it is paid."""

    @model_validator(mode="after")
    def _paid_has_a_basis(self) -> Fee:
        if self.amount and self.legal_basis is None:
            raise Faults([wrong(_("a fee names its legal basis (S8)"), "legal_basis")])
        if self.before_decision and not self.amount:
            raise Faults([wrong(_("nothing can be paid before the decision: the service is free"), "before_decision")])
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
    pattern: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    """RE2 expression that the whole text must match."""
    currency: Currency | None = None
    prefill: FactSource | None = None
    """What a register says and the answer begins with."""
    when: Expression | None = None

    @property
    def shared_key(self) -> str:
        return self.key or self.id

    @model_validator(mode="after")
    def _parts_fit_the_kind(self) -> Question:
        if faults := list(self._faults()):
            raise Faults(faults)
        return self

    def _faults(self) -> Iterator[Fault]:
        if (self.kind in WITH_CHOICES) != bool(self.choices):
            yield wrong(_("choices belong to a question of kind choice or choices, and to no other"), "choices")
        ids = [choice.id for choice in self.choices]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            yield wrong(_("choice %(ids)s stands here twice"), "choices", ids=", ".join(twice))
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            yield wrong(_("the minimum lies above the maximum"), "minimum")
        if self.kind not in ("number", "money") and (self.minimum, self.maximum) != (None, None):
            yield wrong(_("bounds belong to a number or an amount of money"), "minimum")
        if self.currency is not None and self.kind != "money":
            yield wrong(_("a currency belongs to an amount of money"), "currency")
        if self.prefill is not None and self.kind not in PREFILLED:
            yield wrong(_("a question of kind %(kind)s cannot begin with a fact"), "prefill", kind=self.kind)
        if self.kind == "statement" and not self.required:
            yield wrong(_("a statement of truth is always required"), "required")
        if self.kind in ("goods", "party", "statement") and self.scope == "line":
            yield wrong(_("a question of kind %(kind)s is asked once, not per line"), "scope", kind=self.kind)
        yield from self._pattern_faults()

    def _pattern_faults(self) -> Iterator[Fault]:
        if self.pattern is None:
            return
        if self.kind != "text":
            yield wrong(_("a pattern belongs to a question of kind text"), "pattern")
        try:
            re2.compile(self.pattern, _quiet())
        except re2.error as error:
            yield wrong(_("not a pattern: %(error)s"), "pattern", error=str(error))


def _quiet() -> Any:
    options = re2.Options()
    options.log_errors = False
    return options


class Check(Part):
    """What must hold across answers."""

    id: Id
    condition: Expression
    message: Words
    question: Id | None = None
    """The question beside which the message stands."""


class RequiredDocument(Part):
    """A document the state does not hold (2.6.2)."""

    id: Id
    name: Words
    why: Words
    required: bool = True
    original: bool = False
    """Whether the notarised original is shown when the result is handed over (2.6, note 2)."""
    media_types: tuple[str, ...] = ("application/pdf", "image/jpeg", "image/png")
    when: Expression | None = None


class Fact(Part):
    """One thing a register says of the applicant: shown, never asked (S6.1.1, S7.2)."""

    id: Id
    label: Words
    source: FactSource


class Register(Part):
    """The state's register that holds a document, and what is taken from it."""

    participant: str = Field(min_length=1)
    facts: tuple[Fact, ...] = Field(min_length=1)


class KnownDocument(Part):
    """A document the state holds; the number that identifies it is enough (2.6.1)."""

    id: Id | None = None
    name: Words
    identified_by: Words
    register_: Register | None = Field(None, alias="register")

    @property
    def register(self) -> Register | None:
        """`register` in files; the bare name belongs to Python's abstract classes."""
        return self.register_


class Task(Part):
    """One page of the form."""

    id: Id
    title: Words
    hint: Words | None = None
    questions: tuple[Id, ...] = ()
    documents: tuple[Id, ...] = ()


class Section(Part):
    """A group of tasks in the form's task list."""

    id: Id
    title: Words
    tasks: tuple[Task, ...] = Field(min_length=1)


class Output(Part):
    """What a calculator works out."""

    id: Id
    label: Words
    value: Expression
    decimals: int = Field(2, ge=0, le=6)
    unit: Words | None = None
    currency: Currency | None = None


class Calculator(Part):
    """An informational service that works out numbers from the questions' answers (S4.2-4.3)."""

    outputs: tuple[Output, ...] = Field(min_length=1)
    note: Words | None = None


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
    sections: tuple[Section, ...] = Field((), description="2.6, note 1")
    checks: tuple[Check, ...] = Field((), description="2.6, note 1")
    calculator: Calculator | None = Field(None, description="3.1")
    pages: Words | None = Field(None, description="3.1")
    """Informational text: paragraphs, a blank line between them."""
    runs_at: Annotated[str, StringConstraints(max_length=500), _ADDRESS] | None = Field(None, description="2.4")
