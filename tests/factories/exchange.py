"""The other end of the wire in tests: a participant's server, and messages as a participant sends them.

Both are built on the sandbox's own implementation of the protocol, which shares no code with the portal's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sandbox import wire
from tests.factories.participants import KeyPair, key_of

PORTAL_URL = "http://localhost:8000"
MESSAGES_URL = f"{PORTAL_URL}/exchange/messages"


@dataclass
class Received:
    """One request as it arrived."""

    headers: dict[str, str]
    content: bytes

    @property
    def message(self) -> wire.Message:
        return wire.Message.from_bytes(self.content)


Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Counterpart:
    """A participant's server. `answer` decides what goes back; by default a signed receipt."""

    code: str
    key: KeyPair
    portal: KeyPair
    url: str = ""
    received: list[Received] = field(default_factory=list)
    answer: Callable[[Counterpart, Received], Answer] = field(default=lambda self, one: self.receipt(one))

    def receipt(self, one: Received, *, status: str = "accepted") -> Answer:
        """What a system in order answers, once it has checked the portal's signature."""
        certificate = self.portal.wire.certificate
        wire.verify_request(f"{self.url}/messages", one.headers, one.content, {wire.key_id(certificate): certificate})
        return self.signed(202, one.message.reply("receipt", {"status": status}))

    def signed(self, status: int, reply: wire.Message, *, key: KeyPair | None = None) -> Answer:
        content = reply.to_bytes()
        return status, wire.sign_reply((key or self.key).wire, status, content), content


@contextmanager
def counterpart(code: str, portal: KeyPair) -> Iterator[Counterpart]:
    """A running server of that participant, on a free port."""
    one = Counterpart(code, key_of(code), portal)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            received = Received({name.lower(): value for name, value in self.headers.items()}, content)
            one.received.append(received)
            status, headers, body = one.answer(one, received)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            # A sender that was killed meanwhile does not listen any more.
            with suppress(ConnectionError):
                self.end_headers()
                self.wfile.write(body)
            self.close_connection = True

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    one.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def problem(status: int, code: str = "no", **headers: str) -> Answer:
    """An unsigned problem document."""
    content = wire.Refused(code, "because", status).problem()
    return status, {"Content-Type": wire.PROBLEM_TYPE, **headers}, content


def incoming(
    message: wire.Message, *, key: KeyPair | None = None, created: int, url: str = MESSAGES_URL
) -> tuple[dict[str, str], bytes]:
    """Headers and content of a message as its sender's system would post it."""
    content = message.to_bytes()
    return wire.sign_request((key or key_of(message.sender)).wire, url, content, created=created), content
