"""What other programs say of our signatures: poppler, OpenSSL, MuPDF, qpdf."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import cms, tsp
from cryptography.hazmat.primitives.serialization import Encoding

from azexport.signatures.sealing import seal_bytes
from azexport.signatures.validation import validate_pdf
from tests.factories.signatures import SandboxPki, a_pdf, pki, sandbox_pki, sign_directly

__all__ = ["pki", "sandbox_pki"]


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.fixture
def contract(pki: SandboxPki, tmp_path: Path) -> Path:
    """Signed by the seller, then by the foreign buyer."""
    once = sign_directly(a_pdf(), "Seller", pki.key("people/leyla-mammadova-sign"))
    twice = sign_directly(once, "Buyer", pki.key("people/jonas-weber-sign"))
    path = tmp_path / "contract.pdf"
    path.write_bytes(twice)
    assert all(report.accepted for report in validate_pdf(twice, now=datetime.now(UTC)))
    return path


def roots(pki: SandboxPki, folder: Path) -> Path:
    path = folder / "roots.pem"
    path.write_text("".join((pki.folder / "trust" / f"{name}-root.pem").read_text() for name in ("az", "de")))
    return path


def parts(content: bytes, number: int) -> tuple[bytes, bytes]:
    """(covered bytes, CMS) of the signature with that number, read by hand from its ByteRange."""
    place = -1
    for _ in range(number):
        place = content.index(b"/ETSI.CAdES.detached", place + 1)
    start = content.index(b"/ByteRange", content.rindex(b"obj", 0, place))
    numbers = content[content.index(b"[", start) + 1 : content.index(b"]", start)].split()
    first, first_length, second, second_length = (int(one) for one in numbers)
    covered = content[first : first + first_length] + content[second : second + second_length]
    container = bytes.fromhex(content[first + first_length : second].strip(b"<>").decode())
    return covered, cms.ContentInfo.load(container).dump()


@needs("pdfsig")
def test_pdfsig_finds_both_signatures_valid(contract: Path) -> None:
    said = run("pdfsig", "-nocert", str(contract)).stdout
    assert said.count("Signature Validation: Signature is Valid.") == 2
    assert "Leyla Məmmədova" in said
    assert "Jonas Weber" in said


@needs("openssl")
@pytest.mark.parametrize("number", [1, 2])
def test_openssl_verifies_cades_over_the_extracted_byte_range_with_the_chain(
    pki: SandboxPki, contract: Path, tmp_path: Path, number: int
) -> None:
    covered, container = parts(contract.read_bytes(), number)
    (tmp_path / "covered").write_bytes(covered)
    (tmp_path / "signature.der").write_bytes(container)
    result = run(
        "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", str(tmp_path / "signature.der"),
        "-content", str(tmp_path / "covered"), "-CAfile", str(roots(pki, tmp_path)), "-purpose", "any",
        "-out", "/dev/null",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "successful" in result.stderr


@needs("openssl")
def test_openssl_refuses_the_byte_range_with_one_byte_changed(pki: SandboxPki, contract: Path, tmp_path: Path) -> None:
    covered, container = parts(contract.read_bytes(), 1)
    (tmp_path / "covered").write_bytes(covered[:-1] + b"x")
    (tmp_path / "signature.der").write_bytes(container)
    result = run(
        "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", str(tmp_path / "signature.der"),
        "-content", str(tmp_path / "covered"), "-CAfile", str(roots(pki, tmp_path)), "-out", "/dev/null",
    )  # fmt: skip
    assert result.returncode != 0


@needs("openssl")
def test_openssl_verifies_the_signature_time_stamp(pki: SandboxPki, contract: Path, tmp_path: Path) -> None:
    _covered, container = parts(contract.read_bytes(), 1)
    signer = cms.ContentInfo.load(container)["content"]["signer_infos"][0]
    token = next(
        one["values"][0] for one in signer["unsigned_attrs"] if one["type"].native == "signature_time_stamp_token"
    )
    assert isinstance(token["content"]["encap_content_info"]["content"].parsed, tsp.TSTInfo)
    (tmp_path / "token.der").write_bytes(token.dump())
    (tmp_path / "signature").write_bytes(signer["signature"].native)
    result = run(
        "openssl", "ts", "-verify", "-token_in", "-in", str(tmp_path / "token.der"), "-data",
        str(tmp_path / "signature"), "-CAfile", str(roots(pki, tmp_path)),
    )  # fmt: skip
    assert result.returncode == 0, result.stderr


@needs("qpdf")
def test_qpdf_finds_nothing_wrong_with_the_file(contract: Path) -> None:
    result = run("qpdf", "--check", str(contract))
    assert result.returncode == 0, result.stdout + result.stderr
    assert "No syntax or stream encoding errors" in result.stdout


@needs("mutool")
def test_mupdf_sees_that_nothing_changed_since_signing(contract: Path) -> None:
    said = run("mutool", "sign", "-v", str(contract))
    assert "Jonas Weber" in said.stdout + said.stderr
    assert "Digest OK" in said.stdout or "The signature is valid" in said.stdout or "verifying" in said.stdout.lower()


@needs("openssl")
def test_openssl_verifies_the_portals_seal_on_a_manifest(pki: SandboxPki, tmp_path: Path) -> None:
    manifest = b'{"files": []}'
    (tmp_path / "manifest.json").write_bytes(manifest)
    (tmp_path / "manifest.p7s").write_bytes(seal_bytes(manifest))
    command = (
        "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", str(tmp_path / "manifest.p7s"),
        "-content", str(tmp_path / "manifest.json"), "-CAfile", str(roots(pki, tmp_path)), "-purpose", "any",
        "-out", "/dev/null",
    )  # fmt: skip
    assert run(*command).returncode == 0
    (tmp_path / "manifest.json").write_bytes(manifest + b" ")
    assert run(*command).returncode != 0


def test_the_seal_carries_its_certificate_and_a_time_stamp(pki: SandboxPki) -> None:
    from cryptography import x509

    signed = cms.ContentInfo.load(seal_bytes(b"x"))["content"]
    own = x509.load_pem_x509_certificate((pki.folder / "portal" / "seal.pem").read_bytes())
    assert own.public_bytes(Encoding.DER) in [one.chosen.dump() for one in signed["certificates"]]
    names = [one["type"].native for one in signed["signer_infos"][0]["unsigned_attrs"]]
    assert names == ["signature_time_stamp_token"]
