"""Signed files as somebody with bad intentions makes them (signatures.md, threats 1, 2, 5, 10, 12, 16, 17)."""

from __future__ import annotations

import asyncio
import hashlib
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asn1crypto import cms
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.cache import cache
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import CMSExtractionError

from azexport.documents.rendering import Attachment, render_pdf
from azexport.signatures import actions, attachments, certificates, outside, pades, queries
from azexport.signatures.errors import Refused
from azexport.signatures.identity import load_certificate
from azexport.signatures.models import SigningFile
from azexport.signatures.states import Purpose, Verdict
from azexport.signatures.timestamps import ListedTimeStamper
from sandbox.timestamps import TimeStampAuthority
from tests.factories.signatures import (
    LEYLA,
    SPECIMEN,
    Key,
    SandboxPki,
    a_pdf,
    ask,
    edited,
    issue_by_hand,
    look,
    sign_directly,
    trust_of,
)

LEYLAS = "people/leyla-mammadova-sign"


@pytest.fixture(scope="module")
def contract(sandbox_pki: SandboxPki) -> bytes:
    """A contract that Leyla has signed, with an attachment for machines."""
    data = Attachment(name="permit.json", media_type="application/json", content=b'{"tonnes": 20}', description="-")
    content = render_pdf(
        "documents/specimen.typ",
        SPECIMEN,
        signature_fields=("Seller", "Buyer"),
        code="7K3M9XQ20ABC",
        attachments=[data],
    )
    return sign_directly(content, "Seller", sandbox_pki.key(LEYLAS), trust=trust_of(sandbox_pki))


def refused(content: bytes, *verdicts: Verdict) -> None:
    report = look(content, online=False)
    assert report.verdict in verdicts, (report.verdict, report.details)


# --- shadow attacks: what was signed stays in the file, and something else is shown


def page_of(writer: IncrementalPdfFileWriter) -> Any:
    return writer.find_page_for_modification(0)[0].get_object()


def other_content_under_the_same_number(writer: IncrementalPdfFileWriter) -> None:
    page = page_of(writer)
    reference = page.raw_get("/Contents").reference
    writer.objects[(reference.generation, reference.idnum)] = generic.StreamObject(stream_data=b"q Q")


def other_font_under_the_same_number(writer: IncrementalPdfFileWriter) -> None:
    """The digits of one font are drawn as others: not one octet of the page changes."""
    fonts = page_of(writer)["/Resources"]["/Font"]
    reference = fonts.raw_get(next(iter(fonts))).reference
    font = generic.DictionaryObject({pdf_name("/Type"): pdf_name("/Font"), pdf_name("/Subtype"): pdf_name("/Type3")})
    writer.objects[(reference.generation, reference.idnum)] = font


def other_pages(writer: IncrementalPdfFileWriter) -> None:
    """The catalogue names another tree of pages (hide and replace)."""
    empty = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Pages"),
            pdf_name("/Kids"): generic.ArrayObject(),
            pdf_name("/Count"): generic.NumberObject(0),
        }
    )
    writer.root["/Pages"] = writer.add_object(empty)
    writer.update_root()


def one_page_more(writer: IncrementalPdfFileWriter) -> None:
    page = generic.DictionaryObject(page_of(writer))
    pages = writer.root["/Pages"]
    pages["/Kids"].append(writer.add_object(page))
    pages["/Count"] = generic.NumberObject(int(pages["/Count"]) + 1)
    writer.update_container(pages)


def script_on_opening(writer: IncrementalPdfFileWriter) -> None:
    action = generic.DictionaryObject(
        {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): generic.TextStringObject("app.alert(1)")}
    )
    writer.root["/OpenAction"] = writer.add_object(action)
    writer.update_root()


def layer(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/OCProperties"] = writer.add_object(
        generic.DictionaryObject({pdf_name("/OCGs"): generic.ArrayObject()})
    )
    writer.update_root()


def another_picture_of_the_signature(writer: IncrementalPdfFileWriter) -> None:
    """The widget of the signed field gets an appearance over the whole page."""
    field = writer.root["/AcroForm"]["/Fields"][0]
    field["/Rect"] = generic.ArrayObject([generic.NumberObject(number) for number in (0, 0, 600, 800)])
    field["/AP"] = generic.DictionaryObject(
        {pdf_name("/N"): writer.add_object(generic.StreamObject(stream_data=b"q Q"))}
    )
    writer.update_container(field)


