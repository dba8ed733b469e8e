"""azexport-verify: check a dossier against trust anchors from outside it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from azexport_verify import dossier
from azexport_verify.anchors import NoAnchors, load
from azexport_verify.report import LANGUAGES


def main(arguments: Sequence[str] | None = None) -> int:
    """0: everything is in order; 1: something is not; 2: the dossier or the anchors cannot be read."""
    parser = argparse.ArgumentParser(prog="azexport-verify", description=__doc__)
    parser.add_argument("dossier", type=Path, help="the dossier, a zip archive")
    parser.add_argument(
        "--trust", type=Path, required=True, help="folder with trust.json and the centres' certificates"
    )
    parser.add_argument("--language", choices=LANGUAGES, default="az", help="of the report for people (az)")
    parser.add_argument("--json", action="store_true", help="a report for programs")
    parser.add_argument(
        "--sealed-by",
        default=dossier.PORTAL,
        metavar="IDENTIFIER",
        help=f"organisation identifier in the certificate of the seal ({dossier.PORTAL})",
    )
    chosen = parser.parse_args(arguments)
    try:
        anchors = load(chosen.trust)
        report = dossier.check(chosen.dossier, anchors, owner=chosen.sealed_by)
    except (NoAnchors, OSError) as error:
        print(f"azexport-verify: {error}", file=sys.stderr)
        return 2
    if chosen.json:
        print(report.as_json())
    else:
        print("\n".join(report.lines(chosen.language)))
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
