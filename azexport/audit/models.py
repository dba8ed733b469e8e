"""The event log. Actors and subjects are kept as values: the audit knows no other room."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """One thing that happened, written in the transaction that made it happen.

    The database itself refuses UPDATE, DELETE and TRUNCATE on this table (migration 0002).
    """

    at = models.DateTimeField()
    name = models.CharField(max_length=80)
    subject = models.CharField(max_length=80)
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=200)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["subject", "id"], name="event_by_subject")]

    def __str__(self) -> str:
        return f"{self.name} {self.subject}"
