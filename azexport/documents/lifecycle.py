"""How a document's status moves (its content never changes), and a paper until all have signed."""

from azexport.documents.states import DocumentStatus, PaperStatus
from azexport.lifecycle import NOW, T, Table

TABLE = Table(
    [
        T("supersede", DocumentStatus.ISSUED, DocumentStatus.SUPERSEDED, event="document.superseded"),
        T("revoke", DocumentStatus.ISSUED, DocumentStatus.REVOKED, event="document.revoked"),
        T("restore", DocumentStatus.REVOKED, DocumentStatus.ISSUED, event="document.restored"),
        T("reject", DocumentStatus.ISSUED, DocumentStatus.REJECTED, event="document.rejected"),
    ]
)

OPEN_PAPER = (PaperStatus.RENDERING, PaperStatus.WAITING)
PAPERS = Table(
    [
        T("offer", PaperStatus.RENDERING, PaperStatus.WAITING, event="paper.offered"),
        T("sign_in_part", PaperStatus.WAITING, PaperStatus.WAITING, event="paper.signed_in_part",
          sets={"signer_kind": "", "signer_id": "", "signer_name": "", "expected": {}, "signing": ""}),
        T("sign", PaperStatus.WAITING, PaperStatus.SIGNED, event="paper.signed", sets={"signed_at": NOW}),
        T("discard", OPEN_PAPER, PaperStatus.DISCARDED, event="paper.discarded"),
    ]
)  # fmt: skip
