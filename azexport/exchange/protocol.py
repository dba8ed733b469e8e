"""The envelope, files, and the refusals of the protocol. Knows neither HTTP nor the database."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from azexport.kernel.errors import AzexportError

VERSION = 1
CONTENT_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"
MAX_BYTES = 12 * 1024 * 1024
MAX_DEPTH = 32
MAX_AGE = timedelta(minutes=5)
MAX_AHEAD = timedelta(minutes=1)
RECEIPT = "receipt"
_DOCUMENT = "$document"


class Refused(AzexportError):
    """A message that is not taken, for good: told to the sender as a problem with this status."""

    code = "refused"
    status = 400
    message = _("The message was refused.")

    def __init__(self, code: str, message: str | Promise, *, status: int = 400) -> None:
        super().__init__(message, code=code)
        self.status = status


class Envelope(BaseModel):
    """What every message is: who says what to whom, about what."""

    model_config = ConfigDict(extra="forbid", strict=True)

    message_id: UUID = Field(strict=False)
    type: str = Field(pattern=r"^[a-z][a-z_]*(\.[a-z][a-z_]*)*$", max_length=80)
    version: int
    sender: str = Field(min_length=1, max_length=40)
    recipient: str = Field(min_length=1, max_length=40)
    created_at: AwareDatetime = Field(strict=False)
    subject: str = Field(max_length=80)
    in_reply_to: UUID | None = Field(default=None, strict=False)
    body: dict[str, Any]

    def to_bytes(self) -> bytes:
        """Compact UTF-8 JSON. What is signed and kept is these bytes, never a second serialisation."""
        return json.dumps(
            {
                "message_id": str(self.message_id),
                "type": self.type,
                "version": self.version,
                "sender": self.sender,
                "recipient": self.recipient,
                "created_at": rfc3339(self.created_at),
                "subject": self.subject,
                "in_reply_to": str(self.in_reply_to) if self.in_reply_to else None,
                "body": self.body,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()


def rfc3339(moment: datetime) -> str:
    """`2026-10-05T06:00:00.000Z`"""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_envelope(content: bytes) -> Envelope:
    """The envelope in these bytes.

    Raises:
        Refused: not JSON, members missing, unknown or of the wrong kind, or another version.
    """
    try:
        data = json.loads(content, parse_constant=_no_constant)
        _check_values(data)
    except (ValueError, RecursionError) as error:
        raise Refused("not-json", _("The content is not JSON.")) from error
    try:
        envelope = Envelope.model_validate(data)
    except ValidationError as error:
        where = ", ".join(sorted({".".join(map(str, one["loc"])) or "envelope" for one in error.errors()}))
        raise Refused("malformed", _("Not an envelope of the protocol: %(where)s.") % {"where": where}) from error
    if envelope.version != VERSION:
        raise Refused("unsupported-version", _("Only version 1 of the protocol is spoken here."))
    return envelope


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _check_values(data: Any) -> None:
    """No deeper than messages ever are, and no character that the database cannot keep (NUL, half a surrogate)."""
    pending = [(data, 0)]
    while pending:
        value, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")
        if isinstance(value, dict):
            pending += [(one, depth + 1) for pair in value.items() for one in pair]
        elif isinstance(value, list):
            pending += [(one, depth + 1) for one in value]
        elif isinstance(value, str):
            if "\x00" in value:
                raise ValueError("NUL in a string")
            if not value.isascii():
                value.encode()


def file(name: str, media_type: str, content: bytes) -> dict[str, str]:
    """A file the way it travels inside a body."""
    return {
        "name": name,
        "media_type": media_type,
        "sha256": hashlib.sha256(content).hexdigest(),
        "content_base64": base64.b64encode(content).decode(),
    }


def file_content(member: Mapping[str, Any]) -> bytes:
    """The bytes of a file member of a received body.

    Raises:
        Refused: it is not a file, or not the one its digest names.
    """
    try:
        content = base64.b64decode(member["content_base64"], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise Refused("not-a-file", _("A member that should be a file is none."), status=422) from error
    if hashlib.sha256(content).hexdigest() != member.get("sha256"):
        raise Refused("file-digest", _("A file is not the one its digest names."), status=422)
    return content


def stored(reference: str, *, name: str | None = None) -> dict[str, str]:
    """A file member that stands for a stored document: its content is put in when the message is made, by the job.

    Use it instead of `file` in everything that is sent from a request: the contract then is neither read nor
    copied while somebody waits.
    """
    return {_DOCUMENT: reference, **({"name": name} if name else {})}


def with_files(body: Any, load: Callable[[str, str | None], dict[str, str]]) -> Any:
    """The body with every `stored` member replaced by what `load(reference, name)` gives."""
    if isinstance(body, dict):
        if _DOCUMENT in body:
            return load(body[_DOCUMENT], body.get("name"))
        return {key: with_files(value, load) for key, value in body.items()}
    if isinstance(body, list):
        return [with_files(value, load) for value in body]
    return body


def without_contents(body: Any) -> Any:
    """The body with the size of each file in the place of its content: what the log shows."""
    if isinstance(body, dict):
        if isinstance(body.get("content_base64"), str):
            rest = {key: value for key, value in body.items() if key != "content_base64"}
            return {**rest, "size": len(body["content_base64"]) * 3 // 4 - body["content_base64"][-2:].count("=")}
        return {key: without_contents(value) for key, value in body.items()}
    if isinstance(body, list):
        return [without_contents(value) for value in body]
    return body
