"""The portal's seal on the manifest: a detached CMS signature (CAdES) with a signature time stamp."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime

from asn1crypto import cms
from cryptography import x509
from pyhanko.sign.ades.report import AdESFailure, AdESPassed
from pyhanko.sign.general import extract_signer_info
from pyhanko.sign.validation.ades import ades_with_time_validation
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.policy_decl import LocalKnowledge
from pyhanko.sign.validation.status import StandardCMSSignatureStatus
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo

from azexport_verify.anchors import SEALS, TIMES, Anchors
from azexport_verify.papers import MOST_CERTIFICATES, TOLERANCE, specification, time_of
from azexport_verify.report import Report

_HASHES = {"sha256", "sha384", "sha512"}


def check(manifest: bytes, seal: bytes, anchors: Anchors, report: Report, *, owner: str, now: datetime) -> bool:
    """Whether the seal is `owner`'s and of this manifest; says in the report who sealed it when, or what is wrong.

    The seal's certificate is judged at the moment of its time stamp. Whether it was revoked is not in the archive.
    """
    try:
        code, detail = _problem(manifest, seal, anchors, report, owner, now)
    except Exception as error:  # hostile CMS raises anything
        code, detail = "seal_unreadable", f"{type(error).__name__}: {error}"[:200]
    if code:
        report.add(code, "manifest.p7s", detail)
    return not code


def _problem(
    manifest: bytes, seal: bytes, anchors: Anchors, report: Report, owner: str, now: datetime
) -> tuple[str, str]:
    container = cms.ContentInfo.load(seal, strict=True)
    signed = container["content"]
    if container["content_type"].native != "signed_data" or len(signed["signer_infos"]) != 1:
        return "seal_unreadable", "not signed data with one signer"
    if signed["encap_content_info"]["content"].native is not None or len(signed["certificates"]) > MOST_CERTIFICATES:
        return "seal_unreadable", "not detached, or too many certificates"
    info = extract_signer_info(signed)
    algorithm = info["digest_algorithm"]["algorithm"].native
    if algorithm not in _HASHES:
        return "seal_unreadable", f"digest {algorithm}"
    stamps = list(extract_tst_data_iter(info, signed=False))
    if not stamps:
        return "seal_not_proven", "no signature time stamp"
    moment = time_of(stamps[0])
    result = asyncio.run(
        ades_with_time_validation(
            signed,
            specification(anchors, LocalKnowledge(), kinds=SEALS, revocation=False),
            timing_info=ValidationTimingInfo(moment, moment, point_in_time_validation=True),
            raw_digest=hashlib.new(algorithm, manifest).digest(),
            status_cls=StandardCMSSignatureStatus,
        )
    )
    status = result.api_status
    if status is None:
        return "seal_not_proven", f"{result.ades_subindic}"
    if result.ades_subindic in (AdESFailure.HASH_FAILURE, AdESFailure.SIG_CRYPTO_FAILURE) or not (
        status.intact and status.valid
    ):
        return "seal_broken", ""
    certificate = x509.load_der_x509_certificate(status.signing_cert.dump())
    if anchors.issuer_of(certificate, SEALS) is None:
        return "seal_unknown_centre", certificate.issuer.rfc4514_string()
    if result.ades_subindic is not AdESPassed.OK or not status.bottom_line:
        return "seal_not_proven", f"{result.ades_subindic}: {result.failure_msg or ''}"
    stamp = status.timestamp_validity
    authority = None if stamp is None else x509.load_der_x509_certificate(stamp.signing_cert.dump())
    if authority is None or anchors.issuer_of(authority, TIMES) is None or moment > now + TOLERANCE:
        return "seal_not_proven", "the time stamp"
    if not authority.not_valid_before_utc <= now <= authority.not_valid_after_utc:
        return "seal_not_proven", "the time-stamp authority's certificate has expired"
    subject = status.signing_cert.subject.native
    if subject.get("organization_identifier") != owner:
        return "seal_wrong_owner", f"{subject.get('common_name')} {subject.get('organization_identifier')}"
    report.sealed_by, report.sealed_at = f"{subject.get('common_name')} ({owner})", moment
    return "", ""
