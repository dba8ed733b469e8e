"""What every participant's program is made of: a door, a table of handlers, a store, an outbox and a schedule.

A program is one process with one sqlite file. Each message received and each delayed action is one `Turn`: what the
handler wants to send, to do later or to remember is collected and written in one transaction together with the mark
that the message or action is done. So a program killed at any moment, started again, loses nothing and does nothing
twice; what it sends keeps its message id over all repetitions.

    program = Program.open("plant", Path("var/sandbox"))

    @program.on("case.submitted")
    def submitted(turn: Turn, message: Message) -> None:
        turn.put("case", message.subject, message.body)
        turn.send("case.accepted", {...}, subject=message.subject, in_reply_to=message.id)
        turn.later(1.5, "decide", {"case": message.subject}, subject=message.subject)

    @program.action("decide")
    def decide(turn: Turn, data: dict[str, Any]) -> None: ...

    program.run()

A handler that returns a dict answers a query: the caller gets it as `<type>.reply` with status 200; None gives a
receipt. A handler that raises `Refused` gives the caller that problem, and nothing else happens. Turns
of one subject never run side by side. Faults every program knows from its script (all optional):

    down: true                  # answers 503 to every message until the script changes
    down: {requests: 3}         # ... to the first three after the script was changed
    down: {seconds: 20}         # ... for twenty seconds from the first message after the script was changed
    slow: 2.5                   # waits so many seconds before it answers
    refuse: {status: 422, code: not_now, detail: "..."}    # refuses every message for good
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import signal
import sqlite3
import sys
import threading
import time
import traceback
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import yaml
from cryptography import x509
from granian.constants import Interfaces
from granian.server.embed import Server
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox import wire
from sandbox.wire import Message, MessageKey, Refused

SCRIPTS = Path(__file__).parent / "scripts"
MAX_BODY = 64 * 1024 * 1024
GIVE_UP_AFTER = 3 * 24 * 3600.0
LONGEST_PAUSE = 5.0
"""Seconds between two attempts at most: the sandbox lives on one machine, where waiting longer helps nobody."""
SIDE_BY_SIDE = 16
"""Deliveries and actions under way at once."""
PORTAL = "azexport"
LOOK_AGAIN = 0.5
"""Seconds after which what waits is looked at again: its script may have changed, its fee been paid."""
LOOK_AGAIN_OLD = 5.0
OLD = 120.0

_SCHEMA = """
create table if not exists inbox (
    message_id text primary key, sender text not null, type text not null, subject text not null,
    received_at text not null, envelope blob not null, status integer not null, reply blob not null);
create table if not exists outbox (
    id integer primary key, message_id text not null unique, recipient text not null, type text not null,
    subject text not null, envelope blob not null, not_before real not null, next_attempt real not null,
    given_up_at real not null, attempts integer not null default 0, state text not null default 'waiting',
    last_error text, delivered_at text);
create index if not exists outbox_waiting on outbox (not_before, id) where state = 'waiting';
create table if not exists schedule (
    id integer primary key, due real not null, action text not null, subject text not null, data text not null,
    attempts integer not null default 0, last_error text);
create index if not exists schedule_due on schedule (due, id);
create table if not exists records (
    kind text not null, key text not null, value text not null, primary key (kind, key)) without rowid;
