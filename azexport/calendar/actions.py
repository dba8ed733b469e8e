"""Setting the calendar, starting and stopping clocks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import holidays
from django.core.cache import cache
from django.db import transaction

from azexport.calendar import queries
from azexport.calendar.models import Clock, Day
from azexport.kernel.errors import IllegalTransition


@transaction.atomic
def snapshot_holidays(*, years: Iterable[int]) -> int:
    """The calendar holds the package's holidays of these years; days that are known already are left alone.

    Returns:
        How many days were added.
    """
    english = holidays.country_holidays("AZ", years=years, language="en_US")
    azeri = holidays.country_holidays("AZ", years=years, language="az")
    before = Day.objects.count()
    Day.objects.bulk_create(
        (
            Day(on=day, working=False, name={"az": azeri.get(day, name), "en": name}, source="holidays")
            for day, name in english.items()
        ),
        ignore_conflicts=True,
    )
    cache.delete(queries.CACHE_KEY)
    return Day.objects.count() - before


def start_clock(*, subject: str, name: str = "decision", working_days: int, now: datetime) -> Clock:
    """The clock runs; today does not count."""
    return start_clocks({subject: working_days}, name=name, now=now)[0]


def start_clocks(terms: dict[str, int], *, name: str = "decision", now: datetime) -> list[Clock]:
    """A clock runs for each subject with its term in working days, written in one statement."""
    today = queries.today(now)
    return Clock.objects.bulk_create(
        Clock(
            subject=subject, name=name, term=term, started_on=today, running_since=today,
            due_on=queries.add_working_days(today, term),
        )
        for subject, term in terms.items()
    )  # fmt: skip


@transaction.atomic
def stop_clock(clock: Clock, *, now: datetime) -> Clock:
    """The clock stands; the days used so far are kept.

    Raises:
        IllegalTransition: it stands already, or has finished.
    """
    clock = _locked(clock)
    if clock.running_since is None or clock.finished_on is not None:
        raise IllegalTransition
    today = queries.today(now)
    clock.used_before = clock.days_used(today)
    clock.running_since, clock.due_on, clock.stopped_on = None, None, today
    clock.save()
    return clock


@transaction.atomic
def resume_clock(clock: Clock, *, now: datetime) -> Clock:
    """The clock runs on with the days it had left; today does not count. One that was late is late by as many days.

    Raises:
        IllegalTransition: it runs already, or has finished.
    """
    clock = _locked(clock)
    if clock.running_since is not None or clock.finished_on is not None:
        raise IllegalTransition
    today = queries.today(now)
    clock.running_since, clock.stopped_on = today, None
    clock.due_on = queries.due_day(today, clock.term - clock.used_before)
    clock.save()
    return clock


@transaction.atomic
def finish_clock(clock: Clock, *, now: datetime) -> Clock:
    """The clock has done its work; finishing a finished one changes nothing."""
    clock = _locked(clock)
    if clock.finished_on is None:
        today = queries.today(now)
        clock.used_before = clock.days_used(today)
        clock.running_since, clock.due_on, clock.finished_on = None, None, today
        clock.save()
    return clock


@transaction.atomic
def extend_clock(clock: Clock, *, working_days: int, now: datetime) -> Clock:
    """The term is longer by so many working days; a running clock is due later by them.

    Raises:
        IllegalTransition: it has finished.
    """
    clock = _locked(clock)
    if clock.finished_on is not None:
        raise IllegalTransition
    clock.term += working_days
    if clock.running_since is not None:
        clock.due_on = queries.due_day(clock.running_since, clock.term - clock.used_before)
    clock.save(update_fields=["term", "due_on"])
    return clock


@transaction.atomic
def recompute(*, now: datetime) -> int:
    """Every running clock's due day agrees with the calendar as it is now (after the operator changed it).

    Returns:
        How many due days moved.
    """
    moved = 0
    for clock in Clock.objects.select_for_update().filter(running_since__isnull=False).order_by("id").iterator():
        assert clock.running_since is not None
        due = queries.due_day(clock.running_since, clock.term - clock.used_before)
        if due != clock.due_on:
            clock.due_on = due
            clock.save(update_fields=["due_on"])
            moved += 1
    return moved


def _locked(clock: Clock) -> Clock:
    return Clock.objects.select_for_update().get(pk=clock.pk)
