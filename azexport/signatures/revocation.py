"""Asking a centre about a certificate (OCSP, RFC 6960), and believing only what the centre signed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import core, ocsp, x509
from cryptography.hazmat.primitives import hashes
from pyhanko_certvalidator.authority import AuthorityWithCert
from pyhanko_certvalidator.fetchers.common_utils import format_ocsp_request

from azexport.signatures import outside, raw
from azexport.signatures.errors import Refused
from azexport.signatures.states import Verdict
from azexport.signatures.trust import TrustList

TIMEOUT = 3.0
CACHED_FOR = 120
SKEW = timedelta(seconds=60)
LONGEST_LIFE = timedelta(days=1)
"""How long an answer counts that does not say when the next one is due (RFC 6960 2.4)."""
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


@dataclass(frozen=True)
class Answer:
    """What the centre says: accepted (good), revoked or suspended, since when, and its signed response."""

    verdict: Verdict
    since: datetime | None
    response: bytes
    told_at: datetime
    """The moment of which it speaks (thisUpdate): what became known later it does not know."""


def check(
    certificate: x509.Certificate, issuer: x509.Certificate, trust: TrustList, *, now: datetime, fresh: bool = False
) -> Answer:
    """What the issuer's centre says of the certificate. Fails closed: no answer is no acceptance.

    Args:
        fresh: do not take an answer that is kept from the last two minutes.

    Raises:
        Refused: indeterminate, where there is no answer within three seconds, or none that can be believed.
    """
    key = "ocsp:" + hashlib.sha256(issuer.dump() + certificate.dump()).hexdigest()
    response = None if fresh else outside.door().kept(key)
    if response is None:
        response = _ask(certificate, issuer, trust)
        answer = read(response, certificate, issuer, now=now)
        outside.door().keep(key, response, CACHED_FOR)
        return answer
    return read(response, certificate, issuer, now=now)


def require_good(
    certificate: x509.Certificate, issuer: x509.Certificate, trust: TrustList, *, now: datetime, fresh: bool = False
) -> Answer:
    """The centre says that the certificate is good.

    Raises:
        Refused: revoked, suspended or indeterminate.
    """
    answer = check(certificate, issuer, trust, now=now, fresh=fresh)
    if answer.verdict is not Verdict.ACCEPTED:
        raise Refused(answer.verdict)
    return answer


def _ask(certificate: x509.Certificate, issuer: x509.Certificate, trust: TrustList) -> bytes:
    address = trust.ocsp_for(issuer)
    if address is None:
        raise Refused(Verdict.INDETERMINATE, "the list names no OCSP address")
    request = format_ocsp_request(certificate, AuthorityWithCert(issuer), certid_hash_algo="sha1", request_nonces=True)
    try:
        content = outside.door().post(address, request.dump(), "application/ocsp-request", timeout=TIMEOUT)
    except outside.NoAnswer as error:
        raise Refused(Verdict.INDETERMINATE, f"OCSP: {error}") from error
    _same_nonce(request, content)
    return content


def _same_nonce(request: ocsp.OCSPRequest, content: bytes) -> None:
    """A responder may leave the nonce out; a different one is a replay."""
    try:
        response = ocsp.OCSPResponse.load(content)
        refused = response["response_status"].native
        given = response.nonce_value if refused == "successful" else None
    except Exception as error:  # asn1crypto on hostile input
        raise Refused(Verdict.INDETERMINATE, "the OCSP answer cannot be read") from error
    if refused != "successful":
        raise Refused(Verdict.INDETERMINATE, f"OCSP: {refused}")
    if given is not None and given.native != request.nonce_value.native:
        raise Refused(Verdict.INDETERMINATE, "the OCSP answer is another one's")


def read(content: bytes, certificate: x509.Certificate, issuer: x509.Certificate, *, now: datetime) -> Answer:
    """What a response says of the certificate, once its signature, its subject and its age are verified.

    Raises:
        Refused: indeterminate.
    """
    try:
        return _read(content, certificate, issuer, now)
    except Refused:
        raise
    except Exception as error:  # asn1crypto on hostile input
        raise Refused(Verdict.INDETERMINATE, f"OCSP: {type(error).__name__}") from error


def _read(content: bytes, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Answer:
    response = ocsp.OCSPResponse.load(content, strict=True)
    if response["response_status"].native != "successful":
        raise Refused(Verdict.INDETERMINATE, response["response_status"].native)
    basic = response.basic_ocsp_response
    _verify(basic, issuer, now)
    for single in basic["tbs_response_data"]["responses"]:
        if _is_about(single["cert_id"], certificate, issuer):
            return _answer(single, content, now)
    raise Refused(Verdict.INDETERMINATE, "the OCSP answer is about another certificate")


def _verify(basic: ocsp.BasicOCSPResponse, issuer: x509.Certificate, now: datetime) -> None:
    signer = issuer
    for candidate in (basic["certs"].native and basic["certs"]) or ():
        if candidate.sha256 != issuer.sha256:
            signer = _delegate(candidate, issuer, now)
    algorithm = _HASHES.get(basic["signature_algorithm"].hash_algo)
    if algorithm is None:
        raise Refused(Verdict.INDETERMINATE, "the OCSP answer is signed with a weak hash")
    try:
        raw.verify(basic["signature"].native, basic["tbs_response_data"].dump(), signer, algorithm())
    except Refused as error:
        raise Refused(Verdict.INDETERMINATE, "the OCSP answer's signature is wrong") from error


def _delegate(candidate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> x509.Certificate:
    """A responder of its own: issued by the same centre, for OCSP, valid now."""
    purposes = candidate.extended_key_usage_value
    algorithm = _HASHES.get(candidate["signature_algorithm"].hash_algo)
    if (
        candidate.issuer != issuer.subject
        or purposes is None
        or "ocsp_signing" not in purposes.native
        or algorithm is None
        or not candidate.not_valid_before <= now <= candidate.not_valid_after
    ):
        raise Refused(Verdict.INDETERMINATE, "the OCSP responder is not the centre's")
    raw.verify(candidate["signature_value"].native, candidate["tbs_certificate"].dump(), issuer, algorithm())
    return candidate


def _is_about(identifier: ocsp.CertId, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    name = identifier["hash_algorithm"]["algorithm"].native
    if name not in ("sha1", "sha256"):
        return False
    key_hash = hashlib.new(name, bytes(issuer.public_key["public_key"])).digest()
    name_hash = hashlib.new(name, issuer.subject.dump()).digest()
    return bool(
        identifier["serial_number"].native == certificate.serial_number
        and identifier["issuer_key_hash"].native == key_hash
        and identifier["issuer_name_hash"].native == name_hash
    )


def _answer(single: ocsp.SingleResponse, content: bytes, now: datetime) -> Answer:
    told_at, until = single["this_update"].native, single["next_update"].native
    # `now` may have been read when a job began, a while before the centre answered.
    # An answer that names no end and echoes no nonce would be good for ever.
    until = until or told_at + LONGEST_LIFE
    if told_at > now + SKEW or until < now - SKEW:
        raise Refused(Verdict.INDETERMINATE, "the OCSP answer is not of today")
    status = single["cert_status"]
    if status.name == "good":
        return Answer(Verdict.ACCEPTED, None, content, told_at)
    if status.name == "revoked":
        info = status.chosen
        reason = info["revocation_reason"]
        held = not isinstance(reason, core.Void) and reason.native == "certificate_hold"
        return Answer(Verdict.SUSPENDED if held else Verdict.REVOKED, info["revocation_time"].native, content, told_at)
    raise Refused(Verdict.INDETERMINATE, "the centre does not know the certificate")
