"""The engine that moves a status, on a table of its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from threading import Barrier, Thread
from typing import Any, ClassVar

import pytest
from django.db import connection, connections, models
from hypothesis import given, settings
from hypothesis import strategies as st

from azexport import lifecycle
from azexport.audit import queries as audit
from azexport.kernel.actor import SYSTEM, Actor, NamedActor
from azexport.kernel.errors import IllegalTransition, NotAllowed, RuleViolated, Violation
from azexport.lifecycle import ACTOR, NOW, T, Table

OWNER = NamedActor("person", "P-1", "Leyla")
STRANGER = NamedActor("person", "P-2", "Kamran")


class Lamp(models.Model):
    reference = models.CharField(max_length=20, unique=True)
    status = models.CharField(max_length=20, default="off")
    owner = models.CharField(max_length=20, default="P-1")
    lit_at = models.DateTimeField(null=True)
    lit_by = models.CharField(max_length=20, default="")

    objects: ClassVar[models.Manager[Lamp]] = models.Manager()

    class Meta:
        app_label = "lifecycle_tests"


def owns(actor: Actor, lamp: Lamp) -> bool:
    return actor.actor_id == lamp.owner


def has_oil(lamp: Lamp, *, oil: int = 0, **_data: Any) -> Iterable[Violation]:
    if oil < 1:
        yield Violation("LMP-001", "There is no oil.", "oil")


def has_wick(lamp: Lamp, *, wick: bool = True, **_data: Any) -> Iterable[Violation]:
    if not wick:
        yield Violation("LMP-002", "There is no wick.", "wick")


TABLE = Table(
    [
        T(
            "light",
            "off",
            "lit",
            "lamp.lit",
            may=owns,
            rules=[has_oil, has_wick],
            sets={"lit_at": NOW, "lit_by": ACTOR},
        ),
        T("put_out", "lit", "off", "lamp.put_out", may=owns),
        T("break_", ("off", "lit"), "broken", "lamp.broken"),
    ]
)


@pytest.fixture
def lamp(db: None) -> Lamp:
    with connection.schema_editor() as editor:
        editor.create_model(Lamp)
    return Lamp.objects.create(reference="LM-1")


def test_a_transition_sets_the_status_its_stamps_and_the_audit_row(lamp: Lamp, now: datetime) -> None:
    lifecycle.move(lamp, "light", table=TABLE, by=OWNER, now=now, data={"oil": 3})
    lamp.refresh_from_db()
    assert (lamp.status, lamp.lit_at, lamp.lit_by) == ("lit", now, "P-1")
    (event,) = audit.history(["LM-1"])
    assert (event.name, event.actor_id, event.data) == ("lamp.lit", "P-1", {"oil": 3})


def test_a_transition_out_of_a_state_that_is_not_in_the_table_is_refused(lamp: Lamp, now: datetime) -> None:
    with pytest.raises(IllegalTransition):
        lifecycle.move(lamp, "put_out", table=TABLE, by=OWNER, now=now)
    assert not audit.history(["LM-1"]).exists()


def test_an_actor_whom_the_predicate_does_not_admit_is_refused(lamp: Lamp, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        lifecycle.move(lamp, "light", table=TABLE, by=STRANGER, now=now, data={"oil": 3})


def test_all_violations_of_all_rules_are_told_at_once(lamp: Lamp, now: datetime) -> None:
    with pytest.raises(RuleViolated) as refused:
        lifecycle.move(lamp, "light", table=TABLE, by=OWNER, now=now, data={"oil": 0, "wick": False})
    assert [one.code for one in refused.value.violations] == ["LMP-001", "LMP-002"]
    lamp.refresh_from_db()
    assert lamp.status == "off"


def test_what_is_open_to_an_actor_is_read_from_the_table(lamp: Lamp) -> None:
    assert TABLE.open_to(OWNER, lamp) == ("light",)
    assert TABLE.open_to(STRANGER, lamp) == ()


def test_a_name_that_is_in_no_row_is_a_programmers_mistake(lamp: Lamp, now: datetime) -> None:
    with pytest.raises(KeyError):
        lifecycle.move(lamp, "polish", table=TABLE, by=OWNER, now=now)


def test_the_same_name_twice_from_one_state_is_refused_when_the_table_is_made() -> None:
    with pytest.raises(ValueError, match="twice"):
        Table([T("light", "off", "lit", "a"), T("light", ("off", "lit"), "broken", "b")])


def test_an_effect_that_fails_undoes_the_move(lamp: Lamp, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.events.EVENTS", {"lamp.lit": ["tests.lifecycle.test_engine.failing_effect"]})
    with pytest.raises(ZeroDivisionError):
        lifecycle.move(lamp, "light", table=TABLE, by=OWNER, now=now, data={"oil": 3})
    lamp.refresh_from_db()
    assert lamp.status == "off"
    assert not audit.history(["LM-1"]).exists()


def failing_effect(subject: Lamp, **_: Any) -> None:
    raise ZeroDivisionError


def test_two_at_once_move_it_once(fresh_database: str, now: datetime) -> None:
    with connection.schema_editor() as editor:
        editor.create_model(Lamp)
    Lamp.objects.create(reference="LM-1")
    together, outcomes = Barrier(2), []

    def light() -> None:
        lamp = Lamp.objects.get()
        together.wait()
        try:
            lifecycle.move(lamp, "light", table=TABLE, by=OWNER, now=now, data={"oil": 1})
            outcomes.append("lit")
        except IllegalTransition:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [Thread(target=light) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lit", "refused"]
    assert audit.history(["LM-1"]).count() == 1


@given(st.sampled_from(["off", "lit", "broken"]), st.sampled_from(["light", "put_out", "break_"]))
@settings(deadline=None)
def test_find_knows_exactly_the_pairs_of_the_table(source: str, name: str) -> None:
    pairs = {("light", "off"), ("put_out", "lit"), ("break_", "off"), ("break_", "lit")}
    assert (TABLE.find(name, source) is not None) == ((name, source) in pairs)


def test_the_system_acts_under_its_own_name(lamp: Lamp, now: datetime) -> None:
    lifecycle.move(lamp, "break_", table=TABLE, by=SYSTEM, now=now)
    (event,) = audit.history(["LM-1"])
    assert event.actor_kind == "system"
