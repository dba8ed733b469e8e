"""How a letter moves."""

from __future__ import annotations

from azexport.lifecycle import NOW, T, Table
from azexport.notices.states import MailStatus

TABLE = Table([
    T("send", MailStatus.QUEUED, MailStatus.SENT, event="mail.sent", sets={"sent_at": NOW}),
    T("give_up", MailStatus.QUEUED, MailStatus.FAILED, event="mail.failed"),
])  # fmt: skip
