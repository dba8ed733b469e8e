"""How a signing moves. One-time: nothing leads back from `signed`."""

from azexport.lifecycle import NOW, T, Table
from azexport.signatures.states import RequestStatus as S

OPEN = (S.REQUESTED, S.PREPARED)
TABLE = Table(
    [
        T("prepare", OPEN, S.PREPARED, event="signing.prepared"),
        T("sign", S.PREPARED, S.SIGNED, event="signing.signed", sets={"signed_at": NOW}),
        T("complete", S.SIGNED, S.COMPLETED, event="signing.completed", sets={"completed_at": NOW}),
        T("fail", S.SIGNED, S.FAILED, event="signing.failed", sets={"completed_at": NOW}),
        T("expire", OPEN, S.EXPIRED, event="signing.expired", sets={"completed_at": NOW}),
        T("cancel", OPEN, S.CANCELLED, event="signing.cancelled", sets={"completed_at": NOW}),
    ]
)
