"""How a message that we send moves. A received one is accepted or refused at once and stays so."""

from __future__ import annotations

from azexport.exchange.states import WAITING, Status
from azexport.lifecycle import NOW, T, Table

TABLE = Table([
    T("delay", WAITING, Status.RETRYING, event="message.delayed"),
    T("deliver", WAITING, Status.DELIVERED, event="message.delivered",
      sets={"delivered_at": NOW, "next_attempt_at": None}),
    T("park", WAITING, Status.PARKED, event="message.parked", sets={"next_attempt_at": None}),
])  # fmt: skip
