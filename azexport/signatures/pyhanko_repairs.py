"""Repairs of pyHanko 0.38 (pyhanko-certvalidator 0.33), each with a test of ours; to be dropped when it is mended.

Past validation puts the certificate that signed an OCSP response behind its issuer as if it had been delegated,
also where the issuer signed the response itself (RFC 6960, 4.2.2.2). A root then seems to need revocation data
about itself, and no B-LTA signature under a centre that answers with its own key can be validated.

asn1crypto 1.5.1 (its issues 249 and 256, pull request 302) takes a header whose length happens to end in the octet 80
for one of indefinite length and encodes the value anew, each level of it more than once: writing one CMS structure in
some two hundred then takes ten seconds and more, and whether it has such a length is up to its signer. The stand-alone
checker has the same repair and its tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asn1crypto import core, x509
from pyhanko_certvalidator.authority import AuthorityWithCert
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.revinfo import validate_ocsp

_delegated = validate_ocsp._delegated_ocsp_response_path


def _response_path(responder_cert: x509.Certificate, issuer: Any, ee_path: ValidationPath) -> ValidationPath:
    if isinstance(issuer, AuthorityWithCert) and issuer.certificate.dump() == responder_cert.dump():
        if ee_path.trust_anchor.authority == issuer:
            return ValidationPath(ee_path.trust_anchor, interm=[], leaf=None)
        found: ValidationPath = ee_path.truncate_to_issuer_and_append(issuer.certificate)
        return found
    delegated: ValidationPath = _delegated(responder_cert, issuer, ee_path)
    return delegated


class _Definite(bytes):
    """A header of definite length; asn1crypto, which looks at its last octet for 80, does not find it."""

    def __getitem__(self, key: Any) -> Any:
        return b"" if key == slice(-1, None, None) else super().__getitem__(key)


def is_indefinite(header: bytes) -> bool:
    """Whether the last of the tag-and-length pairs in the header has the indefinite length (the one octet 80)."""
    place, indefinite = 0, False
    while place < len(header):
        if header[place] & 0x1F == 0x1F:
            place += 1
            while place < len(header) and header[place] & 0x80:
                place += 1
        length = header[place + 1] if place + 1 < len(header) else 0
        indefinite = length == 0x80
        place += 2 + (length & 0x7F if length & 0x80 else 0)
    return indefinite


def _repaired(dump: Callable[..., bytes]) -> Callable[..., bytes]:
    def repaired(self: Any, force: bool = False) -> bytes:
        header = self._header
        if type(header) is bytes and header[-1:] == b"\x80" and not is_indefinite(header):
            self._header = _Definite(header)
        return dump(self, force)

    repaired.__dict__["is_repaired"] = True
    return repaired


def apply() -> None:
    """pyHanko is repaired in this process; doing it again changes nothing."""
    validate_ocsp._delegated_ocsp_response_path = _response_path
    for name in ("Asn1Value", "Choice", "Primitive", "Sequence", "SequenceOf"):
        found = getattr(core, name)
        dump = found.__dict__["dump"]
        if not hasattr(dump, "is_repaired"):
            found.dump = _repaired(dump)
