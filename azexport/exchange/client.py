"""Posting a signed message to a participant, and what its answer means."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import httpx

from azexport.exchange import signing
from azexport.exchange.protocol import MAX_BYTES, Envelope, Refused, read_envelope
from azexport.participants.models import System

TIMEOUT = httpx.Timeout(10.0, connect=3.0)
PATIENT = (408, 425, 429)
"""Client errors that mean "later", not "never"."""


@dataclass
class Failed(Exception):
    """An attempt that did not deliver the message. `permanent`: trying again cannot help."""

    error: str
    permanent: bool = False
    retry_after: timedelta | None = None
    problem: dict[str, Any] | None = None
    reply: signing.HttpReply | None = None


@dataclass(frozen=True)
class Delivered:
    """The recipient's signed reply."""

    envelope: Envelope
    reply: signing.HttpReply


@cache
def _client() -> httpx.Client:
    # Keep-alive connections are given up early, so that a restarted system is not spoken to over a dead one.
    limits = httpx.Limits(max_connections=50, max_keepalive_connections=20, keepalive_expiry=5)
    return httpx.Client(
        timeout=TIMEOUT,
        limits=limits,
        trust_env=False,
        follow_redirects=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "azexport"},
    )


def post(
    system: System, content: bytes, headers: dict[str, str], *, sent: Envelope, timeout: httpx.Timeout = TIMEOUT
) -> Delivered:
    """One attempt; returns only when the recipient itself has signed that it has the message.

    Raises:
        Failed: anything else.
    """
    try:
        status, reply_headers, reply_content = _exchange(system.messages_url, content, headers, timeout)
    except (httpx.HTTPError, OSError) as error:
        raise Failed(f"{type(error).__name__}: {error}") from error
    reply = signing.HttpReply(status, reply_headers, reply_content)
    if status not in (200, 202):
        raise _refusal(reply)
    try:
        envelope = read_envelope(reply_content)
    except Refused as refusal:
        # It may not have arrived at all, so it is sent again under the same id.
        raise Failed(f"the reply is not in order: {refusal}") from refusal
    if (envelope.sender, envelope.in_reply_to) != (sent.recipient, sent.message_id):
        raise Failed("the reply is not the recipient's reply to this message")
    return Delivered(envelope, reply)


def check_reply(delivered: Delivered, system: System, *, now: datetime) -> None:
    """The reply is signed by the system's own key.

    Raises:
        Failed: it is not; the message may not have arrived, so it is sent again.
    """

    def certificate_of(keyid: str) -> str | None:
        return system.certificate if keyid == system.fingerprint else None

    try:
        signing.verify_reply(delivered.reply, certificate_of=certificate_of, now=now)
    except Refused as refusal:
        raise Failed(f"the reply is not in order: {refusal}") from refusal


def _exchange(
    url: str, content: bytes, headers: dict[str, str], timeout: httpx.Timeout
) -> tuple[int, httpx.Headers, bytes]:
    with _client().stream("POST", url, content=content, headers=headers, timeout=timeout) as response:
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > MAX_BYTES:
                raise httpx.DecodingError("the reply is too large")
        return response.status_code, response.headers, bytes(body)


def _refusal(reply: signing.HttpReply) -> Failed:
    status = reply.status_code
    return Failed(
        f"HTTP {status} {reply.content[:300].decode(errors='replace')}".replace("\x00", ""),
        permanent=400 <= status < 500 and status not in PATIENT,
        retry_after=_retry_after(reply.headers.get("Retry-After", "")),
        problem=_problem(reply),
        reply=reply,
    )


def _retry_after(value: str) -> timedelta | None:
    return timedelta(seconds=int(value)) if value.isascii() and value.isdigit() and len(value) < 8 else None


def _problem(reply: signing.HttpReply) -> dict[str, Any] | None:
    if "json" not in reply.headers.get("Content-Type", "") or b"\\u0000" in reply.content:
        return None
    try:
        data = json.loads(reply.content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    return {key: data[key] for key in ("type", "title", "status", "detail", "code", "violations") if key in data}
