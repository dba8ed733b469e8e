"""`manage.py load_participants`: the bodies of the portal, and the addresses and keys of their systems."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from pydantic import ValidationError

from azexport.kernel.actor import SYSTEM
from azexport.participants import actions
from azexport.participants.models import Participant
from azexport.participants.schema import Bodies, Directory


class Command(BaseCommand):
    help = "Loads the bodies, and where there is a directory the address and certificate of each one's system."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bodies", type=Path, default=settings.REGULATIONS / "participants.yaml")
        parser.add_argument("--directory", type=Path, default=None, help="directory.json; default: the sandbox's")

    def handle(self, *args: Any, bodies: Path, directory: Path | None, **options: Any) -> None:
        now = timezone.now()
        try:
            read = Bodies.model_validate(yaml.load(bodies.read_bytes(), Loader=yaml.CSafeLoader))
        except (OSError, ValidationError) as error:
            raise CommandError(f"{bodies}: {error}") from error
        actions.load_bodies(bodies=read.participants, by=SYSTEM, now=now)
        if directory is None and settings.SANDBOX and (settings.SANDBOX / "directory.json").exists():
            directory = settings.SANDBOX / "directory.json"
        if directory is None:
            return
        try:
            endpoints = Directory.model_validate(json.loads(directory.read_bytes())).participants
        except (OSError, ValueError) as error:
            raise CommandError(f"{directory}: {error}") from error
        known = {one.code: one for one in Participant.objects.all()}
        for endpoint in endpoints:
            participant = known.get(endpoint.code)
            if participant is None:
                self.stderr.write(f"{directory}: nobody has the code {endpoint.code}; left out")
                continue
            try:
                actions.connect_system(participant=participant, endpoint=endpoint, by=SYSTEM, now=now)
            except actions.UnusableCertificate as error:
                raise CommandError(f"{directory}: {endpoint.code}: {error}") from error
