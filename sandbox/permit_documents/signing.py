"""Sign a paper with an official's key: PAdES B-LTA, made in the body's own process.

The whole chain up to and including the root, the OCSP answers for every certificate of it and for the time-stamp
authority's, and two time stamps go into the file, so that anybody can check it later without asking anybody.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from asn1crypto import algos, core, tsp
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from azexport_verify import asn1_repairs

logging.getLogger("pyhanko.sign.signers.pdf_signer").setLevel(logging.ERROR)  # it warns that nothing is fetched: meant

asn1_repairs.apply()

OCSP_KEPT = 60.0
"""Seconds for which an OCSP answer is used again."""
_EC_SIGNATURE_SIZE = 72
_TIMEOUT = 10


class HeldKey(Signer):
    """A signer whose private key is parsed once and held."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: asn1.Certificate, chain: Iterable[Any]) -> None:
        self._key = key
        super().__init__(
            signing_cert=certificate,
            cert_registry=SimpleCertificateStore.from_certs(chain),
            signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
            embed_roots=True,
        )

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        return bytes(_EC_SIGNATURE_SIZE) if dry_run else self._key.sign(data, ec.ECDSA(hashes.SHA256()))


@dataclass(frozen=True)
class Official:
    """Somebody who may sign for the body: key, certificate and the certificates above it, the root last."""

    name: str
    signer: HeldKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    @classmethod
    def load(cls, folder: Path, name: str) -> Official:
        """The official whose NAME.key, NAME.pem and NAME.chain.pem are in `folder`."""
        key = serialization.load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{folder / name}.key is not an elliptic curve key")
        certificate = x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())
        chain = tuple(x509.load_pem_x509_certificates((folder / f"{name}.chain.pem").read_bytes()))
        common_name = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
        signer = HeldKey(key, _asn1(certificate), [_asn1(above) for above in chain])
        return cls(str(common_name), signer, certificate, chain)

    @property
    def fingerprint(self) -> str:
        return self.certificate.fingerprint(hashes.SHA256()).hex()


class Stamper(TimeStamper):
    """RFC 3161 time stamps over HTTP."""

    def __init__(self, url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.url = url

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        async with httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False) as client:
            response = await client.post(
                self.url, content=req.dump(), headers={"Content-Type": "application/timestamp-query"}
            )
        response.raise_for_status()
        return tsp.TimeStampResp.load(response.content)


