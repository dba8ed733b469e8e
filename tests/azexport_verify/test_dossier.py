"""The stand-alone checker: a whole dossier passes; whatever is changed in it is named."""

from __future__ import annotations

import ast
import base64
import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils.generic import NumberObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

import azexport_verify
from azexport_verify.__main__ import main
from azexport_verify.report import LANGUAGES, TEXTS
from sandbox.permit_documents.signing import Official
from sandbox.wire import MessageKey, sign_request
from tests.azexport_verify.conftest import (
    APPLICATION,
    ATTACHMENT,
    BUYER,
    CONTRACT,
    DECLARATION,
    GRANTED,
    PERMIT,
    RECEIPT,
    RELEASE,
    SELLER,
    SENT,
    Checker,
    Dossier,
    Maker,
)

EVERY_FILE = [CONTRACT, APPLICATION, ATTACHMENT, PERMIT, DECLARATION, RELEASE, SENT, RECEIPT, GRANTED]


def flipped(content: bytes, place: int | None = None) -> bytes:
    at = len(content) // 2 if place is None else place
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


# --- what is in order


def test_a_whole_dossier_is_in_order(whole: Dossier, check: Checker) -> None:
    report = check(whole)
    assert report.ok, report.findings
    assert (report.documents, report.messages, report.messages_in_order, report.links) == (6, 3, 3, 4)
    assert [one.signer for one in report.signatures if one.path == CONTRACT] == ["Leyla Məmmədova", "Jonas Weber"]
    assert "GOVAZ-azexport" in report.sealed_by


@pytest.mark.parametrize("days", [1, 365, 4 * 365])
def test_it_is_still_in_order_when_all_that_was_asked_then_has_expired(
    whole: Dossier, check: Checker, days: int
) -> None:
    assert check(whole, now=datetime.now(UTC) + timedelta(days=days)).ok


def test_it_is_not_proven_any_more_when_the_time_stamps_have_expired(whole: Dossier, check: Checker) -> None:
    codes = {code for code, _ in check.codes(whole, now=datetime.now(UTC) + timedelta(days=11 * 365))}
    assert {"time_stamp_expired", "seal_not_proven"} <= codes


def test_a_dossier_under_way_needs_no_declaration_yet(whole: Dossier, check: Checker) -> None:
    started = replace(whole.without(DECLARATION).without(RELEASE), links=whole.links[:2]).sealed()
    assert check(started).ok


