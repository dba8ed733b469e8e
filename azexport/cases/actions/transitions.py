"""The core of each transition, the same whether a body's system says it or its officer does on the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from azexport.calendar import actions as clocks
from azexport.calendar import queries as calendar
from azexport.cases import route, words
from azexport.cases.actions import consulting
from azexport.cases.lifecycle import TABLE
from azexport.cases.models import Case, FurtherInformationRequest, StepRecord
from azexport.cases.states import STEP_CLOCK
from azexport.documents import papers
from azexport.documents import queries as documents
from azexport.documents.states import PaperStatus
from azexport.exchange import actions as exchange
from azexport.kernel.actor import SYSTEM, Actor
from azexport.kernel.errors import IllegalTransition, Missing, RuleViolated, Violation
from azexport.kernel.text import Text
from azexport.lifecycle import announce, settle
from azexport.participants import queries as participants

if TYPE_CHECKING:
    from azexport.calendar.models import Clock
    from azexport.participants.models import Participant
    from azexport.services.schema import Step


@dataclass(frozen=True)
class Officer:
    """Who deals with a case, as the applicant sees them. `reference` is the actor's, where they act on the desk."""

    name: str = ""
    position: Text | None = None
    reference: str = ""

    @property
    def data(self) -> dict[str, Any]:
        """For the audit."""
        return {"officer": {"name": self.name, "position": self.position or {}}} if self.name else {}


def locked(reference: str) -> Case:
    """The case, locked.

    Raises:
        Missing: there is none.
    """
    case = Case.objects.for_page().select_for_update(of=("self",)).filter(reference=reference).first()
    if case is None:
        raise Missing
    return case


def changed(case: Case, *fields: str) -> None:
    """The fields are written, and pages that poll see that something has happened."""
    case.changes += 1
    case.save(update_fields=[*fields, "changes"])


def clock_of(case: Case) -> Clock:
    return calendar.clocks_for([case.reference])[case.reference]


def held_by(case: Case, officer: Officer) -> tuple[str, ...]:
    """The case is in the officer's hands; returns the fields to write. Nobody named changes nothing."""
    if not officer.name:
        return ()
    case.holder_name, case.holder_position = officer.name, officer.position or {}
    case.holder_reference = officer.reference
    return "holder_name", "holder_position", "holder_reference"


def has_system(participant: Participant) -> bool:
    """Whether messages reach the body; one that has no system works on the desk."""
    return participants.system_of(participant) is not None


def tell_provider(case: Case, message: str, notice: str, body: dict[str, Any], *, by: Actor, now: datetime) -> None:
    """The body knows: by a message to its system, or where it has none, by a notice to its officers."""
    if has_system(case.provider):
        exchange.send(to=case.provider, type=message, body=body, subject=case.reference, by=by, now=now)
    else:
        words.tell_body(case.provider, notice, case, by=by, now=now)


# ---------------------------------------------------------------------------------------------- transitions


def take_on(case: Case, *, officer: Officer, body_reference: str = "", by: Actor, now: datetime) -> None:
    """The body deals with the case; the first steps are open."""
    settle(case, "accept", table=TABLE, by=by, now=now, data=officer.data)
    case.body_reference = body_reference[:80]
    changed(case, "body_reference", *held_by(case, officer))
    words.tell(case, "case.accepted", by=by, now=now)
    open_steps(case, by=by, now=now)


def begin_step(case: Case, step_id: str, *, officer: Officer, alone: bool, by: Actor, now: datetime) -> None:
    """The officer is at the step.

    Args:
        alone: the provider's other steps have ended with this, as a system means it that says only where it is.
    """
    settle(case, "start_step", table=TABLE, by=by, now=now, data={"step": step_id, **officer.data})
    step = case.regulation.regulation.step(step_id)
    assert step is not None
    if alone:
        end_steps(case, by=by, now=now, of=case.provider)
    own = case.regulation.regulation.performer(step) == case.regulation.regulation.provider
    if own:
        case.step = step_id
        changed(case, "step", *held_by(case, officer))
    else:
        changed(case)
    record = StepRecord.objects.filter(case=case, step=step_id, finished_at__isnull=True).first()
    if record is None:
        [record] = _opened(case, [step], now=now, timed=not alone)
        words.tell(case, "case.step_started", by=by, now=now, email=False)
    record.officer_name = officer.name or case.holder_name
    record.officer_position = (officer.position if officer.name else case.holder_position) or {}
    record.save(update_fields=["officer_name", "officer_position"])
    if alone:
        open_steps(case, by=by, now=now)


