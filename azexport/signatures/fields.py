"""Empty signature fields in the first revision, so that signing later only fills them in."""

from __future__ import annotations

import io
from collections.abc import Sequence

from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from azexport.signatures.pdf import Increment


def append_fields(content: bytes, names: Sequence[str], *, seed: bytes | None = None) -> bytes:
    """The PDF with an invisible empty signature field of each name.

    Invisible: what a signature looks like is printed by us in the document; a box drawn later would be a change
    of the page after the first signature. `seed` makes the bytes reproducible.
    """
    writer = Increment(content, seed=seed)
    for name in names:
        append_signature_field(writer, SigFieldSpec(name))
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()