class Desk:
    """Where officials sign: their keys held, the centres' answers kept for a minute, the time-stamp authority known."""

    def __init__(self, home: Path, tsa_url: str) -> None:
        self.home = home
        self.stamper = Stamper(tsa_url)
        self._officials: dict[str, Official] = {}
        self._answers: dict[bytes, tuple[float, asn1_ocsp.OCSPResponse]] = {}
        self._stamper_chain: tuple[x509.Certificate, ...] = ()
        self._lock = threading.Lock()

    def official(self, name: str) -> Official:
        """The official of that key name; FileNotFoundError when the body has no such key."""
        with self._lock:
            if name not in self._officials:
                self._officials[name] = Official.load(self.home, name)
            return self._officials[name]

    def sign(self, pdf: bytes, official: Official, *, reason: str, location: str = "") -> bytes:
        """The PDF signed, B-LTA. With a key whose certificate is not good any more it becomes B-T: no centre's answer
        could prove such a signature, and what is wrong is for the reader to find."""
        return asyncio.run(self._sign(pdf, official, reason, location))

    async def _sign(self, pdf: bytes, official: Official, reason: str, location: str) -> bytes:
        if not self._stamper_chain:
            self._stamper_chain = await self._ask_stamper_chain()
        chains = ((official.certificate, *official.chain), self._stamper_chain)
        answers = await self._answers_for(chains)
        good = all(_is_good(answer) for answer in answers)
        field = _field_name(official.name)
        metadata = PdfSignatureMetadata(
            field_name=field,
            md_algorithm="sha256",
            name=official.name,
            reason=reason,
            location=location or None,
            subfilter=SigSeedSubFilter.PADES,
            use_pades_lta=good,
            embed_validation_info=good,
            validation_context=_context(chains, answers) if good else None,
        )
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        signer = PdfSigner(
            metadata,
            signer=official.signer,
            timestamper=self.stamper,
            new_field_spec=SigFieldSpec(field),
        )
        output = io.BytesIO()
        await signer.async_sign_pdf(writer, output=output)
        return output.getvalue()

    async def _ask_stamper_chain(self) -> tuple[x509.Certificate, ...]:
        """The time-stamp authority's certificates, its own first, as its answers bring them."""
        token = await self.stamper.async_dummy_response("sha256")
        found = [x509.load_der_x509_certificate(one.chosen.dump()) for one in token["content"]["certificates"]]
        by_subject = {certificate.subject: certificate for certificate in found}
        issuers = {certificate.issuer for certificate in found}
        chain = [next(certificate for certificate in found if certificate.subject not in issuers)]
        while chain[-1].issuer != chain[-1].subject:
            chain.append(by_subject[chain[-1].issuer])
        return tuple(chain)

    async def _answers_for(self, chains: Iterable[tuple[x509.Certificate, ...]]) -> list[asn1_ocsp.OCSPResponse]:
        """An OCSP answer for every certificate that has somebody above it, each asked once a minute."""
        pairs = {
            certificate.fingerprint(hashes.SHA256()): (certificate, issuer)
            for chain in chains
            for certificate, issuer in itertools.pairwise(chain)
        }
        async with httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False) as client:
            asked = [self._answer(client, key, *pair) for key, pair in pairs.items()]
            return list(await asyncio.gather(*asked))

    async def _answer(
        self, client: httpx.AsyncClient, key: bytes, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> asn1_ocsp.OCSPResponse:
        now = time.monotonic()
        if key in self._answers and now - self._answers[key][0] < OCSP_KEPT:
            return self._answers[key][1]
        request = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1()).build()
        response = await client.post(
            _ocsp_url(certificate),
            content=request.public_bytes(serialization.Encoding.DER),
            headers={"Content-Type": "application/ocsp-request"},
        )
        response.raise_for_status()
        answer = asn1_ocsp.OCSPResponse.load(response.content)
        self._answers[key] = (now, answer)
        return answer


def tampered(pdf: bytes) -> bytes:
    """The signed file with one byte of what was signed changed; it opens as before."""
    place = pdf.find(b"<xmp:CreatorTool>")
    if place < 0:
        raise ValueError("the file says nowhere who made it")
    place += len(b"<xmp:CreatorTool>")
    return pdf[:place] + bytes([pdf[place] ^ 0x20]) + pdf[place + 1 :]


def _context(
    chains: Iterable[tuple[x509.Certificate, ...]], answers: list[asn1_ocsp.OCSPResponse]
) -> ValidationContext:
    certificates = [_asn1(certificate) for chain in chains for certificate in chain]
    roots = [certificate for certificate in certificates if certificate.self_issued]
    return ValidationContext(
        trust_roots=roots, other_certs=certificates, ocsps=answers, allow_fetching=False, revocation_mode="hard-fail"
    )


def _is_good(answer: asn1_ocsp.OCSPResponse) -> bool:
    single = answer.basic_ocsp_response["tbs_response_data"]["responses"][0]
    return bool(single["cert_status"].name == "good")


def _ocsp_url(certificate: x509.Certificate) -> str:
    access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    found = [one for one in access if one.access_method == AuthorityInformationAccessOID.OCSP]
    return str(found[0].access_location.value)


def _asn1(certificate: x509.Certificate) -> asn1.Certificate:
    return asn1.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _field_name(name: str) -> str:
    """Field names may not contain full stops; they may be in any letters."""
    return core.UTF8String(name.replace(".", " ")).native or "Official"
