"""Reading what is attached to a permit's PDF/A-3."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils.generic import IndirectObject
from pyhanko.pdf_utils.reader import PdfFileReader

NAME = "permit.json"
MOST_NODES = 200
LARGEST = 2 * 1024 * 1024


def attached_permit(content: bytes) -> dict[str, Any] | None:
    """The permit as the paper's own data state it; None where they are missing, doubled or unreadable."""
    try:
        found = [data for name, data in _attachments(PdfFileReader(io.BytesIO(content))) if name == NAME]
        if len(found) != 1 or len(found[0]) > LARGEST:
            return None
        permit = json.loads(found[0])
    except Exception:  # hostile PDFs raise nine kinds of exception (signatures.md, trap 7)
        return None
    return permit if isinstance(permit, dict) else None


def _attachments(reader: PdfFileReader) -> Iterator[tuple[str, bytes]]:
    waiting = [reader.root["/Names"]["/EmbeddedFiles"]]
    for _visited in range(MOST_NODES):
        if not waiting:
            return
        entry = waiting.pop()
        node = entry.get_object() if isinstance(entry, IndirectObject) else entry
        waiting += list(node["/Kids"]) if "/Kids" in node else []
        names = list(node["/Names"]) if "/Names" in node else []
        for entry in names[1::2]:
            file = entry.get_object() if isinstance(entry, IndirectObject) else entry
            name = str(file["/UF"] if "/UF" in file else file["/F"])
            yield name, bytes(file["/EF"]["/F"].data)
    raise ValueError("too many attachments")
