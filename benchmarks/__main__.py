"""`python -m benchmarks [SIZE …]`: measures in a database of its own and prints the table; 1,000 and 100,000 rows."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import centres
from tools import pytest_database

if TYPE_CHECKING:
    from benchmarks.measuring import Result

SIZES = (1_000, 100_000)
WIDTHS = {"statements": 12, "wall ms": 9, "worst": 8, "CPU ms": 8, "bare ms": 9, "ratio": 7, "bare CPU": 10, "runs": 6}
HEAD = " " * 40 + "".join(f"{name:>{width}}" for name, width in WIDTHS.items()) + "   aim"


def main() -> int:
    sizes = [int(one) for one in sys.argv[1:]] or list(SIZES)
    started = time.monotonic()
    pytest_database.start_server()
    try:
        with centres.running() as (folder, port), _database(), _settings(folder):
            results = _run(folder, port, sizes)
    finally:
        pytest_database.pytest_unconfigure()
    missed = [one for one in results if one.verdict.startswith("MISSED")]
    aimed = sum(1 for one in results if one.verdict)
    print(f"\n{aimed - len(missed)} of {aimed} aims met; the whole run took {time.monotonic() - started:.0f} s.")
    return 0


@contextmanager
def _database() -> Iterator[None]:
    """A clone of the template, gone afterwards; `DATABASE_URL` names it before Django's settings are read."""
    name, usual = f"azexport_benchmark_{os.getpid()}", os.environ["DATABASE_URL"]
    os.environ["DATABASE_URL"] = pytest_database.clone(name)
    try:
        yield
    finally:
        os.environ["DATABASE_URL"] = usual
        pytest_database.drop(name)


@contextmanager
def _settings(sandbox: Path) -> Iterator[None]:
    """Django is set up, in a portal that trusts this sandbox's centres and has its keys."""
    os.environ["AZEXPORT_SANDBOX"] = str(sandbox)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.db import connection

    from azexport.kernel.actor import SYSTEM
    from azexport.signatures.actions import load_trust
    from benchmarks.subjects import now, write_portal_key

    write_portal_key(sandbox / "portal")
    load_trust(folder=sandbox / "trust", by=SYSTEM, now=now())
    try:
        yield
    finally:
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]


def _run(folder: Path, port: int, sizes: list[int]) -> list[Result]:
    from benchmarks import measuring, outside, rows, subjects
    from tests.factories.signatures import SandboxPki, a_pdf

    measuring.set_up()
    scene = subjects.make_scene(a_pdf("Seller", "Buyer", "Applicant"))
    results: list[Result] = []
    first = 1
    for size in sizes:
        rows.copy_cases(scene.case, first=first, last=size)
        first = size + 1
        _heading(f"{size:,} cases of this exporter")
        results += [_shown(measuring.measure(one)) for one in subjects.subjects(scene)]
    results += _run_registry()
    _heading("keys and PDFs")
    pki = SandboxPki(folder, port)
    results += [_shown(measuring.measure(one)) for one in outside.subjects(pki)]
    return results


def _run_registry() -> list[Result]:
    from benchmarks import measuring, registry

    results: list[Result] = []
    for copies in (0, registry.COPIES):
        if copies:
            registry.copy_list(copies)
        _heading(f"the registry of e-services, {285 * (copies + 1):,} entries (bare: the same SQL)")
        results += [_shown(measuring.measure(one)) for one in registry.subjects()]
    return results


def _heading(text: str) -> None:
    print(f"\n{text}\n{HEAD}", flush=True)


def _shown(one: Result) -> Result:
    counted, aim = one.statements, one.subject.aim
    cells = {
        "statements": f"{counted.all} ({counted.writes} w)",
        "wall ms": f"{one.wall:.1f}",
        "worst": f"{one.worst:.1f}",
        "CPU ms": f"{one.cpu:.1f}",
        "bare ms": f"{one.bare_wall:.2f}",
        "ratio": "-" if one.ratio is None else f"{one.ratio:.1f}",
        "bare CPU": f"{one.bare_cpu:.2f}",
        "runs": str(one.runs),
    }
    row = "".join(f"{cells[name]:>{width}}" for name, width in WIDTHS.items())
    wanted = f"<= {aim.statements}, {aim.cpu:g} ms CPU: {one.verdict}" if aim else ""
    print(f"{one.subject.name:<40}{row}   {wanted}".rstrip(), flush=True)
    return one


if __name__ == "__main__":
    sys.exit(main())
