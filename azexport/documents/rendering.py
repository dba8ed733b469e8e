"""Rendering: data and a typst template become PDF/A-3a + PDF/UA-1, the same bytes for the same input."""

from __future__ import annotations

import hashlib
import io
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import segno
import typst
from django.conf import settings

from azexport.signatures import fields

ROOMS = Path(__file__).resolve().parent.parent
FONTS = ROOMS.parent / "frontend" / "dist" / "fonts-pdf"
STANDARDS = ["a-3a", "ua-1"]
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_local = threading.local()


@dataclass(frozen=True)
class Attachment:
    """A file inside the PDF: what machines read."""

    name: str
    media_type: str
    content: bytes
    description: str
    relationship: str = "data"
    """typst's word for PDF's AFRelationship: source, data, alternative or supplement."""


def render_pdf(
    template: str,
    data: Mapping[str, Any],
    *,
    attachments: Sequence[Attachment] = (),
    signature_fields: Sequence[str] = (),
    code: str | None = None,
    at: datetime | None = None,
) -> bytes:
    """The PDF of `template`, which is `<room>/<name>.typ` in that room's templates.

    Args:
        data: JSON; templates read it as `data` from `/documents/templates/documents/base.typ`.
        signature_fields: names of empty signature fields, to be signed later in any order.
        code: verification code printed with a QR of /verify/<code>; None prints neither.
        at: the date in the file's metadata; a fixed one when it does not matter, so that bytes stay the same.

    Raises:
        typst.TypstError: the template is wrong, or data that it needs are missing.
    """
    inputs = {
        "data": json.dumps(data, ensure_ascii=False, default=str),
        "frame": json.dumps(_frame(code, attachments), ensure_ascii=False),
    }
    room = template.split("/")[0]
    rendered = _compiler().compile(
        ROOMS / room / "templates" / template,
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=STANDARDS,  # type: ignore[arg-type]
        timestamp=at or _EPOCH,
    )
    assert isinstance(rendered, bytes)
    if not signature_fields:
        return rendered
    seed = hashlib.sha256(rendered + "\0".join(signature_fields).encode()).digest()
    return fields.append_fields(rendered, signature_fields, seed=seed)


def verification_url(code: str) -> str:
    """What the QR says."""
    return f"{settings.PORTAL_URL}/verify/{code[:4]}-{code[4:8]}-{code[8:]}"


def _frame(code: str | None, attachments: Sequence[Attachment]) -> dict[str, Any]:
    return {
        "code": f"{code[:4]}-{code[4:8]}-{code[8:]}" if code else None,
        "url": verification_url(code) if code else None,
        "qr": _qr(verification_url(code)) if code else None,
        "attachments": [
            {
                "name": one.name,
                "media_type": one.media_type,
                "description": one.description,
                "relationship": one.relationship,
                **_payload(one.content),
            }
            for one in attachments
        ],
    }


def _payload(content: bytes) -> dict[str, Any]:
    # typst takes text or numbers through its inputs, not bytes.
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"bytes": list(content)}


def _qr(content: str) -> str:
    out = io.BytesIO()
    segno.make(content, error="m", micro=False).save(out, kind="svg", border=0, dark="#10212b", xmldecl=False)
    return out.getvalue().decode()


@cache
def _fonts() -> typst.Fonts:
    # No system fonts: every machine must print the same.
    return typst.Fonts(include_system_fonts=False, font_paths=[FONTS] if FONTS.is_dir() else [])


def _compiler() -> typst.Compiler:
    # A compiler may be used by one thread at a time.
    if not hasattr(_local, "compiler"):
        _local.compiler = typst.Compiler(root=ROOMS, font_paths=_fonts())
    compiler: typst.Compiler = _local.compiler
    return compiler
