"""The way of a case through its steps: which are done, which may begin, whose they are (S-A1 3.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from azexport.cases.models import Case, StepRecord

if TYPE_CHECKING:
    from azexport.services.schema import Regulation, Step


def records_of(case: Case) -> dict[str, StepRecord]:
    """Step id -> its newest record, with the body that performs it; in one statement."""
    rows = StepRecord.objects.select_related("participant").filter(case=case).order_by("id")
    return {one.step: one for one in rows}


def finished(records: Mapping[str, StepRecord], step_id: str) -> bool:
    return step_id in records and records[step_id].finished_at is not None


def may_begin(regulation: Regulation, step: Step, records: Mapping[str, StepRecord]) -> bool:
    """Whether every step that must be done before it is done."""
    return all(finished(records, one) for one in regulation.after(step))


def ready(regulation: Regulation, records: Mapping[str, StepRecord]) -> list[Step]:
    """The steps that may begin and have not."""
    return [one for one in regulation.steps if one.id not in records and may_begin(regulation, one, records)]


def unfinished(regulation: Regulation, records: Mapping[str, StepRecord]) -> list[Step]:
    """The steps that are not done, whether begun or not."""
    return [one for one in regulation.steps if not finished(records, one.id)]


def of_others(regulation: Regulation, steps: Iterable[Step] | None = None) -> list[Step]:
    """The steps that another body than the provider performs (S-A1 3.4.3)."""
    given = regulation.steps if steps is None else steps
    return [one for one in given if regulation.performer(one) != regulation.provider]
