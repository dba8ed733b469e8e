"""A stored message of the exchange: its RFC 9421 signature, its digest, its certificate."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509.oid import NameOID

from azexport_verify.anchors import SEALS, Anchors

REQUEST = ("@method", "@target-uri", "content-type", "content-digest")
REPLY = ("@status", "content-type", "content-digest")
ALGORITHM = "ecdsa-p256-sha256"
TAG = "azexport"
_INPUT = re.compile(r'sig1=(?P<params>\((?P<names>"[^()]*")\)(?P<parameters>(?:;[a-z]+=(?:-?\d{1,15}|"[^"\\]*"))*))')
_PARAMETER = re.compile(r';(?P<name>[a-z]+)=(?:(?P<number>-?\d{1,15})|"(?P<text>[^"\\]*)")')


class Wrong(Exception):
    """The message is not in order; `code` is a code of report.TEXTS."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def check(content: bytes, anchors: Anchors) -> None:
    """Nothing when the stored message is in order.

    Raises:
        Wrong: it cannot be read, its content is not what its digest names, its signature is not right, or its
            certificate is not of a trusted centre or not its sender's.
    """
    try:
        data = json.loads(content)
        body = base64.b64decode(data["body"], validate=True)
        headers = _headers(data["headers"])
        certificate = x509.load_pem_x509_certificate(data["certificate"].encode())
        derived = _derived(data)
        sender = str(json.loads(body)["sender"])
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise Wrong("message_unreadable", repr(error)[:200]) from error
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    if headers.get("content-digest") != f"sha-256=:{digest}:":
        raise Wrong("message_digest")
    created = _check_signature(headers, derived, certificate)
    if anchors.issuer_of(certificate, SEALS) is None:
        raise Wrong("message_centre", certificate.issuer.rfc4514_string())
    if not certificate.not_valid_before_utc <= created <= certificate.not_valid_after_utc:
        raise Wrong("message_signature", "made outside the certificate's validity")
    owner = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)
    if [one.value for one in owner] != [f"GOVAZ-{sender}"]:
        raise Wrong("message_sender", sender)


def _headers(given: Any) -> dict[str, str]:
    """By lower-case name; ValueError when one comes twice."""
    pairs = given.items() if isinstance(given, Mapping) else [(name, value) for name, value in given]
    headers: dict[str, str] = {}
    for name, value in pairs:
        if name.lower() in headers:
            raise ValueError(f"the header {name} is there twice")
        headers[name.lower()] = str(value).strip()
    return headers


def _derived(data: Mapping[str, Any]) -> dict[str, str]:
    if data.get("method"):
        return {"@method": str(data["method"]).upper(), "@target-uri": str(data["target_uri"])}
    return {"@status": str(int(data["status"]))}


def _check_signature(headers: Mapping[str, str], derived: dict[str, str], certificate: x509.Certificate) -> datetime:
    """The moment the signature states; Wrong("message_signature") when it is not this message's."""
    signed = _INPUT.fullmatch(headers.get("signature-input", ""))
    value = re.fullmatch(r"sig1=:(?P<value>[A-Za-z0-9+/=]+):", headers.get("signature", ""))
    if signed is None or value is None:
        raise Wrong("message_signature", "no signature of the protocol's form")
    names = re.findall(r'"([^"]*)"', signed["names"])
    if sorted(names) != sorted(REQUEST if "@method" in derived else REPLY):
        raise Wrong("message_signature", f"covers {names}")
    found = {match["name"]: match["number"] or match["text"] for match in _PARAMETER.finditer(signed["parameters"])}
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
    if (found.get("alg"), found.get("tag"), found.get("keyid")) != (ALGORITHM, TAG, fingerprint):
        raise Wrong("message_signature", "another algorithm, tag or key")
    public = certificate.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise Wrong("message_signature", "not a P-256 key")
    components = {**derived, **headers}
    lines = [f'"{name}": {components.get(name, "")}' for name in names]
    base = "\n".join([*lines, f'"@signature-params": {signed["params"]}']).encode()
    try:
        raw = base64.b64decode(value["value"], validate=True)
        if len(raw) != 64:
            raise Wrong("message_signature", "not 64 bytes")
        pair = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
        public.verify(encode_dss_signature(*pair), base, ec.ECDSA(hashes.SHA256()))
        return datetime.fromtimestamp(int(found["created"]), UTC)
    except (InvalidSignature, ValueError, KeyError, OverflowError) as error:
        raise Wrong("message_signature", type(error).__name__) from error
