"""What a body's system says of its cases, and what the treasury says of a fee."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from azexport.audit import actions as audit
from azexport.cases.actions import transitions
from azexport.cases.actions.questions import questions_of, text_of
from azexport.cases.actions.transitions import (
    Officer,
    ask,
    begin_step,
    changed,
    close,
    held_by,
    locked,
    require_turn,
    take_on,
    tell_provider,
)
from azexport.cases.lifecycle import TABLE
from azexport.cases.models import Case, FurtherInformationRequest
from azexport.cases.permissions import is_performer, is_provider, performs
from azexport.cases.states import FINAL, CaseStatus
from azexport.kernel.actor import Actor
from azexport.kernel.errors import IllegalTransition, Missing, NotAllowed, RuleViolated, Violation
from azexport.lifecycle import announce, settle

if TYPE_CHECKING:
    from azexport.exchange.models import Message


class TooEarly(IllegalTransition):
    """Messages overtake each other when they are sent again: this one follows another that has not come yet.

    Nothing is kept of it, and the sender tries again.
    """

    code = "too-early"
    status = 503
    message = _("The acceptance of this case has not arrived yet. Send this again later.")


@transaction.atomic
def accept(message: Message, *, by: Actor, now: datetime) -> None:
    """The body has taken the case on, under its own number."""
    case = _case_of(message, by)
    number = str(message.body.get("body_reference") or "")
    take_on(case, officer=_officer(message.body), body_reference=number, by=by, now=now)


@transaction.atomic
def start_step(message: Message, *, by: Actor, now: datetime) -> None:
    """The body is at the step; where it is the provider, its step before has ended.

    Raises:
        NotAllowed: the step is another body's.
        RuleViolated: another body was not asked for it (yet), or has answered.
    """
    case, step = _step_of(message, by)
    own = is_provider(by, case)
    if not own:
        require_turn(case, step)
    begin_step(case, step, officer=_officer(message.body), alone=own, by=by, now=now)


@transaction.atomic
def finish_step(message: Message, *, by: Actor, now: datetime) -> None:
    """The provider's step is done, or the other body that was asked has given its opinion (S-A1 3.4.3-3.4.4).

    Raises:
        NotAllowed: the step is another body's.
        IllegalTransition: the case is not taken on, or is over.
        RuleViolated: the outcome does not fit, the checklist is not complete, the step may not begin yet or is done.
    """
    case, step = _step_of(message, by)
    body = message.body
    ticks = body.get("checklist")
    note = body.get("note")
    transitions.finish_step(
        case, step, outcome=str(body.get("outcome") or ""), note=note[:2000] if isinstance(note, str) else "",
        checklist=_ticks(case, step, ticks if isinstance(ticks, Mapping) else {}), officer=_officer(body), by=by,
        now=now,
    )  # fmt: skip


@transaction.atomic
def request_information(message: Message, *, by: Actor, now: datetime) -> None:
    """The body's questions wait for the applicant; the clock stands."""
    case = _accepted_case_of(message, by)
    request = str(message.body.get("request") or "")[:80]
    if FurtherInformationRequest.objects.filter(case=case, request=request).exists():
        raise RuleViolated([Violation("CAS-009", _("This request has been made already."), "request")])
    ask(
        case, request=request, questions=questions_of(message.body.get("questions")),
        reason=text_of(message.body.get("reason")), officer=_officer(message.body), by=by, now=now,
    )  # fmt: skip


@transaction.atomic
def refuse(message: Message, *, by: Actor, now: datetime) -> None:
    """The case is refused, on grounds of the regulation, each with the body's explanation."""
    case = _case_of(message, by)
    grounds = [
        {**one, "explanation": text_of(one.get("explanation"))}
        for one in message.body.get("grounds") or ()
        if isinstance(one, Mapping)
    ]
    transitions.refuse(case, grounds=grounds, officer=_officer(message.body), by=by, now=now)


