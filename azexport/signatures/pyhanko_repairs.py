"""Repairs of pyHanko 0.38 (pyhanko-certvalidator 0.33), each with a test of ours; to be dropped when it is mended.

Past validation puts the certificate that signed an OCSP response behind its issuer as if it had been delegated,
also where the issuer signed the response itself (RFC 6960, 4.2.2.2). A root then seems to need revocation data
about itself, and no B-LTA signature under a centre that answers with its own key can be validated.
"""

from __future__ import annotations

from typing import Any

from asn1crypto import x509
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


def apply() -> None:
    """pyHanko is repaired in this process; doing it again changes nothing."""
    validate_ocsp._delegated_ocsp_response_path = _response_path
