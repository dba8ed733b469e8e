"""The mail of the sandbox: a real SMTP server, and an inbox for everybody that a browser reads.

    GET /                      recipients and their newest messages;  /?to=ADDRESS one recipient's
    GET /messages/ID           one message: text with clickable links, HTML part if any in a sandboxed frame
    GET /messages/ID.eml       the message as it came over SMTP
    GET /api/messages?to=...   JSON, oldest first, with text and links; &after=ID only newer ones

Whatever the address, the message is kept here: nothing leaves the machine.
"""

from __future__ import annotations

import asyncio
import html
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox.program import serve

MAX_SIZE = 20 * 1024 * 1024
PAGE = 100
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
_SCHEMA = """
create table if not exists mail (
    id integer primary key, received_at text not null, sender text not null, subject text not null,
    text text not null, html text not null, raw blob not null);
create table if not exists recipient (
    address text not null, mail_id integer not null references mail, primary key (address, mail_id)) without rowid;
"""
_STYLE = """
:root { color-scheme: light; --ink: #12263a; --quiet: #5b6b7b; --line: #d8dfe6; --accent: #00677a; }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 "Noto Sans", system-ui, sans-serif; color: var(--ink); background: #f4f6f8; }
header { background: var(--ink); color: #fff; padding: .75rem 1.5rem; display: flex; gap: 1rem;
         align-items: baseline; flex-wrap: wrap; }
header a { color: #fff; text-decoration: none; font-weight: 700; font-size: 1.15rem; }
header span { color: #b9c7d4; font-size: .9rem; }
main { max-width: 68rem; margin: 1.5rem auto; padding: 0 1rem; display: grid; gap: 1.5rem;
       grid-template-columns: 18rem 1fr; align-items: start; }
@media (max-width: 48rem) { main { grid-template-columns: 1fr; } }
nav, section { background: #fff; border: 1px solid var(--line); border-radius: 6px; overflow: hidden; }
nav h2, section h1 { margin: 0; padding: .8rem 1rem; font-size: 1rem; border-bottom: 1px solid var(--line); }
ul { list-style: none; margin: 0; padding: 0; }
li + li { border-top: 1px solid var(--line); }
li a { display: block; padding: .65rem 1rem; color: inherit; text-decoration: none; overflow-wrap: anywhere; }
li a:hover, li a:focus { background: #e8f3f5; outline: none; box-shadow: inset 3px 0 var(--accent); }
li a[aria-current] { background: #e8f3f5; font-weight: 600; }
.row { display: flex; justify-content: space-between; gap: 1rem; }
.quiet { color: var(--quiet); font-size: .88rem; }
.row .quiet { white-space: nowrap; }
.count { color: var(--quiet); font-weight: 400; float: right; margin-left: .75rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0; padding: 1rem;
     border-bottom: 1px solid var(--line); }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
article { padding: 1.25rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; max-width: 46rem; }
article a, dd a { color: var(--accent); }
iframe { width: 100%; min-height: 30rem; border: 0; border-top: 1px solid var(--line); }
.empty { padding: 2rem 1rem; color: var(--quiet); }
"""


