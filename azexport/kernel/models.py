"""The base of every row."""

from __future__ import annotations

from django.db import models


class Record(models.Model):
    """A row that says when it came to be; the action gives the time, the database never does."""

    created_at = models.DateTimeField()

    class Meta:
        abstract = True
