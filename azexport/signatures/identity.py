"""Who a certificate says it belongs to: semantic identifiers after ETSI EN 319 412-1.

Only a semantic identifier (`PNODE-…`, `NTRDE-…`) names the same person whoever issued the certificate. Any other
serial number or organisation identifier is a centre's own and counts together with that centre only: the `12345` of
one centre and the `12345` of another are two people. It then reads `~<the centre's name and key, hashed>-12345`; a
centre's new key makes new identifiers, which is on the side of caution.
"""

from __future__ import annotations

import base64
import hashlib
import re
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
_COUNTRY = r"[A-Z]{2}(\+[A-Z]{2,3})?"
SEMANTIC_PERSON = re.compile(rf"(PAS|IDC|PNO|TAX|TIN|[A-Z]{{2}}:){_COUNTRY}-\S{{1,60}}")
SEMANTIC_ORGANISATION = re.compile(rf"(VAT|NTR|PSD|LEI|GOV|[A-Z]{{2}}:){_COUNTRY}-\S{{1,60}}")
_LONGEST_OWN = 50
"""Of a centre's own number; a longer one is hashed, so that the whole stays within 80 characters."""


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
    """`PNODE-…`, or a number of the centre's own, bound to it."""
    organisation_id: str | None
    """`NTRDE-…`, or a number of the centre's own, bound to it."""
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
    organisation_id = _identifier(subject.get("organization_identifier", ""), SEMANTIC_ORGANISATION, certificate)
    fin = _after("PNOAZ-", person)
    return CertificateIdentity(
        common_name=subject.get("common_name", ""),
        given_name=subject.get("given_name", ""),
        surname=subject.get("surname", ""),
        organisation=subject.get("organization_name", ""),
        voen=_after("VATAZ-", organisation_id),
        fin=fin,
        foreign_id=_identifier(person, SEMANTIC_PERSON, certificate) if fin is None else None,
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


def _identifier(value: str, semantic: re.Pattern[str], certificate: x509.Certificate) -> str | None:
    """The value where it is semantic; else bound to who issued the certificate; None where there is none."""
    if not value or semantic.fullmatch(value):
        return value or None
    own = value if len(value) <= _LONGEST_OWN else _short_hash(value.encode())
    return f"~{_short_hash(_issuer_of(certificate))}-{own}"


def _issuer_of(certificate: x509.Certificate) -> bytes:
    """Name and key of the issuer, of which `TrustList.issuer_of` has verified that they are the listed centre's."""
    name: str = certificate.issuer.hashable
    key: bytes = certificate.authority_key_identifier or b""
    return name.encode() + b"\x00" + key


def _short_hash(value: bytes) -> str:
    """128 bits as 26 lower-case characters."""
    return base64.b32encode(hashlib.sha256(value).digest()[:16]).decode().rstrip("=").lower()


def _after(prefix: str, value: str | None) -> str | None:
    return value[len(prefix) :] if value and value.startswith(prefix) else None


def _email(certificate: x509.Certificate) -> str | None:
    names = certificate.subject_alt_name_value
    for name in names or ():
        if name.name == "rfc822_name":
            return str(name.native)
    return None
