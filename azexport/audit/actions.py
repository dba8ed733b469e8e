"""Writing the log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from azexport.audit.models import Event
from azexport.kernel.actor import Actor


def record(name: str, *, subject: str, by: Actor, now: datetime, data: Mapping[str, Any] | None = None) -> Event:
    """The event is in the log if, and only if, the surrounding transaction commits.

    Args:
        name: `noun.verbed`, for instance `permit.issued`.
        subject: the reference of the row that the event is about.
        data: what a reader needs later; JSON, no secrets.
    """
    return Event.objects.create(
        at=now,
        name=name,
        subject=subject,
        actor_kind=by.actor_kind,
        actor_id=by.actor_id,
        actor_name=by.actor_name,
        data=dict(data or {}),
    )


def record_many(name: str, *, subjects: Mapping[str, Mapping[str, Any]], by: Actor, now: datetime) -> None:
    """The same event for many subjects, with each one's own data, in one statement."""
    Event.objects.bulk_create(
        Event(
            at=now, name=name, subject=subject, actor_kind=by.actor_kind, actor_id=by.actor_id,
            actor_name=by.actor_name, data=dict(data),
        )
        for subject, data in subjects.items()
    )  # fmt: skip
