"""The registry as open data: one shape for the API, the downloads and the command (docs/integration.md)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field

from azexport.calendar import queries as calendar
from azexport.services.activities import ACTIVITIES
from azexport.services.models import EntryVersion, Provider
from azexport.services.queries import registry
from azexport.services.queries.registry import How, Run

Words = dict[str, str]
"""`{"az": …, "en": …}`; Azerbaijani is always there."""


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True)


class ProviderData(Shape):
    """The body that provides the service."""

    code: str = Field(description="What the filter `provider` takes")
    list_number: int | None = Field(description="Place among the 41 bodies of decision 191; null: not one of them")
    name: Words
    participant: str | None = Field(description="Its code on this portal, where it works here")


class ActivityData(Shape):
    """A field of activity of clause 3.1 of the rules."""

    clause: str
    name: Words


class RunData(Shape):
    """Where the service is to be had."""

    how: How = Field(description="apply, calculator, page: here; link: elsewhere; none: not yet online")
    url: str | None


class VersionData(Shape):
    """What the registry said of the service for some time. null: nobody has supplied it."""

    version: int
    change: Literal["registered", "amended", "cancelled"]
    valid_from: date
    valid_until: date | None = Field(description="The last day; null: still valid")
    basis: str = Field(description="S-L: the list of decision 191; else the reference of the case")
    registered_at: datetime
    registered_by: str
    assigned_by_portal: list[str] = Field(description="What this portal assigned and no body supplied")
    name: Words
    other_performers: Words | None
    content: Words | None
    legal_basis: Words | None
    kind: Literal["informational", "interactive"] | None
    fee: Literal["free", "paid"] | None
    fee_text: Words | None
    users: list[Literal["natural", "legal", "state", "other"]] | None
    place: Words | None
    activity: ActivityData | None
    effective_on: date | None = Field(description="The day the service begins, where its body named one")


class ServiceData(VersionData):
    """A service in the registry as it stands."""

    number: str = Field(description="Unique, given once, never again")
    list_number: str | None = Field(description="Number in the list of decision 191; null: registered by application")
    status: Literal["registered", "cancelled"]
    service: str | None = Field(description="Id of the regulation by which it runs on this portal")
    provider: ProviderData
    runs: RunData
    url: str = Field(description="Permanent address of its page")


class ServiceHistory(ServiceData):
    """A service with every version of its entry, oldest first."""

    versions: list[VersionData]


class ServicePage(Shape):
    """One page of a list, and the address of the next; null: there is none."""

    services: list[ServiceData]
    next: str | None


def service(version: EntryVersion, services: Mapping[str, Run]) -> ServiceData:
    """The entry as open data; `services` as `registry.running` gives them."""
    return ServiceData(**_service(version, services))


def service_with_history(
    version: EntryVersion, services: Mapping[str, Run], versions: Iterable[EntryVersion]
) -> ServiceHistory:
    return ServiceHistory(**_service(version, services), versions=[VersionData(**_version(one)) for one in versions])


def provider(row: Provider) -> ProviderData:
    """The body as open data."""
    code = row.participant.code if row.participant else None
    return ProviderData(code=row.code, list_number=row.list_number, name=row.name, participant=code)


def activities() -> list[ActivityData]:
    """The 29 fields of S3.1, in its order."""
    return [ActivityData(clause=clause, name=name) for clause, name in ACTIVITIES.items()]


def _service(version: EntryVersion, services: Mapping[str, Run]) -> dict[str, Any]:
    entry, run = version.entry, registry.run_of(version, services)
    return {
        **_version(version),
        "number": entry.number,
        "list_number": entry.list_number or None,
        "status": "cancelled" if version.cancelled else "registered",
        "service": entry.service or None,
        "provider": provider(entry.provider),
        "runs": RunData(how=run.how, url=_absolute(run.url) if run.url else None),
        "url": _absolute(f"/services/{entry.number}/"),
    }  # fmt: skip


def _version(row: EntryVersion) -> dict[str, Any]:
    clause = row.content.get("activity")
    return {
        "version": row.version, "change": row.change, "valid_from": row.valid_from, "valid_until": row.valid_until,
        "basis": row.basis, "registered_at": row.created_at, "registered_by": row.registered_by,
        "assigned_by_portal": row.ours,
        **{key: value for key, value in row.content.items() if key in VersionData.model_fields},
        "activity": ActivityData(clause=clause, name=ACTIVITIES[clause]) if clause else None,
    }  # fmt: skip


def _absolute(url: str) -> str:
    return url if url.startswith(("https://", "http://")) else settings.PORTAL_URL + url


def whole(now: datetime) -> list[ServiceHistory]:
    """Every entry with every version, by number: three statements."""
    on = calendar.today(now)
    rows, services = registry.everything(on=on), registry.running(on)
    versions = registry.versions_of(row.entry for row in rows)
    return [service_with_history(row, services, versions[row.entry_id]) for row in rows]


def as_json(rows: Sequence[ServiceHistory], *, now: datetime) -> str:
    """`{"generated_at": …, "services": […]}`, UTF-8, one line for each entry, so that versions of the file compare."""
    lines = ",\n".join(one.model_dump_json() for one in rows)
    return f'{{"generated_at": {json.dumps(now.isoformat())}, "services": [\n{lines}\n]}}\n'


CSV_COLUMNS = (
    "number", "list_number", "status", "name_az", "name_en", "provider", "provider_name_az", "provider_name_en",
    "activity", "activity_az", "activity_en", "kind", "fee", "users", "content_az", "content_en", "legal_basis_az",
    "place_az", "runs", "runs_url", "service", "version", "valid_from", "basis", "assigned_by_portal", "url",
)  # fmt: skip


def as_csv(rows: Sequence[ServiceData]) -> str:
    """The entries as they stand, one a line: RFC 4180, commas, CRLF; several values in a cell part by spaces.

    It begins with a byte order mark, without which Excel takes UTF-8 for the machine's old code page and spoils ə, ı
    and ğ. A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    lines = io.StringIO()
    lines.write("\ufeff")
    writer = csv.DictWriter(lines, CSV_COLUMNS)
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in _flat(row).items()} for row in rows)
    return lines.getvalue()


def _flat(row: ServiceData) -> dict[str, Any]:
    nothing: Words = {}
    activity = row.activity
    content, legal_basis, place = row.content or nothing, row.legal_basis or nothing, row.place or nothing
    return {
        "number": row.number, "list_number": row.list_number, "status": row.status,
        "name_az": row.name["az"], "name_en": row.name.get("en"),
        "provider": row.provider.code, "provider_name_az": row.provider.name["az"],
        "provider_name_en": row.provider.name.get("en"),
        "activity": activity and activity.clause, "activity_az": activity and activity.name["az"],
        "activity_en": activity and activity.name["en"],
        "kind": row.kind, "fee": row.fee, "users": " ".join(row.users or ()),
        "content_az": content.get("az"), "content_en": content.get("en"), "legal_basis_az": legal_basis.get("az"),
        "place_az": place.get("az"), "runs": row.runs.how, "runs_url": row.runs.url, "service": row.service,
        "version": row.version, "valid_from": row.valid_from, "basis": row.basis,
        "assigned_by_portal": " ".join(row.assigned_by_portal), "url": row.url,
    }  # fmt: skip


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