"""

Handler = Callable[["Turn", Message], "dict[str, Any] | None"]
Action = Callable[["Turn", "dict[str, Any]"], None]


class Store:
    """The program's sqlite file, shared by its threads: one connection behind one lock."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=20)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(_SCHEMA)

    def rows(self, statement: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, *values: object) -> sqlite3.Row | None:
        found = self.rows(statement, *values)
        return found[0] if found else None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything executed inside is written, or nothing."""
        with self._lock:
            self._connection.execute("begin immediate")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("rollback")
                raise
            self._connection.execute("commit")

    def close(self) -> None:
        with self._lock:
            self._connection.close()


@dataclass
class Turn:
    """One message or one delayed action being worked on, and what it leads to; nothing happens before it ends well."""

    program: Program
    script: dict[str, Any]
    _sent: list[tuple[Message, float]] = field(default_factory=list)
    _later: list[tuple[float, str, str, dict[str, Any]]] = field(default_factory=list)
    _records: dict[tuple[str, str], Any] = field(default_factory=dict)

    def send(
        self,
        kind: str,
        body: dict[str, Any],
        *,
        subject: str,
        to: str = PORTAL,
        after: float = 0.0,
        in_reply_to: str | None = None,
    ) -> Message:
        """Send a message `after` so many seconds; those of one subject arrive in the order of their times."""
        message = wire.new_message(
            kind, sender=self.program.code, recipient=to, subject=subject, body=body, in_reply_to=in_reply_to
        )
        self._sent.append((message, after))
        return message

    def later(self, seconds: float, action: str, data: dict[str, Any], *, subject: str) -> None:
        """Run the action so many seconds from now, in a turn of its own, also after a restart."""
        if action not in self.program.actions:
            raise KeyError(f"there is no action {action!r}")
        self._later.append((seconds, action, subject, data))

    def put(self, kind: str, key: str, value: Any) -> None:
        """Remember a JSON value."""
        self._records[kind, key] = value

    def get(self, kind: str, key: str) -> Any:
        """The value remembered under the key, or None."""
        if (kind, key) in self._records:
            return self._records[kind, key]
        return self.program.record(kind, key)

    def write(self, connection: sqlite3.Connection, now: float) -> None:
        for message, after in self._sent:
            due = now + after
            connection.execute(
                "insert into outbox (message_id, recipient, type, subject, envelope, not_before, next_attempt,"
                " given_up_at) values (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    message.id,
                    message.recipient,
                    message.type,
                    message.subject,
                    message.to_bytes(),
                    due,
                    due,
                    due + GIVE_UP_AFTER,
                ),
            )
        for seconds, action, subject, data in self._later:
            connection.execute(
                "insert into schedule (due, action, subject, data) values (?, ?, ?, ?)",
                (now + seconds, action, subject, json.dumps(data)),
            )
        for (kind, key), value in self._records.items():
            connection.execute(
                "insert into records values (?, ?, ?) on conflict do update set value = excluded.value",
                (kind, key, json.dumps(value)),
            )


class Directory:
    """DIR/directory.json, read again when it changes: who is who, with address and certificate."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp = -1
        self._data: dict[str, Any] = {}
        self._codes: dict[str, str] = {}
        self._certificates: dict[str, x509.Certificate] = {}
        self._addresses: dict[str, str] = {}

    @property
    def data(self) -> dict[str, Any]:
        self._refresh()
        return self._data

    @property
    def certificates(self) -> dict[str, x509.Certificate]:
        """Everybody's message certificate by keyid."""
        self._refresh()
        return self._certificates

    def sender_of(self, keyid: str) -> str:
        """The code of the one whose key this is."""
        return self._codes[keyid]

    def address_of(self, code: str) -> str:
        """Where messages to this code are posted; KeyError when nobody has it."""
        self._refresh()
        return self._addresses[code]

    def participant(self, code: str) -> dict[str, Any]:
        found: dict[str, Any] = next(entry for entry in self.data["participants"] if entry["code"] == code)
        return found

    def _refresh(self) -> None:
        stamp = self.path.stat().st_mtime_ns
        if stamp == self._stamp:
            return
        data = json.loads(self.path.read_text())
        portal = data["portal"]
        pems = {portal["code"]: Path(portal["certificate"]).read_text()}
        addresses = {portal["code"]: f"{portal['base_url']}/exchange/messages"}
        for entry in data["participants"]:
            pems[entry["code"]] = entry["certificate"]
            addresses[entry["code"]] = f"{entry['base_url']}/messages"
        loaded = {code: x509.load_pem_x509_certificate(pem.encode()) for code, pem in pems.items()}
        self._certificates = {wire.key_id(certificate): certificate for certificate in loaded.values()}
        self._codes = {wire.key_id(certificate): code for code, certificate in loaded.items()}
        self._addresses, self._data, self._stamp = addresses, data, stamp