def test_it_needs_neither_network_nor_database_nor_the_portal(whole: Dossier, tmp_path: Path, maker: Maker) -> None:
    program = (
        "import socket, sys\n"
        "def no(*_): raise AssertionError('network')\n"
        "socket.socket.connect = no\n"
        "from azexport_verify.__main__ main\n".replace("__main__ main", "__main__ import main")
        + "code = main(sys.argv[1:])\n"
        "assert not {name.split('.')[0] for name in sys.modules} & {'azexport', 'config', 'django', 'psycopg'}\n"
        "sys.exit(code)\n"
    )
    command = [sys.executable, "-c", program, str(whole.written(tmp_path)), "--trust", str(maker.folder / "trust")]
    root = Path(azexport_verify.__file__).parents[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE", "DJANGO"))}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Dosye bütövdür" in done.stdout


def test_its_modules_import_nothing_of_the_portal() -> None:
    for path in Path(azexport_verify.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not {name.split(".")[0] for name in names} & {"azexport", "config", "django", "sandbox"}


# --- files changed, missing, added


@pytest.mark.parametrize("path", EVERY_FILE)
def test_a_file_changed_by_one_byte_is_named(whole: Dossier, check: Checker, path: str) -> None:
    assert ("changed", path) in check.codes(whole.changed(path, flipped(whole.files[path])))


@pytest.mark.parametrize("path", EVERY_FILE)
def test_a_missing_file_is_named(whole: Dossier, check: Checker, path: str) -> None:
    assert check.codes(whole.without(path)) == {("missing", path)}


def test_an_added_file_is_named(whole: Dossier, check: Checker) -> None:
    added = whole.changed("documents/6-something.pdf", b"%PDF-1.7")
    assert check.codes(added) == {("added", "documents/6-something.pdf")}
    assert check.codes(whole.changed("README.txt", b"read me")) == {("added", "README.txt")}


def test_two_files_that_changed_places_are_named(whole: Dossier, check: Checker) -> None:
    exchanged = whole.changed(PERMIT, whole.files[DECLARATION]).changed(DECLARATION, whole.files[PERMIT])
    assert {("changed", PERMIT), ("changed", DECLARATION)} <= check.codes(exchanged)


def test_a_byte_flipped_in_the_archive_itself_is_found_wherever_content_is(whole: Dossier, check: Checker) -> None:
    packed = whole.packed()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        places = {entry.filename: entry.header_offset + 30 + len(entry.filename) + 5 for entry in archive.infolist()}
    for name, place in places.items():
        assert name in {path for _, path in check.codes(flipped(packed, place))}, name


# --- manifest and seal


def test_a_byte_flipped_in_the_manifest_breaks_its_seal(whole: Dossier, check: Checker) -> None:
    assert whole.manifest is not None
    place = whole.manifest.index(b"OP-1") + 3
    assert ("seal_broken", "manifest.p7s") in check.codes(replace(whole, manifest=flipped(whole.manifest, place)))


def test_a_byte_flipped_anywhere_in_the_seal_is_noticed(whole: Dossier, check: Checker) -> None:
    assert whole.seal is not None
    for place in range(20, len(whole.seal), 997):
        codes = check.codes(replace(whole, seal=flipped(whole.seal, place)))
        harmless = not codes
        assert all(path == "manifest.p7s" for _, path in codes)
        # Only unsigned parts (a certificate that is not needed) may change without harm.
        assert not harmless or place > 100


def test_a_dossier_without_manifest_or_seal_is_refused(whole: Dossier, check: Checker) -> None:
    assert check.codes(replace(whole, seal=None)) == {("no_seal", "manifest.p7s")}
    assert check.codes(replace(whole, manifest=None)) == {("no_manifest", "manifest.json")}


def test_a_manifest_sealed_anew_by_an_untrusted_centre_is_refused(whole: Dossier, maker: Maker, check: Checker) -> None:
    forged = whole.changed(ATTACHMENT, b"another").sealed(maker.body("plant", "untrusted"))
    assert check.codes(forged) == {("seal_unknown_centre", "manifest.p7s")} or check.codes(forged) == {
        ("seal_not_proven", "manifest.p7s")
    }


def test_a_manifest_sealed_by_a_person_or_a_body_is_refused(whole: Dossier, maker: Maker, check: Checker) -> None:
    for somebody in (maker.person(SELLER), maker.body("plant")):
        codes = check.codes(whole.changed(ATTACHMENT, b"another").sealed(somebody))
        assert codes in ({("seal_unknown_centre", "manifest.p7s")}, {("seal_not_proven", "manifest.p7s")})


def test_a_manifest_sealed_with_another_key_of_the_right_centre_is_refused(
    whole: Dossier, maker: Maker, check: Checker
) -> None:
    codes = check.codes(whole.sealed(Official.load(maker.folder / "plant", "message")))
    assert {path for _, path in codes} == {"manifest.p7s"}


def test_a_seal_of_somebody_else_than_asked_for_is_refused(whole: Dossier, check: Checker) -> None:
    assert check.codes(whole, owner="GOVAZ-somebody") == {("seal_wrong_owner", "manifest.p7s")}


def test_the_seal_of_another_dossier_is_refused(whole: Dossier, check: Checker) -> None:
    other = whole.changed(ATTACHMENT, b"another").sealed()
    assert check.codes(replace(other, seal=whole.seal)) == {("seal_broken", "manifest.p7s")}


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"[]",
        b'{"format": "another/1"}',
        b"\xff\xfe",
        b'{"format": "azexport-dossier/1", "files": [], "files": []}',
    ],
)
def test_a_manifest_that_is_none_is_refused(whole: Dossier, maker: Maker, check: Checker, manifest: bytes) -> None:
    broken = replace(whole, manifest=manifest, seal=maker.seal(manifest))
    assert ("bad_manifest", "manifest.json") in check.codes(broken)


