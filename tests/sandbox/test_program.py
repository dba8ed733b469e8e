"""The framework under every participant's program, seen from outside: kill, repetition, faults, order."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox import wire
from sandbox.program import Program
from sandbox.wire import Message, MessageKey
from tests.sandbox.conftest import Portal, Sandbox, wait_until

Script = Callable[[str, str], None]


def fee(case: str) -> dict[str, Any]:
    purpose = {"az": "Rüsum", "en": "Fee"}
    return {"case": case, "payer_voen": "3433956371", "payee": "plant-protection", "amount": "20.00", "currency": "AZN",
            "purpose": purpose}  # fmt: skip


def outbox(sandbox: Sandbox, subject: str) -> list[tuple[str, int, str | None]]:
    """(state, attempts, error) of what the treasury has to send about the subject."""
    connection = sqlite3.connect(sandbox.folder / "treasury" / "store.sqlite3")
    try:
        statement = "select state, attempts, last_error from outbox where subject = ? order by id"
        return connection.execute(statement, (subject,)).fetchall()
    finally:
        connection.close()


def about(portal: Portal, case: str) -> list[dict[str, Any]]:
    return [envelope for envelope in portal.received if envelope["subject"] == case]


def test_a_message_is_answered_with_a_signed_receipt(sandbox: Sandbox, portal: Portal) -> None:
    message = sandbox.message("treasury", "fee.due", fee("CS-1"), subject="CS-1")
    response = sandbox.post("treasury", message)
    assert response.status_code == 202
    certificates = {key: value.certificate for key, value in [(k.id, k) for k in [_program_key(sandbox, "treasury")]]}
    headers = {name.lower(): value for name, value in response.headers.items()}
    wire.verify_reply(202, headers, response.content, certificates)
    reply = Message.from_bytes(response.content)
    assert (reply.type, reply.in_reply_to, reply.body) == ("receipt", message.id, {"status": "accepted"})
    wait_until(lambda: bool(about(portal, "CS-1")), "the fee was paid")
    assert about(portal, "CS-1")[0]["type"] == "fee.paid"
    assert portal.problems == []


def test_a_repeated_message_has_no_second_effect(sandbox: Sandbox, portal: Portal) -> None:
    message = sandbox.message("treasury", "fee.due", fee("CS-2"), subject="CS-2")
    assert sandbox.post("treasury", message).json()["body"] == {"status": "accepted"}
    assert sandbox.post("treasury", message).json()["body"] == {"status": "duplicate"}
    wait_until(lambda: bool(about(portal, "CS-2")), "the fee was paid")
    time.sleep(0.6)
    assert len(about(portal, "CS-2")) == 1


def test_a_replayed_request_is_refused_when_it_is_old(sandbox: Sandbox) -> None:
    message = sandbox.message("treasury", "fee.due", fee("CS-3"), subject="CS-3")
    response = sandbox.post("treasury", message, created=int(time.time()) - 600)
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == "stale"


def test_a_key_of_another_sender_is_refused(sandbox: Sandbox) -> None:
    message = sandbox.message("treasury", "fee.due", fee("CS-4"), subject="CS-4")
    response = sandbox.post("treasury", message, key=_program_key(sandbox, "plant"))
    assert (response.status_code, response.json()["code"]) == (403, "sender")


def test_a_key_of_nobody_is_refused(sandbox: Sandbox) -> None:
    key = MessageKey.load(sandbox.folder / "portal", "seal")
    response = sandbox.post("treasury", sandbox.message("treasury", "fee.due", fee("CS-4")), key=key)
    assert (response.status_code, response.json()["code"]) == (401, "unknown_key")


def test_a_message_for_somebody_else_is_refused(sandbox: Sandbox) -> None:
    message = replace(sandbox.message("treasury", "fee.due", fee("CS-5")), recipient="food-quality")
    assert sandbox.post("treasury", message).json()["code"] == "recipient"


def test_an_unknown_type_is_refused_for_good(sandbox: Sandbox) -> None:
    response = sandbox.post("treasury", sandbox.message("treasury", "fee.forgotten", {}))
    assert (response.status_code, response.json()["code"]) == (422, "unknown_type")


def test_a_kill_between_receiving_and_sending_loses_nothing(sandbox: Sandbox, portal: Portal, script: Script) -> None:
    script("treasury", "delay: 1")
    assert sandbox.post("treasury", sandbox.message("treasury", "fee.due", fee("CS-6"), "CS-6")).status_code == 202
    sandbox.stop("treasury", signal.SIGKILL)
    assert about(portal, "CS-6") == []
    sandbox.start("treasury")
    wait_until(lambda: bool(about(portal, "CS-6")), "the fee was paid after the restart")
    time.sleep(0.3)
    assert [envelope["type"] for envelope in about(portal, "CS-6")] == ["fee.paid"]


def test_a_kill_while_the_portal_is_away_loses_nothing(sandbox: Sandbox) -> None:
    sandbox.post("treasury", sandbox.message("treasury", "fee.due", fee("CS-7"), "CS-7"))
    wait_until(lambda: any(attempts for _, attempts, _ in outbox(sandbox, "CS-7")), "an attempt was made")
    sandbox.stop("treasury", signal.SIGKILL)
    sandbox.start("treasury")
    portal = Portal(sandbox)
    try:
        wait_until(lambda: bool(about(portal, "CS-7")), "the fee was paid after all")
        assert len(set(portal.posts)) == len(portal.received)
    finally:
        portal.close()


def test_a_broken_receipt_leads_to_the_same_message_again(sandbox: Sandbox, portal: Portal) -> None:
    portal.answers = [500, 0, 503, 429]
    sandbox.post("treasury", sandbox.message("treasury", "fee.due", fee("CS-8"), "CS-8"))
    wait_until(lambda: bool(about(portal, "CS-8")), "the fee was paid")
    assert len(portal.posts) == 5
    assert len(set(portal.posts)) == 1


def test_a_refused_message_is_parked(sandbox: Sandbox, portal: Portal) -> None:
    portal.answers = [422]
    sandbox.post("treasury", sandbox.message("treasury", "fee.due", fee("CS-9"), "CS-9"))
    wait_until(lambda: [row[0] for row in outbox(sandbox, "CS-9")] == ["parked"], "the message was parked")
    assert len(portal.posts) == 1


def test_a_program_can_be_down_for_some_requests(sandbox: Sandbox, script: Script) -> None:
    script("taxes", "down: {requests: 2}")
    query = sandbox.message("taxes", "taxpayer.query", {"voen": "3433956371"})
    assert [sandbox.post("taxes", query).status_code for _ in range(3)] == [503, 503, 200]
    script("taxes", "down: true")
    assert sandbox.post("taxes", query).status_code == 503


def test_a_program_can_be_slow_and_can_refuse(sandbox: Sandbox, script: Script) -> None:
    query = sandbox.message("taxes", "taxpayer.query", {"voen": "3433956371"})
    script("taxes", "slow: 0.4")
    started = time.monotonic()
    assert sandbox.post("taxes", query).status_code == 200
    assert time.monotonic() - started >= 0.4
    script("taxes", "refuse: {status: 409, code: closed, detail: Holiday}")
    assert sandbox.post("taxes", query).json()["code"] == "closed"


def test_what_is_no_envelope_is_refused(sandbox: Sandbox) -> None:
    key, url = MessageKey.load(sandbox.folder / "portal"), f"{sandbox.url('taxes')}/messages"
    response = httpx.post(url, content=b"{}", headers=wire.sign_request(key, url, b"{}"), trust_env=False)
    assert (response.status_code, response.json()["code"]) == (400, "malformed")
    assert httpx.post(url, content=b"{}", trust_env=False).json()["code"] == "digest"


@pytest.mark.parametrize("name", ["pki", "mail", "taxes", "treasury"])
def test_a_program_starts_fast_and_stops_cleanly(sandbox: Sandbox, name: str) -> None:
    assert sandbox.stop(name) == 0
    started = time.monotonic()
    sandbox.start(name)
    assert time.monotonic() - started < 5
    log = (sandbox.folder / f"{name}.log").read_text()
    assert "Traceback" not in log


def _program_key(sandbox: Sandbox, name: str) -> MessageKey:
    return MessageKey.load(sandbox.folder / name)


@pytest.mark.parametrize("turns", range(6))
def test_a_program_stops_when_told_to_in_the_moment_it_is_woken(tmp_path: Path, turns: int) -> None:
    """Turns of the event loop between the two: at each of them another part of the waiting is already over."""

    async def woken_then_stopped() -> bool:
        work = asyncio.create_task(program.work())
        await asyncio.sleep(0.01)
        program._wake()
        for _ in range(turns):
            await asyncio.sleep(0)
        work.cancel()
        stopped, _ = await asyncio.wait([work], timeout=0.3)
        with suppress(asyncio.CancelledError):
            while not work.done():
                work.cancel()
                await asyncio.sleep(0.01)
        return bool(stopped)

    (tmp_path / "directory.json").write_text('{"portal": {}, "participants": []}')
    program = Program("honey", tmp_path, "honey-board", "http://localhost:1")
    try:
        assert asyncio.run(woken_then_stopped())
    finally:
        program.store.close()
