"""Opening an archive that somebody else made, without trusting anything in it."""

from __future__ import annotations

import stat
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from azexport_verify import layout
from azexport_verify.report import Finding

_LINK, _ENCRYPTED = 0o120000, 0x1
_MEBIBYTE = 1024 * 1024


@dataclass
class Contents:
    """What could be read, by name, and what is wrong with the archive itself."""

    files: dict[str, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)


class Unsafe(Exception):
    """The archive is not opened at all; `code` and `path` say why."""

    def __init__(self, code: str, path: str = "") -> None:
        super().__init__(f"{code} {path}")
        self.code = code
        self.path = path


def read(path: Path) -> Contents:
    """The contents of the archive; nothing is written anywhere.

    Raises:
        Unsafe: it is no zip archive, or one of its entries leaves the archive, comes twice, is a link, is encrypted or
            is larger than a dossier's can be, or there is something in it beside its entries.
        OSError: there is no such file.
    """
    if not path.exists():
        raise FileNotFoundError(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_entries(archive, entries)
            return _contents(archive, entries)
    except zipfile.BadZipFile as error:
        raise Unsafe("not_a_zip", str(error)) from error


def _check_entries(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > layout.MOST_ENTRIES:
        raise Unsafe("too_many")
    if archive.comment:
        raise Unsafe("extra_content")
    if entries and min(entry.header_offset for entry in entries) != 0:
        raise Unsafe("extra_content")
    seen: set[str] = set()
    for entry in entries:
        _check_name(entry)
        folded = unicodedata.normalize("NFKC", entry.filename).casefold()
        if folded in seen:
            raise Unsafe("duplicate", entry.filename)
        seen.add(folded)
        if entry.file_size > layout.LARGEST_FILE or (
            entry.file_size > _MEBIBYTE and entry.file_size > layout.HIGHEST_RATIO * max(entry.compress_size, 1)
        ):
            raise Unsafe("bomb", entry.filename)
    if sum(entry.file_size for entry in entries) > layout.LARGEST_TOTAL:
        raise Unsafe("bomb")


def _check_name(entry: zipfile.ZipInfo) -> None:
    """`orig_filename` is what stands in the archive: zipfile itself cuts it at a NUL."""
    name, raw = entry.filename, entry.orig_filename
    parts = name.split("/")
    if (
        not name
        or "\0" in raw
        or "\\" in raw
        or name.startswith("/")
        or ":" in parts[0]
        or any(part in ("", ".", "..") for part in parts)
        or any(not character.isprintable() for character in name)
    ):
        raise Unsafe("unsafe_name", raw)
    mode = entry.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise Unsafe("link" if stat.S_IFMT(mode) == _LINK else "not_a_file", name)
    if entry.flag_bits & _ENCRYPTED:
        raise Unsafe("encrypted", name)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unsafe("compression", name)


def _contents(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Contents:
    contents = Contents()
    for entry in entries:
        try:
            with archive.open(entry) as file:
                # One byte more than it says: an entry that says too little is not read to its end.
                content = file.read(entry.file_size + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OSError) as error:
            contents.findings.append(Finding("changed", entry.filename, f"{type(error).__name__}: {error}"[:200]))
            contents.unreadable.add(entry.filename)
            continue
        if len(content) != entry.file_size:
            raise Unsafe("bomb", entry.filename)
        contents.files[entry.filename] = content
    return contents
