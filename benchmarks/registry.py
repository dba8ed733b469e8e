"""What finding a service in the registry costs, beside the bare SQL of the same search."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from azexport.services import queries
from benchmarks.measuring import Subject

TODAY = date(2026, 11, 22)
COPIES = 100
"""The registry of 285 services is measured as it is, and this many times as large."""
SEARCHES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("one word", "lisenziya", {}),
    ("misspelt, without marks", "mense sertfikati", {}),
    ("English, with filters", "certificate", {"kind": "interactive", "runs": "none"}),
    ("no words, first page", "", {}),
)


def copy_list(times: int) -> None:
    """Every listed service `times` more, each under a number of its own, words mixed so that copies differ."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO services_entry (created_at, number, provider_id, service, list_number) "
            "SELECT created_at, 'ES-' || lpad((100000 + copy * 1000 + right(number, 3)::integer)::text, 6, '0'), "
            "provider_id, '', '' FROM services_entry, generate_series(1, %s) AS copy WHERE list_number <> ''",
            [times],
        )
        cursor.execute(
            "INSERT INTO services_entryversion (created_at, version, valid_from, content, basis, change, ours, "
            "registered_by, name_az, name_en, about, body, activity, kind, fee, users, place, entry_id) "
            "SELECT v.created_at, 1, v.valid_from, v.content, v.basis, v.change, v.ours, v.registered_by, "
            "v.name_az || ' ' || copied.number, v.name_en, v.about, v.body, v.activity, v.kind, v.fee, v.users, "
            "v.place, copied.id FROM services_entry AS copied "
            "JOIN services_entry AS listed ON listed.number = 'ES-000' || right(copied.number, 3) "
            "JOIN services_entryversion AS v ON v.entry_id = listed.id "
            "WHERE copied.number >= 'ES-100000'"
        )
        cursor.execute("ANALYZE services_entry")
        cursor.execute("ANALYZE services_entryversion")


def subjects() -> list[Subject]:
    """Each search beside its own statements sent bare; then the page and the API, beside the same."""
    client = Client()
    found = [_search(name, text, filters) for name, text, filters in SEARCHES]
    pages = [
        _page(client, "page: /services/?q=", "/services/?q=mense+sertfikati"),
        _page(client, "API: /api/services?q=", "/api/services?q=mense+sertfikati"),
        _page(client, "page: one service", "/services/ES-000186/"),
    ]
    return [*found, *pages]


def _search(name: str, text: str, filters: dict[str, Any]) -> Subject:
    def run(_none: object) -> object:
        return queries.registry.search(text, on=TODAY, **filters)

    return Subject(f"search: {name}", lambda: None, run, bare=_bare(run))


def _page(client: Client, name: str, address: str) -> Subject:
    def run(_none: object) -> None:
        assert client.get(address).status_code == 200

    return Subject(name, lambda: None, run, bare=_bare(run))


def _bare(run: Callable[[object], object]) -> Callable[[], object]:
    """The statements of one run as they went to PostgreSQL, sent again with nothing around them, rows fetched."""
    run(None)
    with CaptureQueriesContext(connection) as captured:
        run(None)
    statements = [one["sql"] for one in captured.captured_queries]

    def send() -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                cursor.fetchall()

    return send
