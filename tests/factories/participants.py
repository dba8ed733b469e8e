"""Participants with keys of their own, and the portal's message key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from azexport.participants.actions import fingerprint_of
from azexport.participants.models import Participant, System
from sandbox.wire import MessageKey


@dataclass(frozen=True)
class KeyPair:
    """A message key with its certificate, as files have them and as the sandbox's wire wants them."""

    private: ec.EllipticCurvePrivateKey
    pem: str

    @property
    def wire(self) -> MessageKey:
        return MessageKey(self.private, x509.load_pem_x509_certificate(self.pem.encode()))

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "message.key").write_bytes(
            self.private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        (folder / "message.pem").write_text(self.pem)


def new_key(name: str, *, valid_from: datetime | None = None, valid_until: datetime | None = None) -> KeyPair:
    """A fresh P-256 key with a self-signed certificate, valid from 2020 to 2090 unless told otherwise."""
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_from or datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(valid_until or datetime(2090, 1, 1, tzinfo=UTC) + timedelta(days=1))
        .sign(private, hashes.SHA256())
    )
    return KeyPair(private, certificate.public_bytes(serialization.Encoding.PEM).decode())


@cache
def key_of(code: str) -> KeyPair:
    """The key of that participant, the same all through the test session."""
    return new_key(code)


def participant(
    code: str = "hazel-office",
    *,
    roles: tuple[str, ...] = ("permit-body",),
    base_url: str | None = "http://localhost:1",
    key: KeyPair | None = None,
) -> Participant:
    """A participant; with `base_url` it has an active system with its own key."""
    row = Participant.objects.create(
        code=code, name={"az": f"{code} idarəsi", "en": f"Office {code}"}, roles=list(roles)
    )
    if base_url is not None:
        pem = (key or key_of(code)).pem
        System.objects.create(participant=row, base_url=base_url, certificate=pem, fingerprint=fingerprint_of(pem))
    return row
