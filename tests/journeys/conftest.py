"""The whole system, and a real browser in front of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tools.stack import ROOT, Stack, free_port

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 375, "height": 812}
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


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
    usual = os.environ.pop("DATABASE_URL", None)
    folder = tmp_path_factory.getbasetemp()

    def start(name: str) -> Stack:
        with FileLock(ROOT / "var" / "ports.lock"):
            base = free_base(20000)
            stack = Stack(folder / name, port=base, sandbox_port=base + 10, say=lambda _text: None)
            stack.start()
        started.append(stack)
        return stack

    yield start
    for stack in started:
        stack.stop()
    if usual is not None:
        os.environ["DATABASE_URL"] = usual


@pytest.fixture(scope="session")
def stack(new_stack: Callable[[str], Stack]) -> Stack:
    """The system that the journeys share."""
    return new_stack("stack")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "no chromium: run `make test`, which installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser: Browser, stack: Stack) -> Iterator[Callable[..., Page]]:
    """A person's own browser window."""
    contexts: list[BrowserContext] = []

    def open_(language: str = "az", viewport: dict[str, int] = WIDE) -> Page:
        context = browser.new_context(viewport=viewport, base_url=stack.url)  # type: ignore[arg-type]
        context.add_cookies([{"name": "language", "value": language, "url": stack.url}])
        context.set_default_timeout(20_000)
        contexts.append(context)
        return context.new_page()

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture
def screenshots() -> Path:
    """Where the pictures of this run are left."""
    folder = ROOT / "var" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
