"""The open API of the registry of e-services: read by anybody, no key, no session (docs/integration.md)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.http import require_safe
from pydantic import BaseModel, ValidationError

from azexport.calendar import queries as calendar
from azexport.gateway.openapi import JSON, document
from azexport.gateway.shapes import ActivityList, ProviderList, ServiceQuery
from azexport.kernel.errors import AzexportError, RuleViolated, Violation
from azexport.kernel.http import PUBLIC, audience, kept, problem
from azexport.services import queries
from azexport.services.queries import open_data
from azexport.services.queries.open_data import ServicePage

View = Callable[..., HttpResponse]


def _known(request: HttpRequest, **given: Any) -> list[object]:
    return [queries.registry.last_change()]


def _open(view: View) -> View:
    """Read by everybody from every origin, in English; refusals are problem details; kept as long as it is true."""
    asked = kept(_known, personal=False, worded=False)(view)

    @wraps(view)
    def answer(request: HttpRequest, **given: Any) -> HttpResponse:
        with override("en"):
            try:
                response = asked(request, **given)
            except AzexportError as error:
                response = problem(error)
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    return audience(PUBLIC)(require_safe(answer))


def _json(shape: BaseModel) -> HttpResponse:
    return HttpResponse(shape.model_dump_json(), content_type=JSON)


@_open
def services(request: HttpRequest) -> HttpResponse:
    """GET /api/services"""
    asked = _asked(request)
    on = calendar.today(timezone.now())
    running = queries.registry.running(on)
    page = queries.registry.search(
        asked.q, provider=asked.provider, activity=asked.activity, kind=asked.kind, fee=asked.fee, users=asked.users,
        runs=asked.runs, after=asked.after, size=asked.limit, on=on, services=running,
    )  # fmt: skip
    further = {**request.GET.dict(), "after": page.next} if page.next else None
    return _json(
        ServicePage(
            services=[open_data.service(row, running) for row in page.rows],
            next=f"{settings.PORTAL_URL}{request.path}?{urlencode(further)}" if further else None,
        )
    )


def _asked(request: HttpRequest) -> ServiceQuery:
    try:
        return ServiceQuery.model_validate(request.GET.dict())
    except ValidationError as error:
        raise RuleViolated(
            [Violation("API-001", one["msg"], ".".join(map(str, one["loc"]))) for one in error.errors()]
        ) from error


@_open
def service(request: HttpRequest, number: str) -> HttpResponse:
    """GET /api/services/<number>"""
    on = calendar.today(timezone.now())
    row = queries.registry.entry(number, on=on)
    versions = queries.registry.versions_of([row.entry])[row.entry_id]
    return _json(open_data.service_with_history(row, queries.registry.running(on), versions))


@_open
def providers(request: HttpRequest) -> HttpResponse:
    """GET /api/providers"""
    return _json(ProviderList(providers=[open_data.provider(one) for one in queries.registry.providers()]))


@_open
def activities(request: HttpRequest) -> HttpResponse:
    """GET /api/activities"""
    return _json(ActivityList(activities=open_data.activities()))


@_open
def openapi(request: HttpRequest) -> HttpResponse:
    """GET /api/openapi.json"""
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False})
