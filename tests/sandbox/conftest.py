"""A real sandbox in its own processes, and a portal that is nobody but a test."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms

from sandbox.wire import Message, MessageKey, new_message, sign_request

ROOT = Path(__file__).resolve().parents[2]
OFFSETS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 25)
PORTAL = "azexport"


def free_port_base() -> int:
    """A port base all of whose ports are free, other ones for each test worker."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    start = 20000 + worker * 700 + os.getpid() % 10 * 30
    for base in range(start, start + 600, 30):
        if all(_is_free(base + offset) for offset in OFFSETS):
            return base
    raise RuntimeError("no ports are free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


class Sandbox:
    """A sandbox set up in a folder, and the programs that run in it."""

    def __init__(self, folder: Path, port_base: int) -> None:
        self.folder = folder
        self.port_base = port_base
        self.portal_url = f"http://localhost:{port_base}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.run("setup", "--port-base", str(port_base), "--portal", self.portal_url)

    @property
    def directory(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads((self.folder / "directory.json").read_text())
        return read

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of the sandbox to its end."""
        command = [sys.executable, "-m", "sandbox", *arguments, "--dir", str(self.folder)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=check)

    def url(self, name: str) -> str:
        return str(self.directory["programs"][name]["base_url"])

    def code(self, name: str) -> str:
        return str(self.directory["programs"][name]["code"])

    def start(self, name: str) -> None:
        command = [sys.executable, "-m", "sandbox", "run", name, "--dir", str(self.folder)]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        wait_until(lambda: self.answers(name), f"{name} answers")

    def answers(self, name: str) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.url(name)}/health", trust_env=False).status_code == 200
        return False

    def health(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.url(name)}/health", trust_env=False).json()
        return found

    def stop(self, name: str, how: signal.Signals = signal.SIGTERM) -> int:
        process = self.processes.pop(name)
        process.send_signal(how)
        try:
            return process.wait(10)
        finally:
            # One that hangs fails its own test only: the next find no process of it.
            process.kill()
            process.wait()

    def close(self) -> None:
        for name in list(self.processes):
            self.stop(name)

    def script(self, name: str, text: str) -> None:
        """Change what the program does; an empty text goes back to the default."""
        path = self.folder / "scripts" / f"{name}.yaml"
        path.write_text(text) if text else path.unlink(missing_ok=True)

    def post(self, name: str, message: Message, **options: Any) -> httpx.Response:
        """Post a message to a program, signed as the portal signs."""
        key = options.pop("key", None) or MessageKey.load(self.folder / "portal")
        url, content = f"{self.url(name)}/messages", message.to_bytes()
        headers = {**sign_request(key, url, content, **options)}
        return httpx.post(url, content=content, headers=headers, trust_env=False)

    def message(self, name: str, kind: str, body: dict[str, Any], subject: str = "CS-TEST") -> Message:
        return new_message(kind, sender=PORTAL, recipient=self.code(name), subject=subject, body=body)


class CentreKeys(HTTPSignatureKeyResolver):
    """The participants' public keys for the verifying library, by keyid."""

    def __init__(self, directory: dict[str, Any]) -> None:
        pems = [entry["certificate"].encode() for entry in directory["participants"]]
        certificates = [x509.load_pem_x509_certificate(pem) for pem in pems]
        self.keys = {certificate.fingerprint(hashes.SHA256()).hex(): certificate for certificate in certificates}

    def resolve_public_key(self, key_id: str) -> Any:
        return self.keys[key_id].public_key()


class Portal:
    """Takes what participants send, as an implementation of the protocol that is not the sandbox's own.

    `answers` are the status codes of the next posts (0: breaks the connection); when they are used up it accepts.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self.url = f"{sandbox.portal_url}/exchange/messages"
        self.key = MessageKey.load(sandbox.folder / "portal")
        self.keys = CentreKeys(sandbox.directory)
        self.received: list[dict[str, Any]] = []
        self.posts: list[str] = []
        self.problems: list[str] = []
        self.answers: list[int] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", sandbox.port_base), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        portal = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                status = portal.answers.pop(0) if portal.answers else 202
                envelope = json.loads(content)
                portal.posts.append(envelope["message_id"])
                if status == 0:
                    self.close_connection = True
                    return
                if status != 202:
                    self._answer(status, b'{"title": "no"}', {"Content-Type": "application/problem+json"})
                    return
                problem = portal.check(dict(self.headers.items()), content)
                if problem:
                    portal.problems.append(problem)
                    self._answer(400, problem.encode(), {})
                    return
                if envelope["message_id"] not in {seen["message_id"] for seen in portal.received}:
                    portal.received.append(envelope)
                reply = portal.receipt(envelope)
                self._answer(202, reply, portal.sign(202, reply))

            def _answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_args: Any) -> None:
                pass

        return Handler

    def check(self, headers: dict[str, str], content: bytes) -> str:
        """What is wrong with the request; empty when nothing is."""
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        headers = {name.lower(): value for name, value in headers.items()}
        if headers.get("content-digest") != f"sha-256=:{digest}:":
            return "content digest"
        verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ECDSA_P256_SHA256, key_resolver=self.keys)
        request = httpx.Request("POST", self.url, headers=headers, content=content)
        try:
            results = verifier.verify(request, expect_tag="azexport")
        except Exception as error:
            return repr(error)
        covered = {name.strip('"') for name in results[0].covered_components}
        return "" if covered >= {"@method", "@target-uri", "content-type", "content-digest"} else f"covers {covered}"

    def receipt(self, envelope: dict[str, Any]) -> bytes:
        return json.dumps({
            "message_id": str(uuid.uuid4()), "type": "receipt", "version": 1, "sender": PORTAL,
            "recipient": envelope["sender"], "created_at": datetime.now(UTC).isoformat(),
            "subject": envelope["subject"], "in_reply_to": envelope["message_id"], "body": {"status": "accepted"},
        }).encode()  # fmt: skip

    def sign(self, status: int, content: bytes) -> dict[str, str]:
        key = self.key

        class OwnKey(HTTPSignatureKeyResolver):
            def resolve_private_key(self, key_id: str) -> Any:
                return key.private

        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        headers = {"Content-Type": "application/json", "Content-Digest": f"sha-256=:{digest}:"}
        response = httpx.Response(status, headers=headers, content=content, request=httpx.Request("POST", self.url))
        HTTPMessageSigner(signature_algorithm=algorithms.ECDSA_P256_SHA256, key_resolver=OwnKey()).sign(
            response,
            key_id=key.id,
            tag="azexport",
            label="sig1",
            covered_component_ids=("@status", "content-type", "content-digest"),
        )
        names = ("content-type", "content-digest", "signature-input", "signature")
        return {name: response.headers[name] for name in names}


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 10) -> None:
    """Return as soon as the condition holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"after {seconds} s still not: {what}")
        time.sleep(0.02)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox with its centres, mail, tax register and treasury running."""
    running = Sandbox(tmp_path_factory.mktemp("sandbox"), free_port_base())
    try:
        for name in ("pki", "mail", "taxes", "treasury"):
            running.start(name)
        yield running
    finally:
        running.close()


@pytest.fixture
def portal(sandbox: Sandbox) -> Iterator[Portal]:
    """Somebody who answers at the portal's address."""
    running = Portal(sandbox)
    yield running
    running.close()


@pytest.fixture
def script(sandbox: Sandbox) -> Iterator[Callable[[str, str], None]]:
    """Set a program's script for this test."""
    changed: set[str] = set()

    def change(name: str, text: str) -> None:
        changed.add(name)
        sandbox.script(name, text)

    yield change
    for name in changed:
        sandbox.script(name, "")
