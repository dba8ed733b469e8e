"""What every write to the registry shares: one at a time, numbers, contents, and the columns of the search."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Max

from azexport.kernel.text import Text
from azexport.participants.models import Participant
from azexport.services.models import Entry, EntryVersion, Provider, RegulationVersion

CONTENT = (
    "name", "other_performers", "content", "legal_basis", "kind", "fee", "fee_text", "users", "place", "activity",
    "effective_on",
)  # fmt: skip
"""What is kept of a service (S10.5.2): points 3 to 10 of S-A2, the field of activity, and the day it begins."""


def one_at_a_time() -> None:
    """Nobody else writes to the registry until this transaction ends: numbers follow each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('services.registry'))")


def next_numbers(count: int) -> list[str]:
    """The next registry numbers, `ES-000286` and on; none was ever given before (S10.4)."""
    last = Entry.objects.aggregate(last=Max("number"))["last"]
    first = int(last.removeprefix("ES-")) + 1 if last else 1
    return [f"ES-{number:06}" for number in range(first, first + count)]


def provider_of(participant: Participant, *, now: datetime) -> Provider:
    """The participant among the registry's bodies; one that is not of the list joins under its own code."""
    found = Provider.objects.filter(participant=participant).select_related("participant").first()
    return found or Provider.objects.create(
        created_at=now, code=participant.code, name=participant.name, participant=participant
    )


def content_of_regulation(row: RegulationVersion) -> dict[str, Any]:
    """What a regulation says of its service, in the shape of a registry entry's content."""
    regulation = row.regulation
    general, provision = regulation.general, regulation.provision
    return {
        "name": regulation.name,
        "other_performers": None,
        "content": general.content.text,
        "legal_basis": _joined([one.text for one in general.legal_basis]),
        "kind": provision.kind,
        "fee": "paid" if provision.fee.amount else "free",
        "fee_text": provision.fee.note.text if provision.fee.note else None,
        "users": list(provision.users),
        "place": provision.place.text,
        "activity": getattr(general, "activity", None),
        "effective_on": row.valid_from.isoformat(),
    }


def _joined(texts: list[Text]) -> Text:
    return {language: "; ".join(one[language] for one in texts) for language in ("az", "en")}


def fill_search(version: EntryVersion) -> None:
    """The version's search columns say what its content and its entry say. The entry has its number."""
    entry, content = version.entry, version.content
    version.name_az = content["name"]["az"]
    version.name_en = content["name"].get("en", "")
    version.about = " ".join((content.get("content") or {}).values())
    version.body = " ".join([*_called(entry.provider), entry.number, entry.list_number]).strip()
    version.activity = content.get("activity") or ""
    version.kind = content.get("kind") or ""
    version.fee = content.get("fee") or ""
    version.users = content.get("users") or []
    version.place = _address(content.get("place"))


def _called(provider: Provider) -> list[str]:
    """Everything a body is called: its names in the list and today, and their abbreviations."""
    names = [*provider.name.values(), *(provider.participant.name.values() if provider.participant else ())]
    return [*dict.fromkeys([*names, *(short for name in names for short in abbreviations(name))])]


_REPUBLIC = re.compile(r"Azərbaycan Respublikası(nın)?|of the Republic of Azerbaijan|Respublikası(nın)?")


def abbreviations(name: str) -> list[str]:
    """How people shorten a body's name: the initials of its capital words, with and without the republic.

    `Dövlət Gömrük Komitəsi` -> `DGK`; `Mədəniyyət və Turizm Nazirliyi` -> `MTN`.
    """
    initials = [
        "".join(word[0] for word in re.findall(r"\w+", text) if word[0].isupper())
        for text in (name, _REPUBLIC.sub("", name))
    ]
    return [*dict.fromkeys(short for short in initials if len(short) > 1)]


def _address(place: Text | None) -> str:
    """The first web address that the place of the service names; "" where it names none."""
    found = re.search(r"https?://[^\s,;]+", " ".join((place or {}).values()))
    return found.group() if found else ""


def rebuild_vocabulary() -> None:
    """Every word of the registry is known, so that a misspelt one can be read as the nearest."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO services_word SELECT word FROM ts_stat('SELECT words FROM services_entryversion') "
            "WHERE length(word) BETWEEN 3 AND 100 ON CONFLICT DO NOTHING"
        )
        # The planner has seen neither table: without this the first searches scan.
        cursor.execute("ANALYZE services_entryversion")
        cursor.execute("ANALYZE services_word")


def learn_words(version: EntryVersion) -> None:
    """The words of this version are known too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO services_word SELECT lexeme FROM services_entryversion, unnest(words) "
            "WHERE id = %s AND length(lexeme) BETWEEN 3 AND 100 ON CONFLICT DO NOTHING",
            [version.pk],
        )
