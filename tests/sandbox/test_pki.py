"""The centres: what openssl and pyHanko say of their answers."""

from __future__ import annotations

import asyncio
import subprocess
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
from asn1crypto import pem as asn1_pem
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtensionOID, NameOID
from pyhanko.pdf_utils.generic import DictionaryObject, StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.fetchers.aiohttp_fetchers import AIOHttpFetcherBackend
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from sandbox.wire import MessageKey
from tests.sandbox.conftest import Sandbox


def openssl(*arguments: str | Path) -> str:
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def pem_file(folder: Path, certificate: x509.Certificate) -> Path:
    path = folder / f"{certificate.serial_number:x}.pem"
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
    return path


def ask_openssl(sandbox: Sandbox, certificate: Path, issuer: str = "az-persons", root: str = "az-root") -> str:
    """What `openssl ocsp` reads in the answer, after it has verified it up to the root."""
    pki = sandbox.folder / "pki"
    told = openssl("ocsp", "-issuer", pki / f"{issuer}.pem", "-cert", certificate,
                   "-url", sandbox.directory["pki"]["ocsp"], "-CAfile", pki / f"{root}.pem")  # fmt: skip
    assert "Response verify OK" in told
    return told


def certificate_of(person: dict[str, Any], usage: str = "sign") -> x509.Certificate:
    content = Path(person[f"{usage}_p12"]).read_bytes()
    certificate = pkcs12.load_key_and_certificates(content, person["password"].encode())[1]
    assert certificate is not None
    return certificate


def person(sandbox: Sandbox, role: str) -> dict[str, Any]:
    found: dict[str, Any] = next(entry for entry in sandbox.directory["people"] if entry["role"] == role)
    return found


def faulty(sandbox: Sandbox, fault: str) -> dict[str, Any]:
    found: dict[str, Any] = next(entry for entry in sandbox.directory["faulty_people"] if entry["fault"] == fault)
    return found


# --- OCSP, revocation lists, time stamps


def test_openssl_reads_the_state_of_officials(sandbox: Sandbox) -> None:
    assert "head.pem: good" in ask_openssl(sandbox, sandbox.folder / "plant" / "head.pem")
    assert "revoked.pem: revoked" in ask_openssl(sandbox, sandbox.folder / "plant" / "revoked.pem")
    issuer = sandbox.folder / "pki" / "az-persons.pem"
    assert "az-persons.pem: good" in ask_openssl(sandbox, issuer, issuer="az-root")


def test_openssl_reads_the_state_of_a_foreign_person(sandbox: Sandbox, tmp_path: Path) -> None:
    path = pem_file(tmp_path, certificate_of(person(sandbox, "buyer")))
    assert ": good" in ask_openssl(sandbox, path, issuer="de-persons", root="de-root")


def test_a_suspended_certificate_is_on_hold(sandbox: Sandbox, tmp_path: Path) -> None:
    told = ask_openssl(sandbox, pem_file(tmp_path, certificate_of(faulty(sandbox, "suspended"))))
    assert "certificateHold" in told


def test_a_certificate_is_suspended_restored_and_revoked_while_the_program_runs(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    certificate = certificate_of(person(sandbox, "second-exporter"), "auth")
    path, serial = pem_file(tmp_path, certificate), f"{certificate.serial_number:x}"
    assert ": good" in ask_openssl(sandbox, path)
    sandbox.run("pki", "suspend", serial)
    assert "certificateHold" in ask_openssl(sandbox, path)
    sandbox.run("pki", "restore", serial)
    assert ": good" in ask_openssl(sandbox, path)
    sandbox.run("pki", "revoke", serial)
    assert ": revoked" in ask_openssl(sandbox, path)
    refused = sandbox.run("pki", "restore", serial, check=False)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert serial in openssl("crl", "-inform", "DER", "-in", _crl(sandbox, tmp_path), "-noout", "-text").lower()


def test_a_serial_number_never_issued_is_unknown(sandbox: Sandbox, tmp_path: Path) -> None:
    pki = sandbox.folder / "pki"
    told = openssl("ocsp", "-issuer", pki / "az-persons.pem", "-serial", "0x1234", "-url",
                   sandbox.directory["pki"]["ocsp"], "-CAfile", pki / "az-root.pem")  # fmt: skip
    assert "0x1234: unknown" in told


def test_what_is_no_ocsp_request_is_said_to_be_malformed(sandbox: Sandbox) -> None:
    response = httpx.post(sandbox.directory["pki"]["ocsp"], content=b"no", trust_env=False)
    assert ocsp.load_der_ocsp_response(response.content).response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_the_revocation_list_is_signed_by_its_centre(sandbox: Sandbox, tmp_path: Path) -> None:
    pki = sandbox.folder / "pki"
    told = openssl("crl", "-inform", "DER", "-in", _crl(sandbox, tmp_path), "-noout", "-CAfile", pki / "az-persons.pem")
    assert "verify OK" in told


def test_openssl_verifies_a_time_stamp(sandbox: Sandbox, tmp_path: Path) -> None:
    data, query, reply = tmp_path / "data", tmp_path / "query", tmp_path / "reply"
    data.write_bytes(b"20 tonnes of hazelnuts")
    openssl("ts", "-query", "-data", data, "-sha256", "-cert", "-out", query)
    _ask_time_stamp(sandbox, query, reply)
    root = sandbox.folder / "trust" / "az-root.pem"
    assert "Verification: OK" in openssl("ts", "-verify", "-queryfile", query, "-in", reply, "-CAfile", root)


def test_a_weak_digest_gets_no_time_stamp(sandbox: Sandbox, tmp_path: Path) -> None:
    data, query, reply = tmp_path / "data", tmp_path / "query", tmp_path / "reply"
    data.write_bytes(b"x")
    openssl("ts", "-query", "-data", data, "-sha1", "-out", query)
    _ask_time_stamp(sandbox, query, reply)
    told = openssl("ts", "-reply", "-in", reply, "-text")
    assert "Status: Rejected." in told
    assert "unrecognized or unsupported algorithm" in told


# --- certificates


@pytest.mark.parametrize("role", ["exporter", "second-exporter", "buyer"])
def test_a_person_has_one_key_to_sign_in_and_one_to_sign(sandbox: Sandbox, role: str) -> None:
    someone = person(sandbox, role)
    for usage, committing in (("auth", False), ("sign", True)):
        certificate = certificate_of(someone, usage)
        key_usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        assert (key_usage.content_commitment, key_usage.digital_signature) == (committing, not committing)
        assert isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
        identity = f"PNOAZ-{someone['fin']}" if someone["fin"] else someone["foreign_id"]
        organisation = f"VATAZ-{someone['voen']}" if someone["voen"] else someone["organisation_id"]
        assert _named(certificate, NameOID.SERIAL_NUMBER) == identity
        assert _named(certificate, NameOID.ORGANIZATION_IDENTIFIER) == organisation
        assert _named(certificate, NameOID.COMMON_NAME) == someone["name"]
        assert timedelta(days=1090) < certificate.not_valid_after_utc - datetime.now(UTC) < timedelta(days=1096)


def test_a_key_file_is_one_a_browser_can_open(sandbox: Sandbox) -> None:
    path = person(sandbox, "exporter")["sign_p12"]
    told = openssl("pkcs12", "-in", path, "-passin", "pass:sandbox", "-info", "-noout")
    assert "MAC: sha256" in told
    assert "PBES2, PBKDF2, AES-256-CBC, Iteration 20000, PRF hmacWithSHA256" in told
    with pytest.raises(ValueError, match="password"):
        pkcs12.load_key_and_certificates(Path(path).read_bytes(), b"wrong")


@pytest.mark.parametrize("program", ["plant", "quality", "origin", "customs"])
def test_an_official_is_named_with_the_body(sandbox: Sandbox, program: str) -> None:
    for name in ("head", "revoked", "untrusted"):
        key = MessageKey.load(sandbox.folder / program, name)
        assert _named(key.certificate, NameOID.ORGANIZATION_IDENTIFIER) == f"GOVAZ-{sandbox.code(program)}"
        assert key.private.public_key() == key.certificate.public_key()
        chain = x509.load_pem_x509_certificates((sandbox.folder / program / f"{name}.chain.pem").read_bytes())
        key.certificate.verify_directly_issued_by(chain[0])
        chain[0].verify_directly_issued_by(chain[1])
    trusted = {path.read_bytes() for path in (sandbox.folder / "trust").glob("*.pem")}
    assert chain[0].public_bytes(Encoding.PEM) not in trusted


def test_the_expired_person_has_expired(sandbox: Sandbox) -> None:
    assert certificate_of(faulty(sandbox, "expired")).not_valid_after_utc < datetime.now(UTC)


# --- pyHanko: the acceptance rule of a contract signature, with the demo keys


def test_a_signature_of_the_exporter_is_accepted_for_the_long_term(sandbox: Sandbox) -> None:
    verdict = validate(sandbox, sign(sandbox, person(sandbox, "exporter")))
    assert verdict.ades_subindic.name == "OK"
    assert verdict.api_status.bottom_line


def test_a_signature_of_the_foreign_buyer_is_accepted_for_the_long_term(sandbox: Sandbox) -> None:
    verdict = validate(sandbox, sign(sandbox, person(sandbox, "buyer")))
    assert verdict.ades_subindic.name == "OK"
    assert verdict.api_status.bottom_line


@pytest.mark.parametrize("fault", ["revoked", "suspended", "expired", "untrusted"])
def test_nobody_with_a_faulty_certificate_can_sign_for_the_long_term(sandbox: Sandbox, fault: str) -> None:
    with pytest.raises(SigningError):
        sign(sandbox, faulty(sandbox, fault))


def sign(sandbox: Sandbox, someone: dict[str, Any]) -> bytes:
    """A page signed PAdES B-LTA with the person's key, over the sandbox's real OCSP and time stamps."""
    return asyncio.run(_sign(sandbox, someone))


async def _sign(sandbox: Sandbox, someone: dict[str, Any]) -> bytes:
    path, password = someone["sign_p12"], someone["password"].encode()
    signer = signers.SimpleSigner.load_pkcs12(path, passphrase=password)
    assert signer is not None
    async with aiohttp.ClientSession() as session:
        context = ValidationContext(
            trust_roots=roots(sandbox),
            allow_fetching=True,
            revocation_mode="require",
            fetcher_backend=AIOHttpFetcherBackend(session),
        )
        metadata = PdfSignatureMetadata(
            field_name="Seller",
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            embed_validation_info=True,
            use_pades_lta=True,
            validation_context=context,
            signer_key_usage={"non_repudiation"},
        )
        stamper = HTTPTimeStamper(sandbox.directory["pki"]["tsa"], session=session)
        writer = IncrementalPdfFileWriter(BytesIO(a_page()))
        signer_of_pages = PdfSigner(metadata, signer=signer, timestamper=stamper)
        output = BytesIO()
        await signer_of_pages.async_sign_pdf(writer, output=output)
    return output.getvalue()


def validate(sandbox: Sandbox, content: bytes) -> Any:
    """The verdict from what the document itself carries, and the roots: nothing is fetched."""
    manager = SimpleTrustManager.build(trust_roots=roots(sandbox))
    policy = CertValidationPolicySpec(trust_manager=manager, revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO))
    gathering = RevocationInfoGatheringSpec(online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY)
    spec = PdfSignatureValidationSpec(
        SignatureValidationSpec(
            cert_validation_policy=policy,
            revinfo_gathering_policy=gathering,
            key_usage_settings=KeyUsageConstraints(key_usage={"non_repudiation"}),
        )
    )
    reader = PdfFileReader(BytesIO(content))
    return asyncio.run(ades_lta_validation(reader.embedded_regular_signatures[0], spec))


def roots(sandbox: Sandbox) -> list[asn1.Certificate]:
    contents = [(sandbox.folder / "trust" / name).read_bytes() for name in ("az-root.pem", "de-root.pem")]
    return [asn1.Certificate.load(asn1_pem.unarmor(content)[2]) for content in contents]


def a_page() -> bytes:
    """An empty A4 page."""
    writer: Any = PdfFileWriter()
    box, resources = (0, 0, 595, 842), DictionaryObject()
    contents = writer.add_object(StreamObject(stream_data=b""))
    writer.insert_page(PageObject(contents=contents, media_box=box, resources=resources))
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def _named(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    return str(certificate.subject.get_attributes_for_oid(oid)[0].value)


def _crl(sandbox: Sandbox, folder: Path) -> Path:
    certificate = certificate_of(person(sandbox, "exporter"))
    points = certificate.extensions.get_extension_for_oid(ExtensionOID.CRL_DISTRIBUTION_POINTS).value
    path = folder / "list.crl"
    path.write_bytes(httpx.get(points[0].full_name[0].value, trust_env=False).content)  # type: ignore[index]
    return path


def _ask_time_stamp(sandbox: Sandbox, query: Path, reply: Path) -> None:
    headers = {"Content-Type": "application/timestamp-query"}
    url = sandbox.directory["pki"]["tsa"]
    reply.write_bytes(httpx.post(url, content=query.read_bytes(), headers=headers, trust_env=False).content)
