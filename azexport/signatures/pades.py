"""Making PAdES B-LTA in steps: a gap in the PDF, attributes to sign, and the container that fills the gap.

The private key is elsewhere: what is signed there is the DER of the signed attributes, which bind the document's
digest and the signer's certificate (signing-certificate-v2, threat 5).
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from asn1crypto import cms, ocsp, tsp, x509
from cryptography.hazmat.primitives import hashes
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import ExternalSigner, PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp, PreparedByteRangeDigest
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator.registry import SimpleCertificateStore

from azexport.signatures import raw, revocation
from azexport.signatures.errors import Refused
from azexport.signatures.pdf import Increment
from azexport.signatures.states import ServiceKind, Verdict
from azexport.signatures.timestamps import ListedTimeStamper
from azexport.signatures.trust import Centre, TrustList

DIGEST = "sha256"
ROOM_FOR_TIME_STAMP = 6 * 1024
ROOM_BESIDE_CERTIFICATES = 1536


@dataclass(frozen=True)
class Prepared:
    """A PDF with a gap for one signature, and what the signer's key must sign."""

    content: bytes
    gap_start: int
    gap_end: int
    digest: bytes
    signed_attrs: bytes
    """DER of the attributes as a SET OF: the bytes to sign."""


def covered(content: bytes, gap_start: int, gap_end: int) -> bytes:
    """What the signature covers: everything but the gap."""
    return content[:gap_start] + content[gap_end:]


def prepare(content: bytes, field: str, certificate: x509.Certificate, centre: Centre, *, now: datetime) -> Prepared:
    """The PDF with the empty field's gap, and the attributes to sign."""
    return asyncio.run(_prepare(content, field, certificate, centre, now))


async def _prepare(
    content: bytes, field: str, certificate: x509.Certificate, centre: Centre, now: datetime
) -> Prepared:
    signer = _signer(certificate, centre, None)
    metadata = PdfSignatureMetadata(field_name=field, md_algorithm=DIGEST, subfilter=SigSeedSubFilter.PADES)
    room = sum(len(one.dump()) for one in (certificate, *centre.chain))
    digest, _document, out = await PdfSigner(metadata, signer).async_digest_doc_for_signing(
        Increment(content),
        existing_fields_only=True,
        bytes_reserved=2 * (room + ROOM_FOR_TIME_STAMP + ROOM_BESIDE_CERTIFICATES),
    )
    attributes = await signer.signed_attrs(digest.document_digest, DIGEST, use_pades=True)
    out.seek(0)
    return Prepared(
        content=out.read(),
        gap_start=digest.reserved_region_start,
        gap_end=digest.reserved_region_end,
        digest=digest.document_digest,
        signed_attrs=attributes.dump(),
    )


def complete(
    prepared: Prepared, signature: bytes, certificate: x509.Certificate, centre: Centre, trust: TrustList, *,
    now: datetime,
) -> bytes:  # fmt: skip
    """The PDF signed at level B-LTA: signature time stamp, revocation data of every chain, document time stamp.

    Revocation is asked after the signature time stamp is had, so what the centre says holds at signing time.

    Raises:
        Refused: revoked, suspended or indeterminate; malformed where the prepared state was tampered with.
        OutsideFailure: no time stamp could be had; trying again may help.
    """
    _recheck(prepared, signature, certificate)
    authority = trust.time_stamp_centre(now)
    if authority is None:
        raise Refused(Verdict.INDETERMINATE, "no time-stamp authority is listed")
    return asyncio.run(_complete(prepared, signature, certificate, centre, trust, authority, now))


def _recheck(prepared: Prepared, signature: bytes, certificate: x509.Certificate) -> None:
    """Nothing changed between the steps (threat 16)."""
    digest = hashlib.sha256(covered(prepared.content, prepared.gap_start, prepared.gap_end)).digest()
    attributes = {
        attribute["type"].native: attribute["values"][0] for attribute in cms.CMSAttributes.load(prepared.signed_attrs)
    }
    bound = attributes["signing_certificate_v2"]["certs"][0]["cert_hash"].native
    if attributes["message_digest"].native != digest or bound != hashlib.sha256(certificate.dump()).digest():
        raise Refused(Verdict.ALTERED, "the prepared file is not the one that was signed")
    raw.verify(signature, prepared.signed_attrs, certificate, hashes.SHA256())


