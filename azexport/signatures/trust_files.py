"""Reading a trusted list from a folder: trust.json and PEM files beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from azexport.signatures.states import ServiceKind


class TrustFileError(Exception):
    """The list cannot be used; the message says which entry and why."""


@dataclass(frozen=True)
class Entry:
    """One service of the list, its PEM texts read and its issuer's signature verified against its root."""

    name: dict[str, str]
    country: str
    kind: str
    root: str
    issuer: str
    ocsp: str
    crl: str
    url: str
    valid_from: datetime
    valid_until: datetime
    recognised_by: str
    sandbox: bool
    key_files: bool
    """Whether its people hold keys as files: of a centre that does not say so, only the sandbox's do."""


def read(folder: Path) -> list[Entry]:
    """The entries of DIR/trust.json.

    Raises:
        TrustFileError: a file is missing or wrong, or an issuer was not issued by its root.
    """
    try:
        listing = json.loads((folder / "trust.json").read_text())
        return list(_entries(folder, listing))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise TrustFileError(f"{folder / 'trust.json'}: {error}") from error


def _entries(folder: Path, listing: dict[str, Any]) -> Iterator[Entry]:
    for service in listing["services"]:
        kind = ServiceKind(service["kind"]).value
        root, issuer = ((folder / service[name]).read_text() for name in ("root", "issuer"))
        _check(service, root, issuer)
        yield Entry(
            name=service["name"],
            country=service["country"],
            kind=kind,
            root=root,
            issuer=issuer,
            ocsp=service["ocsp"],
            crl=service.get("crl", ""),
            url=service.get("url") or (_time_stamps(folder) if kind == ServiceKind.TIMESTAMP else ""),
            valid_from=datetime.fromisoformat(service["valid_from"]),
            valid_until=datetime.fromisoformat(service["valid_until"]),
            recognised_by=service.get("recognised_by", ""),
            sandbox=bool(service.get("sandbox", False)),
            key_files=bool(service.get("key_files", service.get("sandbox", False))),
        )


def _check(service: dict[str, Any], root: str, issuer: str) -> None:
    above, below = (x509.load_pem_x509_certificate(text.encode()) for text in (root, issuer))
    try:
        above.verify_directly_issued_by(above)
        below.verify_directly_issued_by(above)
    except (InvalidSignature, TypeError, ValueError) as error:
        raise TrustFileError(f"{service['issuer']} was not issued by {service['root']}") from error


def _time_stamps(folder: Path) -> str:
    # The sandbox's list does not carry the address; its directory does.
    directory = folder.parent / "directory.json"
    return str(json.loads(directory.read_text())["pki"]["tsa"]) if directory.exists() else ""