class Program:
    """One participant's system. Make it with `open`, give it handlers and actions, then `run`."""

    def __init__(self, name: str, folder: Path, code: str, base_url: str) -> None:
        self.name = name
        self.folder = folder
        self.code = code
        self.base_url = base_url
        self.home = folder / name
        self.home.mkdir(parents=True, exist_ok=True)
        self.directory = Directory(folder / "directory.json")
        self.store = Store(self.home / "store.sqlite3")
        self.handlers: dict[str, Handler] = {}
        self.actions: dict[str, Action] = {}
        self.routes: list[BaseRoute] = []
        self._key: MessageKey | None = None
        self._subjects = [threading.Lock() for _ in range(256)]
        self._wake: Callable[[], None] = lambda: None
        self.action("repeat")(self._repeat)

    @classmethod
    def open(cls, name: str, folder: Path) -> Program:
        """The program NAME of a sandbox that `python -m sandbox setup` made in `folder`."""
        folder = folder.resolve()
        programs = json.loads((folder / "directory.json").read_text())["programs"]
        return cls(name, folder, programs[name]["code"], programs[name]["base_url"])

    @property
    def key(self) -> MessageKey:
        if self._key is None:
            self._key = MessageKey.load(self.home)
        return self._key

    def on(self, kind: str) -> Callable[[Handler], Handler]:
        """Register the handler of a message type."""

        def register(handler: Handler) -> Handler:
            self.handlers[kind] = handler
            return handler

        return register

    def action(self, name: str) -> Callable[[Action], Action]:
        """Register a delayed action."""

        def register(action: Action) -> Action:
            self.actions[name] = action
            return action

        return register

    def script(self) -> dict[str, Any]:
        """The script of this moment: the default one, with what DIR/scripts/NAME.yaml says instead, key by key."""
        merged: dict[str, Any] = {}
        for path in (SCRIPTS / f"{self.name}.yaml", self.folder / "scripts" / f"{self.name}.yaml"):
            with suppress(FileNotFoundError):
                merged.update(yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) or {})
        return merged

    def record(self, kind: str, key: str) -> Any:
        row = self.store.row("select value from records where kind = ? and key = ?", kind, key)
        return None if row is None else json.loads(row["value"])

    def records(self, kind: str) -> dict[str, Any]:
        rows = self.store.rows("select key, value from records where kind = ?", kind)
        return {row["key"]: json.loads(row["value"]) for row in rows}

    # --- receiving

    def receive(self, headers: dict[str, str], content: bytes) -> tuple[int, bytes]:
        """Take one POST of the protocol: (status, signed reply's content); Refused when it is not taken."""
        keyid = wire.verify_request(f"{self.base_url}/messages", headers, content, self.directory.certificates)
        message = Message.from_bytes(content)
        if self.directory.sender_of(keyid) != message.sender:
            raise Refused("sender", "the signing key is not the sender's", 403)
        if message.recipient != self.code:
            raise Refused("recipient", f"this is {self.code}, not {message.recipient}", 421)
        with self._subject(message.subject):
            return self._once(message, content)

    def _once(self, message: Message, content: bytes) -> tuple[int, bytes]:
        seen = self.store.row("select status, reply from inbox where message_id = ?", message.id)
        if seen is not None:
            if seen["status"] == 200:
                return 200, bytes(seen["reply"])
            return 202, message.reply("receipt", {"status": "duplicate"}).to_bytes()
        handler = self.handlers.get(message.type)
        if handler is None:
            raise Refused("unknown_type", f"messages of the type {message.type} are not taken here", 422)
        turn = Turn(self, self.script())
        answer = handler(turn, message)
        status, reply = 202, message.reply("receipt", {"status": "accepted"})
        if answer is not None:
            status, reply = 200, message.reply(f"{message.type}.reply", answer)
        with self.store.transaction() as connection:
            connection.execute(
                "insert into inbox values (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    message.id,
                    message.sender,
                    message.type,
                    message.subject,
                    _stamp(),
                    content,
                    status,
                    reply.to_bytes(),
                ),
            )
            turn.write(connection, time.time())
        self._wake()
        return status, reply.to_bytes()

    @contextmanager
    def _subject(self, subject: str) -> Iterator[None]:
        with self._subjects[int(hashlib.sha256(subject.encode()).hexdigest()[:8], 16) % len(self._subjects)]:
            yield

    def _fault(self, script: dict[str, Any]) -> None:
        """Refuse as the script wants it: `down` for a while, `refuse` for good."""
        refuse = script.get("refuse")
        if refuse:
            raise Refused(
                refuse.get("code", "refused"),
                refuse.get("detail", "refused by the script"),
                refuse.get("status", 422),
            )
        down = script.get("down")
        if down and (not isinstance(down, dict) or self._still_down(script, down)):
            raise Refused("down", "the system is down", 503)

    def _still_down(self, script: dict[str, Any], down: dict[str, Any]) -> bool:
        version = hashlib.sha256(json.dumps(script, sort_keys=True, default=str).encode()).hexdigest()
        now = time.time()
        with self.store.transaction() as connection:
            found = connection.execute(
                "select value from records where kind = 'fault' and key = ?", (version,)
            ).fetchone()
            count, since = json.loads(found["value"]) if found else (0, now)
            connection.execute(
                "insert into records values ('fault', ?, ?) on conflict do update set value = excluded.value",
                (version, json.dumps((count + 1, since))),
            )
        return bool(count < down.get("requests", 0) or now - since < down.get("seconds", 0))

    async def _post(self, request: Request) -> Response:
        try:
            script = await run_in_threadpool(self.script)
            await asyncio.sleep(float(script.get("slow") or 0))
            await run_in_threadpool(self._fault, script)
            content = await _content(request)
            headers = {name.lower(): value for name, value in request.headers.items()}
            status, reply = await run_in_threadpool(self.receive, headers, content)
        except Refused as refusal:
            return Response(refusal.problem(), refusal.status, media_type=wire.PROBLEM_TYPE)
        return Response(reply, status, headers=wire.sign_reply(self.key, status, reply))

    async def _health(self, request: Request) -> Response:
        waiting = self.store.row("select count(*) as n from outbox where state = 'waiting'")
        parked = self.store.row("select count(*) as n from outbox where state = 'parked'")
        planned = self.store.row("select count(*) as n from schedule")
        counts = [row["n"] if row else 0 for row in (waiting, parked, planned)]
        return JSONResponse(
            {
                "status": "ok",
                "program": self.name,
                "code": self.code,
                "waiting": counts[0],
                "parked": counts[1],
                "planned": counts[2],
            }
        )

    # --- sending and delayed actions

    def due_messages(self, now: float) -> list[sqlite3.Row]:
        """The oldest waiting message of each subject, if its next attempt is due."""
        rows = self.store.rows(
            "select * from outbox where state = 'waiting' and not_before <= ? order by not_before, id limit 500",
            now,
        )
        first: dict[str, sqlite3.Row] = {}
        for row in rows:
            first.setdefault(row["subject"], row)
        return [row for row in first.values() if row["next_attempt"] <= now]

    def due_actions(self, now: float) -> list[sqlite3.Row]:
        return self.store.rows("select * from schedule where due <= ? order by due, id limit 100", now)

    async def deliver(self, client: httpx.AsyncClient, row: sqlite3.Row) -> None:
        """One attempt: afterwards the message is delivered, parked, or waits for its next attempt."""
        try:
            await self._attempt(client, row)
        except Refused as refusal:
            self._parked(row, str(refusal))
        except (httpx.HTTPError, OSError, KeyError) as error:
            self._failed(row, f"{type(error).__name__}: {error}")
        else:
            with self.store.transaction() as connection:
                connection.execute(
                    "update outbox set state = 'delivered', delivered_at = ?, attempts = attempts + 1,"
                    " last_error = null where id = ?",
                    (_stamp(), row["id"]),
                )

    async def _attempt(self, client: httpx.AsyncClient, row: sqlite3.Row) -> None:
        url, content = self.directory.address_of(row["recipient"]), bytes(row["envelope"])
        response = await client.post(url, content=content, headers=wire.sign_request(self.key, url, content))
        status = response.status_code
        if status not in (200, 202):
            detail = f"{status} {response.text[:500]}"
            if 400 <= status < 500 and status not in (408, 425, 429):
                raise Refused("refused", detail, status)
            raise httpx.HTTPError(detail)
        try:
            headers = {name.lower(): value for name, value in response.headers.items()}
            keyid = wire.verify_reply(status, headers, response.content, self.directory.certificates)
            reply = Message.from_bytes(response.content)
        except Refused as refusal:
            # Not the receipt of the recipient: the message may not have arrived, so it is sent again.
            raise httpx.HTTPError(f"the reply is not in order: {refusal}") from refusal
        if self.directory.sender_of(keyid) != row["recipient"] or reply.in_reply_to != row["message_id"]:
            raise httpx.HTTPError("the reply is not the recipient's receipt for this message")

    def _parked(self, row: sqlite3.Row, error: str) -> None:
        _log(f"{self.name}: {row['type']} {row['subject']} is parked: {error}")
        with self.store.transaction() as connection:
            connection.execute(
                "update outbox set state = 'parked', attempts = attempts + 1, last_error = ? where id = ?",
                (error, row["id"]),
            )

    def _failed(self, row: sqlite3.Row, error: str) -> None:
        now = time.time()
        if now > row["given_up_at"]:
            self._parked(row, error)
            return
        with self.store.transaction() as connection:
            connection.execute(
                "update outbox set attempts = attempts + 1, next_attempt = ?, last_error = ? where id = ?",
                (now + _pause(row["attempts"]), error, row["id"]),
            )

    def perform(self, row: sqlite3.Row) -> None:
        """Run one delayed action; when it fails it stays in the schedule and is tried again later."""
        with self._subject(row["subject"]):
            if self.store.row("select 1 from schedule where id = ?", row["id"]) is None:
                return
            turn = Turn(self, self.script())
            try:
                self.actions[row["action"]](turn, json.loads(row["data"]))
            except Exception as error:  # the program must go on, whatever one case does to it
                _log(f"{self.name}: {row['action']} {row['subject']} failed\n{traceback.format_exc()}")
                with self.store.transaction() as connection:
                    connection.execute(
                        "update schedule set attempts = attempts + 1, due = ?, last_error = ? where id = ?",
                        (time.time() + _pause(row["attempts"]), repr(error), row["id"]),
                    )
                return
            with self.store.transaction() as connection:
                connection.execute("delete from schedule where id = ?", (row["id"],))
                turn.write(connection, time.time())
        self._wake()

    def _repeat(self, turn: Turn, data: dict[str, Any]) -> None:
        """Send a message that was sent once more, with the same id: what a lost receipt leads to."""
        with self.store.transaction() as connection:
            connection.execute(
                "update outbox set state = 'waiting', next_attempt = 0 where message_id = ? and state = 'delivered'",
                (data["message"],),
            )

    def _next_due(self, now: float) -> float:
        """Seconds until something of outbox or schedule falls due; a minute at most."""
        row = self.store.row(
            "select min(due) as due from (select due from schedule union all"
            " select max(not_before, next_attempt) from outbox where state = 'waiting')"
        )
        due = None if row is None else row["due"]
        return 60.0 if due is None else min(max(due - now, 0.0), 60.0)

    async def work(self) -> None:
        """Send and act, for ever; several at once, but one at a time of each subject."""
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(woken.set)

        self._wake = wake
        busy: dict[tuple[str, int], asyncio.Task[None]] = {}

        def start(key: tuple[str, int], job: Coroutine[Any, Any, None]) -> None:
            def finished(task: asyncio.Task[None]) -> None:
                del busy[key]
                woken.set()
                if not task.cancelled() and task.exception() is not None:
                    _log(f"{self.name}: {key} ended with {task.exception()!r}")

            busy[key] = asyncio.create_task(job)
            busy[key].add_done_callback(finished)

        async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
            while True:
                woken.clear()
                now = time.time()
                for row in self.due_messages(now):
                    if ("message", row["id"]) not in busy and len(busy) < SIDE_BY_SIDE:
                        start(("message", row["id"]), self.deliver(client, row))
                for row in self.due_actions(now):
                    if ("action", row["id"]) not in busy and len(busy) < SIDE_BY_SIDE:
                        start(("action", row["id"]), asyncio.to_thread(self.perform, row))
                pause = self._next_due(time.time())
                # What is due now is being worked on and wakes this loop, or stands behind a message that waits.
                # Not asyncio.wait_for: up to Python 3.11 it loses a cancellation that comes in the moment it is woken.
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(pause, 1.0 if busy else 0.05)):
                        await woken.wait()

    # --- the process

    def app(self, extra: list[BaseRoute] | None = None) -> Starlette:
        routes: list[BaseRoute] = [
            Route("/messages", self._post, methods=["POST"]),
            Route("/health", self._health),
            *self.routes,
            *(extra or []),
        ]
        return Starlette(routes=routes)

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        port = urlsplit(self.base_url).port
        assert port is not None
        asyncio.run(serve(self.app(), port, background=[self.work], label=f"{self.name} ({self.code})"))
        self.store.close()


