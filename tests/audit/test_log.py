"""The event log."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import DatabaseError, connection, transaction

from azexport.audit import actions, queries
from azexport.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_event SET name = 'x'", "DELETE FROM audit_event", "TRUNCATE audit_event"]
)
def test_the_database_refuses_to_change_the_log(now: datetime, statement: str) -> None:
    actions.record("contract.drafted", subject="CT-1", by=SYSTEM, now=now)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert [event.name for event in queries.history(["CT-1"])] == ["contract.drafted"]


def test_an_event_disappears_with_the_transaction_that_failed(now: datetime) -> None:
    def fail() -> None:
        with transaction.atomic():
            actions.record("contract.drafted", subject="CT-2", by=SYSTEM, now=now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not queries.history(["CT-2"]).exists()
