"""What is printed outside a request, and what is kept provable by night."""

from __future__ import annotations

import contextlib
from typing import Any

from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from azexport.documents import papers, proofs, queries
from azexport.documents.states import PaperStatus
from azexport.kernel.errors import OutsideFailure
from azexport.signatures.errors import Refused


@app.task(name="documents.render_paper", retry=3)
def render_paper(reference: str) -> None:
    """The paper is a PDF that waits for its signature. Run twice it changes nothing."""
    paper = queries.paper(reference)
    if paper.status == PaperStatus.RENDERING:
        papers.offer(reference, papers.render(paper), now=timezone.now())


@app.periodic(cron="20 2 * * *")
@app.task(name="documents.keep_proofs", queueing_lock="documents.keep_proofs")
def keep_proofs(timestamp: int) -> None:
    """Every night: new documents' proofs are looked at, then those that are due are renewed."""
    _go_on(look_at_proofs, after=0)


@app.task(name="documents.look_at_proofs", queueing_lock="documents.look_at_proofs")
def look_at_proofs(after: int) -> None:
    """One batch, and the next one as a job of its own."""
    last = proofs.look(after=after)
    if last:
        _go_on(look_at_proofs, after=last)
    else:
        _go_on(renew_proofs, after=0)


@app.task(name="documents.renew_proofs", queueing_lock="documents.renew_proofs")
def renew_proofs(after: int) -> None:
    """A job for each document of one batch that is due, and the next batch."""
    batch = proofs.due(now=timezone.now(), after=after)
    for document in batch:
        _go_on(renew_proof, lock=f"renew:{document.reference}", reference=document.reference)
    if len(batch) == proofs.BATCH:
        _go_on(renew_proofs, after=batch[-1].pk)


# What does not succeed within some hours is due again next night.
@app.task(name="documents.renew_proof", retry=RetryStrategy(max_attempts=6, wait=60, exponential_wait=4,
                                                            retry_exceptions=[OutsideFailure, Refused]))  # fmt: skip
def renew_proof(reference: str) -> None:
    """See `proofs.renew`."""
    proofs.renew(reference, now=timezone.now())


def _go_on(task: Any, *, lock: str | None = None, **given: Any) -> None:
    """The job is enqueued unless the same one waits already."""
    with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
        (task.configure(queueing_lock=lock) if lock else task).defer(**given)
