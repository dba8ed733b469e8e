"""What must be true before a case moves. The docstring of a rule is its message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from azexport.cases import route
from azexport.cases.models import Case
from azexport.cases.states import StepOutcome
from azexport.kernel.errors import Violation


def step_stands_in_the_regulation(row: Case, **data: Any) -> Iterable[Violation]:
    """The step is one of the regulation's (S-A1 3.4)."""
    if row.regulation.regulation.step(str(data.get("step"))) is None:
        yield Violation("CAS-001", _("The regulation of this service has no such step."), "step")


def grounds_stand_in_the_regulation(row: Case, **data: Any) -> Iterable[Violation]:
    """A refusal names at least one ground, and only grounds of the regulation (S-A1 3.3.1)."""
    grounds: Sequence[Mapping[str, Any]] = data.get("grounds") or ()
    if not grounds:
        yield Violation("CAS-002", _("A refusal names at least one ground."), "grounds")
    for ground in grounds:
        if row.regulation.regulation.ground(str(ground.get("ground"))) is None:
            yield Violation("CAS-003", _("The regulation of this service has no such ground of refusal."), "grounds")


def permit_is_for_this_case(row: Case, **data: Any) -> Iterable[Violation]:
    """A granted case comes with the document that is its result, and with the document's number."""
    permit: Mapping[str, Any] = data.get("permit") or {}
    if not permit.get("number"):
        yield Violation("CAS-004", _("A granted case comes with a numbered document."), "permit")
    document = data.get("document")
    if not isinstance(document, Mapping) or not document.get("content_base64"):
        yield Violation("CAS-005", _("A granted case comes with a document."), "document")


def answers_are_given(row: Case, **data: Any) -> Iterable[Violation]:
    """Every question of the body is answered."""
    answers: Mapping[str, Any] = data.get("answers") or {}
    for question in data.get("questions") or ():
        if answers.get(question["id"]) in (None, ""):
            yield Violation("CAS-006", _("Answer every question the body has asked."), str(question["id"]))


def fee_is_paid_first(row: Case, **data: Any) -> Iterable[Violation]:
    """Where the regulation flags payment, nothing is granted before the fee is paid (S8, S-A1 2.2.1)."""
    if row.regulation.regulation.fee.before_decision and row.fee_due:
        yield Violation("CAS-011", _("The fee must be paid before the decision, and it has not been paid."), "fee")


def checklist_is_complete(row: Case, **data: Any) -> Iterable[Violation]:
    """A step ends well only when everything on its checklist is ticked (S-A1 3.4.2)."""
    step = row.regulation.regulation.step(str(data.get("step")))
    if step is None or data.get("outcome") == StepOutcome.OBJECTED:
        return
    ticks: Mapping[str, Any] = data.get("checklist") or {}
    for item in step.checklist:
        if ticks.get(item.id) is not True:
            yield Violation("CAS-012", _("Everything on the checklist must be ticked before the step ends."), item.id)


def other_bodies_have_spoken(row: Case, **data: Any) -> Iterable[Violation]:
    """Nothing is granted while a step of another body is not done (S-A1 3.4.3)."""
    regulation = row.regulation.regulation
    theirs = route.of_others(regulation)
    if theirs and route.of_others(regulation, route.unfinished(regulation, route.records_of(row))):
        yield Violation("CAS-013", _("Another body has not finished its step yet."), "steps")


def steps_are_done(row: Case, **data: Any) -> Iterable[Violation]:
    """On the desk every step of the regulation is done before the decision (S-A1 3.4)."""
    regulation = row.regulation.regulation
    for step in route.unfinished(regulation, route.records_of(row)):
        yield Violation("CAS-014", _("A step has not been finished yet."), step.id)


def outcome_fits_the_performer(row: Case, **data: Any) -> Iterable[Violation]:
    """The provider's own step is done; another body agrees or objects (S-A1 3.4.3-3.4.4)."""
    regulation = row.regulation.regulation
    step = regulation.step(str(data.get("step")))
    if step is None:
        return
    own = regulation.performer(step) == regulation.provider
    fitting = (StepOutcome.DONE,) if own else (StepOutcome.AGREED, StepOutcome.OBJECTED)
    if data.get("outcome") not in fitting:
        yield Violation("CAS-015", _("Say how the step ended."), "outcome")


def objection_says_why(row: Case, **data: Any) -> Iterable[Violation]:
    """An objection is explained: the provider and the applicant read it."""
    if data.get("outcome") == StepOutcome.OBJECTED and not str(data.get("note") or "").strip():
        yield Violation("CAS-016", _("Say why the body objects."), "note")
