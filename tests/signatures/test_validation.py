"""The rule of acceptance and its traps (signatures.md, traps 1 to 8; threats 1, 2, 5, 10, 11, 12, 15)."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.cache import cache
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.signers import ExternalSigner

from azexport.kernel.actor import SYSTEM
from azexport.signatures import actions, certificates, pades, queries
from azexport.signatures.errors import Refused
from azexport.signatures.identity import load_certificate, parse_identity
from azexport.signatures.models import TrustService
from azexport.signatures.pdf import Increment
from azexport.signatures.states import Purpose, Verdict
from azexport.signatures.trust import parse_pem
from azexport.signatures.validation import validate, validate_pdf, worst
from tests.factories.signatures import (
    Key,
    SandboxPki,
    a_pdf,
    edited,
    issue_by_hand,
    look,
    sign_directly,
    sign_unchecked,
    trust_of,
)


def first_page(writer: IncrementalPdfFileWriter) -> Any:
    return writer.find_page_for_modification(0)[0].get_object()


@pytest.fixture(scope="module")
def contract(sandbox_pki: SandboxPki) -> bytes:
    """Signed once for all: nobody can change the bytes, and each test trusts whom it likes."""
    return sign_directly(a_pdf(), "Seller", sandbox_pki.key("people/leyla-mammadova-sign"), trust=trust_of(sandbox_pki))


@pytest.fixture
def signed(pki: SandboxPki, contract: bytes) -> bytes:
    return contract


# --- what is accepted


def test_a_b_lta_signature_is_accepted_and_says_who_signed_when(signed: bytes) -> None:
    report = look(signed)
    assert (report.verdict, report.level) == (Verdict.ACCEPTED, "B-LTA")
    assert report.signer is not None
    assert report.signed_at is not None
    assert report.signer.common_name == "Leyla Məmmədova"
    assert abs(report.signed_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert report.as_data()["signer"]["fin"] == "5XK7P2M"


def test_it_stays_accepted_when_the_certificate_and_its_answers_have_expired(signed: bytes) -> None:
    report = look(signed, now=datetime.now(UTC) + timedelta(days=5 * 365), online=False)
    assert report.verdict is Verdict.ACCEPTED, report.details


def test_a_foreign_chain_stays_accepted_too_as_its_root_is_embedded(pki: SandboxPki) -> None:
    signed = sign_directly(a_pdf(), "Buyer", pki.key("people/jonas-weber-sign"))
    report = look(signed, now=datetime.now(UTC) + timedelta(days=5 * 365), online=False)
    assert report.verdict is Verdict.ACCEPTED, report.details


def test_it_is_accepted_when_the_answers_in_the_file_are_old_and_the_centres_are_asked(
    signed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sandbox's answers hold for five minutes; ten minutes later fresh ones must be used."""
    from azexport.signatures import revocation

    monkeypatch.setattr(revocation, "SKEW", timedelta(minutes=20))
    report = look(signed, now=datetime.now(UTC) + timedelta(minutes=5, seconds=30))
    assert report.verdict is Verdict.ACCEPTED, report.details


def test_revocation_after_signing_does_not_harm_the_signature(pki: SandboxPki) -> None:
    key = pki.issue()
    signed = sign_directly(a_pdf(), "Seller", key)
    pki.set_status(key, "revoked", at=datetime.now(UTC) + timedelta(minutes=2))
    assert look(signed, now=datetime.now(UTC) + timedelta(seconds=3)).verdict is Verdict.ACCEPTED


def test_an_officials_signature_is_accepted_as_the_bodys(pki: SandboxPki) -> None:
    from sandbox.permit_documents.signing import Desk

    desk = Desk(pki.folder / "plant", f"http://localhost:{pki.port}/tsa")
    report = look(desk.sign(a_pdf("X"), desk.official("head"), reason="test"), require=Purpose.SEAL)
    assert report.verdict is Verdict.ACCEPTED, report.details
    assert report.signer is not None
    assert report.signer.body == "plant-protection"


