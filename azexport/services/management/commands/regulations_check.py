"""Proves that the regulations of a folder conform (S-A1), and draws their routes."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from azexport.services import diagram
from azexport.services.actions.regulations import check_folder
from azexport.services.schema import Regulation

HEAD = ("regulation", "version", "kind", "headings", "questions", "steps", "term", "faults")


class Command(BaseCommand):
    """`azexport regulations check [FOLDER] [--diagrams DIR]`; exit status 1 where there are faults."""

    help = (
        "Check every regulation of a folder: each required heading filled, each state reached and left, each term set, "
        "each text in both languages, each expression of its type, the form whole."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=Path(settings.REGULATIONS))
        parser.add_argument(
            "--diagrams", type=Path, metavar="DIR", help="draw the route of each as SVG into this folder"
        )
        parser.add_argument("--language", choices=("az", "en"), default="en", help="of the faults and the diagrams")

    def handle(self, *args: Any, folder: Path, diagrams: Path | None, language: str, **options: Any) -> None:
        found = check_folder(folder)
        self._table([_row(one.regulation, one.name, len(one.faults)) for one in found])
        for one in found:
            for fault in one.faults:
                self.stdout.write(fault.told(language))
        if diagrams is not None:
            diagrams.mkdir(parents=True, exist_ok=True)
            for one in found:
                if one.regulation is not None:
                    picture = diagram.svg(one.regulation, language=language)
                    (diagrams / f"{one.regulation.id}.svg").write_text(picture, encoding="utf-8")
        faults = sum(len(one.faults) for one in found)
        self.stdout.write(f"{len(found)} regulations, {faults} faults")
        if faults or not found:
            raise SystemExit(1)

    def _table(self, rows: list[tuple[str, ...]]) -> None:
        widths = [max(len(row[place]) for row in (HEAD, *rows)) for place in range(len(HEAD))]
        for row in (HEAD, *rows):
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _row(regulation: Regulation | None, name: str, faults: int) -> tuple[str, ...]:
    if regulation is None:
        return (name, "-", "-", "-", "-", "-", "-", str(faults))
    from azexport.services import legal

    headings = sum(1 for one in legal.clauses(regulation, language="az", names={}) if one.text)
    kind = "calculator" if regulation.provision.calculator else "automatic" if regulation.automatic else (
        regulation.provision.kind
    )  # fmt: skip
    steps = " ".join(str(len(stage)) for stage in regulation.stages) or "-"
    term = f"{regulation.term.working_days} wd"
    return (
        regulation.id, str(regulation.version), kind, str(headings), str(len(regulation.questions)), steps, term,
        str(faults) if faults else "ok",
    )  # fmt: skip
