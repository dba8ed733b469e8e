"""Opened cases of invented services, and the messages of their bodies."""

from __future__ import annotations

import base64
import hashlib
import itertools
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from azexport.cases import actions
from azexport.cases.actions import CasePart
from azexport.cases.models import Case, FurtherInformationRequest
from azexport.documents import actions as documents
from azexport.documents.models import Paper
from azexport.documents.uploads import GivenFile
from azexport.exchange.models import Message
from azexport.exchange.states import Direction, Status
from azexport.kernel.actor import Actor, NamedActor
from azexport.kernel.references import new_reference
from azexport.participants import queries as participants
from azexport.participants.models import Participant
from azexport.parties.models import Member
from azexport.services.models import RegulationVersion
from tests.factories import services
from tests.factories.participants import participant
from tests.factories.parties import make_member

_services = itertools.count(1)
PDF = b"%PDF-1.7 invented"
OFFICER = {"name": "Aynur Quliyeva", "position": "Taster"}
GOODS = [{"line": 1, "hs": "040900", "description": "Honey", "quantity": "20000", "unit": "KGM"}]


def file(content: bytes = b"%PDF-1.7 invented", name: str = "seal.pdf") -> dict[str, str]:
    """A file as it travels in a body."""
    return {
        "name": name,
        "media_type": "application/pdf",
        "sha256": hashlib.sha256(content).hexdigest(),
        "content_base64": base64.b64encode(content).decode(),
    }


def office(code: str = "honey-office") -> Participant:
    return Participant.objects.filter(code=code).first() or participant(code)


def treasury() -> Participant:
    return Participant.objects.filter(roles__contains=["treasury"]).first() or participant(
        "coin-house", roles=("treasury",)
    )


def body_of(member: Member, **given: Any) -> dict[str, Any]:
    """What exports puts together for a body."""
    return {
        "applicant": {"voen": member.organisation.voen, "name": member.organisation.name},
        "consignee": {"name": "Weber Nuss GmbH", "country": "DE", "address": "Hamburg"},
        "destination": "DE",
        "goods": GOODS,
        "answers": {"hives": "12", "heated": False},
        "documents": [],
        "contract": {"reference": "CT-0000-0000-0", "file": {"$document": "DC-0000-0000-0"}},
        "application_document": {"$document": "DC-0000-0000-0", "name": "application.pdf"},
    } | given


def open_cases(member: Member, *rows: RegulationVersion, now: datetime = services.NOW, **body: Any) -> list[Case]:
    """Cases of one application, one for each regulation; their bodies and the treasury are there."""
    for row in rows:
        office(row.regulation.provider)
    treasury()
    return actions.open_cases(
        application_reference=new_reference("AP"),
        organisation=member.organisation,
        parts=[CasePart(row, body_of(member, **body)) for row in rows],
        by=member,
        now=now,
    )


def open_case(member: Member | None = None, row: RegulationVersion | None = None, **given: Any) -> Case:
    """A case of the invented service, just submitted."""
    return open_cases(member or make_member(), row or services.load(), **given)[0]


def message(case: Case | str, kind: str, sender: Participant | None = None, **body: Any) -> Message:
    """A message as the exchange hands it to the action: verified, in the inbox."""
    reference = case if isinstance(case, str) else case.reference
    if sender is None:
        assert isinstance(case, Case)
        sender = case.provider
    row = Message(
        message_id=uuid.uuid4(), direction=Direction.IN, participant=sender, type=kind, subject=reference,
        dated_at=services.NOW, data={}, status=Status.ACCEPTED, actor_kind="participant", actor_id=sender.code,
        actor_name=sender.code, created_at=services.NOW,
    )  # fmt: skip
    row.body = {"case": reference, **body}
    return row


def speaker(one: Participant) -> Actor:
    return participants.as_actor(one)


def says(
    case: Case, name: str, *, sender: Participant | None = None, now: datetime = services.NOW, **body: Any
) -> Case:
    """The body (or `sender`) says it, through the action; returns the case as it is then."""
    sender = sender or case.provider
    getattr(actions, name)(message(case, name, sender, **body), by=speaker(sender), now=now)
    return Case.objects.for_page().get(pk=case.pk)


def accepted(case: Case, now: datetime = services.NOW) -> Case:
    return says(case, "accept", body_reference="H-1", officer=OFFICER, now=now)


def asks(case: Case, *, request: str = "R1", now: datetime = services.NOW) -> Case:
    """The body asks two questions."""
    questions = [
        {"id": "lab", "label": {"az": "Hansı laboratoriya?", "en": "Which laboratory?"}, "kind": "text"},
        {"id": "report", "label": {"az": "Protokol", "en": "Report"}, "kind": "file"},
    ]
    return says(case, "request_information", request=request, questions=questions, officer=OFFICER, now=now,
                reason={"az": "Protokol lazımdır.", "en": "A report is needed."})  # fmt: skip


