"""S-A1 3: the administrative procedures: request, refusal, execution, control, disputes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from azexport.services.schema.parts import Expression, Id, Part, Source, Words


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


class ChecklistItem(Part):
    """What the officer makes sure of during a step."""

    id: Id
    text: Words
    clause: str = Field(min_length=1)


class Step(Part):
    """3.4: one administrative operation."""

    id: Id
    name: Words = Field(description="3.4.1")
    responsible: Words = Field(description="3.4.1")
    content: Words = Field(description="3.4.2")
    working_days: int = Field(ge=0, description="3.4.2")
    performer: str | None = Field(None, description="3.4.3")
    """The participant that performs it; the provider, where none is named."""
    after: tuple[Id, ...] | None = Field(None, description="3.4.1")
    """The steps that must be done before; the one that stands before it, where this is left out."""
    checklist: tuple[ChecklistItem, ...] = Field((), description="3.4.2")
    result: Words = Field(description="3.4.4")


class Decision(Part):
    """How a fully automatic service decides by itself."""

    grant: Expression = Field(description="3.4.2")
    ground: Id | None = Field(None, description="3.3.1")
    """On which ground it refuses where `grant` is false."""


class Silence(Part):
    """What it means when the body says nothing within the term."""

    rule: Literal["granted", "none"]
    text: Words
    clause: str = Field(min_length=1)


class Clock(Part):
    """What stops the clock of the term."""

    stops: tuple[Literal["information_requested"], ...] = ()
    text: Words
    clause: str = Field(min_length=1)


class MessageField(Part):
    """One element of a standard message and what fills it."""

    from_: Expression = Field(alias="from")
    element: str = Field(min_length=1)


class MessageMapping(Part):
    """Which of the form's answers stand where in a standard message."""

    standard: str = Field(min_length=1)
    version: str = ""
    fields: tuple[MessageField, ...] = Field(min_length=1)


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
    request: Request | None = Field(None, description="3.2")
    refusal_grounds: tuple[Ground, ...] = Field((), description="3.3.1")
    silence: Silence | None = Field(None, description="3.3.2")
    steps: tuple[Step, ...] = Field((), description="3.4")
    decision: Decision | None = Field(None, description="3.4.2")
    clock: Clock | None = Field(None, description="3.4.2")
    messages: tuple[MessageMapping, ...] = Field((), description="3.2.1")
    control: Control = Field(description="3.5")
    disputes: Disputes = Field(description="3.6")
