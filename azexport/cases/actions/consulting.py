"""What passes between the portal and the system of another body that performs a step (S-A1 3.4.3, S6.1.2, S7.1.4).

A body without a system finds the step on its desk. The step itself, its order and its outcome are the same either way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from azexport.audit import queries as audit
from azexport.calendar import queries as calendar
from azexport.cases import route, words
from azexport.cases.models import Case, FurtherInformationRequest, StepRecord
from azexport.cases.states import OPEN, STEP_CLOCK, StepOutcome
from azexport.exchange import actions as exchange
from azexport.exchange import protocol
from azexport.exchange import queries as exchanged
from azexport.exchange.states import Status
from azexport.kernel.actor import Actor
from azexport.participants import queries as participants

if TYPE_CHECKING:
    from azexport.exchange.models import Message
    from azexport.services.schema import Step

REQUESTED = "case.step_requested"
SHOWN = ("applicant", "consignee", "destination", "goods", "known", "application_document")
"""What a body that is asked for a step is told of an application besides its answers and documents. The contract, its
price and the fee are between the applicant and the provider."""
ENDED, ANSWERED, DEEMED = "case_ended", "answered", "deemed_agreed"
"""Why a request is withdrawn: the case is over; an officer of the body has answered on the desk; its days are over."""


def ask(case: Case, step: Step, record: StepRecord, *, by: Actor, now: datetime) -> None:
    """The other body knows that the step is its turn: by a message to its system, or by a notice to its officers."""
    assert record.participant is not None
    if participants.system_of(record.participant) is None:
        words.tell_body(record.participant, "desk.opinion_asked", case, by=by, now=now)
        return
    exchange.send(
        to=record.participant, type=REQUESTED, body=_request(case, step, now), subject=case.reference, by=by, now=now
    )


def withdraw(case: Case, records: Iterable[StepRecord], reason: str, *, by: Actor, now: datetime) -> None:
    """The systems that were asked for these steps know that nobody waits for their answers any more."""
    for record in records:
        if record.participant is None or participants.system_of(record.participant) is None:
            continue
        body = {"case": case.reference, "step": record.step, "reason": reason, "case_status": str(case.status)}
        exchange.send(
            to=record.participant, type="case.step_withdrawn", body=body, subject=case.reference, by=by, now=now
        )


def heard(case: Case, record: StepRecord, *, now: datetime) -> bool:
    """Whether the body has had the days of its step to answer, counted from the day on which the request reached it.

    What the portal could not deliver is on the desk of the body's officers since the day the portal gave up.
    """
    assert record.participant is not None
    asked = exchanged.log_for([case.reference]).filter(
        participant=record.participant, type=REQUESTED, data__step__id=record.step
    ).order_by("-id").first()  # fmt: skip
    if asked is None:
        return True
    reached = asked.delivered_at
    if reached is None and asked.status == Status.PARKED:
        reached = audit.history([asked.reference]).filter(name="message.parked").values_list("at", flat=True).last()
    step = case.regulation.regulation.step(record.step)
    if reached is None or step is None:
        return False
    return calendar.today(now) > calendar.add_working_days(calendar.today(reached), step.working_days)


def undelivered(subject: Message, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """What a body's system did not take is on its officers' desk, and the provider knows (event message.parked)."""
    if subject.type != REQUESTED:
        return
    case = Case.objects.for_page().filter(reference=subject.subject, status__in=OPEN).first()
    waits = StepRecord.objects.filter(
        case=case, participant=subject.participant, step=subject.data["step"]["id"], finished_at__isnull=True
    )
    if case is not None and waits.exists():
        words.tell_body(subject.participant, "desk.opinion_asked", case, by=by, now=now)
        words.tell_body(case.provider, "desk.request_undelivered", case, by=by, now=now)


def tell_provider(case: Case, record: StepRecord, *, by: Actor, now: datetime) -> None:
    """The provider knows what another body has said, or that its silence counts."""
    if participants.system_of(case.provider) is None:
        notice = "desk.opinion_deemed" if record.outcome == StepOutcome.DEEMED else "desk.opinion_given"
        words.tell_body(case.provider, notice, case, by=by, now=now)
        return
    body = {"case": case.reference, **_outcome(case, record)}
    exchange.send(to=case.provider, type="case.opinion_given", body=body, subject=case.reference, by=by, now=now)


# ---------------------------------------------------------------------------------------------- what is told


def _request(case: Case, step: Step, now: datetime) -> dict[str, Any]:
    """The body of `case.step_requested` (docs/integration.md)."""
    records = route.records_of(case)
    finished = [one for one in records.values() if one.outcome]
    return {
        "case": case.reference,
        "application": case.application_reference,
        "service": case.regulation.service,
        "service_name": case.regulation.name,
        "regulation_version": case.regulation.label,
        "provider": case.provider.code,
        "step": {
            "id": step.id,
            "name": step.name.text,
            "content": step.content.text,
            "result": step.result.text,
            "working_days": step.working_days,
            "checklist": [{"id": one.id, "text": one.text.text, "clause": one.clause} for one in step.checklist],
        },
        "requested_at": now.isoformat(),
        "due_on": _due(case, step, now).isoformat(),
        **{name: case.facts[name] for name in SHOWN if _travels(case.facts.get(name))},
        "answers": case.answers,
        "documents": [one for one in case.facts.get("documents") or () if _travels(one)],
        "further_information": [_supplied(one) for one in _answered(case)],
        "earlier_steps": [_outcome(case, one) for one in finished],
    }


def _due(case: Case, step: Step, now: datetime) -> date:
    subject = f"{case.reference}/{step.id}"
    clock = calendar.clocks_for([subject], STEP_CLOCK).get(subject)
    if clock is not None and clock.due_on is not None:
        return clock.due_on
    return calendar.add_working_days(calendar.today(now), step.working_days)


def _travels(value: Any) -> bool:
    """Not of a file that came with its contents: those were in the message to the provider and are kept there only."""
    return bool(value) and not (isinstance(value, Mapping) and "sha256" in value)


def _answered(case: Case) -> Iterable[FurtherInformationRequest]:
    rows = FurtherInformationRequest.objects.select_related("case", "document")
    return rows.filter(case=case, answered_at__isnull=False).order_by("id")


def _supplied(request: FurtherInformationRequest) -> dict[str, Any]:
    signed = request.document
    name = f"{request.case.reference}-answer.pdf"
    return {
        **({"answer_document": protocol.stored(signed.reference, name=name)} if signed else {}),
        "questions": request.questions,
        "answers": request.answers,
        "documents": [protocol.stored(one["reference"], name=one["name"]) for one in request.documents],
    }


def _outcome(case: Case, record: StepRecord) -> dict[str, Any]:
    """A finished step as other bodies are told of it."""
    assert record.finished_at is not None
    officer = {"name": record.officer_name, "position": record.officer_position} if record.officer_name else None
    return {
        "step": record.step,
        "performer": (record.participant or case.provider).code,
        "outcome": str(record.outcome),
        "note": record.note,
        "officer": officer,
        "finished_at": record.finished_at.isoformat(),
    }
