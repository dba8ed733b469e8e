"""The sandbox's real certification centres on loopback, demo keys, and signing the way a browser does."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509 import ocsp
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pytest_django.fixtures import Settings as SettingsWrapper

from azexport.documents.rendering import render_pdf
from azexport.kernel.actor import SYSTEM, NamedActor
from azexport.signatures import actions, certificates, pades, queries, raw, trust_files
from azexport.signatures.identity import load_certificate
from azexport.signatures.models import SigningRequest
from azexport.signatures.states import Purpose
from azexport.signatures.trust import Centre, TrustList, parse_pem
from azexport.signatures.validation import SignatureReport, validate

ROOT = Path(__file__).resolve().parent.parent.parent
LEYLA = NamedActor("person", "PS-LEYLA", "Leyla Məmmədova")
LEYLA_EXPECTED: dict[str, str | None] = {"fin": "5XK7P2M", "voen": "3433956371", "foreign_id": None}
JONAS = NamedActor("person", "PS-JONAS", "Jonas Weber")
JONAS_EXPECTED: dict[str, str | None] = {"fin": None, "voen": None, "foreign_id": "PNODE-L8X2T5V91"}


@dataclass(frozen=True)
class Key:
    """A soft key as the browser holds it."""

    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    der: bytes

    @property
    def serial(self) -> str:
        return format(x509.load_der_x509_certificate(self.der).serial_number, "x")

    def sign(self, data: bytes) -> bytes:
        """SHA-256 signature: DER for EC, PKCS#1 v1.5 for RSA."""
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self.private.sign(data, ec.ECDSA(hashes.SHA256()))

    def sign_p1363(self, data: bytes) -> bytes:
        """As WebCrypto gives it: r || s."""
        assert isinstance(self.private, ec.EllipticCurvePrivateKey)
        return raw.to_p1363(self.sign(data), self.private.public_key())


