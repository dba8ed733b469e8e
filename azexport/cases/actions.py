"""Everything that is written about a case: opening, the body's messages, the applicant's answers, the checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from azexport.audit import actions as audit
from azexport.calendar import actions as clocks
from azexport.calendar import queries as calendar
from azexport.cases import words
from azexport.cases.lifecycle import TABLE
from azexport.cases.models import Case, FurtherInformationRequest, StepRecord
from azexport.cases.states import FINAL, CaseStatus
from azexport.documents import actions as documents
from azexport.exchange import actions as exchange
from azexport.exchange import protocol
from azexport.kernel.actor import Actor
from azexport.kernel.errors import IllegalTransition, Missing, NotAllowed, RuleViolated, Violation
from azexport.kernel.references import new_reference
from azexport.kernel.text import Text
from azexport.lifecycle import announce, settle
from azexport.participants import queries as participants

if TYPE_CHECKING:
    from azexport.calendar.models import Clock
    from azexport.exchange.models import Message
    from azexport.participants.models import Participant
    from azexport.services.models import RegulationVersion


class TooEarly(IllegalTransition):
    """Messages overtake each other when they are sent again: this one follows another that has not come yet.

    Nothing is kept of it, and the sender tries again.
    """

    code = "too-early"
    status = 503
    message = _("The acceptance of this case has not arrived yet. Send this again later.")


ANSWER_FILE = "case-answer-file"
"""Kind of document: a file that an applicant supplied at a body's request."""


@dataclass(frozen=True)
class CasePart:
    """One body's part of an application.

    `body` is what goes to the body as it stands on the wire, without what the case itself adds. Its members:
    applicant, consignee, destination, goods, answers (by question id; `services.queries.answers_for` makes them of
    the application's), documents, contract, application_document. Files are `exchange.protocol.stored(reference)`.
    """

    regulation: RegulationVersion
    body: Mapping[str, Any]


@dataclass(frozen=True)
class SuppliedFile:
    """A file that the applicant hands over."""

    name: str
    media_type: str
    content: bytes


# ---------------------------------------------------------------------------------------------- opening


@transaction.atomic
def open_cases(
    *, application_reference: str, organisation: Any, parts: Sequence[CasePart], by: Actor, now: datetime
) -> list[Case]:
    """Each part is a case with its body: written, its clock running, its message and its fee on their way.

    Costs the same few statements for one part and for many. The event `case.submitted` is in the audit for each case.

    Raises:
        Missing: a regulation's provider is no participant.
    """
    providers = _providers({part.regulation.regulation.provider for part in parts})
    cases = Case.objects.bulk_create(
        _new_case(
            part, providers, application_reference=application_reference, organisation=organisation, by=by, now=now
        )
        for part in parts
    )
    clocks.start_clocks(
        {case.reference: part.regulation.regulation.term.working_days for case, part in zip(cases, parts, strict=True)},
        now=now,
    )
    audit.record_many(
        "case.submitted",
        subjects={
            case.reference: {
                "application": application_reference,
                "service": case.regulation.service,
                "version": case.regulation.label,
            }
            for case in cases
        },
        by=by,
        now=now,
    )
    # The fee first: the newest message of a case says whether its body can be reached.
    submissions = [_submission(case, part) for case, part in zip(cases, parts, strict=True)]
    outgoing = [*_fees_due(cases, organisation), *submissions]
    exchange.send_many(drafts=outgoing, by=by, now=now)
    words.tell_opened(cases, organisation=organisation, by=by, now=now)
    return cases


def _providers(codes: set[str]) -> dict[str, Participant]:
    found = participants.by_codes(codes)
    if codes - set(found):
        raise Missing(_("The body that provides this service is not connected."))
    return {code: one.succeeded_by or one for code, one in found.items()}


def _new_case(
    part: CasePart, providers: Mapping[str, Participant], *, application_reference: str, organisation: Any, by: Actor,
    now: datetime,
) -> Case:  # fmt: skip
    regulation = part.regulation.regulation
    return Case(
        created_at=now,
        reference=new_reference("CS"),
        regulation=part.regulation,
        organisation=organisation,
        provider=providers[regulation.provider],
        application_reference=application_reference,
        facts=_without_contents({name: value for name, value in part.body.items() if name != "answers"}),
        answers=_without_contents(part.body.get("answers", {})),
        fee_amount=regulation.fee.amount,
        fee_currency=regulation.fee.currency,
        submitted_at=now,
        submitted_by=by.actor_id,
    )


