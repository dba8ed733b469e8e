"""A repair of asn1crypto 1.5.1 (its issues 249 and 256, pull request 302), to be dropped when it is mended.

A header whose length happens to end in the octet 80 is taken for one of indefinite length, and the value is encoded
anew, each level of it more than once: writing one CMS structure in some two hundred then takes ten seconds and more.
Whether a structure has such a length is up to its signer, so it is a way to stop a validator, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asn1crypto import core


class _Definite(bytes):
    """A header of definite length; asn1crypto, which looks at its last octet for 80, does not find it."""

    def __getitem__(self, key: Any) -> Any:
        return b"" if key == slice(-1, None, None) else super().__getitem__(key)


def is_indefinite(header: bytes) -> bool:
    """Whether the last of the tag-and-length pairs in the header has the indefinite length (the one octet 80)."""
    place, indefinite = 0, False
    while place < len(header):
        if header[place] & 0x1F == 0x1F:
            place += 1
            while place < len(header) and header[place] & 0x80:
                place += 1
        length = header[place + 1] if place + 1 < len(header) else 0
        indefinite = length == 0x80
        place += 2 + (length & 0x7F if length & 0x80 else 0)
    return indefinite


def _repaired(dump: Callable[..., bytes]) -> Callable[..., bytes]:
    def repaired(self: Any, force: bool = False) -> bytes:
        header = self._header
        if type(header) is bytes and header[-1:] == b"\x80" and not is_indefinite(header):
            self._header = _Definite(header)
        return dump(self, force)

    repaired.__dict__["is_repaired"] = True
    return repaired


def apply() -> None:
    """asn1crypto is repaired in this process; doing it again changes nothing."""
    for name in ("Asn1Value", "Choice", "Primitive", "Sequence", "SequenceOf"):
        found = getattr(core, name)
        dump = found.__dict__["dump"]
        if not hasattr(dump, "is_repaired"):
            found.dump = _repaired(dump)
