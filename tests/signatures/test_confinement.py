"""Hostile PDFs cost one job a clear refusal, not a worker (signatures.md, trap 7; threat 15)."""

from __future__ import annotations

import resource
import socket
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from azexport.signatures import attachments, confined, confinement, queries
from azexport.signatures.errors import Refused
from azexport.signatures.models import TrustService
from azexport.signatures.states import Verdict
from azexport.signatures.trust import TrustList
from azexport.signatures.validation import SignatureReport, validate_pdf
from tests.factories.signatures import SandboxPki, a_pdf, look, sign_directly


@pytest.fixture(scope="module")
def unsigned() -> bytes:
    return a_pdf()


def judged(content: bytes, **given: Any) -> SignatureReport:
    return validate_pdf(content, now=datetime.now(UTC), **given)[0]


def a_hostile_pdf(*objects: bytes, trailer: bytes = b"/Root 1 0 R") -> bytes:
    """Numbered objects and their table, written by hand."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<<%s /Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        size, table, trailer, size, len(out)
    )  # fmt: skip


def deflated_zeros(megabytes: int) -> bytes:
    """So many megabytes of zeros as a valid zlib stream, made without compressing them all."""
    size = megabytes << 20
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = ((size % 65521) << 16) | 1
    return b"\x78\xda" + block * megabytes + b"\x03\x00" + checksum.to_bytes(4, "big")


def a_bomb() -> bytes:
    """The file's own table of objects, 4 MB of the file, is eight gigabytes long."""
    packed = deflated_zeros(8192)
    head = b"%PDF-1.7\n"
    table = (
        b"1 0 obj\n<</Type/XRef/Size 3/Root 2 0 R/W[1 2 1]/Filter/FlateDecode/Length %d>>\nstream\n" % len(packed)
        + packed
        + b"\nendstream\nendobj\n"
    )
    return head + table + b"startxref\n%d\n%%%%EOF\n" % len(head)


def a_signature_of(container: bytes) -> bytes:
    """A PDF whose one signature is this container."""
    return a_hostile_pdf(
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]/SigFlags 3>>>>",
        b"<</Type/Pages/Kids[]/Count 0>>",
        b"<</FT/Sig/T(Seller)/V 4 0 R>>",
        b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 10 20 30]/Contents<%s>>>"
        % container.hex().encode(),
    )


def a_stall() -> bytes:
    """An object identifier of 400,000 octets in one number: asn1crypto takes a minute to put it together."""
    name = b"\x81" * 400_000 + b"\x01"
    container = b"\x06\x83" + len(name).to_bytes(3, "big") + name + b"\xa0\x02\x30\x00"
    return a_signature_of(b"\x30\x83" + len(container).to_bytes(3, "big") + container)


# --- hostile files


def test_a_decompression_bomb_is_malformed_and_takes_no_memory_of_the_worker(pki: SandboxPki) -> None:
    content = a_bomb()
    assert len(content) < 12 << 20
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert judged(content).verdict is Verdict.MALFORMED
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < before + 100 * 1024


def test_an_attachment_that_is_a_bomb_is_no_attachment(unsigned: bytes) -> None:
    packed = deflated_zeros(2048)
    content = a_hostile_pdf(
        b"<</Type/Catalog/Names<</EmbeddedFiles<</Names[(permit.json) 2 0 R]>>>>>>",
        b"<</Type/Filespec/F(permit.json)/EF<</F 3 0 R>>>>",
        b"<</Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (len(packed), packed),
    )
    assert attachments.attached(content, "permit.json") is None


def test_endless_nesting_is_malformed(pki: SandboxPki) -> None:
    deep = b"[" * 300_000 + b"]" * 300_000
    assert judged(a_hostile_pdf(b"<</Type/Catalog/AcroForm %s>>" % deep)).verdict is Verdict.MALFORMED
    loop = a_hostile_pdf(
        b"<</Type/Catalog/AcroForm<</Fields[2 0 R]/SigFlags 3>>>>", b"<</FT/Sig/T(A)/Kids[2 0 R 2 0 R]>>"
    )
    assert judged(loop).verdict in (Verdict.MALFORMED, Verdict.UNSIGNED)


def test_what_takes_minutes_to_parse_is_stopped_by_its_computing_time(
    pki: SandboxPki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confinement, "LIMITS", confined.Limits(cpu_seconds=1))
    began = time.monotonic()
    report = judged(a_stall())
    assert (report.verdict, "SIGXCPU" in report.details) == (Verdict.MALFORMED, True)
    assert time.monotonic() - began < 20


