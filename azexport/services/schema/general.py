"""S-A1 1: the general part."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field, model_validator

from azexport.services.activities import ACTIVITIES
from azexport.services.faults import Faults, wrong
from azexport.services.schema.parts import Basis, Expression, Id, Part, Source, Words


def _is_an_activity(code: str) -> str:
    if code not in ACTIVITIES:
        raise Faults([wrong(_("%(code)s is none of the 29 fields of activity (S3.1)"), code=code)])
    return code


Activity: TypeAlias = Annotated[str, AfterValidator(_is_an_activity)]


class Term(Part):
    """1.7: how long the service takes, in working days; 0 only where a system answers by itself (note 1)."""

    working_days: int = Field(ge=0, le=365, description="1.7")
    lower: int | None = Field(None, ge=0, description="1.7")
    processing: Words | None = Field(None, description="1.7")
    """How long the systems process a request, where automation is full (note 1)."""
    clause: str = Field(min_length=1, description="1.7")
    source: Source = Field(description="1.7")

    @model_validator(mode="after")
    def _bounds_fit(self) -> Term:
        if self.lower is not None and self.lower > self.working_days:
            raise Faults([wrong(_("the lower bound lies above the upper one"), "lower")])
        return self


class Validity(Part):
    """How long the result may be used."""

    days: int | None = Field(None, ge=1)
    text: Words


class DocumentField(Part):
    """A labelled value on the result's document."""

    label: Words
    value: Expression


class ResultDocument(Part):
    """The document the portal renders of the result, for the deciding official's signature or the portal's seal."""

    text: Words = Field(description="1.8")
    """Paragraphs, a blank line between them."""
    fields: tuple[DocumentField, ...] = Field((), description="1.8")


class Column(Part):
    """A column of a public register."""

    id: Id
    label: Words
    value: Expression


class ResultRegister(Part):
    """The public register in which a granted service enters its holder."""

    name: Words = Field(description="1.8")
    columns: tuple[Column, ...] = Field(min_length=1, description="1.8")


class Result(Part):
    """1.8: what the applicant receives."""

    kind: Id = Field(description="1.8")
    name: Words = Field(description="1.8")
    validity: Validity = Field(description="1.8")
    document: ResultDocument | None = Field(None, description="1.8")
    register_: ResultRegister | None = Field(None, alias="register", description="1.8")

    @property
    def register(self) -> ResultRegister | None:
        """`register` in files; the bare name belongs to Python's abstract classes."""
        return self.register_


class General(Part):
    """1: the general part."""

    name: Words = Field(description="1.1")
    content: Words = Field(description="1.2")
    activity: Activity
    """The field of activity (S3.1)."""
    legal_basis: tuple[Basis, ...] = Field(min_length=1, description="1.3")
    provider: str = Field(min_length=1, description="1.4")
    other_performers: tuple[str, ...] = Field((), description="1.5")
    automation: Literal["full", "partial"] = Field(description="1.6")
    term: Term = Field(description="1.7")
    result: Result = Field(description="1.8")
