"""Who can sign in to a trial copy of the portal: from the sandbox's folder, and only where there is one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from azexport.kernel.errors import Message, Missing

PARTS: dict[str, Message] = {
    "exporter": _("exporter"),
    "second-exporter": _("another exporter"),
    "buyer": _("buyer abroad"),
    "citizen": _("citizen"),
    "officer": _("officer of a body"),
    "head": _("head of a body"),
}


@dataclass(frozen=True)
class DemoPerson:
    """Somebody invented, with the names of their two key files."""

    name: str
    organisation: str
    part: Message
    auth_file: str
    sign_file: str
    password: str


def people() -> list[DemoPerson]:
    """Empty outside the sandbox."""
    return [
        DemoPerson(
            name=_full_name(entry),
            organisation=entry.get("organisation", ""),
            part=PARTS.get(entry.get("role", ""), ""),
            auth_file=Path(entry["auth_p12"]).name,
            sign_file=Path(entry["sign_p12"]).name,
            password=entry.get("password", ""),
        )
        for entry in _entries()
    ]


def key_file(name: str) -> bytes:
    """A demo person's .p12 (the public hand-out of invented people, not a key that the portal holds).

    Raises:
        Missing: no sandbox, or no demo person has a file of this name.
    """
    for entry in _entries():
        for path in (Path(entry["auth_p12"]), Path(entry["sign_p12"])):
            if path.name == name and settings.SANDBOX:
                found = Path(settings.SANDBOX) / path  # an absolute path stays what it is
                if found.is_file():
                    return found.read_bytes()
    raise Missing


def _entries() -> list[dict[str, str]]:
    if settings.PRODUCTION or not settings.SANDBOX:
        return []
    directory = Path(settings.SANDBOX) / "directory.json"
    if not directory.is_file():
        return []
    entries: list[dict[str, str]] = json.loads(directory.read_text(encoding="utf-8")).get("people", [])
    return entries


def _full_name(entry: dict[str, str]) -> str:
    return f"{entry.get('given_name', '')} {entry.get('surname', '')}".strip() or entry["name"]
