"""Many rows at once: one true case copied inside the database, with its clock, messages, events and notice."""

from __future__ import annotations

from typing import Any

from django.db import connection, models

from azexport.audit.models import Event
from azexport.calendar.models import Clock
from azexport.cases.models import Case
from azexport.exchange.models import Message
from azexport.notices.models import Notice

DECIDED = 25
"""So many of the oldest copies are refused: a list of decided cases must find them behind all the open ones."""


def copy_cases(case: Case, *, first: int, last: int) -> None:
    """Copies `first` to `last` of the case exist, each with everything that a submitted case has."""
    refused = f"n <= {DECIDED}"
    _copy(
        Case, [case.pk], first, last,
        reference="'CS-B' || lpad(n::text, 9, '0')",
        application_reference="'AP-B' || lpad(n::text, 9, '0')",
        status=f"CASE WHEN {refused} THEN 'refused' ELSE s.status END",
        decided_at=f"CASE WHEN {refused} THEN s.created_at END",
        decided_by=f"CASE WHEN {refused} THEN 'benchmark' ELSE '' END",
    )  # fmt: skip
    subject = {"subject": "'CS-B' || lpad(n::text, 9, '0')"}
    of_case: dict[str, Any] = {"subject": case.reference}
    _copy(Clock, _keys(Clock, **of_case), first, last, **subject)
    _copy(Message, _keys(Message, **of_case), first, last, **subject, message_id="gen_random_uuid()")
    _copy(Event, _keys(Event, **of_case), first, last, **subject)
    notices = _keys(Notice, organisation=case.organisation)[:1]
    _copy(Notice, notices, first, last, reference="'NT-B' || lpad(n::text, 9, '0')")
    with connection.cursor() as cursor:
        # What autovacuum does in a server that runs.
        cursor.execute("VACUUM (ANALYZE)")


def _keys(model: type[models.Model], **which: Any) -> list[int]:
    return list(model._default_manager.filter(**which).values_list("pk", flat=True))


def _copy(model: type[models.Model], sources: list[int], first: int, last: int, **changed: str) -> None:
    columns = {
        field.column: changed.get(field.name, f's."{field.column}"')
        for field in model._meta.concrete_fields
        if not field.primary_key
    }
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {", ".join(columns.values())} '
            f'FROM generate_series(%s, %s) AS n, "{model._meta.db_table}" AS s WHERE s.id = ANY(%s) ORDER BY n, s.id',
            [first, last, sources],
        )
