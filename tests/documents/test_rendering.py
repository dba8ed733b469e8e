"""Rendering: PDF/A-3a and PDF/UA-1, the same bytes for the same data."""

from __future__ import annotations

import io
import threading

import pytest
import typst
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

from azexport.documents.rendering import Attachment, render_pdf, verification_url
from tests.factories.signatures import SPECIMEN, a_pdf


def test_the_same_data_give_the_same_bytes() -> None:
    assert a_pdf() == a_pdf()
    assert a_pdf("Seller") != a_pdf("Buyer")


def test_it_claims_pdf_a_3a_and_pdf_ua_1_and_is_tagged_in_azerbaijani() -> None:
    reader = PdfFileReader(io.BytesIO(render_pdf("documents/specimen.typ", SPECIMEN, code="7K3M9XQ20ABC")))
    metadata = reader.root["/Metadata"].data.decode()
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert reader.root["/MarkInfo"]["/Marked"]
    assert str(reader.root["/Lang"]).startswith("az")


def test_signature_fields_are_there_empty_and_take_no_room() -> None:
    reader = PdfFileReader(io.BytesIO(a_pdf("Seller", "Buyer")))
    fields = {name: reference.get_object() for name, value, reference in enumerate_sig_fields(reader) if value is None}
    assert set(fields) == {"Seller", "Buyer"}
    assert all([float(number) for number in field["/Rect"]] == [0, 0, 0, 0] for field in fields.values())


def test_attachments_of_text_and_bytes_are_inside() -> None:
    files = [
        Attachment("contract.json", "application/json", '{"ad": "Fındıq"}'.encode(), "Contract"),
        Attachment("photo.bin", "application/octet-stream", bytes(range(256)), "Bytes", "supplement"),
    ]
    reader = PdfFileReader(io.BytesIO(render_pdf("documents/specimen.typ", SPECIMEN, attachments=files)))
    found = {}
    for reference in reader.root["/AF"]:
        file = reference.get_object()
        found[str(file["/UF"])] = file["/EF"]["/F"].data
    assert found == {"contract.json": '{"ad": "Fındıq"}'.encode(), "photo.bin": bytes(range(256))}


def test_the_verification_address_is_the_portals(settings: object) -> None:
    assert verification_url("7K3M9XQ20ABC") == "http://localhost:8000/verify/7K3M-9XQ2-0ABC"


def test_missing_data_is_an_error_not_a_blank() -> None:
    with pytest.raises(typst.TypstError):
        render_pdf("documents/specimen.typ", {"title": {"az": "x", "en": "x"}})


def test_threads_render_side_by_side() -> None:
    made: list[bytes] = []
    threads = [threading.Thread(target=lambda: made.append(a_pdf())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len(set(made)) == 1
