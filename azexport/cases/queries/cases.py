"""Reading cases: one's own only, in few statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from azexport.audit import queries as audit
from azexport.calendar import queries as calendar
from azexport.cases.models import Case, FurtherInformationRequest, StepRecord
from azexport.cases.states import OPEN, CaseStatus
from azexport.exchange import queries as exchange
from azexport.exchange.states import DeliveryState
from azexport.kernel.errors import Missing

if TYPE_CHECKING:
    from azexport.audit.models import Event
    from azexport.calendar.models import Clock

PAGE = 20
MARKS: dict[str, str | Promise] = {
    "undelivered": _("Not delivered yet"),
    "overdue": _("Overdue"),
    "checking": _("Document being checked"),
}
"""Marks that are derived; the others are statuses."""
UNDELIVERED = ("retrying", "parked")
"""States of the newest message to the body in which it does not know what we told it."""


@dataclass(frozen=True)
class CaseView:
    """A case with what is derived about it on a day."""

    case: Case
    clock: Clock | None
    delivery: DeliveryState | None
    today: date
    asked: Clock | None = None
    """The clock of the step that is asked of the body on whose desk the case is shown."""

    @property
    def asked_days_left(self) -> int:
        return self.asked.days_left(self.today) if self.asked else 0

    @property
    def overdue(self) -> bool:
        return self.clock is not None and self.clock.overdue(self.today)

    @property
    def undelivered(self) -> bool:
        """The body's system does not answer; the portal keeps trying."""
        return self.delivery is not None and str(self.delivery.status) in UNDELIVERED

    @property
    def parked(self) -> bool:
        """The portal has given up trying; the operator must help."""
        return self.delivery is not None and str(self.delivery.status) == "parked"

    @property
    def days_used(self) -> int:
        return self.clock.days_used(self.today) if self.clock else 0

    @property
    def days_left(self) -> int:
        return self.clock.days_left(self.today) if self.clock else 0

    @property
    def step_name(self) -> dict[str, str]:
        step = self.case.regulation.regulation.step(self.case.step)
        return step.name.text if step else {}

    @property
    def mark(self) -> str:
        """Which of the case's states a person should see first: the status, or what stands in its way."""
        if self.case.status in (CaseStatus.SUBMITTED, CaseStatus.ACCEPTED) and self.undelivered:
            return "undelivered"
        if self.case.status in OPEN and self.overdue:
            return "overdue"
        return "checking" if self.case.being_checked else str(self.case.status)

    @property
    def label(self) -> str:
        """The mark in the page's language."""
        return str(MARKS.get(self.mark) or self.case.get_status_display())


def of_organisation(organisation: Any) -> QuerySet[Case]:
    """The organisation's cases, newest first."""
    return Case.objects.of(organisation).for_page().order_by("-id")


def case(organisation: Any, reference: str) -> Case:
    """The organisation's case.

    Raises:
        Missing: there is none, or it is somebody else's.
    """
    found = of_organisation(organisation).filter(reference=reference).first()
    if found is None:
        raise Missing
    return found


def of_application(application_reference: str) -> list[Case]:
    """The cases of an application, in the order in which they were opened."""
    return list(Case.objects.for_page().filter(application_reference=application_reference).order_by("id"))


def page(
    organisation: Any, *, which: str = "all", before: str | None = None, now: datetime, size: int = PAGE
) -> tuple[list[CaseView], str | None]:
    """One page of the organisation's cases, newest first, and the key of the next page (None on the last)."""
    rows = Case.objects.of(organisation).for_list().order_by("-id")
    if which == "open":
        rows = rows.open()
    elif which == "decided":
        rows = rows.closed()
    if before:
        rows = rows.filter(id__lt=Case.objects.of(organisation).filter(reference=before).values("id")[:1])
    found = list(rows[: size + 1])
    following = found[size - 1].reference if len(found) > size else None
    return views(found[:size], now=now), following


def views(cases: Sequence[Case], *, now: datetime) -> list[CaseView]:
    """The cases with clock and delivery, in two statements for all of them."""
    subjects = [one.reference for one in cases]
    clocks = calendar.clocks_for(subjects)
    delivery = exchange.delivery_for(subjects, to={one.reference: one.provider_id for one in cases})
    today = calendar.today(now)
    return [CaseView(one, clocks.get(one.reference), delivery.get(one.reference), today) for one in cases]


def view(case: Case, *, now: datetime) -> CaseView:
    return views([case], now=now)[0]


def steps_of(case: Case) -> list[StepRecord]:
    """The steps taken, first to last."""
    return list(StepRecord.objects.select_related("participant").filter(case=case).order_by("id"))


def requests_of(case: Case) -> list[FurtherInformationRequest]:
    """The requests for more, newest first."""
    return list(FurtherInformationRequest.objects.select_related("document").filter(case=case).order_by("-id"))


def open_request(case: Case) -> FurtherInformationRequest:
    """The request that waits for the applicant.

    Raises:
        Missing: nothing is asked.
    """
    found = FurtherInformationRequest.objects.filter(case=case, answered_at__isnull=True).first()
    if found is None or case.status != CaseStatus.INFORMATION_REQUESTED:
        raise Missing
    return found


def history(case: Case) -> list[Event]:
    """What happened to the case, newest first."""
    return list(audit.history([case.reference]).order_by("-id"))


def by_result(document_reference: str) -> Case | None:
    """The case whose result the document is."""
    return Case.objects.for_page().filter(result_document__reference=document_reference).first()


def by_answer(document_reference: str) -> Case | None:
    """The case about which a body asked for more and was answered with this document."""
    return Case.objects.for_page().filter(requests__document__reference=document_reference).first()


def supplied_to(body: str, document_reference: str) -> bool:
    """Whether the document was supplied at a request for more, and the body with this participant code provides the
    service or was asked for a step."""
    wanted: Iterable[dict[str, str]] = [{"reference": document_reference}]
    concerned = Q(case__provider__code=body) | _asked_of(body, "case")
    return FurtherInformationRequest.objects.filter(concerned, documents__contains=wanted).exists()


def handed_to(body: str, document_reference: str) -> bool:
    """Whether the document went to the body with this participant code, with an application.

    A body that was asked for a step is shown the application and its documents, not the contract.
    """
    file = {"$document": document_reference}
    told = Q(facts__contains={"application_document": file}) | Q(facts__contains={"documents": [file]})
    contract = Q(facts__contains={"contract": {"file": file}})
    provided = Q(provider__code=body)
    return Case.objects.filter(((told | contract) & provided) | (told & _asked_of(body, "pk"))).exists()


def _asked_of(body: str, case: str) -> Q:
    """A step of the case was asked of the body."""
    return Q(Exists(StepRecord.objects.filter(case=OuterRef(case), participant__code=body)))


def supplied_by(organisation: Any, document_reference: str) -> bool:
    """Whether the organisation supplied this document at a body's request, or has drafted an answer with it."""
    wanted: Iterable[dict[str, str]] = [{"reference": document_reference}]
    return FurtherInformationRequest.objects.filter(
        Q(documents__contains=wanted) | Q(drafted_files__contains=wanted), case__organisation=organisation
    ).exists()