async def serve(
    app: Starlette,
    port: int,
    *,
    background: list[Callable[[], Coroutine[Any, Any, None]]] | None = None,
    label: str,
) -> None:
    """Serve the application on loopback until SIGTERM or SIGINT, with the background coroutines beside it."""
    server = Server(
        app, address="127.0.0.1", port=port, interface=Interfaces.ASGINL, log_enabled=False, websockets=False
    )
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    serving = loop.create_task(server.serve())
    helpers = [loop.create_task(start()) for start in background or []]
    print(f"{label} listens on http://localhost:{port}", flush=True)
    stopping = loop.create_task(stop.wait())
    done, _ = await asyncio.wait([serving, stopping, *helpers], return_when=asyncio.FIRST_COMPLETED)
    for helper in helpers:
        helper.cancel()
    server.stop()  # type: ignore[no-untyped-call]
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            await serving
    await asyncio.gather(*helpers, return_exceptions=True)
    for task in done - {stopping}:
        task.result()


def fits(when: Mapping[str, Any] | None, application: dict[str, Any]) -> bool:
    """Whether each dotted name of `when` has that value in the application (goods: of any line)."""
    return all(str(value) in _values(application, name.split(".")) for name, value in (when or {}).items())


def _values(data: Any, path: list[str]) -> set[str]:
    if isinstance(data, list):
        return set().union(*(_values(one, path) for one in data))
    if not path:
        return {str(data)}
    return _values(data.get(path[0]), path[1:]) if isinstance(data, dict) else set()


def without_contents(data: Any) -> Any:
    """The body without the contents of its files, which stay in the message in the inbox."""
    if isinstance(data, dict):
        return {name: without_contents(value) for name, value in data.items() if name != "content_base64"}
    return [without_contents(value) for value in data] if isinstance(data, list) else data


async def _content(request: Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY:
            raise Refused("too_large", f"a message may have {MAX_BODY} bytes", 413)
        parts.append(chunk)
    return b"".join(parts)


def _pause(attempts: int) -> float:
    return min(0.25 * 2.0 ** min(attempts, 10), LONGEST_PAUSE)


def _stamp() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _log(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
