"""The trust anchors: a folder from outside the archive, with trust.json and the certificates it names."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from pyhanko_certvalidator.authority import CertTrustAnchor
from pyhanko_certvalidator.registry import SimpleTrustManager

PERSONS = frozenset({"eimza", "foreign"})
SEALS = frozenset({"seal"})
TIMES = frozenset({"timestamp"})
KINDS = PERSONS | SEALS | TIMES


class NoAnchors(Exception):
    """The folder is no list of trusted centres; the message says why."""


@dataclass(frozen=True)
class Centre:
    """One trusted centre: what it may issue, its certificate and its root's."""

    kind: str
    name: str
    issuer: x509.Certificate
    root: x509.Certificate
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True)
class Anchors:
    """Every trusted centre."""

    centres: tuple[Centre, ...]

    def issuer_of(self, certificate: x509.Certificate, kinds: Iterable[str]) -> Centre | None:
        """The centre of one of the kinds that issued the certificate, when it was trusted then."""
        return next((one for one in self.centres if one.kind in kinds and _issued(one, certificate)), None)

    def manager(self, kinds: Iterable[str]) -> SimpleTrustManager:
        """pyHanko's trust in the roots of the centres of these kinds."""
        roots = {one.root.public_bytes(serialization.Encoding.DER) for one in self.centres if one.kind in kinds}
        found = [CertTrustAnchor(asn1.Certificate.load(der)) for der in sorted(roots)]
        return SimpleTrustManager.build(trust_roots=found)

    def certificates(self) -> list[asn1.Certificate]:
        ders = {
            certificate.public_bytes(serialization.Encoding.DER)
            for one in self.centres
            for certificate in (one.root, one.issuer)
        }
        return [asn1.Certificate.load(der) for der in sorted(ders)]


def load(folder: Path) -> Anchors:
    """The anchors of a folder.

    Raises:
        NoAnchors: trust.json or a certificate is missing or cannot be read, or an issuer is not of its root.
    """
    try:
        services = json.loads((folder / "trust.json").read_text(encoding="utf-8"))["services"]
        centres = tuple(_centre(folder, service) for service in services)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoAnchors(f"{folder / 'trust.json'}: {error!r}") from error
    if not centres:
        raise NoAnchors(f"{folder / 'trust.json'} names no centre")
    return Anchors(centres)


def _centre(folder: Path, service: dict[str, str]) -> Centre:
    if service["kind"] not in KINDS:
        raise ValueError(f"there is no kind {service['kind']!r}")
    issuer, root = (
        x509.load_pem_x509_certificate((folder / Path(service[name]).name).read_bytes()) for name in ("issuer", "root")
    )
    if not issued(root, root) or (issuer != root and not issued(root, issuer)):
        raise ValueError(f"{service['issuer']} was not issued by {service['root']}")
    name = service["name"]
    return Centre(
        kind=service["kind"],
        name=str(name.get("en") or name.get("az")) if isinstance(name, dict) else str(name),
        issuer=issuer,
        root=root,
        valid_from=datetime.fromisoformat(service["valid_from"]),
        valid_until=datetime.fromisoformat(service["valid_until"]),
    )


def _issued(centre: Centre, certificate: x509.Certificate) -> bool:
    begins = certificate.not_valid_before_utc
    return centre.valid_from <= begins <= centre.valid_until and issued(centre.issuer, certificate)


def issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Whether the certificate names this issuer and bears its signature."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
