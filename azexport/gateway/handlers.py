"""Message type -> the action that does what it asks.

An action is `def f(message: exchange.Message, *, by: Actor, now: datetime) -> dict | None`; what it returns is the
reply's body, None makes a receipt. It runs in the transaction that puts the message into the inbox. Paths are resolved
when a message of the type comes, so a room that is not there fails its own messages only.
"""

from __future__ import annotations

HANDLERS: dict[str, str] = {
    "case.accepted": "azexport.cases.actions.accept",
    "case.step_started": "azexport.cases.actions.start_step",
    "case.step_finished": "azexport.cases.actions.finish_step",
    "case.information_requested": "azexport.cases.actions.request_information",
    "case.refused": "azexport.cases.actions.refuse",
    "case.granted": "azexport.cases.actions.grant",
    "fee.paid": "azexport.cases.actions.fee_paid",
    "declaration.accepted": "azexport.customs.actions.accept",
    "declaration.channel_assigned": "azexport.customs.actions.assign_channel",
    "declaration.released": "azexport.customs.actions.release",
    "declaration.not_released": "azexport.customs.actions.refuse_release",
}