def test_the_portals_own_seal_on_a_pdf_is_accepted_as_a_seal(pki: SandboxPki) -> None:
    private = serialization.load_pem_private_key((pki.folder / "portal" / "seal.key").read_bytes(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    der = x509.load_pem_x509_certificate((pki.folder / "portal" / "seal.pem").read_bytes())
    key = Key(private, der.public_bytes(serialization.Encoding.DER))
    report = look(sign_directly(a_pdf(), "Seller", key, Purpose.SEAL), require=Purpose.SEAL)
    assert report.verdict is Verdict.ACCEPTED, report.details


# --- trap 1: indication and bottom line; threats 1 and 2


def test_a_page_edited_in_a_later_increment_is_altered(signed: bytes) -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        page = first_page(writer)
        page["/Rotate"] = generic.NumberObject(90)
        writer.update_container(page)

    assert look(edited(signed, edit)).verdict is Verdict.ALTERED


def test_an_annotation_laid_over_the_page_later_is_altered(signed: bytes) -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        page = first_page(writer)
        note = generic.DictionaryObject(
            {
                generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
                generic.pdf_name("/Subtype"): generic.pdf_name("/FreeText"),
                generic.pdf_name("/Contents"): generic.TextStringObject("200 tonnes"),
                generic.pdf_name("/Rect"): generic.ArrayObject([generic.NumberObject(n) for n in (50, 50, 300, 90)]),
            }
        )
        annotations = page["/Annots"] if "/Annots" in page else generic.ArrayObject()
        page["/Annots"] = generic.ArrayObject([*annotations, writer.add_object(note)])
        writer.update_container(page)

    assert look(edited(signed, edit)).verdict is Verdict.ALTERED


def test_content_replaced_in_a_later_increment_is_altered(signed: bytes) -> None:
    def replace(writer: IncrementalPdfFileWriter) -> None:
        page = first_page(writer)
        page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"q Q"))
        writer.update_container(page)

    assert look(edited(signed, replace)).verdict is Verdict.ALTERED


def test_a_signature_field_drawn_over_the_page_later_is_altered(signed: bytes) -> None:
    def add(writer: IncrementalPdfFileWriter) -> None:
        append_signature_field(writer, SigFieldSpec("Over", box=(50, 50, 400, 700), empty_field_appearance=True))

    assert look(edited(signed, add)).verdict is Verdict.ALTERED


def test_one_flipped_byte_is_altered(signed: bytes) -> None:
    place = signed.index(b"/Catalog")
    report = look(signed[:place] + b"/Catalig" + signed[place + 8 :])
    assert report.verdict in (Verdict.ALTERED, Verdict.MALFORMED)


def test_one_flipped_byte_in_the_page_is_altered(signed: bytes) -> None:
    start = signed.index(b">>\nstream\n") + 15
    flipped = bytes([signed[start] ^ 1])
    assert look(signed[:start] + flipped + signed[start + 1 :]).verdict is Verdict.ALTERED


def test_a_signature_moved_into_another_document_is_altered(pki: SandboxPki, signed: bytes) -> None:
    """Wrapping: the same signature container over other bytes."""
    certificate = load_certificate(pki.key("people/leyla-mammadova-sign").der)
    centre = queries.trust_list().issuer_of(certificate, ["eimza"])
    assert centre is not None
    other = pades.prepare(a_pdf("Seller"), "Seller", certificate, centre, now=datetime.now(UTC))
    mine = pades.prepare(a_pdf(), "Seller", certificate, centre, now=datetime.now(UTC))
    gap = signed[mine.gap_start : mine.gap_end]
    hexed = gap.strip(b"<>")
    room = other.gap_end - other.gap_start - 2
    gap = b"<" + hexed[:room].ljust(room, b"0") + b">"
    moved = other.content[: other.gap_start] + gap + other.content[other.gap_end :]
    assert look(moved).verdict is Verdict.ALTERED


