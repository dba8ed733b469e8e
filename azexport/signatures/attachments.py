"""What is attached to a PDF/A-3."""

from __future__ import annotations

import io
from collections.abc import Iterator

from pyhanko.pdf_utils.generic import IndirectObject
from pyhanko.pdf_utils.reader import PdfFileReader

from azexport.signatures.errors import Refused
from azexport.signatures.states import Verdict
from azexport.signatures.trust import TrustList

MOST_NODES = 200
LARGEST = 2 * 1024 * 1024


def attached(content: bytes, name: str) -> bytes | None:
    """The only attachment of that name in a file that anybody may have made, read in a process with limits.

    None where it is missing, doubled, larger than 2 MiB or unreadable.

    Raises:
        Refused: indeterminate, where the other process could not do its work; trying again may help.
    """
    # Imported here: the other process reads with this module, too.
    from azexport.signatures import confinement

    try:
        told, found = confinement.run("attached", content, {"name": name}, trust=TrustList(()))
    except Refused as refusal:
        if refusal.verdict is Verdict.INDETERMINATE:
            raise
        return None
    return found if told["found"] else None


def read(content: bytes, name: str) -> bytes | None:
    """As `attached`, in this process."""
    try:
        found = [data for called, data in _every(PdfFileReader(io.BytesIO(content))) if called == name]
    except Exception:  # hostile PDFs raise nine kinds of exception (signatures.md, trap 7)
        return None
    return found[0] if len(found) == 1 and len(found[0]) <= LARGEST else None


def _every(reader: PdfFileReader) -> Iterator[tuple[str, bytes]]:
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
