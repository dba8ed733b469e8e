"""Who a certificate names (ETSI EN 319 412-1, P10.1, S12.1; threats 6 and 12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from azexport.signatures import certificates, pades, queries
from azexport.signatures.errors import Refused
from azexport.signatures.identity import CertificateIdentity, is_expected, load_certificate, parse_identity
from azexport.signatures.models import TrustService
from azexport.signatures.states import Purpose, Verdict
from azexport.signatures.trust import Centre, fingerprint
from tests.factories.signatures import Key, SandboxPki, a_pdf, look

FOREIGNER = {"C": "DE", "O": "X GmbH", "SN": "Weber", "GN": "Jonas", "CN": "Jonas Weber"}


def named(pki: SandboxPki, centre: str, **subject: str) -> CertificateIdentity:
    return parse_identity(pki.issue(centre, **(FOREIGNER | subject)).der)


def test_a_semantic_identifier_is_the_same_whoever_issued_the_certificate(pki: SandboxPki) -> None:
    for person in ("PNODE-L8X2T5V91", "PASTR-U12345678", "IDCGE-01-2345", "TINUZ-1", "EI:SE-200007292386"):
        one, two = (
            named(pki, centre, serialNumber=person, organizationIdentifier="NTRDE-HRB98765")
            for centre in ("de-persons", "untrusted-persons")
        )
        assert one.foreign_id == two.foreign_id == person
        assert one.organisation_id == two.organisation_id == "NTRDE-HRB98765"


@pytest.mark.parametrize(
    "number",
    ["12345", "pnode-L8X2T5V91", "PNODE L8X2T5V91", "XYZDE-1", "PNODE-", "PNODE-1 2", "UPN:jw.x.example", "x" * 64],
)
def test_a_centres_own_number_counts_with_that_centre_only(pki: SandboxPki, number: str) -> None:
    """The 12345 of two centres are two people; the 12345 of one centre is one, in each of its certificates."""
    one, again, other = (
        named(pki, centre, serialNumber=number, organizationIdentifier=number)
        for centre in ("de-persons", "de-persons", "untrusted-persons")
    )
    assert one.foreign_id == again.foreign_id
    assert one.organisation_id == again.organisation_id
    assert one.foreign_id != other.foreign_id
    assert one.organisation_id != other.organisation_id
    assert one.foreign_id is not None
    assert len(one.foreign_id) <= 80
    assert number != one.foreign_id
    assert not is_expected(other, {"fin": None, "voen": None, "foreign_id": one.foreign_id})
    assert not is_expected(one, {"fin": None, "voen": None, "foreign_id": number})


def test_a_centres_own_number_cannot_be_written_as_another_centres(pki: SandboxPki) -> None:
    theirs = named(pki, "untrusted-persons", organizationIdentifier="12345").organisation_id
    assert theirs is not None
    assert named(pki, "de-persons", organizationIdentifier=theirs).organisation_id != theirs
    stated = "stated-by:PNODE-L8X2T5V91"
    assert named(pki, "de-persons", organizationIdentifier=stated).organisation_id != stated


def test_the_own_number_can_still_be_read_behind_the_centre(pki: SandboxPki) -> None:
    """What follows the first dash is shown as the registration number, as in NTRDE-HRB98765."""
    found = named(pki, "de-persons", organizationIdentifier="HRB98765").organisation_id
    assert found is not None
    assert found.partition("-")[2] == "HRB98765"


def test_an_own_number_that_begins_like_a_fin_is_no_fin(pki: SandboxPki) -> None:
    found = named(pki, "de-persons", serialNumber="PNOAZ5XK7P2M")
    assert found.fin is None
    assert found.foreign_id != "PNOAZ5XK7P2M"


# --- the right person by the wrong issuer


def a_centre_that_borrows_a_name(pki: SandboxPki) -> tuple[Key, Any]:
    """A recognised foreign centre certifies a key of its own under the name of the national centre.

    With it: a certificate for Leyla, with the serial number of her own good one, so that the national centre's
    answers about that number are good.
    """
    national, german = pki.centres()["az-persons"], pki.centres()["de-root"]
    hers = x509.load_der_x509_certificate(pki.key("people/leyla-mammadova-sign").der)
    borrowed_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def build(like: x509.Certificate, issuer: x509.Name, public: Any) -> x509.CertificateBuilder:
        builder = (
            x509.CertificateBuilder()
            .subject_name(like.subject)
            .issuer_name(issuer)
            .public_key(public)
            .serial_number(like.serial_number)
            .not_valid_before(like.not_valid_before_utc)
            .not_valid_after(like.not_valid_after_utc)
        )
        for extension in like.extensions:
            if extension.oid != x509.AuthorityKeyIdentifier.oid:
                builder = builder.add_extension(extension.value, critical=extension.critical)
        return builder

    above = german.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    borrowed = (
        build(national.certificate, german.certificate.subject, borrowed_key.public_key())
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(above), critical=False)
        .sign(german.key, hashes.SHA256())
    )
    authority = hers.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    forged = (
        build(hers, national.certificate.subject, key.public_key())
        .add_extension(authority, critical=False)
        .sign(borrowed_key, hashes.SHA256())
    )
    der = serialization.Encoding.DER
    return Key(key, forged.public_bytes(der)), asn1.Certificate.load(borrowed.public_bytes(der))


def test_another_listed_centre_cannot_borrow_the_national_centres_name(
    pki: SandboxPki, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Her name, her FİN, the national centre's name and key identifier, and a good answer: all but its signature."""
    # The foreign list names the root itself, as some do.
    root = pki.centres()["de-root"].certificate
    text = root.public_bytes(serialization.Encoding.PEM).decode()
    TrustService.objects.create(
        name={}, country="DE", kind="foreign", root=text, certificate=text,
        fingerprint=fingerprint(asn1.Certificate.load(root.public_bytes(serialization.Encoding.DER))),
        ocsp="http://localhost:9/", valid_from=root.not_valid_before_utc, valid_until=root.not_valid_after_utc,
    )  # fmt: skip
    key, borrowed = a_centre_that_borrows_a_name(pki)
    certificate = asn1.Certificate.load(key.der)
    assert parse_identity(key.der).fin == "5XK7P2M"
    with pytest.raises(Refused) as refused:
        certificates.check_for_signing(certificate, queries.trust_list(), now=datetime.now(UTC), purpose=Purpose.SIGN)
    assert refused.value.verdict is Verdict.UNKNOWN_CENTRE
    report = look(signed_below(borrowed, certificate, key, pki, monkeypatch))
    assert report.verdict is Verdict.UNKNOWN_CENTRE, report.details


def signed_below(
    borrowed: asn1.Certificate,
    certificate: asn1.Certificate,
    key: Key,
    pki: SandboxPki,
    monkeypatch: pytest.MonkeyPatch,
) -> bytes:
    """B-LTA with the borrowed chain, and with what the national centre says of the number that was taken."""
    trust, now = queries.trust_list(), datetime.now(UTC)
    hers = load_certificate(pki.key("people/leyla-mammadova-sign").der)
    national = trust.issuer_of(hers, ["eimza"])
    foreign = next(one for one in trust.centres if one.url == "" and one.issuer == one.root)
    assert national is not None
    answers = pades._revocation([hers, *national.chain], trust, now)
    real = pades._revocation
    monkeypatch.setattr(
        pades, "_revocation", lambda path, *rest: answers if path[0] == certificate else real(path, *rest)
    )
    centre: Centre = replace(foreign, issuer=borrowed)
    prepared = pades.prepare(a_pdf(), "Seller", certificate, centre, now=now)
    return pades.complete(prepared, key.sign(prepared.signed_attrs), certificate, centre, trust, now=now)
