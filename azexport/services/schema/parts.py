"""What every heading of a regulation is made of."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from azexport.kernel.text import Text

Id: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$", max_length=60)]
HsPrefix: TypeAlias = Annotated[str, StringConstraints(pattern=r"^\d{2,10}$")]
CountryCode: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Currency: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Expression: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
"""A CEL expression (azexport.services.conditions)."""
Source: TypeAlias = Literal["verified", "assumption"]

FACTS = (
    "applicant.name", "applicant.voen", "applicant.address", "applicant.legal_form", "applicant.registered_on",
    "applicant.status", "applicant.activities", "applicant.director",
    "person.name", "person.fin", "person.email", "person.phone",
)  # fmt: skip
"""What the state's registers say of an applicant and of the person who acts for them (S6.1.1, S7.2)."""
FactSource: TypeAlias = Literal[
    "applicant.name", "applicant.voen", "applicant.address", "applicant.legal_form", "applicant.registered_on",
    "applicant.status", "applicant.activities", "applicant.director",
    "person.name", "person.fin", "person.email", "person.phone",
]  # fmt: skip


class Part(BaseModel):
    """A part of a regulation: nothing unknown in it, nothing changed after loading.

    The description of a field is the clause of the model form (S-A1) that it belongs to.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, validate_by_name=True, serialize_by_alias=True
    )


class Words(Part):
    """Text in both languages."""

    az: str = Field(min_length=1)
    en: str = Field(min_length=1)

    @property
    def text(self) -> Text:
        return {"az": self.az, "en": self.en}


class Basis(Part):
    """One act, and the clause in it, that something rests on."""

    act: Words
    clause: str = ""
    source: Source = "assumption"

    @property
    def text(self) -> Text:
        mark = f", {self.clause}" if self.clause else ""
        return {"az": f"{self.act.az}{mark}", "en": f"{self.act.en}{mark}"}
