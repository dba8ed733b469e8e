"""Mail goes in over SMTP and comes out over HTTP."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from typing import Any

import httpx
import pytest

from sandbox.mail import with_links
from tests.sandbox.conftest import Sandbox

LINK = "http://localhost:8000/invitation/aZ09-_x/"


def deliver(sandbox: Sandbox, to: list[str], subject: str, text: str, html: str | None = None) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "portal@azexport.example", ", ".join(to), subject
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    smtp = sandbox.directory["smtp"]
    with smtplib.SMTP(smtp["host"], smtp["port"], timeout=5) as client:
        client.send_message(message)


def inbox(sandbox: Sandbox, to: str) -> list[dict[str, Any]]:
    response = httpx.get(f"{sandbox.directory['mail']}/api/messages", params={"to": to}, trust_env=False)
    found: list[dict[str, Any]] = response.json()
    return found


def page(sandbox: Sandbox, path: str) -> str:
    response = httpx.get(f"{sandbox.directory['mail']}{path}", trust_env=False)
    assert response.status_code == 200
    return response.text


def test_a_message_sent_by_smtp_is_read_over_http(sandbox: Sandbox) -> None:
    text = f"Hörmətli Jonas,\n\nMüqavilə sizi gözləyir: {LINK}.\n"
    deliver(sandbox, ["jonas@weber.example"], "Müqavilə imzanızı gözləyir", text, "<p>Salam</p>")
    [message] = inbox(sandbox, "Jonas@weber.example")
    assert message["subject"] == "Müqavilə imzanızı gözləyir"
    assert message["from"] == "portal@azexport.example"
    assert message["to"] == ["jonas@weber.example"]
    assert message["links"] == [LINK]
    assert "Hörmətli Jonas" in message["text"]
    shown = page(sandbox, f"/messages/{message['id']}")
    assert f'<a href="{LINK}">{LINK}</a>.' in shown
    assert "Müqavilə imzanızı gözləyir" in shown
    assert b"Subject:" in page(sandbox, f"/messages/{message['id']}.eml").encode()


def test_each_recipient_has_a_list(sandbox: Sandbox) -> None:
    deliver(sandbox, ["a@x.example", "b@x.example"], "Hər ikinizə", "mətn")
    deliver(sandbox, ["a@x.example"], "Yalnız sizə", "mətn")
    assert [message["subject"] for message in inbox(sandbox, "a@x.example")] == ["Hər ikinizə", "Yalnız sizə"]
    assert [message["subject"] for message in inbox(sandbox, "b@x.example")] == ["Hər ikinizə"]
    assert "Yalnız sizə" not in page(sandbox, "/?to=b@x.example")
    assert "a@x.example" in page(sandbox, "/")


def test_what_a_message_says_is_never_run(sandbox: Sandbox) -> None:
    deliver(sandbox, ["c@x.example"], "<script>alert(1)</script>", '<img src=x onerror="alert(1)">')
    [message] = inbox(sandbox, "c@x.example")
    for shown in (page(sandbox, f"/messages/{message['id']}"), page(sandbox, "/?to=c@x.example")):
        assert "<script" not in shown
        assert "<img" not in shown


def test_a_message_that_is_not_there_is_missing(sandbox: Sandbox) -> None:
    assert httpx.get(f"{sandbox.directory['mail']}/messages/999999", trust_env=False).status_code == 404


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("bax: http://a.example/x?y=1&z=2.", 'bax: <a href="http://a.example/x?y=1&amp;z=2">http://a.example/x?y=1&amp;z=2</a>.'),
        ("(https://a.example/b)", '(<a href="https://a.example/b">https://a.example/b</a>)'),
        ("javascript:alert(1) <b>", "javascript:alert(1) &lt;b&gt;"),
    ],
)  # fmt: skip
def test_addresses_become_links(text: str, shown: str) -> None:
    assert with_links(text) == shown