def test_a_byte_range_that_leaves_out_part_of_the_file_is_not_accepted(signed: bytes) -> None:
    place = signed.index(b"/ByteRange")
    end = signed.index(b"]", place)
    numbers = signed[place:end].split(b"[")[1].split()
    odd = b" ".join([numbers[0], numbers[1], numbers[2], str(int(numbers[3]) - 40).encode()])
    line = b"/ByteRange [" + odd
    changed = signed[:place] + line.ljust(end - place, b" ") + signed[end:]
    assert look(changed).verdict in (Verdict.ALTERED, Verdict.MALFORMED)


def test_a_valid_signature_by_an_expired_certificate_is_not_accepted(pki: SandboxPki) -> None:
    """The other way round of trap 1: nothing was altered, and yet it is not acceptable."""
    with pytest.raises(Refused) as refused:
        sign_directly(a_pdf(), "Seller", pki.key("people-faulty/expired-sign"))
    assert refused.value.verdict is Verdict.EXPIRED
    report = look(sign_unchecked(a_pdf(), pki.key("people-faulty/expired-sign")))
    assert report.verdict is Verdict.EXPIRED


# --- trap 2: levels


def b_t(content: bytes, key: Key) -> bytes:
    """Signed with a signature time stamp and nothing after it."""
    signed = sign_unchecked(content, key)
    first_end = signed.index(b"%%EOF", signed.index(b"/ETSI.CAdES.detached")) + 6
    return signed[:first_end]


def test_a_file_without_document_time_stamp_is_judged_by_what_the_centre_says_today(pki: SandboxPki) -> None:
    signed = b_t(a_pdf(), pki.key("people/leyla-mammadova-sign"))
    report = look(signed)
    assert (report.level, report.verdict) == ("B-T", Verdict.ACCEPTED), report.details


def test_a_signature_without_any_answer_of_the_centre_is_indeterminate(pki: SandboxPki) -> None:
    signed = b_t(a_pdf(), pki.key("people/leyla-mammadova-sign"))
    assert look(signed, online=False).verdict is Verdict.INDETERMINATE
    cache.clear()
    TrustService.objects.update(ocsp="http://localhost:9/ocsp")
    assert look(signed).verdict is Verdict.INDETERMINATE


# --- threat 9: an answer of the centre speaks of its own moment only


