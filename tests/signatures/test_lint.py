"""What you see is what you sign (threat 3)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from azexport.kernel.errors import RuleViolated
from azexport.signatures import lint
from azexport.signatures.errors import Refused
from azexport.signatures.models import SigningRequest
from azexport.signatures.states import Verdict
from tests.factories.signatures import SandboxPki, a_pdf, ask

name, text = generic.pdf_name, generic.TextStringObject


def changed(change: Any) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(a_pdf()))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def codes(content: bytes, field: str = "Seller") -> list[str]:
    return [one.code for one in lint.violations(content, field)]


def script() -> generic.DictionaryObject:
    return generic.DictionaryObject({name("/S"): name("/JavaScript"), name("/JS"): text("app.alert(1)")})


def set_in_catalog(key: str, value: Any) -> Any:
    def change(writer: IncrementalPdfFileWriter) -> None:
        writer.root[name(key)] = value
        writer.update_root()

    return change


def an_annotation(subtype: str) -> Any:
    def change(writer: IncrementalPdfFileWriter) -> None:
        page = writer.find_page_for_modification(0)[0].get_object()
        note = generic.DictionaryObject({name("/Type"): name("/Annot"), name("/Subtype"): name(subtype)})
        page["/Annots"] = generic.ArrayObject([writer.add_object(note)])
        writer.update_container(page)

    return change


def a_text_field(writer: IncrementalPdfFileWriter) -> None:
    form = writer.root["/AcroForm"]
    form["/Fields"].append(
        writer.add_object(generic.DictionaryObject({name("/FT"): name("/Tx"), name("/T"): text("Total")}))
    )
    writer.update_container(form["/Fields"])


def test_what_the_portal_renders_may_be_signed() -> None:
    assert codes(a_pdf()) == []


@pytest.mark.parametrize(
    "change",
    [
        set_in_catalog("/OpenAction", script()),
        set_in_catalog("/AA", generic.DictionaryObject({name("/WC"): script()})),
        set_in_catalog("/OCProperties", generic.DictionaryObject()),
        set_in_catalog("/Names", generic.DictionaryObject({name("/JavaScript"): generic.DictionaryObject()})),
        an_annotation("/FreeText"),
        an_annotation("/RichMedia"),
        a_text_field,
    ],
    ids=["open-action", "additional-actions", "layers", "named-scripts", "note", "media", "text-field"],
)
def test_what_can_change_what_is_shown_may_not_be_signed(change: Any) -> None:
    assert "SIG-002" in codes(changed(change))


def test_only_pdf_a_may_be_signed() -> None:
    def strip(writer: IncrementalPdfFileWriter) -> None:
        writer.root["/Metadata"] = writer.add_object(generic.StreamObject(stream_data=b"<x/>"))
        writer.update_root()

    assert "SIG-003" in codes(changed(strip))


def test_the_field_must_be_there_and_empty() -> None:
    assert codes(a_pdf(), "Nobody") == ["SIG-004"]


def test_a_refused_document_is_not_put_before_the_signer(pki: SandboxPki) -> None:
    with pytest.raises(RuleViolated) as refused:
        ask(changed(set_in_catalog("/OpenAction", script())))
    assert refused.value.status == 422
    assert not SigningRequest.objects.exists()


def test_what_is_no_pdf_is_malformed() -> None:
    with pytest.raises(Refused) as refused:
        lint.check(b"<html>", "Seller")
    assert refused.value.verdict is Verdict.MALFORMED
