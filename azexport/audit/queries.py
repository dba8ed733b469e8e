"""Reading the log."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from azexport.audit.models import Event


def history(subjects: Iterable[str]) -> QuerySet[Event]:
    """The events of these references, oldest first."""
    return Event.objects.filter(subject__in=list(subjects)).order_by("id")