def with_answer(pki: SandboxPki, key: Key, answer: bytes, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Signed B-LTA now, by somebody who puts this answer about the certificate into the file and asks for no other."""
    real = pades._revocation

    def chosen(path: Any, trust: Any, now: datetime) -> list[bytes]:
        if path[0].dump() != key.der:
            return real(path, trust, now)
        return [answer, *real(path[1:], trust, now)]

    with monkeypatch.context() as patch:
        patch.setattr(pades, "_revocation", chosen)
        return sign_directly(a_pdf(), "Seller", key)


def test_a_good_answer_from_before_the_revocation_does_not_count(
    pki: SandboxPki, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stolen key: the centre said "good" yesterday, for a week; the key was revoked an hour ago; it signs now."""
    key, now = pki.issue(), datetime.now(UTC)
    pki.set_status(key, "revoked", at=now - timedelta(hours=1))
    signed = with_answer(pki, key, pki.good_of(key, now - timedelta(hours=11)), monkeypatch)
    offline = look(signed, online=False)
    assert offline.verdict is Verdict.INDETERMINATE
    assert "before it was used" in offline.details
    assert look(signed).verdict is Verdict.REVOKED


@pytest.mark.parametrize(("age", "verdict"), [(4, Verdict.ACCEPTED), (6, Verdict.INDETERMINATE)])
def test_an_answer_may_be_five_minutes_older_than_the_signature_and_no_more(
    pki: SandboxPki, monkeypatch: pytest.MonkeyPatch, age: int, verdict: Verdict
) -> None:
    key = pki.issue()
    signed = with_answer(pki, key, pki.good_of(key, datetime.now(UTC) - timedelta(minutes=age)), monkeypatch)
    report = look(signed, online=False)
    assert report.verdict is verdict, report.details


def test_an_old_answer_in_the_file_does_no_harm_where_the_centre_is_asked_today(
    pki: SandboxPki, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = pki.issue()
    signed = with_answer(pki, key, pki.good_of(key, datetime.now(UTC) - timedelta(hours=11)), monkeypatch)
    report = look(signed)
    assert report.verdict is Verdict.ACCEPTED, report.details


def test_an_old_answer_about_the_time_stamp_authority_does_not_count_either(
    pki: SandboxPki, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = pades._revocation
    tsa = x509.load_pem_x509_certificate((pki.folder / "pki" / "tsa.pem").read_bytes())
    authority = Key(pki.issue().private, tsa.public_bytes(serialization.Encoding.DER))
    old = pki.good_of(authority, datetime.now(UTC) - timedelta(hours=11), centre="az-root")

    def chosen(path: Any, trust: Any, now: datetime) -> list[bytes]:
        return [old] if path[0].dump() == authority.der else real(path, trust, now)

    monkeypatch.setattr(pades, "_revocation", chosen)
    signed = sign_directly(a_pdf(), "Seller", pki.key("people/leyla-mammadova-sign"))
    assert look(signed, online=False).verdict is Verdict.INDETERMINATE
    assert look(signed).verdict is Verdict.ACCEPTED


# --- trap 6: time stamps grow old


def test_a_new_archive_time_stamp_keeps_both_signatures_valid(pki: SandboxPki, signed: bytes) -> None:
    proof = pades.proof_of(signed)
    assert proof.ends_at is not None
    assert proof.ends_at > datetime.now(UTC) + timedelta(days=3000)
    assert proof.algorithms == ("ec_256", "sha256", "sha256_ecdsa")
    both = sign_directly(signed, "Buyer", pki.key("people/jonas-weber-sign"))
    renewed = pades.renew(both, queries.trust_list(), now=datetime.now(UTC))
    assert renewed.startswith(both)
    assert [one.verdict for one in validate_pdf(renewed, now=datetime.now(UTC))] == [Verdict.ACCEPTED] * 2


def test_a_file_whose_newest_time_stamp_has_expired_is_indeterminate(signed: bytes) -> None:
    later = datetime.now(UTC) + timedelta(days=11 * 365)
    assert look(signed, now=later, online=False).verdict is Verdict.INDETERMINATE


# --- trap 4: usage


def test_a_sign_in_certificate_is_no_contract_signer(pki: SandboxPki) -> None:
    report = look(sign_unchecked(a_pdf(), pki.key("people/leyla-mammadova-auth")))
    assert report.verdict is Verdict.WRONG_USAGE


def test_a_person_cannot_seal_for_a_body(signed: bytes) -> None:
    assert look(signed, require=Purpose.SEAL).verdict is Verdict.WRONG_USAGE


def test_a_seal_is_no_persons_signature(pki: SandboxPki) -> None:
    key = pki.issue("az-seals", "seal")
    assert look(sign_directly(a_pdf(), "Seller", key, Purpose.SEAL)).verdict is Verdict.WRONG_USAGE


# --- trap 5: each fault has its own verdict


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("revoked", Verdict.REVOKED), ("untrusted", Verdict.UNKNOWN_CENTRE)],
)
def test_a_body_that_signs_with_a_bad_key_is_found_out(pki: SandboxPki, name: str, verdict: Verdict) -> None:
    from sandbox.permit_documents.signing import Desk

    desk = Desk(pki.folder / "plant", f"http://localhost:{pki.port}/tsa")
    report = look(desk.sign(a_pdf("X"), desk.official(name), reason="test"), require=Purpose.SEAL)
    assert report.verdict is verdict, report.details


@pytest.mark.parametrize(("status", "verdict"), [("revoked", Verdict.REVOKED), ("suspended", Verdict.SUSPENDED)])
def test_revoked_or_suspended_before_signing_is_told_apart(pki: SandboxPki, status: str, verdict: Verdict) -> None:
    key = pki.issue()
    signed = b_t(a_pdf(), key)
    pki.set_status(key, status, at=datetime.now(UTC) - timedelta(hours=1))
    # The good answer of the moment of signing is kept for two minutes; ask anew.
    cache.clear()
    report = look(signed, now=datetime.now(UTC))
    assert report.verdict is verdict, report.details


def test_a_withdrawn_centre_is_unknown(signed: bytes) -> None:
    TrustService.objects.filter(kind="eimza").update(status="withdrawn")
    assert look(signed).verdict is Verdict.UNKNOWN_CENTRE


def test_a_1024_bit_rsa_key_is_too_weak(pki: SandboxPki) -> None:
    key = issue_by_hand(pki, rsa.generate_private_key(65537, 1024))
    assert look(sign_unchecked(a_pdf(), key)).verdict is Verdict.WEAK_ALGORITHM


def test_a_2048_bit_rsa_key_is_accepted(pki: SandboxPki) -> None:
    key = issue_by_hand(pki, rsa.generate_private_key(65537, 2048))
    report = look(sign_directly(a_pdf(), "Seller", key))
    assert report.verdict is Verdict.ACCEPTED, report.details


def test_a_certificate_signed_with_sha_1_is_too_weak(pki: SandboxPki) -> None:
    from asn1crypto import algos

    certificate = load_certificate(pki.key("people/leyla-mammadova-sign").der)
    algorithm = algos.SignedDigestAlgorithm({"algorithm": "sha1_ecdsa"})
    certificate["tbs_certificate"]["signature"] = algorithm
    certificate["signature_algorithm"] = algorithm
    above = pki.centres()["az-persons"].key
    value = above.sign(certificate["tbs_certificate"].dump(force=True), ec.ECDSA(hashes.SHA1()))
    certificate["signature_value"] = value
    weak = load_certificate(certificate.dump(force=True))
    with pytest.raises(Refused) as refused:
        certificates.check_for_signing(weak, queries.trust_list(), now=datetime.now(UTC), purpose=Purpose.SIGN)
    assert refused.value.verdict is Verdict.WEAK_ALGORITHM


def test_a_signature_with_sha_1_is_too_weak(pki: SandboxPki) -> None:
    from asn1crypto import algos
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

    key = pki.key("people/leyla-mammadova-sign")

    class Careless(ExternalSigner):
        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            assert isinstance(key.private, ec.EllipticCurvePrivateKey)
            return key.private.sign(data, ec.ECDSA(hashes.SHA1()))

    signer = Careless(
        load_certificate(key.der), None, signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sha1_ecdsa"})
    )
    metadata = PdfSignatureMetadata(field_name="Seller", md_algorithm="sha1", subfilter=SigSeedSubFilter.PADES)
    out = PdfSigner(metadata, signer).sign_pdf(Increment(a_pdf()))
    assert look(out.read()).verdict is Verdict.WEAK_ALGORITHM


# --- threat 5: certificate substitution


def test_a_signature_that_does_not_bind_its_certificate_is_refused(
    pki: SandboxPki, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unbound(ExternalSigner):
        async def signed_attrs(self, *arguments: Any, **options: Any) -> cms.CMSAttributes:
            every = await super().signed_attrs(*arguments, **options)
            return cms.CMSAttributes([one for one in every if one["type"].native != "signing_certificate_v2"])

    monkeypatch.setattr(pades, "ExternalSigner", Unbound)
    monkeypatch.setattr(pades, "_recheck", lambda *_arguments: None)
    report = look(sign_directly(a_pdf(), "Seller", pki.key("people/leyla-mammadova-sign")))
    assert report.verdict is Verdict.MALFORMED
    assert "signing-certificate-v2" in report.details


def test_another_certificate_of_the_same_key_cannot_take_its_place(
    pki: SandboxPki, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    mine, other = issue_by_hand(pki, private), issue_by_hand(pki, private)
    certificate, substitute = load_certificate(mine.der), load_certificate(other.der)
    trust = queries.trust_list()
    centre = trust.issuer_of(certificate, ["eimza"])
    assert centre is not None
    prepared = pades.prepare(a_pdf(), "Seller", certificate, centre, now=datetime.now(UTC))
    value = mine.sign(prepared.signed_attrs)
    with pytest.raises(Refused) as refused:
        pades.complete(prepared, value, substitute, centre, trust, now=datetime.now(UTC))
    assert refused.value.verdict is Verdict.ALTERED
    monkeypatch.setattr(pades, "_recheck", lambda *_arguments: None)
    signed = pades.complete(prepared, value, substitute, centre, trust, now=datetime.now(UTC))
    assert look(signed).verdict is Verdict.BAD_SIGNATURE


# --- threat 10: time


def test_a_time_stamp_of_the_future_is_not_believed(signed: bytes) -> None:
    assert look(signed, now=datetime.now(UTC) - timedelta(hours=1)).verdict is Verdict.UNTRUSTED_TIME


def test_a_time_stamp_of_an_authority_that_is_not_listed_is_not_believed(signed: bytes) -> None:
    TrustService.objects.filter(kind="timestamp").update(status="withdrawn")
    assert look(signed).verdict is Verdict.UNTRUSTED_TIME


# --- trap 8 and threat 12: name constraints


def test_name_constraints_of_a_root_are_obeyed(pki: SandboxPki) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Narrow")])
    allowed = x509.DirectoryName(x509.Name([x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "GE")]))
    root = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(7).not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=9))
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .add_extension(x509.NameConstraints([allowed], None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    own = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "AZ")])
    leaf = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(name).public_key(own.public_key())
        .serial_number(8).not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=9))
        .add_extension(x509.KeyUsage(False, True, False, False, False, False, False, False, False), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    text = root.public_bytes(serialization.Encoding.PEM).decode()
    TrustService.objects.create(
        name={}, country="AZ", kind="eimza", root=text, certificate=text, fingerprint="x", ocsp="http://localhost:9/",
        valid_from=root.not_valid_before_utc, valid_until=root.not_valid_after_utc,
    )  # fmt: skip
    certificate = load_certificate(leaf.public_bytes(serialization.Encoding.DER))
    with pytest.raises(Refused) as refused:
        certificates.check_for_signing(certificate, queries.trust_list(), now=datetime.now(UTC), purpose=Purpose.SIGN)
    assert refused.value.verdict is Verdict.UNKNOWN_CENTRE
    assert "permitted namespace" in refused.value.detail


def test_a_foreign_centre_cannot_name_somebody_of_azerbaijan(pki: SandboxPki) -> None:
    now, trust = datetime.now(UTC), queries.trust_list()
    for names in ({}, {"serialNumber": "PNODE-1"}):  # her own number, and her company's alone
        certificate = load_certificate(pki.issue("de-persons", "sign", **names).der)
        with pytest.raises(Refused, match="unknown_centre"):
            certificates.check_for_signing(certificate, trust, now=now, purpose=Purpose.SIGN)
    with pytest.raises(Refused, match="unknown_centre"):
        certificates.check_for_sign_in(load_certificate(pki.issue("de-persons", "auth").der), trust, now=now)


def test_a_centre_speaks_only_for_the_time_of_its_recognition(signed: bytes) -> None:
    assert look(signed).accepted
    TrustService.objects.filter(kind="eimza").update(valid_until=datetime.now(UTC) - timedelta(hours=1))
    assert look(signed).verdict is Verdict.UNKNOWN_CENTRE


# --- trap 7 and threat 15: hostile files


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7", b"not a pdf", b"%PDF-1.7\n" + b"\xff" * 500, b"%PDF-1.7\nxref\n0 99999999\ntrailer<<>>"],
)
def test_what_is_no_pdf_is_malformed(pki: SandboxPki, content: bytes) -> None:
    assert look(content).verdict is Verdict.MALFORMED


