"""The dossier: all documents, messages and signatures of an operation in one sealed archive (docs/dossier.md)."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from azexport.documents import queries as documents
from azexport.exchange import queries as exchange
from azexport.exports import queries
from azexport.kernel.text import Text
from azexport.signatures.sealing import seal_bytes

if TYPE_CHECKING:
    from azexport.documents.models import Document
    from azexport.exports.models import Operation
    from azexport.exports.queries import OperationView

FORMAT = "azexport-dossier/1"
_DATE = (2026, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class File:
    """One file of the archive."""

    path: str
    kind: str
    title: Text
    media_type: str
    content: bytes

    def entry(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "sha256": hashlib.sha256(self.content).hexdigest(),
            "size": len(self.content),
            "media_type": self.media_type,
            "kind": self.kind,
            "title": self.title,
        }


def build(operation: Operation, *, now: datetime) -> bytes:
    """The archive of what the operation has now: manifest, its seal, documents, messages.

    Raises:
        OutsideFailure: the time-stamp authority did not answer.
    """
    row = queries.applications_of(operation.organisation).get(operation=operation)
    view = queries.view(row, now=now)
    files = [*_documents(view), *_messages(view)]
    manifest = {
        "format": FORMAT,
        "operation": operation.reference,
        "created_at": now.isoformat(),
        "files": [file.entry() for file in files],
        "links": _links(view),
    }
    content = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode()
    return _packed([("manifest.json", content), ("manifest.p7s", seal_bytes(content))], files)


def _packed(head: Iterable[tuple[str, bytes]], files: Iterable[File]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in [*head, *((file.path, file.content) for file in files)]:
            # A fixed date: the manifest says when, and the same content gives the same bytes.
            archive.writestr(zipfile.ZipInfo(path, _DATE), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _documents(view: OperationView) -> list[File]:
    found = _ordered(view)
    contents = documents.contents(one for _name, one in found)
    return [
        File(f"documents/{name}.{_suffix(one)}", one.kind, one.title, one.media_type, contents[one.pk])
        for name, one in found
    ]


def _ordered(view: OperationView) -> list[tuple[str, Document]]:
    """(name, document) in the order of the chain, each with its newest proof; what is not there yet is left out."""
    contract, application, declaration = view.operation.contract, view.application, view.declaration
    found: list[tuple[str, Document | None]] = [
        (f"1-contract-{contract.reference}", contract.document),
        (f"2-application-{application.reference}", application.document),
    ]
    attachments = application.attachments.select_related("document").order_by("id")
    found += [(f"2-attachment-{one.document.reference}", one.document) for one in attachments]
    found += [(f"3-permit-{one.case.reference}", one.case.result_document) for one in view.cases]
    if declaration is not None:
        found.append((f"4-declaration-{declaration.reference}", declaration.document))
        found.append((f"5-release-{declaration.reference}", declaration.release_document))
    newest = documents.renewed(one for _name, one in found if one is not None)
    return [(name, newest[one.pk]) for name, one in found if one is not None]


def _suffix(document: Document) -> str:
    return {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}.get(document.media_type, "bin")


def _messages(view: OperationView) -> list[File]:
    """Every signed HTTP message about the operation, with what is needed to check its signature."""
    subjects = [view.application.reference, *(one.case.reference for one in view.cases)]
    if view.declaration is not None:
        subjects.append(view.declaration.reference)
    files = []
    for number, one in enumerate(exchange.evidence_for(subjects), start=1):
        data = {**exchange.as_data(one), "body": base64.b64encode(bytes(one.content)).decode()}
        name = f"messages/{number:04d}-{data['type']}-{data['part']}.json"
        title = {"az": f"Mesaj {data['type']}", "en": f"Message {data['type']}"}
        files.append(File(name, "message", title, "application/json", json.dumps(data, ensure_ascii=False).encode()))
    return files


def _links(view: OperationView) -> list[dict[str, str]]:
    """The chain, by paths of the archive: each document with the digest of the one it stands on."""
    paths: dict[str, list[tuple[str, Document]]] = {}
    for name, one in _ordered(view):
        paths.setdefault(one.kind, []).append((f"documents/{name}.{_suffix(one)}", one))
    chain = [("application", "contract"), ("permit", "application"), ("declaration", "permit"),
             ("release", "declaration")]  # fmt: skip
    if "permit" not in paths:
        chain.append(("declaration", "application"))
    return [
        {"from": here, "to": there, "sha256": document.sha256}
        for upper, lower in chain
        for here, _document in paths.get(upper, ())
        for there, document in paths.get(lower, ())
    ]
