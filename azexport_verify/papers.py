"""The signatures of a PDF, checked without asking anybody (PAdES B-LTA; signatures.md traps 1 to 5).

A signature is proven by the first document time stamp after it: at that moment certificate, time stamp and the OCSP
answers that the file carries are judged. Each document time stamp is judged at its own moment, and the certificate of
the last one must be valid today. What became known later of a centre is not in the file: ask the centre.
"""

from __future__ import annotations

import asyncio
import io
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import tsp
from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, ModificationLevel, StandardDiffPolicy
from pyhanko.sign.diff_analysis.form_rules_api import FormUpdatingRule
from pyhanko.sign.diff_analysis.rules.form_field_rules import SigFieldCreationRule, SigFieldModificationRule
from pyhanko.sign.general import find_unique_cms_attribute
from pyhanko.sign.validation.ades import _dss_to_local_knowledge as knowledge_in
from pyhanko.sign.validation.ades import ades_timestamp_validation, ades_with_time_validation
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    LocalKnowledge,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy, RevocationCheckingRule

from azexport_verify import asn1_repairs
from azexport_verify.anchors import PERSONS, SEALS, TIMES, Anchors, Centre

LARGEST = 64 * 1024 * 1024
MOST_SIGNATURES = 32
MOST_CERTIFICATES = 24
TOLERANCE = timedelta(seconds=60)
ANSWER_MAY_PRECEDE = timedelta(minutes=5)
"""How long before a certificate was used an OCSP answer may speak and still tell of that use.

An older "good" proves nothing: the certificate may have been revoked between the answer and the signature.
"""
NAMES_OF_AZERBAIJAN = ("PNOAZ-", "VATAZ-", "GOVAZ-")
SIGNING = KeyUsageConstraints(key_usage={"non_repudiation"})

CHANGES_ALLOWED = StandardDiffPolicy(
    global_rules=DEFAULT_DIFF_POLICY.global_rules,
    form_rule=FormUpdatingRule([SigFieldCreationRule(), SigFieldModificationRule()]),
)
"""What may follow a signature: further signatures and what proves them. pyHanko lets text fields be filled in, too."""

asn1_repairs.apply()
# pyHanko logs a traceback for everything that it does not accept; the report says it.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


class _Problem(Exception):
    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Signature:
    """One signature of a PDF. `problem` is empty when it counts, else the code of what is wrong with it."""

    field: str
    signer: str
    organisation: str
    organisation_id: str
    signed_at: datetime | None
    problem: str
    detail: str = ""
    certificate: bytes = b""
    """DER, of the signer."""


def signatures_of(content: bytes, anchors: Anchors, *, now: datetime) -> list[Signature]:
    """The signatures in the order of signing; one with the problem `unreadable` when the file is no readable PDF."""
    if len(content) > LARGEST:
        return [_nobodys("unreadable", "too large")]
    try:
        reader = PdfFileReader(io.BytesIO(content))
        if reader.encrypted:
            return [_nobodys("unreadable", "encrypted")]
        every = list(reader.embedded_signatures)
        if len(every) > MOST_SIGNATURES:
            return [_nobodys("unreadable", f"{len(every)} signatures")]
        if len({tuple(one.byte_range) for one in every}) < len(every):
            return [_nobodys("unreadable", "one signature in two fields")]
        return [_checked(one, every, anchors, now) for one in every if one.sig_object_type != "/DocTimeStamp"]
    except Exception as error:  # hostile PDFs raise nine kinds of exception (trap 7)
        return [_nobodys("unreadable", f"{type(error).__name__}: {error}"[:300])]


def _nobodys(problem: str, detail: str) -> Signature:
    return Signature("", "", "", "", None, problem, detail)


def _checked(
    one: EmbeddedPdfSignature, every: list[EmbeddedPdfSignature], anchors: Anchors, now: datetime
) -> Signature:
    field, signed_at, problem, detail = str(one.field_name), None, "", ""
    subject: dict[str, Any] = {}
    der = b""
    try:
        subject, der = one.signer_cert.subject.native, one.signer_cert.dump()
        signed_at = _check(one, every, anchors, now)
    except _Problem as found:
        problem, detail = found.code, found.detail
    except Exception as error:  # hostile CMS (trap 7)
        problem, detail = "unreadable", f"{type(error).__name__}: {error}"[:300]
    return Signature(
        field=field,
        signer=str(subject.get("common_name", "")),
        organisation=str(subject.get("organization_name", "")),
        organisation_id=str(subject.get("organization_identifier", "")),
        signed_at=signed_at,
        problem=problem,
        detail=detail,
        certificate=der,
    )