def test_a_pdf_without_signature_is_unsigned(pki: SandboxPki) -> None:
    assert look(a_pdf()).verdict is Verdict.UNSIGNED


def test_an_encrypted_pdf_is_malformed(pki: SandboxPki) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.pdf_utils.writer import copy_into_new_writer

    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(a_pdf())))
    writer.encrypt("owner")
    out = io.BytesIO()
    writer.write(out)
    assert look(out.getvalue()).verdict is Verdict.MALFORMED


def test_too_many_embedded_certificates_are_malformed(signed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("azexport.signatures.validation.MOST_CERTIFICATES", 1)
    assert look(signed).verdict is Verdict.MALFORMED


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0.0, 0.9999), bit=st.integers(0, 7))
def test_no_flipped_bit_raises_or_is_taken_for_more_than_it_is(signed: bytes, place: float, bit: int) -> None:
    """Padding of the gap may be flipped without harm; anything else must be seen."""
    index = int(place * len(signed))
    changed = signed[:index] + bytes([signed[index] ^ (1 << bit)]) + signed[index + 1 :]
    reports = validate(changed, queries.trust_list(), now=datetime.now(UTC), online=False)
    first_revision_end = signed.index(b"%%EOF", signed.index(b"/ETSI.CAdES.detached"))
    gap = signed.index(b"/Contents <") + len(b"/Contents <")
    if worst(reports) is Verdict.ACCEPTED:
        assert index > first_revision_end or gap <= index < first_revision_end


