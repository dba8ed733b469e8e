"""Consignments under one contract, and what the tests read of them: on the pages, in the database, in the sandbox."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import psycopg
import yaml

from demo.browser import Browser, Page
from demo.journey import Journey
from tools.stack import Stack

PLANT, QUALITY, ORIGIN = "phytosanitary-certificate", "eu-food-quality-certificate", "certificate-of-origin"
SERVICE_OF = {"plant": PLANT, "quality": QUALITY, "origin": ORIGIN}
LANGUAGES = ("az", "en")


@dataclass
class Consignment(Journey):
    """One operation under a contract that is concluded already, by its exporter in a window of their own."""

    kilograms: str = "1000"
    wishes: dict[str, str] = field(default_factory=dict)
    """Service -> yes | no, for what the finder leaves to the exporter."""

    @classmethod
    def of(cls, main: Journey, name: str, **wishes: str) -> Consignment:
        one = cls(
            main.portal, main.directory, main.sandbox, main.folder.parent / name, main.order, main.say,
            contract=main.contract,
        )  # fmt: skip
        one.wishes = wishes
        one.exporter = window(main.exporter, "az")
        return one

    def fill_application(self) -> None:
        browser = self.exporter
        browser.open(f"/applications/new/?contract={self.contract}")
        browser.submit({"contract": self.contract})
        self.application = browser.page.path.strip("/").split("/")[1]
        at = f"/applications/{self.application}/"
        browser.open(at + "goods/")
        browser.submit({"quantity_1": self.kilograms})
        browser.open(at + "permits/")
        self.answer_form(dict(self.wishes))
        for address in browser.open(at).links("/questions/"):
            self.answer_section(address)
        browser.open(at + "promotion/")
        browser.submit({"requested": "no"})

    def page(self, language: str = "az") -> Page:
        """The operation's page."""
        return window(self.exporter, language).open(f"/operations/{self.operation}/")

    def case_page(self, service: str, language: str = "az") -> Page:
        return window(self.exporter, language).open(f"/cases/{self.case(service)}/")

    def declaration_page(self, language: str = "az") -> Page:
        return window(self.exporter, language).open(f"/declarations/{self.declaration}/")

    def case(self, service: str) -> str:
        """The reference of the case under that service."""
        return str(self._card(self.exporter.open(f"/operations/{self.operation}/"), service).get("data-case"))

    def mark(self, service: str) -> str:
        return mark_on(self.exporter.open(f"/operations/{self.operation}/"), service)

    def card(self, service: str, language: str) -> str:
        """What the operation's page says of the case under that service."""
        return " ".join(self._card(self.page(language), service).text_content().split())

    def until(self, service: str, mark: str, seconds: float = 40) -> None:
        """Waits until the operation's page shows the case so.

        Raises:
            PageError: it did not come to that in time.
        """
        self.exporter.wait(f"/operations/{self.operation}/", lambda page: mark_on(page, service) == mark, seconds)

    @staticmethod
    def _card(page: Page, service: str) -> Any:
        assert page.tree is not None
        return page.tree.xpath(f"//*[@data-service='{service}']")[0]


def mark_on(page: Page, service: str) -> str:
    assert page.tree is not None
    found = page.tree.xpath(f"//*[@data-service='{service}']/@data-mark")
    return str(found[0]) if found else ""


def stage_on(page: Page) -> str:
    return page.attribute("operation", "data-stage")


def window(browser: Browser, language: str) -> Browser:
    """Another window of the same signed-in person, in that language."""
    other = Browser(browser.portal, language)
    for cookie in browser.client.cookies.jar:
        if cookie.name != "language":
            other.client.cookies.jar.set_cookie(cookie)
    return other


class Scripts:
    """What the sandbox's programs do differently from now on: DIR/scripts/<program>.yaml, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "scripts"
        self._said: dict[str, dict[str, Any]] = {}
        self._lock = Lock()

    def say(self, program: str, **keys: Any) -> None:
        """For everything that comes to the program."""
        with self._lock:
            self._said.setdefault(program, {}).update(keys)
            self._write(program)

    def say_of(self, program: str, when: dict[str, str], **keys: Any) -> None:
        """For what fits `when` alone, instead of what was said of it before."""
        with self._lock:
            exceptions = self._said.setdefault(program, {}).setdefault("exceptions", [])
            # Of several that fit, the first wins.
            exceptions.insert(0, {"when": when, **keys})
            self._write(program)

    def take_back(self, program: str) -> None:
        """The program does as usual."""
        with self._lock:
            self._said.pop(program, None)
            (self.folder / f"{program}.yaml").unlink(missing_ok=True)

    def _write(self, program: str) -> None:
        partial = self.folder / f".{program}.partial"
        partial.write_text(yaml.safe_dump(self._said[program], allow_unicode=True))
        partial.replace(self.folder / f"{program}.yaml")


class Ledger:
    """What a program of the sandbox has in its store."""

    def __init__(self, sandbox: Path, program: str) -> None:
        self.path = sandbox / program / "store.sqlite3"

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=20)
        try:
            yield connection
        finally:
            connection.close()

    def records(self, kind: str) -> dict[str, Any]:
        with self._open() as connection:
            rows = connection.execute("select key, value from records where kind = ?", (kind,)).fetchall()
        return {key: json.loads(value) for key, value in rows}

    def sent(self, kind: str, subject: str) -> list[dict[str, Any]]:
        """The envelopes of that type about that subject, files included."""
        return self._envelopes("select envelope from outbox where type = ? and subject = ?", kind, subject)

    def received(self, kind: str, subject: str) -> list[dict[str, Any]]:
        return self._envelopes("select envelope from inbox where type = ? and subject = ?", kind, subject)

    def _envelopes(self, statement: str, kind: str, subject: str) -> list[dict[str, Any]]:
        with self._open() as connection:
            rows = connection.execute(statement, (kind, subject)).fetchall()
        return [json.loads(row[0]) for row in rows]


def rows(stack: Stack, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """The answer of the portal's database."""
    assert stack.cluster is not None
    with psycopg.connect(stack.cluster.url(), autocommit=True) as connection:
        cursor = connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []
