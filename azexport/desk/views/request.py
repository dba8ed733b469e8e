"""Who asks, what they may see, and what they have written on the way to a decision."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, QueryDict

from azexport.cases import queries
from azexport.cases.lifecycle import TABLE
from azexport.cases.models import Case
from azexport.kernel.errors import IllegalTransition, NotAllowed
from azexport.participants.models import Participant
from azexport.parties.models import Member


class Asked(HttpRequest):
    """A request of an officer: the audience gate lets nobody else in."""

    actor: Member


def body_of(request: Asked) -> Participant:
    """The body that the officer works for. Raises NotAllowed."""
    participant = request.actor.participant
    if participant is None:
        raise NotAllowed
    return participant


def case_of(request: Asked, reference: str) -> Case:
    """A case that concerns the officer's body. Raises Missing."""
    return queries.desk.case(body_of(request), reference)


def open_case(request: Asked, reference: str, transition: str) -> Case:
    """The case, if its table lets this officer do that with it now.

    Raises:
        Missing: the case does not concern the body.
        IllegalTransition: it cannot be done, or not by this body.
    """
    case = case_of(request, reference)
    if transition not in TABLE.open_to(request.actor, case):
        raise IllegalTransition
    return case


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, an empty form too; None where nothing was."""
    return request.POST if request.method == "POST" else None


def keep(request: Asked, case: Case, what: str, value: dict[str, Any]) -> None:
    """What the officer wrote is there again when they come back to it, until it is used: drafts are never lost."""
    request.session[_key(case, what)] = value


def kept(request: Asked, case: Case, what: str) -> dict[str, Any]:
    """What the officer wrote before; empty: nothing."""
    value: dict[str, Any] = request.session.get(_key(case, what), {})
    return value


def forget(request: Asked, case: Case, what: str) -> None:
    """It has been used."""
    request.session.pop(_key(case, what), None)


def _key(case: Case, what: str) -> str:
    return f"desk.{case.reference}.{what}"
