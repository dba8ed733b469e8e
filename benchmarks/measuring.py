"""One measurement: statements counted once, then wall and CPU time over some runs, each beside its bare statements."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

YARDSTICK = "benchmark_yardstick"
"""A table of one key and one text: where the bare inserts go."""
RUNS, FEWEST, SECONDS = 25, 5, 1.2
"""Runs of each subject: at most, at least, and after how many seconds no other begins, what prepares it included."""
_FRAME = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
_WRITES = ("INSERT", "UPDATE", "DELETE", "CREATE")


@dataclass(frozen=True)
class Aim:
    """What architecture.md asks for: statements, and milliseconds of this process's CPU."""

    statements: int
    cpu: float


@dataclass(frozen=True)
class Subject:
    """What is measured. `prepare` makes a run's input outside the measured time; `run` is what is measured.

    `bare` is what it is compared with; without it, as many statements that do next to nothing.
    """

    name: str
    prepare: Callable[[], Any]
    run: Callable[[Any], object]
    aim: Aim | None = None
    bare: Callable[[], object] | None = None


@dataclass(frozen=True)
class Statements:
    """How many statements of each kind; `frame` begins and ends transactions and savepoints."""

    reads: int
    writes: int
    frame: int

    @property
    def all(self) -> int:
        return self.reads + self.writes + self.frame


@dataclass(frozen=True)
class Result:
    """Medians in milliseconds; `bare_*` is what it is compared with, measured between the runs."""

    subject: Subject
    runs: int
    statements: Statements
    wall: float
    cpu: float
    worst: float
    bare_wall: float
    bare_cpu: float

    @property
    def ratio(self) -> float | None:
        return self.wall / self.bare_wall if self.statements.all else None

    @property
    def verdict(self) -> str:
        """`met`, or what the aim is missed by."""
        aim = self.subject.aim
        if aim is None:
            return ""
        missed = []
        if self.statements.all > aim.statements:
            missed.append("statements")
        if self.cpu > aim.cpu:
            missed.append("CPU")
        return f"MISSED: {', '.join(missed)}" if missed else "met"


def set_up() -> None:
    """The table of the bare inserts is there."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {YARDSTICK} (id bigserial PRIMARY KEY, word text NOT NULL)")


def measure(subject: Subject) -> Result:
    """The subject's cost in the database as it is: up to `RUNS` runs, fewer where they take long."""
    subject.run(subject.prepare())  # what a process keeps in memory is there, as in one that serves
    statements = count(subject)
    taken: list[tuple[float, float]] = []
    bare: list[tuple[float, float]] = []
    until = time.monotonic() + SECONDS
    while len(taken) < FEWEST or (len(taken) < RUNS and time.monotonic() < until):
        given = subject.prepare()
        taken.append(_timed(lambda given=given: subject.run(given)))  # type: ignore[misc]
        bare.append(_timed(subject.bare or (lambda: _bare(statements))))
    wall, cpu = _medians(taken)
    bare_wall, bare_cpu = _medians(bare)
    return Result(subject, len(taken), statements, wall, cpu, max(one for one, _cpu in taken), bare_wall, bare_cpu)


def count(subject: Subject) -> Statements:
    """The statements of one run, those that begin and end transactions included."""
    given = subject.prepare()
    with CaptureQueriesContext(connection) as captured:
        subject.run(given)
    kinds = [_kind(one["sql"]) for one in captured.captured_queries]
    return Statements(kinds.count("read"), kinds.count("write"), kinds.count("frame"))


def _kind(statement: str) -> str:
    text = statement.strip().upper()
    if text.startswith(_FRAME):
        return "frame"
    # Jobs are enqueued by a function of the database.
    return "write" if text.startswith(_WRITES) or "PROCRASTINATE_DEFER" in text else "read"


def _bare(statements: Statements) -> None:
    """The same number of statements that do next to nothing, through the same connection."""
    if statements.frame:
        with transaction.atomic():
            for _savepoint in range((statements.frame - 2) // 2):
                with transaction.atomic():
                    pass
            _bare_statements(statements)
    else:
        _bare_statements(statements)


def _bare_statements(statements: Statements) -> None:
    with connection.cursor() as cursor:
        for _read in range(statements.reads):
            cursor.execute("SELECT 1")
            cursor.fetchone()
        for _write in range(statements.writes):
            cursor.execute(f"INSERT INTO {YARDSTICK} (word) VALUES (%s)", ["x"])


def _timed(run: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def _medians(taken: list[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(wall for wall, _cpu in taken), statistics.median(cpu for _wall, cpu in taken)
