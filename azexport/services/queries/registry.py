"""Reading the registry: finding services, what an entry says and said, requests under way, and where services run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal, TypeAlias

from django.db import connection
from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet
from django.db.models.expressions import F, RawSQL, Value
from django.db.models.fields.json import KT
from django.utils import timezone

from azexport.calendar import queries as calendar
from azexport.calendar.models import Clock
from azexport.kernel.errors import Missing
from azexport.services.models import Change, Entry, EntryVersion, Provider, RegistryRequest, RegulationVersion
from azexport.services.queries import wording
from azexport.services.queries.wording import Asked

PAGE = 20
NOT_SUPPLIED = "not-supplied"
"""The value of a filter that asks for what nobody has supplied."""

# ---------------------------------------------------------------- where a service runs


How: TypeAlias = Literal["apply", "calculator", "page", "link", "none"]


@dataclass(frozen=True)
class Run:
    """How one gets the service: `how` is apply, calculator, page (all three here), link (elsewhere), or none (not yet
    online); `url` is where, "" where nowhere."""

    how: How
    url: str = ""

    @property
    def here(self) -> bool:
        return self.how in ("apply", "calculator", "page")

    @property
    def place(self) -> str:
        """`here`, `link` or `none`: what the filter asks for."""
        return "here" if self.here else self.how


NOWHERE = Run("none")


def running(on: date) -> dict[str, Run]:
    """Service -> how it runs, of every service with a regulation in force on the day: one statement."""
    rows = (
        RegulationVersion.objects.in_force(on)
        .annotate(
            kind=KT("content__provision__kind"),
            runs_at=KT("content__provision__runs_at"),
            calculator=KT("content__provision__calculator"),
        )
        .values_list("service", "kind", "runs_at", "calculator")
    )
    return {service: _run(service, kind, runs_at, calculator) for service, kind, runs_at, calculator in rows}


def _run(service: str, kind: str, runs_at: str | None, calculator: str | None) -> Run:
    if runs_at:
        return Run("page" if runs_at.startswith("/") else "link", runs_at)
    if kind == "interactive":
        return Run("apply", f"/apply/{service}/")
    return Run("calculator", f"/calculators/{service}/") if calculator else Run("page", f"/information/{service}/")


def run_of(version: EntryVersion, services: Mapping[str, Run]) -> Run:
    """How the entry's service runs; `services` as `running` gives them."""
    if version.cancelled:
        return NOWHERE
    found = services.get(version.entry.service)
    if found is not None:
        return found
    return Run("link", version.place) if version.place else NOWHERE


def _where_it_runs(place: str, services: Mapping[str, Run]) -> Q:
    here = Q(entry__service__in=[service for service, run in services.items() if run.here])
    link = Q(entry__service__in=[service for service, run in services.items() if run.how == "link"])
    link |= ~Q(place="") & ~here
    live = ~Q(change=Change.CANCELLED)
    return {"here": here & live, "link": link & live, "none": ~(here | link) | ~live}.get(place, Q())


# ---------------------------------------------------------------- searching


@dataclass(frozen=True)
class Page:
    """One page of a list that is paged by key: its rows, and the numbers to go on from (None: no further page).

    `read_as` says how words that no entry holds were read: `{"lisenzia": "lisenziya"}`. `some_words` says that no
    entry holds all words, and that these hold some of them.
    """

    rows: Sequence[EntryVersion]
    previous: str | None
    next: str | None
    read_as: Mapping[str, str] = field(default_factory=dict)
    some_words: bool = False


