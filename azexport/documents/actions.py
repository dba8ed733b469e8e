"""Storing documents and changing what they are worth."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from azexport.audit import actions as audit
from azexport.documents import queries
from azexport.documents.lifecycle import TABLE
from azexport.documents.models import Document, DocumentContent
from azexport.documents.states import DocumentStatus
from azexport.kernel import references
from azexport.kernel.actor import Actor
from azexport.kernel.text import Text
from azexport.lifecycle import move

_TRANSITIONS = {
    DocumentStatus.SUPERSEDED: "supersede",
    DocumentStatus.REVOKED: "revoke",
    DocumentStatus.REJECTED: "reject",
    DocumentStatus.ISSUED: "restore",
}


def new_code() -> str:
    """A fresh verification code: 12 characters, 60 random bits."""
    return references.new_code(12)


@transaction.atomic
def store(
    *,
    kind: str,
    title: Text,
    content: bytes,
    by: Actor,
    now: datetime,
    media_type: str = "application/pdf",
    code: str | None = None,
    facts: Sequence[Mapping[str, Any]] = (),
    previous: Document | None = None,
    signatures: Sequence[Mapping[str, Any]] = (),
    status: str = DocumentStatus.ISSUED,
    renewal: bool = False,
) -> Document:
    """The bytes are kept for good and can be verified by their code.

    Args:
        code: what the rendered page carries (`new_code()` before rendering). A new version keeps its previous one's.
        facts: what anybody who has the code may read: `{"label": Text, "value": str}`.
        previous: the version that this one replaces; it, or what it was renewed as, becomes superseded.
        signatures: `SignatureReport.as_data()` of each signature in the content.
        renewal: nothing but a time stamp was added to the previous version; who may read that one may read this.

    Raises:
        IllegalTransition: the previous version has been replaced already.
    """
    if previous is not None:
        previous = move(queries.as_renewed(previous), "supersede", table=TABLE, by=by, now=now)
    document = Document.objects.create(
        reference=references.new_reference("DC"),
        code=code or (previous.code if previous else new_code()),
        kind=kind,
        title=title,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        media_type=media_type,
        status=status,
        facts=[dict(fact) for fact in facts] or (previous.facts if previous else []),
        signatures=[dict(report) for report in signatures],
        previous=previous,
        renewal=renewal,
        created_at=now,
    )
    DocumentContent.objects.create(document=document, content=content)
    audit.record(
        "document.stored",
        subject=document.reference,
        by=by,
        now=now,
        data={
            "kind": kind,
            "sha256": document.sha256,
            "size": document.size,
            "previous": previous.reference if previous else None,
        },
    )
    return document


def set_status(document: Document, status: str, by: Actor, now: datetime) -> Document:
    """The document, or what it was renewed as, is worth what `status` says.

    Raises:
        IllegalTransition: it cannot become that from what it is.
    """
    return move(queries.as_renewed(document), _TRANSITIONS[DocumentStatus(status)], table=TABLE, by=by, now=now)
