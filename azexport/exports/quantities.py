"""How much of a contract's goods is left for another consignment.

A consignment takes its goods from the moment its application is confirmed for signature. It gives them back when it can
no longer leave: a body has refused a permit that the goods need or the application to it was withdrawn, or customs has
not released them. (Lodged again after that, customs' own rule EXP-210 counts what is declared.)
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from azexport.cases import queries as cases
from azexport.cases.states import FINAL
from azexport.customs import queries as customs
from azexport.customs.states import DeclarationStatus
from azexport.exports.models import Application
from azexport.exports.queries import needed_services
from azexport.exports.states import ApplicationStatus

if TYPE_CHECKING:
    from azexport.contracts.models import Contract

TAKING = (ApplicationStatus.AWAITING_SIGNATURE, ApplicationStatus.SUBMITTED)


def left(contract: Contract, *, besides: Application | None = None) -> dict[int, Decimal]:
    """Line number -> what other consignments than `besides` leave of it, in the line's unit; never below zero.

    Whoever decides by it holds the lock on the contract (`actions.rows.lock_contract`).
    """
    remaining = {line.line: line.quantity for line in contract.lines.all()}
    for application in _taking(contract, besides):
        for line in application.lines:
            remaining[line["line"]] = remaining.get(line["line"], Decimal(0)) - Decimal(line["quantity"])
    return {number: max(quantity, Decimal(0)) for number, quantity in remaining.items()}


def _taking(contract: Contract, besides: Application | None) -> Iterable[Application]:
    rows = Application.objects.filter(operation__contract=contract, status__in=TAKING).only(
        "reference", "status", "lines", "regulations"
    )
    found = [row for row in rows if besides is None or row.pk != besides.pk]
    sent = [row.reference for row in found if row.status == ApplicationStatus.SUBMITTED]
    if not sent:
        return found
    declared = customs.for_applications(sent)
    ended = _ended(contract, sent)
    return [
        row
        for row in found
        if row.status != ApplicationStatus.SUBMITTED
        or (
            declared[row.reference].status != DeclarationStatus.NOT_RELEASED
            if row.reference in declared
            else not ended.get(row.reference, set()) & set(needed_services(row))
        )
    ]


def _ended(contract: Contract, sent: list[str]) -> dict[str, set[str]]:
    """Application -> the services whose body has refused, or to which it was withdrawn."""
    rows = cases.of_organisation(contract.seller_id).filter(application_reference__in=sent, status__in=FINAL)
    ended: dict[str, set[str]] = {}
    for application, service in rows.values_list("application_reference", "regulation__service"):
        ended.setdefault(application, set()).add(service)
    return ended