def search(
    text: str = "",
    *,
    provider: str = "",
    activity: str = "",
    kind: str = "",
    fee: str = "",
    users: str = "",
    runs: str = "",
    after: str = "",
    before: str = "",
    size: int = PAGE,
    on: date | None = None,
    services: Mapping[str, Run] | None = None,
) -> Page:
    """The entries that hold every word of the text and fit every filter, best first; without text by number.

    Words match from their beginning, in Azerbaijani and English, with or without the marks of Azerbaijani letters, in
    names, contents, and the bodies' names and abbreviations; a word that no entry holds is read as the most similar
    ones that some entry does. A number ("24.1", "ES-000186") finds its entry, a body's ("24") its entries.

    Args:
        provider: a provider's code; `activity`: a clause of S3.1; `kind`, `fee`, `users`: the answers of S-A2, or
            NOT_SUPPLIED; `runs`: here, link or none.
        after, before: the number of the entry after or before which the page stands.
        services: what `running` gave, where the caller has it.
    """
    on = on or calendar.today(timezone.now())
    rows = EntryVersion.objects.valid(on).whole().filter(_fits(provider, activity, kind, fee, users))
    if runs:
        rows = rows.filter(_where_it_runs(runs, running(on) if services is None else services))
    number = _by_number(text)
    if number is not None:
        return _page(rows.filter(number), after=after, before=before, size=size)
    asked = wording.read(text)
    if asked is None:
        return _page(rows, after=after, before=before, size=size)
    if not asked.groups:
        return Page([], None, None)
    found = _holding(rows, asked, after=after, before=before, size=size)
    if found.rows or after or before or len(asked.groups) == 1:
        return replace(found, some_words=bool(asked.lost and found.rows))
    nearest = _holding_some(rows, asked, size=size)
    return Page(nearest, None, None, asked.read_as, some_words=bool(nearest))


_NEARNESS = (
    "((ts_rank(services_entryversion.words, %s::tsquery, 2) + ts_rank(services_entryversion.words, %s::tsquery, 2))"
    " * 1000000)::integer"
)
"""Whole words before beginnings of words, names before bodies, short names before long ones."""


def _holding(rows: QuerySet[EntryVersion], asked: Asked, *, after: str, before: str, size: int) -> Page:
    """What holds every word of the text."""
    rank = _rank(_NEARNESS, [asked.all, asked.whole])
    holding = rows.extra(where=["services_entryversion.words @@ %s::tsquery"], params=[asked.all])
    found = _page(holding, after=after, before=before, size=size, rank=rank)
    return Page(found.rows, found.previous, found.next, asked.read_as)


def _holding_some(rows: QuerySet[EntryVersion], asked: Asked, *, size: int) -> Sequence[EntryVersion]:
    """What holds some words of the text: the rarer a word, the more it says, and twice in the name."""
    weights = _weights(asked.groups)
    holds = "(services_entryversion.words @@ %s::tsquery)::integer"
    held = " + ".join(f"({holds} + {holds}) * %s" for _group in asked.groups)
    given = [value for group in asked.groups for value in (group, wording.in_names(group), weights[group])]
    rank = _rank(f"(({held}) * 1000000)::integer + {_NEARNESS}", [*given, asked.any, asked.whole])
    holding = rows.extra(where=["services_entryversion.words @@ %s::tsquery"], params=[asked.any])
    return _page(holding, after="", before="", size=size, rank=rank).rows


def _rank(sql: str, given: Sequence[object]) -> RawSQL:
    """What is given goes as parameters; the SQL is this module's own."""
    return RawSQL(sql, given, output_field=IntegerField())  # noqa: S611


_COUNTED = """
SELECT query, ln(1 + (SELECT count(*) FROM services_entryversion)::float
                     / (1 + (SELECT count(*) FROM services_entryversion WHERE words @@ query::tsquery)))
FROM unnest(%s::text[]) AS query
"""


