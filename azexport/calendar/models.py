"""The portal's own calendar, and the clocks of cases."""

from __future__ import annotations

from datetime import date

from django.db import models


class Day(models.Model):
    """A day that is not what its weekday says: a holiday, or a working Saturday.

    A snapshot of the `holidays` package with the operator's overrides: future Islamic dates are
    estimates and transfers come yearly, so what the package says later must not move a term unseen.
    """

    on = models.DateField(unique=True)
    working = models.BooleanField()
    name = models.JSONField(default=dict)
    source = models.CharField(max_length=80)

    def __str__(self) -> str:
        return f"{self.on} {'working' if self.working else 'off'}"


class Clock(models.Model):
    """A legal term in working days that stops while the applicant's answer is awaited.

    The day on which it starts or starts again does not count; `due_on` is kept ready for lists.
    """

    subject = models.CharField(max_length=80)
    name = models.CharField(max_length=40)
    term = models.PositiveSmallIntegerField(help_text="working days")
    started_on = models.DateField()
    running_since = models.DateField(null=True)
    used_before = models.PositiveSmallIntegerField(default=0, help_text="working days before running_since")
    due_on = models.DateField(null=True)
    stopped_on = models.DateField(null=True)
    finished_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "name"], name="one_clock_of_a_name"),
            models.CheckConstraint(
                condition=models.Q(running_since__isnull=True, due_on__isnull=True)
                | models.Q(running_since__isnull=False, due_on__isnull=False),
                name="a_running_clock_is_due",
            ),
        ]
        indexes = [models.Index(fields=["due_on"], name="clock_by_due", condition=models.Q(due_on__isnull=False))]

    def __str__(self) -> str:
        return f"{self.subject} {self.name}"

    @property
    def running(self) -> bool:
        return self.running_since is not None

    def days_used(self, today: date) -> int:
        """Working days used up to and including `today`."""
        from azexport.calendar import queries

        if self.running_since is None:
            return self.used_before
        return self.used_before + queries.working_days_between(self.running_since, today)

    def days_left(self, today: date) -> int:
        """Working days left; negative once overdue."""
        return self.term - self.days_used(today)

    def overdue(self, today: date) -> bool:
        return self.due_on is not None and today > self.due_on
