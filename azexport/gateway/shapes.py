"""The shapes of what the JSON addresses take and give (docs/integration.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from azexport.services.queries.open_data import ActivityData, ProviderData, ServiceHistory, Shape, Words


class ServiceQuery(BaseModel):
    """What a list of services may be asked for; nothing else is understood."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: str = Field("", max_length=200, description="Words of the service or the body, in Azerbaijani or English, or a "
                   "number; marks of letters and small mistakes do not matter")  # fmt: skip
    provider: str = Field("", max_length=40, description="The code of a body, as /api/providers gives it")
    activity: str = Field("", max_length=10, description="A clause of 3.1, as /api/activities gives it")
    kind: Literal["", "informational", "interactive"] = ""
    fee: Literal["", "free", "paid", "not-supplied"] = ""
    users: Literal["", "natural", "legal", "state", "other", "not-supplied"] = ""
    runs: Literal["", "here", "link", "none"] = Field("", description="On this portal, elsewhere, or not yet online")
    after: str = Field("", max_length=20, description="The number of the last service of the page before")
    limit: int = Field(50, ge=1, le=200, description="How many services a page has")


class ProviderList(Shape):
    """Every body with a service in the registry."""

    providers: list[ProviderData]


class ActivityList(Shape):
    """The 29 fields of activity of clause 3.1."""

    activities: list[ActivityData]


class RegistryFile(Shape):
    """The whole registry."""

    generated_at: datetime
    services: list[ServiceHistory]


class Violation(Shape):
    code: str
    field: str | None = Field(description="The parameter or question that it is about; null: all of it")
    message: str


class Problem(Shape):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    violations: list[Violation] = Field(default=[], description="With 422: everything that is wrong, at once")


class Output(Shape):
    """One line of a calculator's result."""

    id: str
    label: Words
    value: str | None = Field(description="A number as text; null: it does not apply to these answers")
    currency: str | None
    unit: Words | None
    formula: str


class Calculation(Shape):
    """What the calculator makes of the answers, and what it rests on."""

    service: str
    version: str
    answers: dict[str, JsonValue]
    outputs: list[Output]
    basis: list[Words]


class Fee(Shape):
    amount: str
    currency: str


class Body(Shape):
    code: str
    name: Words


class Requirement(Shape):
    """A permit that the goods need, may need, or may get, with the rule that says so."""

    service: str
    version: str
    name: Words
    result: Words
    body: Body
    level: Literal["required", "conditional", "on_request"]
    rule: str
    reason: Words
    condition: Words = Field(description="Where the level is conditional: when it is needed")
    legal_basis: Words
    assumption: bool = Field(description="The rule is the portal's reading and not the law's words")
    term_working_days: int
    fee: Fee


class Requirements(Shape):
    hs: str
    destination: str
    requirements: list[Requirement]


class Choice(Shape):
    value: str
    label: str


class Choices(Shape):
    """At most twenty."""

    results: list[Choice]


class Health(Shape):
    status: Literal["ok", "failing"]
    database: Literal["ok", "unreachable"]


class FilingRequest(BaseModel):
    """An application for a service; what it asks stands in /regulations/<service>/schema.json."""

    model_config = ConfigDict(extra="forbid")

    service: str
    answers: dict[str, JsonValue] = Field(default={}, description="Question id -> answer")
    documents: dict[str, str] = Field(default={}, description="Document id, or answers.<question id> -> file reference")


class FilingData(Shape):
    """An application for a service."""

    reference: str
    service: str
    version: str
    status: Literal["drafted", "frozen", "awaiting_signature", "submitted"]
    sign: str | None = Field(description="The page where the person signs, while it waits for that")
    case: str | None = Field(description="Under which the body deals with it, once it is submitted")
    submitted_at: datetime | None
    page: str


class FilingList(Shape):
    """One's own applications, newest first, and the address of the next page; null: there is none."""

    filings: list[FilingData]
    next: str | None


class Fault(Shape):
    code: str = Field(description="required, invalid, not-asked, check, unknown-file, media-type, file, or a rule's")
    pointer: str = Field(description="A JSON pointer (RFC 6901) into what was sent")
    message: str


class Faults(Shape):
    """Problem details with everything that is wrong with an application."""

    type: str
    title: str
    status: int
    code: str
    violations: list[Fault]


class FileData(Shape):
    reference: str
    sha256: str
    size: int


class TokenRequest(BaseModel):
    """The signed nonce of the page /sign-in/ (Web eID), and where to go."""

    token: dict[str, JsonValue]
    next: str = ""


class Place(Shape):
    location: str


class CertificateRequest(BaseModel):
    certificate: str = Field(description="Base64 of the DER")


class ToSign(Shape):
    signed_attributes: str = Field(description="Base64 of the DER SET: what the key signs")
    digest: str = Field(description="The messageDigest in it, hex: compare it with the document's")
    covered_url: str


class SignatureRequest(BaseModel):
    signature: str = Field(description="Base64; ECDSA as DER, RSA as PKCS#1 v1.5")


class Taken(Shape):
    status: str


class SigningState(Shape):
    status: Literal["requested", "prepared", "signed", "completed", "failed", "expired", "cancelled"]
    location: str | None = Field(description="Where to go once it is signed")
    message: str
