"""Working days and the clocks that count them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from azexport.calendar import actions, queries
from azexport.calendar.models import Clock, Day
from azexport.kernel.errors import IllegalTransition

pytestmark = pytest.mark.django_db


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 8, tzinfo=UTC)


def test_one_working_day_after_19_march_2026_is_31_march() -> None:
    assert queries.add_working_days(date(2026, 3, 19), 1) == date(2026, 3, 31)


def test_one_working_day_after_6_november_2026_is_11_november() -> None:
    assert queries.add_working_days(date(2026, 11, 6), 1) == date(2026, 11, 11)


def test_a_clock_counts_from_the_next_working_day() -> None:
    clock = actions.start_clock(subject="CS-1", working_days=3, now=at(date(2026, 10, 2)))
    assert clock.due_on == date(2026, 10, 7)


def test_a_stopped_clock_is_not_due_and_runs_on_with_what_was_left() -> None:
    clock = actions.start_clock(subject="CS-1", working_days=3, now=at(date(2026, 10, 5)))
    clock = actions.stop_clock(clock, now=at(date(2026, 10, 6)))
    assert clock.due_on is None
    assert not clock.overdue(date(2026, 12, 1))
    clock = actions.resume_clock(clock, now=at(date(2026, 10, 20)))
    assert clock.due_on == date(2026, 10, 22)
    assert clock.days_left(date(2026, 10, 21)) == 1


def test_a_clock_past_its_term_is_overdue() -> None:
    clock = actions.start_clock(subject="CS-1", working_days=1, now=at(date(2026, 10, 5)))
    assert not clock.overdue(date(2026, 10, 6))
    assert clock.overdue(date(2026, 10, 7))
    assert clock.days_left(date(2026, 10, 7)) == -1


def test_a_standing_clock_cannot_be_stopped_again() -> None:
    clock = actions.start_clock(subject="CS-1", working_days=3, now=at(date(2026, 10, 5)))
    clock = actions.stop_clock(clock, now=at(date(2026, 10, 6)))
    with pytest.raises(IllegalTransition):
        actions.stop_clock(clock, now=at(date(2026, 10, 6)))


def test_a_finished_clock_cannot_run_again_and_finishing_twice_changes_nothing() -> None:
    clock = actions.start_clock(subject="CS-1", working_days=3, now=at(date(2026, 10, 5)))
    clock = actions.finish_clock(clock, now=at(date(2026, 10, 6)))
    again = actions.finish_clock(clock, now=at(date(2026, 10, 9)))
    assert (again.used_before, again.finished_on) == (1, date(2026, 10, 6))
    with pytest.raises(IllegalTransition):
        actions.resume_clock(clock, now=at(date(2026, 10, 7)))


def test_an_extended_clock_is_due_later_and_a_standing_one_has_more_days_left() -> None:
    clock = actions.start_clock(subject="LT-1", working_days=3, now=at(date(2026, 10, 2)))
    clock = actions.extend_clock(clock, working_days=2, now=at(date(2026, 10, 5)))
    assert (clock.term, clock.due_on) == (5, date(2026, 10, 9))
    clock = actions.stop_clock(clock, now=at(date(2026, 10, 5)))
    clock = actions.extend_clock(clock, working_days=1, now=at(date(2026, 10, 6)))
    assert (clock.due_on, clock.days_left(date(2026, 10, 6))) == (None, 5)
    clock = actions.finish_clock(clock, now=at(date(2026, 10, 7)))
    with pytest.raises(IllegalTransition):
        actions.extend_clock(clock, working_days=1, now=at(date(2026, 10, 7)))


def test_open_clocks_move_with_the_calendar() -> None:
    clock = actions.start_clock(subject="CS-1", working_days=1, now=at(date(2026, 10, 5)))
    Day.objects.create(on=date(2026, 10, 6), working=False, name={"az": "Köçürülmüş gün"}, source="operator")
    cache.clear()
    assert actions.recompute(now=at(date(2026, 10, 5))) == 1
    assert Clock.objects.get(pk=clock.pk).due_on == date(2026, 10, 7)


def test_a_clock_that_was_late_before_it_stopped_stays_late_by_as_many_days() -> None:
    """A stop gives no day back: nobody's lateness is forgiven by asking the applicant for more (S7.4)."""
    clock = actions.start_clock(subject="CS-1", working_days=1, now=at(date(2026, 10, 5)))
    clock = actions.stop_clock(clock, now=at(date(2026, 10, 8)))
    assert clock.days_left(date(2026, 10, 8)) == -2
    clock = actions.resume_clock(clock, now=at(date(2026, 10, 20)))
    assert (clock.days_left(date(2026, 10, 20)), clock.due_on) == (-2, date(2026, 10, 16))
    assert clock.overdue(date(2026, 10, 20))


def test_a_clock_that_stopped_on_its_last_day_is_late_on_the_next_working_day_after_the_answer() -> None:
    clock = actions.start_clock(subject="CS-1", working_days=2, now=at(date(2026, 10, 1)))
    clock = actions.stop_clock(clock, now=at(date(2026, 10, 5)))
    clock = actions.resume_clock(clock, now=at(date(2026, 10, 16)))
    assert (clock.due_on, clock.overdue(date(2026, 10, 16))) == (date(2026, 10, 16), False)
    assert clock.overdue(date(2026, 10, 19))


FIRST = date(2026, 9, 1)


class Clocks(TestCase):
    @given(
        st.integers(1, 12),
        st.lists(st.integers(0, 9), min_size=1, max_size=8),
        st.dictionaries(st.integers(0, 80), st.booleans(), max_size=12),
    )
    def test_the_working_days_that_ran_are_conserved_whatever_stops_and_answers_there_were(
        self, term: int, waits: list[int], exceptions: dict[int, bool]
    ) -> None:
        """After each stop and each answer the clock has used exactly the working days on which it ran, whatever days
        were holidays, and it is late exactly when these are more than its term (S7.4)."""
        for offset, working in exceptions.items():
            Day.objects.update_or_create(
                on=FIRST + timedelta(days=offset), defaults={"working": working, "source": "test"}
            )
        cache.clear()
        clock, day, ran = actions.start_clock(subject="CS-1", working_days=term, now=at(FIRST)), FIRST, 0
        for number, wait in enumerate(waits):
            until = day + timedelta(days=wait)
            if clock.running:
                ran += sum(queries.is_working_day(day + timedelta(days=one)) for one in range(1, wait + 1))
            day = until
            assert clock.days_used(day) == ran
            if clock.running and queries.is_working_day(day):
                assert clock.overdue(day) == (ran > term)
            clock = (actions.resume_clock if number % 2 else actions.stop_clock)(clock, now=at(day))
            assert (clock.days_used(day), clock.days_left(day)) == (ran, term - ran)
            if clock.due_on is not None:
                assert clock.overdue(day) == (ran > term)
                assert queries.working_days_between(day, clock.due_on) == max(term - ran, 0)
                assert queries.working_days_between(clock.due_on, day) == max(ran - term, 0)


class WorkingDays(TestCase):
    @given(st.dates(date(2026, 1, 1), date(2028, 12, 31)), st.integers(1, 60))
    def test_adding_and_counting_agree(self, start: date, count: int) -> None:
        end = queries.add_working_days(start, count)
        assert queries.working_days_between(start, end) == count
        assert queries.is_working_day(end)
        assert queries.working_days_between(start, end - timedelta(days=1)) == count - 1
