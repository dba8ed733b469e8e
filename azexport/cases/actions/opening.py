"""Opening cases: each body's part of an application, its clock, its message and its fee."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from azexport.audit import actions as audit
from azexport.calendar import actions as clocks
from azexport.cases import words
from azexport.cases.models import Case
from azexport.exchange import actions as exchange
from azexport.kernel.actor import Actor
from azexport.kernel.errors import Missing, RuleViolated, Violation
from azexport.kernel.references import new_reference
from azexport.participants import queries as participants

if TYPE_CHECKING:
    from azexport.participants.models import Participant
    from azexport.services.models import RegulationVersion


@dataclass(frozen=True)
class CasePart:
    """One body's part of an application.

    `body` is what goes to the body as it stands on the wire, without what the case itself adds. Its members:
    applicant, consignee, destination, goods, answers (by question id; `services.queries.answers_for` makes them of
    the application's), known (what registers said, by fact id), documents, contract, application_document. Files are
    `exchange.protocol.stored(reference)`.
    """

    regulation: RegulationVersion
    body: Mapping[str, Any]


@transaction.atomic
def open_cases(
    *, application_reference: str, organisation: Any, parts: Sequence[CasePart], by: Actor, now: datetime
) -> list[Case]:
    """Each part is a case with its body: written, its clock running, its message and its fee on their way.

    Costs the same few statements for one part and for many. The event `case.submitted` is in the audit for each case.

    A body without a system gets no message: its officers find the case on their desk. What a regulation lets the portal
    decide by itself is decided by a job that is enqueued here (1.6).

    Raises:
        Missing: a regulation's provider is no participant.
        RuleViolated: a service is informational: nothing is applied for (S4.2).
    """
    from azexport.cases import tasks

    if any(not part.regulation.regulation.interactive for part in parts):
        raise RuleViolated([Violation("CAS-018", _("This service is informational: it takes no applications."))])
    standing = _standing({part.regulation.regulation.provider for part in parts})
    providers = {code: one for code, (one, _has_system) in standing.items()}
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
    reached = {one.pk for one, has_system in standing.values() if has_system}
    submissions = [
        _submission(case, part)
        for case, part in zip(cases, parts, strict=True)
        if case.provider_id in reached and not case.regulation.regulation.automatic
    ]
    exchange.send_many(drafts=[*_fees_due(cases, organisation), *submissions], by=by, now=now)
    words.tell_opened(cases, organisation=organisation, by=by, now=now)
    for case in cases:
        regulation = case.regulation.regulation
        if regulation.automatic and not (regulation.fee.before_decision and case.fee_due):
            tasks.enqueue_decision(case.reference)
    return cases


def _standing(codes: set[str]) -> dict[str, tuple[Participant, bool]]:
    found = participants.standing(codes)
    if codes - set(found):
        raise Missing(_("The body that provides this service is not connected."))
    return found


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
                **_payer(organisation),
                "payee": case.provider.code,
                "amount": str(case.fee_amount),
                "currency": case.fee_currency,
                "purpose": case.regulation.name,
            },
        )
        for case in owed
    ]


def _payer(organisation: Any) -> dict[str, str]:
    """Who owes the fee, by the number the state knows them by."""
    if organisation.participant_id is not None:
        return {"payer_body": organisation.participant.code}
    known = (("voen", organisation.voen), ("fin", organisation.fin), ("foreign_id", organisation.foreign_id))
    return {f"payer_{name}": value for name, value in known if value}
