"""The log of a letter as sentences for its pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from azexport.kernel.text import pick

if TYPE_CHECKING:
    from azexport.audit.models import Event

TITLES: dict[str, str | Promise] = {
    "letter.sent": _("Sent and accepted"),
    "letter.opened": _("Read by the body"),
    "letter.registered": _("Registered by the body"),
    "letter.extended": _("The term has been extended"),
    "letter.forwarded": _("Forwarded to the body that has a say in the matter"),
    "letter.overdue": _("The term has run out"),
    "letter.answered": _("Answered"),
    "letter.answer_read": _("The answer has been read"),
}
"""What is not here is nobody's business but the log's."""


def events_of(history: Iterable[Event]) -> list[dict[str, Any]]:
    """The events as the timeline component shows them."""
    return [
        {"title": TITLES[event.name], "at": event.at, "by": _actor(event), "text": _detail(event)}
        for event in history
        if event.name in TITLES
    ]


def _actor(event: Event) -> str:
    officer = event.data.get("officer") or {}
    if officer.get("name"):
        return ", ".join(part for part in (officer["name"], pick(officer.get("position"))) if part)
    return "azexport.az" if event.actor_kind == "system" else str(event.actor_name)


def _detail(event: Event) -> str:
    lines = [pick(event.data.get("name")), str(event.data.get("reason") or "")]
    if event.name == "letter.registered":
        lines = [str(event.data.get("number") or "")]
    return "\n".join(line for line in lines if line)
