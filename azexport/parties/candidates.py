"""Somebody whose certificate has been accepted and who has no cabinet yet: kept in their session as plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from azexport.kernel.actor import Actor, NamedActor
from azexport.parties.states import Kind

if TYPE_CHECKING:
    from azexport.signatures.identity import CertificateIdentity


@dataclass(frozen=True)
class Candidate:
    """What the certificate says, and `register`: what the taxpayer register said (empty until it has answered)."""

    common_name: str
    given_name: str
    surname: str
    country: str
    organisation: str
    organisation_id: str
    voen: str
    fin: str
    foreign_id: str
    email: str
    fingerprint: str
    body: str = ""
    """A participant's code, of an official's certificate."""
    register: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, identity: CertificateIdentity) -> Candidate:
        return cls(
            common_name=identity.common_name,
            given_name=identity.given_name or "",
            surname=identity.surname or "",
            country=identity.country or "",
            organisation=identity.organisation or "",
            organisation_id=identity.organisation_id or "",
            voen=identity.voen or "",
            fin=identity.fin or "",
            foreign_id=identity.foreign_id or "",
            email=identity.email or "",
            fingerprint=identity.fingerprint,
            body=identity.body or "",
        )

    @classmethod
    def of_data(cls, data: dict[str, Any]) -> Candidate:
        return cls(**data)

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def is_resident(self) -> bool:
        return bool(self.fin)

    @property
    def kind(self) -> Kind:
        """What the certificate makes its owner: an official, a taxpayer, a natural person, somebody from abroad."""
        if not self.is_resident:
            return Kind.FOREIGN
        if self.body:
            return Kind.BODY
        return Kind.TAXPAYER if self.voen or self.organisation_id else Kind.PERSON

    @property
    def person_key(self) -> dict[str, str]:
        """The one column of Person that names them."""
        return {"fin": self.fin} if self.is_resident else {"foreign_id": self.foreign_id}

    @property
    def organisation_key(self) -> dict[str, str]:
        """The one column of Organisation that names theirs.

        A foreign certificate that names no organisation cannot speak for one that another certificate names: what
        its owner states is then kept under the person's own identifier.
        """
        match self.kind:
            case Kind.BODY:
                return {"participant__code": self.body}
            case Kind.TAXPAYER:
                return {"voen": self.voen}
            case Kind.PERSON:
                return {"fin": self.fin}
        return {"foreign_id": self.organisation_id or f"stated-by:{self.foreign_id}"}

    @property
    def registration_number(self) -> str:
        """`NTRDE-HRB98765` -> `HRB98765`; empty where the certificate names none."""
        return self.organisation_id.partition("-")[2]

    def as_actor(self) -> Actor:
        return NamedActor("person", (self.fin or self.foreign_id)[:80], self.common_name[:200])
