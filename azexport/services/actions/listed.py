"""Taking in the list of decision 191 (S-L): 41 bodies, 285 services, and what this portal assigned to them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from azexport.audit import actions as audit
from azexport.calendar import queries as calendar
from azexport.kernel.actor import Actor
from azexport.kernel.text import Text
from azexport.participants import queries as participants
from azexport.services import queries
from azexport.services.actions import entries
from azexport.services.models import Change, Entry, EntryVersion, Provider, RegulationVersion

DATA = Path(__file__).parent.parent / "data"
LISTED_ON = date(2011, 11, 24)
"""Decision 191 came into force on the day it was signed (its point 6)."""
BASIS = "S-L"


@transaction.atomic
def load_list(*, by: Actor, now: datetime, folder: Path = DATA) -> dict[str, int]:
    """The registry holds every body and service of the list, with what `assigned.yaml` of the folder assigns to them.

    A service that is not in the registry enters it with the next number. One that is there is brought up to what the
    files say as long as nobody but the list has spoken of it: an entry that its provider had amended is left alone.

    Returns:
        How many providers and entries were written, by name; loading twice writes nothing the second time.
    """
    entries.one_at_a_time()
    assigned = _assigned(folder)
    bodies = list(_rows(folder / "e-service-agencies.csv"))
    providers, written = _providers(bodies, assigned.get("providers", {}), now=now)
    count = _entries(list(_rows(folder / "e-services.csv")), providers, assigned, by=by, now=now)
    if written or count:
        entries.rebuild_vocabulary()
        audit.record(
            "registry.list_loaded", subject=BASIS, by=by, now=now, data={"providers": written, "entries": count}
        )
    return {"providers": written, "entries": count}


def _rows(path: Path) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _assigned(folder: Path) -> dict[str, Any]:
    path = folder / "assigned.yaml"
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    return loaded


def _providers(
    rows: list[dict[str, str]], assigned: Mapping[int, Mapping[str, str]], *, now: datetime
) -> tuple[dict[str, Provider], int]:
    """The listed bodies by their number in the list, and how many of them were written."""
    known = {one.list_number: one for one in Provider.objects.filter(list_number__isnull=False)}
    bodies = participants.by_codes({one["participant"] for one in assigned.values() if "participant" in one})
    found, written = {}, 0
    for row in rows:
        ours = assigned.get(int(row["number"]), {})
        name = _name(row["name_az"], ours.get("en"))
        participant = bodies.get(ours.get("participant", ""))
        provider = known.get(int(row["number"]))
        if provider is None:
            provider = Provider(created_at=now, code=row["number"], list_number=int(row["number"]))
        if provider.pk is None or provider.name != name or provider.participant_id != getattr(participant, "pk", None):
            provider.name, provider.participant = name, participant
            provider.save()
            written += 1
        found[row["number"]] = provider
    return found, written


def _entries(
    rows: list[dict[str, str]], providers: Mapping[str, Provider], assigned: Mapping[str, Any], *,
    by: Actor, now: datetime,
) -> int:  # fmt: skip
    """How many listed entries were written."""
    runs_here: Mapping[str, str] = assigned.get("runs_here", {})
    regulations = {row.service: row for row in queries.in_force(calendar.today(now))}
    known = {one.list_number: one for one in Entry.objects.exclude(list_number="")}
    alone = {one.entry_id: one for one in EntryVersion.objects.filter(basis=BASIS, version=1, valid_until__isnull=True)}
    new: list[tuple[Entry, EntryVersion]] = []
    changed = 0
    for row in rows:
        number, provider = row["number"], providers[row["agency"]]
        service = runs_here.get(number, "")
        ours = assigned.get("services", {}).get(number, {})
        content, assigned_keys = _content(row["name_az"], ours, regulations.get(service))
        entry = known.get(number)
        if entry is None:
            entry = Entry(created_at=now, provider=provider, service=service, list_number=number)
            new.append((entry, _version(content, assigned_keys, by=by, now=now)))
        elif entry.pk in alone:
            changed += _refreshed(entry, alone[entry.pk], provider, service, content, assigned_keys, now=now)
    _insert(new)
    return len(new) + changed


def _content(
    name_az: str, ours: Mapping[str, str], regulation: RegulationVersion | None
) -> tuple[dict[str, Any], list[str]]:
    """What is said of a listed service, and which of it this portal assigned.

    The list gives a name in Azerbaijani and nothing else (S-L); where the service runs here, its regulation says more.
    """
    content = entries.content_of_regulation(regulation) if regulation else dict.fromkeys(entries.CONTENT)
    assigned = ["number"]
    content["name"] = _name(name_az, ours.get("en"))
    if ours.get("en"):
        assigned.append("name.en")
    for key in ("activity", "kind"):
        if not content.get(key) and ours.get(key):
            content[key] = ours[key]
            assigned.append(key)
    return content, assigned


def _name(az: str, en: str | None) -> Text:
    return {"az": az, "en": en} if en else {"az": az}


def _version(content: dict[str, Any], ours: list[str], *, by: Actor, now: datetime) -> EntryVersion:
    return EntryVersion(
        created_at=now, version=1, valid_from=LISTED_ON, content=content, basis=BASIS, change=Change.REGISTERED,
        ours=ours, registered_by=by.actor_name,
    )  # fmt: skip


def _insert(new: list[tuple[Entry, EntryVersion]]) -> None:
    for number, (entry, _) in zip(entries.next_numbers(len(new)), new, strict=True):
        entry.number = number
    Entry.objects.bulk_create(entry for entry, _ in new)
    for entry, version in new:
        version.entry = entry
        entries.fill_search(version)
    EntryVersion.objects.bulk_create(version for _, version in new)


def _refreshed(
    entry: Entry, version: EntryVersion, provider: Provider, service: str, content: dict[str, Any], ours: list[str], *,
    now: datetime,
) -> bool:  # fmt: skip
    """Whether the entry differed from the files; it no longer does."""
    version.entry = entry
    before = (entry.provider_id, entry.service, version.content, version.ours, version.body)
    entry.provider, entry.service = provider, service
    version.content, version.ours = content, ours
    entries.fill_search(version)
    if before == (entry.provider_id, entry.service, version.content, version.ours, version.body):
        return False
    entry.save(update_fields=["provider", "service"])
    version.created_at = now
    version.save()
    return True
