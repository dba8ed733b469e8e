"""An officer of the honey office in front of a browser, and cases on the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from azexport.parties.models import Member
from tests.factories.cases import CHECKLIST, DOCUMENT, REGISTER, desk_row, step
from tests.factories.parties import make_head, make_officer, sign_in

Browser = Callable[..., Client]


@pytest.fixture
def browser() -> Browser:
    """Somebody's browser, in English unless told otherwise."""

    def open_(member: Member, language: str = "en") -> Client:
        client = sign_in(Client(), member)
        client.cookies["language"] = language
        return client

    return open_


@pytest.fixture
def row() -> Any:
    """A service with a checklist, another body's opinion in between, a document and a public register."""
    return desk_row(
        [step("tasting", checklist=CHECKLIST), step("bees", performer="bee-office"), step("sealing")],
        general__result={
            "kind": "seal", "name": {"az": "Bal möhürü", "en": "Honey seal"},
            "validity": {"days": 30, "text": {"az": "30 gün", "en": "30 days"}}, "document": DOCUMENT,
            "register": REGISTER,
        },
    )  # fmt: skip


@pytest.fixture
def clerk(row: Any) -> Member:
    return make_officer("honey-office")


@pytest.fixture
def head(row: Any) -> Member:
    return make_head("honey-office")


@pytest.fixture
def bees(row: Any) -> Member:
    return make_officer("bee-office")


@pytest.fixture
def client(browser: Browser, clerk: Member) -> Client:
    return browser(clerk)


@pytest.fixture
def statements() -> Callable[[Client, str], int]:
    """How many statements a page costs once everything that is kept in memory is there."""

    def count(client: Client, address: str) -> int:
        assert client.get(address).status_code == 200
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    return count