def prepare_answer(
    case: Case, member: Member, given: Mapping[str, Any], *, extra: str = "", now: datetime = services.NOW
) -> Paper:
    """The answer to the open request waits for its signature, with a file for each question that wants one."""
    asked = case.requests.filter(answered_at__isnull=True).first()
    wanted = [one["id"] for one in asked.questions if one["kind"] == "file"] if asked else []
    files = {name: GivenFile(f"{name}.pdf", "application/pdf", PDF) for name in wanted}
    if extra:
        files[FurtherInformationRequest.ANY_FILE] = GivenFile(extra, "application/pdf", PDF)
    actions.keep_answer(case=case, answers=given, files=files, by=member, now=now)
    return actions.prepare_answer(case=case, by=member, now=now)


def supplies(
    case: Case, member: Member, given: Mapping[str, Any], *, extra: str = "", now: datetime = services.NOW
) -> Case:
    """The answer is written and signed. Its document is invented: for what looks at the case, not at the paper."""
    paper = prepare_answer(case, member, given, extra=extra, now=now)
    document = documents.store(kind=paper.kind, title=paper.title, content=PDF, by=member, now=now)
    signer = NamedActor(paper.signer_kind, paper.signer_id, paper.signer_name)
    actions.answer_signed(paper, by=signer, now=now, data={"document": document.reference})
    return again(case)


# ------------------------------------------------------------------------------------------------ on the desk


def words(text: str) -> dict[str, str]:
    return services.words(text)


def step(id_: str, **given: Any) -> dict[str, Any]:
    """A step of an invented route."""
    return {
        "id": id_, "name": words(id_.title()), "responsible": words("Officer"), "content": words(f"{id_} is done."),
        "working_days": 1, "result": words("Done."),
    } | given  # fmt: skip


CHECKLIST = [
    {"id": "clean", "text": words("The hives are clean."), "clause": "Law on Honey, 14"},
    {"id": "full", "text": words("The hives are full."), "clause": "Law on Honey, 15"},
]
PARALLEL = [
    step("tasting", checklist=CHECKLIST),
    step("bees", performer="bee-office", after=["tasting"], working_days=2),
    step("wax", performer="wax-office", after=["tasting"], working_days=2),
    step("sealing", after=["bees", "wax"]),
]
"""The provider tastes, two other bodies give their opinions side by side, then the provider seals."""
SEQUENCE = [step("tasting"), step("bees", performer="bee-office", working_days=2), step("sealing")]
DOCUMENT = {
    "text": words("The honey is honey.\n\nIt may be sold."),
    "fields": [
        {"label": words("Hives"), "value": "answers.hives"},
        {"label": words("Heated"), "value": "answers.heated"},
        {"label": words("Per day"), "value": "answers.hives / 2.0"},
        {"label": words("Valid until"), "value": "case.valid_until"},
    ],
}
REGISTER = {
    "name": words("Register of honey"),
    "columns": [
        {"id": "hives", "label": words("Hives"), "value": "answers.hives"},
        {"id": "holder", "label": words("Holder"), "value": "applicant.name"},
    ],
}


def desk_row(steps: list[dict[str, Any]] | None = None, **changes: Any) -> RegulationVersion:
    """A service of honey-office, which has no system of its own, by any route; opinions are of bee- and wax-office."""
    route = SEQUENCE if steps is None else steps
    others = sorted({one["performer"] for one in route if one.get("performer")} - {"honey-office"})
    for code in ("honey-office", *others):
        if not Participant.objects.filter(code=code).exists():
            participant(code, base_url=None)
    return services.load(
        **{
            "id": f"honey-{next(_services)}", "requirements": [], "general__other_performers": others,
            "procedures__steps": route, "provision__fee": {"amount": "0"},
        } | changes
    )  # fmt: skip


def desk_case(member: Member | None = None, row: RegulationVersion | None = None, **given: Any) -> Case:
    """A case on the desk of honey-office, just submitted."""
    return open_case(member, row or desk_row(), **given)


def again(case: Case) -> Case:
    """The case as it is now."""
    return Case.objects.for_page().get(pk=case.pk)


def permit_of(case: Case, **changes: Any) -> dict[str, Any]:
    """A permit in order for the case."""
    return {
        "number": "H-2026-0001",
        "valid_from": "2026-10-05",
        "valid_until": "2026-12-31",
        "voen": case.organisation.voen,
        "holder": case.organisation.name["az"],
        "destination": "DE",
        "lines": [{"line": 1, "hs": "040900", "quantity": "20000", "unit": "KGM"}],
    } | changes


def granted(case: Case, *, now: datetime = services.NOW, **changes: Any) -> Case:
    return says(case, "grant", permit=permit_of(case, **changes), document=file(), officer=OFFICER, now=now)
