"""Whose turn it is: a few jobs at once write to one recipient, and one after another about one subject.

A recipient that takes its time, or never answers, then holds a few of the worker's threads and not all of them: nobody
else waits for it. A job that finds others writing to its recipient ends; whoever is done looks for what is next. Turns
are advisory locks of the database session: those of a killed worker are free as soon as its connection is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from azexport.exchange.models import Message
from azexport.exchange.states import WAITING, Direction

AT_ONCE = 2
"""Deliveries under way to one recipient; the worker has four times as many threads (config/jobs.py)."""

CLOCKS_APART = timedelta(seconds=0.5)
"""By how much the clocks of the portal's machines may differ; less than the shortest pause between two attempts."""

_QUEUED = Q(direction=Direction.OUT, status__in=WAITING, next_attempt_at__isnull=False)


def due(participant_id: int, *, now: datetime) -> QuerySet[Message]:
    """What may leave for the recipient now, oldest first: of each subject the oldest message that has not arrived."""
    older = Message.objects.filter(
        _QUEUED, participant=OuterRef("participant"), subject=OuterRef("subject"), pk__lt=OuterRef("pk")
    )
    waiting = Message.objects.filter(_QUEUED, participant=participant_id, next_attempt_at__lte=now + CLOCKS_APART)
    return waiting.exclude(Exists(older)).order_by("pk")


def overdue(*, since: datetime) -> list[int]:
    """The recipients for whom something has been due since before that moment."""
    rows = Message.objects.filter(_QUEUED, next_attempt_at__lt=since).order_by("participant")
    return list(rows.values_list("participant", flat=True).distinct())


class Turn:
    """What came of asking for a turn. `message`: the one that is this job's alone. `seen`: what others are at."""

    def __init__(self, *, granted: bool) -> None:
        self.granted = granted
        self.message: Message | None = None
        self.seen: list[int] = []


@contextmanager
def turn(participant_id: int, *, now: datetime) -> Iterator[Turn]:
    """Inside, the next message for the recipient is this job's alone, if there is one and not too many are at it."""
    with _first_free(f"exchange:{participant_id}:{place}" for place in range(AT_ONCE)) as granted:
        found = Turn(granted=granted)
        if not granted:
            yield found
            return
        for candidate in due(participant_id, now=now)[: AT_ONCE + 1]:
            with _first_free([f"exchange:{participant_id}:{candidate.subject}"]) as alone:
                # Read again: whoever had it a moment ago may have delivered it.
                found.message = due(participant_id, now=now).filter(pk=candidate.pk).first() if alone else None
                if found.message is not None:
                    yield found
                    return
            found.seen.append(candidate.pk)
        yield found


@contextmanager
def _first_free(names: Iterator[str] | list[str]) -> Iterator[bool]:
    """Inside, the first of these locks that is free is held by this session; nobody is waited for."""
    held = next((name for name in names if _ask("pg_try_advisory_lock", name)), None)
    try:
        yield held is not None
    finally:
        if held is not None:
            _ask("pg_advisory_unlock", held)


def _ask(function: str, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])