def swapped_attachment(writer: IncrementalPdfFileWriter) -> None:
    file = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1].get_object()
    file["/EF"]["/F"] = writer.add_object(generic.StreamObject(stream_data=b'{"tonnes": 200}'))
    writer.update_container(file)


def swapped_attachment_under_the_same_number(writer: IncrementalPdfFileWriter) -> None:
    file = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1].get_object()
    reference = file["/EF"].raw_get("/F").reference
    writer.objects[(reference.generation, reference.idnum)] = generic.StreamObject(stream_data=b'{"tonnes": 200}')


def one_attachment_more(writer: IncrementalPdfFileWriter) -> None:
    names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
    names.append(generic.TextStringObject("z.json"))
    names.append(names[1])
    writer.update_container(names)


@pytest.mark.parametrize(
    "attack",
    [
        other_content_under_the_same_number, other_font_under_the_same_number, other_pages, one_page_more,
        script_on_opening, layer, another_picture_of_the_signature, swapped_attachment,
        swapped_attachment_under_the_same_number, one_attachment_more,
    ],
    ids=lambda attack: attack.__name__,
)  # fmt: skip
def test_what_is_changed_behind_a_signature_is_altered(pki: SandboxPki, contract: bytes, attack: Any) -> None:
    assert look(contract, online=False).accepted
    changed = edited(contract, attack)
    assert changed.startswith(contract)
    refused(changed, Verdict.ALTERED)


def test_the_attachment_that_is_read_is_the_one_that_was_signed(pki: SandboxPki, contract: bytes) -> None:
    assert attachments.read(contract, "permit.json") == b'{"tonnes": 20}'
    changed = edited(contract, swapped_attachment_under_the_same_number)
    assert attachments.read(changed, "permit.json") == b'{"tonnes": 200}'  # so the signature must be looked at, too
    refused(changed, Verdict.ALTERED)


def with_text_field(content: bytes) -> bytes:
    """The same with a field for text, as a body's form might have one."""

    def add(writer: IncrementalPdfFileWriter) -> None:
        field = generic.DictionaryObject(
            {
                pdf_name("/FT"): pdf_name("/Tx"), pdf_name("/T"): generic.TextStringObject("Quantity"),
                pdf_name("/V"): generic.TextStringObject("20"), pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/Widget"),
                pdf_name("/Rect"): generic.ArrayObject([generic.NumberObject(one) for one in (50, 50, 90, 70)]),
            }
        )  # fmt: skip
        form = writer.root["/AcroForm"]
        form["/Fields"].append(writer.add_object(field))
        writer.update_container(form)

    return edited(content, add)


def test_a_text_field_filled_in_after_signing_is_altered(pki: SandboxPki) -> None:
    """A permit over 20 tonnes, whose body left the number a field: its holder makes it 200."""
    signed = sign_directly(with_text_field(a_pdf()), "Seller", pki.key(LEYLAS))
    assert look(signed, online=False).accepted

    def fill(writer: IncrementalPdfFileWriter) -> None:
        every = [one.get_object() for one in writer.root["/AcroForm"]["/Fields"]]
        (field,) = (one for one in every if one["/T"] == "Quantity")
        field["/V"] = generic.TextStringObject("200")
        writer.update_container(field)

    refused(edited(signed, fill), Verdict.ALTERED)


# --- which bytes a signature covers


def test_one_signature_in_two_fields_is_not_two_signatures(pki: SandboxPki, contract: bytes) -> None:
    def borrow(writer: IncrementalPdfFileWriter) -> None:
        fields = writer.root["/AcroForm"]["/Fields"]
        seller, buyer = fields[0], fields[1]
        buyer["/V"] = seller.raw_get("/V")
        writer.update_container(buyer)

    refused(edited(contract, borrow), Verdict.MALFORMED, Verdict.ALTERED)


