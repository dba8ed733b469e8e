"""What can happen to an application for a service before it is a case, and who may do it."""

from __future__ import annotations

from azexport.cases.filings.permissions import may_send_to_head, may_sign, owns_filing
from azexport.cases.filings.rules import RULES
from azexport.cases.states import FilingStatus as S
from azexport.lifecycle import ACTOR, NOW, T, Table

FILINGS = Table(
    [
        T("send_to_head", S.DRAFTED, S.FROZEN, event="filing.sent_to_head", may=may_send_to_head, rules=RULES),
        T("freeze", (S.DRAFTED, S.FROZEN), S.AWAITING_SIGNATURE, event="filing.frozen", may=may_sign, rules=RULES),
        T("reopen", (S.FROZEN, S.AWAITING_SIGNATURE), S.DRAFTED, event="filing.reopened", may=owns_filing),
        T("submit", S.AWAITING_SIGNATURE, S.SUBMITTED, event="filing.submitted",
          sets={"submitted_at": NOW, "submitted_by": ACTOR}),
        T("abandon", S.DRAFTED, S.ABANDONED, event="filing.abandoned", may=owns_filing),
    ]
)  # fmt: skip
