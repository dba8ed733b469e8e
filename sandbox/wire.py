"""The exchange protocol, as a participant's own programmers would write it from docs/integration.md.

An envelope is JSON; the HTTP message that carries it is signed (RFC 9421, ECDSA P-256 with SHA-256) over its method,
target, content type and Content-Digest (RFC 9530); the reply is signed over its status, content type and digest.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

CONTENT_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"
ALGORITHM = "ecdsa-p256-sha256"
TAG = "azexport"
REQUEST_COMPONENTS = ("@method", "@target-uri", "content-type", "content-digest")
REPLY_COMPONENTS = ("@status", "content-type", "content-digest")
MAX_AGE = 300
"""Seconds after its creation in which a signature is accepted."""
MAX_AHEAD = 60
"""Seconds a sender's clock may run ahead of ours."""
VERSION = 1

_INPUT = re.compile(r"(?P<label>[a-z*][a-z0-9_.*-]*)=(?P<params>\((?P<components>[^()]*)\)(?P<parameters>(?:;[^;]+)*))")
_PARAMETER = re.compile(
    r';(?P<name>[a-z*][a-z0-9_.*-]*)=(?:(?P<number>-?\d{1,15})|"(?P<text>[\x20-\x21\x23-\x5b\x5d-\x7e]*)")'
)
_DIGEST = re.compile(r"(?:^|,)\s*sha-256=:(?P<value>[A-Za-z0-9+/=]+):")


class Refused(Exception):
    """A message this side does not take; becomes an RFC 9457 problem with `status`, or is raised by a bad reply."""

    def __init__(self, code: str, detail: str, status: int = 400) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.status = status

    def problem(self) -> bytes:
        return encode(
            {
                "type": f"urn:azexport:problem:{self.code}",
                "title": self.code,
                "status": self.status,
                "detail": self.detail,
                "code": self.code,
            }
        )


@dataclass(frozen=True)
class Message:
    """One envelope of the protocol; `body` is what the message type says."""

    id: str
    type: str
    sender: str
    recipient: str
    created_at: str
    subject: str
    body: dict[str, Any]
    in_reply_to: str | None = None
    version: int = VERSION

    def to_bytes(self) -> bytes:
        return encode(
            {
                "message_id": self.id,
                "type": self.type,
                "version": self.version,
                "sender": self.sender,
                "recipient": self.recipient,
                "created_at": self.created_at,
                "subject": self.subject,
                "in_reply_to": self.in_reply_to,
                "body": self.body,
            }
        )

    @classmethod
    def from_bytes(cls, content: bytes) -> Message:
        """Read an envelope; Refused("malformed") when a member is missing or of the wrong kind."""
        try:
            data = json.loads(content)
            message = cls(
                id=str(uuid.UUID(data["message_id"])),
                type=data["type"],
                version=data["version"],
                sender=data["sender"],
                recipient=data["recipient"],
                created_at=data["created_at"],
                subject=data["subject"],
                in_reply_to=data.get("in_reply_to"),
                body=data["body"],
            )
            datetime.fromisoformat(message.created_at)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refused("malformed", f"not an envelope of the protocol ({error!r})") from error
        strings = (message.type, message.sender, message.recipient, message.subject)
        if not all(isinstance(value, str) for value in strings) or not isinstance(message.body, dict):
            raise Refused("malformed", "a member of the envelope is of the wrong kind")
        if message.version != VERSION:
            raise Refused("version", f"version {message.version} is not spoken here")
        return message

    def reply(self, kind: str, body: dict[str, Any]) -> Message:
        """The reply to this message, from its recipient to its sender."""
        return replace(
            new_message(kind, sender=self.recipient, recipient=self.sender, subject=self.subject, body=body),
            in_reply_to=self.id,
        )


def new_message(
    kind: str,
    *,
    sender: str,
    recipient: str,
    subject: str,
    body: dict[str, Any],
    in_reply_to: str | None = None,
    message_id: str | None = None,
) -> Message:
    """A fresh envelope, dated now; `message_id` lets the sender choose an id that a repetition will have too."""
    created = datetime.now(UTC).isoformat(timespec="milliseconds")
    return Message(message_id or str(uuid.uuid4()), kind, sender, recipient, created, subject, body, in_reply_to)


