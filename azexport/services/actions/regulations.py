"""Taking regulations in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from azexport.audit import actions as audit
from azexport.kernel.actor import Actor
from azexport.services import files
from azexport.services.faults import Fault, say
from azexport.services.files import RegulationError
from azexport.services.models import RegulationVersion
from azexport.services.schema import Regulation

NOT_REGULATIONS = {"participants.yaml"}


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


def _rules_given_twice(regulations: Iterable[Regulation]) -> list[Fault]:
    owner: dict[str, str] = {}
    return [
        Fault(
            ("requirements",),
            say(_("rule %(rule)s stands in %(file)s already"), rule=rule.rule, file=f"{first}.yaml"),
            line=1,
            file=f"{regulation.id}.yaml",
        )
        for regulation in regulations
        for rule in regulation.requirements
        if (first := owner.setdefault(rule.rule, regulation.id)) != regulation.id
    ]


@transaction.atomic
def load(*, regulations: Iterable[Regulation], by: Actor, now: datetime) -> list[RegulationVersion]:
    """Each regulation whose text is new has a new version row; the others are left alone.

    Returns:
        The rows that were added.
    """
    newest = {
        row.service: row
        for row in RegulationVersion.objects.select_for_update().order_by("service", "version", "revision")
    }
    added = []
    for regulation in regulations:
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