class Mailbox:
    """What came in, in DIR/mail/store.sqlite3."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=20)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("pragma journal_mode = wal")
        self._connection.executescript(_SCHEMA)

    def keep(self, sender: str, recipients: list[str], raw: bytes) -> int:
        """Keep one message for all its recipients, at once; returns its id."""
        parsed = message_from_bytes(raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        received_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._transaction() as connection:
            cursor = connection.execute(
                "insert into mail (received_at, sender, subject, text, html, raw) values (?, ?, ?, ?, ?, ?)",
                (received_at, sender, str(parsed["subject"] or ""), _part(parsed, "plain"), _part(parsed, "html"), raw),
            )
            mail_id = cursor.lastrowid
            assert mail_id is not None
            connection.executemany(
                "insert or ignore into recipient values (?, ?)",
                [(address.strip().lower(), mail_id) for address in recipients],
            )
        return mail_id

    def recipients(self) -> list[sqlite3.Row]:
        return self._rows(
            "select address, count(*) as count, max(mail_id) as newest from recipient"
            " group by address order by newest desc"
        )

    def messages(self, to: str | None = None, *, after: int = 0, newest_first: bool = False) -> list[sqlite3.Row]:
        """Messages without their raw form; to one recipient when given."""
        return self._rows(
            "select m.id, m.received_at, m.sender, m.subject, m.text, m.html,"
            " (select group_concat(address, ', ') from recipient where mail_id = m.id) as recipients"
            " from mail m where m.id > ? and (? is null or m.id in (select mail_id from recipient where address = ?))"
            f" order by m.id {'desc' if newest_first else 'asc'} limit ?",
            after,
            to,
            to,
            PAGE if newest_first else 1000,
        )

    def message(self, mail_id: int) -> sqlite3.Row | None:
        rows = self._rows(
            "select m.*, (select group_concat(address, ', ') from recipient where mail_id = m.id) as recipients"
            " from mail m where m.id = ?",
            mail_id,
        )
        return rows[0] if rows else None

    def _rows(self, statement: str, *values: object) -> list[sqlite3.Row]:
        return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("begin immediate")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")


class Mail:
    """The program: SMTP on one port, pages and JSON on another."""

    def __init__(self, folder: Path) -> None:
        directory = json.loads((folder / "directory.json").read_text())
        self.base_url: str = directory["programs"]["mail"]["base_url"]
        self.smtp_port: int = directory["smtp"]["port"]
        self.mailbox = Mailbox(folder / "mail" / "store.sqlite3")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode()
        mail_id = self.mailbox.keep(envelope.mail_from or "", list(envelope.rcpt_tos), raw)
        return f"250 kept as {mail_id}"

    async def listen(self) -> None:
        """The SMTP server, until it is cancelled."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(self, hostname="localhost", data_size_limit=MAX_SIZE, enable_SMTPUTF8=True, loop=loop),
            "127.0.0.1",
            self.smtp_port,
        )
        async with server:
            await server.serve_forever()

    async def inbox(self, request: Request) -> Response:
        chosen = request.query_params.get("to")
        to = chosen.strip().lower() if chosen else None
        rows = self.mailbox.messages(to, newest_first=True)
        items = "".join(_item(row) for row in rows)
        title = html.escape(to) if to else "All messages"
        listing = f"<ul>{items}</ul>" if items else '<p class="empty">No messages yet.</p>'
        return self._page(to or "Inbox", f"<section><h1>{title}</h1>{listing}</section>", to)

    async def message(self, request: Request) -> Response:
        row = self.mailbox.message(request.path_params["id"])
        if row is None:
            return HTMLResponse("There is no such message.", 404)
        frame = f'<iframe sandbox="" title="HTML part" srcdoc="{html.escape(row["html"])}"></iframe>'
        body = (
            f"<section><h1>{html.escape(row['subject'] or '(no subject)')}</h1>"
            f"<dl><dt>From</dt><dd>{html.escape(row['sender'])}</dd><dt>To</dt><dd>{html.escape(row['recipients'])}</dd>"
            f"<dt>Received</dt><dd>{_moment(row)}</dd><dt>Source</dt>"
            f'<dd><a href="/messages/{row["id"]}.eml">message {row["id"]}</a></dd></dl>'
            f"<article>{with_links(row['text'])}</article>{frame if row['html'] else ''}</section>"
        )
        return self._page(row["subject"], body, None)

    async def source(self, request: Request) -> Response:
        row = self.mailbox.message(request.path_params["id"])
        if row is None:
            return HTMLResponse("There is no such message.", 404)
        return Response(row["raw"], media_type="message/rfc822")

    async def api(self, request: Request) -> Response:
        to = request.query_params.get("to")
        after = request.query_params.get("after", "0")
        if not after.isdecimal():
            return JSONResponse({"error": "after is the id of a message"}, 400)
        rows = self.mailbox.messages(to.strip().lower() if to else None, after=int(after))
        return JSONResponse([_as_json(row) for row in rows])

    async def health(self, request: Request) -> Response:
        return JSONResponse({"status": "ok", "program": "mail"})

    def _page(self, title: str, content: str, chosen: str | None) -> HTMLResponse:
        current = ' aria-current="page"'
        links = "".join(
            f'<li><a href="/?to={quote(row["address"])}"{current if row["address"] == chosen else ""}>'
            f'<span class="count">{row["count"]}</span>{html.escape(row["address"])}</a></li>'
            for row in self.mailbox.recipients()
        )
        return HTMLResponse(
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{html.escape(title)} - sandbox mail</title><style>{_STYLE}</style></head><body>"
            '<header><a href="/">Sandbox mail</a><span>Every e-mail the portal sends ends here</span></header>'
            f"<main><nav><h2>Recipients</h2><ul>{links}</ul></nav>{content}</main></body></html>",
            headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'"},
        )

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/", self.inbox),
                Route("/messages/{id:int}.eml", self.source),
                Route("/messages/{id:int}", self.message),
                Route("/api/messages", self.api),
                Route("/health", self.health),
            ]
        )

    def run(self) -> None:
        port = urlsplit(self.base_url).port
        assert port is not None
        asyncio.run(serve(self.app(), port, background=[self.listen], label=f"mail (SMTP {self.smtp_port})"))


def build(folder: Path) -> Mail:
    return Mail(folder.resolve())


def with_links(text: str) -> str:
    """The text as HTML, its addresses clickable."""
    parts: list[str] = []
    position = 0
    for match in _LINK.finditer(text):
        url = html.escape(match.group())
        parts += [html.escape(text[position : match.start()]), f'<a href="{url}">{url}</a>']
        position = match.end()
    return "".join([*parts, html.escape(text[position:])])


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return "" if part is None else str(part.get_content())


def _moment(row: sqlite3.Row) -> str:
    return datetime.fromisoformat(row["received_at"]).strftime("%Y-%m-%d %H:%M:%S UTC")


def _item(row: sqlite3.Row) -> str:
    preview = html.escape(" ".join(row["text"].split())[:140])
    return (
        f'<li><a href="/messages/{row["id"]}"><span class="row"><strong>'
        f'{html.escape(row["subject"] or "(no subject)")}</strong><span class="quiet">{_moment(row)}</span></span>'
        f'<span class="quiet">{html.escape(row["recipients"])}</span><br><span class="quiet">{preview}</span></a></li>'
    )


def _as_json(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "received_at": row["received_at"],
        "from": row["sender"],
        "to": row["recipients"].split(", "),
        "subject": row["subject"],
        "text": row["text"],
        "html": row["html"],
        "links": _LINK.findall(row["text"]),
    }
