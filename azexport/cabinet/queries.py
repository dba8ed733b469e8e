"""What the dashboard shows: each room is asked once, in one or two statements, whatever there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from azexport.cases import queries as cases
from azexport.cases.queries import filings
from azexport.cases.queries.filings import FilingView
from azexport.cases.states import OPEN, CaseStatus
from azexport.contracts import queries as contracts
from azexport.contracts.states import ContractStatus
from azexport.customs import queries as customs
from azexport.customs.states import AT_CUSTOMS, DeclarationStatus
from azexport.exports import queries as exports
from azexport.exports.states import ApplicationStatus
from azexport.kernel.text import pick
from azexport.notices import queries as notices

if TYPE_CHECKING:
    from azexport.cases.models import Case
    from azexport.contracts.models import Contract
    from azexport.customs.models import Declaration
    from azexport.exports.models import Application
    from azexport.notices.models import Notice
    from azexport.parties.models import Organisation

SHOWN = 5
LOOKED_AT = 30
"""How many of the newest rows of a room are looked at: what is older is found in the room's own list."""


@dataclass(frozen=True)
class Line:
    """One thing on the dashboard: what it is, where it is, in which state."""

    title: str
    url: str
    status: str
    label: str
    hint: str = ""


@dataclass
class Dashboard:
    """`waiting`: the member must do something. `running`: somebody else does."""

    waiting: list[Line] = field(default_factory=list)
    running: list[Line] = field(default_factory=list)
    finished: list[Line] = field(default_factory=list)
    notices: Sequence[Notice] = ()

    def add(self, lines: Iterable[tuple[str, Line]]) -> None:
        for where, line in lines:
            getattr(self, where).append(line)


def dashboard(organisation: Organisation, *, now: datetime) -> Dashboard:
    """Everything that waits, up to five things that run, up to five that came to an end lately, five notices."""
    board = Dashboard(notices=notices.page(organisation).notices[:SHOWN])
    board.add(_contract_line(row, organisation) for row in contracts.contracts_of(organisation)[:LOOKED_AT])
    if organisation.is_resident:
        _add_operations(board, organisation)
    board.add(_filing_line(row) for row in filings.filing_page(organisation, now=now, size=LOOKED_AT)[0])
    board.running, board.finished = board.running[:SHOWN], board.finished[:SHOWN]
    return board


def _filing_line(row: FilingView) -> tuple[str, Line]:
    """An application for a service: a draft waits for the member, and so does a case that asks something of them."""
    filing, view = row.filing, row.case
    service = pick(filing.regulation.name)
    if view is None:
        line = Line(service, f"/filings/{filing.reference}/", filing.status, filing.get_status_display())
        return "waiting", line
    url = f"/cases/{view.case.reference}/"
    hint = _("Application %(reference)s") % {"reference": view.case.reference}
    line = Line(service, url, view.mark, view.label, hint)
    if view.case.status == CaseStatus.INFORMATION_REQUESTED:
        return "waiting", line
    return "running" if view.case.status in OPEN else "finished", line


def _contract_line(contract: Contract, organisation: Organisation) -> tuple[str, Line]:
    selling = contract.seller_id == organisation.pk
    other = contract.buyer_stated.get("name", "") if selling else pick(contract.seller.name)
    line = Line(
        title=_("Contract %(number)s") % {"number": contract.title},
        url=f"/contracts/{contract.reference}/",
        status=contract.status,
        label=contract.get_status_display(),
        hint=str(other),
    )
    mine = {ContractStatus.DRAFTED, ContractStatus.AWAITING_SELLER} if selling else {ContractStatus.AWAITING_BUYER}
    if contract.status in mine:
        return "waiting", line
    if contract.status == ContractStatus.AWAITING_BUYER:
        return "running", line
    return "finished", line


def _add_operations(board: Dashboard, organisation: Organisation) -> None:
    applications = list(exports.applications_of(organisation).exclude(status=ApplicationStatus.ABANDONED)[:LOOKED_AT])
    sent = [row.reference for row in applications if row.status == ApplicationStatus.SUBMITTED]
    opened: dict[str, list[Case]] = {}
    for case in cases.of_organisation(organisation).filter(application_reference__in=sent) if sent else ():
        opened.setdefault(case.application_reference, []).append(case)
    declared = customs.for_applications(sent) if sent else {}
    for row in applications:
        board.add(_application_lines(row, opened.get(row.reference, []), declared.get(row.reference)))


def _application_lines(
    application: Application, opened: list[Case], declaration: Declaration | None
) -> Iterable[tuple[str, Line]]:
    title = _("Application %(reference)s") % {"reference": application.reference}
    hint = application.operation.contract.title
    if application.status != ApplicationStatus.SUBMITTED:
        label = application.get_status_display()
        yield "waiting", Line(title, f"/applications/{application.reference}/", application.status, label, hint)
        return
    for case in opened:
        if case.status in {CaseStatus.INFORMATION_REQUESTED, CaseStatus.PERMIT_REJECTED}:
            service = pick(case.regulation.name)
            yield "waiting", Line(service, f"/cases/{case.reference}/", case.status, case.get_status_display(), title)
    yield _operation_line(application, opened, declaration)


def _operation_line(application: Application, opened: list[Case], declaration: Declaration | None) -> tuple[str, Line]:
    operation = application.operation
    title = _("Export %(reference)s") % {"reference": operation.reference}
    hint = operation.contract.title
    url = f"/operations/{operation.reference}/"
    if declaration is not None:
        line = Line(title, url, declaration.status, declaration.get_status_display(), hint)
        if declaration.status in {DeclarationStatus.DRAFTED, DeclarationStatus.AWAITING_SIGNATURE}:
            return "waiting", line
        return "running" if declaration.status in AT_CUSTOMS else "finished", line
    granted = [case for case in opened if case.status == CaseStatus.GRANTED and not case.being_checked]
    if opened and len(granted) == len(opened):
        return "waiting", Line(title, url, "granted", _("All permits are there: declare"), hint)
    label = _("Permits: %(there)s of %(all)s") % {"there": len(granted), "all": len(opened)}
    return "running", Line(title, url, "submitted", label, hint)
