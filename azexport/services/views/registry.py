"""The public registry of e-services (S7.1, S10, S11.5.2-3): search, a service's page and history, what is pending."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from azexport.calendar import queries as calendar
from azexport.kernel.http import PUBLIC, audience, kept
from azexport.kernel.text import pick
from azexport.participants import queries as participants
from azexport.reference import queries as reference
from azexport.services import queries
from azexport.services.activities import ACTIVITIES
from azexport.services.models import EntryVersion, RegulationVersion
from azexport.services.queries import open_data, wording
from azexport.services.queries.registry import NOT_SUPPLIED, Run
from azexport.services.schema import Regulation

if TYPE_CHECKING:
    from azexport.reference.models import Commodity

KINDS = {"informational": _("Informational"), "interactive": _("Interactive")}
FEES = {"free": _("Free of charge"), "paid": _("Paid")}
USERS = {
    "natural": _("Natural persons"),
    "legal": _("Legal persons"),
    "state": _("State bodies"),
    "other": _("Others"),
}
PLACES = {"here": _("On this portal"), "link": _("Elsewhere, by a link"), "none": _("Not yet online")}
MOST_HERE = 40
FILTERS = ("provider", "activity", "kind", "fee", "users", "runs")

# ---------------------------------------------------------------- finding


class FilterForm(forms.Form):
    """What a search may be narrowed by. Only drawn: whatever the address says is looked for."""

    provider = forms.ChoiceField(label=_("Body"), widget=forms.Select(attrs={"data-autocomplete": "select"}))
    activity = forms.ChoiceField(label=_("Field of activity"))
    kind = forms.ChoiceField(label=_("Kind"))
    fee = forms.ChoiceField(label=_("Fee"))
    users = forms.ChoiceField(label=_("Who may use it"))
    runs = forms.ChoiceField(label=_("Where it runs"))

    def __init__(self, *, given: Mapping[str, str]) -> None:
        super().__init__(initial=dict(given), auto_id="%s", use_required_attribute=False)
        missing = (NOT_SUPPLIED, _g("Not yet supplied"))
        choices: dict[str, list[tuple[str, Any]]] = {
            "provider": [(one.code, pick(one.name)) for one in queries.registry.providers()],
            "activity": [(clause, pick(name)) for clause, name in ACTIVITIES.items()],
            "kind": [*KINDS.items()],
            "fee": [*FEES.items(), missing],
            "users": [*USERS.items(), missing],
            "runs": [*PLACES.items()],
        }
        self.called: dict[str, dict[str, Any]] = {name: dict(values) for name, values in choices.items()}
        """Filter -> what each of its values is called."""
        for name, values in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _g("Any")), *values]


def _known(request: HttpRequest, **given: Any) -> list[object]:
    """The pages stay the same until the registry or a regulation changes, or the day."""
    return [queries.registry.last_change()]


@audience(PUBLIC)
@require_safe
@kept(_known)
def catalogue(request: HttpRequest) -> HttpResponse:
    """Every service of the registry, by words and filters."""
    text = request.GET.get("q", "").strip()[:200]
    chosen: dict[str, Any] = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    services = queries.registry.running(calendar.today(timezone.now()))
    page = queries.registry.search(
        text, **chosen, after=request.GET.get("after", ""), before=request.GET.get("before", ""), services=services
    )
    filters = FilterForm(given=chosen)
    return render(request, "services/registry/catalogue.html", {
        "q": text,
        "filters": filters,
        "chosen": _chosen(filters, text, chosen),
        "here": _here(services) if not request.GET else [],
        "found": [_item(row, queries.registry.run_of(row, services)) for row in page.rows],
        "read_as": [f"{given} → {read}" for given, read in page.read_as.items()],
        "some_words": page.some_words,
        "earlier": _further(text, chosen, before=page.previous),
        "later": _further(text, chosen, after=page.next),
        "goods": _goods(text),
        "instead": None if page.rows else _instead(text, chosen),
    })  # fmt: skip


def _chosen(filters: FilterForm, text: str, chosen: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the search is narrowed to, each with the address of the search without it."""
    return [
        {
            "label": filters.fields[name].label,
            "value": filters.called[name].get(value, value),
            "without": f"?{urlencode({key: one for key, one in {'q': text, **chosen}.items() if one and key != name})}",
        }
        for name, value in chosen.items()
    ]


def _goods(text: str) -> Commodity | None:
    """The good that the text names, where it names one: what its export needs is told elsewhere (P8.1.2(1))."""
    words = wording.fold(text).split()
    if not words or text[:1].isdigit():
        return None
    for found in reference.search_commodities(text, limit=1):
        names = wording.fold(" ".join(found.name.values())).split()
        # The search reads what it does not know as what resembles it: here only what was said counts.
        if all(any(name.startswith(word) for name in names) for word in words):
            return found
    return None


