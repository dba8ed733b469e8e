"""What can happen to a permit that came."""

from __future__ import annotations

from azexport.lifecycle import ACTOR, NOW, T, Table
from azexport.permits.states import PermitStatus as S

TABLE = Table(
    [
        T("issue", S.RECEIVED, S.ISSUED, event="permit.issued", sets={"checked_at": NOW, "checked_by": ACTOR}),
        T("reject", S.RECEIVED, S.REJECTED, event="permit.rejected", sets={"checked_at": NOW, "checked_by": ACTOR}),
    ]
)
