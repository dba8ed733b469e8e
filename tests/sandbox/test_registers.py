"""The taxpayer register and the treasury."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from stdnum.az import voen as voen_number

from sandbox.taxes import taxpayers
from tests.sandbox.conftest import Portal, Sandbox, wait_until

EXPORTER = "3433956371"
CLOSED = "2938345201"
Script = Callable[[str, str], None]


def ask(sandbox: Sandbox, voen: str) -> dict[str, Any]:
    response = sandbox.post("taxes", sandbox.message("taxes", "taxpayer.query", {"voen": voen}))
    assert response.status_code == 200
    reply = response.json()
    assert reply["type"] == "taxpayer.query.reply"
    body: dict[str, Any] = reply["body"]
    return body


def test_the_register_knows_the_exporter(sandbox: Sandbox) -> None:
    body = ask(sandbox, EXPORTER)
    assert body["found"] is True
    assert body["name"] == {"az": "Şəki Fındıq MMC", "en": "Sheki Findiq LLC"}
    assert body["director"] == {"name": "Leyla Məmmədova", "fin": "5XK7P2M"}
    assert body["status"] == "active"
    assert set(body) == {"found", "voen", "name", "status", "legal_form", "address", "director", "registered_on",
                         "activities"}  # fmt: skip


def test_the_register_says_what_it_does_not_know(sandbox: Sandbox) -> None:
    assert ask(sandbox, "1401555071") == {"found": False, "voen": "1401555071"}
    assert ask(sandbox, CLOSED)["status"] == "closed"


def test_what_is_no_voen_is_refused(sandbox: Sandbox) -> None:
    response = sandbox.post("taxes", sandbox.message("taxes", "taxpayer.query", {"voen": "1401555081"}))
    assert (response.status_code, response.json()["code"]) == (422, "voen")


def test_the_script_makes_taxpayers_unknown_closed_or_new(sandbox: Sandbox, script: Script) -> None:
    script("taxes", f'unknown: ["{EXPORTER}"]')
    assert ask(sandbox, EXPORTER)["found"] is False
    script("taxes", f'closed: ["{EXPORTER}"]')
    assert ask(sandbox, EXPORTER)["status"] == "closed"
    script("taxes", 'taxpayers: [{voen: "1401555071", name: {az: Yeni, en: New}, status: active}]')
    assert ask(sandbox, "1401555071")["name"]["en"] == "New"


def test_every_taxpayer_has_a_valid_voen() -> None:
    assert len(taxpayers()) >= 12
    assert [voen for voen in taxpayers() if not voen_number.is_valid(voen)] == []


def test_every_demo_exporter_is_in_the_register(sandbox: Sandbox) -> None:
    people = [person for person in sandbox.directory["people"] if person["voen"]]
    assert len(people) == 2
    for person in people:
        entry = taxpayers()[person["voen"]]
        assert (entry["name"]["az"], entry["director"]["fin"]) == (person["organisation"], person["fin"])


def due(case: str) -> dict[str, Any]:
    return {"case": case, "payer_voen": EXPORTER, "payee": "food-quality", "amount": "20.00", "currency": "AZN"}


def test_the_treasury_reports_a_payment(sandbox: Sandbox, portal: Portal) -> None:
    message = sandbox.message("treasury", "fee.due", due("CS-P"), "CS-P")
    sandbox.post("treasury", message)
    wait_until(lambda: bool(portal.received), "the payment was reported")
    paid = portal.received[0]
    assert (paid["type"], paid["in_reply_to"], paid["subject"]) == ("fee.paid", message.id, "CS-P")
    assert set(paid["body"]) == {"case", "amount", "currency", "paid_at", "payment_reference"}
    assert paid["body"]["amount"] == "20.00"


def test_nobody_pays_until_the_script_lets_them(sandbox: Sandbox, portal: Portal, script: Script) -> None:
    script("treasury", "never: true")
    sandbox.post("treasury", sandbox.message("treasury", "fee.due", due("CS-N"), "CS-N"))
    time.sleep(0.9)
    assert [envelope for envelope in portal.received if envelope["subject"] == "CS-N"] == []
    script("treasury", "")
    wait_until(lambda: [envelope["subject"] for envelope in portal.received] == ["CS-N"], "paid after all")
