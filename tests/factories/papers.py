"""Papers put forward by actions, printed by their job, and signed without the cryptography."""

from __future__ import annotations

from datetime import datetime

from azexport.documents import queries
from azexport.documents.models import Paper
from azexport.kernel.actor import SYSTEM
from azexport.lifecycle import announce
from azexport.signatures.models import SigningFile, SigningRequest
from tests.factories.contracts import run_jobs
from tests.factories.parties import NOW


def fresh(paper: Paper) -> Paper:
    return queries.paper(paper.reference)


def printed(paper: Paper) -> Paper:
    """Its job has run: the PDF waits for the signature."""
    run_jobs("documents.render_paper")
    return fresh(paper)


def ended(paper: Paper, status: str, verdict: str, now: datetime) -> None:
    """What the end of a signing does, without the cryptography: a real request row, an invented result."""
    request = SigningRequest.objects.get(reference=fresh(paper).signing)
    request.status, request.verdict, request.report = status, verdict, {"field": request.field, "verdict": verdict}
    request.save()
    if status == "completed":
        SigningFile.objects.create(request=request, role="result", content=request.content + b"\n% signed")
    announce(f"signing.{status}.paper", request, by=SYSTEM, now=now)


def signed(paper: Paper, *, now: datetime = NOW) -> Paper:
    """Printed if need be, and signed by whom it was put before."""
    if paper.document_id is None:
        paper = printed(paper)
    ended(paper, "completed", "accepted", now)
    return fresh(paper)


def refused(paper: Paper, *, verdict: str = "revoked", now: datetime = NOW) -> Paper:
    """The signature was not accepted."""
    ended(paper, "failed", verdict, now)
    return fresh(paper)