def _weights(groups: Sequence[str]) -> dict[str, float]:
    """Query -> the more, the fewer versions it finds: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [list(groups)])
        return dict(cursor.fetchall())


_NEAREST = """
SELECT key FROM unnest(%s::text[], %s::text[]) AS names (key, name)
WHERE strict_word_similarity(az_fold(%s), az_fold(name)) > 0.3
ORDER BY strict_word_similarity(az_fold(%s), az_fold(name)) DESC, key LIMIT %s
"""


def nearest(text: str, names: Mapping[str, str], *, most: int = 3) -> list[str]:
    """Those keys whose names resemble the text, best first: where to look when no service was found."""
    with connection.cursor() as cursor:
        cursor.execute(_NEAREST, [list(names), list(names.values()), text[:200], text[:200], most])
        return [key for (key,) in cursor.fetchall()]


def _fits(provider: str, activity: str, kind: str, fee: str, users: str) -> Q:
    wanted = Q()
    if provider:
        wanted &= Q(entry__provider__code=provider)
    if activity:
        wanted &= Q(activity=activity)
    for column, value in (("kind", kind), ("fee", fee)):
        if value:
            wanted &= Q(**{column: "" if value == NOT_SUPPLIED else value})
    if users:
        wanted &= Q(users=[]) if users == NOT_SUPPLIED else Q(users__contains=[users])
    return wanted


def _by_number(text: str) -> Q | None:
    """The filter of a text that is a number: of an entry, of a listed service, or of a listed body."""
    given = re.fullmatch(r"(?i)\s*(es[\s-]*)?(\d{1,6})(\.\d{1,3})?\s*", text)
    if given is None:
        return None
    registry, first, second = given.groups()
    if second is not None:
        return Q(entry__list_number=f"{first}{second}")
    wanted = Q(entry__number=f"ES-{int(first):06}")
    return wanted if registry else wanted | Q(entry__list_number__startswith=f"{first}.")


def _page(rows: QuerySet[EntryVersion], *, after: str, before: str, size: int, rank: RawSQL | None = None) -> Page:
    rows = rows.annotate(rank=Value(0) if rank is None else rank)
    backwards = bool(before) and not after
    key = before or after
    if key:
        # A statement of its own: within another, the rank's SQL would speak of the outer row.
        at = rows.filter(entry__number=key).values_list("rank", flat=True).first()
        if at is None:
            return Page([], None, None)
        beyond = Q(rank__gt=at) | Q(rank=at, entry__number__lt=key)
        rows = rows.filter(beyond if backwards else Q(rank__lt=at) | Q(rank=at, entry__number__gt=key))
    order = ("rank", "-entry__number") if backwards else ("-rank", "entry__number")
    found = list(rows.order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    earlier = more if backwards else bool(key)
    later = bool(key) if backwards else more
    return Page(
        found,
        previous=found[0].number if found and earlier else None,
        next=found[-1].number if found and later else None,
    )


# ---------------------------------------------------------------- one entry


def find(number: str, *, on: date) -> EntryVersion | None:
    """What the registry says of the entry on the day; None where there is no such number."""
    return EntryVersion.objects.valid(on).whole().filter(entry__number=number.strip().upper()).first()


def upcoming(version: EntryVersion) -> EntryVersion | None:
    """The version that follows this one on a day to come, where one is entered already."""
    if version.valid_until is None:
        return None
    rows = EntryVersion.objects.filter(entry=version.entry_id, valid_from__gt=version.valid_until)
    return rows.order_by("version").first()


def entry(number: str, *, on: date | None = None) -> EntryVersion:
    """As `find`, today. Raises Missing."""
    found = find(number, on=on or calendar.today(timezone.now()))
    if found is None:
        raise Missing
    return found


def entry_of_listed(list_number: str, *, on: date | None = None) -> EntryVersion | None:
    """The entry of a service of the list of decision 191 (S-L), by its number there."""
    rows = EntryVersion.objects.valid(on or calendar.today(timezone.now())).whole()
    return rows.filter(entry__list_number=list_number).first()


def entry_of_service(service: str, *, on: date | None = None) -> EntryVersion | None:
    """The entry of the service that runs here under this id: the one that stands, else the last that was cancelled."""
    rows = EntryVersion.objects.valid(on or calendar.today(timezone.now())).whole().filter(entry__service=service)
    found = sorted(rows, key=lambda one: (not one.cancelled, one.entry_id))
    return found[-1] if found else None


@dataclass(frozen=True)
class Version:
    """A version in the entry's history: what it changed, as (key, before, after)."""

    version: EntryVersion
    changes: Sequence[tuple[str, Any, Any]]


def history(number: str) -> list[Version]:
    """Everything the registry ever said of the entry, newest first (S10.5.1): one statement. Raises Missing."""
    rows = list(EntryVersion.objects.whole().filter(entry__number=number.strip().upper()).order_by("version"))
    if not rows:
        raise Missing
    before: list[EntryVersion | None] = [None, *rows[:-1]]
    return [Version(row, changes(last, row)) for last, row in zip(before, rows, strict=True)][::-1]


def changes(before: EntryVersion | None, after: EntryVersion) -> list[tuple[str, Any, Any]]:
    """The keys of the content that differ; none for the first version."""
    if before is None:
        return []
    keys = dict.fromkeys([*after.content, *before.content])
    pairs = ((key, before.content.get(key), after.content.get(key)) for key in keys)
    return [(key, old, new) for key, old, new in pairs if old != new]


def latest_regulation(service: str) -> RegulationVersion | None:
    """The newest text of the service, in force or not."""
    return RegulationVersion.objects.filter(service=service).order_by("-version", "-revision").first()


