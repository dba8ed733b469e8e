"""The treasury: takes `fee.due` and, after the delay its script says, tells the portal that the fee was paid."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.opinions import Opinions
from sandbox.program import Program, Turn
from sandbox.wire import Message, Refused

LOOK_AGAIN = 1.0
"""Seconds after which a payer who never pays is asked whether the script has changed."""


def build(folder: Path) -> Program:
    program = Program.open("treasury", folder)
    Opinions(program)

    @program.on("fee.due")
    def due(turn: Turn, message: Message) -> None:
        missing = [name for name in ("case", "amount", "currency") if not message.body.get(name)]
        if missing:
            raise Refused("incomplete", f"a fee needs {', '.join(missing)}", 422)
        turn.put("fee", message.body["case"], {**message.body, "state": "due"})
        delay = float(turn.script.get("delay", 0))
        turn.later(delay, "pay", {"case": message.body["case"], "due": message.id}, subject=message.subject)

    @program.action("pay")
    def pay(turn: Turn, data: dict[str, Any]) -> None:
        fee = turn.get("fee", data["case"])
        if turn.script.get("never"):
            turn.later(LOOK_AGAIN, "pay", data, subject=data["case"])
            return
        if fee["state"] == "paid":
            return
        paid_at = datetime.now(UTC).isoformat(timespec="seconds")
        reference = f"TR-{data['due'].replace('-', '')[:12].upper()}"
        body = {
            "case": fee["case"],
            "amount": fee["amount"],
            "currency": fee["currency"],
            "paid_at": paid_at,
            "payment_reference": reference,
        }
        turn.put("fee", data["case"], {**fee, "state": "paid", "paid_at": paid_at, "payment_reference": reference})
        turn.send("fee.paid", body, subject=data["case"], in_reply_to=data["due"])

    return program
