"""The layout of a dossier (docs/dossier.md), for whoever writes one and whoever checks one. Standard library only."""

from __future__ import annotations

import re

FORMAT = "azexport-dossier/1"
MANIFEST = "manifest.json"
SEAL = "manifest.p7s"
DOCUMENTS = "documents/"
MESSAGES = "messages/"

PATH = re.compile(r"(documents|messages)/[\w(][\w .()+,=@-]{0,199}")
"""A name that a listed file may have: in one of the two folders, no further folder, no leading dot."""

FILE_MEMBERS = ("path", "sha256", "size", "media_type", "kind", "title")
LINK_MEMBERS = ("from", "to", "sha256")

PDF = "application/pdf"
SIGNATURES_WANTED = {"contract": 2, "application": 1, "permit": 1, "declaration": 1, "release": 1}
"""How many valid signatures a PDF of the kind must bear at least, by different signers."""
CHAIN = {
    "application": frozenset({"contract"}),
    "permit": frozenset({"application"}),
    "declaration": frozenset({"permit", "application"}),
    "release": frozenset({"declaration"}),
}
"""Kind -> the kinds it may stand on; each document of the kind has a link to at least one of these."""

MOST_ENTRIES = 5_000
LARGEST_FILE = 64 * 1024 * 1024
LARGEST_TOTAL = 512 * 1024 * 1024
HIGHEST_RATIO = 200
"""How many times its packed size a file may have, above a mebibyte."""