def test_a_manifest_that_names_a_file_outside_is_refused(whole: Dossier, check: Checker) -> None:
    entry = {**whole.entries()[0], "path": "documents/../../etc/passwd"}
    assert ("bad_manifest", "manifest.json") in check.codes(whole.sealed(files=[*whole.entries(), entry]))


# --- documents


def test_a_contract_with_one_signature_is_refused_even_when_sealed(
    whole: Dossier, maker: Maker, check: Checker
) -> None:
    assert check.codes(resealed(whole, CONTRACT, maker.paper("C", maker.person(SELLER)))) == {("unsigned", CONTRACT)}


def test_an_unsigned_permit_is_refused_even_when_sealed(whole: Dossier, maker: Maker, check: Checker) -> None:
    assert check.codes(resealed(whole, PERMIT, maker.paper("P"))) == {("unsigned", PERMIT)}


def test_a_permit_altered_after_signing_is_refused_even_when_sealed(whole: Dossier, check: Checker) -> None:
    place = whole.files[PERMIT].index(b"<xmp:CreatorTool>") + 17
    altered = flipped(whole.files[PERMIT], place)
    assert {code for code, _ in check.codes(resealed(whole, PERMIT, altered))} == {"altered"}


def test_a_permit_changed_by_an_increment_is_refused_even_when_sealed(whole: Dossier, check: Checker) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(whole.files[PERMIT]))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Rotate"] = NumberObject(90)
    writer.update_container(page)
    output = io.BytesIO()
    writer.write(output)
    assert check.codes(resealed(whole, PERMIT, output.getvalue())) == {("changed_after_signing", PERMIT)}


@pytest.mark.parametrize(("key", "code"), [("untrusted", "unknown_centre"), ("revoked", "no_document_time_stamp")])
def test_a_permit_signed_with_a_key_that_must_not_count_is_refused_even_when_sealed(
    whole: Dossier, maker: Maker, check: Checker, key: str, code: str
) -> None:
    signed = maker.paper("P", maker.body("plant", key))
    assert check.codes(resealed(whole, PERMIT, signed)) == {(code, PERMIT)}


def test_a_file_that_is_no_pdf_is_no_permit(whole: Dossier, check: Checker) -> None:
    assert check.codes(resealed(whole, PERMIT, b"%PDF-1.7 nonsense")) == {("unreadable", PERMIT)}


def resealed(whole: Dossier, path: str, content: bytes) -> Dossier:
    """The dossier with another document, manifest, links and seal made anew: only the document can give it away."""
    digest = hashlib.sha256(content).hexdigest()
    links = [{**link, "sha256": digest} if link["to"] == path else link for link in whole.links]
    return replace(whole.changed(path, content), links=links).sealed()


# --- messages


def altered_message(whole: Dossier, path: str, **changes: Any) -> Dossier:
    data = {**json.loads(whole.files[path]), **changes}
    return whole.changed(path, json.dumps(data).encode()).sealed()


def test_a_message_with_another_body_is_refused_even_when_sealed(whole: Dossier, check: Checker) -> None:
    body = base64.b64decode(json.loads(whole.files[GRANTED])["body"]).replace(b"CS-1", b"CS-2")
    altered = altered_message(whole, GRANTED, body=base64.b64encode(body).decode())
    assert check.codes(altered) == {("message_digest", GRANTED)}


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        (GRANTED, {"target_uri": "http://localhost:1/messages"}),
        (GRANTED, {"method": "PUT"}),
        (RECEIPT, {"status": 200}),
        (GRANTED, {"method": None, "status": 202}),
    ],
)
def test_a_message_with_another_envelope_is_refused_even_when_sealed(
    whole: Dossier, check: Checker, path: str, changes: dict[str, Any]
) -> None:
    assert check.codes(altered_message(whole, path, **changes)) == {("message_signature", path)}