@transaction.atomic
def grant(message: Message, *, by: Actor, now: datetime) -> None:
    """The body has granted what was asked; what it sent is on its way to the checks (event `case.granted`).

    A document that came already, by its number, has no effect when it comes again.
    """
    case = _accepted_case_of(message, by)
    permit = message.body.get("permit")
    permit = dict(permit) if isinstance(permit, Mapping) else {}
    if case.status == CaseStatus.GRANTED and case.decision.get("permit", {}).get("number") == permit.get("number"):
        audit.record("case.grant_repeated", subject=case.reference, by=by, now=now, data={"number": permit["number"]})
        return
    holder = held_by(case, _officer(message.body))
    data = {"permit": permit, "document": message.body.get("document"), "message": message.reference}
    case.decision = {"permit": permit}
    settle(case, "grant", table=TABLE, by=by, now=now, data=data)
    close(case, by=by, now=now)
    changed(case, "decision", "paper", *holder)


@transaction.atomic
def fee_paid(message: Message, *, by: Actor, now: datetime) -> None:
    """The fee is paid, and the body is told. The same payment told twice has no effect.

    Raises:
        NotAllowed: the sender keeps no treasury.
        RuleViolated: another amount or currency than is due, or another payment of a fee that is paid.
    """
    from azexport.cases import tasks

    if "treasury" not in message.participant.roles:
        raise NotAllowed
    case = locked(str(message.body.get("case") or ""))
    body = message.body
    payment = str(body.get("payment_reference") or "")[:80]
    if case.fee_paid_at is not None:
        if case.payment_reference == payment:
            return
        raise RuleViolated([Violation("CAS-007", _("This fee has been paid already."), "payment_reference")])
    if _amount(body.get("amount")) != case.fee_amount or body.get("currency") != case.fee_currency:
        raise RuleViolated([Violation("CAS-008", _("The amount paid is not the fee that is due."), "amount")])
    paid_at = _moment(body.get("paid_at"), now)
    case.fee_paid_at, case.payment_reference = paid_at, payment
    changed(case, "fee_paid_at", "payment_reference")
    forwarded = {
        "case": case.reference, "amount": str(case.fee_amount), "currency": case.fee_currency,
        "paid_at": paid_at.isoformat(), "payment_reference": payment,
    }  # fmt: skip
    if case.status not in FINAL:
        tell_provider(case, "case.fee_paid", "desk.fee_paid", forwarded, by=by, now=now)
    announce("case.fee_paid", case, by=by, now=now, data=forwarded)
    if case.status == CaseStatus.SUBMITTED and case.regulation.regulation.automatic:
        tasks.enqueue_decision(case.reference)


def _case_of(message: Message, by: Actor) -> Case:
    """The case the message speaks of, locked.

    Raises:
        Missing: there is none, or it is another body's: a body learns nothing of those.
    """
    case = locked(str(message.body.get("case") or ""))
    if by.actor_kind != "participant" or by.actor_id != case.provider.code:
        raise Missing
    return case


def _step_of(message: Message, by: Actor) -> tuple[Case, str]:
    """The case the message speaks of, locked, and the step, which is the sender's.

    Raises:
        Missing: there is no such case, or the sender performs nothing in it: a body learns nothing of those.
        NotAllowed: the step is another body's.
        TooEarly: the provider's own acceptance has been overtaken on its way.
    """
    case = locked(str(message.body.get("case") or ""))
    if by.actor_kind != "participant" or not is_performer(by, case):
        raise Missing
    step = str(message.body.get("step") or "")[:60]
    if not performs(by, case, step):
        raise NotAllowed
    if case.status == CaseStatus.SUBMITTED and is_provider(by, case):
        raise TooEarly
    return case, step


def _ticks(case: Case, step_id: str, given: Mapping[str, Any]) -> dict[str, bool]:
    """What was ticked of the checklist of the step; only `true` is a tick."""
    step = case.regulation.regulation.step(step_id)
    return {one.id: given.get(one.id) is True for one in step.checklist} if step else {}


def _accepted_case_of(message: Message, by: Actor) -> Case:
    """The case of a message that can only follow the body's acceptance.

    Raises:
        TooEarly: the acceptance has been overtaken on its way.
    """
    case = _case_of(message, by)
    if case.status == CaseStatus.SUBMITTED:
        raise TooEarly
    return case


def _officer(body: Mapping[str, Any]) -> Officer:
    officer = body.get("officer")
    if not isinstance(officer, Mapping):
        return Officer()
    return Officer(str(officer.get("name") or "")[:200], text_of(officer.get("position")))


def _amount(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _moment(value: Any, otherwise: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return otherwise
    return moment if moment.tzinfo else otherwise
