"""Keeping signatures provable: time stamps end, so documents get a new one in time (signatures.md, trap 6).

What a document's newest time stamp rests on, and until when, is read from the file once and kept with the row. A
document that is due gets one more time stamp over all that is in it, as a new version under the same code. Every step
can be run again: what has been looked at or renewed is not due any more.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from azexport.audit import actions as audit
from azexport.documents import actions, queries
from azexport.documents.models import Document
from azexport.documents.states import DocumentStatus
from azexport.kernel.actor import SYSTEM
from azexport.signatures import pades
from azexport.signatures import queries as signatures
from azexport.signatures.errors import Refused
from azexport.signatures.pades import Proof
from azexport.signatures.states import Verdict

log = logging.getLogger(__name__)

BATCH = 100
"""Documents looked at, or made due, by one job."""
UNREADABLE = "unreadable"


def look(*, after: int = 0) -> int:
    """The proofs of the next documents that nobody has looked at are read; returns the last one's key, 0 at the end.

    Args:
        after: key of the document behind which to go on.
    """
    signed = Document.objects.filter(
        status=DocumentStatus.ISSUED, proof_algorithms__isnull=True, media_type="application/pdf", pk__gt=after
    ).exclude(signatures=[])
    batch = list(signed.order_by("pk")[:BATCH])
    for document in batch:
        try:
            _keep(document, pades.proof_of_other(queries.content(document)))
        except Refused as refusal:
            if refusal.verdict is Verdict.INDETERMINATE:
                continue  # looked at again next night
            _keep(document, Proof(None, (UNREADABLE,)))
    return batch[-1].pk if len(batch) == BATCH else 0


def _keep(document: Document, proof: Proof) -> None:
    document.proof_ends_at, document.proof_algorithms = proof.ends_at, list(proof.algorithms)
    document.save(update_fields=["proof_ends_at", "proof_algorithms"])


def due(*, now: datetime, after: int = 0) -> list[Document]:
    """The next documents whose proof ends within settings.PROOF_RENEWED_BEFORE or rests on what is too weak by now.

    At most BATCH of them, by key, behind `after`.
    """
    return list(_due(now).filter(pk__gt=after).order_by("pk")[:BATCH])


def _due(now: datetime) -> QuerySet[Document]:
    ends = Q(proof_ends_at__lt=now + settings.PROOF_RENEWED_BEFORE)
    if settings.WEAK_PROOFS:
        ends |= Q(proof_ends_at__isnull=False, proof_algorithms__overlap=list(settings.WEAK_PROOFS))
    return Document.objects.filter(ends, status=DocumentStatus.ISSUED)


def renew(reference: str, *, now: datetime) -> Document | None:
    """A new version with one more time stamp, which proves it for longer; None where that is not needed or not had.

    Run twice, or at once, it makes one.

    Raises:
        Refused: the last time stamp's authority is unknown, or revoked, or does not answer (indeterminate).
        OutsideFailure: no time stamp could be had; try again.
    """
    document = _due(now).filter(reference=reference).first()
    if document is None:
        return None
    if document.proof_ends_at is None or document.proof_ends_at <= now:
        # What the last stamp proved has ended with it: one more over it would only look like a proof.
        log.error("document %s: its proof has ended and cannot be renewed", document.reference)
        return None
    content = queries.content(document)
    made, proof = pades.renew_other(content, signatures.trust_list(), now=now)
    if not _is_better(proof, document):
        # The authority stamps with a certificate that ends as early or is as weak: one more stamp proves nothing more.
        log.warning("document %s: a new time stamp would not prove it for longer", document.reference)
        return None
    return _replace(document, made, proof, now=now)


def _is_better(proof: Proof, document: Document) -> bool:
    if proof.ends_at is None or set(proof.algorithms) & set(settings.WEAK_PROOFS):
        return False
    weak = set(document.proof_algorithms or ()) & set(settings.WEAK_PROOFS)
    return bool(weak) or document.proof_ends_at is None or proof.ends_at > document.proof_ends_at + timedelta(days=1)


@transaction.atomic
def _replace(document: Document, content: bytes, proof: Proof, *, now: datetime) -> Document | None:
    before = Document.objects.select_for_update().get(pk=document.pk)
    if before.status != DocumentStatus.ISSUED:
        return None  # renewed, signed again or revoked meanwhile
    renewed = actions.store(
        kind=before.kind,
        title=before.title,
        content=content,
        facts=before.facts,
        previous=before,
        signatures=before.signatures,
        renewal=True,
        by=SYSTEM,
        now=now,
    )
    _keep(renewed, proof)
    assert proof.ends_at is not None
    assert before.proof_ends_at is not None
    audit.record(
        "document.renewed",
        subject=renewed.reference,
        by=SYSTEM,
        now=now,
        data={
            "previous": before.reference,
            "proof_ended_at": before.proof_ends_at.isoformat(),
            "proof_ends_at": proof.ends_at.isoformat(),
            "algorithms": list(proof.algorithms),
        },
    )
    return renewed
