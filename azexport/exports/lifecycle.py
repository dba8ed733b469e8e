"""An application's transitions."""

from azexport.exports.permissions import owns_application
from azexport.exports.rules import complete
from azexport.exports.states import ApplicationStatus as S
from azexport.lifecycle import ACTOR, NOW, T, Table

TABLE = Table(
    [
        T("freeze", S.DRAFTED, S.AWAITING_SIGNATURE, "application.frozen", may=owns_application, rules=[complete],
          sets={"frozen_at": NOW}),
        T("reopen", S.AWAITING_SIGNATURE, S.DRAFTED, "application.reopened", may=owns_application),
        T("submit", S.AWAITING_SIGNATURE, S.SUBMITTED, "application.submitted",
          sets={"submitted_at": NOW, "submitted_by": ACTOR}),
        T("abandon", S.DRAFTED, S.ABANDONED, "application.abandoned", may=owns_application),
    ]
)  # fmt: skip
