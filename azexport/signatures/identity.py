"""Who a certificate says it belongs to: semantic identifiers after ETSI EN 319 412-1."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from asn1crypto import x509

from azexport.signatures.errors import Refused
from azexport.signatures.states import Verdict

EXPECTED = ("fin", "foreign_id", "voen", "body")
"""What can be demanded of a signer's certificate."""
_ORGANISATION_IDENTIFIER = "2.5.4.97"
_LARGEST = 16 * 1024


@dataclass(frozen=True)
class CertificateIdentity:
    """The subject of a certificate as values. `body` is a participant's code, of a body's seal or official."""

    common_name: str
    given_name: str
    surname: str
    organisation: str
    voen: str | None
    fin: str | None
    foreign_id: str | None
    organisation_id: str | None
    body: str | None
    title: str
    country: str
    email: str | None
    fingerprint: str
    serial: str
    issuer: str

    def as_data(self) -> dict[str, Any]:
        """JSON, as it is stored with documents."""
        return asdict(self)


def load_certificate(der: bytes) -> x509.Certificate:
    """The certificate, parsed throughout.

    Parsed with asn1crypto, as some national certificates are refused by stricter readers.

    Raises:
        Refused: malformed.
    """
    if len(der) > _LARGEST:
        raise Refused(Verdict.MALFORMED, "the certificate is larger than 16 KiB")
    try:
        certificate = x509.Certificate.load(der, strict=True)
        certificate.native  # noqa: B018  asn1crypto parses lazily: every field must be readable now
        certificate.public_key.native  # noqa: B018
    except Exception as error:  # asn1crypto answers hostile input with any exception there is
        raise Refused(Verdict.MALFORMED, f"certificate: {type(error).__name__}") from error
    return certificate


def parse_identity(der: bytes) -> CertificateIdentity:
    """The identity in a DER certificate.

    Raises:
        Refused: malformed.
    """
    return identity_of(load_certificate(der))


def identity_of(certificate: x509.Certificate) -> CertificateIdentity:
    """The identity in a parsed certificate."""
    subject = _subject(certificate)
    person = subject.get("serial_number", "")
    organisation_id = subject.get("organization_identifier") or None
    return CertificateIdentity(
        common_name=subject.get("common_name", ""),
        given_name=subject.get("given_name", ""),
        surname=subject.get("surname", ""),
        organisation=subject.get("organization_name", ""),
        voen=_after("VATAZ-", organisation_id),
        fin=_after("PNOAZ-", person),
        foreign_id=person if person and not person.startswith("PNOAZ-") else None,
        organisation_id=organisation_id,
        body=_after("GOVAZ-", organisation_id),
        title=subject.get("title", ""),
        country=subject.get("country_name", ""),
        email=_email(certificate),
        fingerprint=hashlib.sha256(certificate.dump()).hexdigest(),
        serial=format(certificate.serial_number, "x"),
        issuer=certificate.issuer.native.get("common_name", certificate.issuer.human_friendly),
    )


def is_expected(identity: CertificateIdentity, expected: Mapping[str, str | None]) -> bool:
    """Whether the certificate is of the person, and acts for the organisation, from whom a signature is asked.

    Each of fin, foreign_id, voen and body that is given must be the certificate's; one of a person must be given.
    """
    if not (expected.get("fin") or expected.get("foreign_id")):
        return False
    return all(getattr(identity, name) == expected[name] for name in EXPECTED if expected.get(name))


def _subject(certificate: x509.Certificate) -> dict[str, str]:
    found: dict[str, str] = {}
    for relative in certificate.subject.chosen:
        for pair in relative:
            name = pair["type"].native
            name = "organization_identifier" if name == _ORGANISATION_IDENTIFIER else name
            # The first one counts: a second common name must not be able to hide it.
            found.setdefault(name, str(pair["value"].native))
    return found


def _after(prefix: str, value: str | None) -> str | None:
    return value[len(prefix) :] if value and value.startswith(prefix) else None


def _email(certificate: x509.Certificate) -> str | None:
    names = certificate.subject_alt_name_value
    for name in names or ():
        if name.name == "rfc822_name":
            return str(name.native)
    return None
