"""What must hold before an application for a service is signed. The docstring of a rule is its message."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from azexport.cases.filings.plan import Plan
from azexport.cases.models import Filing
from azexport.kernel.errors import Violation
from azexport.kernel.text import pick

if TYPE_CHECKING:
    from azexport.services.models import RegulationVersion


def regulation_is_in_force(
    row: Filing, *, newest: RegulationVersion | None = None, **_data: Any
) -> Iterable[Violation]:
    """FIL-001: an application is made under the version of the regulation that is in force."""
    if newest is None:
        yield Violation("FIL-001", _("This service is not provided any more."))
    elif newest.pk != row.regulation_id:
        yield Violation("FIL-001", _("The regulation of this service has changed. Go on under the new version."))


def questions_are_answered(row: Filing, *, plan: Plan | None = None, **_data: Any) -> Iterable[Violation]:
    """FIL-002: every task is gone through, every required question answered, every required document attached."""
    plan = plan or Plan(row)
    for page in plan.tasks:
        if not plan.complete(page):
            yield Violation("FIL-002", _("Complete “%(task)s”.") % {"task": pick(page.task.title.text)}, page.id)


def checks_hold(row: Filing, *, plan: Plan | None = None, **_data: Any) -> Iterable[Violation]:
    """FIL-003: the regulation's checks across answers hold."""
    plan = plan or Plan(row)
    if not plan.ready:
        return
    for check in plan.broken:
        page = plan.task_of(check.question) if check.question else None
        yield Violation("FIL-003", pick(check.message.text), page.id if page else None)


def registry_takes_it(
    row: Filing, *, plan: Plan | None = None, faults: Iterable[Violation] = (), **_data: Any
) -> Iterable[Violation]:
    """FIL-004: what is asked of the registry of e-services could be entered (S10.2)."""
    plan = plan or Plan(row)
    for one in faults if plan.ready else ():
        page = plan.task_of(one.field) if one.field else None
        yield Violation(one.code, one.message, page.id if page else None)


RULES = (regulation_is_in_force, questions_are_answered, checks_hold, registry_takes_it)