@pytest.mark.parametrize("wider", [1, 40, 400])
def test_a_gap_wider_than_the_signature_is_not_accepted(pki: SandboxPki, wider: int) -> None:
    """The signer itself leaves out of the digest some bytes behind the signature, to change them later."""
    key, trust, now = pki.key(LEYLAS), queries.trust_list(), datetime.now(UTC)
    certificate = load_certificate(key.der)
    centre = certificates.check_for_signing(certificate, trust, now=now, purpose=Purpose.SIGN)
    honest = pades.prepare(a_pdf(), "Seller", certificate, centre, now=now)
    start = honest.content.index(b"/ByteRange")
    end = honest.content.index(b"]", start) + 1
    after = honest.gap_end + wider
    claimed = b"/ByteRange [0 %d %d %d" % (honest.gap_start, after, len(honest.content) - after)
    content = honest.content[:start] + claimed.ljust(end - start - 1) + b"]" + honest.content[end:]
    digest = hashlib.sha256(content[: honest.gap_start] + content[after:]).digest()
    attributes = asyncio.run(pades._signer(certificate, centre, None).signed_attrs(digest, "sha256", use_pades=True))
    container = asyncio.run(
        pades._signer(certificate, centre, key.sign(attributes.dump())).async_sign_prescribed_attributes(
            "sha256",
            attributes,
            timestamper=ListedTimeStamper(trust.time_stamp_centre(now).url),  # type: ignore[union-attr]
        )
    )
    hexed = container.dump().hex().encode()
    room = honest.gap_end - honest.gap_start - 2
    signed = content[: honest.gap_start] + b"<" + hexed.ljust(room, b"0") + b">" + content[honest.gap_end :]
    report = look(signed)
    assert report.verdict in (Verdict.ALTERED, Verdict.MALFORMED), report.details


@pytest.mark.parametrize("numbers", [b"0 10", b"0 -1 20 30", b"10 20 40 50 60 70", b"0 99999999 1 1", b"a b c d"])
def test_an_odd_byte_range_is_not_accepted(pki: SandboxPki, contract: bytes, numbers: bytes) -> None:
    start = contract.index(b"/ByteRange")
    end = contract.index(b"]", start)
    changed = contract[:start] + (b"/ByteRange [" + numbers).ljust(end - start) + contract[end:]
    refused(changed, Verdict.ALTERED, Verdict.MALFORMED)


# --- time stamps


def container_of(content: bytes) -> cms.ContentInfo:
    signature = PdfFileReader(io.BytesIO(content)).embedded_regular_signatures[0]
    return cms.ContentInfo.load(bytes(signature.pkcs7_content))


def with_tokens(content: bytes, tokens: list[cms.ContentInfo]) -> bytes:
    """The first revision with these signature time stamps in place of its own: they are not signed."""
    container = container_of(content)
    info = container["content"]["signer_infos"][0]
    info["unsigned_attrs"] = cms.CMSAttributes(
        [cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [token]}) for token in tokens]
    )
    start = content.index(b"/Contents <") + len(b"/Contents <")
    end = content.index(b">", start)
    hexed = container.dump().hex().encode()
    assert len(hexed) <= end - start
    last = content.index(b"%%EOF", end) + 6
    return bytes(content[:start] + hexed.ljust(end - start, b"0") + content[end:])[:last]


