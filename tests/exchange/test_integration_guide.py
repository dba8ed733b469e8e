"""docs/integration.md: its example verifies with both implementations, and nothing that is spoken is missing in it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from cryptography import x509

from azexport.exchange import protocol, signing
from azexport.gateway.handlers import HANDLERS
from azexport.participants.actions import fingerprint_of
from sandbox import wire

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "integration.md").read_text()
NOW = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)
URL = "https://azexport.az/exchange/messages"


def block(kind: str) -> str:
    found = re.search(rf"^```{kind}\n(.*?)\n```$", GUIDE, re.MULTILINE | re.DOTALL)
    assert found, f"there is no block {kind}"
    return found[1]


def http(kind: str) -> tuple[str, dict[str, str], bytes]:
    """First line, headers and content of an HTTP message as the guide shows it."""
    head, _gap, content = block(kind).partition("\n\n")
    first, *lines = head.split("\n")
    return first, dict(line.split(": ", 1) for line in lines), content.encode()


def certificate(kind: str) -> tuple[str, x509.Certificate]:
    pem = block(kind) + "\n"
    return pem, x509.load_pem_x509_certificate(pem.encode())


def test_the_request_of_the_guide_verifies_with_both_implementations() -> None:
    _first, headers, content = http("http request")
    pem, known = certificate("pem body")
    request = signing.HttpRequest("POST", URL, httpx.Headers(headers), content)
    keyid = signing.verify_request(request, certificate_of={fingerprint_of(pem): pem}.get, now=NOW)
    lower = {name.lower(): value for name, value in headers.items()}
    assert wire.verify_request(URL, lower, content, {wire.key_id(known): known}, now=NOW.timestamp()) == keyid
    envelope = protocol.read_envelope(content)
    assert (envelope.sender, envelope.recipient, envelope.type) == ("example-body", "azexport", "case.accepted")


def test_the_signature_base_of_the_guide_is_the_one_that_was_signed() -> None:
    _first, headers, _content = http("http request")
    _pem, known = certificate("pem body")
    signature = wire._signature(headers["Signature"], "sig1")
    wire._check_signature(known, signature, block("text base").encode())


def test_the_reply_of_the_guide_verifies_with_both_implementations() -> None:
    first, headers, content = http("http reply")
    status = int(first.split()[1])
    pem, known = certificate("pem portal")
    reply = signing.HttpReply(status, httpx.Headers(headers), content)
    signing.verify_reply(reply, certificate_of={fingerprint_of(pem): pem}.get, now=NOW)
    lower = {name.lower(): value for name, value in headers.items()}
    wire.verify_reply(status, lower, content, {wire.key_id(known): known}, now=NOW.timestamp())
    asked = protocol.read_envelope(http("http request")[2])
    assert protocol.read_envelope(content).in_reply_to == asked.message_id


@pytest.mark.parametrize("kind", sorted(HANDLERS))
def test_every_type_that_the_portal_takes_is_in_the_guide(kind: str) -> None:
    assert f"| `{kind}` |" in GUIDE


def test_every_type_that_the_portal_sends_is_in_the_guide() -> None:
    sources = "\n".join(
        path.read_text() for path in (ROOT / "azexport").rglob("*.py") if "migrations" not in path.parts
    )
    sent = set(re.findall(r'type="([a-z]+\.[a-z_]+)"', sources))
    assert sent
    for kind in sent:
        assert f"| `{kind}` |" in GUIDE, kind


def test_every_message_that_the_guide_shows_can_be_read() -> None:
    shown = [json.loads(one) for one in re.findall(r"```json\n(\{\"message_id.+?)\n```", GUIDE, re.DOTALL)]
    read = [protocol.read_envelope(json.dumps(one).encode()) for one in shown]
    assert [one.type for one in read] == ["case.step_requested", "case.step_finished"]
    assert read[1].in_reply_to == read[0].message_id


def test_every_refusal_of_the_protocol_is_in_the_guide() -> None:
    codes = set()
    for room in ("exchange", "gateway"):
        for path in (ROOT / "azexport" / room).glob("*.py"):
            codes |= set(re.findall(r'Refused\(\s*"([a-z-]+)"', path.read_text()))
    assert len(codes) > 15
    for code in codes:
        assert f"`{code}`" in GUIDE, code
