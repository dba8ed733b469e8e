"""The taxpayer register: answers `taxpayer.query` from data/taxpayers.yaml, and what is asked of it as a body.

Its script can make taxpayers unknown or closed, besides the faults every program knows (see sandbox.program).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from stdnum.az import voen as voen_number

from sandbox import body_pages
from sandbox.opinions import Opinions
from sandbox.program import Program, Turn
from sandbox.wire import Message, Refused

DATA = Path(__file__).parent / "data" / "taxpayers.yaml"


def taxpayers() -> dict[str, dict[str, Any]]:
    """The register by VÖEN."""
    return {entry["voen"]: entry for entry in yaml.safe_load(DATA.read_text())}


def build(folder: Path) -> Program:
    program = Program.open("taxes", folder)
    register = taxpayers()
    Opinions(program)
    program.routes.append(body_pages.step_page(program))

    @program.on("taxpayer.query")
    def query(turn: Turn, message: Message) -> dict[str, Any]:
        voen = message.body.get("voen")
        if not isinstance(voen, str) or not voen_number.is_valid(voen):
            raise Refused("voen", "this is not a VÖEN", 422)
        added = {entry["voen"]: entry for entry in turn.script.get("taxpayers") or []}
        found = added.get(voen) or register.get(voen)
        if found is None or voen in (turn.script.get("unknown") or []):
            return {"found": False, "voen": voen}
        closed = voen in (turn.script.get("closed") or [])
        return {"found": True, **found, **({"status": "closed"} if closed else {})}

    return program
