"""Declarations for tests: with permits of invented services, lodged with an invented customs."""

from __future__ import annotations

import base64
import hashlib
import uuid
from datetime import UTC, date, datetime
from typing import Any

from azexport.contracts.models import Contract
from azexport.customs import actions
from azexport.customs.models import Declaration
from azexport.documents import actions as documents
from azexport.documents.models import Document, Paper
from azexport.exchange.models import Message
from azexport.exchange.states import Direction, Status
from azexport.kernel.actor import SYSTEM
from azexport.kernel.references import new_reference
from azexport.kernel.text import both
from azexport.lifecycle import announce
from azexport.participants import queries as participants
from azexport.participants.models import Participant
from azexport.parties.models import Member
from azexport.permits.models import Permit
from azexport.services.models import RegulationVersion
from azexport.signatures.models import SigningFile, SigningRequest
from tests.factories import services
from tests.factories.cases import open_cases
from tests.factories.contracts import make_concluded, run_jobs
from tests.factories.participants import participant
from tests.factories.parties import make_foreign_member

NOW = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)
ANSWERS = {
    "exit_office": "AZSNQ",
    "transport_mode": "3",
    "transport_identity": "10-AB-123 / 10-ZZ-321",
    "transport_nationality": "AZ",
    "place_of_loading": "Şəki",
}
SERVICES = ("honey-seal", "wax-seal")


def customs_office() -> Participant:
    """The participant that plays the role of customs."""
    return Participant.objects.filter(roles__contains=["customs"]).first() or participant(
        "border-house", roles=("customs",)
    )


def a_document(kind: str, owner: str = "x") -> Document:
    content = f"%PDF-1.7 {kind} {owner} {uuid.uuid4()}".encode()
    return documents.store(kind=kind, title=both(kind, kind), content=content, by=SYSTEM, now=NOW)


def make_permits(member: Member, *, on: Contract, names: tuple[str, ...] = SERVICES, **given: Any) -> list[Permit]:
    """A permit of each of these services for the contract's goods, of one application."""
    services.load_all(*(services.honey(id=name) for name in names))
    rows = [RegulationVersion.objects.get(service=name) for name in names]
    cases = open_cases(member, *rows)
    permits = []
    for case in cases:
        values: dict[str, Any] = {
            "reference": new_reference("PM"),
            "number": f"N-{case.reference[3:]}",
            "participant": case.provider,
            "case": case,
            "organisation": member.organisation,
            "application_reference": case.application_reference,
            "status": "issued",
            "lines": [
                {"line": line.line, "hs": line.hs, "quantity": str(line.quantity), "unit": line.unit}
                for line in on.lines.all()
            ],
            "voen": member.organisation.voen,
            "destination": "DE",
            "valid_from": date(2026, 10, 1),
            "valid_until": date(2027, 3, 1),
            "document": a_document("permit"),
            "checked_at": NOW,
            "checked_by": "azexport",
            "created_at": NOW,
        } | given
        permits.append(Permit.objects.create(**values))
    return permits


def make_declaration(
    member: Member, *, lines: int = 1, answered: bool = True, permit: dict[str, Any] | None = None
) -> Declaration:
    """A draft with two permits attached, both as `permit` says."""
    contract = make_concluded(member, make_foreign_member(), lines=lines)
    permits = make_permits(member, on=contract, **(permit or {}))
    customs_office()
    declaration = actions.draft_declaration(
        contract=contract,
        application_reference=permits[0].application_reference,
        application_document=a_document("application"),
        permits=permits,
        organisation=member.organisation,
        by=member,
        now=NOW,
        required=list(SERVICES),
    )
    if answered:
        declaration = actions.answer(declaration, values=ANSWERS, by=member, now=NOW)
    return declaration


def fresh(declaration: Declaration) -> Declaration:
    return Declaration.objects.select_related("document", "paper__document").get(pk=declaration.pk)


def make_frozen(member: Member, **given: Any) -> Declaration:
    """Confirmed, its PDF made, waiting for the signature."""
    declaration = actions.freeze(make_declaration(member, **given), by=member, now=NOW)
    run_jobs("documents.render_paper")
    return fresh(declaration)


def signing_of(declaration: Declaration) -> SigningRequest:
    """The newest signing request over its newest paper."""
    paper = Paper.objects.filter(subject=declaration.reference).latest("id")
    return SigningRequest.objects.filter(subject=paper.reference).latest("id")


def signed(declaration: Declaration, *, now: datetime = NOW) -> Declaration:
    """What the end of a signing does, without the cryptography: a real request row, an invented result."""
    request = signing_of(declaration)
    request.status, request.report = "completed", {"field": request.field, "verdict": "accepted"}
    request.save()
    SigningFile.objects.create(request=request, role="result", content=request.content + b"\n% signed")
    announce("signing.completed.paper", request, by=SYSTEM, now=now)
    return fresh(declaration)


def make_lodged(member: Member, **given: Any) -> Declaration:
    """Signed, and on its way to customs."""
    return signed(make_frozen(member, **given))


def message(declaration: Declaration, kind: str, sender: Participant | None = None, **body: Any) -> Message:
    """A message as the exchange hands it to the action: verified, in the inbox."""
    row = Message(
        message_id=uuid.uuid4(), direction=Direction.IN, participant=sender or customs_office(), type=kind,
        subject=declaration.reference, dated_at=NOW, data={}, status=Status.ACCEPTED, actor_kind="participant",
        actor_id="border-house", actor_name="border-house", created_at=NOW,
    )  # fmt: skip
    row.body = {"declaration": declaration.reference, **body}
    return row


def says(declaration: Declaration, name: str, sender: Participant | None = None, **body: Any) -> Declaration:
    """Customs (or `sender`) says it, through the action; returns the declaration as it is then."""
    sender = sender or customs_office()
    getattr(actions, name)(message(declaration, name, sender, **body), by=participants.as_actor(sender), now=NOW)
    return fresh(declaration)


def release_file(content: bytes = b"%PDF-1.7 release") -> dict[str, str]:
    return {
        "name": "release.pdf",
        "media_type": "application/pdf",
        "sha256": hashlib.sha256(content).hexdigest(),
        "content_base64": base64.b64encode(content).decode(),
    }
