"""Who may do what with a case."""

from __future__ import annotations

from typing import Any

from azexport.cases.models import Case
from azexport.kernel.actor import Actor


def body_of(actor: Actor) -> str:
    """The code of the body that the actor speaks for: its system, or one of its officers; empty for anybody else."""
    if actor.actor_kind == "participant":
        return actor.actor_id
    if not getattr(actor, "is_officer", False):
        return ""
    participant: Any = getattr(actor, "participant", None)
    return participant.code if participant is not None else ""


def is_provider(actor: Actor, case: Case) -> bool:
    """The body that provides the service, through its system or an officer. A body speaks of its own cases only."""
    return bool(body_of(actor)) and body_of(actor) == case.provider.code


def is_performer(actor: Actor, case: Case) -> bool:
    """The provider, or another body that performs a step of the case's regulation (S-A1 3.4.3)."""
    regulation = case.regulation.regulation
    others = {regulation.performer(step) for step in regulation.steps} - {regulation.provider}
    return is_provider(actor, case) or body_of(actor) in others


def performs(actor: Actor, case: Case, step_id: str) -> bool:
    """The body that performs this step."""
    step = case.regulation.regulation.step(step_id)
    if step is None or step.performer in (None, case.regulation.regulation.provider):
        return is_provider(actor, case)
    return body_of(actor) == step.performer


def is_applicant(actor: Actor, case: Case) -> bool:
    """Somebody who acts for the organisation that applied."""
    organisation: Any = getattr(actor, "organisation", None)
    return organisation is not None and organisation.pk == case.organisation_id


def may_sign_answer(actor: Actor, case: Case) -> bool:
    """Who acts for the applicant; for a public body its head alone (S12.2)."""
    if not is_applicant(actor, case):
        return False
    return bool(getattr(actor, "is_head", False)) if case.organisation.participant_id is not None else True


def may_read_register_decision(actor: Actor, document: Any) -> bool:
    """A signed decision about an entry of a register is read by its holder and by the bodies that dealt with it."""
    from azexport.cases import queries

    case = queries.by_decision(document.reference)
    return case is not None and (is_applicant(actor, case) or is_performer(actor, case))


def may_read_answer(actor: Actor, document: Any) -> bool:
    """A signed answer is read by those who act for the applicant, and by the bodies that deal with the case."""
    from azexport.cases import queries

    case = queries.by_answer(document.reference)
    return case is not None and (is_applicant(actor, case) or is_performer(actor, case))


def may_read_answer_file(actor: Actor, document: Any) -> bool:
    """A file supplied for a case is read by those who act for the organisation that supplied it, and by the officers
    of the bodies that deal with the case."""
    from azexport.cases import queries

    organisation: Any = getattr(actor, "organisation", None)
    if organisation is None:
        return False
    return queries.supplied_by(organisation, document.reference) or (
        bool(body_of(actor)) and queries.supplied_to(body_of(actor), document.reference)
    )


def may_read_result(actor: Actor, document: Any) -> bool:
    """The result of a case is read by those who act for its holder, and by the bodies that dealt with it."""
    from azexport.cases import queries

    case = queries.by_result(document.reference)
    return case is not None and (is_applicant(actor, case) or is_performer(actor, case))


def may_read_handed_over(actor: Actor, document: Any) -> bool:
    """What an application handed to a body (itself, its contract, its attachments) is read by the body's officers."""
    from azexport.cases import queries

    return bool(body_of(actor)) and queries.handed_to(body_of(actor), document.reference)
