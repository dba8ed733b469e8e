"""Reading operations and applications: one's own only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from azexport.cases import queries as cases
from azexport.cases.states import FINAL, CaseStatus
from azexport.customs import queries as customs
from azexport.customs.states import DeclarationStatus
from azexport.exports.models import Application, ApplicationQuerySet, Operation
from azexport.exports.states import ApplicationStatus, OperationStage
from azexport.kernel.errors import Missing
from azexport.permits import queries as permits

if TYPE_CHECKING:
    from azexport.cases.models import Case
    from azexport.cases.queries import CaseView
    from azexport.customs.models import Declaration
    from azexport.parties.models import Organisation
    from azexport.permits.models import Permit

PAGE = 20
_JOINED = (
    "operation__organisation",
    "operation__contract__seller",
    "operation__contract__buyer",
    "operation__contract__document",
    "operation__dossier",
    "document",
)


def applications_of(organisation: Organisation) -> ApplicationQuerySet:
    """The organisation's applications, newest first, with what a page shows."""
    return Application.objects.of(organisation).select_related(*_JOINED).order_by("-id")


def application(organisation: Organisation, reference: str) -> Application:
    """The organisation's application.

    Raises:
        Missing: there is none, or it is somebody else's.
    """
    rows = applications_of(organisation).select_related("paper__document").defer("paper__data", "paper__attachment")
    row = rows.filter(reference=reference).first()
    if row is None:
        raise Missing
    return row


def page(organisation: Organisation, *, before: str = "", size: int = PAGE) -> tuple[list[Application], str | None]:
    """One page of the applications, and the key of the next one (None on the last)."""
    rows = applications_of(organisation)
    if before:
        rows = rows.filter(id__lt=Application.objects.of(organisation).filter(reference=before).values("id")[:1])
    found = list(rows[: size + 1])
    return found[:size], found[size - 1].reference if len(found) > size else None


@dataclass(frozen=True)
class OperationView:
    """An operation with everything that belongs to it, and how far it has come."""

    operation: Operation
    application: Application
    cases: Sequence[CaseView]
    permits: dict[str, Permit]
    """Case reference -> the permit that is in force, or the last one that was not accepted."""
    declaration: Declaration | None

    @property
    def stage(self) -> OperationStage:
        """Derived, never stored: where the operation stands."""
        if self.application.status != ApplicationStatus.SUBMITTED:
            return OperationStage.APPLYING
        if self.declaration is not None:
            return _declared(self.declaration)
        if self.ready:
            return OperationStage.READY_TO_DECLARE
        if any(one.case.status in _ATTENTION for one in self.cases):
            return OperationStage.ATTENTION
        return OperationStage.AWAITING_PERMITS

    @property
    def ready(self) -> bool:
        """Every needed document is there, and no body is still deciding about one that was merely asked for."""
        return is_ready(self.application, [one.case for one in self.cases])

    @property
    def version(self) -> str:
        """Changes whenever what a page shows of it may have changed."""
        parts = [
            self.application.status,
            str(self.stage),
            str(self.operation.dossier_id),
            str(self.operation.dossier_wanted_at),
        ]
        parts += [f"{one.case.pk}.{one.case.changes}.{one.mark}" for one in self.cases]
        if self.declaration is not None:
            parts.append(f"{self.declaration.reference}.{self.declaration.status}")
        return "-".join(parts)


_ATTENTION = (CaseStatus.REFUSED, CaseStatus.INFORMATION_REQUESTED, CaseStatus.PERMIT_REJECTED, CaseStatus.WITHDRAWN)


def _declared(declaration: Declaration) -> OperationStage:
    match declaration.status:
        case DeclarationStatus.RELEASED:
            return OperationStage.RELEASED
        case DeclarationStatus.NOT_RELEASED:
            return OperationStage.NOT_RELEASED
        case DeclarationStatus.LODGED | DeclarationStatus.ACCEPTED | DeclarationStatus.UNDER_CONTROL:
            return OperationStage.AT_CUSTOMS
        case _:
            return OperationStage.DECLARING


def operation(organisation: Organisation, reference: str, *, now: datetime) -> OperationView:
    """The organisation's operation, whole.

    Raises:
        Missing: there is none, or it is somebody else's.
    """
    row = applications_of(organisation).filter(operation__reference=reference).first()
    if row is None:
        raise Missing
    return view(row, now=now)


def view(row: Application, *, now: datetime) -> OperationView:
    """The operation of an application that was loaded by `applications_of`."""
    submitted = row.status == ApplicationStatus.SUBMITTED
    found = cases.views(cases.of_application(row.reference), now=now) if submitted else []
    return OperationView(
        operation=row.operation,
        application=row,
        cases=found,
        permits={one.case.reference: one for one in permits.of_application(row.reference)} if found else {},
        declaration=customs.for_applications([row.reference]).get(row.reference) if submitted else None,
    )


def needed_services(row: Application) -> list[str]:
    """The services whose document the goods cannot go without: what is got on request only is not among them."""
    return [one["id"] for one in row.regulations if one["level"] != "on_request"]


def is_ready(row: Application, found: Sequence[Case]) -> bool:
    """Whether every needed document is there, and no body is still deciding about one that was merely asked for."""
    needed = set(needed_services(row))
    return bool(found) and all(
        has_its_document(one) or (one.regulation.service not in needed and one.status in FINAL) for one in found
    )


def has_its_document(case: Case) -> bool:
    """The body granted, and what it sent has passed the checks."""
    return case.status == CaseStatus.GRANTED and case.result_document_id is not None


def ready_to_declare(row: Application) -> bool:
    """As `is_ready`, for an application that was loaded without its cases."""
    return is_ready(row, cases.of_application(row.reference))
