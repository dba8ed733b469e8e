"""Taking regulations in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import yaml
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from azexport.audit import actions as audit
from azexport.documents import actions as storing
from azexport.documents import queries as documents
from azexport.kernel.actor import Actor
from azexport.kernel.text import both
from azexport.services import conformance, files, legal, queries
from azexport.services.faults import Fault, say
from azexport.services.files import RegulationError
from azexport.services.models import RegulationVersion
from azexport.services.schema import Regulation, clause_of

PARTICIPANTS = "participants.yaml"
NOT_REGULATIONS = {PARTICIPANTS}


def read_folder(folder: Path) -> list[Regulation]:
    """Every regulation of the folder, in the order of their files' names.

    Raises:
        RegulationError: with the faults of all files, and rules whose number is given twice.
    """
    regulations: list[Regulation] = []
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name in NOT_REGULATIONS:
            continue
        try:
            regulations.append(files.read(path))
        except RegulationError as error:
            faults += error.faults
    faults += _rules_given_twice(regulations)
    if faults:
        raise RegulationError(faults)
    return regulations


@dataclass(frozen=True)
class Checked:
    """A regulation's file, and what is wrong with it."""

    name: str
    regulation: Regulation | None
    """None where the file is none."""
    faults: tuple[Fault, ...]


def check_folder(folder: Path) -> list[Checked]:
    """Every regulation of the folder proven to conform, or what is wrong with it, at its line (S-A1)."""
    checked = [_checked(path) for path in sorted(folder.glob("*.yaml")) if path.name not in NOT_REGULATIONS]
    between = _rules_given_twice([one.regulation for one in checked if one.regulation])
    between += _unknown_bodies(folder, checked)
    return [
        replace(one, faults=(*one.faults, *[fault for fault in between if fault.file == one.name])) for one in checked
    ]


def _unknown_bodies(folder: Path, checked: Iterable[Checked]) -> list[Fault]:
    """Providers, performers and keepers of registers that the folder's participants do not name, where it names any."""
    path = folder / PARTICIPANTS
    if not path.exists():
        return []
    known = {one["code"] for one in yaml.safe_load(path.read_text(encoding="utf-8"))["participants"]}
    return [
        Fault(place, say(_("no participant is called %(code)s"), code=code), clause_of(place), line=1, file=one.name)
        for one in checked
        if one.regulation
        for place, code in _bodies(one.regulation)
        if code not in known
    ]


def _bodies(regulation: Regulation) -> Iterator[tuple[tuple[str | int, ...], str]]:
    yield ("general", "provider"), regulation.provider
    for number, step in enumerate(regulation.steps):
        if step.performer:
            yield ("procedures", "steps", number, "performer"), step.performer
    for number, document in enumerate(regulation.provision.known_documents):
        if document.register_:
            yield ("provision", "known_documents", number, "register"), document.register_.participant


def _checked(path: Path) -> Checked:
    try:
        regulation = files.read(path)
    except RegulationError as error:
        try:
            content, lines = files.load(path.read_text(encoding="utf-8"), name=path.name)
        except RegulationError:
            return Checked(path.name, None, error.faults)
        more = conformance.check(content) if isinstance(content, dict) else []
        told = {fault.path for fault in error.faults}
        found = [*error.faults, *[one for one in files.placed(more, lines, path.name) if one.path not in told]]
        return Checked(path.name, None, tuple(found))
    _content, lines = files.load(path.read_text(encoding="utf-8"), name=path.name)
    return Checked(path.name, regulation, tuple(files.placed(conformance.check(regulation), lines, path.name)))


def _rules_given_twice(regulations: Iterable[Regulation]) -> list[Fault]:
    standing: dict[str, str] = {}
    found: list[Fault] = []
    for regulation in regulations:
        file = f"{regulation.id}.yaml"
        twice = conformance.rules_given_elsewhere(regulation.model_dump(mode="json"), standing)
        found += [replace(fault, path=("requirements",), line=1, file=file) for fault in twice]
        standing = {one.rule: file for one in regulation.requirements} | standing
    return found


@transaction.atomic
def load(*, regulations: Iterable[Regulation], by: Actor, now: datetime) -> list[RegulationVersion]:
    """Each regulation whose text is new has a new version row; the others are left alone.

    Where a body has registered a text of its own through the portal (S10.4), that one has replaced the file for good.

    Returns:
        The rows that were added.
    """
    newest = {
        row.service: row
        for row in RegulationVersion.objects.select_for_update().order_by("service", "version", "revision")
    }
    written_here = set(RegulationVersion.objects.filter(draft__isnull=False).values_list("service", flat=True))
    added = []
    for regulation in regulations:
        if regulation.id in written_here:
            continue
        content = regulation.model_dump(mode="json")
        sha256 = hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
        known = newest.get(regulation.id)
        if known is not None and known.sha256 == sha256:
            continue
        same_number = known is not None and known.version == regulation.version
        if known is not None and regulation.version < known.version:
            message = say(_("version %(old)s is older than %(new)s"), old=regulation.version, new=known.version)
            raise RegulationError([Fault(("version",), message, line=1, file=f"{regulation.id}.yaml")])
        added.append(
            RegulationVersion(
                created_at=now, service=regulation.id, version=regulation.version,
                revision=known.revision + 1 if known is not None and same_number else 1,
                valid_from=regulation.valid_from, valid_until=regulation.valid_until,
                content=content, sha256=sha256,
            )
        )  # fmt: skip
    RegulationVersion.objects.bulk_create(added)
    audit.record_many(
        "regulation.loaded",
        subjects={f"{row.service}": {"version": row.label, "sha256": row.sha256} for row in added},
        by=by,
        now=now,
    )
    return added


def printed(row: RegulationVersion, *, by: Actor, now: datetime) -> bytes:
    """The legal text as PDF/A: the signed one, where the head approved it on the portal; else printed once and kept."""
    approval = queries.approval_of(row)
    if approval is not None:
        return documents.content(documents.by_reference(approval.document))
    code = legal.code_of(row.sha256)
    kept = documents.by_code(code)
    if kept is not None:
        return documents.content(kept)
    content = legal.render(row.regulation, code=code)
    with suppress(IntegrityError):  # somebody else was first; the same text makes the same bytes
        storing.store(
            kind="regulation-text", title=row.name, content=content, code=code, by=by, now=now,
            facts=[{"label": both("Versiya", "Version"), "value": row.label}],
        )  # fmt: skip
    return content
