"""The whole system, for the tests that need all of it: the journeys of a browser and the faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from filelock import FileLock

from tools.stack import ROOT, Stack, free_port


def free_base(start: int) -> int:
    """A port from which fifty are free, below the ephemeral range."""
    for base in range(start, 30000, 60):
        if all(free_port(base + offset) for offset in (0, 1, 2, 8, 10, 25)):
            return base
    raise RuntimeError("no free ports")


@pytest.fixture(scope="session")
def new_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Stack]]:
    """Starts a whole system of its own: database, sandbox, worker, web."""
    started: list[Stack] = []
    folder = tmp_path_factory.getbasetemp()

    def start(name: str) -> Stack:
        with FileLock(ROOT / "var" / "ports.lock"):
            base = free_base(20000)
            stack = Stack(folder / name, port=base, sandbox_port=base + 10, server=None)
            stack.start()
        started.append(stack)
        return stack

    yield start
    for stack in started:
        stack.stop()
