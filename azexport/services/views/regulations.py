"""The regulations for everybody: legal text, versions, PDF/A, schema, route (S9.8, S-A1), and informational text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from azexport.calendar.queries import today
from azexport.kernel.actor import SYSTEM
from azexport.kernel.errors import Missing
from azexport.kernel.http import PUBLIC, audience, kept
from azexport.kernel.text import pick
from azexport.participants import queries as participants
from azexport.services import actions, diagram, files, json_schema, legal, queries
from azexport.services.models import RegulationVersion
from azexport.services.schema import Regulation

READ_FOR = 300
"""Seconds for which a text that changes by registration is not asked about again."""
LABEL = re.compile(r"[1-9][0-9]{0,5}(\.[1-9][0-9]{0,5})?")


def _language() -> str:
    return (get_language() or "az")[:2]


def version_of(service: str, label: str | None = None) -> RegulationVersion:
    """The version that the address names; without a label the one in force, or the newest where none is.

    Raises:
        Missing: there is none.
    """
    if label is None:
        found = queries.regulation(service, today(timezone.now())) or queries.newest(service)
    elif LABEL.fullmatch(label):
        number, _dot, revision = label.partition(".")
        found = queries.labelled(service, int(number), int(revision or 1))
    else:
        found = None
    if found is None:
        raise Missing
    return found


def versions_known(request: HttpRequest, service: str, label: str | None = None) -> Iterable[object]:
    """A page about a service's regulation stays the same until it has another version or one ends, or the day does."""
    return queries.fingerprint(service)


def _list_known(request: HttpRequest) -> list[object]:
    return [queries.fingerprint_of_list(today(timezone.now()))]


_LETTERS = {letter: place for place, letter in enumerate(" abcçdeəfgğhxıijkqlmnoöprsştuüvyzw")}


def _in_order(text: str) -> list[int]:
    """The key by which texts stand in the order of the Azerbaijani alphabet."""
    lower = text.replace("I", "ı").replace("İ", "i").lower() if _language() == "az" else text.lower()
    return [_LETTERS.get(letter, 0) for letter in lower]


@audience(PUBLIC)
@require_safe
@kept(_list_known, seconds=READ_FOR)
def index(request: HttpRequest) -> HttpResponse:
    """/regulations/: every regulation in force."""
    rows = queries.in_force(today(timezone.now()))
    bodies = participants.by_codes({row.regulation.provider for row in rows})
    listed = [
        {"row": row, "name": pick(row.name), "body": bodies[row.regulation.provider].name
         if row.regulation.provider in bodies else row.regulation.provider}
        for row in rows
    ]  # fmt: skip
    listed.sort(key=lambda one: _in_order(str(one["name"])))
    return render(request, "services/regulations.html", {"listed": listed})


@audience(PUBLIC)
@require_safe
@kept(versions_known, seconds=READ_FOR)
def show(request: HttpRequest, service: str, label: str | None = None) -> HttpResponse:
    """/regulations/<service>/ and /regulations/<service>/<label>/: the legal text in the order of the model form."""
    row = version_of(service, label)
    regulation, names = row.regulation, legal.names_of(row.regulation)
    now = today(timezone.now())
    current = queries.regulation(service, now)
    context = {
        "row": row,
        "regulation": regulation,
        "body": names.get(regulation.provider, regulation.provider),
        "clauses": legal.clauses(regulation, language=_language(), names=names),
        "route": diagram.described(diagram.graph_of(regulation, names), _language()),
        "versions": queries.versions_of(service),
        "current": current,
        "is_current": current == row,
        "approved": queries.approval_of(row),
        "start": start_of(regulation) if current == row else None,
        "mapped": _mapped(regulation),
    }
    return render(request, "services/regulation.html", context)


def start_of(regulation: Regulation) -> str:
    """Where the service runs."""
    provision = regulation.provision
    if provision.runs_at:
        return provision.runs_at
    if regulation.interactive:
        return f"/apply/{regulation.id}/"
    return f"/calculators/{regulation.id}/" if provision.calculator else f"/information/{regulation.id}/"


def _mapped(regulation: Regulation) -> list[dict[str, Any]]:
    """The standard messages, each element with what fills it in words."""
    labels = {f"answers.{one.id}": one.label.text for one in regulation.questions}
    labels |= {f"known.{one.id}": one.label.text for one in regulation.facts}
    return [
        {
            "standard": f"{one.standard} {one.version}".strip(),
            "fields": [(field.element, field.from_, labels.get(field.from_)) for field in one.fields],
        }
        for one in regulation.procedures.messages
    ]


def _file(row: RegulationVersion, content: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'inline; filename="{row.service}-{row.label}{name}"'
    return response


def _file_known(request: HttpRequest, service: str, label: str | None = None) -> list[object]:
    return [version_of(service, label).sha256]


@audience(PUBLIC)
@require_safe
@kept(_file_known, seconds=READ_FOR, personal=False)
def pdf(request: HttpRequest, service: str, label: str | None = None) -> HttpResponse:
    """The legal text as PDF/A; the one that the head signed, where the text was approved on the portal."""
    row = version_of(service, label)
    content = actions.printed(row, by=SYSTEM, now=timezone.now())
    return _file(row, content, "application/pdf", ".pdf")


@audience(PUBLIC)
@require_safe
@kept(_file_known, seconds=READ_FOR, personal=False)
def schema(request: HttpRequest, service: str, label: str | None = None) -> HttpResponse:
    """The form as JSON Schema 2020-12, with the mapping to standard messages."""
    row = version_of(service, label)
    address = request.build_absolute_uri(f"/regulations/{service}/{row.label}/schema.json")
    found = json_schema.schema_of(row.regulation, address=address, language=_language())
    content = json.dumps(found, ensure_ascii=False, indent=1).encode()
    return _file(row, content, "application/schema+json", ".schema.json")


@audience(PUBLIC)
@require_safe
@kept(_file_known, seconds=READ_FOR, personal=False)
def route(request: HttpRequest, service: str, label: str | None = None) -> HttpResponse:
    """The route as a picture, in the page's language."""
    row = version_of(service, label)
    picture = diagram.svg(row.regulation, language=_language(), names=legal.names_of(row.regulation))
    return _file(row, picture.encode(), "image/svg+xml", ".svg")


@audience(PUBLIC)
@require_safe
@kept(_file_known, seconds=READ_FOR, personal=False)
def source(request: HttpRequest, service: str, label: str | None = None) -> HttpResponse:
    """The regulation itself, the one file that everything is made from."""
    row = version_of(service, label)
    text = files.dump(row.regulation)
    return _file(row, text.encode(), "application/yaml", ".yaml")


@audience(PUBLIC)
@require_safe
@kept(versions_known, seconds=READ_FOR)
def information(request: HttpRequest, service: str) -> HttpResponse:
    """/information/<service>/: the text of an informational service, open to all (S4.3)."""
    row = version_of(service)
    regulation = row.regulation
    if regulation.provision.pages is None:
        raise Missing
    names: Mapping[str, Any] = legal.names_of(regulation)
    context = {
        "row": row,
        "regulation": regulation,
        "paragraphs": legal.paragraphs(pick(regulation.provision.pages.text)),
        "body": names.get(regulation.provider, regulation.provider),
    }
    return render(request, "services/information.html", context)
