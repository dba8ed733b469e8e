"""The trusted centres as values: who may issue what, and where to ask about it.

No address is ever taken from a certificate or a signature: only those of the list are asked (threat 17, SSRF).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from asn1crypto import pem, x509
from pyhanko_certvalidator.authority import CertTrustAnchor, derive_quals_from_cert
from pyhanko_certvalidator.registry import SimpleTrustManager

from azexport.signatures import raw
from azexport.signatures.states import Purpose, ServiceKind

LONGEST_PATH = 4

ISSUERS_FOR: dict[Purpose, frozenset[str]] = {
    Purpose.SIGN: frozenset({ServiceKind.EIMZA.value, ServiceKind.FOREIGN.value}),
    Purpose.SEAL: frozenset({ServiceKind.EIMZA.value, ServiceKind.SEAL.value}),
}


@dataclass(frozen=True)
class Centre:
    """One line of the list."""

    kind: str
    country: str
    root: x509.Certificate
    issuer: x509.Certificate
    ocsp: str
    url: str
    valid_from: datetime
    valid_until: datetime

    def trusted_at(self, moment: datetime) -> bool:
        return self.valid_from <= moment <= self.valid_until

    def as_data(self) -> dict[str, str]:
        """JSON, for another process."""
        return {
            "kind": self.kind,
            "country": self.country,
            "root": self.root.dump().hex(),
            "issuer": self.issuer.dump().hex(),
            "ocsp": self.ocsp,
            "url": self.url,
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat(),
        }

    @classmethod
    def of_data(cls, data: dict[str, str]) -> Centre:
        """What `as_data` was made of."""
        return cls(
            kind=data["kind"],
            country=data["country"],
            root=x509.Certificate.load(bytes.fromhex(data["root"])),
            issuer=x509.Certificate.load(bytes.fromhex(data["issuer"])),
            ocsp=data["ocsp"],
            url=data["url"],
            valid_from=datetime.fromisoformat(data["valid_from"]),
            valid_until=datetime.fromisoformat(data["valid_until"]),
        )

    @property
    def chain(self) -> list[x509.Certificate]:
        """The issuing certificate and, where it is another, its root."""
        return [self.issuer] if self.issuer.dump() == self.root.dump() else [self.issuer, self.root]


@dataclass(frozen=True)
class TrustList:
    """Every trusted centre."""

    centres: tuple[Centre, ...]

    def issuer_of(self, certificate: x509.Certificate, kinds: Iterable[str]) -> Centre | None:
        """The listed centre of one of these kinds that issued the certificate: by name, and by its own signature.

        A name alone proves nothing: another listed centre could have a certificate of that name below its own root.
        """
        wanted = frozenset(kinds)
        for centre in self.centres:
            if (
                centre.kind in wanted
                and centre.issuer.subject == certificate.issuer
                and _same_key(centre, certificate)
                and raw.is_issued_by(certificate, centre.issuer)
            ):
                return centre
        return None

    def time_stamp_centre(self, moment: datetime) -> Centre | None:
        """The centre that time stamps are had from."""
        for centre in self.centres:
            if centre.kind == ServiceKind.TIMESTAMP and centre.url and centre.trusted_at(moment):
                return centre
        return None

    def manager(self, kinds: Iterable[str]) -> SimpleTrustManager:
        """pyHanko's anchors for these kinds of centre: the roots, name constraints included (trap 8)."""
        wanted = frozenset(kinds)
        roots = {centre.root.sha256: centre.root for centre in self.centres if centre.kind in wanted}
        return SimpleTrustManager.build(trust_roots=[_anchor(root) for root in roots.values()])

    def certificates(self) -> list[x509.Certificate]:
        """Every certificate of the list, once."""
        every = {one.sha256: one for centre in self.centres for one in (centre.issuer, centre.root)}
        return list(every.values())

    @property
    def addresses(self) -> frozenset[str]:
        """Everything that may be asked."""
        return frozenset(address for centre in self.centres for address in (centre.ocsp, centre.url) if address)

    def ocsp_for(self, issuer: x509.Certificate) -> str | None:
        """Where the list says to ask about what this certificate has issued."""
        found = [centre.ocsp for centre in self.centres if centre.issuer.sha256 == issuer.sha256]
        found += [centre.ocsp for centre in self.centres if centre.root.sha256 == issuer.sha256]
        return found[0] if found else None


def fingerprint(certificate: x509.Certificate) -> str:
    """Lower hex SHA-256 of the DER."""
    return hashlib.sha256(certificate.dump()).hexdigest()


@lru_cache(maxsize=64)
def parse_pem(text: str) -> x509.Certificate:
    """The first certificate of a PEM text."""
    _kind, _headers, der = pem.unarmor(text.encode())
    return x509.Certificate.load(der)


def _anchor(root: x509.Certificate) -> CertTrustAnchor:
    """The root with what its own extensions restrict.

    Where it restricts the path's length, pyHanko 0.38 expects a length for attribute authorities, too.
    """
    derived = derive_quals_from_cert(root)
    longest = LONGEST_PATH if derived.max_path_length is None else derived.max_path_length
    return CertTrustAnchor(root, replace(derived, max_path_length=longest, max_aa_path_length=LONGEST_PATH))


def _same_key(centre: Centre, certificate: x509.Certificate) -> bool:
    wanted = certificate.authority_key_identifier
    return wanted is None or centre.issuer.key_identifier in (None, wanted)
