"""Transitions as rows of a table, and the engine that runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.utils.module_loading import import_string

from azexport.audit import actions as audit
from azexport.kernel.actor import Actor
from azexport.kernel.errors import IllegalTransition, NotAllowed, RuleViolated, Violation

Row = TypeVar("Row", bound=models.Model)
May = Callable[[Actor, Any], bool]
Rule = Callable[..., Iterable[Violation]]
"""A coded check `rule(row, **data)`: says every way in which the row breaks it."""


class Stamp(Enum):
    """What a transition writes beside the status."""

    NOW = "now"
    ACTOR = "actor"


NOW, ACTOR = Stamp.NOW, Stamp.ACTOR


@dataclass(frozen=True)
class T:
    """One named transition: from one or more states to another."""

    name: str
    source: str | tuple[str, ...]
    target: str
    event: str
    may: May | None = None
    """None: only code may ask for it; the action that calls has checked, or the portal itself acts."""
    rules: Sequence[Rule] = ()
    sets: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source,) if isinstance(self.source, str) else tuple(self.source)


class Table:
    """A room's transitions. It also drives buttons, the API's offers, the diagram and the refusal tests."""

    def __init__(self, rows: Sequence[T], *, field: str = "status") -> None:
        self.field = field
        self.rows = tuple(rows)
        self._rows: dict[tuple[str, str], T] = {}
        for row in rows:
            for source in row.sources:
                if (row.name, source) in self._rows:
                    raise ValueError(f"{row.name} from {source} stands in the table twice")
                self._rows[row.name, source] = row

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.name for row in self.rows))

    def find(self, name: str, source: str) -> T | None:
        """The transition of that name out of that state, if there is one."""
        if name not in self.names:
            raise KeyError(f"no transition is called {name}")
        return self._rows.get((name, source))

    def open_to(self, actor: Actor, row: models.Model) -> tuple[str, ...]:
        """The transitions this actor could ask for now: what buttons and the API offer."""
        status = getattr(row, self.field)
        return tuple(t.name for t in self.rows if status in t.sources and t.may is not None and t.may(actor, row))


def move(row: Row, name: str, *, table: Table, by: Actor, now: datetime, data: Mapping[str, Any] | None = None) -> Row:
    """The row is in the transition's target state, the event is in the audit, the effects have run.

    Everything happens in one transaction, under the row's lock. `row` is refreshed first, so what the caller
    changed in memory and did not save is lost: pass values in `data` or save them after.

    Raises:
        IllegalTransition: the row, once locked, is not in a source state.
        NotAllowed: the transition's predicate does not admit the actor.
        RuleViolated: with every violation of every rule.
    """
    with transaction.atomic():
        _lock(row)
        return settle(row, name, table=table, by=by, now=now, data=data)


def settle(
    row: Row, name: str, *, table: Table, by: Actor, now: datetime, data: Mapping[str, Any] | None = None
) -> Row:
    """As `move`, for a row that the caller has locked and read in this transaction already."""
    given = dict(data or {})
    transition = table.find(name, getattr(row, table.field))
    if transition is None:
        raise IllegalTransition
    if transition.may is not None and not transition.may(by, row):
        raise NotAllowed
    if violations := [one for rule in transition.rules for one in rule(row, **given)]:
        raise RuleViolated(violations)
    setattr(row, table.field, transition.target)
    stamps = {NOW: now, ACTOR: by.actor_id}
    for attribute, value in transition.sets.items():
        setattr(row, attribute, stamps[value] if isinstance(value, Stamp) else value)
    row.save(update_fields=[table.field, *transition.sets])
    announce(transition.event, row, by=by, now=now, data=given)
    return row


def announce(event: str, subject: Any, *, by: Actor, now: datetime, data: Mapping[str, Any] | None = None) -> None:
    """The event is in the audit and the actions that `config/events.py` names for it have run, in order.

    The data that reach the audit are the JSON-like ones; rows are passed to the handlers only.
    """
    given = dict(data or {})
    audit.record(event, subject=subject.reference, by=by, now=now, data=_plain(given))
    for handler in _handlers(event):
        handler(subject, by=by, now=now, data=given)


def hold_subjects(row: Any) -> None:
    """What the row is about is locked, and before it what this is about in its turn; the row itself is not.

    Locks are taken from the outside to the inside everywhere: the case, then the paper about it, then the request for a
    signature on that paper. Whoever acts on a case reaches its papers in this order by itself; a signature that is
    completed comes from the inside, so it calls this before it locks its own row. `config/subjects.py` says what the
    rows of a purpose are about; a purpose that is not there, or a reference without a row, is about nothing lockable.

    Call within a transaction. `row` has `purpose` and `subject`, which never change.
    """
    table: dict[str, dict[str, str]] = import_string(settings.SUBJECTS)
    label = table.get(row._meta.label, {}).get(row.purpose)
    if label is None:
        return
    about = apps.get_model(label)._base_manager.filter(reference=row.subject)
    if label in table and (found := about.first()) is not None:
        hold_subjects(found)
    about.select_for_update(of=("self",)).values_list("pk", flat=True).first()


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value for key, value in data.items() if value is None or isinstance(value, str | int | bool | list | dict)
    }


def _handlers(event: str) -> list[Callable[..., None]]:
    table: dict[str, list[str]] = import_string(settings.EVENTS)
    return [_import(path) for path in table.get(event, ())]


@cache
def _import(path: str) -> Callable[..., None]:
    handler: Callable[..., None] = import_string(path)
    return handler


def _lock(row: models.Model) -> None:
    manager = type(row)._base_manager
    row.refresh_from_db(from_queryset=manager.select_for_update(of=("self",)))