def _instead(text: str, chosen: Mapping[str, str]) -> dict[str, Any]:
    """Where to go on when nothing was found: without the filters, to bodies and fields of a like name."""
    bodies = {one.code: one for one in queries.registry.providers()}
    called = {code: " ".join(one.name.values()) for code, one in bodies.items()}
    fields = {clause: " ".join(name.values()) for clause, name in ACTIVITIES.items()}
    return {
        "wider": f"?{urlencode({'q': text})}" if text and chosen else None,
        "bodies": [bodies[code] for code in queries.registry.nearest(text, called)] if text else [],
        "fields": [(key, ACTIVITIES[key]) for key in queries.registry.nearest(text, fields)] if text else [],
    }


def _here(services: Mapping[str, Run]) -> list[EntryVersion]:
    """What can be used on this portal today: nobody should have to leaf through what is only listed to find it."""
    return list(queries.registry.search("", runs="here", services=services, size=MOST_HERE).rows)


def _item(row: EntryVersion, run: Run) -> dict[str, Any]:
    return {
        "row": row,
        "entry": row.entry,
        "activity": ACTIVITIES.get(row.activity, {}),
        "kind": KINDS.get(row.kind, ""),
        "fee": FEES.get(row.fee, ""),
        "run": run,
    }


def _further(text: str, chosen: Mapping[str, str], **key: str | None) -> str | None:
    given = {name: value for name, value in key.items() if value}
    if not given:
        return None
    return f"?{urlencode({**({'q': text} if text else {}), **chosen, **given})}"


# ---------------------------------------------------------------- one service


@audience(PUBLIC)
@require_safe
@kept(_known)
def service(request: HttpRequest, number: str) -> HttpResponse:
    """Everything that is published of one service (S7.1.1): the permanent address of its entry."""
    now = timezone.now()
    on = calendar.today(now)
    row = queries.registry.entry(number, on=on)
    if number != row.number:
        return redirect("registry_service", row.number, permanent=True)
    in_force = queries.regulation(row.entry.service, on) if row.entry.service and not row.cancelled else None
    services = queries.registry.running(on) if in_force else {}
    regulation = in_force.regulation if in_force else None
    return render(request, "services/registry/service.html", {
        "row": row,
        "entry": row.entry,
        "official_name": row.name["az"] if (get_language() or "az") != "az" else "",
        "run": queries.registry.run_of(row, services),
        "rows": _entry_rows(row, regulation),
        "regulation": regulation,
        "in_force": in_force,
        "steps": _steps(regulation) if regulation else [],
        "parts": _parts(regulation) if regulation else [],
        "upcoming": queries.registry.upcoming(row),
        "requests": queries.registry.pending_for(row.number),
        "clauses": _clauses(in_force),
    })  # fmt: skip


def _clauses(in_force: RegulationVersion | None) -> dict[str, str]:
    if in_force is None:
        return {}
    address = f"/regulations/{in_force.service}/"
    return {"text": address, "pdf": f"{address}regulation.pdf", "schema": f"{address}schema.json"}


def _entry_rows(row: EntryVersion, regulation: Regulation | None) -> list[dict[str, Any]]:
    """What the entry says (S10.5.2), each with whether this portal assigned it; empty: nobody has supplied it."""
    content = row.content
    performers = pick(content.get("other_performers"))
    rows: list[tuple[str, str, Any]] = [
        ("content", _g("What it is"), pick(content.get("content"))),
        ("kind", _g("Kind"), KINDS.get(row.kind, "")),
        ("activity", _g("Field of activity"), pick(ACTIVITIES.get(row.activity))),
        ("users", _g("Who may use it"), ", ".join(str(USERS[one]) for one in row.users if one in USERS)),
        ("fee", _g("Fee"), _fee(row)),
        ("term", _g("Time limit"), _term(regulation)),
        ("place", _g("Where"), pick(content.get("place"))),
        ("other_performers", _g("Other bodies that take part"), performers or _performers(regulation)),
        ("legal_basis", _g("Legal basis"), pick(content.get("legal_basis"))),
    ]
    assumed = {"term": regulation is not None and regulation.term.source == "assumption"}
    return [
        {"label": label, "shown": shown, "ours": key in row.ours, "assumed": assumed.get(key, False)}
        for key, label, shown in rows
    ]


def _fee(row: EntryVersion) -> str:
    told = pick(row.content.get("fee_text"))
    kind = str(FEES.get(row.fee, ""))
    return f"{kind}\n{told}" if kind and told else kind or told


def _term(regulation: Regulation | None) -> str:
    if regulation is None:
        return ""
    term = regulation.term
    if term.processing:
        return pick(term.processing.text)
    if term.lower is not None and term.lower != term.working_days:
        return _g("%(least)s to %(most)s working days") % {"least": term.lower, "most": term.working_days}
    days = term.working_days
    return ngettext("%(days)s working day", "%(days)s working days", days) % {"days": days}


