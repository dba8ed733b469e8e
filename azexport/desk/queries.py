"""What waits for an officer beside the cases: papers to sign, and applications of the body itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azexport.cases.queries.filings import filings_of
from azexport.cases.states import FilingStatus
from azexport.documents.models import Paper
from azexport.documents.states import PaperStatus

if TYPE_CHECKING:
    from azexport.cases.models import Filing
    from azexport.parties.models import Member

MOST = 10


def papers_to_sign(member: Member) -> list[Paper]:
    """What was put before this official for signature and is not signed yet, oldest first."""
    rows = Paper.objects.filter(signer_id=member.actor_id, status__in=(PaperStatus.RENDERING, PaperStatus.WAITING))
    return list(rows.only("reference", "title", "created_at", "status").order_by("id")[:MOST])


def filings_to_sign(member: Member) -> list[Filing]:
    """The body's own applications that its officers have sent to the head."""
    rows = filings_of(member.organisation).filter(status=FilingStatus.FROZEN)
    return list(rows.defer("answers", "known")[:MOST])
