"""Certification centres: issuing, the register of what was issued, OCSP answers and revocation lists.

A centre is a key and a certificate in DIR/pki; the register is one sqlite file beside them, which the pki program reads
at each request, so a revocation made by another process shows in the very next answer.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
    ObjectIdentifier,
)

OCSP_VALIDITY = timedelta(minutes=5)
CRL_VALIDITY = timedelta(minutes=30)
PERSON_VALIDITY = timedelta(days=3 * 365)
CENTRE_VALIDITY = timedelta(days=15 * 365)
TIMESTAMP_VALIDITY = timedelta(days=10 * 365)

_NAME_OIDS = {
    "C": NameOID.COUNTRY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "organizationIdentifier": NameOID.ORGANIZATION_IDENTIFIER,
    "title": NameOID.TITLE,
    "SN": NameOID.SURNAME,
    "GN": NameOID.GIVEN_NAME,
    "serialNumber": NameOID.SERIAL_NUMBER,
    "CN": NameOID.COMMON_NAME,
}
_SCHEMA = """
create table if not exists certificates (
    serial text primary key, centre text not null, subject text not null, not_after text not null, pem text not null,
    status text not null default 'good', changed_at text);
"""


@dataclass(frozen=True)
class Issued:
    """A certificate with its private key, as the centre hands it over."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def write(self, folder: Path, name: str, chain: Sequence[x509.Certificate] = ()) -> None:
        """NAME.key (private, PKCS#8), NAME.pem, and NAME.chain.pem (issuer first) when there is a chain."""
        folder.mkdir(parents=True, exist_ok=True)
        _write_private(folder / f"{name}.key", key_pem(self.key))
        (folder / f"{name}.pem").write_bytes(pem(self.certificate))
        if chain:
            (folder / f"{name}.chain.pem").write_bytes(b"".join(pem(certificate) for certificate in chain))

    @classmethod
    def read(cls, folder: Path, name: str) -> Issued:
        key = serialization.load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return cls(key, x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes()))


