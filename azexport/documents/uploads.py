"""What somebody hands over as a file: its type is what its first bytes say, never what the browser says."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms

BEGINNINGS: dict[str, bytes] = {
    "application/pdf": b"%PDF-",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
}
"""Media type -> how a file of it begins; others are not taken."""


def media_type_of(content: bytes) -> str | None:
    """The media type of the content, of which the first 16 bytes are enough; None where it is none that is taken."""
    return next((name for name, start in BEGINNINGS.items() if content.startswith(start)), None)


@dataclass(frozen=True)
class GivenFile:
    """A file that somebody has handed over and that has been looked at: its type is what its content shows."""

    name: str
    media_type: str
    content: bytes


def ask_once(field: forms.Field, *, have: bool) -> None:
    """The file is asked for until one was supplied; then another may be chosen, and it is not called optional."""
    if have and field.required:
        field.required = False
        field.supplied = True  # type: ignore[attr-defined]