def test_a_message_with_another_body_and_digest_is_refused(whole: Dossier, check: Checker) -> None:
    data = json.loads(whole.files[GRANTED])
    body = base64.b64decode(data["body"]).replace(b"CS-1", b"CS-2")
    digest = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
    headers = [[name, digest if name == "Content-Digest" else value] for name, value in data["headers"]]
    altered = altered_message(whole, GRANTED, body=base64.b64encode(body).decode(), headers=headers)
    assert check.codes(altered) == {("message_signature", GRANTED)}


def test_a_message_under_another_bodys_certificate_is_refused(whole: Dossier, maker: Maker, check: Checker) -> None:
    other = (maker.folder / "quality" / "message.pem").read_text()
    assert check.codes(altered_message(whole, GRANTED, certificate=other)) == {("message_signature", GRANTED)}


def test_a_message_that_another_body_signed_is_refused(whole: Dossier, maker: Maker, check: Checker) -> None:
    data = json.loads(whole.files[GRANTED])
    body = base64.b64decode(data["body"])
    headers = sign_request(MessageKey.load(maker.folder / "quality"), data["target_uri"], body)
    certificate = (maker.folder / "quality" / "message.pem").read_text()
    altered = altered_message(whole, GRANTED, headers=list(headers.items()), certificate=certificate)
    assert check.codes(altered) == {("message_sender", GRANTED)}


def test_a_message_of_an_untrusted_centre_is_refused(whole: Dossier, maker: Maker, check: Checker) -> None:
    data = json.loads(whole.files[GRANTED])
    key = MessageKey.load(maker.folder / "plant", "untrusted")
    headers = sign_request(key, data["target_uri"], base64.b64decode(data["body"]))
    certificate = (maker.folder / "plant" / "untrusted.pem").read_text()
    altered = altered_message(whole, GRANTED, headers=list(headers.items()), certificate=certificate)
    assert check.codes(altered) == {("message_centre", GRANTED)}


@pytest.mark.parametrize("content", [b"", b"[]", b'{"body": "!"}', b"\x00"])
def test_a_message_that_is_none_is_refused(whole: Dossier, check: Checker, content: bytes) -> None:
    assert check.codes(whole.changed(GRANTED, content).sealed()) == {("message_unreadable", GRANTED)}


# --- links


def test_a_link_to_another_version_is_refused(whole: Dossier, check: Checker) -> None:
    links = [{**whole.links[0], "sha256": "0" * 64}, *whole.links[1:]]
    assert check.codes(replace(whole, links=links).sealed()) == {("bad_link", APPLICATION), ("no_link", APPLICATION)}


def test_a_permit_that_stands_on_nothing_is_refused(whole: Dossier, check: Checker) -> None:
    links = [link for link in whole.links if link["from"] != PERMIT]
    assert check.codes(replace(whole, links=links).sealed()) == {("no_link", PERMIT)}


# --- the archive


@pytest.mark.parametrize(
    "name",
    [
        "../outside.txt",
        "/etc/passwd",
        "documents/../../x",
        "C:/x",
        "documents\\x",
        "documents//x",
        "documents/./x",
        "a\nb",
    ],
)
def test_an_entry_that_leaves_the_archive_is_refused_unopened(whole: Dossier, check: Checker, name: str) -> None:
    entry = zipfile.ZipInfo("x")
    entry.filename = name
    report = check(replace(whole, extra=[(entry, b"x")]))
    assert [one.code for one in report.findings] == ["unsafe_name"]
    assert not report.signatures


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", [PERMIT, PERMIT.upper(), "manifest.json"])
def test_an_entry_that_comes_twice_is_refused_unopened(whole: Dossier, check: Checker, name: str) -> None:
    assert check.codes(replace(whole, extra=[(name, b"x")])) == {("duplicate", name)}


def test_a_symbolic_link_is_refused_unopened(whole: Dossier, check: Checker) -> None:
    link = zipfile.ZipInfo("documents/link")
    link.external_attr = 0o120777 << 16
    assert check.codes(replace(whole, extra=[(link, b"/etc/passwd")])) == {("link", "documents/link")}