def _without_contents(value: Any) -> Any:
    """The same data without the contents of files: those are in the message log and among the documents."""
    if isinstance(value, Mapping):
        return {name: _without_contents(part) for name, part in value.items() if name != "content_base64"}
    if isinstance(value, list | tuple):
        return [_without_contents(part) for part in value]
    return value


def _submission(case: Case, part: CasePart) -> exchange.Draft:
    body = {
        **part.body,
        "case": case.reference,
        "application": case.application_reference,
        "service": case.regulation.service,
        "regulation_version": case.regulation.label,
        "submitted_at": case.submitted_at.isoformat(),
        "fee": {"amount": str(case.fee_amount), "currency": case.fee_currency},
    }
    return exchange.Draft(to=case.provider, type="case.submitted", body=body, subject=case.reference)


def _fees_due(cases: Sequence[Case], organisation: Any) -> list[exchange.Draft]:
    owed = [case for case in cases if case.fee_amount]
    if not owed:
        return []
    treasury = participants.with_role("treasury")
    return [
        exchange.Draft(
            to=treasury,
            type="fee.due",
            subject=case.reference,
            body={
                "case": case.reference,
                "payer_voen": organisation.voen,
                "payee": case.provider.code,
                "amount": str(case.fee_amount),
                "currency": case.fee_currency,
                "purpose": case.regulation.name,
            },
        )
        for case in owed
    ]


# ---------------------------------------------------------------------------------------------- the body's messages


@transaction.atomic
def accept(message: Message, *, by: Actor, now: datetime) -> None:
    """The body has taken the case on, under its own number."""
    case = _case_of(message, by)
    settle(case, "accept", table=TABLE, by=by, now=now, data=_officer_data(message.body))
    case.body_reference = str(message.body.get("body_reference") or "")[:80]
    _held_by(case, message.body)
    _changed(case, "body_reference", "holder_name", "holder_position")
    words.tell(case, "case.accepted", by=by, now=now)


@transaction.atomic
def start_step(message: Message, *, by: Actor, now: datetime) -> None:
    """The case is at the step; the one before has ended."""
    case = _accepted_case_of(message, by)
    step = str(message.body.get("step") or "")
    settle(case, "start_step", table=TABLE, by=by, now=now, data={"step": step, **_officer_data(message.body)})
    _end_step(case, now)
    case.step = step
    _held_by(case, message.body)
    _changed(case, "step", "holder_name", "holder_position")
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
    clocks.stop_clock(_clock(case), now=now)
    _changed(case, "holder_name", "holder_position")
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
    _end_step(case, now)
    clocks.finish_clock(_clock(case), now=now)
    _changed(case, "decision", "holder_name", "holder_position")
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
    _end_step(case, now)
    clocks.finish_clock(_clock(case), now=now)
    _changed(case, "holder_name", "holder_position", "decision")


@transaction.atomic
def fee_paid(message: Message, *, by: Actor, now: datetime) -> None:
    """The fee is paid, and the body is told. The same payment told twice has no effect.

    Raises:
        NotAllowed: the sender keeps no treasury.
        RuleViolated: another amount or currency than is due, or another payment of a fee that is paid.
    """
    if "treasury" not in message.participant.roles:
        raise NotAllowed
    case = _locked(str(message.body.get("case") or ""))
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
    _changed(case, "fee_paid_at", "payment_reference")
    forwarded = {
        "case": case.reference, "amount": str(case.fee_amount), "currency": case.fee_currency,
        "paid_at": paid_at.isoformat(), "payment_reference": payment,
    }  # fmt: skip
    if case.status not in FINAL:
        exchange.send(to=case.provider, type="case.fee_paid", body=forwarded, subject=case.reference, by=by, now=now)
    announce("case.fee_paid", case, by=by, now=now, data=forwarded)


# ---------------------------------------------------------------------------------------------- the applicant


