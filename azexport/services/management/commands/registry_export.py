"""Writes the registry of e-services as open data."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from azexport.services.queries import open_data


class Command(BaseCommand):
    help = "Write every entry of the registry of e-services, as JSON (with every version) or CSV (as it stands)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=("json", "csv"), default="json", dest="form")
        parser.add_argument("--output", type=Path, help="a file; without it, the standard output")

    def handle(self, *args: Any, form: str, output: Path | None, **options: Any) -> None:
        now = timezone.now()
        rows = open_data.whole(now)
        text = open_data.as_csv(rows) if form == "csv" else open_data.as_json(rows, now=now)
        if output is None:
            self.stdout.write(text, ending="")
        else:
            output.write_bytes(text.encode())
