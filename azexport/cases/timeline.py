"""The audit of a case as sentences for its page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from azexport.cases.models import Case
from azexport.kernel.text import pick

if TYPE_CHECKING:
    from azexport.audit.models import Event

TITLES: dict[str, str | Promise] = {
    "case.submitted": _("Submitted"),
    "case.accepted": _("Accepted by the body"),
    "case.step_started": _("Step begun"),
    "case.information_requested": _("More information requested; the clock stands"),
    "case.information_supplied": _("Information supplied; the clock runs again"),
    "case.refused": _("Refused"),
    "case.granted": _("Granted; the document is being checked"),
    "case.grant_repeated": _("The body sent the same document once more; nothing changed"),
    "case.result_confirmed": _("The document passed the checks and has been issued"),
    "case.permit_rejected": _("The document was not accepted"),
    "case.withdrawn": _("Withdrawn"),
    "case.overdue": _("The time limit has run out"),
    "case.fee_paid": _("Fee paid"),
}


def events_of(case: Case, history: Iterable[Event]) -> list[dict[str, Any]]:
    """The events as the timeline component shows them."""
    return [
        {
            "title": TITLES.get(event.name, event.name),
            "at": event.at,
            "by": _actor(case, event),
            "text": _detail(case, event),
        }
        for event in history
    ]


def _actor(case: Case, event: Event) -> str:
    officer = event.data.get("officer")
    if officer and officer.get("name"):
        return ", ".join(part for part in (officer["name"], pick(officer.get("position"))) if part)
    if event.actor_kind == "participant" and event.actor_id == case.provider.code:
        return pick(case.provider.name)
    return "azexport.az" if event.actor_kind == "system" else event.actor_name


def _detail(case: Case, event: Event) -> str:
    if event.name == "case.step_started":
        step = case.regulation.regulation.step(str(event.data.get("step")))
        return pick(step.name.text) if step else ""
    if event.name == "case.permit_rejected" and event.data.get("text"):
        return pick(event.data["text"])
    return ""
