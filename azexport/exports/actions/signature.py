"""One signature over the whole application, and every body has its part at once (P10.3.3(5))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from azexport.audit import actions as audit
from azexport.calendar.queries import today
from azexport.cases import actions as cases
from azexport.cases.actions import CasePart
from azexport.documents import papers
from azexport.exchange import protocol
from azexport.exports import printing
from azexport.exports.actions.rows import lock_contract, locked
from azexport.exports.lifecycle import TABLE
from azexport.exports.permissions import owns_application
from azexport.exports.sections import Plan
from azexport.exports.states import ApplicationStatus
from azexport.kernel.actor import Actor
from azexport.kernel.errors import IllegalTransition, NotAllowed
from azexport.lifecycle import move, settle
from azexport.services import queries as services

if TYPE_CHECKING:
    from azexport.documents.models import Paper
    from azexport.exports.models import Application
    from azexport.parties.models import Member

PURPOSE = "application"
KIND = "application"
FIELD = "Applicant"
"""Of the signature in the PDF."""


@transaction.atomic
def freeze(application: Application, *, by: Member, now: datetime) -> Application:
    """Nothing in it changes any more; the paper that `by` signs is being made, at /papers/<reference>/.

    From here on its goods count as taken under the contract: of two that want the last of them one is refused.

    Raises:
        RuleViolated: EXP-301 to EXP-305, all that is missing.
    """
    lock_contract(application.operation_id)
    plan = Plan(application, today(now))
    application = move(application, "freeze", table=TABLE, by=by, now=now, data={"plan": plan})
    application.regulations = [
        {
            "pk": one.regulation.pk,
            "id": one.regulation.service,
            "version": one.regulation.label,
            "level": one.level,
            "rule": one.rule,
            "assumption": one.assumption,
            "lines": list(one.lines),
        }
        for one in plan.wanted
    ]
    application.paper = papers.put_forward(
        purpose=PURPOSE,
        subject=application.reference,
        kind=KIND,
        title=printing.title(application),
        template="exports/application.typ",
        data=printing.page(application, plan, signer=by, now=now),
        attachment=printing.data(application, plan),
        facts=printing.public_facts(application),
        signer=by,
        expected=by.expected,
        return_url=f"/applications/{application.reference}/submitted/",
        by=by,
        now=now,
        fields=[FIELD],
    )
    application.save(update_fields=["regulations", "paper"])
    return application


@transaction.atomic
def open_signing(application: Application, *, by: Member, now: datetime) -> Paper:
    """The paper with a signature asked of the actor: afresh where the last one failed, ran out or was another's.

    Raises:
        NotAllowed: the application is somebody else's.
        IllegalTransition: nothing waits for a signature.
    """
    if not owns_application(by, application):
        raise NotAllowed
    paper = application.paper
    if application.status != ApplicationStatus.AWAITING_SIGNATURE or paper is None:
        raise IllegalTransition
    return papers.asked_of(paper, signer=by, expected=by.expected, by=by, now=now)


@transaction.atomic
def reopen(application: Application, *, by: Actor, now: datetime) -> Application:
    """A draft again: the paper that nobody signed counts for nothing."""
    application = move(application, "reopen", table=TABLE, by=by, now=now)
    if application.paper is not None:
        papers.discard(application.paper, by=by, now=now)
    application.paper = None
    application.save(update_fields=["paper"])
    return application


@transaction.atomic
def submit(subject: Paper, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The signed application is with every body: one case each, all on their way (event paper.signed.application).

    Run twice it changes nothing. A signature on a paper that is not the newest is put on record and discarded; that of
    somebody who does not act for the exporter any more never comes here (config/signers.py).
    """
    application = locked(subject.subject)
    if application.status != ApplicationStatus.AWAITING_SIGNATURE or application.paper_id != subject.pk:
        audit.record("application.signature_discarded", subject=application.reference, by=by, now=now,
                     data={"paper": subject.reference})  # fmt: skip
        return
    assert subject.document is not None
    application.document = subject.document
    application.save(update_fields=["document"])
    settle(application, "submit", table=TABLE, by=by, now=now, data={"sha256": application.document.sha256})
    cases.open_cases(
        application_reference=application.reference,
        organisation=application.operation.organisation,
        parts=_parts(application, subject, by),
        by=by,
        now=now,
    )


def _parts(application: Application, paper: Paper, signer: Actor) -> list[CasePart]:
    """Each body's part of what was signed."""
    signed = paper.attachment or {}
    rows = services.versions(one["pk"] for one in application.regulations)
    given = {one["id"]: one["answers"] for one in signed["services"]}
    shared = _shared_body(application, signer)
    return [
        CasePart(
            regulation=rows[one["pk"]],
            body={
                **shared,
                "goods": [line for line in signed["goods"] if line["line"] in one["lines"]],
                "answers": given[one["id"]],
                "documents": [
                    {**protocol.stored(file["document"], name=file["name"]), "id": file["item"]}
                    for file in signed["attachments"]
                    if file["service"] == one["id"]
                ],
            },
        )
        for one in application.regulations
    ]


def _shared_body(application: Application, signer: Actor) -> dict[str, Any]:
    """What every body is told alike."""
    contract = application.operation.contract
    seller, buyer = contract.seller_stated, contract.buyer_stated
    assert contract.document is not None
    assert application.document is not None
    return {
        "applicant": {
            "voen": seller["voen"],
            "name": seller["name"],
            "address": seller["address"],
            "representative": signer.actor_name,
        },
        "consignee": {"name": buyer["name"], "country": buyer["country"], "address": buyer["address"]},
        "destination": contract.destination,
        "contract": {
            "reference": contract.reference,
            "number": contract.title,
            "file": protocol.stored(contract.document.reference, name=f"{contract.reference}.pdf"),
        },
        "application_document": protocol.stored(application.document.reference, name=f"{application.reference}.pdf"),
    }
