"""The audit of a case as sentences for its page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from azexport.cases.models import Case
from azexport.cases.states import StepOutcome
from azexport.kernel.text import pick

if TYPE_CHECKING:
    from azexport.audit.models import Event

TITLES: dict[str, str | Promise] = {
    "case.submitted": _("Submitted"),
    "case.accepted": _("Accepted by the body"),
    "case.step_opened": _("Step opened"),
    "case.step_started": _("Step begun"),
    "case.step_finished": _("Step finished"),
    "case.opinion_deemed": _("No answer in time: the opinion counts as positive"),
    "case.grant_proposed": _("Decision prepared; it waits for the official's signature"),
    "case.information_requested": _("More information requested; the clock stands"),
    "case.opinion_ends": _("An opinion is due by the end of the next working day"),
    "case.answer_prepared": _("Answer written; it waits for its signature"),
    "case.answer_reopened": _("Answer taken back before it was signed"),
    "case.answer_signed_in_vain": _("The answer was signed too late; it does not count"),
    "case.information_supplied": _("Information supplied; the clock runs again"),
    "case.refused": _("Refused"),
    "case.granted": _("Granted"),
    "case.grant_repeated": _("The body sent the same document once more; nothing changed"),
    "case.result_confirmed": _("The document passed the checks and has been issued"),
    "case.permit_rejected": _("The document was not accepted"),
    "case.withdrawn": _("Withdrawn"),
    "case.term_ends": _("The time limit runs out on the next working day"),
    "case.overdue": _("The time limit has run out"),
    "case.signed_in_vain": _("Signed too late; the document does not count"),
    "case.registered": _("Entered in the public register"),
    "case.fee_paid": _("Fee paid"),
    "entry.decision_prepared": _("Decision about the register's entry prepared"),
    "entry.decision_signed_in_vain": _("Signed too late; the document does not count"),
    "entry.struck_off": _("Struck off the public register"),
    "entry.suspended": _("Suspended in the public register"),
    "entry.restored": _("Restored in the public register"),
    "registry.requested": _("Shown among the registrations under way"),
    "registry.failed": _("The registry could not be changed"),
    "registration.draft_not_returned": _("The draft could not be given back to its authors"),
}

ENTRIES = ("entry.struck_off", "entry.suspended", "entry.restored")
STEPS = ("case.step_opened", "case.step_started", "case.step_finished", "case.opinion_deemed", "case.opinion_ends")


def events_of(case: Case, history: Iterable[Event]) -> list[dict[str, Any]]:
    """The events as the timeline component shows them. What the applicant only drafts is nobody else's."""
    return [
        {
            "title": _title(event),
            "at": event.at,
            "by": _actor(case, event),
            "text": _detail(case, event),
        }
        for event in history
        if event.name != "case.answer_drafted"
    ]


def _title(event: Event) -> str | Promise:
    if event.name == "case.granted":
        if "silence" in event.data:
            return _("Granted, because the body did not answer in time")
        return TITLES["case.granted"] if "result" in event.data else _("Granted; the document is being checked")
    return TITLES.get(event.name, event.name)


def _actor(case: Case, event: Event) -> str:
    officer = event.data.get("officer")
    if officer and officer.get("name"):
        return ", ".join(part for part in (officer["name"], pick(officer.get("position"))) if part)
    if event.actor_kind == "participant" and event.actor_id == case.provider.code:
        return pick(case.provider.name)
    return "azexport.az" if event.actor_kind == "system" else event.actor_name


def _detail(case: Case, event: Event) -> str:
    if event.name in STEPS:
        return _step(case, event)
    if event.name == "case.granted" and "silence" in event.data:
        return pick(event.data["silence"].get("text"))
    if event.name in ENTRIES:
        return f"{pick(event.data.get('reason'))} {pick(event.data.get('ground'))}"
    if event.name == "case.permit_rejected" and event.data.get("text"):
        return pick(event.data["text"])
    return ""


def _step(case: Case, event: Event) -> str:
    """The step, whose it is where it is another body's, and what came of it."""
    step = case.regulation.regulation.step(str(event.data.get("step")))
    said = [pick(step.name.text)] if step else []
    if step and case.regulation.regulation.performer(step) != case.regulation.regulation.provider:
        said.append(pick(event.data.get("body")))
    if event.data.get("outcome") in (StepOutcome.AGREED, StepOutcome.OBJECTED):
        said.append(str(StepOutcome(event.data["outcome"]).label))
    text = " · ".join(one for one in said if one)
    note = str(event.data.get("note") or "")
    return f"{text}. {note}" if note else text
