"""Command line of the sandbox: set it up, run one of its programs, change what its centres say."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

DEFAULT_DIR = Path("var/sandbox")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.command(chosen) or 0)
    except (FileNotFoundError, LookupError, ValueError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(required=True)

    def command(name: str, function: Any, about: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=about, description=about)
        sub.add_argument("--dir", type=Path, default=DEFAULT_DIR, help=f"the sandbox's folder ({DEFAULT_DIR})")
        sub.set_defaults(command=function)
        return sub

    sub = command("setup", _setup, "make keys, centres and directory.json; keeps what is there")
    sub.add_argument("--port-base", type=int, default=8100)
    sub.add_argument("--portal", default="http://localhost:8000", help="public address of the portal")

    sub = command("run", _run, "run one program in the foreground until SIGTERM or Ctrl-C")
    sub.add_argument("name")

    command("names", _names, "list the names of the programs")

    sub = command("pki", _pki, "revoke, suspend or restore a certificate, or list what the centres issued")
    sub.add_argument("what", choices=["revoke", "suspend", "restore", "list"])
    sub.add_argument("serial", nargs="?", help="serial number in hex")

    sub = command("issue-person", _issue_person, "give one more person an authentication and a signing key")
    sub.add_argument("--key", required=True, help="name of the key files, as in leyla-mammadova")
    sub.add_argument("--given-name", required=True)
    sub.add_argument("--surname", required=True)
    sub.add_argument("--organisation", required=True)
    sub.add_argument("--country", default="AZ", help="AZ: E-imza; another: the recognised foreign centre")
    sub.add_argument("--fin", help="of a citizen")
    sub.add_argument("--voen", help="of the organisation")
    sub.add_argument("--foreign-id", help="as in PNODE-L8X2T5V91")
    sub.add_argument("--organisation-id", help="as in NTRDE-HRB98765")
    sub.add_argument("--title", default="Direktor")
    sub.add_argument("--email")
    sub.add_argument("--role", default="person")
    return parser


def _setup(chosen: argparse.Namespace) -> int:
    from sandbox.installation import SetupError, set_up

    try:
        set_up(chosen.dir, chosen.port_base, chosen.portal)
    except SetupError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    return 0


def _run(chosen: argparse.Namespace) -> int:
    """Runs until it is told to stop, and then ends the process itself."""
    names = _programs(chosen.dir)
    if chosen.name not in names:
        print(f"sandbox: there is no program {chosen.name!r}; there are {', '.join(names)}", file=sys.stderr)
        return 1
    if importlib.util.find_spec(f"sandbox.{chosen.name}") is None:
        # A body that issues permits: one program for all of them, each with its own keys, store, template and script.
        program = importlib.import_module("sandbox.body").build(chosen.name, chosen.dir)
    else:
        program = importlib.import_module(f"sandbox.{chosen.name}").build(chosen.dir)
    program.run()
    # Not by taking the interpreter apart: the server's own threads outlive its loop, and a program was seen to end with
    # SIGABRT then. What it keeps is written and closed by now.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _names(chosen: argparse.Namespace) -> int:
    print("\n".join(_programs(chosen.dir)))
    return 0


def _programs(folder: Path) -> list[str]:
    path = folder / "directory.json"
    if not path.exists():
        raise FileNotFoundError(
            f"there is no sandbox in {folder}; make one with `python -m sandbox setup --dir {folder}`"
        )
    return list(json.loads(path.read_text())["programs"])


def _pki(chosen: argparse.Namespace) -> int:
    from sandbox.authority import Register

    _programs(chosen.dir)
    register = Register(chosen.dir / "pki" / "register.sqlite3")
    if chosen.what == "list":
        for row in register.listing():
            print(f"{row['serial']:>40}  {row['status']:9}  {row['centre']:17}  {row['subject']}")
        return 0
    if chosen.serial is None:
        raise ValueError("say which certificate: its serial number in hex (see `pki list`)")
    status = {"revoke": "revoked", "suspend": "suspended", "restore": "good"}[chosen.what]
    subject = register.set_status(int(chosen.serial, 16), status)
    print(f"{status}: {subject}")
    return 0


def _issue_person(chosen: argparse.Namespace) -> int:
    from sandbox.installation import Person, SetupError, issue_person

    if (chosen.fin is None) == (chosen.foreign_id is None):
        raise ValueError("give either --fin or --foreign-id")
    person = Person(
        name=chosen.key,
        role=chosen.role,
        given_name=chosen.given_name,
        surname=chosen.surname,
        country=chosen.country,
        organisation=chosen.organisation,
        title=chosen.title,
        fin=chosen.fin,
        foreign_id=chosen.foreign_id,
        voen=chosen.voen,
        organisation_id=chosen.organisation_id,
        email=chosen.email,
    )
    try:
        print(json.dumps(issue_person(chosen.dir, person), ensure_ascii=False, indent=1))
    except SetupError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
