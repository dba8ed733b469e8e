"""What an officer of a body does on the desk: the same transitions as by message, with the officer's own name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from azexport.audit import actions as audit
from azexport.calendar import queries as calendar
from azexport.cases import results
from azexport.cases.actions import transitions
from azexport.cases.actions.outcome import grant_with
from azexport.cases.actions.questions import questions_of, text_of
from azexport.cases.actions.transitions import Officer, changed, held_by, locked
from azexport.cases.lifecycle import TABLE
from azexport.cases.models import Case
from azexport.cases.permissions import is_provider, performs
from azexport.documents import papers
from azexport.documents import queries as documents
from azexport.kernel.errors import IllegalTransition, Missing, NotAllowed, RuleViolated, Violation
from azexport.kernel.references import new_reference
from azexport.kernel.text import Text
from azexport.lifecycle import settle
from azexport.parties import queries as parties

if TYPE_CHECKING:
    from azexport.documents.models import Paper
    from azexport.kernel.actor import Actor
    from azexport.parties.models import Member

PURPOSE = "result"
"""Of the papers that officials sign."""


@transaction.atomic
def take_on(*, case: Case, by: Member, now: datetime) -> Case:
    """The body deals with the case, held by this officer; its clock has been running since it was submitted.

    Raises:
        Missing: the case is another body's.
        IllegalTransition: it has been taken on.
    """
    case = _case_of(case, by)
    transitions.take_on(case, officer=officer_of(by), by=by, now=now)
    return case


@transaction.atomic
def start_step(*, case: Case, step: str, by: Member, now: datetime) -> Case:
    """The officer is at the step, as the applicant sees.

    Raises:
        Missing: the case does not concern the body.
        NotAllowed: the step is another body's.
        RuleViolated: the steps before it are not done, or it is done itself.
    """
    case = _case_of(case, by, step=step)
    transitions.require_turn(case, step)
    transitions.begin_step(case, step, officer=officer_of(by), alone=False, by=by, now=now)
    return case


@transaction.atomic
def finish_step(
    *, case: Case, step: str, outcome: str, note: str = "", checklist: Mapping[str, bool] | None = None, by: Member,
    now: datetime,
) -> Case:  # fmt: skip
    """The step is done, or the other body has given its opinion; the next steps are open.

    Args:
        outcome: "done" of the provider's own step; "agreed" or "objected" of another body's.
        note: to the provider and the applicant; an objection needs one.
        checklist: item id -> whether the officer ticked it.

    Raises:
        Missing: the case does not concern the body.
        NotAllowed: the step is another body's.
        RuleViolated: the checklist is not complete, the step may not begin yet or is done.
    """
    case = _case_of(case, by, step=step)
    ticks = {name: bool(value) for name, value in (checklist or {}).items()}
    transitions.finish_step(
        case, step, outcome=outcome, note=note[:2000], checklist=ticks, officer=officer_of(by), by=by, now=now
    )
    return case


@transaction.atomic
def request_information(
    *, case: Case, questions: Sequence[Mapping[str, Any]], reason: Text, by: Member, now: datetime
) -> Case:
    """The officer's questions wait for the applicant; the clock stands (S7.4).

    Args:
        questions: `[{"id", "label": Text, "kind"}]`, kinds as in a body's message.

    Raises:
        Missing: the case is another body's.
        RuleViolated: no question, or one without an id or a label.
    """
    case = _case_of(case, by)
    transitions.ask(
        case, request=new_reference("RQ"), questions=questions_of([dict(one) for one in questions]),
        reason=text_of(reason), officer=officer_of(by), by=by, now=now,
    )  # fmt: skip
    return case


@transaction.atomic
def refuse(*, case: Case, grounds: Sequence[Mapping[str, Any]], by: Member, now: datetime) -> Case:
    """The case is refused, on grounds of the regulation, each with an explanation (S-A1 3.3.1).

    Args:
        grounds: `[{"ground": id, "explanation": Text}]`.

    Raises:
        Missing: the case is another body's.
        RuleViolated: no ground, or one that does not stand in the regulation.
    """
    case = _case_of(case, by)
    given = [{"ground": str(one.get("ground")), "explanation": text_of(one.get("explanation"))} for one in grounds]
    transitions.refuse(case, grounds=given, officer=officer_of(by), by=by, now=now)
    return case


@transaction.atomic
def propose_grant(
    *, case: Case, valid_from: date, valid_until: date | None, remarks: Text, by: Member, now: datetime
) -> Paper | None:
    """The result's document is on its way to the official's signature; once signed, the case is granted with it.

    A service whose regulation makes no document is granted at once: None. Proposing again replaces what was proposed.

    Raises:
        Missing: the case is another body's.
        RuleViolated: a step is open, the fee is owed, the validity ends before it begins.
    """
    case = _case_of(case, by)
    if valid_until is not None and valid_until < valid_from:
        raise RuleViolated([Violation("CAS-019", _("The validity ends before it begins."), "valid_until")])
    officer = officer_of(by)
    result = results.compose(
        case, valid_from=valid_from, valid_until=valid_until, remarks=text_of(remarks), now=now, officer=officer
    )
    if case.regulation.regulation.result.document is None:
        held = held_by(case, officer)
        grant_with(case, result, transition="issue", document=None, held=held, by=by, now=now)
        return None
    settle(case, "propose_grant", table=TABLE, by=by, now=now, data={"number": result.number, **officer.data})
    printed = results.printed(case, result)
    paper = papers.put_forward(
        purpose=PURPOSE, subject=case.reference, kind=results.KIND, title=printed.title, template=results.TEMPLATE,
        data=printed.data, attachment=result.as_data(), facts=printed.facts, signer=by, expected=by.expected,
        return_url=f"/desk/cases/{case.reference}/", by=by, now=now,
    )  # fmt: skip
    case.paper = paper.reference
    changed(case, "paper", *held_by(case, officer))
    return paper


@transaction.atomic
def result_signed(subject: Paper, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The official has signed, and the case is granted with that document (event paper.signed.result).

    A case that cannot be granted any more, for it was withdrawn or asked about meanwhile, stays as it is, and the
    signed document counts for nothing; so does one whose signer was dismissed meanwhile, and one that was drawn up on
    an earlier day: a decision is of the day on which it is signed, or a late one could be dated back into its term.
    """
    case = locked(subject.subject)
    document = documents.by_reference(str(data["document"]))
    result = results.Result.from_data(subject.attachment or {})
    current, case.paper = case.paper == subject.reference, ""
    official = parties.acting_for(parties.body_organisation(case.provider), by.actor_id)
    try:
        today = calendar.today(now)
        if not current or official is None or not official.is_officer or result.decided_on != today:
            raise IllegalTransition
        with transaction.atomic():
            grant_with(case, result, transition="issue", document=document, by=by, now=now)
    except (IllegalTransition, RuleViolated):
        audit.record("case.signed_in_vain", subject=case.reference, by=by, now=now, data={"paper": subject.reference})
        if current:
            changed(case, "paper")
        papers.void(subject, by=by, now=now)


def officer_of(by: Member) -> Officer:
    """The officer's name and position, as certificates and mandates have them."""
    return Officer(by.person.full_name, dict(by.position), by.actor_id)


# ---------------------------------------------------------------------------------------------- parts of the above


def _case_of(case: Case, by: Member, *, step: str = "") -> Case:
    """The case, locked, if it is the body's; with `step`, if that step is.

    Raises:
        Missing: the case does not concern the body, or the actor is no officer.
        NotAllowed: it does, but the step is not the body's.
    """
    found = locked(case.reference)
    if is_provider(by, found) and not step:
        return found
    if not is_provider(by, found) and not (step and any(performs(by, found, one) for one in _step_ids(found))):
        raise Missing
    if step and _known(found, step) and not performs(by, found, step):
        raise NotAllowed
    return found


def _step_ids(case: Case) -> list[str]:
    return [one.id for one in case.regulation.regulation.steps]


def _known(case: Case, step: str) -> bool:
    return case.regulation.regulation.step(step) is not None
