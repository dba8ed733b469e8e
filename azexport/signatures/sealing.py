"""The portal's own seal, with the key in settings.PORTAL_KEYS: detached CAdES-T on manifests, PAdES B-LTA on PDFs."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from asn1crypto import keys, pem, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from django.conf import settings
from django.utils import timezone
from pyhanko.sign.signers import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from azexport.kernel.errors import OutsideFailure
from azexport.signatures import certificates, pades, queries
from azexport.signatures.states import Purpose
from azexport.signatures.timestamps import ListedTimeStamper


def seal_bytes(content: bytes) -> bytes:
    """A detached CMS (DER) over the content: SHA-256, signing-certificate-v2, the chain with its root, a time stamp.

    Raises:
        OutsideFailure: the time-stamp authority did not answer, or none is listed.
    """
    authority = queries.trust_list().time_stamp_centre(timezone.now())
    if authority is None:
        raise OutsideFailure(permanent=False, code="time-stamp")
    return asyncio.run(_seal(content, authority.url))


def seal_pdf(content: bytes, field: str, *, now: datetime) -> bytes:
    """The PDF with the portal's seal in its empty field, at level B-LTA as every other signature. For jobs.

    Raises:
        OutsideFailure: a centre or the time-stamp authority did not answer; try again.
        Refused: the portal's own certificate is not in force.
    """
    trust = queries.trust_list()
    folder = Path(settings.PORTAL_KEYS)
    signer = _signer(folder, (folder / "seal.pem").stat().st_mtime_ns)
    certificate = signer.signing_cert
    assert certificate is not None
    assert signer.signing_key is not None
    centre = certificates.check_for_signing(certificate, trust, now=now, purpose=Purpose.SEAL)
    prepared = pades.prepare(content, field, certificate, centre, now=now)
    key = serialization.load_der_private_key(signer.signing_key.dump(), None)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        value = key.sign(prepared.signed_attrs, ec.ECDSA(hashes.SHA256()))
    else:
        assert isinstance(key, rsa.RSAPrivateKey)
        value = key.sign(prepared.signed_attrs, padding.PKCS1v15(), hashes.SHA256())
    return pades.complete(prepared, value, certificate, centre, trust, now=now)


async def _seal(content: bytes, address: str) -> bytes:
    folder = Path(settings.PORTAL_KEYS)
    signer = _signer(folder, (folder / "seal.pem").stat().st_mtime_ns)
    container = await signer.async_sign_general_data(
        content, "sha256", detached=True, use_cades=True, timestamper=ListedTimeStamper(address)
    )
    return bytes(container.dump())


@lru_cache(maxsize=4)
def _signer(folder: Path, changed: int) -> SimpleSigner:
    """The key is read once: reading it costs more than signing with it (trap 9)."""
    key = serialization.load_pem_private_key((folder / "seal.key").read_bytes(), None)
    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    certificate, *_rest = _certificates(folder / "seal.pem")
    chain = folder / "seal.chain.pem"
    above = _certificates(chain) if chain.exists() else queries.trust_list().certificates()
    return SimpleSigner(
        signing_cert=certificate,
        signing_key=keys.PrivateKeyInfo.load(der),
        cert_registry=SimpleCertificateStore.from_certs(above),
        embed_roots=True,
    )


def _certificates(path: Path) -> list[x509.Certificate]:
    return [x509.Certificate.load(der) for _kind, _headers, der in pem.unarmor(path.read_bytes(), multiple=True)]
