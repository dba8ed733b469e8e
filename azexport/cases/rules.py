"""What must be true before a case moves. The docstring of a rule is its message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from azexport.cases.models import Case
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
