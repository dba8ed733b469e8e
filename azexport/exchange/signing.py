"""HTTP Message Signatures (RFC 9421, ecdsa-p256-sha256) over requests and replies, with Content-Digest (RFC 9530)."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ECDSA_P256_SHA256
from http_message_signatures.exceptions import HTTPMessageSignaturesException, InvalidSignature
from httpx import Headers

from azexport.exchange.protocol import CONTENT_TYPE, MAX_AGE, MAX_AHEAD, Refused

LABEL = "sig1"
TAG = "azexport"
REQUEST_COMPONENTS = ("@method", "@target-uri", "content-type", "content-digest")
REPLY_COMPONENTS = ("@status", "content-type", "content-digest")
KEPT_HEADERS = ("Content-Type", "Content-Digest", "Signature-Input", "Signature")
_DIGEST = re.compile(r"(?:^|,)\s*sha-256=:(?P<value>[A-Za-z0-9+/=]+):")


@dataclass
class HttpRequest:
    """A request as the signature sees it. `url` is the target URI that sender and receiver agree on."""

    method: str
    url: str
    headers: Headers = field(default_factory=Headers)
    content: bytes = b""


@dataclass
class HttpReply:
    """A reply as the signature sees it."""

    status_code: int
    headers: Headers = field(default_factory=Headers)
    content: bytes = b""


@dataclass(frozen=True)
class Key:
    """The portal's message key. No other body's key is ever here."""

    private: ec.EllipticCurvePrivateKey
    certificate: str
    fingerprint: str


class NoKey(Exception):
    """The portal has no usable message key; the message says which file is wrong."""


def portal_key() -> Key:
    """settings.PORTAL_KEYS/message.key and message.pem, read once."""
    return _load_key(Path(settings.PORTAL_KEYS))


@cache
def _load_key(folder: Path) -> Key:
    try:
        private = serialization.load_pem_private_key((folder / "message.key").read_bytes(), None)
        pem = (folder / "message.pem").read_text()
        certificate = x509.load_pem_x509_certificate(pem.encode())
    except (OSError, ValueError) as error:
        raise NoKey(f"{folder}/message.key or message.pem cannot be used: {error}") from error
    if not isinstance(private, ec.EllipticCurvePrivateKey) or private.public_key() != certificate.public_key():
        raise NoKey(f"{folder}/message.key is not the P-256 key of message.pem")
    return Key(private, pem, certificate.fingerprint(hashes.SHA256()).hex())


def content_digest(content: bytes) -> str:
    """The value of Content-Digest."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def sign_request(url: str, content: bytes, *, key: Key, now: datetime) -> dict[str, str]:
    """The headers of a signed POST of these bytes to this address."""
    message = HttpRequest("POST", url, content=content)
    return _sign(message, REQUEST_COMPONENTS, CONTENT_TYPE, key, now)


def sign_reply(
    status_code: int, content: bytes, *, key: Key, now: datetime, content_type: str = CONTENT_TYPE
) -> dict[str, str]:
    """The headers of a signed reply of these bytes."""
    message = HttpReply(status_code, content=content)
    return _sign(message, REPLY_COMPONENTS, content_type, key, now)


def _sign(
    message: HttpRequest | HttpReply, components: tuple[str, ...], content_type: str, key: Key, now: datetime
) -> dict[str, str]:
    message.headers["Content-Type"] = content_type
    message.headers["Content-Digest"] = content_digest(message.content)
    signer = HTTPMessageSigner(signature_algorithm=ECDSA_P256_SHA256, key_resolver=_OneKey(private=key.private))
    signer.sign(
        message,
        key_id=key.fingerprint,
        created=now,
        label=LABEL,
        tag=TAG,
        include_alg=True,
        covered_component_ids=components,
    )
    return kept_headers(message.headers)


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that the signature covers and the signature's own; the rest is no evidence of anything."""
    given = Headers(headers)
    return {name: given[name] for name in KEPT_HEADERS if name in given}


def verify_request(request: HttpRequest, *, certificate_of: Callable[[str], str | None], now: datetime) -> str:
    """The keyid whose key signed this request.

    Args:
        certificate_of: the PEM certificate registered under a keyid, or None.

    Raises:
        Refused: digest, signature, coverage, key or age is not in order; each with a code of its own.
    """
    return _verify(request, REQUEST_COMPONENTS, certificate_of, now)


