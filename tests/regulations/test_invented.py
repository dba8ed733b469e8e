"""A fourth, invented regulation, other fields, another fee, two steps: from finder to signed permit by data alone.

The whole way goes through the doors that everybody uses: the public finder, signed messages at the gateway, pages.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from azexport.calendar.queries import today
from azexport.cases import actions as cases
from azexport.cases.actions import CasePart
from azexport.cases.models import Case
from azexport.exchange.models import Message
from azexport.kernel.actor import SYSTEM
from azexport.participants.models import Participant
from azexport.permits import actions as permits
from azexport.permits import queries
from azexport.permits.models import Permit
from azexport.services import queries as services
from sandbox import wire
from sandbox.permit_documents.signing import Desk
from tests.factories.cases import GOODS, OFFICER, body_of, file, office, permit_of, treasury
from tests.factories.exchange import incoming
from tests.factories.parties import make_member, sign_in
from tests.factories.services import honey, write
from tests.factories.signatures import ROOT, SandboxPki, pki, sandbox_pki
from tests.permits.test_check import body_code, paper

__all__ = ["pki", "sandbox_pki"]
pytestmark = pytest.mark.django_db


def posts(client: Client, sender: Participant, kind: str, case: Case, **body: Any) -> int:
    """The body's system posts a signed message to the portal; returns the status of the answer."""
    message = wire.new_message(
        kind, sender=sender.code, recipient="azexport", subject=case.reference, body={"case": case.reference, **body}
    )
    headers, content = incoming(message, created=int(timezone.now().timestamp()))
    kept = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    return client.post("/exchange/messages", content, content_type="application/json", headers=kept).status_code


def test_it_runs_from_finder_to_signed_permit_without_a_changed_line(
    tmp_path: Path, client: Client, pki: SandboxPki
) -> None:
    # The clerk's file goes into a folder and is loaded. Its body is one whose officials' keys the sandbox has.
    write(tmp_path, honey(general__provider=body_code("plant")))
    call_command("load_regulations", "--dir", str(tmp_path))
    provider, coins = office(body_code("plant")), treasury()

    # Anybody finds it.
    client.cookies["language"] = "en"
    found = client.get("/finder/", {"hs": "040900", "destination": "DE"}, headers={"Accept": "application/json"}).json()
    [honey_seal] = [one for one in found["requirements"] if one["service"] == "honey-seal"]
    assert (honey_seal["level"], honey_seal["rule"]) == ("required", "HON-901")
    assert honey_seal["fee"] == {"amount": "7.50", "currency": "AZN"}
    assert "Honey seal" in client.get("/finder/", {"hs": "040900", "destination": "DE"}).content.decode()

    # Its own questions are asked, and it is applied for.
    now = timezone.now()
    [requirement] = [
        one for one in queries.requirements(lines=GOODS, destination="DE", on=today(now))
        if one.regulation.service == "honey-seal"
    ]  # fmt: skip
    asked = [one.key for one in services.asked_questions([requirement.regulation])]
    assert asked == ["hives", "heated", "temperature", "blossom", "which"]
    answers = {"hives": "12", "heated": True, "temperature": "40", "blossom": {"1": "acacia"}}
    member = make_member()
    [case] = cases.open_cases(
        application_reference="AP-0000-0000-0", organisation=member.organisation, by=member, now=now,
        parts=[CasePart(requirement.regulation, body_of(member, answers=answers))],
    )  # fmt: skip
    sent = Message.objects.get(type="case.submitted")
    assert (sent.participant, sent.data["answers"]) == (provider, answers)
    exporter = sign_in(Client(), member)
    exporter.cookies["language"] = "en"

    # The body works in its own two steps, the treasury takes the fee.
    assert posts(client, provider, "case.accepted", case, body_reference="H-1", officer=OFFICER) == 202
    assert posts(client, coins, "fee.paid", case, amount="7.50", currency="AZN", paid_at=now.isoformat(),
                 payment_reference="P1") == 202  # fmt: skip
    for step, shown in (("tasting", "Tasting"), ("sealing", "Sealing")):
        assert posts(client, provider, "case.step_started", case, step=step, officer=OFFICER) == 202
        assert shown in exporter.get(f"/cases/{case.reference}/").content.decode()
    assert posts(client, provider, "case.step_started", case, step="inspection", officer=OFFICER) == 422

    # It grants, with a paper that its head has signed; the portal checks and issues.
    permit = permit_of(case, valid_from=str(today(now)), valid_until=str(today(now) + timedelta(days=30)))
    tsa = json.loads((pki.folder / "directory.json").read_text())["pki"]["tsa"]
    desk = Desk(pki.folder / "plant", tsa)
    signed = desk.sign(paper(permit), desk.official("head"), reason="seal")
    granted = {"permit": permit, "document": file(signed), "officer": OFFICER}
    assert posts(client, provider, "case.granted", case, **granted) == 202
    permits.check(reference=Permit.objects.get().reference, by=SYSTEM, now=timezone.now())

    page = exporter.get(f"/cases/{case.reference}/").content.decode()
    assert "Granted" in page
    assert "Honey seal No. H-2026-0001" in page
    [issued] = queries.issued_for("AP-0000-0000-0", on=today(now))
    assert issued.document is not None
    assert exporter.get(f"/documents/{issued.document.reference}/").status_code == 200
    assert posts(client, provider, "case.granted", case, **granted) == 202
    assert Permit.objects.count() == 1
    assert (ROOT / "regulations" / "honey-seal.yaml").exists() is False


def test_messages_of_a_body_about_anothers_case_and_out_of_turn_are_answered_as_the_protocol_says(
    client: Client, pki: SandboxPki
) -> None:
    from tests.factories.cases import open_case

    case = open_case()
    stranger = office("wax-office")

    assert posts(client, stranger, "case.accepted", case, officer=OFFICER) == 404
    assert posts(client, case.provider, "case.step_started", case, step="tasting", officer=OFFICER) == 503
    assert posts(client, case.provider, "case.accepted", case, officer=OFFICER) == 202
    assert posts(client, case.provider, "case.accepted", case, officer=OFFICER) == 409

    kept = Message.objects.filter(direction="in", subject=case.reference)
    assert sorted(kept.values_list("status", "type")) == [
        ("accepted", "case.accepted"), ("rejected", "case.accepted"), ("rejected", "case.accepted"),
    ]  # fmt: skip
