"""The pages of public registers: open to anybody, with no identification (S4.2, S7.1)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from azexport.cases import queries
from azexport.cases.queries import EntryView, Register
from azexport.kernel.formats import date_
from azexport.kernel.http import PUBLIC, audience, kept
from azexport.kernel.text import pick

MARKS: dict[str, tuple[str | Promise, str]] = {
    "entered": (_("In force"), "green"),
    "expired": (_("Expired"), "grey"),
    "not_yet": (_("Not in force yet"), "blue"),
    "suspended": (_("Suspended"), "orange"),
    "struck_off": (_("Struck off"), "red"),
}
"""Mark of an entry -> what it is called, and the colour of its tag."""


@audience(PUBLIC)
@require_safe
@kept()
def register_list(request: HttpRequest) -> HttpResponse:
    """/registers/: every public register that a service keeps."""
    return render(request, "cases/registers.html", {"registers": queries.public_registers(now=timezone.now())})


@audience(PUBLIC)
@require_safe
@kept()
def register(request: HttpRequest, service: str) -> HttpResponse:
    """/registers/<service>/: the entries, newest first, searched with `q`."""
    now = timezone.now()
    found = queries.register(service, now=now)
    search = request.GET.get("q", "").strip()[:100]
    before = request.GET.get("before")
    entries, following = queries.register_page(service, search=search, before=before, now=now)
    here = reverse("register", args=[service])
    context = {
        "register": found,
        "columns": [label for _id, label in found.columns],
        "rows": [_row(found, one) for one in entries],
        "search": search,
        "next": f"{here}?{urlencode({'q': search, 'before': following})}" if following else None,
        "first": f"{here}?{urlencode({'q': search})}" if before else None,
    }
    return render(request, "cases/register.html", context)


@audience(PUBLIC)
@require_safe
@kept()
def register_entry(request: HttpRequest, service: str, number: str) -> HttpResponse:
    """/registers/<service>/<number>/: one entry, at an address that stays."""
    now = timezone.now()
    found, view = queries.register(service, now=now), queries.register_entry(service, number, now=now)
    context = {
        "register": found,
        "view": view,
        "mark": _mark(view),
        "rows": _summary(found, view),
        "decisions": queries.decisions_about(view.entry),
    }
    return render(request, "cases/register_entry.html", context)


@audience(PUBLIC)
@require_safe
def register_csv(request: HttpRequest, service: str) -> StreamingHttpResponse:
    """/registers/<service>/register.csv: the whole register, oldest first, in the page's language."""
    now = timezone.now()
    found = queries.register(service, now=now)
    response = StreamingHttpResponse(_lines(found, queries.whole_register(service, now=now)), "text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.row.service}.csv"'
    return response


def _row(register: Register, view: EntryView) -> dict[str, Any]:
    values = [_said(view.entry.data.get(name, "")) for name, _label in register.columns]
    return {"entry": view.entry, "first": values[0], "rest": values[1:], "mark": _mark(view)}


def _mark(view: EntryView) -> dict[str, Any]:
    label, colour = MARKS[view.mark]
    return {"status": view.mark, "label": label, "colour": colour}


def _summary(register: Register, view: EntryView) -> list[dict[str, str]]:
    return [
        {"key": pick(label), "value": _said(view.entry.data.get(name, ""))} for name, label in register.columns
    ]  # fmt: skip


def _said(value: Any) -> str:
    """A value of an entry as the page says it: a day is kept as ISO 8601."""
    text = pick(value)
    try:
        return date_(date.fromisoformat(text))
    except ValueError:
        return text


class _Line:
    """What csv writes to: each line is handed on at once."""

    def write(self, text: str) -> str:
        return text


def _lines(register: Register, entries: Iterable[EntryView]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff"  # spreadsheets know the encoding by it
    yield writer.writerow(
        ["number", "holder", *(pick(label) for _id, label in register.columns), "valid_from", "valid_until", "status"]
    )
    for one in entries:
        values = [pick(one.entry.data.get(name, "")) for name, _label in register.columns]
        days = [one.entry.valid_from.isoformat(), one.entry.valid_until.isoformat() if one.entry.valid_until else ""]
        yield writer.writerow(
            [_safe(value) for value in (one.entry.number, pick(one.entry.holder), *values, *days, one.mark)]
        )


def _safe(value: str) -> str:
    """A spreadsheet takes what begins with one of these for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