# ---------------------------------------------------------------- bodies, sums, requests


def providers() -> list[Provider]:
    """Every body with an entry, those of the list in its order, then the others by code."""
    rows = Provider.objects.select_related("participant").filter(Exists(Entry.objects.filter(provider=OuterRef("pk"))))
    return list(rows.order_by(F("list_number").asc(nulls_last=True), "code"))


@dataclass(frozen=True)
class Statistics:
    """How many entries stand (not cancelled) on a day, and of them by provider's code, activity, kind and where."""

    all: int
    providers: Mapping[str, int]
    activities: Mapping[str, int]
    kinds: Mapping[str, int]
    here: int


def statistics(*, on: date | None = None) -> Statistics:
    """The registry in numbers: two statements."""
    on = on or calendar.today(timezone.now())
    services = {service for service, run in running(on).items() if run.here}
    rows = EntryVersion.objects.valid(on).exclude(change=Change.CANCELLED)
    found = list(rows.values_list("entry__provider__code", "activity", "kind", "entry__service"))
    return Statistics(
        all=len(found),
        providers=Counter(code for code, _activity, _kind, _service in found),
        activities=Counter(activity for _code, activity, _kind, _service in found),
        kinds=Counter(kind for _code, _activity, kind, _service in found),
        here=sum(1 for *_rest, service in found if service in services),
    )


REPORTED_WITHIN = 3
"""Working days after a change arose in which its body reports it to the registry's operator (S10.6)."""


@dataclass(frozen=True)
class Report:
    """When a change arose, until when it was to be reported, and when it was (S10.6)."""

    arose_on: date
    due_on: date
    asked_on: date

    @property
    def late(self) -> bool:
        return self.asked_on > self.due_on


def report(arose_on: date | None, asked_on: date) -> Report | None:
    """Whether a change that arose on the one day and was reported on the other was so in time; None: not known."""
    if arose_on is None:
        return None
    return Report(arose_on, calendar.add_working_days(arose_on, REPORTED_WITHIN), asked_on)


@dataclass(frozen=True)
class Pending:
    """A request under way: `due_on` by its case's clock, None while the clock stands."""

    request: RegistryRequest
    clock: Clock | None
    on: date

    @property
    def due_on(self) -> date | None:
        return self.clock.due_on if self.clock else None

    @property
    def overdue(self) -> bool:
        return self.clock is not None and self.clock.overdue(self.on)

    @property
    def report(self) -> Report | None:
        """Whether the body asked in time; None for what is no change of an entry (S10.6)."""
        return report(self.request.arose_on, calendar.today(self.request.submitted_at))


def pending(*, on: date | None = None, after: int = 0, size: int = 50) -> list[Pending]:
    """The requests that the registry's operator has not closed, the oldest first: two statements."""
    on = on or calendar.today(timezone.now())
    rows = RegistryRequest.objects.select_related("provider").filter(closed_at__isnull=True, pk__gt=after)
    found = list(rows.order_by("id")[:size])
    clocks = calendar.clocks_for(one.case for one in found)
    return [Pending(one, clocks.get(one.case), on) for one in found]


def pending_for(number: str) -> list[RegistryRequest]:
    """The requests under way about this entry."""
    return list(RegistryRequest.objects.filter(number=number, closed_at__isnull=True).order_by("id"))


# ---------------------------------------------------------------- everything


def everything(*, on: date | None = None) -> list[EntryVersion]:
    """What the registry says of every entry on the day, by number: one statement."""
    rows = EntryVersion.objects.valid(on or calendar.today(timezone.now())).whole()
    return list(rows.order_by("entry__number"))


def versions_of(entries: Iterable[Entry]) -> dict[int, list[EntryVersion]]:
    """Entry's key -> all its versions, oldest first: one statement."""
    found: dict[int, list[EntryVersion]] = {}
    for row in EntryVersion.objects.filter(entry__in=list(entries)).order_by("entry_id", "version"):
        found.setdefault(row.entry_id, []).append(row)
    return found


def last_change() -> datetime | None:
    """When the registry or any regulation was last written: the validator of the public pages, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT greatest((SELECT max(created_at) FROM services_entryversion), "
            "(SELECT max(created_at) FROM services_regulationversion), "
            "(SELECT max(greatest(submitted_at, closed_at)) FROM services_registryrequest))"
        )
        found: datetime | None = cursor.fetchone()[0]
    return found
