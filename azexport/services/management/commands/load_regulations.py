"""Loads the regulations."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from azexport.kernel.actor import SYSTEM
from azexport.services import actions
from azexport.services.files import RegulationError


class Command(BaseCommand):
    help = "Load the administrative regulations of a folder; a changed text becomes a new version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dir", dest="folder", type=Path, default=Path(settings.REGULATIONS))

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            added = actions.load(regulations=actions.read_folder(folder), by=SYSTEM, now=timezone.now())
        except RegulationError as error:
            raise CommandError(str(error.message)) from error
        for row in added:
            self.stdout.write(f"{row}: loaded")
