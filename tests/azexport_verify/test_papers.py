"""Signatures that must not count in the stand-alone checker (signatures.md, trap 5; threats 9 and 12)."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import ocsp as asn1_ocsp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from azexport_verify import papers
from azexport_verify.anchors import Anchors
from azexport_verify.papers import Signature
from sandbox import pki
from sandbox.authority import Centre
from sandbox.permit_documents.signing import Desk, HeldKey, Official
from tests.azexport_verify.conftest import SELLER, Maker, _official


def centre(maker: Maker, name: str) -> Centre:
    return pki.load_centres(maker.folder / "pki", maker.sandbox.url("pki"))[name]


def looked_at(maker: Maker, desk: Desk, signer: Official, anchors: Anchors) -> Signature:
    maker.desk = desk
    (found,) = papers.signatures_of(maker.paper("X", signer), anchors, now=datetime.now(UTC))
    return found


@pytest.fixture
def desk(maker: Maker) -> Desk:
    """Nothing kept of what others asked."""
    return Desk(maker.folder / "plant", maker.tsa)


@pytest.fixture
def own(maker: Maker) -> Maker:
    return Maker(maker.sandbox)


def good_since(above: Centre, signer: Official, told: datetime) -> asn1_ocsp.OCSPResponse:
    """ "Good" of that moment, for a week, from the centre's own responder."""
    assert above.responder is not None
    told = told.replace(microsecond=0)
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(signer.certificate, above.certificate, hashes.SHA1(), ocsp.OCSPCertStatus.GOOD, told,
                      told + timedelta(days=7), None, None)
        .responder_id(ocsp.OCSPResponderEncoding.HASH, above.responder.certificate)
        .certificates([above.responder.certificate])
    )  # fmt: skip
    response = builder.sign(above.responder.key, hashes.SHA256())
    return asn1_ocsp.OCSPResponse.load(response.public_bytes(Encoding.DER))


@pytest.mark.parametrize(("age", "problem"), [(timedelta(minutes=4), ""), (timedelta(hours=11), "not_proven")])
def test_a_good_answer_from_long_before_the_signature_proves_nothing(
    own: Maker, desk: Desk, anchors: Anchors, age: timedelta, problem: str
) -> None:
    """The centre said "good" ahead, for a week; the key may have been revoked between that and the signature."""
    signer = own.person(SELLER)
    answer = good_since(centre(own, "az-persons"), signer, datetime.now(UTC) - age)
    desk._answers[signer.certificate.fingerprint(hashes.SHA256())] = (time.monotonic(), answer)
    found = looked_at(own, desk, signer, anchors)
    assert found.problem == problem, found.detail


def test_a_foreign_centre_cannot_name_a_body_of_azerbaijan(own: Maker, desk: Desk, anchors: Anchors) -> None:
    """A recognised centre of another country names who signs for a body here: the certificate is not believed."""
    above = centre(own, "de-persons")
    subject = {"C": "AZ", "O": "X", "organizationIdentifier": "GOVAZ-plant-protection", "CN": "Head"}
    issued = above.issue(subject, usage="sign")
    signer = _official(issued.key, [issued.certificate, *above.chain])
    assert isinstance(signer.signer, HeldKey)
    assert looked_at(own, desk, signer, anchors).problem == "unknown_centre"
    honest = above.issue({"C": "DE", "O": "X", "serialNumber": "PNODE-1", "CN": "H"}, usage="sign")
    signer = _official(honest.key, [honest.certificate, *above.chain])
    assert looked_at(own, desk, signer, anchors).problem == ""


def test_a_text_field_filled_in_after_signing_is_a_change(own: Maker, desk: Desk, anchors: Anchors) -> None:
    """A permit whose body left the quantity a field: its holder makes 200 of 20."""
    own.desk = desk
    plain = own.paper("X")
    signed = desk.sign(edited(plain, add_quantity), own.body("plant"), reason="X")
    (found,) = papers.signatures_of(signed, anchors, now=datetime.now(UTC))
    assert found.problem == "", found.detail

    def fill(writer: IncrementalPdfFileWriter) -> None:
        every = [one.get_object() for one in writer.root["/AcroForm"]["/Fields"]]
        (field,) = (one for one in every if one["/T"] == "Quantity")
        field["/V"] = generic.TextStringObject("200")
        writer.update_container(field)

    (found,) = papers.signatures_of(edited(signed, fill), anchors, now=datetime.now(UTC))
    assert found.problem == "changed_after_signing"


def edited(content: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def add_quantity(writer: IncrementalPdfFileWriter) -> None:
    """A field for text in a form of its own."""
    named = {"/FT": "/Tx", "/Type": "/Annot", "/Subtype": "/Widget"}
    field = generic.DictionaryObject({generic.pdf_name(key): generic.pdf_name(name) for key, name in named.items()})
    field[generic.pdf_name("/T")] = generic.TextStringObject("Quantity")
    field[generic.pdf_name("/V")] = generic.TextStringObject("20")
    field[generic.pdf_name("/Rect")] = generic.ArrayObject([generic.NumberObject(one) for one in (50, 50, 90, 70)])
    fields = generic.ArrayObject([writer.add_object(field)])
    writer.root["/AcroForm"] = writer.add_object(generic.DictionaryObject({generic.pdf_name("/Fields"): fields}))
    writer.update_root()
