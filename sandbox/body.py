"""A body that issues permits: takes a case on, works through its steps and decides, all as its script says.

One program, run once for each body: `build(name, folder)`. What differs between bodies is data: their entry in
directory.json, their keys and store in DIR/<name>/, the template permit_documents/<name>.typ (or the general one) and
the script, scripts/<name>.yaml. The script is read anew at every step, so what it says about a case under way may be
changed. scripts/plant.yaml explains every key, the faults included.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from sandbox import body_pages
from sandbox.opinions import Opinions
from sandbox.permit_documents.printing import print_paper, template_for
from sandbox.permit_documents.signing import Desk, tampered
from sandbox.program import LOOK_AGAIN, LOOK_AGAIN_OLD, OLD, SCRIPTS, Program, Turn, fits, without_contents
from sandbox.wire import Message, Refused, file_member

OVER = ("granted", "refused", "withdrawn")
ANOTHER_VOEN = "1401555071"

_NEEDED = ("case", "service", "applicant", "goods")


def build(name: str, folder: Path) -> Program:
    """The program of the body `name` in the sandbox of `folder`."""
    program = Program.open(name, folder)
    body = Body(program)
    program.on("case.submitted")(body.submitted)
    program.on("case.information_supplied")(body.information_supplied)
    program.on("case.fee_paid")(body.fee_paid)
    program.on("case.withdrawn")(body.withdrawn)
    program.on("case.opinion_given")(body.opinion_given)
    program.action("advance")(body.advance)
    Opinions(program, officer=body.officer)
    program.routes.extend(body_pages.routes(program))
    return program


class Body:
    """What the body does with messages and with time."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.entry: dict[str, Any] = program.directory.data["programs"][program.name]
        self.desk = Desk(program.home, program.directory.data["pki"]["tsa"])
        self._numbers = threading.Lock()

    # --- messages

    def submitted(self, turn: Turn, message: Message) -> None:
        missing = [name for name in _NEEDED if not message.body.get(name)]
        if missing:
            raise Refused("incomplete", f"an application needs {', '.join(missing)}", 422)
        reference = message.body["case"]
        if turn.get("case", reference) is not None:
            return  # the same case under another message id: it is under way
        case = {
            "case": reference,
            "message": message.id,
            "application": without_contents(message.body),
            "received_at": time.time(),
            "at": time.time(),
            "state": "received",
            "done": 0,
            "requests": 0,
            "answers": [],
            "fee_paid": False,
            "tick": 0,
            "history": [],
        }
        self._go_on(turn, case, 0.0, f"case.submitted: {message.body['service']}")

    def information_supplied(self, turn: Turn, message: Message) -> None:
        case = self._known(turn, message)
        if case["state"] != "asked":
            return
        case["answers"].append(without_contents(message.body))
        case.update(state="answered", at=time.time())
        self._go_on(turn, case, 0.0, "case.information_supplied")

    def fee_paid(self, turn: Turn, message: Message) -> None:
        case = self._known(turn, message)
        if not case["fee_paid"]:
            case.update(fee_paid=True)
            self._go_on(turn, case, 0.0, f"case.fee_paid: {message.body.get('amount')} {message.body.get('currency')}")

    def withdrawn(self, turn: Turn, message: Message) -> None:
        case = self._known(turn, message)
        if case["state"] not in OVER:
            case.update(state="withdrawn", tick=case["tick"] + 1)
            self._keep(turn, case, "case.withdrawn")

    def opinion_given(self, turn: Turn, message: Message) -> None:
        """Another body has finished a step of this body's service, or its silence counts."""
        case = self._known(turn, message)
        step, outcome = message.body["step"], message.body["outcome"]
        case["opinions"] = {**case.get("opinions", {}), step: outcome}
        self._note(case, f"case.opinion_given: {step}, {outcome}")
        turn.put("case", case["case"], case)

    def _known(self, turn: Turn, message: Message) -> dict[str, Any]:
        case: dict[str, Any] | None = turn.get("case", message.body.get("case", ""))
        if case is None:
            # Its submission may still be on the way: the sender is asked to come again.
            raise Refused("unknown_case", f"the case {message.body.get('case')} has not come here yet", 425)
        return case

    # --- time

    def advance(self, turn: Turn, data: dict[str, Any]) -> None:
        """Do what is due with the case, or look again later."""
        case = turn.get("case", data["case"])
        if case["tick"] != data["tick"] or case["state"] in (*OVER, "asked"):
            return
        script = behaviour(self.program, turn.script, case["application"])
        plan = [("accept", script["accept"]), *(("step", step) for step in script["steps"])]
        doing, what = plan[case["done"]] if case["done"] < len(plan) else ("decide", script["decide"])
        wait = float(what.get("after", 0)) + (float(script.get("late") or 0) if doing == "decide" else 0)
        remaining = case["at"] + wait - time.time()
        waiting = self._waits(case, script) if doing == "decide" else ""
        open_now = [one for one in what.get("wait_for") or () if one not in case.get("opinions", {})]
        waiting = f"waits for {', '.join(open_now)}" if open_now else waiting
        if remaining > 0.001 or waiting:
            self._look_again(turn, case, remaining, waiting)
        elif doing == "accept":
            self._accept(turn, case, what, script)
        elif doing == "step":
            self._step(turn, case, what, script)
        else:
            self._decide(turn, case, what, script)

    def _waits(self, case: dict[str, Any], script: dict[str, Any]) -> str:
        """What the decision waits for; empty when nothing is missing."""
        if script.get("wait_for_fee") and not case["fee_paid"]:
            return "waits for the fee"
        return "is silent" if _decision(case, script) == "silent" else ""

    def _look_again(self, turn: Turn, case: dict[str, Any], remaining: float, waiting: str) -> None:
        if waiting and case.get("waiting") != waiting:
            case["waiting"] = waiting
            turn.put("case", case["case"], case)
        pause = LOOK_AGAIN if time.time() - case["at"] < OLD else LOOK_AGAIN_OLD
        if 0 < remaining < pause:
            pause = remaining
        turn.later(pause, "advance", {"case": case["case"], "tick": case["tick"]}, subject=case["case"])

    def _accept(self, turn: Turn, case: dict[str, Any], what: dict[str, Any], script: dict[str, Any]) -> None:
        case["body_reference"] = f"{self.program.name.upper()}-{self.next_number('reference'):06d}"
        officer = self.officer(script, what.get("officer"))
        message = {"case": case["case"], "body_reference": case["body_reference"], "officer": officer}
        # Out of order: the acceptance is kept back, so that what comes after it arrives before it.
        self._send(turn, case, "case.accepted", message, after=float(script.get("out_of_order") or 0))
        case.update(done=1, at=time.time(), state="accepted")
        self._go_on(turn, case, self._next_wait(script, case), f"case.accepted: {officer['name']}")

    def _step(self, turn: Turn, case: dict[str, Any], what: dict[str, Any], script: dict[str, Any]) -> None:
        officer = self.officer(script, what.get("officer"))
        step = {"case": case["case"], "step": what["step"], "officer": officer}
        self._send(turn, case, "case.step_started", step)
        if what.get("finish") is not None:
            ticked = dict.fromkeys(what["finish"], True)
            self._send(turn, case, "case.step_finished", {**step, "outcome": "done", "checklist": ticked})
        case.update(done=case["done"] + 1, at=time.time())
        self._go_on(turn, case, self._next_wait(script, case), f"case.step_started: {what['step']}, {officer['name']}")

    def _decide(self, turn: Turn, case: dict[str, Any], what: dict[str, Any], script: dict[str, Any]) -> None:
        decision = _decision(case, script)
        officer = self.officer(script, what.get("officer"))
        if decision == "ask":
            self._ask(turn, case, script["ask"], script)
        elif decision == "refuse":
            grounds = {"case": case["case"], "grounds": script["refusal"]["grounds"], "officer": officer}
            self._send(turn, case, "case.refused", grounds, twice=bool(script.get("send_twice")))
            case.update(state="refused", at=time.time(), tick=case["tick"] + 1)
            named = ", ".join(one["ground"] for one in script["refusal"]["grounds"])
            self._keep(turn, case, f"case.refused: {named}")
        elif decision == "grant":
            self._grant(turn, case, script)
        else:
            raise ValueError(f"the script's decision is {decision!r}; there are grant, refuse, ask and silent")

    def _ask(self, turn: Turn, case: dict[str, Any], ask: dict[str, Any], script: dict[str, Any]) -> None:
        case["requests"] += 1
        request = f"{case['body_reference']}/{case['requests']}"
        self._send(turn, case, "case.information_requested", {
            "case": case["case"], "request": request, "questions": ask["questions"], "reason": ask["reason"],
            "officer": self.officer(script, ask.get("officer")),
        })  # fmt: skip
        case.update(state="asked", at=time.time(), tick=case["tick"] + 1)
        self._keep(turn, case, f"case.information_requested: {request}")

    def _grant(self, turn: Turn, case: dict[str, Any], script: dict[str, Any]) -> None:
        started = time.perf_counter()
        permit = self._permit(case["application"], script)
        document = self._paper(permit, case, script)
        took = time.perf_counter() - started
        file = file_member(f"{_file_name(permit['number'])}.pdf", "application/pdf", document)
        # Who decides is who signs.
        officer = self.signatory(script)[1]
        granted = {"case": case["case"], "permit": permit, "document": file, "officer": officer}
        self._send(turn, case, "case.granted", granted, twice=bool(script.get("send_twice")))
        turn.put("permit", permit["number"], {**permit, "case": case["case"], "sha256": file["sha256"]})
        case.update(state="granted", at=time.time(), tick=case["tick"] + 1, number=permit["number"])
        self._keep(turn, case, f"case.granted: {permit['number']}, issued in {took * 1000:.0f} ms")

    # --- the permit

    def _permit(self, application: dict[str, Any], script: dict[str, Any]) -> dict[str, Any]:
        described = script["permit"]
        today = datetime.now(UTC).date()
        applicant = application["applicant"]
        number = described["number"].format(year=today.year, serial=self.next_number(f"permit {today.year}"))
        wrong_taxpayer, wrong_quantity = script.get("wrong_taxpayer"), script.get("wrong_quantity")
        factor = Decimal(str(wrong_quantity)) if not isinstance(wrong_quantity, bool) and wrong_quantity else Decimal(2)
        return {
            "number": number,
            "valid_from": today.isoformat(),
            "valid_until": _valid_until(today, described).isoformat(),
            "voen": str(wrong_taxpayer if isinstance(wrong_taxpayer, str) else ANOTHER_VOEN)
            if wrong_taxpayer
            else applicant["voen"],
            "holder": _text(applicant.get("name")),
            "destination": application.get("destination", ""),
            "lines": [
                {
                    "line": good["line"],
                    "hs": good["hs"],
                    "quantity": _times(good["quantity"], factor) if wrong_quantity else good["quantity"],
                    "unit": good["unit"],
                }
                for good in application["goods"]
            ],
        }

    def _paper(self, permit: dict[str, Any], case: dict[str, Any], script: dict[str, Any]) -> bytes:
        """The permit's PDF, printed and signed."""
        key, officer = self.signatory(script)
        official = self.desk.official(key)
        now = datetime.now(UTC)
        fields = script["permit"].get("fields", {})
        data = {
            "permit": permit,
            "application": {"answers": {}, "consignee": {}, "application": "", **case["application"]},
            "fields": {**fields, "case": case["case"]},
            "letterhead": {**script.get("letterhead", {}), "name": self.entry["name"]},
            "officer": {**officer, "certificate": official.fingerprint},
        }
        template = template_for(script["permit"].get("template", self.program.name))
        check_url = f"{self.program.base_url}/permits/{_file_name(permit['number'])}"
        pdf = print_paper(template, data, check_url=check_url, at=now.replace(microsecond=0))
        signed = self.desk.sign(
            pdf, official, reason=f"{permit['number']}", location=_text(fields.get("place_of_issue"))
        )
        return tampered(signed) if script.get("tamper") else signed

    def signatory(self, script: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Name of the signing key, and the officer whose it is."""
        key = str(script.get("signed_by") or "head")
        described = self.entry["former" if key == "revoked" else "head"]
        name = f"{described['given_name']} {described['surname']}"
        return key, {"name": name, "position": described["position"]}

    # --- small things

    def officer(self, script: Mapping[str, Any], role: Any) -> dict[str, Any]:
        """The officer of the role, or as described: of the script, or the head from the directory."""
        if isinstance(role, dict):
            return role
        found = script.get("officers", {}).get(role)
        if found is None:
            return self.signatory({"signed_by": "head"})[1]
        return {"name": found["name"], "position": found["position"]}

    def _send(self, turn: Turn, case: dict[str, Any], kind: str, body: dict[str, Any], *, after: float = 0.0,
              twice: bool = False) -> None:  # fmt: skip
        message = turn.send(kind, body, subject=case["case"], after=after, in_reply_to=case["message"])
        if twice:
            turn.later(1.0, "repeat", {"message": message.id}, subject=case["case"])

    def _next_wait(self, script: dict[str, Any], case: dict[str, Any]) -> float:
        stages = [script["accept"], *script["steps"], script["decide"]]
        return min(float(stages[min(case["done"], len(stages) - 1)].get("after", 0)), LOOK_AGAIN)

    def _go_on(self, turn: Turn, case: dict[str, Any], seconds: float, event: str) -> None:
        case["tick"] += 1
        case["waiting"] = ""
        self._keep(turn, case, event)
        turn.later(seconds, "advance", {"case": case["case"], "tick": case["tick"]}, subject=case["case"])

    def _keep(self, turn: Turn, case: dict[str, Any], event: str) -> None:
        self._note(case, event)
        turn.put("case", case["case"], case)

    def _note(self, case: dict[str, Any], event: str) -> None:
        case["history"].append([datetime.now(UTC).isoformat(timespec="milliseconds"), event])

    def next_number(self, name: str) -> int:
        """The next number of the series; none comes twice, and one may be lost when the program is killed."""
        with self.program.store.transaction() as connection:
            row = connection.execute(
                "insert into records values ('series', ?, '1') on conflict do update set"
                " value = cast(cast(value as integer) + 1 as text) returning value",
                (name,),
            ).fetchone()
        return int(row["value"])


def behaviour(program: Program, script: dict[str, Any], application: dict[str, Any]) -> dict[str, Any]:
    """What the script says about this application.

    A script with a `when` that does not fit the application gives way to the default script; the first of `exceptions`
    whose `when` fits wins over the rest, key by key.
    """
    if not fits(script.get("when"), application):
        path = SCRIPTS / f"{program.name}.yaml"
        script = yaml.safe_load(path.read_bytes()) if path.exists() else {}
    exceptions = (one for one in script.get("exceptions") or () if fits(one.get("when"), application))
    merged = {**script, **next(exceptions, {})}
    return {"accept": {}, "steps": [], "decide": {}, **merged, "permit": {**_PERMIT, **merged.get("permit", {})}}


_PERMIT = {"number": "PERMIT-{year}-{serial:06d}", "valid_days": 365}


def _decision(case: dict[str, Any], script: dict[str, Any]) -> str:
    decision = str(script.get("decision", "grant"))
    if decision == "ask" and case["answers"]:
        return str(script["ask"].get("then", "grant"))
    return decision


def _valid_until(today: date, described: dict[str, Any]) -> date:
    return today + timedelta(days=int(described["valid_days"]))


def _times(quantity: Any, factor: Decimal) -> str:
    return format((Decimal(str(quantity)) * factor).normalize(), "f")


def _text(value: Any) -> str:
    return str(value.get("az") or next(iter(value.values()), "")) if isinstance(value, dict) else str(value or "")


def _file_name(number: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "-", number)
