"""`manage.py load_officers`: the bodies' first officers, so that their heads can appoint the others."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from pydantic import BaseModel, ValidationError

from azexport.kernel.actor import SYSTEM
from azexport.participants import queries as participants
from azexport.parties import actions
from azexport.parties.states import AT_A_BODY


class Entry(BaseModel):
    """One person of the file; those without a body are somebody else's business."""

    body: str | None = None
    role: str
    fin: str | None = None
    given_name: str = ""
    surname: str = ""
    position: dict[str, str] | None = None
    email: str | None = None


class People(BaseModel):
    people: list[Entry]


class Command(BaseCommand):
    help = "Appoints the officers whom a directory names; appointing them again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--directory", type=Path, default=None, help="directory.json; default: the sandbox's")

    def handle(self, *args: Any, directory: Path | None, **options: Any) -> None:
        if directory is None and settings.SANDBOX:
            directory = settings.SANDBOX / "directory.json"
        if directory is None or not directory.exists():
            return
        try:
            entries = People.model_validate(json.loads(directory.read_bytes())).people
        except (OSError, ValueError, ValidationError) as error:
            raise CommandError(f"{directory}: {error}") from error
        officers = [one for one in entries if one.body and one.role in AT_A_BODY]
        bodies = participants.by_codes({str(one.body) for one in officers})
        for one in officers:
            if one.body not in bodies:
                self.stderr.write(f"{directory}: nobody has the code {one.body}; left out")
                continue
            actions.appoint_officer(
                participant=bodies[one.body], fin=str(one.fin), given_name=one.given_name, surname=one.surname,
                position=one.position or {}, role=one.role, email=one.email or "", by=SYSTEM, now=timezone.now(),
            )  # fmt: skip