def token_of(container: cms.ContentInfo) -> cms.ContentInfo:
    for attribute in container["content"]["signer_infos"][0]["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            token: cms.ContentInfo = attribute["values"][0]
            return token
    raise AssertionError


def test_a_time_stamp_of_another_signature_proves_nothing(pki: SandboxPki, contract: bytes) -> None:
    other = token_of(container_of(sign_directly(a_pdf(), "Seller", pki.key(LEYLAS))))
    assert look(with_tokens(contract, [token_of(container_of(contract))])).accepted
    report = look(with_tokens(contract, [other]))
    assert not report.accepted
    assert report.signed_at is None


def test_an_old_stamp_of_something_else_does_not_move_the_moment(pki: SandboxPki, contract: bytes) -> None:
    """Signed with a revoked key, a stolen old stamp put before the true one: which of the two is believed?"""
    mine = token_of(container_of(contract))
    other = token_of(container_of(sign_directly(a_pdf(), "Seller", pki.key(LEYLAS))))
    for tokens in ([other, mine], [mine, other]):
        assert look(with_tokens(contract, tokens)).verdict is Verdict.UNTRUSTED_TIME


class Elsewhere(outside.Network):
    """Time stamps come from somebody whom the same root has certified for something else."""

    def __init__(self, authority: TimeStampAuthority) -> None:
        self.authority = authority

    def post(self, address: str, content: bytes, media_type: str, *, timeout: float) -> bytes:
        if media_type == "application/timestamp-query":
            return bytes(self.authority.answer(content))
        return super().post(address, content, media_type, timeout=timeout)


@pytest.mark.parametrize("usage", ["message", "ocsp"])
def test_a_time_stamp_by_a_certificate_that_is_not_for_time_stamps_is_not_believed(
    pki: SandboxPki, monkeypatch: pytest.MonkeyPatch, usage: str
) -> None:
    """Issued by the very centre that is listed for time stamps, to a responder or a body."""
    root = pki.centres()["az-root"]
    root.issue({"C": "AZ", "O": "X", "CN": f"No authority, {usage}"}, usage=usage).write(pki.folder / "pki", usage)
    monkeypatch.setattr(outside, "_door", Elsewhere(TimeStampAuthority(pki.folder / "pki", usage, root.chain)))
    try:
        signed = sign_directly(a_pdf(), "Seller", pki.key(LEYLAS))
    except (Refused, CMSExtractionError, ValueError):
        return
    assert not look(signed).accepted


# --- certificates


def test_a_certificate_with_an_unknown_critical_extension_is_refused(pki: SandboxPki) -> None:
    """RFC 5280 4.2: what it restricts nobody here knows."""
    key = ec.generate_private_key(ec.SECP256R1())
    plain = x509.load_der_x509_certificate(issue_by_hand(pki, key).der)
    builder = (
        x509.CertificateBuilder().subject_name(plain.subject).issuer_name(plain.issuer).public_key(key.public_key())
        .serial_number(plain.serial_number).not_valid_before(plain.not_valid_before_utc)
        .not_valid_after(plain.not_valid_after_utc)
        .add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.9.9"), b"\x05\x00"), critical=True)
    )  # fmt: skip
    for extension in plain.extensions:
        builder = builder.add_extension(extension.value, critical=extension.critical)
    strange = builder.sign(pki.centres()["az-persons"].key, hashes.SHA256())
    certificate = asn1.Certificate.load(strange.public_bytes(Encoding.DER))
    with pytest.raises(Refused, match="unknown_centre"):
        certificates.check_for_signing(certificate, queries.trust_list(), now=datetime.now(UTC), purpose=Purpose.SIGN)


def test_no_address_of_a_certificate_is_ever_asked(pki: SandboxPki, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threat 17: its OCSP, its issuer's certificate and its revocation list are said to be on somebody's server."""
    from sandbox import pki as program

    elsewhere = program.load_centres(pki.folder / "pki", "http://attacker.example")["az-persons"]
    names = {
        "C": "AZ",
        "O": "X",
        "organizationIdentifier": "VATAZ-3433956371",
        "serialNumber": "PNOAZ-5XK7P2M",
        "CN": "L",
    }
    issued = elsewhere.issue(names, usage="sign")
    key = Key(issued.key, issued.certificate.public_bytes(Encoding.DER))
    assert b"attacker.example" in key.der
    asked: list[str] = []
    real = outside.Network.post

    def listen(self: Any, address: str, *rest: Any, **named: Any) -> bytes:
        asked.append(address)
        return real(self, address, *rest, **named)

    monkeypatch.setattr(outside.Network, "post", listen)
    cache.clear()
    assert look(sign_directly(a_pdf(), "Seller", key)).accepted
    assert set(asked) == queries.trust_list().addresses


# --- between showing and signing


def test_a_document_replaced_after_it_was_shown_is_not_prepared_for_signing(pki: SandboxPki) -> None:
    request = ask()
    SigningFile.objects.filter(role="content").update(content=a_pdf("Seller"))
    with pytest.raises(Refused) as refusal:
        actions.prepare(request.reference, pki.key(LEYLAS).der, by=LEYLA, now=datetime.now(UTC))
    assert refusal.value.verdict is Verdict.ALTERED


def test_a_value_of_one_request_is_none_of_another(pki: SandboxPki) -> None:
    """Two documents wait for her; what she signed for the first is given for the second."""
    key, now = pki.key(LEYLAS), datetime.now(UTC)
    first, second = ask(subject="CT-1"), ask(a_pdf("Seller"), subject="CT-2")
    value = key.sign(actions.prepare(first.reference, key.der, by=LEYLA, now=now))
    actions.prepare(second.reference, key.der, by=LEYLA, now=now)
    with pytest.raises(Refused) as refusal:
        actions.submit_signature_value(second.reference, value, by=LEYLA, now=now)
    assert refusal.value.verdict is Verdict.BAD_SIGNATURE


def test_expired_when_it_signed_counts_by_the_time_stamp_not_by_today(pki: SandboxPki, contract: bytes) -> None:
    later = datetime.now(UTC) + timedelta(days=4 * 365)
    certificate = load_certificate(pki.key(LEYLAS).der)
    assert certificate.not_valid_after < later
    assert look(contract, now=later, online=False).accepted