def verify_reply(reply: HttpReply, *, certificate_of: Callable[[str], str | None], now: datetime) -> str:
    """As `verify_request`, for a reply."""
    return _verify(reply, REPLY_COMPONENTS, certificate_of, now)


def _verify(
    message: HttpRequest | HttpReply,
    required: tuple[str, ...],
    certificate_of: Callable[[str], str | None],
    now: datetime,
) -> str:
    _check_digest(message)
    resolver = _Registered(certificate_of, now)
    verifier = _Verifier(signature_algorithm=ECDSA_P256_SHA256, key_resolver=resolver)
    if "Signature-Input" not in message.headers or "Signature" not in message.headers:
        raise Refused("unsigned", _("The message is not signed."), status=401)
    try:
        results = verifier.verify(message, max_age=None, expect_tag=TAG)
    except (InvalidSignature, HTTPMessageSignaturesException) as error:
        # The library wraps whatever the key resolver says, so the resolver keeps its own refusal.
        raise resolver.refusal or Refused(
            "bad-signature", _("The signature does not fit the message."), status=401
        ) from error
    if len(results) != 1:
        raise Refused("bad-signature", _("The message must carry exactly one signature of the protocol."), status=401)
    [result] = results
    covered = {name.strip('"') for name in result.covered_components} - {"@signature-params"}
    if covered != set(required):
        raise Refused(
            "components",
            _("The signature must cover exactly: %(names)s.") % {"names": ", ".join(required)},
            status=401,
        )
    if result.parameters.get("alg") != ECDSA_P256_SHA256.algorithm_id:
        raise Refused("algorithm", _("The signature must name its algorithm: ecdsa-p256-sha256."), status=401)
    _check_age(result.parameters, now)
    return str(result.parameters["keyid"])


def _check_digest(message: HttpRequest | HttpReply) -> None:
    found = _DIGEST.search(message.headers.get("Content-Digest", ""))
    if found is None:
        raise Refused("no-digest", _("There is no Content-Digest with sha-256."))
    if f"sha-256=:{found['value']}:" != content_digest(message.content):
        raise Refused("digest", _("The content is not the one that its digest names."))


def _check_age(parameters: Mapping[str, Any], now: datetime) -> None:
    created, expires = parameters.get("created"), parameters.get("expires")
    if not isinstance(created, int):
        raise Refused("stale", _("The signature does not say when it was made."), status=401)
    try:
        made = datetime.fromtimestamp(created, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Refused("stale", _("The signature does not say when it was made."), status=401) from error
    if now - made > MAX_AGE or (isinstance(expires, int) and expires < now.timestamp()):
        raise Refused("stale", _("The signature is older than five minutes, or has expired."), status=401)
    if made - now > MAX_AHEAD:
        raise Refused("future", _("The signature was made in the future: check your clock."), status=401)


class _Verifier(HTTPMessageVerifier):  # type: ignore[misc, unused-ignore]
    """The library compares with the wall clock; here the caller says what time it is, and the age is ours to check."""

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        return


class _OneKey(HTTPSignatureKeyResolver):  # type: ignore[misc, unused-ignore]
    def __init__(self, private: ec.EllipticCurvePrivateKey) -> None:
        self._private = private

    def resolve_private_key(self, key_id: str) -> ec.EllipticCurvePrivateKey:
        return self._private


class _Registered(HTTPSignatureKeyResolver):  # type: ignore[misc, unused-ignore]
    """Public keys by keyid, from certificates that are registered and valid now."""

    def __init__(self, certificate_of: Callable[[str], str | None], now: datetime) -> None:
        self._certificate_of = certificate_of
        self._now = now
        self.refusal: Refused | None = None

    def resolve_public_key(self, key_id: str) -> Any:
        pem = self._certificate_of(key_id)
        if pem is None:
            self.refusal = Refused("unknown-key", _("The signing key is not registered."), status=401)
            raise self.refusal
        certificate = x509.load_pem_x509_certificate(pem.encode())
        if not certificate.not_valid_before_utc <= self._now <= certificate.not_valid_after_utc:
            self.refusal = Refused("expired-key", _("The certificate of the signing key is not valid now."), status=401)
            raise self.refusal
        return certificate.public_key()