def ask(
    case: Case, *, request: str, questions: list[dict[str, Any]], reason: Text, officer: Officer, by: Actor,
    now: datetime,
) -> FurtherInformationRequest:  # fmt: skip
    """The body's questions wait for the applicant; the clocks stand where the regulation stops them (S7.4)."""
    settle(case, "request_information", table=TABLE, by=by, now=now, data={"request": request, **officer.data})
    changed_holder = held_by(case, officer)
    asked = FurtherInformationRequest.objects.create(
        case=case, request=request, questions=questions, reason=reason, officer_name=case.holder_name,
        officer_position=case.holder_position, created_at=now,
    )  # fmt: skip
    if stops(case):
        for clock in [clock_of(case), *_step_clocks(case)]:
            if clock.running:
                clocks.stop_clock(clock, now=now)
    discard_paper(case, by=by, now=now)
    changed(case, "paper", *changed_holder)
    words.tell(case, "case.information_requested", by=by, now=now)
    return asked


def run_on(case: Case, *, now: datetime) -> tuple[str, ...]:
    """The clocks that stood while the applicant was asked run again; returns the fields of the case to write.

    A case that was late stays late by as many days (S7.4): nobody is told of that once more.
    """
    if not stops(case):
        return ()
    for clock in [clock_of(case), *_step_clocks(case)]:
        if not clock.running and clock.finished_on is None:
            clocks.resume_clock(clock, now=now)
    own = clock_of(case)
    if case.overdue_told_on is None or not own.overdue(calendar.today(now)):
        return ()
    case.overdue_told_on = own.due_on
    return ("overdue_told_on",)


def refuse(
    case: Case, *, grounds: Sequence[Mapping[str, Any]], officer: Officer, by: Actor, now: datetime,
    transition: str = "refuse",
) -> None:  # fmt: skip
    """The case is refused, on grounds of the regulation, each with an explanation (S-A1 3.3.1)."""
    given = [dict(one) for one in grounds]
    settle(case, transition, table=TABLE, by=by, now=now, data={"grounds": given, **officer.data})
    stated = []
    for one in given:
        ground = case.regulation.regulation.ground(str(one["ground"]))
        assert ground is not None
        stated.append({
            "ground": ground.id, "text": ground.text.text, "clause": ground.clause,
            "explanation": one.get("explanation") or {},
        })  # fmt: skip
    case.decision = {"grounds": stated}
    close(case, by=by, now=now)
    changed(case, "decision", "paper", *held_by(case, officer))
    words.tell(case, "case.refused", by=by, now=now)


def close(case: Case, *, by: Actor, now: datetime) -> None:
    """The clocks and the open steps of a decided or withdrawn case have ended; the caller writes `paper`."""
    end_steps(case, by=by, now=now)
    clocks.finish_clock(clock_of(case), now=now)
    discard_paper(case, by=by, now=now)
    for request in case.requests.filter(answered_at__isnull=True).exclude(paper=""):
        discard_answer(request, by=by, now=now)


def discard_answer(request: FurtherInformationRequest, *, by: Actor, now: datetime) -> None:
    """The answer that waits for its signature is not wanted as it is; its draft stays."""
    _discard(request.paper, by=by, now=now)
    request.paper = ""
    request.save(update_fields=["paper"])


def discard_paper(case: Case, *, by: Actor, now: datetime) -> None:
    """What was put forward for signature is not wanted any more; the caller writes `paper`."""
    if case.paper:
        _discard(case.paper, by=by, now=now)
        case.paper = ""


def _discard(reference: str, *, by: Actor, now: datetime) -> None:
    paper = documents.paper(reference)
    if paper.status in (PaperStatus.RENDERING, PaperStatus.WAITING):
        papers.discard(paper, by=by, now=now)


# ---------------------------------------------------------------------------------------------- steps


def step_subject(case: Case, step_id: str) -> str:
    """Whose the clock of a step is."""
    return f"{case.reference}/{step_id}"


def stops(case: Case) -> bool:
    """Whether the clock stands while the applicant is asked: where the regulation says nothing, it does."""
    clock = case.regulation.regulation.procedures.clock
    return clock is None or "information_requested" in clock.stops


