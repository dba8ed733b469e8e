"""How customs checks a signed PDF: against its own trust anchors, by pyHanko, with what the centres say today.

A signature counts when the validation to EN 319 102-1 passes, its bottom line holds, nothing but what the signature
allows was changed after it, it covers its whole revision, and the certificate is one for signing (contentCommitment).
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator.authority import CertTrustAnchor
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy, RevocationCheckingRule
from pyhanko_certvalidator.registry import SimpleTrustManager

ANSWER_KEPT = 60.0
_SIGNING = KeyUsageConstraints(key_usage={"non_repudiation"})
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)


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
        self.trust = trust
        self._answers: dict[bytes, tuple[float, str]] = {}

    def signatures(self, pdf: bytes) -> list[Signature]:
        """The signatures of the PDF; [] when it cannot be read as one."""
        try:
            embedded = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures
        except Exception:  # a hostile file raises anything
            return []
        return [self._signature(one) for one in embedded]

    def _signature(self, embedded: Any) -> Signature:
        certificate = embedded.signer_cert
        subject = certificate.subject.native
        name, identifier = str(subject.get("common_name", "")), str(subject.get("organization_identifier", ""))
        status = self._status_today(x509.load_der_x509_certificate(certificate.dump()))
        if status != "good":
            return Signature(embedded.field_name, name, identifier, f"signer_{status}")
        try:
            result = asyncio.run(ades_lta_validation(embedded, self._policy()))
        except Exception as error:  # a hostile file raises anything
            return Signature(embedded.field_name, name, identifier, "unreadable", repr(error)[:200])
        problem, detail = _judge(result)
        return Signature(embedded.field_name, name, identifier, problem, detail)

    def _policy(self) -> PdfSignatureValidationSpec:
        roots, issuers = self._anchors()
        rule = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED
        certificates = CertValidationPolicySpec(
            trust_manager=SimpleTrustManager.build(trust_roots=[CertTrustAnchor(root) for root in roots]),
            revinfo_policy=CertRevTrustPolicy(RevocationCheckingPolicy(rule, rule)),
        )
        return PdfSignatureValidationSpec(
            SignatureValidationSpec(
                certificates,
                RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY),
                local_knowledge=LocalKnowledge(known_certs=[*roots, *issuers]),
                key_usage_settings=_SIGNING,
            )
        )

    def _anchors(self) -> tuple[list[asn1.Certificate], list[asn1.Certificate]]:
        services = json.loads((self.trust / "trust.json").read_text())["services"]
        return _load(self.trust, {one["root"] for one in services}), _load(
            self.trust, {one["issuer"] for one in services}
        )

    def _status_today(self, certificate: x509.Certificate) -> str:
        """good | revoked | suspended | unknown_centre | unknown: what the certificate's centre answers now."""
        issuer = next((one for one in self._issuers() if _issued(one, certificate)), None)
        if issuer is None:
            return "of_unknown_centre"
        key = certificate.fingerprint(hashes.SHA256())
        if key not in self._answers or time.monotonic() - self._answers[key][0] > ANSWER_KEPT:
            self._answers[key] = (time.monotonic(), _ask(certificate, issuer))
        return self._answers[key][1]

    def _issuers(self) -> Iterable[x509.Certificate]:
        return [x509.load_der_x509_certificate(one.dump()) for one in self._anchors()[1]]


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


def _judge(result: Any) -> tuple[str, str]:
    status = result.api_status
    if status is None:
        return "not_valid", f"{result.ades_subindic}: {result.failure_msg}"
    if not (status.intact and status.valid):
        return "altered", str(result.ades_subindic)
    if status.docmdp_ok is not True or (status.coverage or 0) < SignatureCoverageLevel.ENTIRE_REVISION:
        return "changed_after_signing", f"{status.coverage}"
    if result.ades_subindic != AdESPassed.OK or not status.bottom_line:
        return "not_valid", f"{result.ades_subindic}: {result.failure_msg or status.summary()}"
    return "", ""


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except Exception:  # another name, another key, another algorithm: all mean no
        return False
    return True


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


def _load(folder: Path, names: set[str]) -> list[asn1.Certificate]:
    pems = [(folder / Path(name).name).read_bytes() for name in sorted(names)]
    certificates = [x509.load_pem_x509_certificate(pem) for pem in pems]
    return [asn1.Certificate.load(one.public_bytes(serialization.Encoding.DER)) for one in certificates]
