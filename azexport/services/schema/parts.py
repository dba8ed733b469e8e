"""What every heading of a regulation is made of."""

from __future__ import annotations

import re
from typing import Annotated, Literal, TypeAlias

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from azexport.kernel.errors import Message
from azexport.kernel.text import Text
from azexport.services.faults import Faults, wrong


def shaped(pattern: str, message: Message) -> AfterValidator:
    """Text that matches the pattern as a whole; where it does not, the message says what it must look like."""
    whole = re.compile(pattern, re.ASCII)

    def check(value: str) -> str:
        if not whole.fullmatch(value):
            raise Faults([wrong(message, value=value)])
        return value

    return AfterValidator(check)


Id: TypeAlias = Annotated[
    str,
    StringConstraints(max_length=60),
    shaped(
        r"[a-z][a-z0-9]*([-_][a-z0-9]+)*",
        _("“%(value)s” is no short name: small Latin letters and digits, begun with a letter, as net_weight"),
    ),
]
HsPrefix: TypeAlias = Annotated[
    str, shaped(r"\d{2,10}", _("“%(value)s” is no HS code, nor the beginning of one: 2 to 10 digits"))
]
CountryCode: TypeAlias = Annotated[
    str, shaped(r"[A-Z]{2}", _("“%(value)s” is no country: give its name or its two-letter code"))
]
Currency: TypeAlias = Annotated[
    str, shaped(r"[A-Z]{3}", _("“%(value)s” is no currency: three capital letters, as AZN"))
]
RuleNumber: TypeAlias = Annotated[
    str,
    shaped(
        r"[A-Z]{2,5}-\d{3,5}",
        _("“%(value)s” is no number of a rule: 2 to 5 capital letters, a hyphen and 3 to 5 digits, as EXP-101"),
    ),
]
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