class Register:
    """What the centres issued, and what became of it: good, suspended or revoked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._open() as connection:
            connection.executescript(_SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=20)) as connection, connection:
            connection.row_factory = sqlite3.Row
            yield connection

    def add(self, centre: str, certificate: x509.Certificate) -> None:
        with self._open() as connection:
            connection.execute(
                "insert into certificates (serial, centre, subject, not_after, pem) values (?, ?, ?, ?, ?)",
                (
                    format(certificate.serial_number, "x"),
                    centre,
                    certificate.subject.rfc4514_string(),
                    certificate.not_valid_after_utc.isoformat(),
                    pem(certificate).decode(),
                ),
            )

    def set_status(self, serial: int, status: str, *, at: datetime | None = None) -> str:
        """Set a certificate good, suspended or revoked and return its subject.

        LookupError when it was never issued; ValueError when it is revoked, which is for ever.
        """
        moment = (at or datetime.now(UTC)).isoformat(timespec="seconds")
        with self._open() as connection:
            row = connection.execute(
                "select subject, status from certificates where serial = ?", (format(serial, "x"),)
            ).fetchone()
            if row is None:
                raise LookupError(f"no certificate has the serial number {serial:x}")
            if row["status"] == "revoked":
                raise ValueError("the certificate is revoked, and stays so")
            connection.execute(
                "update certificates set status = ?, changed_at = ? where serial = ?",
                (status, moment, format(serial, "x")),
            )
        return str(row["subject"])

    def status(self, centre: str, serial: int) -> tuple[str, datetime | None]:
        """(good | suspended | revoked | unknown, since when)."""
        with self._open() as connection:
            row = connection.execute(
                "select status, changed_at from certificates where serial = ? and centre = ?",
                (format(serial, "x"), centre),
            ).fetchone()
        if row is None:
            return "unknown", None
        return row["status"], datetime.fromisoformat(row["changed_at"]) if row["changed_at"] else None

    def withdrawn(self, centre: str) -> list[tuple[int, str, datetime]]:
        """(serial, suspended | revoked, since when) of every certificate of the centre that is not good."""
        with self._open() as connection:
            rows = connection.execute(
                "select serial, status, changed_at from certificates where centre = ? and status <> 'good'",
                (centre,),
            ).fetchall()
        return [(int(row["serial"], 16), row["status"], datetime.fromisoformat(row["changed_at"])) for row in rows]

    def listing(self) -> list[sqlite3.Row]:
        with self._open() as connection:
            return connection.execute("select * from certificates order by centre, subject").fetchall()


class Centre:
    """A certification centre: root or issuing."""

    def __init__(self, name: str, issued: Issued, parent: Centre | None, register: Register, base_url: str) -> None:
        self.name = name
        self.key = issued.key
        self.certificate = issued.certificate
        self.responder: Issued | None = None
        self.parent = parent
        self.register = register
        self.base_url = base_url
        public = self.certificate.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self.key_hashes = {hashlib.sha1(public).digest(), hashlib.sha256(public).digest()}

    @classmethod
    def found(
        cls,
        name: str,
        subject: dict[str, str],
        parent: Centre | None,
        register: Register,
        folder: Path,
        base_url: str,
    ) -> Centre:
        """A new centre, its key and certificate written to `folder`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject_name = _name(subject)
        now = datetime.now(UTC).replace(microsecond=0)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject_name)
            .issuer_name(parent.certificate.subject if parent else subject_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + CENTRE_VALIDITY - (timedelta(days=30) if parent else timedelta()))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0 if parent else 1), critical=True)
            .add_extension(_key_usage(key_cert_sign=True, crl_sign=True, digital_signature=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        if parent is not None:
            builder = parent._with_addresses(builder)
        certificate = builder.sign(parent.key if parent else key, hashes.SHA256())
        issued = Issued(key, certificate)
        issued.write(folder, name)
        if parent is not None:
            register.add(parent.name, certificate)
        centre = cls(name, issued, parent, register, base_url)
        # A responder of its own, exempt from revocation checks: pyHanko's past validation finds no end in answers
        # that a root signs itself, for it asks for the root's revocation state then.
        responder = {"C": subject["C"], "CN": f"{subject['CN']} OCSP"}
        centre.responder = centre.issue(responder, usage="ocsp", validity=TIMESTAMP_VALIDITY)
        centre.responder.write(folder, f"{name}-ocsp")
        return centre

    @classmethod
    def load(cls, name: str, parent: Centre | None, register: Register, folder: Path, base_url: str) -> Centre:
        centre = cls(name, Issued.read(folder, name), parent, register, base_url)
        centre.responder = Issued.read(folder, f"{name}-ocsp")
        return centre

    @property
    def chain(self) -> list[x509.Certificate]:
        """This centre's certificate and those above it, the root last."""
        return [self.certificate, *(self.parent.chain if self.parent else [])]

    def issue(
        self,
        subject: dict[str, str],
        *,
        usage: str,
        email: str | None = None,
        validity: timedelta = PERSON_VALIDITY,
        expired: bool = False,
    ) -> Issued:
        """Issue a certificate with a new P-256 key.

        `subject` by short names (C, O, organizationIdentifier, title, SN, GN, serialNumber, CN); `usage` is `auth` or
        `message` (digitalSignature), `sign` or `seal` (contentCommitment, formerly nonRepudiation), `timestamp`
        or `ocsp`.
        `expired`: its validity ended yesterday.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC).replace(microsecond=0)
        start = now - timedelta(hours=12)
        if expired:
            start, validity = now - timedelta(hours=23), timedelta(hours=1)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + validity)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        if usage in ("auth", "message"):
            builder = builder.add_extension(_key_usage(digital_signature=True), critical=True)
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        elif usage in ("sign", "seal"):
            builder = builder.add_extension(_key_usage(content_commitment=True), critical=True)
        elif usage == "timestamp":
            builder = builder.add_extension(_key_usage(digital_signature=True), critical=True)
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        elif usage == "ocsp":
            builder = builder.add_extension(_key_usage(digital_signature=True), critical=True)
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
            builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
        else:
            raise ValueError(f"there is no usage {usage!r}")
        if email:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.RFC822Name(email)]), critical=False)
        certificate = self._with_addresses(builder).sign(self.key, hashes.SHA256())
        self.register.add(self.name, certificate)
        return Issued(key, certificate)

    def ocsp_response(self, request: ocsp.OCSPRequest) -> bytes:
        """The signed answer for a certificate of this centre; a serial number it never issued is `unknown`."""
        assert self.responder is not None
        status, since = self.register.status(self.name, request.serial_number)
        withdrawn = status in ("revoked", "suspended")
        now = datetime.now(UTC).replace(microsecond=0)
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                request.issuer_name_hash,
                request.issuer_key_hash,
                request.serial_number,
                request.hash_algorithm,
                _OCSP_STATUS[status],
                now,
                now + OCSP_VALIDITY,
                since if withdrawn else None,
                _REASONS[status] if withdrawn else None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, self.responder.certificate)
            .certificates([self.responder.certificate])
        )
        for extension in request.extensions:
            if isinstance(extension.value, x509.OCSPNonce):
                builder = builder.add_extension(extension.value, critical=False)
        return builder.sign(self.responder.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def crl(self) -> bytes:
        """The revocation list of this moment, DER."""
        now = datetime.now(UTC).replace(microsecond=0)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now)
            .next_update(now + CRL_VALIDITY)
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
            .add_extension(self._authority_key(), critical=False)
        )
        for serial, status, since in self.register.withdrawn(self.name):
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since)
            entry = entry.add_extension(x509.CRLReason(_REASONS[status]), critical=False)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def _authority_key(self) -> x509.AuthorityKeyIdentifier:
        own = self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own.value)

    def _with_addresses(self, builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
        """Who issued it, and where to ask about it."""
        access = [
            (AuthorityInformationAccessOID.OCSP, f"{self.base_url}/ocsp"),
            (AuthorityInformationAccessOID.CA_ISSUERS, f"{self.base_url}/ca/{self.name}.cer"),
        ]
        descriptions = [_access(method, url) for method, url in access]
        point = x509.DistributionPoint(
            [x509.UniformResourceIdentifier(f"{self.base_url}/crl/{self.name}.crl")], None, None, None
        )
        return (
            builder.add_extension(self._authority_key(), critical=False)
            .add_extension(x509.AuthorityInformationAccess(descriptions), critical=False)
            .add_extension(x509.CRLDistributionPoints([point]), critical=False)
        )


_OCSP_STATUS = {
    "good": ocsp.OCSPCertStatus.GOOD,
    "revoked": ocsp.OCSPCertStatus.REVOKED,
    "suspended": ocsp.OCSPCertStatus.REVOKED,
    "unknown": ocsp.OCSPCertStatus.UNKNOWN,
}
_REASONS = {
    "revoked": x509.ReasonFlags.key_compromise,
    "suspended": x509.ReasonFlags.certificate_hold,
}


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def p12(issued: Issued, chain: Sequence[x509.Certificate], *, name: str, password: str) -> bytes:
    """A PKCS#12 file that browsers' WebCrypto can open: PBES2 with AES-256-CBC, PBKDF2 and HMAC with SHA-256."""
    from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12

    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(20_000)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(password.encode())
    )
    return pkcs12.serialize_key_and_certificates(name.encode(), issued.key, issued.certificate, list(chain), encryption)


def write_p12(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_private(path, content)


def _write_private(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)


def _access(method: ObjectIdentifier, url: str) -> x509.AccessDescription:
    return x509.AccessDescription(method, x509.UniformResourceIdentifier(url))


def _name(parts: dict[str, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(_NAME_OIDS[short], value) for short, value in parts.items()])


def _key_usage(**usages: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: usages.get(name, False) for name in names})