def _check(one: EmbeddedPdfSignature, every: list[EmbeddedPdfSignature], anchors: Anchors, now: datetime) -> datetime:
    """The proven time of a signature in order; _Problem for the first thing that is not."""
    _integrity(one)
    if one.sig_object.get("/SubFilter") != "/ETSI.CAdES.detached":
        raise _Problem("not_pades")
    signer = x509.load_der_x509_certificate(one.signer_cert.dump())
    centre = anchors.issuer_of(signer, PERSONS | SEALS)
    if centre is None or not _is_competent(centre, one.signer_cert.subject.native):
        raise _Problem("unknown_centre", signer.issuer.rfc4514_string())
    stamps = [stamp for stamp in every if stamp.sig_object_type == "/DocTimeStamp"]
    later = [stamp for stamp in stamps if stamp.signed_revision > one.signed_revision]
    if not later:
        raise _Problem("no_document_time_stamp")
    for stamp in later:
        _integrity(stamp)
        _check_stamp(stamp, anchors, now)
    last = x509.load_der_x509_certificate(later[-1].signer_cert.dump())
    if not last.not_valid_before_utc <= now <= last.not_valid_after_utc:
        raise _Problem("time_stamp_expired", last.not_valid_after_utc.isoformat())
    moment = time_of(later[0].signed_data)
    stamped = [time_of(token) for token in extract_tst_data_iter(one.signer_info, signed=False)]
    if len(stamped) != 1:
        raise _Problem("untrusted_time", f"{len(stamped)} signature time stamps")
    result = asyncio.run(
        ades_with_time_validation(
            one.signed_data,
            specification(anchors, told_since(knowledge_in(one.reader), stamped[0])),
            timing_info=_at(moment),
            raw_digest=one.compute_digest(),
            extra_status_kwargs=one.summarise_integrity_info(),
            status_cls=PdfSignatureStatus,
        )
    )
    judge(result)
    proven = result.best_signature_time
    if proven is None or proven > moment + TOLERANCE:
        raise _Problem("untrusted_time")
    return proven


def _integrity(one: EmbeddedPdfSignature) -> None:
    """The bytes are those that were signed, and later increments changed nothing that may not be changed (trap 1)."""
    if len(one.signed_data["certificates"] or ()) > MOST_CERTIFICATES or len(one.signed_data["signer_infos"]) != 1:
        raise _Problem("unreadable", "not one signer with a reasonable number of certificates")
    one.compute_integrity_info(CHANGES_ALLOWED)
    summary = one.summarise_integrity_info()
    if summary["coverage"] < SignatureCoverageLevel.ENTIRE_REVISION:
        raise _Problem("coverage", "the signature does not cover its whole revision")
    level = getattr(summary["diff_result"], "modification_level", ModificationLevel.OTHER)
    if summary["docmdp_ok"] is False or level > ModificationLevel.FORM_FILLING:
        raise _Problem("changed_after_signing", str(summary["diff_result"])[:300])
    if one.sig_object_type != "/DocTimeStamp":
        signed = find_unique_cms_attribute(one.signer_info["signed_attrs"], "message_digest").native
        if signed != one.compute_digest():
            raise _Problem("altered")


def _check_stamp(stamp: EmbeddedPdfSignature, anchors: Anchors, now: datetime) -> None:
    moment = time_of(stamp.signed_data)
    if moment > now + TOLERANCE:
        raise _Problem("untrusted_time", "a time stamp of the future")
    if anchors.issuer_of(x509.load_der_x509_certificate(stamp.signer_cert.dump()), TIMES) is None:
        raise _Problem("untrusted_time", "the time-stamp authority is not listed")
    result = asyncio.run(
        ades_timestamp_validation(
            stamp.signed_data,
            specification(anchors, told_since(knowledge_in(stamp.reader), moment)),
            expected_tst_imprint=lambda _: stamp.compute_digest(),
            timing_info=_at(moment),
        )
    )
    status = result.api_status
    if status is None or not (status.intact and status.valid):
        raise _Problem("altered", "a document time stamp is of other content")
    if result.ades_subindic is not AdESPassed.OK or not status.trusted:
        raise _Problem("untrusted_time", f"{result.ades_subindic}: {result.failure_msg}")


