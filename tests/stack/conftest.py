"""One system for all of these tests, the main job done on it once, and scripts for its sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.journey import Journey, Order
from tests.stack.consignments import Scripts
from tests.stack_fixtures import new_stack
from tools.stack import Stack

__all__ = ["new_stack"]

HAZELNUTS_TO_GERMANY = Order("080222", "DE", "20", contracted="60")
"""The contract has room for the other consignments of these tests."""


@pytest.fixture(scope="session")
def stack(new_stack: Callable[[str], Stack]) -> Stack:
    """The system that these tests share."""
    return new_stack("faults")


@pytest.fixture(scope="session")
def main_job(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """20 tonnes of shelled hazelnuts to Germany, from sign-in to the dossier, done."""
    folder: Path = tmp_path_factory.mktemp("main-job") / "documents"
    journey = Journey(stack.url, stack.directory, stack.sandbox, folder, HAZELNUTS_TO_GERMANY, say=lambda _text: None)
    journey.run()
    return journey


@pytest.fixture
def scripts(stack: Stack) -> Iterator[Scripts]:
    """What the sandbox does, changed for one test."""
    scripts = Scripts(stack.sandbox)
    yield scripts
    for program in stack.sandbox_names():
        scripts.take_back(program)
