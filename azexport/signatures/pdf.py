"""Writing increments that change nothing but what they must."""

from __future__ import annotations

import io
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter


class Increment(IncrementalPdfFileWriter):
    """An incremental writer that leaves metadata and version alone.

    pyHanko's own rewrites the XMP packet and lifts the file to PDF 2.0 for P-256: the result would no longer be
    the PDF/A-3 that was shown to the signer.
    """

    def __init__(self, content: bytes, *, seed: bytes | None = None, **options: Any) -> None:
        super().__init__(io.BytesIO(content), **options)
        if seed is not None:
            self._document_id[1] = generic.ByteStringObject(seed[:16])

    def ensure_output_version(self, version: tuple[int, int]) -> None:
        if version <= (1, 7):
            super().ensure_output_version(version)  # type: ignore[no-untyped-call]

    def register_extension(self, ext: Any) -> None:
        if ext.base_version <= "/1.7":
            super().register_extension(ext)

    def _update_meta(self) -> None:
        return


def value(dictionary: Any, key: str) -> Any:
    """The value, followed where it is a reference, or None; pyHanko's own `get` does not follow."""
    try:
        return dictionary[key]
    except KeyError:
        return None