def test_a_bomb_is_refused_unopened(whole: Dossier, check: Checker) -> None:
    assert check.codes(replace(whole, extra=[("documents/bomb", b"\0" * 30_000_000)])) == {("bomb", "documents/bomb")}


def test_an_entry_that_understates_its_size_is_found_out(whole: Dossier, check: Checker) -> None:
    packed = replace(whole, extra=[("documents/liar", b"\0" * 900_000)]).packed()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        central = packed.rindex(b"PK\x01\x02", 0, packed.rindex(b"documents/liar"))
        assert archive.getinfo("documents/liar").file_size == 900_000
    lying = packed[: central + 24] + (10).to_bytes(4, "little") + packed[central + 28 :]
    assert "documents/liar" in {path for _, path in check.codes(lying)}


def test_what_stands_beside_the_entries_is_refused(whole: Dossier, check: Checker) -> None:
    assert {code for code, _ in check.codes(b"#!/bin/sh\n" + whole.packed())} == {"extra_content"}
    assert check.codes(b"no archive at all")
    assert check.codes(b"PK\x05\x06" + b"\0" * 18)
    out = io.BytesIO(whole.packed())
    with zipfile.ZipFile(out, "a") as archive:
        archive.comment = b"hello"
    assert {code for code, _ in check.codes(out.getvalue())} == {"extra_content"}


# --- the command


def test_the_command_says_in_either_language_what_is_wrong(
    whole: Dossier, tmp_path: Path, maker: Maker, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(whole.changed(PERMIT, flipped(whole.files[PERMIT])).written(tmp_path))
    trust = str(maker.folder / "trust")
    assert main([path, "--trust", trust]) == 1
    assert f"✗ {PERMIT}: Fayl dəyişdirilib" in capsys.readouterr().out
    assert main([path, "--trust", trust, "--language", "en"]) == 1
    assert f"✗ {PERMIT}: The file was changed" in capsys.readouterr().out
    assert main([path, "--trust", trust, "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False
    assert report["findings"][0]["path"] == PERMIT


def test_the_command_passes_a_whole_dossier(
    whole: Dossier, tmp_path: Path, maker: Maker, capsys: pytest.CaptureFixture[str]
) -> None:
    path, trust = str(whole.written(tmp_path)), str(maker.folder / "trust")
    assert main([path, "--trust", trust, "--language", "en"]) == 0
    printed = capsys.readouterr().out
    assert "The dossier is whole" in printed
    assert "Jonas Weber, Weber Nuss GmbH" in printed


def test_without_anchors_or_dossier_it_says_so_and_fails(
    whole: Dossier, tmp_path: Path, maker: Maker, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(whole.written(tmp_path)), "--trust", str(tmp_path)]) == 2
    assert main([str(tmp_path / "none.zip"), "--trust", str(maker.folder / "trust")]) == 2
    assert capsys.readouterr().err.count("azexport-verify:") == 2


def test_anchors_of_the_untrusted_centre_alone_trust_nobody(
    whole: Dossier, tmp_path: Path, maker: Maker, check: Checker
) -> None:
    services = [{"kind": kind, "name": "x", "root": "untrusted-root.pem", "issuer": "untrusted-persons.pem",
                 "valid_from": "2020-01-01T00:00:00+00:00", "valid_until": "2099-01-01T00:00:00+00:00"}
                for kind in ("eimza", "seal", "timestamp")]  # fmt: skip
    trust = tmp_path / "trust"
    trust.mkdir()
    (trust / "trust.json").write_text(json.dumps({"services": services}))
    for path in (maker.folder / "untrusted").glob("*.pem"):
        (trust / path.name).write_bytes(path.read_bytes())
    assert main([str(whole.written(tmp_path)), "--trust", str(trust)]) == 1


def test_everything_it_can_say_it_says_in_both_languages() -> None:
    for code, text in TEXTS.items():
        assert set(text) == set(LANGUAGES), code
        assert all(text.values()), code
    assert BUYER
