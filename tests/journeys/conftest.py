"""The whole system, and a real browser in front of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.stack_fixtures import new_stack
from tools.stack import ROOT, Stack

__all__ = ["new_stack"]

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


@pytest.fixture(scope="session")
def stack(new_stack: Callable[[str], Stack]) -> Stack:
    """The system that the journeys share."""
    return new_stack("stack")


# Playwright keeps an event loop running in its thread: for the whole session, no later test could start one.
@pytest.fixture(scope="module")
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