@dataclass(frozen=True)
class SandboxPki:
    """A running pki program and its folder."""

    folder: Path
    port: int

    def key(self, name: str) -> Key:
        """`people/leyla-mammadova-sign`, `people-faulty/revoked-sign`"""
        content = (self.folder / f"{name}.p12").read_bytes()
        private, certificate, _chain = pkcs12.load_key_and_certificates(content, b"sandbox")
        assert certificate is not None
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        return Key(private, certificate.public_bytes(Encoding.DER))

    def centres(self) -> dict[str, Any]:
        from sandbox import pki

        return pki.load_centres(self.folder / "pki", f"http://localhost:{self.port}")

    def issue(self, centre: str = "az-persons", usage: str = "sign", **subject: str) -> Key:
        """A fresh key of its own for a test that changes its state; Leyla's names unless told otherwise."""
        names = {
            "C": "AZ", "O": "Şəki Fındıq MMC", "organizationIdentifier": "VATAZ-3433956371", "SN": "Məmmədova",
            "GN": "Leyla", "serialNumber": "PNOAZ-5XK7P2M", "CN": "Leyla Məmmədova",
        } | subject  # fmt: skip
        issued = self.centres()[centre].issue(names, usage=usage)
        return Key(issued.key, issued.certificate.public_bytes(Encoding.DER))

    def good_of(self, key: Key, at: datetime, *, centre: str = "az-persons") -> bytes:
        """What the centre's own responder said at that moment, for a week: some centres answer ahead."""
        above = self.centres()[centre]
        assert above.responder is not None
        certificate = x509.load_der_x509_certificate(key.der)
        told = at.replace(microsecond=0)
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response(certificate, above.certificate, hashes.SHA1(), ocsp.OCSPCertStatus.GOOD, told,
                          told + timedelta(days=7), None, None)
            .responder_id(ocsp.OCSPResponderEncoding.HASH, above.responder.certificate)
            .certificates([above.responder.certificate])
        )  # fmt: skip
        return builder.sign(above.responder.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def set_status(self, key: Key, status: str, at: datetime | None = None) -> None:
        """good, suspended or revoked: the very next answer tells."""
        centres = self.centres()
        next(iter(centres.values())).register.set_status(int(key.serial, 16), status, at=at)


def free_port_base() -> int:
    """Below the ephemeral range; at random, as other runs look for one at the same time."""
    for _attempt in range(200):
        base = random.randrange(11000, 32000, 40)
        if all(_is_free(base + offset) for offset in range(1, 26)):
            return base
    raise RuntimeError("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture(scope="session")
def sandbox_pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxPki]:
    """The sandbox's own pki program, as `make run` starts it."""
    folder = tmp_path_factory.mktemp("sandbox")
    base = free_port_base()
    command = [sys.executable, "-m", "sandbox"]
    subprocess.run(
        [*command, "setup", "--dir", str(folder), "--port-base", str(base)], check=True, cwd=ROOT, timeout=60
    )
    program = subprocess.Popen([*command, "run", "pki", "--dir", str(folder)], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        _wait_for(base + 1, (folder / "pki" / "az-root.pem").read_bytes())
        yield SandboxPki(folder, base + 1)
    finally:
        program.terminate()
        program.wait(timeout=10)


def _wait_for(port: int, root: bytes) -> None:
    for _attempt in range(200):
        try:
            answer = httpx.get(f"http://localhost:{port}/ca/az-root.cer", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
            continue
        if x509.load_der_x509_certificate(answer.content) == x509.load_pem_x509_certificate(root):
            return
        raise RuntimeError("another pki program has the port")
    raise RuntimeError("the pki program did not start")


@pytest.fixture
def pki(sandbox_pki: SandboxPki, db: None, settings: SettingsWrapper) -> SandboxPki:
    """The portal trusts the running sandbox."""
    settings.SANDBOX = sandbox_pki.folder
    settings.PORTAL_KEYS = sandbox_pki.folder / "portal"
    actions.load_trust(folder=sandbox_pki.folder / "trust", by=SYSTEM, now=datetime.now(UTC))
    return sandbox_pki


SPECIMEN: dict[str, Any] = {
    "title": {"az": "Alqı-satqı müqaviləsi", "en": "Contract of sale"},
    "number": "CT-7K3M-9XQ2-P",
    "date": "5 oktyabr 2026",
    "seller": {
        "name": "Şəki Fındıq MMC",
        "address": {"az": "Şəki şəhəri", "en": "Sheki"},
        "voen": "3433956371",
        "signer": "Leyla Məmmədova",
    },
    "buyer": {"name": "Weber Nuss GmbH", "address": "Hamburg", "signer": "Jonas Weber"},
    "terms": [{"label": {"az": "Valyuta", "en": "Currency"}, "value": "EUR"}],
    "rows": [["1", {"az": "Fındıq ləpəsi", "en": "Hazelnuts, shelled"}, "0802.22", "20.000 kq", "120.000,00 EUR"]],
    "total": "120.000,00 EUR",
}


@lru_cache(maxsize=8)
def a_pdf(*fields: str) -> bytes:
    """A contract as the portal renders it, with empty fields `Seller` and `Buyer` unless told otherwise.

    The same bytes each time, so they are rendered once.
    """
    return render_pdf(
        "documents/specimen.typ", SPECIMEN, signature_fields=fields or ("Seller", "Buyer"), code="7K3M9XQ20ABC"
    )


def ask(content: bytes | None = None, **given: Any) -> SigningRequest:
    """Leyla is asked to sign the contract as its seller."""
    values: dict[str, Any] = {
        "content": content or a_pdf(),
        "title": {"az": "Müqavilə", "en": "Contract"},
        "purpose": "specimen",
        "subject": "CT-7K3M-9XQ2-P",
        "field": "Seller",
        "signer": LEYLA,
        "expected": LEYLA_EXPECTED,
        "return_url": "/contracts/CT-7K3M-9XQ2-P/",
        "by": LEYLA,
        "now": datetime.now(UTC),
    } | given
    return actions.request_signature(**values)


def sign_request(request: SigningRequest, key: Key, by: NamedActor = LEYLA) -> SigningRequest:
    """What the browser and then the job do."""
    attributes = actions.prepare(request.reference, key.der, by=by, now=datetime.now(UTC))
    actions.submit_signature_value(request.reference, key.sign_p1363(attributes), by=by, now=datetime.now(UTC))
    return actions.complete(request.reference, now=datetime.now(UTC))


def trust_of(pki: SandboxPki) -> TrustList:
    """The sandbox's list as it is in its folder: for what is signed once for many tests."""
    fields = ("kind", "country", "ocsp", "url", "valid_from", "valid_until")
    return TrustList(
        tuple(
            Centre(
                root=parse_pem(one.root), issuer=parse_pem(one.issuer), **{name: getattr(one, name) for name in fields}
            )
            for one in trust_files.read(pki.folder / "trust")
        )
    )


def sign_directly(
    content: bytes, field: str, key: Key, purpose: Purpose = Purpose.SIGN, *, trust: TrustList | None = None
) -> bytes:
    """A B-LTA signature without a request: for tests of validation."""
    now = datetime.now(UTC)
    certificate = load_certificate(key.der)
    trust = trust or queries.trust_list()
    centre = certificates.check_for_signing(certificate, trust, now=now, purpose=purpose)
    prepared = pades.prepare(content, field, certificate, centre, now=now)
    return pades.complete(prepared, key.sign(prepared.signed_attrs), certificate, centre, trust, now=datetime.now(UTC))


def look(content: bytes, **given: Any) -> SignatureReport:
    """What is said of the first signature, in this process: no other has its clock, its cache, its patches."""
    values: dict[str, Any] = {"now": datetime.now(UTC)} | given
    return validate(content, queries.trust_list(), **values)[0]


def edited(content: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """The file with an increment by somebody who is not asked."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def issue_by_hand(pki: SandboxPki, key: Any, *, centre: str = "az-persons", ca: str | None = None) -> Key:
    """Leyla's certificate for a key that the sandbox's centre would not certify."""
    above = pki.centres()[centre]
    issued = above.issue(
        {"C": "AZ", "O": "X", "organizationIdentifier": "VATAZ-3433956371", "serialNumber": "PNOAZ-5XK7P2M", "CN": "L"},
        usage="sign",
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(issued.certificate.subject)
        .issuer_name(above.certificate.subject)
        .public_key(key.public_key())
        .serial_number(issued.certificate.serial_number)
        .not_valid_before(issued.certificate.not_valid_before_utc)
        .not_valid_after(issued.certificate.not_valid_after_utc)
    )
    for extension in issued.certificate.extensions:
        if extension.oid != x509.SubjectKeyIdentifier.oid:
            builder = builder.add_extension(extension.value, critical=extension.critical)
    certificate = builder.sign(above.key, hashes.SHA256())
    return Key(key, certificate.public_bytes(Encoding.DER))


def sign_unchecked(content: bytes, key: Key, **options: Any) -> bytes:
    """Signed B-LTA by somebody who does not check their own certificate first."""
    certificate = load_certificate(key.der)
    trust = queries.trust_list()
    centre = next(one for one in trust.centres if one.kind == options.get("kind", "eimza"))
    now = datetime.now(UTC)
    prepared = pades.prepare(content, "Seller", certificate, centre, now=now)
    return pades.complete(prepared, key.sign(prepared.signed_attrs), certificate, centre, trust, now=now)


def token(key: Key, nonce: str, origin: str = "http://localhost:8000", **changed: Any) -> dict[str, Any]:
    """A Web eID token for the challenge."""
    data = hashlib.sha256(origin.encode()).digest() + hashlib.sha256(nonce.encode()).digest()
    return {
        "unverifiedCertificate": base64.b64encode(key.der).decode(),
        "algorithm": "ES256",
        "signature": base64.b64encode(key.sign_p1363(data)).decode(),
        "format": "web-eid:1.0",
        "appVersion": "tests",
    } | changed


def as_json(value: Any) -> str:
    return json.dumps(value)
