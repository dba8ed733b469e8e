"""A case in the words of an international standard, as its regulation maps it (S-A1 3.2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import override

from azexport.calendar import queries as calendar
from azexport.cases.results import surroundings
from azexport.cases.states import CaseStatus
from azexport.kernel.errors import Missing
from azexport.services import queries as services
from azexport.services.conditions import ConditionError

if TYPE_CHECKING:
    from azexport.cases.models import Case
    from azexport.services.queries import StandardMessage


def standard_message(case: Case, number: int) -> StandardMessage:
    """The regulation's message of that number, from 1, as the case stands; text in English where it is in both.

    Raises:
        Missing: the regulation maps no such message, or the answers do not give it.
    """
    granted = case.status == CaseStatus.GRANTED and case.decided_at is not None
    try:
        with override("en"):
            made = services.standard_messages(
                case.regulation,
                answers=case.answers,
                case={
                    "reference": case.reference,
                    "provider": case.provider.name,
                    "submitted_on": calendar.today(case.submitted_at).isoformat(),
                    "decided_on": calendar.today(case.decided_at).isoformat() if granted and case.decided_at else "",
                    "valid_until": str((case.decision.get("result") or {}).get("valid_until") or ""),
                },
                **surroundings(case),
            )
    except ConditionError as error:
        raise Missing from error
    if not 0 < number <= len(made):
        raise Missing
    return made[number - 1]


def messages_offered(case: Case) -> list[dict[str, str]]:
    """`{"name", "url"}` of the messages the case can be had as."""
    names = services.standards_of(case.regulation)
    return [
        {"name": name, "url": reverse("case_message", args=[case.reference, number])}
        for number, name in enumerate(names, start=1)
    ]