# --- the list


def test_a_list_with_an_issuer_of_another_root_is_refused(pki: SandboxPki, tmp_path: Any) -> None:
    import json
    import shutil

    from azexport.signatures.trust_files import TrustFileError

    folder = tmp_path / "trust"
    shutil.copytree(pki.folder / "trust", folder)
    listing = json.loads((folder / "trust.json").read_text())
    listing["services"][0]["root"] = "de-root.pem"
    (folder / "trust.json").write_text(json.dumps(listing))
    with pytest.raises(TrustFileError, match="was not issued by"):
        actions.load_trust(folder=folder, by=SYSTEM, now=datetime.now(UTC))


def test_a_centre_that_leaves_the_list_is_withdrawn(pki: SandboxPki, tmp_path: Any) -> None:
    import json
    import shutil

    folder = tmp_path / "trust"
    shutil.copytree(pki.folder / "trust", folder)
    listing = json.loads((folder / "trust.json").read_text())
    listing["services"] = [one for one in listing["services"] if one["kind"] != "foreign"]
    (folder / "trust.json").write_text(json.dumps(listing))
    assert actions.load_trust(folder=folder, by=SYSTEM, now=datetime.now(UTC)) == 3
    assert TrustService.objects.get(kind="foreign").status == "withdrawn"


