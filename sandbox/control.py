"""How customs checks a signed PDF: against its own trust anchors, and by what the centres say today.

The signatures themselves are judged by the published checker (azexport_verify), which asks nobody and so judges a paper
the same on the day it was signed and years later; customs adds the question whether the signer's certificate has been
revoked or suspended meanwhile.
"""

from __future__ import annotations

import io
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID
from pyhanko.pdf_utils.reader import PdfFileReader

from azexport_verify import papers
from azexport_verify.anchors import PERSONS, SEALS, load

ANSWER_KEPT = 60.0


@dataclass(frozen=True)
class Signature:
    """One signature of a PDF: who made it, and whether it counts. `problem` is empty when it does."""

    field: str
    name: str
    organisation_id: str
    problem: str
    detail: str = ""


class Control:
    """The checks of one customs office; holds the anchors and the centres' answers of the last minute."""

    def __init__(self, trust: Path) -> None:
        self.anchors = load(trust)
        self._answers: dict[bytes, tuple[float, str]] = {}

    def signatures(self, pdf: bytes) -> list[Signature]:
        """The signatures of the PDF; [] when it cannot be read as one."""
        found = papers.signatures_of(pdf, self.anchors, now=datetime.now(UTC))
        return [self._with_status_today(one) for one in found if one.certificate]

    def _with_status_today(self, one: papers.Signature) -> Signature:
        status = self._status_today(x509.load_der_x509_certificate(one.certificate))
        problem = one.problem if status == "good" else f"signer_{status}"
        return Signature(one.field, one.signer, one.organisation_id, problem, one.detail)

    def _status_today(self, certificate: x509.Certificate) -> str:
        """good | revoked | suspended | unknown | of_unknown_centre: what the certificate's centre answers now."""
        centre = self.anchors.issuer_of(certificate, PERSONS | SEALS)
        if centre is None:
            return "of_unknown_centre"
        key = certificate.fingerprint(hashes.SHA256())
        if key not in self._answers or time.monotonic() - self._answers[key][0] > ANSWER_KEPT:
            self._answers[key] = (time.monotonic(), _ask(certificate, centre.issuer))
        return self._answers[key][1]


def attached(pdf: bytes, name: str) -> dict[str, Any] | None:
    """The JSON object attached to the PDF under that name, as it was when the first signature was made."""
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        signatures = reader.embedded_regular_signatures
        root = reader.get_historical_root(signatures[0].signed_revision) if signatures else reader.root
        names = root["/Names"]["/EmbeddedFiles"]["/Names"]
        files = {str(names[place]): names[place + 1] for place in range(0, len(names), 2)}
        data = json.loads(files[name]["/EF"]["/F"].data)
    except Exception:  # a hostile file raises anything
        return None
    return data if isinstance(data, dict) else None


def _ask(certificate: x509.Certificate, issuer: x509.Certificate) -> str:
    access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    url = next(one.access_location.value for one in access if one.access_method == AuthorityInformationAccessOID.OCSP)
    request = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1()).build()
    content = request.public_bytes(serialization.Encoding.DER)
    headers = {"Content-Type": "application/ocsp-request"}
    answer = httpx.post(url, content=content, headers=headers, timeout=10, trust_env=False).raise_for_status()
    single = ocsp.load_der_ocsp_response(answer.content)
    if single.certificate_status == ocsp.OCSPCertStatus.REVOKED:
        return "suspended" if single.revocation_reason == x509.ReasonFlags.certificate_hold else "revoked"
    return "good" if single.certificate_status == ocsp.OCSPCertStatus.GOOD else "unknown"
