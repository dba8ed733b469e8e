"""Steps of other bodies' services: what any participant does when the portal asks it for one (`case.step_requested`).

    Opinions(program, officer=lambda script: {...})

What it answers, and when, stands in the script under `opinion` (all optional; every program knows them):

    opinion:
      start: 0.1                  # seconds until it says that it is at the step; null: it says nothing of that
      after: 0.3                  # seconds from then until it answers
      late: 0                     # and so many more
      outcome: agree              # or object, or silent: nothing comes until the script changes
      note: "..."                 # what it says to it; an objection needs one
      officer: {name: ..., position: {az, en}}
      unticked: [item]            # of the step's checklist; everything else is ticked
      send_twice: false           # the answer comes twice, with the same message id
      exceptions: [{when: {service: ..., step.id: ...}, outcome: object}]     # the first that fits wins, key by key
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sandbox.program import LOOK_AGAIN, LOOK_AGAIN_OLD, OLD, Program, Turn, fits, without_contents
from sandbox.wire import Message, Refused

DEFAULT: dict[str, Any] = {"start": 0.1, "after": 0.3, "late": 0, "outcome": "agree", "note": ""}
OBJECTION = "Etiraz var."
OVER = ("agreed", "objected", "withdrawn")
_NEEDED = ("case", "step", "service", "applicant")

Who = Callable[[dict[str, Any], Any], "dict[str, Any] | None"]


def nobody(script: dict[str, Any], named: Any) -> dict[str, Any] | None:
    """The officer whom the script describes in full, if it does."""
    return named if isinstance(named, dict) else None


class Opinions:
    """The program's side of the steps that are asked of it. `officer(script, named)` says who answers."""

    def __init__(self, program: Program, officer: Who = nobody) -> None:
        self.program = program
        self.officer = officer
        program.on("case.step_requested")(self.requested)
        program.on("case.step_withdrawn")(self.withdrawn)
        program.action("advance step")(self.advance)

    def requested(self, turn: Turn, message: Message) -> None:
        missing = [name for name in _NEEDED if not message.body.get(name)]
        if missing:
            raise Refused("incomplete", f"a request for a step needs {', '.join(missing)}", 422)
        key = f"{message.body['case']}/{message.body['step']['id']}"
        if turn.get("step", key) is not None:
            return  # the same request under another message id: it is under way
        now = time.time()
        step = {"key": key, "case": message.body["case"], "step": message.body["step"]["id"], "message": message.id,
                "request": without_contents(message.body), "state": "asked", "waiting": "", "received_at": now,
                "at": now, "history": []}  # fmt: skip
        _note(step, f"case.step_requested: {message.body['service']}, due {message.body.get('due_on')}")
        turn.put("step", key, step)
        turn.later(0, "advance step", {"step": key}, subject=message.subject)

    def withdrawn(self, turn: Turn, message: Message) -> None:
        key = f"{message.body.get('case')}/{message.body.get('step')}"
        step = turn.get("step", key)
        if step is None:
            # Its request may still be on the way: the sender is asked to come again.
            raise Refused("unknown_step", f"the step {key} has not been asked of us yet", 425)
        _note(step, f"case.step_withdrawn: {message.body.get('reason')}")
        if step["state"] not in OVER:
            step.update(state="withdrawn", waiting="", at=time.time())
        turn.put("step", key, step)

    def advance(self, turn: Turn, data: dict[str, Any]) -> None:
        """Do what is due with the step, or look again later."""
        step = turn.get("step", data["step"])
        if step["state"] in OVER:
            return
        script = behaviour(turn.script, step["request"])
        if step["state"] == "asked" and script["start"] is not None:
            wait, go = float(script["start"]), self._start
        else:
            wait, go = float(script["after"]) + float(script["late"]), self._answer
        remaining = step["at"] + wait - time.time()
        silent = go == self._answer and script["outcome"] == "silent"
        if remaining > 0.001 or silent:
            self._look_again(turn, step, remaining, silent=silent)
            return
        go(turn, step, script)
        turn.put("step", step["key"], step)

    def _look_again(self, turn: Turn, step: dict[str, Any], remaining: float, *, silent: bool) -> None:
        if silent and not step["waiting"]:
            step["waiting"] = "is silent"
            turn.put("step", step["key"], step)
        pause = LOOK_AGAIN if time.time() - step["at"] < OLD else LOOK_AGAIN_OLD
        pause = min(remaining, pause) if remaining > 0 else pause
        turn.later(pause, "advance step", {"step": step["key"]}, subject=step["case"])

    def _start(self, turn: Turn, step: dict[str, Any], script: dict[str, Any]) -> None:
        self._send(turn, step, "case.step_started", {}, script)
        step.update(state="started", at=time.time())
        _note(step, "case.step_started")
        turn.later(0, "advance step", {"step": step["key"]}, subject=step["case"])

    def _answer(self, turn: Turn, step: dict[str, Any], script: dict[str, Any]) -> None:
        outcome = {"agree": "agreed", "object": "objected"}[script["outcome"]]
        unticked = script.get("unticked") or ()
        items = [one["id"] for one in step["request"]["step"].get("checklist") or ()]
        body = {
            "outcome": outcome,
            "note": script["note"] or (OBJECTION if outcome == "objected" else ""),
            "checklist": {one: one not in unticked for one in items},
        }
        message = self._send(turn, step, "case.step_finished", body, script)
        if script.get("send_twice"):
            turn.later(1.0, "repeat", {"message": message.id}, subject=step["case"])
        step.update(state=outcome, waiting="", at=time.time())
        _note(step, f"case.step_finished: {outcome}")

    def _send(
        self, turn: Turn, step: dict[str, Any], kind: str, body: dict[str, Any], script: dict[str, Any]
    ) -> Message:
        officer = self.officer(turn.script, script.get("officer"))
        named = {"officer": officer} if officer else {}
        content = {"case": step["case"], "step": step["step"], **body, **named}
        return turn.send(kind, content, subject=step["case"], in_reply_to=step["message"])


def behaviour(script: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    """What the script says about this request."""
    said = script.get("opinion") or {}
    exceptions = (one for one in said.get("exceptions") or () if fits(one.get("when"), request))
    return {**DEFAULT, **said, **next(exceptions, {})}


def _note(step: dict[str, Any], event: str) -> None:
    step["history"].append([datetime.now(UTC).isoformat(timespec="milliseconds"), event])
