"""Signing in with a certificate: the Web eID token, verified (threat 7).

The signed value is the algorithm's signature over H(origin) || H(nonce): a token made for another site, or for
another session, or twice, proves nothing. The caller keeps the nonce in the anonymous session and drops it at the
first use.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from asn1crypto import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from azexport.signatures import certificates, queries, raw, revocation
from azexport.signatures.errors import Refused, SignInRefused
from azexport.signatures.identity import CertificateIdentity, identity_of, load_certificate
from azexport.signatures.states import Verdict

FORMAT = "web-eid:1"
NONCE_LIVES = 300
SKEW = 60
LARGEST = 8 * 1024
_ALGORITHMS: dict[str, tuple[type[hashes.HashAlgorithm], type]] = {
    "ES256": (hashes.SHA256, ec.EllipticCurvePublicKey),
    "ES384": (hashes.SHA384, ec.EllipticCurvePublicKey),
    "RS256": (hashes.SHA256, rsa.RSAPublicKey),
}


def new_nonce() -> str:
    """A fresh challenge: 256 random bits and the second it was made, so that it can grow old."""
    return f"{secrets.token_urlsafe(32)}.{int(time.time())}"


def verify_token(token: Mapping[str, Any], *, nonce: str, origin: str, now: datetime) -> CertificateIdentity:
    """Who is there: the holder of a good authentication certificate of a listed centre signed this very challenge.

    Args:
        token: {unverifiedCertificate, algorithm, signature, format}, base64 where binary.
        nonce: what `new_nonce` gave this session, used for the first time.
        origin: `https://host[:port]` of the portal, never the request's own word for it.

    Raises:
        SignInRefused: with its verdict; without an answer of the centre nobody gets in (threat 9).
    """
    try:
        return _verify(token, nonce, origin, now)
    except Refused as refusal:
        raise SignInRefused(refusal.verdict, refusal.detail) from refusal


def _verify(token: Mapping[str, Any], nonce: str, origin: str, now: datetime) -> CertificateIdentity:
    _require_fresh(nonce, now)
    if not str(token.get("format", "")).startswith(FORMAT):
        raise Refused(Verdict.MALFORMED, "format")
    certificate = load_certificate(_bytes(token, "unverifiedCertificate"))
    _require_signature(token, certificate, nonce, origin)
    trust = queries.trust_list()
    centre = certificates.check_for_sign_in(certificate, trust, now=now)
    revocation.require_good(certificate, centre.issuer, trust, now=now)
    return identity_of(certificate)


def _require_fresh(nonce: str, now: datetime) -> None:
    _random, _dot, made = nonce.rpartition(".")
    if not made.isdigit() or not -SKEW <= now.timestamp() - int(made) <= NONCE_LIVES:
        raise Refused(Verdict.STALE, "the challenge is older than five minutes")


def _require_signature(token: Mapping[str, Any], certificate: x509.Certificate, nonce: str, origin: str) -> None:
    algorithm, kind = _ALGORITHMS.get(str(token.get("algorithm")), (None, None))
    key = raw.public_key(certificate)
    if algorithm is None or kind is None or not isinstance(key, kind):
        raise Refused(Verdict.WEAK_ALGORITHM, f"algorithm {str(token.get('algorithm'))[:20]}")
    name = algorithm().name
    origin_hash, nonce_hash = (hashlib.new(name, text.encode()).digest() for text in (origin, nonce))
    value = raw.to_der(_bytes(token, "signature"), key)
    raw.verify(value, origin_hash + nonce_hash, certificate, algorithm())


def _bytes(token: Mapping[str, Any], name: str) -> bytes:
    value = token.get(name)
    if not isinstance(value, str) or len(value) > LARGEST:
        raise Refused(Verdict.MALFORMED, name)
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(Verdict.MALFORMED, name) from error
