"""`manage.py load_trust [--dir DIR]`: the list of trusted centres becomes what DIR/trust.json says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from azexport.kernel.actor import SYSTEM
from azexport.signatures import actions
from azexport.signatures.trust_files import TrustFileError


class Command(BaseCommand):
    help = "Loads the list of trusted centres."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dir", type=Path, help="folder of trust.json; default: the sandbox's")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["dir"] or (settings.SANDBOX / "trust" if settings.SANDBOX else None)
        if folder is None:
            raise CommandError("Name the folder of the trusted list with --dir.")
        try:
            actions.load_trust(folder=folder, by=SYSTEM, now=timezone.now())
        except TrustFileError as error:
            raise CommandError(str(error)) from error
