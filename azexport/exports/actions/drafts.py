"""Filling in the unified application."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from azexport.audit import actions as audit
from azexport.contracts.states import ContractStatus
from azexport.documents import actions as documents
from azexport.documents.uploads import media_type_of
from azexport.exports import quantities as of_contract
from azexport.exports.actions.rows import locked_draft
from azexport.exports.lifecycle import TABLE
from azexport.exports.models import Application, Attachment, Operation
from azexport.kernel.actor import Actor
from azexport.kernel.errors import IllegalTransition, NotAllowed
from azexport.kernel.references import new_reference
from azexport.kernel.text import both
from azexport.lifecycle import move

if TYPE_CHECKING:
    from azexport.contracts.models import Contract
    from azexport.parties.models import Member

ATTACHMENT_KIND = "attachment"
GRAM = Decimal("0.001")


@transaction.atomic
def start(*, contract: Contract, by: Member, now: datetime, copy_of: Application | None = None) -> Application:
    """A consignment under the contract is begun, with what is left of its goods, and an earlier application's answers.

    Raises:
        NotAllowed: the actor's organisation does not sell in this contract.
        IllegalTransition: the contract is not concluded.
    """
    if contract.seller_id != by.organisation.pk:
        raise NotAllowed
    if contract.status != ContractStatus.CONCLUDED:
        raise IllegalTransition
    operation = Operation.objects.create(
        reference=new_reference("OP"), organisation=by.organisation, contract=contract, created_at=now
    )
    application = Application.objects.create(
        reference=new_reference("AP"),
        operation=operation,
        copied_from=copy_of,
        lines=_lines(contract, of_contract.left(contract)),
        answers=dict(copy_of.answers) if copy_of else {},
        chosen=dict(copy_of.chosen) if copy_of else {},
        promotion=dict(copy_of.promotion) if copy_of else {},
        changed_at=now,
        created_at=now,
    )
    audit.record("operation.started", subject=operation.reference, by=by, now=now,
                 data={"contract": contract.reference, "application": application.reference})  # fmt: skip
    return application


@transaction.atomic
def set_quantities(
    application: Application, *, quantities: Mapping[int, Decimal], by: Actor, now: datetime
) -> Application:
    """The consignment has these quantities (line number -> quantity); weights and packages follow in proportion.

    A line of which nothing goes with it is not among its goods.
    """
    application = locked_draft(application, by)
    application.lines = _lines(application.operation.contract, quantities)
    application.lines_confirmed = True
    return _save(application, ["lines", "lines_confirmed"], part="goods", by=by, now=now)


@transaction.atomic
def choose_permits(application: Application, *, chosen: Mapping[str, bool], by: Actor, now: datetime) -> Application:
    """The documents to apply for are decided: the required ones and those of the others that are chosen."""
    application = locked_draft(application, by)
    application.chosen, application.permits_confirmed = dict(chosen), True
    return _save(application, ["chosen", "permits_confirmed"], part="permits", by=by, now=now)


@transaction.atomic
def answer(
    application: Application,
    *,
    section: str,
    answers: Mapping[str, Any],
    files: Mapping[tuple[str, str], tuple[str, bytes]],
    finished: bool,
    by: Actor,
    now: datetime,
) -> Application:
    """The section's answers (by key) and files ((service, document id) -> name, bytes) are kept.

    Args:
        finished: the exporter has gone through the whole section; otherwise it stays open in the task list.
    """
    application = locked_draft(application, by)
    application.answers = merged(application.answers, answers)
    done = [one for one in application.sections if one != section]
    application.sections = [*done, section] if finished else done
    for (service, item), (name, content) in files.items():
        _attach(application, service, item, name, content, by=by, now=now)
    return _save(application, ["answers", "sections"], part=section, by=by, now=now)


@transaction.atomic
def note_promotion(application: Application, *, note: Mapping[str, Any], by: Actor, now: datetime) -> Application:
    """The note on the export promotion payment is on the application (P10.3.3(4))."""
    application = locked_draft(application, by)
    application.promotion = dict(note)
    return _save(application, ["promotion"], part="promotion", by=by, now=now)


@transaction.atomic
def abandon(application: Application, *, by: Actor, now: datetime) -> Application:
    """The draft is deleted for the user; the log keeps that it was there."""
    return move(application, "abandon", table=TABLE, by=by, now=now)


def merged(known: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """What is known, with these answers; of an answer per line only the lines that are given change."""
    return {
        **known,
        **{
            key: {**known[key], **value}
            if isinstance(value, Mapping) and isinstance(known.get(key), Mapping)
            else value
            for key, value in answers.items()
        },
    }


def scaled(whole: Mapping[str, Any], quantity: Decimal) -> dict[str, Any]:
    """A contract's line (`ContractLine.as_data`) with this quantity, and what follows from it."""
    share = quantity / Decimal(whole["quantity"])
    packages = max(1, int((Decimal(whole["packages"]) * share).to_integral_value(ROUND_HALF_UP)))
    return {
        **whole,
        "quantity": f"{quantity.normalize():f}",
        "net_kg": f"{(Decimal(whole['net_kg']) * share).quantize(GRAM, ROUND_HALF_UP).normalize():f}",
        "gross_kg": f"{(Decimal(whole['gross_kg']) * share).quantize(GRAM, ROUND_HALF_UP).normalize():f}",
        "amount": str((quantity * Decimal(whole["price"])).quantize(Decimal("0.01"), ROUND_HALF_UP)),
        "packages": packages,
    }


def _lines(contract: Contract, quantities: Mapping[int, Decimal]) -> list[dict[str, Any]]:
    """The contract's lines of which something goes with the consignment."""
    return [
        scaled(line.as_data(), quantities[line.line]) for line in contract.lines.all() if quantities.get(line.line, 0)
    ]


def _attach(
    application: Application, service: str, item: str, name: str, content: bytes, *, by: Actor, now: datetime
) -> None:
    document = documents.store(
        kind=ATTACHMENT_KIND,
        title=both(name, name),
        content=content,
        media_type=media_type_of(content) or "application/octet-stream",
        by=by,
        now=now,
    )
    Attachment.objects.update_or_create(
        application=application,
        regulation=service,
        item=item,
        defaults={"name": name[:200], "document": document, "created_at": now},
    )


def _save(application: Application, fields: list[str], *, part: str, by: Actor, now: datetime) -> Application:
    application.changed_at = now
    application.save(update_fields=[*fields, "changed_at"])
    audit.record("application.answered", subject=application.reference, by=by, now=now, data={"part": part})
    return application
