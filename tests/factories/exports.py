"""Applications for tests: on the shipped regulations, filled in through the actions that users' pages call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from azexport.contracts.models import Contract
from azexport.exports import actions
from azexport.exports.models import Application
from azexport.kernel.actor import SYSTEM
from azexport.lifecycle import announce
from azexport.parties.models import Member
from azexport.services import queries as services
from azexport.services.models import RegulationVersion
from azexport.signatures.models import SigningFile, SigningRequest
from tests.factories.cases import office, treasury
from tests.factories.contracts import make_concluded, run_jobs
from tests.factories.parties import make_foreign_member

NOW = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)
PLANT, FOOD, ORIGIN = "phytosanitary-certificate", "eu-food-quality-certificate", "certificate-of-origin"
PDF = b"%PDF-1.7 a report"
PROMOTION = {"requested": True, "bank": "Kapital Bank", "iban": "AZ21NABZ00000000137010001944"}
ANSWERS: dict[str, Any] = {
    "place_of_origin": "Şəki rayonu",
    "means_of_conveyance": "road",
    "point_of_entry": "Hamburg",
    "producer": "Şəki Fındıq MMC",
    "botanical_name": {"1": "Corylus avellana"},
    "treated": False,
    "lot_number": {"1": "L-26"},
    "harvest_year": {"1": "2026"},
    "storage_conditions": "Quru anbar",
    "origin_criterion": {"1": "wholly-obtained"},
}
"""Every answer that hazelnuts to Germany need, for all three services."""


def load_services() -> list[RegulationVersion]:
    """The regulations that ship are in every test database; their bodies and the treasury are connected."""
    rows = services.in_force(NOW.date())
    for row in rows:
        office(row.regulation.provider)
    treasury()
    return rows


def fresh(application: Application) -> Application:
    joined = ("document", "paper__document", "operation__contract__document")
    return Application.objects.select_related(*joined).get(pk=application.pk)


def make_begun(member: Member, *, contract: Contract | None = None, **given: Any) -> Application:
    """Just begun, on a concluded contract."""
    contract = contract or make_concluded(member, make_foreign_member(), **given)
    return actions.start(contract=contract, by=member, now=NOW)


def make_filled(
    member: Member,
    *,
    contract: Contract | None = None,
    chosen: Mapping[str, bool] | None = None,
    answers: Mapping[str, Any] = ANSWERS,
    promotion: Mapping[str, Any] = PROMOTION,
    quantity: str | None = None,
    **given: Any,
) -> Application:
    """A draft in which everything is answered."""
    application = make_begun(member, contract=contract, **given)
    application = actions.set_quantities(
        application,
        quantities={
            line.line: Decimal(quantity or line.quantity) for line in application.operation.contract.lines.all()
        },
        by=member,
        now=NOW,
    )
    chosen = {ORIGIN: True} if chosen is None else chosen
    application = actions.choose_permits(application, chosen=chosen, by=member, now=NOW)
    application = actions.answer(
        application, section="common", answers=answers, files={}, finished=True, by=member, now=NOW
    )
    return actions.note_promotion(application, note=promotion, by=member, now=NOW)


def make_frozen(member: Member, **given: Any) -> Application:
    """Confirmed; the job that makes its PDF waits."""
    return actions.freeze(make_filled(member, **given), by=member, now=NOW)


def make_offered(member: Member, **given: Any) -> Application:
    """Its PDF waits for the exporter's signature."""
    application = make_frozen(member, **given)
    run_jobs("documents.render_paper")
    return fresh(application)


def signing_of(application: Application) -> SigningRequest:
    """The newest signing request over its paper."""
    paper = fresh(application).paper
    assert paper is not None
    return SigningRequest.objects.filter(subject=paper.reference).latest("id")


def signed_request(application: Application) -> SigningRequest:
    """The end of a signing without the cryptography, not announced yet: a real request row, an invented result."""
    request = signing_of(application)
    request.status, request.report = "completed", {"field": request.field, "verdict": "accepted"}
    request.save()
    SigningFile.objects.create(request=request, role="result", content=request.content + b"\n% signed")
    return request


def make_submitted(member: Member, *, now: datetime = NOW, **given: Any) -> Application:
    """With every body."""
    application = make_offered(member, **given)
    announce("signing.completed.paper", signed_request(application), by=SYSTEM, now=now)
    return fresh(application)