def test_an_identity_is_read_with_its_semantic_identifiers(pki: SandboxPki) -> None:
    official = parse_pem((pki.folder / "plant" / "head.pem").read_text())
    identity = parse_identity(official.dump())
    assert identity.body == "plant-protection"
    assert identity.voen is None
    assert identity.fingerprint == hashlib.sha256(official.dump()).hexdigest()


def test_every_verdict_has_a_label_and_a_message_in_both_languages() -> None:
    from django.utils.translation import override

    for verdict in Verdict:
        with override("en"):
            english = (str(verdict.label), str(verdict.message))
        with override("az"):
            azerbaijani = (str(verdict.label), str(verdict.message))
        assert all(english)
        assert all(azerbaijani)
        assert not set(english) & set(azerbaijani), verdict


def test_increments_are_written_without_touching_metadata(pki: SandboxPki, signed: bytes) -> None:
    assert b"pdfaid" in signed
    assert signed.count(b"<x:xmpmeta") <= 1 or signed.count(b"/Type/Metadata") <= 1
    assert Increment(signed).output_version == (1, 7)


def test_a_certificate_without_content_is_malformed() -> None:
    with pytest.raises(Refused) as refused:
        load_certificate(b"\x30\x00")
    assert refused.value.verdict is Verdict.MALFORMED
