"""The soft key's scripts against keys and signed attributes made by other hands (cryptography, asn1crypto)."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import algos, cms, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID

from tools import frontend

PASSWORD = "şifrə sandbox"
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    frontend.build()


def make_key(
    *, key: Key | None = None, signing: bool = True, days: int = 365, certified: Key | None = None
) -> tuple[bytes, x509.Certificate]:
    """(.p12, its certificate); `certified` is another key that the certificate is about."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Leyla Məmmədova")])
    start = datetime.now(UTC) - timedelta(days=400)
    usage = x509.KeyUsage(not signing, signing, False, False, False, False, False, False, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key((certified or key).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(datetime.now(UTC) + timedelta(days=days))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    if certified is None:
        p12 = pkcs12.serialize_key_and_certificates(
            b"key", key, certificate, None, BestAvailableEncryption(PASSWORD.encode())
        )
    else:
        # cryptography refuses such a file, so the stranger's certificate goes in as if it were a centre's.
        p12 = pkcs12.serialize_key_and_certificates(
            b"key", key, None, [certificate], BestAvailableEncryption(PASSWORD.encode())
        )
    return p12, certificate


def attributes_for(certificate: bytes, digest: bytes) -> bytes:
    """The DER of what a CAdES signature of that digest signs."""
    signer = tsp.SigningCertificateV2(
        {
            "certs": [
                tsp.ESSCertIDv2(
                    {
                        "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                        "cert_hash": hashlib.sha256(certificate).digest(),
                    }
                )
            ]
        }
    )
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [digest]}),
            cms.CMSAttribute({"type": "signing_certificate_v2", "values": [signer]}),
        ]
    )
    return bytes(attributes.dump())


def use(p12: bytes, *, password: str = PASSWORD, purpose: str = "sign", **more: Any) -> dict[str, Any]:
    """What the page's scripts do with the key."""
    node, _npm = frontend.commands()
    task = {"p12": base64.b64encode(p12).decode(), "password": password, "purpose": purpose, **more}
    done = subprocess.run(
        [*node, str(Path(__file__).with_name("key.mjs")), str(frontend.FRONTEND / "scripts")],
        input=json.dumps(task), capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def sign(p12: bytes, attributes: bytes, digest: bytes) -> dict[str, Any]:
    return use(p12, attributes=base64.b64encode(attributes).decode(), digest=digest.hex())


def test_an_elliptic_curve_key_signs_the_attributes_with_a_der_signature() -> None:
    p12, certificate = make_key()
    digest = hashlib.sha256(b"the document").digest()
    attributes = attributes_for(der(certificate), digest)

    answer = sign(p12, attributes, digest)

    assert answer["digest"] == digest.hex()
    assert base64.b64decode(answer["certificate"]) == der(certificate)
    public = certificate.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(base64.b64decode(answer["signature"]), attributes, ec.ECDSA(hashes.SHA256()))


def test_an_rsa_key_signs_the_attributes_with_pkcs1() -> None:
    p12, certificate = make_key(key=rsa.generate_private_key(65537, 2048))
    digest = hashlib.sha256(b"the document").digest()
    attributes = attributes_for(der(certificate), digest)

    answer = sign(p12, attributes, digest)

    public = certificate.public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    public.verify(base64.b64decode(answer["signature"]), attributes, padding.PKCS1v15(), hashes.SHA256())


def test_attributes_of_another_document_are_not_signed() -> None:
    p12, certificate = make_key()
    attributes = attributes_for(der(certificate), hashlib.sha256(b"another document").digest())

    answer = sign(p12, attributes, hashlib.sha256(b"the document").digest())

    assert answer == {"refused": "otherDocument", "field": "key-file"}


def test_attributes_that_name_another_certificate_are_not_signed() -> None:
    p12, _certificate = make_key()
    _p12, stranger = make_key()
    digest = hashlib.sha256(b"the document").digest()

    assert sign(p12, attributes_for(der(stranger), digest), digest)["refused"] == "otherCertificate"


def test_attributes_with_anything_behind_them_are_not_signed() -> None:
    p12, certificate = make_key()
    digest = hashlib.sha256(b"the document").digest()

    assert sign(p12, attributes_for(der(certificate), digest) + b"\0", digest)["refused"] == "otherDocument"


def test_a_wrong_password_is_said_to_be_one() -> None:
    p12, _certificate = make_key()

    assert use(p12, password="wrong") == {"refused": "wrongPassword", "field": "key-password"}


def test_a_file_that_is_no_key_is_said_to_be_none() -> None:
    assert use(b"%PDF-1.7 not a key")["refused"] == "notAKey"


def test_an_expired_certificate_is_refused_before_anything_is_sent() -> None:
    p12, _certificate = make_key(days=-1)

    assert use(p12)["refused"] == "expired"


@pytest.mark.parametrize(
    ("signing", "purpose", "reason"), [(False, "sign", "notForSigning"), (True, "sign-in", "notForSignIn")]
)
def test_a_certificate_of_the_other_kind_is_refused(signing: bool, purpose: str, reason: str) -> None:
    p12, _certificate = make_key(signing=signing)

    assert use(p12, purpose=purpose)["refused"] == reason


def test_a_certificate_that_does_not_belong_to_the_key_is_refused() -> None:
    p12, _certificate = make_key(certified=ec.generate_private_key(ec.SECP256R1()))

    assert use(p12)["refused"] == "mismatch"