def encode(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def file_member(name: str, media_type: str, content: bytes) -> dict[str, str]:
    """A file the way it travels inside a body."""
    return {
        "name": name,
        "media_type": media_type,
        "sha256": hashlib.sha256(content).hexdigest(),
        "content_base64": base64.b64encode(content).decode(),
    }


def file_content(member: Mapping[str, str]) -> bytes:
    """The bytes of a file member; Refused("file_digest") when they are not those its digest names."""
    try:
        content = base64.b64decode(member["content_base64"], validate=True)
    except (KeyError, binascii.Error) as error:
        raise Refused("malformed", f"not a file ({error!r})", 422) from error
    if hashlib.sha256(content).hexdigest() != member.get("sha256"):
        raise Refused("file_digest", f"the file {member.get('name')} is not the one its digest names", 422)
    return content


def key_id(certificate: x509.Certificate) -> str:
    """The keyid of the protocol: lower hex SHA-256 of the DER certificate."""
    return certificate.fingerprint(hashes.SHA256()).hex()


@dataclass(frozen=True)
class MessageKey:
    """The private key with which one side signs its messages, and its certificate."""

    private: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def load(cls, folder: Path, name: str = "message") -> MessageKey:
        private = serialization.load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{folder / name}.key is not an elliptic curve key")
        return cls(private, x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes()))

    @property
    def id(self) -> str:
        return key_id(self.certificate)

    def sign(self, base: bytes) -> bytes:
        """The signature as RFC 9421 wants it: r and s, 32 bytes each."""
        r, s = decode_dss_signature(self.private.sign(base, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def content_digest(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def _base(components: Mapping[str, str], params: str) -> bytes:
    lines = [f'"{name}": {value}' for name, value in components.items()]
    return "\n".join([*lines, f'"@signature-params": {params}']).encode()


def _signed_headers(key: MessageKey, components: dict[str, str], created: int | None) -> dict[str, str]:
    names = " ".join(f'"{name}"' for name in components)
    moment = int(time.time()) if created is None else created
    params = f'({names});created={moment};keyid="{key.id}";alg="{ALGORITHM}";tag="{TAG}"'
    signature = base64.b64encode(key.sign(_base(components, params))).decode()
    return {
        "Content-Type": components["content-type"],
        "Content-Digest": components["content-digest"],
        "Signature-Input": f"sig1={params}",
        "Signature": f"sig1=:{signature}:",
    }


def sign_request(key: MessageKey, url: str, body: bytes, *, created: int | None = None) -> dict[str, str]:
    """The headers of a signed POST of `body` to `url`; `created` is seconds since the epoch, now when not given."""
    components = {
        "@method": "POST",
        "@target-uri": url,
        "content-type": CONTENT_TYPE,
        "content-digest": content_digest(body),
    }
    return _signed_headers(key, components, created)


def sign_reply(key: MessageKey, status: int, body: bytes, *, created: int | None = None) -> dict[str, str]:
    components = {
        "@status": str(status),
        "content-type": CONTENT_TYPE,
        "content-digest": content_digest(body),
    }
    return _signed_headers(key, components, created)


def verify_request(
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    certificates: Mapping[str, x509.Certificate],
    *,
    now: float | None = None,
) -> str:
    """The keyid that signed this POST; Refused when digest, signature, key or age are not in order.

    `headers` have lower-case names; `certificates` are those of the senders we know, by keyid.
    """
    components = {"@method": "POST", "@target-uri": url}
    return _verify(components, REQUEST_COMPONENTS, headers, body, certificates, now)


def verify_reply(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    certificates: Mapping[str, x509.Certificate],
    *,
    now: float | None = None,
) -> str:
    return _verify({"@status": str(status)}, REPLY_COMPONENTS, headers, body, certificates, now)


def _verify(
    derived: dict[str, str],
    required: tuple[str, ...],
    headers: Mapping[str, str],
    body: bytes,
    certificates: Mapping[str, x509.Certificate],
    now: float | None,
) -> str:
    _check_digest(headers, body)
    signed = _INPUT.fullmatch(headers.get("signature-input", "").strip())
    if signed is None:
        raise Refused("unsigned", "there is no Signature-Input of this protocol's form", 401)
    parameters = _parameters(signed["parameters"])
    names = re.findall(r'"([^"]*)"', signed["components"])
    if sorted(names) != sorted(required) or signed["components"] != " ".join(f'"{name}"' for name in names):
        raise Refused("components", f"the signature must cover exactly {', '.join(required)}", 401)
    if parameters.get("alg") != ALGORITHM or parameters.get("tag") != TAG:
        raise Refused("algorithm", f"the signature must be {ALGORITHM} with the tag {TAG}", 401)
    certificate = certificates.get(str(parameters.get("keyid")))
    if certificate is None:
        raise Refused("unknown_key", "the signing key is not known here", 401)
    values = {
        **derived,
        "content-type": headers.get("content-type", ""),
        "content-digest": headers["content-digest"],
    }
    base = _base({name: values[name] for name in names}, signed["params"])
    _check_signature(certificate, _signature(headers.get("signature", ""), signed["label"]), base)
    _check_age(parameters.get("created"), time.time() if now is None else now)
    return str(parameters["keyid"])


def _check_digest(headers: Mapping[str, str], body: bytes) -> None:
    digest = _DIGEST.search(headers.get("content-digest", ""))
    if digest is None:
        raise Refused("digest", "there is no Content-Digest with sha-256")
    if f"sha-256=:{digest['value']}:" != content_digest(body):
        raise Refused("digest", "the content is not the one its digest names")


def _parameters(text: str) -> dict[str, str | int]:
    found: dict[str, str | int] = {}
    position = 0
    while position < len(text):
        match = _PARAMETER.match(text, position)
        if match is None or match["name"] in found:
            raise Refused("unsigned", "the parameters of Signature-Input cannot be read", 401)
        found[match["name"]] = int(match["number"]) if match["number"] else match["text"]
        position = match.end()
    return found


def _signature(header: str, label: str) -> bytes:
    prefix = f"{label}=:"
    value = header.strip()
    if not (value.startswith(prefix) and value.endswith(":")):
        raise Refused("unsigned", "there is no Signature for the Signature-Input", 401)
    try:
        signature = base64.b64decode(value[len(prefix) : -1], validate=True)
    except binascii.Error as error:
        raise Refused("signature", "the signature is not base64", 401) from error
    if len(signature) != 64:
        raise Refused("signature", "the signature is not 64 bytes long", 401)
    return signature


def _check_signature(certificate: x509.Certificate, signature: bytes, base: bytes) -> None:
    public = certificate.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise Refused("algorithm", "the registered key is not a P-256 key", 401)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        public.verify(encode_dss_signature(r, s), base, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise Refused("signature", "the signature does not fit the message", 401) from error


def _check_age(created: str | int | None, now: float) -> None:
    if not isinstance(created, int):
        raise Refused("stale", "the signature does not say when it was created", 401)
    if now - created > MAX_AGE:
        raise Refused("stale", f"the signature is older than {MAX_AGE} seconds", 401)
    if created - now > MAX_AHEAD:
        raise Refused("stale", "the signature was created in the future", 401)