@transaction.atomic
def supply_information(
    *, case: Case, answers: Mapping[str, Any], files: Sequence[SuppliedFile], by: Actor, now: datetime
) -> Case:
    """The body has the answers to its open request, and the clock runs again.

    Raises:
        IllegalTransition: nothing is asked (any more).
        RuleViolated: a question is not answered.
    """
    case = _locked(case.reference)
    request = case.requests.filter(answered_at__isnull=True).first()
    asked = [one for one in request.questions if one["kind"] != "file"] if request else []
    settle(case, "supply_information", table=TABLE, by=by, now=now,
           data={"questions": asked, "answers": dict(answers)})  # fmt: skip
    assert request is not None
    stored = [
        documents.store(
            kind=ANSWER_FILE, title={"az": one.name, "en": one.name}, content=one.content, media_type=one.media_type,
            by=by, now=now,
        )
        for one in files
    ]  # fmt: skip
    request.answers = dict(answers)
    request.documents = [
        {"reference": document.reference, "name": one.name} for document, one in zip(stored, files, strict=True)
    ]
    request.answered_at, request.answered_by = now, by.actor_id
    request.save(update_fields=["answers", "documents", "answered_at", "answered_by"])
    clocks.resume_clock(_clock(case), now=now)
    _changed(case)
    exchange.send(
        to=case.provider, type="case.information_supplied", subject=case.reference, by=by, now=now,
        body={
            "case": case.reference, "request": request.request, "answers": dict(answers),
            "documents": [protocol.stored(one["reference"], name=one["name"]) for one in request.documents],
        },
    )  # fmt: skip
    words.tell(case, "case.information_supplied", by=by, now=now, email=False)
    return case


@transaction.atomic
def withdraw(*, case: Case, by: Actor, now: datetime) -> Case:
    """The applicant wants it no more; the body is told."""
    case = _locked(case.reference)
    settle(case, "withdraw", table=TABLE, by=by, now=now)
    _end_step(case, now)
    clocks.finish_clock(_clock(case), now=now)
    _changed(case)
    exchange.send(
        to=case.provider, type="case.withdrawn", body={"case": case.reference}, subject=case.reference, by=by, now=now
    )
    words.tell(case, "case.withdrawn", by=by, now=now)
    return case


# ---------------------------------------------------------------------------------------------- the portal


@transaction.atomic
def confirm_result(*, case_reference: str, document: Any, by: Actor, now: datetime) -> Case:
    """The document that the body granted has passed the checks and is the case's result."""
    case = _locked(case_reference)
    case.result_document = document
    _changed(case, "result_document")
    announce("case.result_confirmed", case, by=by, now=now, data={"document": document.reference})
    words.tell(case, "case.granted", by=by, now=now)
    return case


@transaction.atomic
def reject_permit(*, case_reference: str, verdict: str, text: Text, by: Actor, now: datetime) -> Case:
    """What the body sent is not accepted, with the reason; the body may send another."""
    case = _locked(case_reference)
    settle(case, "reject_permit", table=TABLE, by=by, now=now, data={"verdict": verdict, "text": dict(text)})
    case.verdict, case.verdict_text = verdict, dict(text)
    _changed(case, "verdict", "verdict_text")
    words.tell(case, "case.permit_rejected", by=by, now=now, detail=text)
    return case


@transaction.atomic
def tell_overdue(*, by: Actor, now: datetime) -> int:
    """Each open case whose term has run out is announced as overdue, once for each due day.

    Returns:
        How many were announced.
    """
    late = calendar.overdue(on=calendar.today(now))
    told = 0
    rows = Case.objects.open().for_page().select_for_update(of=("self",)).filter(reference__in=late).order_by("id")
    for case in rows:
        if case.overdue_told_on == late[case.reference]:
            continue
        case.overdue_told_on = late[case.reference]
        _changed(case, "overdue_told_on")
        announce("case.overdue", case, by=by, now=now, data={"due_on": str(case.overdue_told_on)})
        words.tell(case, "case.overdue", by=by, now=now)
        told += 1
    return told


# ---------------------------------------------------------------------------------------------- parts of the above


def _case_of(message: Message, by: Actor) -> Case:
    """The case the message speaks of, locked.

    Raises:
        Missing: there is none, or it is another body's: a body learns nothing of those.
    """
    case = _locked(str(message.body.get("case") or ""))
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


def _locked(reference: str) -> Case:
    case = Case.objects.for_page().select_for_update(of=("self",)).filter(reference=reference).first()
    if case is None:
        raise Missing
    return case


def _changed(case: Case, *fields: str) -> None:
    case.changes += 1
    case.save(update_fields=[*fields, "changes"])


def _clock(case: Case) -> Clock:
    return calendar.clocks_for([case.reference])[case.reference]


def _end_step(case: Case, now: datetime) -> None:
    StepRecord.objects.filter(case=case, finished_at__isnull=True).update(finished_at=now)


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
