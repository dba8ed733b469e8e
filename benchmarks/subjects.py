"""What is measured of the main job: submitting, granting, and the pages people wait for."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.test import Client

from azexport.cases import actions as case_actions
from azexport.cases.actions import CasePart
from azexport.cases.models import Case
from azexport.exchange.models import Message
from azexport.kernel.actor import SYSTEM
from azexport.kernel.references import new_reference
from azexport.lifecycle import announce
from azexport.parties.models import Member
from azexport.services.models import RegulationVersion
from azexport.signatures.models import SigningRequest
from benchmarks.measuring import Aim, Subject
from sandbox import wire
from tests.factories import cases as case_factory
from tests.factories import exports as export_factory
from tests.factories.exchange import incoming
from tests.factories.participants import KeyPair, key_of
from tests.factories.parties import make_member, sign_in

ACTION = Aim(25, 20)
QUEUE = Aim(8, 15)
CASE = Aim(15, 20)


@dataclass(frozen=True)
class Scene:
    """An exporter with very many cases and a browser signed in, another who submits, the bodies of the main job.

    What is submitted and granted meanwhile is the other's, so that it does not stand before the old rows in a list.
    """

    member: Member
    other: Member
    client: Client
    regulations: list[RegulationVersion]
    permit_pdf: bytes
    case: Case
    operation: str


def make_scene(permit_pdf: bytes) -> Scene:
    """The scene, made through the actions that pages and messages call.

    `permit_pdf` is the paper that bodies send when they grant.
    """
    member, other = make_member(), make_member()
    permits = [one for one in export_factory.load_services() if one.regulation.requirements]
    regulations = sorted(permits, key=lambda one: one.service)[:3]
    client = sign_in(Client(), member)
    client.cookies["language"] = "en"
    application = export_factory.make_submitted(member, now=now())
    case = Case.objects.for_page().filter(application_reference=application.reference).latest("id")
    case = case_factory.asks(case_factory.accepted(case, now=now()), now=now())
    return Scene(member, other, client, regulations, permit_pdf, case, application.operation.reference)


def subjects(scene: Scene) -> list[Subject]:
    """Everything that is measured at each size of the lists."""
    case = f"/cases/{scene.case.reference}/"
    operation = f"/operations/{scene.operation}/"
    middle = Case.objects.filter(organisation=scene.member.organisation, reference__startswith="CS-B")
    key = middle.order_by("id")[middle.count() // 2].reference
    return [
        Subject("submit: open_cases, 3 bodies", lambda: None, lambda _none: submit(scene), ACTION),
        Subject("submit: signed application to 3 bodies", lambda: signed_application(scene), announce_signed, ACTION),
        Subject("grant: the action", lambda: granting(scene), lambda given: given(), ACTION),
        Subject("grant: POST /exchange/messages", lambda: posting(scene), lambda given: given()),
        _page(scene, "queue page /cases/", "/cases/", QUEUE),
        _page(scene, "queue page, from the middle", f"/cases/?before={key}", QUEUE),
        _page(scene, "queue page, decided only", "/cases/?show=decided", QUEUE),
        _page(scene, "case page", case, CASE),
        _page(scene, "case state poll, changed", f"{case}state/", CASE),
        _poll(scene, "case state poll, unchanged", f"{case}state/", "v"),
        _page(scene, "operation page", operation),
        _poll(scene, "operation state poll, unchanged", f"{operation}state/", "version"),
        _page(scene, "cabinet", "/cabinet/"),
    ]


# ------------------------------------------------------------------------------------------------ actions


def submit(scene: Scene) -> list[Case]:
    """A case with each of three bodies, all on their way."""
    return _open(scene.other, scene.regulations, new_reference("AP"))


def signed_application(scene: Scene) -> SigningRequest:
    """An application whose signing has just been completed."""
    return export_factory.signed_request(export_factory.make_offered(scene.other))


def announce_signed(request: SigningRequest) -> None:
    """The event that submits the application, as the end of a signing announces it."""
    with transaction.atomic():
        announce("signing.completed.paper", request, by=SYSTEM, now=now())


def granting(scene: Scene) -> Any:
    """A grant that has arrived and waits to have its effect."""
    case, message = _grant_message(scene)
    body = case_factory.speaker(case.provider)
    return lambda: case_actions.grant(message, by=body, now=now())


def posting(scene: Scene) -> Any:
    """The same from its arrival at the door: signature checked, logged with its evidence, receipt signed."""
    case, message = _grant_message(scene)
    sent = wire.Message(
        id=str(uuid.uuid4()), type="case.granted", sender=case.provider.code, recipient="azexport",
        created_at=now().isoformat(), subject=case.reference, body=message.body,
    )  # fmt: skip
    headers, content = incoming(sent, created=int(time.time()))
    rest = {name: value for name, value in headers.items() if name.lower() != "content-type"}

    def post() -> None:
        answer = scene.client.post("/exchange/messages", content, content_type="application/json", headers=rest)
        assert answer.status_code == 202, answer.content

    return post


def write_portal_key(folder: Path) -> None:
    """The portal's key for messages, where the portal looks for it."""
    portal: KeyPair = key_of("azexport")
    portal.write(folder)


def _grant_message(scene: Scene) -> tuple[Case, Message]:
    opened = _open(scene.other, scene.regulations[:1], new_reference("AP"))[0]
    case = case_factory.accepted(opened, now=now())
    permit = case_factory.permit_of(case, number=f"N-{case.reference}")
    message = case_factory.message(
        case, "case.granted", permit=permit, document=case_factory.file(scene.permit_pdf),
        officer=case_factory.OFFICER,
    )  # fmt: skip
    return case, message


def _open(member: Member, regulations: list[RegulationVersion], application: str) -> list[Case]:
    return case_actions.open_cases(
        application_reference=application,
        organisation=member.organisation,
        parts=[CasePart(row, case_factory.body_of(member)) for row in regulations],
        by=member,
        now=now(),
    )


# ------------------------------------------------------------------------------------------------ pages


def _page(scene: Scene, name: str, address: str, aim: Aim | None = None) -> Subject:
    return Subject(name, lambda: None, lambda _none: _get(scene.client, address, 200), aim)


def _poll(scene: Scene, name: str, address: str, parameter: str) -> Subject:
    """The poll of a page that shows what is true: most polls are this one."""
    version = _version(scene, address, parameter)
    return Subject(name, lambda: None, lambda _none: _get(scene.client, f"{address}?{parameter}={version}", 204), CASE)


def _version(scene: Scene, address: str, parameter: str) -> str:
    content = scene.client.get(address).content.decode()
    marked = f"state/?{parameter}="
    return content.partition(marked)[2].partition('"')[0].partition("&")[0]


def _get(client: Client, address: str, status: int) -> None:
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code, json.dumps(dict(answer.headers)))


def now() -> datetime:
    """The clock is read at the edge, and this is one."""
    return datetime.now(UTC)
