"""The exchange protocol as the sandbox speaks it, against itself and against an independent library."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms

from sandbox import wire
from sandbox.authority import Centre, Register
from sandbox.wire import Message, MessageKey, Refused

URL = "http://localhost:8105/messages"


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    folder = tmp_path_factory.mktemp("centre")
    register = Register(folder / "register.sqlite3")
    return Centre.found("root", {"C": "AZ", "CN": "Root"}, None, register, folder, "http://localhost:8101")


@pytest.fixture(scope="module")
def key(centre: Centre) -> MessageKey:
    issued = centre.issue({"C": "AZ", "CN": "sender"}, usage="message")
    return MessageKey(issued.key, issued.certificate)


@pytest.fixture(scope="module")
def certificates(key: MessageKey) -> dict[str, x509.Certificate]:
    return {key.id: key.certificate}


def a_message() -> Message:
    return wire.new_message("case.submitted", sender="azexport", recipient="body", subject="CS-1", body={"ə": "Şəki"})


def lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def test_a_message_survives_the_wire(key: MessageKey, certificates: dict[str, x509.Certificate]) -> None:
    message = a_message()
    content = message.to_bytes()
    headers = lower(wire.sign_request(key, URL, content))
    assert wire.verify_request(URL, headers, content, certificates) == key.id
    assert Message.from_bytes(content) == message


def test_a_reply_is_bound_to_its_status(key: MessageKey, certificates: dict[str, x509.Certificate]) -> None:
    content = a_message().reply("receipt", {"status": "accepted"}).to_bytes()
    headers = lower(wire.sign_reply(key, 202, content))
    assert wire.verify_reply(202, headers, content, certificates) == key.id
    with pytest.raises(Refused) as refused:
        wire.verify_reply(200, headers, content, certificates)
    assert refused.value.code == "signature"


def _other_content(url: str, headers: dict[str, str], content: bytes) -> tuple[str, dict[str, str], bytes]:
    return url, headers, content.replace(b"CS-1", b"CS-2")


def _other_content_and_digest(url: str, headers: dict[str, str], content: bytes) -> tuple[str, dict[str, str], bytes]:
    changed = content.replace(b"CS-1", b"CS-2")
    return url, {**headers, "content-digest": wire.content_digest(changed)}, changed


def _no_digest(url: str, headers: dict[str, str], content: bytes) -> tuple[str, dict[str, str], bytes]:
    return url, {name: value for name, value in headers.items() if name != "content-digest"}, content


def _no_signature(url: str, headers: dict[str, str], content: bytes) -> tuple[str, dict[str, str], bytes]:
    return url, {name: value for name, value in headers.items() if not name.startswith("signature")}, content


def _other_target(url: str, headers: dict[str, str], content: bytes) -> tuple[str, dict[str, str], bytes]:
    return "http://localhost:8106/messages", headers, content


def _fewer_components(url: str, headers: dict[str, str], content: bytes) -> tuple[str, dict[str, str], bytes]:
    return url, {**headers, "signature-input": headers["signature-input"].replace(' "content-digest"', "")}, content


def _other_algorithm(url: str, headers: dict[str, str], content: bytes) -> tuple[str, dict[str, str], bytes]:
    changed = headers["signature-input"].replace("ecdsa-p256-sha256", "hmac-sha256")
    return url, {**headers, "signature-input": changed}, content


def _other_tag(url: str, headers: dict[str, str], content: bytes) -> tuple[str, dict[str, str], bytes]:
    changed = headers["signature-input"].replace('tag="azexport"', 'tag="other"')
    return url, {**headers, "signature-input": changed}, content


def _newer(url: str, headers: dict[str, str], content: bytes) -> tuple[str, dict[str, str], bytes]:
    created = f"created={int(time.time())}"
    changed = headers["signature-input"].replace(created, f"created={int(time.time()) + 30}")
    assert changed != headers["signature-input"]
    return url, {**headers, "signature-input": changed}, content


def _short_signature(url: str, headers: dict[str, str], content: bytes) -> tuple[str, dict[str, str], bytes]:
    return url, {**headers, "signature": "sig1=:AAAA:"}, content


def _repeated_parameter(url: str, headers: dict[str, str], content: bytes) -> tuple[str, dict[str, str], bytes]:
    return url, {**headers, "signature-input": headers["signature-input"] + ';tag="azexport"'}, content


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_other_content, "digest"),
        (_other_content_and_digest, "signature"),
        (_no_digest, "digest"),
        (_no_signature, "unsigned"),
        (_other_target, "signature"),
        (_fewer_components, "components"),
        (_other_algorithm, "algorithm"),
        (_other_tag, "algorithm"),
        (_newer, "signature"),
        (_short_signature, "signature"),
        (_repeated_parameter, "unsigned"),
    ],
)
def test_a_changed_request_is_refused(
    key: MessageKey, certificates: dict[str, x509.Certificate], change: Callable[..., Any], code: str
) -> None:
    content = a_message().to_bytes()
    url, headers, content = change(URL, lower(wire.sign_request(key, URL, content)), content)
    with pytest.raises(Refused) as refused:
        wire.verify_request(url, headers, content, certificates)
    assert refused.value.code == code
    assert refused.value.status in (400, 401)


def test_a_key_nobody_registered_is_refused(key: MessageKey) -> None:
    content = a_message().to_bytes()
    with pytest.raises(Refused) as refused:
        wire.verify_request(URL, lower(wire.sign_request(key, URL, content)), content, {})
    assert refused.value.code == "unknown_key"


@pytest.mark.parametrize("seconds", [-wire.MAX_AGE - 2, wire.MAX_AHEAD + 2])
def test_a_signature_of_another_time_is_refused(
    key: MessageKey, certificates: dict[str, x509.Certificate], seconds: int
) -> None:
    content = a_message().to_bytes()
    headers = lower(wire.sign_request(key, URL, content, created=int(time.time()) + seconds))
    with pytest.raises(Refused) as refused:
        wire.verify_request(URL, headers, content, certificates)
    assert refused.value.code == "stale"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        replace(a_message(), id="not-a-uuid").to_bytes(),
        replace(a_message(), created_at="yesterday").to_bytes(),
        replace(a_message(), version=2).to_bytes(),
        replace(a_message(), body=[]).to_bytes(),  # type: ignore[arg-type]
        replace(a_message(), subject=7).to_bytes(),  # type: ignore[arg-type]
    ],
)
def test_what_is_not_an_envelope_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        Message.from_bytes(content)


def test_a_file_travels_with_its_digest() -> None:
    member = wire.file_member("permit.pdf", "application/pdf", b"%PDF")
    assert wire.file_content(json.loads(json.dumps(member))) == b"%PDF"
    with pytest.raises(Refused):
        wire.file_content({**member, "sha256": "0" * 64})
    with pytest.raises(Refused):
        wire.file_content({"name": "permit.pdf"})


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, key: MessageKey) -> None:
        self.key = key

    def resolve_public_key(self, key_id: str) -> Any:
        assert key_id == self.key.id
        return self.key.certificate.public_key()

    def resolve_private_key(self, key_id: str) -> Any:
        return self.key.private


def test_an_independent_library_verifies_our_signature(key: MessageKey) -> None:
    content = a_message().to_bytes()
    request = httpx.Request("POST", URL, headers=wire.sign_request(key, URL, content), content=content)
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ECDSA_P256_SHA256, key_resolver=_Keys(key))
    assert len(verifier.verify(request, expect_tag="azexport")) == 1


def test_we_verify_the_signature_of_an_independent_library(
    key: MessageKey, certificates: dict[str, x509.Certificate]
) -> None:
    content = a_message().to_bytes()
    headers = {"Content-Type": "application/json", "Content-Digest": wire.content_digest(content)}
    request = httpx.Request("POST", URL, headers=headers, content=content)
    HTTPMessageSigner(signature_algorithm=algorithms.ECDSA_P256_SHA256, key_resolver=_Keys(key)).sign(
        request, key_id=key.id, tag="azexport", covered_component_ids=wire.REQUEST_COMPONENTS, label="pyhms"
    )
    assert wire.verify_request(URL, lower(dict(request.headers)), content, certificates) == key.id


def test_the_sandbox_imports_nothing_of_the_portal() -> None:
    # The published checker, azexport_verify, is not theirs: anybody may use it.
    theirs = re.compile(
        r"\s*(from|import) (azexport|config)\b"
    )  # the published checker, azexport_verify, is not theirs
    for path in Path(wire.__file__).parent.rglob("*.py"):
        assert not [line for line in path.read_text().splitlines() if theirs.match(line)], path