def open_steps(case: Case, *, by: Actor, now: datetime) -> None:
    """The steps that may begin are open: those of other bodies, and on the desk the provider's own."""
    regulation = case.regulation.regulation
    theirs = {one.id for one in route.of_others(regulation)}
    desk = not has_system(case.provider)
    if not theirs and not desk:
        return
    steps = [one for one in route.ready(regulation, route.records_of(case)) if desk or one.id in theirs]
    for record, step in zip(_opened(case, steps, now=now), steps, strict=True):
        body = record.participant.name if record.participant else case.provider.name
        announce("case.step_opened", case, by=SYSTEM, now=now, data={"step": step.id, "body": body})
        words.tell(case, "case.step_started", by=by, now=now, email=False)
        if record.participant is None:
            case.step = step.id
            changed(case, "step")
        else:
            consulting.ask(case, step, record, by=by, now=now)


def _opened(case: Case, steps: Sequence[Step], *, now: datetime, timed: bool = True) -> list[StepRecord]:
    regulation = case.regulation.regulation
    others = {regulation.performer(one) for one in route.of_others(regulation, steps)}
    known = participants.by_codes(others) if others else {}
    if others - set(known):
        raise Missing
    records = StepRecord.objects.bulk_create(
        StepRecord(case=case, step=one.id, participant=known.get(regulation.performer(one)), created_at=now)
        for one in steps
    )
    if steps and timed:
        terms = {step_subject(case, one.id): one.working_days for one in steps}
        clocks.start_clocks(terms, name=STEP_CLOCK, now=now)
    return records


def finish_step(
    case: Case, step_id: str, *, outcome: str, note: str, checklist: Mapping[str, bool], officer: Officer, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """The step is done, or the other body has given its opinion; the next steps are open.

    Raises:
        IllegalTransition: the case is not taken on, or is over.
        RuleViolated: the outcome does not fit, the step may not begin yet or is done.
    """
    if TABLE.find("finish_step", case.status) is None:
        raise IllegalTransition
    require_turn(case, step_id)
    record = StepRecord.objects.select_related("participant").filter(
        case=case, step=step_id, finished_at__isnull=True
    ).first() or StepRecord(case=case, step=step_id, created_at=now)  # fmt: skip
    body = record.participant.name if record.participant else case.provider.name
    given = {"step": step_id, "outcome": outcome, "note": note, "checklist": dict(checklist), "body": body}
    settle(case, "finish_step", table=TABLE, by=by, now=now, data={**given, **officer.data})
    record.officer_name, record.officer_position = officer.name, officer.position or {}
    record.outcome, record.note, record.checklist = outcome, note, dict(checklist)
    record.finished_at, record.finished_by = now, by.actor_id
    record.save()
    for clock in calendar.clocks_for([step_subject(case, step_id)], STEP_CLOCK).values():
        clocks.finish_clock(clock, now=now)
    own = record.participant is None
    changed(case, *(held_by(case, officer) if own else ()))
    if not own:
        words.tell(case, "case.opinion_given", by=by, now=now, email=False)
        consulting.tell_provider(case, record, by=by, now=now)
        if by.actor_kind != "participant":
            consulting.withdraw(case, [record], consulting.ANSWERED, by=by, now=now)
    open_steps(case, by=by, now=now)


def require_turn(case: Case, step_id: str) -> None:
    """The step is open, or those before it are done.

    Raises:
        RuleViolated: it waits for another, or is done itself.
    """
    regulation = case.regulation.regulation
    step = regulation.step(step_id)
    if step is None:
        return  # the transition's rule says so
    records = route.records_of(case)
    if route.finished(records, step_id):
        raise RuleViolated([Violation("CAS-017", _("This step has been finished already."), "step")])
    if step_id not in records and not route.may_begin(regulation, step, records):
        raise RuleViolated([Violation("CAS-020", _("The steps before this one are not finished yet."), "step")])


def end_steps(case: Case, *, by: Actor, now: datetime, of: Participant | None = None) -> None:
    """The open steps (of one body) have ended, without an outcome of their own."""
    found = StepRecord.objects.select_related("participant").filter(case=case, finished_at__isnull=True)
    if of is not None:
        found = found.filter(participant__isnull=True)
    open_now = list(found)
    if not open_now:
        return
    StepRecord.objects.filter(pk__in=[one.pk for one in open_now]).update(finished_at=now, finished_by=by.actor_id)
    for clock in calendar.clocks_for([step_subject(case, one.step) for one in open_now], STEP_CLOCK).values():
        clocks.finish_clock(clock, now=now)
    consulting.withdraw(case, open_now, consulting.ENDED, by=by, now=now)


def _step_clocks(case: Case) -> list[Clock]:
    open_now = StepRecord.objects.filter(case=case, finished_at__isnull=True).values_list("step", flat=True)
    subjects = [step_subject(case, one) for one in open_now]
    return list(calendar.clocks_for(subjects, STEP_CLOCK).values()) if subjects else []
