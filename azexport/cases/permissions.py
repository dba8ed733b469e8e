"""Who may do what with a case."""

from __future__ import annotations

from typing import Any

from azexport.cases.models import Case
from azexport.kernel.actor import Actor


def is_provider(actor: Actor, case: Case) -> bool:
    """The body that provides the service, through its system. A body speaks of its own cases only."""
    return actor.actor_kind == "participant" and actor.actor_id == case.provider.code


def is_applicant(actor: Actor, case: Case) -> bool:
    """Somebody who acts for the organisation that applied."""
    organisation: Any = getattr(actor, "organisation", None)
    return organisation is not None and organisation.pk == case.organisation_id


def may_read_answer_file(actor: Actor, document: Any) -> bool:
    """A file supplied for a case is read by those who act for the organisation that supplied it."""
    from azexport.cases import queries

    organisation: Any = getattr(actor, "organisation", None)
    return organisation is not None and queries.supplied_by(organisation, document.reference)
