"""The regulations for everybody: legal text, versions, PDF/A, schema, route (S9.8, S-A1), and informational text."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import condition, require_safe

from azexport.calendar.queries import today
from azexport.kernel.actor import SYSTEM
from azexport.kernel.errors import Missing
from azexport.kernel.http import PUBLIC, audience
from azexport.kernel.text import pick
from azexport.participants import queries as participants
from azexport.services import actions, diagram, files, json_schema, legal, queries
from azexport.services.models import RegulationVersion
from azexport.services.schema import Regulation

LABEL = re.compile(r"[1-9][0-9]{0,5}(\.[1-9][0-9]{0,5})?")


def _language() -> str:
    return (get_language() or "az")[:2]


def etag_of(request: HttpRequest, *parts: object) -> str | None:
    """The validator of a public page: the same for one visitor who is not signed in, while `parts` stay the same."""
    if getattr(request, "actor", None) is not None or request.COOKIES.get("messages"):
        return None
    # The page holds a form with this visitor's token, so it is not another visitor's page.
    known = [*parts, request.get_full_path(), _language(), request.COOKIES.get("csrftoken", ""),
             request.headers.get("Accept", "")]  # fmt: skip
    return f'"{hashlib.sha256("|".join(map(str, known)).encode()).hexdigest()[:32]}"'


def kept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The page may be kept by whoever is not signed in, and is asked about each time."""
    if getattr(request, "actor", None) is None:
        response.headers["Cache-Control"] = "no-cache"
    return response


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


def _version_tag(request: HttpRequest, service: str, label: str | None = None) -> str | None:
    return etag_of(request, *queries.fingerprint(service), today(timezone.now()))


def _list_tag(request: HttpRequest) -> str | None:
    return etag_of(request, queries.last_loaded(), today(timezone.now()))


_LETTERS = {letter: place for place, letter in enumerate(" abcçdeəfgğhxıijkqlmnoöprsştuüvyzw")}


def _in_order(text: str) -> list[int]:
    """The key by which texts stand in the order of the Azerbaijani alphabet."""
    lower = text.replace("I", "ı").replace("İ", "i").lower() if _language() == "az" else text.lower()
    return [_LETTERS.get(letter, 0) for letter in lower]


@audience(PUBLIC)
@require_safe
@condition(etag_func=_list_tag)
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
    return kept(request, render(request, "services/regulations.html", {"listed": listed}))


@audience(PUBLIC)
@require_safe
@condition(etag_func=_version_tag)
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
    return kept(request, render(request, "services/regulation.html", context))


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


def _file(row: RegulationVersion, content: bytes, media_type: str, name: str, tag: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "public, max-age=300"
    patch_vary_headers(response, ("Accept-Language", "Cookie"))
    response.headers["Content-Disposition"] = f'inline; filename="{row.service}-{row.label}{name}"'
    return response


def _file_tag(request: HttpRequest, service: str, label: str | None = None) -> str | None:
    row = version_of(service, label)
    return f'"{hashlib.sha256(f"{row.sha256}|{request.path}|{_language()}".encode()).hexdigest()[:32]}"'


@audience(PUBLIC)
@require_safe
@condition(etag_func=_file_tag)
def pdf(request: HttpRequest, service: str, label: str | None = None) -> HttpResponse:
    """The legal text as PDF/A; the one that the head signed, where the text was approved on the portal."""
    row = version_of(service, label)
    content = actions.printed(row, by=SYSTEM, now=timezone.now())
    return _file(row, content, "application/pdf", ".pdf", str(_file_tag(request, service, label)))


@audience(PUBLIC)
@require_safe
@condition(etag_func=_file_tag)
def schema(request: HttpRequest, service: str, label: str | None = None) -> HttpResponse:
    """The form as JSON Schema 2020-12, with the mapping to standard messages."""
    row = version_of(service, label)
    address = request.build_absolute_uri(f"/regulations/{service}/{row.label}/schema.json")
    found = json_schema.schema_of(row.regulation, address=address, language=_language())
    content = json.dumps(found, ensure_ascii=False, indent=1).encode()
    return _file(row, content, "application/schema+json", ".schema.json", str(_file_tag(request, service, label)))


@audience(PUBLIC)
@require_safe
@condition(etag_func=_file_tag)
def route(request: HttpRequest, service: str, label: str | None = None) -> HttpResponse:
    """The route as a picture, in the page's language."""
    row = version_of(service, label)
    picture = diagram.svg(row.regulation, language=_language(), names=legal.names_of(row.regulation))
    return _file(row, picture.encode(), "image/svg+xml", ".svg", str(_file_tag(request, service, label)))


@audience(PUBLIC)
@require_safe
@condition(etag_func=_file_tag)
def source(request: HttpRequest, service: str, label: str | None = None) -> HttpResponse:
    """The regulation itself, the one file that everything is made from."""
    row = version_of(service, label)
    text = files.dump(row.regulation)
    return _file(row, text.encode(), "application/yaml", ".yaml", str(_file_tag(request, service, label)))


@audience(PUBLIC)
@require_safe
@condition(etag_func=_version_tag)
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
    return kept(request, render(request, "services/information.html", context))
