"""What a body's system says of its cases, and what the treasury says of a fee."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from azexport.audit import actions as audit
from azexport.calendar import actions as clocks
from azexport.cases import words
from azexport.cases.actions.transitions import changed, clock_of, end_step, locked
from azexport.cases.lifecycle import TABLE
from azexport.cases.models import Case, FurtherInformationRequest, StepRecord
from azexport.cases.states import FINAL, CaseStatus
from azexport.exchange import actions as exchange
from azexport.kernel.actor import Actor
from azexport.kernel.errors import IllegalTransition, Missing, NotAllowed, RuleViolated, Violation
from azexport.kernel.text import Text
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
    settle(case, "accept", table=TABLE, by=by, now=now, data=_officer_data(message.body))
    case.body_reference = str(message.body.get("body_reference") or "")[:80]
    _held_by(case, message.body)
    changed(case, "body_reference", "holder_name", "holder_position")
    words.tell(case, "case.accepted", by=by, now=now)


@transaction.atomic
def start_step(message: Message, *, by: Actor, now: datetime) -> None:
    """The case is at the step; the one before has ended."""
    case = _accepted_case_of(message, by)
    step = str(message.body.get("step") or "")
    settle(case, "start_step", table=TABLE, by=by, now=now, data={"step": step, **_officer_data(message.body)})
    end_step(case, now)
    case.step = step
    _held_by(case, message.body)
    changed(case, "step", "holder_name", "holder_position")
    StepRecord.objects.create(
        case=case, step=step, officer_name=case.holder_name, officer_position=case.holder_position, created_at=now
    )
    words.tell(case, "case.step_started", by=by, now=now, email=False)


@transaction.atomic
def request_information(message: Message, *, by: Actor, now: datetime) -> None:
    """The body's questions wait for the applicant; the clock stands."""
    case = _accepted_case_of(message, by)
    body = message.body
    request = str(body.get("request") or "")[:80]
    if FurtherInformationRequest.objects.filter(case=case, request=request).exists():
        raise RuleViolated([Violation("CAS-009", _("This request has been made already."), "request")])
    questions = _questions(body.get("questions"))
    settle(case, "request_information", table=TABLE, by=by, now=now,
           data={"request": request, **_officer_data(body)})  # fmt: skip
    _held_by(case, body)
    FurtherInformationRequest.objects.create(
        case=case, request=request, questions=questions, reason=_text(body.get("reason")),
        officer_name=case.holder_name, officer_position=case.holder_position, created_at=now,
    )  # fmt: skip
    clocks.stop_clock(clock_of(case), now=now)
    changed(case, "holder_name", "holder_position")
    words.tell(case, "case.information_requested", by=by, now=now)


@transaction.atomic
def refuse(message: Message, *, by: Actor, now: datetime) -> None:
    """The case is refused, on grounds of the regulation, each with the body's explanation."""
    case = _case_of(message, by)
    given = [dict(one) for one in message.body.get("grounds") or () if isinstance(one, Mapping)]
    settle(case, "refuse", table=TABLE, by=by, now=now, data={"grounds": given, **_officer_data(message.body)})
    grounds = []
    for one in given:
        ground = case.regulation.regulation.ground(str(one["ground"]))
        assert ground is not None
        grounds.append({
            "ground": ground.id, "text": ground.text.text, "clause": ground.clause,
            "explanation": _text(one.get("explanation")),
        })  # fmt: skip
    case.decision = {"grounds": grounds}
    _held_by(case, message.body)
    end_step(case, now)
    clocks.finish_clock(clock_of(case), now=now)
    changed(case, "decision", "holder_name", "holder_position")
    words.tell(case, "case.refused", by=by, now=now)


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
    _held_by(case, message.body)
    data = {"permit": permit, "document": message.body.get("document"), "message": message.reference}
    case.decision = {"permit": permit}
    settle(case, "grant", table=TABLE, by=by, now=now, data=data)
    end_step(case, now)
    clocks.finish_clock(clock_of(case), now=now)
    changed(case, "holder_name", "holder_position", "decision")


@transaction.atomic
def fee_paid(message: Message, *, by: Actor, now: datetime) -> None:
    """The fee is paid, and the body is told. The same payment told twice has no effect.

    Raises:
        NotAllowed: the sender keeps no treasury.
        RuleViolated: another amount or currency than is due, or another payment of a fee that is paid.
    """
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
        exchange.send(to=case.provider, type="case.fee_paid", body=forwarded, subject=case.reference, by=by, now=now)
    announce("case.fee_paid", case, by=by, now=now, data=forwarded)


def _case_of(message: Message, by: Actor) -> Case:
    """The case the message speaks of, locked.

    Raises:
        Missing: there is none, or it is another body's: a body learns nothing of those.
    """
    case = locked(str(message.body.get("case") or ""))
    if by.actor_kind != "participant" or by.actor_id != case.provider.code:
        raise Missing
    return case


def _accepted_case_of(message: Message, by: Actor) -> Case:
    """The case of a message that can only follow the body's acceptance.

    Raises:
        TooEarly: the acceptance has been overtaken on its way.
    """
    case = _case_of(message, by)
    if case.status == CaseStatus.SUBMITTED:
        raise TooEarly
    return case


def _held_by(case: Case, body: Mapping[str, Any]) -> None:
    officer = body.get("officer")
    if isinstance(officer, Mapping):
        case.holder_name = str(officer.get("name") or "")[:200]
        case.holder_position = _text(officer.get("position"))


def _officer_data(body: Mapping[str, Any]) -> dict[str, Any]:
    officer = body.get("officer")
    if not isinstance(officer, Mapping):
        return {}
    return {"officer": {"name": str(officer.get("name") or "")[:200], "position": _text(officer.get("position"))}}


def _questions(given: Any) -> list[dict[str, Any]]:
    """The body's questions in the shape the page needs.

    Raises:
        RuleViolated: a question without an id or a label, or no question at all.
    """
    kinds = {"text", "long_text", "number", "date", "boolean", "file"}
    questions = []
    for one in given if isinstance(given, list) else []:
        if isinstance(one, Mapping) and one.get("id") and one.get("label"):
            kind = one.get("kind") if one.get("kind") in kinds else "text"
            questions.append({"id": str(one["id"])[:60], "label": _text(one["label"]), "kind": kind})
    if not questions or len(questions) != len(given) or len({one["id"] for one in questions}) != len(questions):
        message = _("A request asks questions, each with an id and a label.")
        raise RuleViolated([Violation("CAS-010", message, "questions")])
    return questions


def _text(value: Any) -> Text:
    if isinstance(value, Mapping):
        return {language: str(value[language])[:2000] for language in ("az", "en") if value.get(language)}
    return {"az": str(value)[:2000]} if value else {}


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