def test_what_waits_is_stopped_by_the_clock_and_may_be_tried_again(
    pki: SandboxPki, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A centre that takes the question and never answers is not the file's fault: indeterminate, not malformed."""
    signed = sign_directly(a_pdf(), "Seller", pki.key("people/leyla-mammadova-sign"))
    cache.clear()
    monkeypatch.setattr(confinement, "LIMITS", confined.Limits(seconds=0.5))
    monkeypatch.setattr("azexport.signatures.outside._door", Slow())
    assert judged(signed).verdict is Verdict.INDETERMINATE


class Slow:
    """A door behind which nobody hurries."""

    def post(self, *arguments: Any, **options: Any) -> bytes:
        time.sleep(0.8)
        return b""

    def kept(self, key: str) -> bytes | None:
        return None

    def keep(self, key: str, answer: bytes, seconds: int) -> None:
        """Nothing to keep."""


def test_a_stalled_file_holds_up_nobody_else(pki: SandboxPki, unsigned: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement, "LIMITS", confined.Limits(cpu_seconds=2))
    trust = queries.trust_list()
    given = {"now": datetime.now(UTC).isoformat(), "require": "sign", "online": False}
    with ThreadPoolExecutor(2) as pool:
        stalled = pool.submit(confinement.run, "validate", a_stall(), given, trust=trust)
        told, _none = confinement.run("validate", unsigned, given, trust=trust)
        assert told["reports"][0]["verdict"] == "unsigned"
        assert not stalled.done()
        assert isinstance(stalled.exception(), Refused)


# --- the process


def test_an_honest_file_is_judged_as_in_this_process(pki: SandboxPki) -> None:
    signed = sign_directly(a_pdf(), "Seller", pki.key("people/leyla-mammadova-sign"))
    report = judged(signed)
    assert (report.verdict, report.level, report.signed_at is not None) == (Verdict.ACCEPTED, "B-LTA", True)
    assert report == look(signed)


def test_a_centres_answer_is_kept_by_the_portal_from_one_file_to_the_next(pki: SandboxPki) -> None:
    signed = sign_directly(a_pdf(), "Seller", pki.key("people/leyla-mammadova-sign"))
    assert judged(signed).accepted
    TrustService.objects.update(ocsp="http://localhost:9/ocsp")
    report = judged(signed)
    assert report.accepted
    assert report.details == look(signed).details


def test_the_process_has_nothing_of_the_portals_environment(unsigned: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZEXPORT_SECRET_KEY", "do not tell")
    confinement._nursery.end()
    attachments.attached(unsigned, "x")
    process = confinement._nursery._process
    assert process is not None
    environment = Path(f"/proc/{process.pid}/environ").read_bytes()
    assert b"SECRET" not in environment
    assert b"DATABASE" not in environment


def test_a_process_asks_the_addresses_of_the_list_only(pki: SandboxPki) -> None:
    addresses = queries.trust_list().addresses
    for address in ("http://169.254.169.254/", f"http://localhost:{pki.port}/health", "file:///etc/passwd"):
        asked = {"post": address, "media_type": "text/plain", "timeout": 1}
        assert confinement._answer(asked, b"", addresses) == ({"problem": "not an address of the list"}, b"")


def test_a_process_reaches_nothing_else_that_the_portal_keeps() -> None:
    cache.set("session", b"somebody's", 60)
    assert confinement._answer({"kept": "session"}, b"", frozenset()) == ({"found": False}, b"")
    confinement._answer({"keep": "session", "seconds": 60}, b"mine", frozenset())
    assert cache.get("session") == b"somebody's"


def test_a_warm_process_that_was_killed_is_started_again(unsigned: bytes) -> None:
    attachments.attached(unsigned, "x")
    process = confinement._nursery._process
    assert process is not None
    process.kill()
    process.wait()
    assert attachments.attached(unsigned, "x") is None
    assert confinement._nursery._process is not process


def test_a_child_killed_by_somebody_else_is_to_be_tried_again(unsigned: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory of the machine may have been short: nothing is known of the file."""
    monkeypatch.setattr(confinement, "_listen", lambda *_: (_ for _ in ()).throw(EOFError))
    with pytest.raises(Refused) as refused:
        confinement.run("attached", unsigned, {"name": "x"}, trust=TrustList(()))
    assert refused.value.verdict is Verdict.INDETERMINATE


def test_a_process_that_says_what_cannot_be_is_not_believed() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall((0xFFFFFFFF).to_bytes(4, "big") + (0xFFFFFFFF).to_bytes(4, "big"))
        with pytest.raises(EOFError):
            confined.read(ours)
        theirs.sendall((1).to_bytes(4, "big") + (0).to_bytes(4, "big") + b"{")
        with pytest.raises(EOFError):
            confined.read(ours)