def _performers(regulation: Regulation | None) -> str:
    if regulation is None:
        return ""
    if not regulation.general.other_performers:
        return _g("None")
    bodies = participants.by_codes(set(regulation.general.other_performers))
    return "\n".join(pick(one.name) for one in bodies.values())


def _steps(regulation: Regulation) -> list[dict[str, Any]]:
    """3.4, with the body that performs each step."""
    bodies = participants.by_codes({step.performer or regulation.provider for step in regulation.steps})
    return [
        {"step": step, "body": pick(bodies[code].name) if (code := step.performer or regulation.provider) in bodies
            else ""}
        for step in regulation.steps
    ]  # fmt: skip


def _parts(regulation: Regulation) -> list[dict[str, Any]]:
    """The form's questions by task, as the applicant will meet them (S7.1.1: the electronic forms)."""
    return [
        {"title": task.title, "questions": [regulation.question(one) for one in task.questions]}
        for section in regulation.sections
        for task in section.tasks
        if task.questions
    ]


@audience(PUBLIC)
@require_safe
@kept(_known)
def history(request: HttpRequest, number: str) -> HttpResponse:
    """Everything the registry ever said of a service: what changed, when, by whom and on what ground (S10.5.1)."""
    versions = queries.registry.history(number)
    return render(request, "services/registry/history.html", {
        "entry": versions[0].version.entry,
        "current": versions[0].version,
        "today": calendar.today(timezone.now()),
        "versions": [
            {"version": one.version, "changes": [
                {"label": LABELS.get(key, key), "before": _shown(key, old), "after": _shown(key, new)}
                for key, old, new in one.changes
            ]}
            for one in versions
        ],
    })  # fmt: skip


LABELS = {
    "name": _("Name"),
    "content": _("What it is"),
    "kind": _("Kind"),
    "activity": _("Field of activity"),
    "users": _("Who may use it"),
    "fee": _("Fee"),
    "fee_text": _("About the fee"),
    "place": _("Where"),
    "other_performers": _("Other bodies that take part"),
    "legal_basis": _("Legal basis"),
    "effective_on": _("Begins on"),
}


def _shown(key: str, value: Any) -> str:
    """A value of an entry's content as people read it; "" for what was not supplied."""
    if not value:
        return ""
    if key == "users":
        return ", ".join(str(USERS.get(one, one)) for one in value)
    if key == "activity":
        return pick(ACTIVITIES.get(value)) or str(value)
    if key in ("kind", "fee"):
        return str((KINDS | FEES).get(value, value))
    return "\n".join(dict.fromkeys(value.values())) if isinstance(value, Mapping) else str(value)


# ---------------------------------------------------------------- what is pending, and the registry in numbers


@audience(PUBLIC)
@require_safe
@kept()
def pending(request: HttpRequest) -> HttpResponse:
    """What the registry's operator has not closed yet, and the day each is due; overdue ones for all to see."""
    on = calendar.today(timezone.now())
    after = request.GET.get("after", "")
    found = queries.registry.pending(
        on=on, after=int(after) if after.isdecimal() and len(after) < 19 else 0, size=PENDING + 1
    )
    more = found[PENDING - 1].request.pk if len(found) > PENDING else None
    return render(request, "services/registry/pending.html", {
        "found": found[:PENDING], "later": f"?after={more}" if more else None,
    })  # fmt: skip


PENDING = 50


@audience(PUBLIC)
@require_safe
@kept(_known)
def bodies(request: HttpRequest) -> HttpResponse:
    """The bodies and fields of activity with the number of their services (S11.5.2)."""
    numbers = queries.registry.statistics()
    return render(request, "services/registry/bodies.html", {
        "numbers": numbers,
        "kinds": [(KINDS.get(kind, _g("Not yet supplied")), count) for kind, count in numbers.kinds.items()],
        "providers": [(one, numbers.providers.get(one.code, 0)) for one in queries.registry.providers()],
        "activities": [(clause, name, numbers.activities.get(clause, 0)) for clause, name in ACTIVITIES.items()],
    })  # fmt: skip


# ---------------------------------------------------------------- downloads


@audience(PUBLIC)
@require_safe
@kept(_known, personal=False, worded=False)
def download_json(request: HttpRequest) -> HttpResponse:
    """Every entry with every version."""
    now = timezone.now()
    return _file(open_data.as_json(open_data.whole(now), now=now), "application/json", "services.json")


@audience(PUBLIC)
@require_safe
@kept(_known, personal=False, worded=False)
def download_csv(request: HttpRequest) -> HttpResponse:
    """Every entry as it stands."""
    return _file(open_data.as_csv(open_data.whole(timezone.now())), "text/csv; charset=utf-8", "services.csv")


def _file(text: str, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(text.encode(), content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
