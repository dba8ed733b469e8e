"""A document's status. Its content never changes."""

from azexport.documents.states import DocumentStatus
from azexport.lifecycle import T, Table

TABLE = Table(
    [
        T("supersede", DocumentStatus.ISSUED, DocumentStatus.SUPERSEDED, event="document.superseded"),
        T("revoke", DocumentStatus.ISSUED, DocumentStatus.REVOKED, event="document.revoked"),
        T("restore", DocumentStatus.REVOKED, DocumentStatus.ISSUED, event="document.restored"),
        T("reject", DocumentStatus.ISSUED, DocumentStatus.REJECTED, event="document.rejected"),
    ]
)