def judge(result: Any) -> None:
    """Nothing where pyHanko's result is good in every respect; _Problem otherwise (trap 1)."""
    status = result.api_status
    name = getattr(result.ades_subindic, "name", str(result.ades_subindic))
    detail = f"{name}: {result.failure_msg or ''}".rstrip(": ")
    if status is not None and not (status.intact and status.valid):
        raise _Problem("altered", detail)
    if result.ades_subindic is not AdESPassed.OK:
        raise _Problem(_PROBLEMS.get(name, "not_proven"), detail)
    if status is None or not status.bottom_line:
        raise _Problem("not_proven", "the bottom line is not met")


_PROBLEMS = {
    "REVOKED": "revoked",
    "REVOKED_NO_POE": "revoked",
    "REVOKED_CA_NO_POE": "revoked",
    "SIG_CONSTRAINTS_FAILURE": "wrong_usage",
    "CHAIN_CONSTRAINTS_FAILURE": "wrong_usage",
    "CRYPTO_CONSTRAINTS_FAILURE": "weak_algorithm",
    "CRYPTO_CONSTRAINTS_FAILURE_NO_POE": "weak_algorithm",
    "EXPIRED": "expired",
    "NOT_YET_VALID": "expired",
    "OUT_OF_BOUNDS_NO_POE": "expired",
    "OUT_OF_BOUNDS_NOT_REVOKED": "expired",
    "NO_CERTIFICATE_CHAIN_FOUND": "unknown_centre",
    "NO_SIGNING_CERTIFICATE_FOUND": "unknown_centre",
    "HASH_FAILURE": "altered",
    "SIG_CRYPTO_FAILURE": "altered",
}


def specification(
    anchors: Anchors, knowledge: LocalKnowledge, *, kinds: frozenset[str] = PERSONS | SEALS, revocation: bool = True
) -> SignatureValidationSpec:
    """How pyHanko judges: our anchors, nothing fetched, the OCSP answers at hand demanded or (revocation=False) not."""
    rule = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED if revocation else RevocationCheckingRule.NO_CHECK

    def policy(kinds: frozenset[str]) -> CertValidationPolicySpec:
        checking = CertRevTrustPolicy(RevocationCheckingPolicy(rule, rule))
        return CertValidationPolicySpec(anchors.manager(kinds), checking, time_tolerance=TOLERANCE)

    return SignatureValidationSpec(
        cert_validation_policy=policy(kinds),
        ts_cert_validation_policy=policy(TIMES),
        revinfo_gathering_policy=RevocationInfoGatheringSpec(
            RevinfoOnlineFetchingRule.LOCAL_ONLY, certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH
        ),
        local_knowledge=LocalKnowledge(
            known_ocsps=knowledge.known_ocsps,
            known_crls=knowledge.known_crls,
            known_certs=[*knowledge.known_certs, *anchors.certificates()],
        ),
        key_usage_settings=SIGNING,
    )


def told_since(knowledge: LocalKnowledge, moment: datetime) -> LocalKnowledge:
    """What is known, without the answers "good" from before the moment (see ANSWER_MAY_PRECEDE)."""
    kept = []
    for one in knowledge.known_ocsps:
        single = one.extract_single_response()
        if single is None:
            continue
        recent = single["this_update"].native >= moment - ANSWER_MAY_PRECEDE
        if recent or single["cert_status"].name != "good":
            kept.append(one)
    return replace(knowledge, known_ocsps=kept)


def _is_competent(centre: Centre, subject: dict[str, Any]) -> bool:
    """People, taxpayers and bodies of Azerbaijan are named by its own centres only."""
    named = [str(subject.get(name) or "") for name in ("serial_number", "organization_identifier")]
    return centre.kind != "foreign" or not any(one.startswith(NAMES_OF_AZERBAIJAN) for one in named)


def time_of(signed_data: Any) -> datetime:
    """The moment a time-stamp token states."""
    info: tsp.TSTInfo = signed_data["encap_content_info"]["content"].parsed
    moment: datetime = info["gen_time"].native
    return moment.astimezone(UTC)


def _at(moment: datetime) -> ValidationTimingInfo:
    return ValidationTimingInfo(validation_time=moment, best_signature_time=moment, point_in_time_validation=True)