async def _complete(
    prepared: Prepared, signature: bytes, certificate: x509.Certificate, centre: Centre, trust: TrustList,
    authority: Centre, now: datetime,
) -> bytes:  # fmt: skip
    stamper = ListedTimeStamper(authority.url)
    container = await _signer(certificate, centre, signature).async_sign_prescribed_attributes(
        DIGEST, cms.CMSAttributes.load(prepared.signed_attrs), timestamper=stamper
    )
    out = io.BytesIO(prepared.content)
    gap = PreparedByteRangeDigest(prepared.digest, prepared.gap_start, prepared.gap_end)
    gap.fill_with_cms(out, container)
    responses = _revocation(_path(certificate, centre), trust, now)
    responses += _revocation(_path(_stamp_certificate(container), authority), trust, now)
    certificates = [*_path(certificate, centre), *_path(_stamp_certificate(container), authority)]
    return await seal_with_time(out.getvalue(), certificates, responses, stamper)


async def seal_with_time(
    content: bytes,
    certificates: Sequence[x509.Certificate],
    responses: Sequence[bytes],
    stamper: ListedTimeStamper,
) -> bytes:
    """One increment with the validation data, roots included (trap 3), and a document time stamp over all of it."""
    writer = Increment(content)
    DocumentSecurityStore.supply_dss_in_writer(
        writer, None, certs=certificates, ocsps=[ocsp.OCSPResponse.load(response) for response in responses]
    )
    count = sum(1 for one in writer.prev.embedded_signatures if one.sig_object_type == "/DocTimeStamp")
    name = f"ArchiveTimestamp{count + 1}"
    steps = PdfCMSEmbedder(new_field_spec=SigFieldSpec(name)).write_cms(name, writer)
    next(steps)
    steps.send(SigObjSetup(sig_placeholder=DocumentTimestamp(bytes_reserved=2 * ROOM_FOR_TIME_STAMP)))
    digest, out = steps.send(SigIOSetup(md_algorithm=DIGEST))
    steps.send(await stamper.async_timestamp(digest.document_digest, DIGEST))
    out.seek(0)
    return bytes(out.read())


@dataclass(frozen=True)
class Proof:
    """Until when, and by what means, a file's newest document time stamp proves its signatures."""

    ends_at: datetime | None
    """When that time stamp's certificate ends: before it `renew` must be called (trap 6). None: there is no stamp."""
    algorithms: tuple[str, ...]
    """What the proof rests on: digests, signature algorithm, kind and size of the key (`sha256`, `ec_256` …)."""

    def as_data(self) -> dict[str, Any]:
        """JSON, for another process."""
        return {"ends_at": self.ends_at and self.ends_at.isoformat(), "algorithms": list(self.algorithms)}

    @classmethod
    def of_data(cls, data: dict[str, Any]) -> Proof:
        """What `as_data` was made of."""
        ends_at = datetime.fromisoformat(data["ends_at"]) if data["ends_at"] else None
        return cls(ends_at, tuple(str(one) for one in data["algorithms"]))


def proof_of(content: bytes) -> Proof:
    """What the file's newest document time stamp is worth.

    Raises:
        Refused: malformed.
    """
    try:
        stamps = PdfFileReader(io.BytesIO(content)).embedded_timestamp_signatures
        return _proof(stamps[-1]) if stamps else Proof(None, ())
    except Exception as error:  # hostile PDFs raise nine kinds of exception (trap 7)
        raise Refused(Verdict.MALFORMED, type(error).__name__) from error


def _proof(stamp: EmbeddedPdfSignature) -> Proof:
    certificate, info = stamp.signer_cert, stamp.signer_info
    imprint = stamp.signed_data["encap_content_info"]["content"].parsed["message_imprint"]
    key = certificate.public_key
    named = {
        imprint["hash_algorithm"]["algorithm"].native,
        info["digest_algorithm"]["algorithm"].native,
        info["signature_algorithm"]["algorithm"].native,
        certificate["signature_algorithm"]["algorithm"].native,
        f"{key.algorithm}_{key.bit_size}",
    }
    return Proof(certificate.not_valid_after, tuple(sorted(named)))


def renew(content: bytes, trust: TrustList, *, now: datetime) -> bytes:
    """The same file with one more document time stamp, and today's answers about the last one's authority and its own.

    Raises:
        Refused: malformed; unknown_centre, where the last stamp's authority is not listed any more; revoked;
            indeterminate, where none is listed or its centre does not answer.
        OutsideFailure: no time stamp could be had; trying again may help.
    """
    authority = trust.time_stamp_centre(now)
    if authority is None:
        raise Refused(Verdict.INDETERMINATE, "no time-stamp authority is listed")
    try:
        stamps = PdfFileReader(io.BytesIO(content)).embedded_timestamp_signatures
        last = stamps[-1].signer_cert
    except Exception as error:  # hostile PDFs raise nine kinds of exception (trap 7)
        raise Refused(Verdict.MALFORMED, f"no document time stamp: {type(error).__name__}") from error
    # The authority may have another centre by now than when it stamped last.
    former = trust.issuer_of(last, [ServiceKind.TIMESTAMP])
    if former is None:
        raise Refused(Verdict.UNKNOWN_CENTRE, last.issuer.human_friendly)
    renewed = asyncio.run(_renew(content, _path(last, former), authority, trust, now))
    _require_stamped(renewed, trust, now)
    return renewed


