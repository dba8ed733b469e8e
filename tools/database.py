"""Filling a database with what the portal needs before anybody signs in: tables, calendar, lists, regulations."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

STEPS = (
    ("migrate", "--verbosity=0"),
    ("load_calendar",),
    ("load_reference",),
    ("load_regulations",),
    ("load_registry",),
)
"""Management commands, in order; each may be run again and again."""

SANDBOX_STEPS = (("load_trust",), ("load_participants",), ("load_officers",), ("load_registry",))
"""The same for what the sandbox's folder tells: trusted centres, participants' addresses and keys, which listed
body is which participant."""


def fill(environment: dict[str, str], *, sandbox: bool) -> None:
    """The database that `environment` names is ready.

    Raises:
        subprocess.CalledProcessError: a step failed; it has said why on standard error.
    """
    # One process for all steps: each start of Django costs a second.
    subprocess.run(
        [sys.executable, "-m", "tools.database", *(["--sandbox"] if sandbox else [])],
        cwd=ROOT,
        env=environment,
        check=True,
    )


def main() -> None:
    import os

    import django
    from django.core.management import call_command, get_commands

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    known = get_commands()
    for command, *arguments in STEPS + (SANDBOX_STEPS if "--sandbox" in sys.argv else ()):
        if command in known:
            call_command(command, *arguments)


if __name__ == "__main__":
    main()
