"""The portal's own seal on manifests: a detached CAdES-T signature with the key in settings.PORTAL_KEYS."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from pathlib import Path

from asn1crypto import keys, pem, x509
from cryptography.hazmat.primitives import serialization
from django.conf import settings
from django.utils import timezone
from pyhanko.sign.signers import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from azexport.kernel.errors import OutsideFailure
from azexport.signatures import queries
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