async def _renew(
    content: bytes, path: list[x509.Certificate], authority: Centre, trust: TrustList, now: datetime
) -> bytes:
    stamper = ListedTimeStamper(authority.url)
    # With what certificate it stamps today only a stamp tells.
    trial = await stamper.async_dummy_response(DIGEST)
    own = _path(signer_of_token(trial["content"]), authority)
    responses = _revocation(path, trust, now) + _revocation(own, trust, now)
    return await seal_with_time(content, [*path, *own], responses, stamper)


def _require_stamped(content: bytes, trust: TrustList, now: datetime) -> None:
    """The newest time stamp is a listed authority's, over the whole file."""
    stamp = PdfFileReader(io.BytesIO(content)).embedded_timestamp_signatures[-1]
    stamp.compute_integrity_info()
    imprint = stamp.signed_data["encap_content_info"]["content"].parsed["message_imprint"]["hashed_message"].native
    authority = trust.issuer_of(stamp.signer_cert, [ServiceKind.TIMESTAMP])
    whole = stamp.summarise_integrity_info()["coverage"] == SignatureCoverageLevel.ENTIRE_FILE
    if not whole or imprint != stamp.compute_digest() or authority is None or not authority.trusted_at(now):
        raise Refused(Verdict.UNTRUSTED_TIME, "the new time stamp does not prove the file")


def proof_of_other(content: bytes) -> Proof:
    """`proof_of` of a file that anybody may have made, read in a process with limits (see confinement).

    Raises:
        Refused: malformed; indeterminate, where trying again may help.
    """
    # Imported here: the other process reads with this module, too.
    from azexport.signatures import confinement

    told, _none = confinement.run("proof", content, {}, trust=TrustList(()))
    return Proof.of_data(told)


def renew_other(content: bytes, trust: TrustList, *, now: datetime) -> tuple[bytes, Proof]:
    """`renew` of a file that anybody may have made, in a process with limits, and what the result is worth.

    Raises:
        Refused, OutsideFailure: as `renew` does; malformed, too, where the result is not the same file and a stamp.
    """
    from azexport.signatures import confinement

    told, renewed = confinement.run("renew", content, {"now": now.isoformat()}, trust=trust)
    if not renewed.startswith(content):
        raise Refused(Verdict.MALFORMED, "renewing changed the file")
    return renewed, Proof.of_data(told)


def _signer(certificate: x509.Certificate, centre: Centre, signature: bytes | None) -> ExternalSigner:
    return ExternalSigner(
        signing_cert=certificate,
        cert_registry=SimpleCertificateStore.from_certs(centre.chain),
        signature_value=signature,
        signature_mechanism=raw.mechanism(certificate),
        embed_roots=True,
    )


def _path(certificate: x509.Certificate, centre: Centre) -> list[x509.Certificate]:
    return [certificate, *centre.chain]


def _revocation(path: Sequence[x509.Certificate], trust: TrustList, now: datetime) -> list[bytes]:
    """An answer for every certificate of the path but the root."""
    return [
        revocation.require_good(certificate, issuer, trust, now=now, fresh=position == 0).response
        for position, (certificate, issuer) in enumerate(pairwise(path))
    ]


def _stamp_certificate(container: cms.ContentInfo) -> x509.Certificate:
    """The certificate that signed the signature time stamp."""
    for attribute in container["content"]["signer_infos"][0]["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            return signer_of_token(attribute["values"][0]["content"])
    raise Refused(Verdict.UNTRUSTED_TIME)


def signer_of_token(token: cms.SignedData) -> x509.Certificate:
    """The time-stamp token's signing certificate, among those it carries."""
    wanted = token["signer_infos"][0]["sid"].chosen
    for choice in token["certificates"]:
        certificate = choice.chosen
        if certificate.issuer == wanted["issuer"] and certificate.serial_number == wanted["serial_number"].native:
            return certificate
    raise Refused(Verdict.UNTRUSTED_TIME, "the time stamp does not carry its certificate")


def time_of_token(token: cms.SignedData) -> datetime:
    """What the token says."""
    info: tsp.TSTInfo = token["encap_content_info"]["content"].parsed
    moment: datetime = info["gen_time"].native
    return moment
