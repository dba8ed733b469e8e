"""What the portal decides by itself: automatic services at once, and what a silence means when the term has run out."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from azexport.audit import actions as audit
from azexport.calendar import actions as clocks
from azexport.calendar import queries as calendar
from azexport.cases import results, words
from azexport.cases.actions import consulting, transitions
from azexport.cases.actions.outcome import grant_with
from azexport.cases.actions.transitions import changed, locked, open_steps
from azexport.cases.lifecycle import TABLE
from azexport.cases.models import Case, StepRecord
from azexport.cases.states import STEP_CLOCK, CaseStatus, StepOutcome
from azexport.documents import actions as documents
from azexport.kernel.actor import Actor
from azexport.kernel.errors import OutsideFailure
from azexport.lifecycle import settle
from azexport.services import conditions
from azexport.signatures.errors import Refused

if TYPE_CHECKING:
    from azexport.cases.results import Result, Sealed

log = logging.getLogger(__name__)


def decide(*, reference: str, by: Actor, now: datetime) -> Case:
    """The case of a fully automatic service is granted or refused by its regulation's own condition (S-A1 1.6).

    One that is decided, withdrawn or not paid where the fee comes first stays as it is. The seal and its time stamp are
    made outside any transaction.

    Raises:
        OutsideFailure: the time-stamp authority did not answer; try again.
    """
    case = Case.objects.for_page().get(reference=reference)
    regulation = case.regulation.regulation
    decision = regulation.procedures.decision
    if decision is None or case.status != CaseStatus.SUBMITTED or (regulation.fee.before_decision and case.fee_due):
        return case
    try:
        if not conditions.holds(decision.grant, results.context_of(case, now=now)):
            return _refuse(reference, str(decision.ground), by=by, now=now)
        result = results.compose_default(case, now=now)
    except conditions.ConditionError as error:
        # Officers find it on their desk: an expression that fails for these answers would fail at every attempt.
        log.exception("case %s could not be decided by its regulation", reference)
        audit.record("case.not_decided", subject=reference, by=by, now=now, data={"reason": str(error)})
        return case
    sealed = results.sealed(case, result, now=now)
    return _grant(reference, result, sealed, transition="grant_at_once", by=by, now=now)


def grant_silent(*, by: Actor, now: datetime) -> int:
    """Where the regulation says that silence grants, cases whose term has run out unanswered are granted, with a mark.

    Where the fee comes first (S-A1 2.2.1), what is not paid for is not granted. One transaction for each case; what the
    seal needs is done outside them. A case whose document cannot be made now is logged and tried again by the next run;
    the others do not wait for it.

    Returns:
        How many were granted.
    """
    late = calendar.overdue(on=calendar.today(now))
    rows = Case.objects.for_page().filter(
        reference__in=late, status__in=(CaseStatus.SUBMITTED, CaseStatus.ACCEPTED)
    )  # fmt: skip
    granted = 0
    for case in rows.order_by("id").iterator(chunk_size=100):
        regulation = case.regulation.regulation
        silence, fee = regulation.procedures.silence, regulation.fee
        if silence is None or silence.rule != "granted" or (fee.before_decision and case.fee_due):
            continue
        try:
            result = results.compose_default(case, now=now, silence=True)
            sealed = results.sealed(case, result, now=now)
        except (OutsideFailure, Refused, conditions.ConditionError):
            log.exception("case %s could not be granted by silence now", case.reference)
            continue
        done = _grant(case.reference, result, sealed, transition="grant_by_silence", by=by, now=now)
        granted += done.status == CaseStatus.GRANTED
    return granted


def deem_agreed(*, by: Actor, now: datetime) -> int:
    """A consulted body that was silent for its step's days has given its positive opinion (2015 decree).

    The days of a body with a system count from the one on which its system took the request.

    Returns:
        How many opinions were deemed given.
    """
    late = calendar.overdue(on=calendar.today(now), name=STEP_CLOCK)
    asked = StepRecord.objects.filter(
        finished_at__isnull=True, participant__isnull=False, case__status=CaseStatus.ACCEPTED
    ).order_by("id").values_list("case__reference", "step")  # fmt: skip
    return sum(
        _deem(reference, step, by=by, now=now) for reference, step in list(asked) if f"{reference}/{step}" in late
    )


@transaction.atomic
def _deem(reference: str, step: str, *, by: Actor, now: datetime) -> bool:
    case = locked(reference)
    record = StepRecord.objects.select_related("participant").filter(
        case=case, step=step, finished_at__isnull=True, participant__isnull=False
    ).first()  # fmt: skip
    if record is None or case.status != CaseStatus.ACCEPTED or not consulting.heard(case, record, now=now):
        return False
    assert record.participant is not None
    data = {"step": step, "body": record.participant.name}
    settle(case, "deem_agreed", table=TABLE, by=by, now=now, data=data)
    record.outcome, record.finished_at, record.finished_by = StepOutcome.DEEMED, now, by.actor_id
    record.save(update_fields=["outcome", "finished_at", "finished_by"])
    for clock in calendar.clocks_for([transitions.step_subject(case, step)], STEP_CLOCK).values():
        clocks.finish_clock(clock, now=now)
    changed(case)
    words.tell(case, "case.opinion_deemed", by=by, now=now, email=False)
    consulting.tell_provider(case, record, by=by, now=now)
    consulting.withdraw(case, [record], consulting.DEEMED, by=by, now=now)
    open_steps(case, by=by, now=now)
    return True


@transaction.atomic
def _refuse(reference: str, ground: str, *, by: Actor, now: datetime) -> Case:
    case = locked(reference)
    if case.status == CaseStatus.SUBMITTED:
        transitions.refuse(
            case, grounds=[{"ground": ground}], officer=transitions.Officer(), by=by, now=now,
            transition="refuse_at_once",
        )  # fmt: skip
    return case


@transaction.atomic
def _grant(reference: str, result: Result, sealed: Sealed | None, *, transition: str, by: Actor, now: datetime) -> Case:
    case = locked(reference)
    if TABLE.find(transition, case.status) is None:
        return case
    document = None
    if sealed is not None:
        document = documents.store(
            kind=results.KIND, title=sealed.printed.title, content=sealed.content, code=sealed.code,
            facts=sealed.printed.facts, signatures=sealed.reports, by=by, now=now,
        )  # fmt: skip
    mark: dict[str, Any] = {"automatic": True}
    if transition == "grant_by_silence":
        silence = case.regulation.regulation.procedures.silence
        assert silence is not None
        mark = {"automatic": True, "silence": {"text": silence.text.text, "clause": silence.clause}}
    grant_with(case, result, transition=transition, document=document, by=by, now=now, mark=mark)
    return case
