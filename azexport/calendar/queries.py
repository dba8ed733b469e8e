"""Counting working days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.core.cache import cache
from django.db.models import QuerySet
from django.utils.timezone import localtime

from azexport.calendar.models import Clock, Day

CACHE_KEY = "calendar.days"


def exceptions() -> dict[date, bool]:
    """The days that are not what their weekday says -> whether one works on them. Kept for a minute."""
    known: dict[date, bool] | None = cache.get(CACHE_KEY)
    if known is None:
        known = dict(Day.objects.values_list("on", "working"))
        cache.set(CACHE_KEY, known, 60)
    return known


def is_working_day(day: date) -> bool:
    """Whether one works on that day in Azerbaijan."""
    return exceptions().get(day, day.weekday() < 5)


def add_working_days(day: date, count: int) -> date:
    """The `count`-th working day after `day`; `day` itself does not count."""
    known = exceptions()
    while count > 0:
        day += timedelta(days=1)
        count -= known.get(day, day.weekday() < 5)
    return day


def due_day(since: date, left: int) -> date:
    """The day on which a term has been used up that had `left` working days at the end of `since`.

    Zero: that day itself. Negative: the term was used up before, and the day is the working day after which it ran out.
    """
    if left >= 0:
        return add_working_days(since, left)
    known, day = exceptions(), since
    while left < 0 or not known.get(day, day.weekday() < 5):
        left += known.get(day, day.weekday() < 5)
        day -= timedelta(days=1)
    return day


def working_days_between(start: date, end: date) -> int:
    """How many working days there are after `start`, up to and including `end`; 0 where `end` is not after."""
    known = exceptions()
    days = (start + timedelta(days=offset) for offset in range(1, (end - start).days + 1))
    return sum(known.get(day, day.weekday() < 5) for day in days)


def today(now: datetime) -> date:
    """The date in Baku."""
    return localtime(now).date()


def clocks_for(subjects: Iterable[str], name: str = "decision") -> dict[str, Clock]:
    """The clocks of these references, in one query."""
    return {clock.subject: clock for clock in Clock.objects.filter(subject__in=list(subjects), name=name)}


def overdue(*, on: date, name: str = "decision") -> dict[str, date]:
    """The references whose running clock was due before the day -> the day it was due, in one query."""
    rows = Clock.objects.filter(due_on__lt=on, name=name).values_list("subject", "due_on")
    return {subject: due for subject, due in rows if due is not None}


def due_before(day: date, *, name: str = "decision") -> QuerySet[Clock, str]:
    """The references whose running clock was due before the day, for use inside another query."""
    return Clock.objects.filter(due_on__lt=day, name=name).values_list("subject", flat=True)


def due_on(day: date, *, name: str = "decision") -> dict[str, date]:
    """The references whose running clock is due that very day -> the day, in one query."""
    return dict.fromkeys(Clock.objects.filter(due_on=day, name=name).values_list("subject", flat=True), day)
