"""Reads of documents and papers."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.utils.module_loading import import_string

from azexport.documents.models import Document, DocumentContent, Paper
from azexport.documents.states import DocumentStatus
from azexport.kernel.actor import Actor
from azexport.kernel.errors import Missing

_MISREAD = str.maketrans("OILU", "011V")


def by_reference(reference: str) -> Document:
    """The document, whoever asks: for code, not for pages.

    Raises:
        Missing: there is none.
    """
    document = Document.objects.filter(reference=reference).first()
    if document is None:
        raise Missing
    return document


def readable(reference: str, actor: Actor) -> Document:
    """The document, if the table of readers lets the actor open its kind.

    Raises:
        Missing: there is none, or it is not theirs to see.
    """
    document = by_reference(reference)
    if not may_read(actor, document):
        raise Missing
    return document


def may_read(actor: Actor, document: Document) -> bool:
    """What config/readers.py says of the document's kind; a kind that is not there is open to nobody.

    A renewal is open to whoever may open what was renewed: rooms know the version that they had made.
    """
    while document.renewal and document.previous is not None:
        document = document.previous
    readers: dict[str, str] = import_string(settings.DOCUMENT_READERS)
    path = readers.get(document.kind)
    return bool(path and import_string(path)(actor, document))


def as_renewed(document: Document) -> Document:
    """The document with the newest proof: itself, or what it was renewed as since (see proofs)."""
    return renewed([document])[document.pk]


def renewed(documents: Iterable[Document]) -> dict[int, Document]:
    """Primary key of each -> the document with its newest proof. One query, and one more for each renewal in line."""
    found = {one.pk: one for one in documents}
    ends = {one.pk: [key] for key, one in found.items()}
    while ends:
        later = list(Document.objects.filter(previous__in=list(ends), renewal=True))
        former = {one.pk: ends[one.previous_id] for one in later if one.previous_id is not None}
        for one in later:
            found.update(dict.fromkeys(former[one.pk], one))
        ends = former
    return found


def content(document: Document) -> bytes:
    """The bytes."""
    return bytes(DocumentContent.objects.values_list("content", flat=True).get(document=document))


def contents(documents: Iterable[Document]) -> dict[int, bytes]:
    """Primary key -> bytes of each, in one query."""
    rows = DocumentContent.objects.filter(document__in=[document.pk for document in documents])
    return {row.document_id: bytes(row.content) for row in rows}


def by_code(code: str) -> Document | None:
    """The newest version behind a code as people type it: any case, with or without dashes, O for 0, I for 1."""
    cleaned = "".join(code.split()).replace("-", "").upper().translate(_MISREAD)
    return Document.objects.filter(code=cleaned).exclude(status=DocumentStatus.SUPERSEDED).first()


def history(document: Document) -> list[Document]:
    """Every version that shares the document's code, newest first, itself included."""
    return list(Document.objects.filter(code=document.code).order_by("-id"))


def paper(reference: str) -> Paper:
    """The paper, whoever asks: for code, not for pages.

    Raises:
        Missing: there is none.
    """
    found = Paper.objects.select_related("document").filter(reference=reference).first()
    if found is None:
        raise Missing
    return found


def paper_for(reference: str, actor: Actor) -> Paper:
    """The paper that this actor is to sign or has signed.

    Raises:
        Missing: there is none, or it is somebody else's.
    """
    found = paper(reference)
    if not (found.is_asked_of(actor) or found.was_signed_by(actor)):
        raise Missing
    return found


def papers_of(subject: str) -> list[Paper]:
    """Every paper about the subject, newest first."""
    return list(Paper.objects.select_related("document").filter(subject=subject).order_by("-id"))
