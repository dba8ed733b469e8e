"""The open API of the registry of e-services: read by anybody, no key, no session (docs/integration.md)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, Literal
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.http import require_safe
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.json_schema import models_json_schema

from azexport.calendar import queries as calendar
from azexport.kernel.errors import AzexportError, RuleViolated, Violation
from azexport.kernel.http import PUBLIC, audience, kept, problem
from azexport.services import queries
from azexport.services.queries import open_data
from azexport.services.queries.open_data import (
    ActivityData,
    ProviderData,
    ServiceData,
    ServiceHistory,
    ServicePage,
)

View = Callable[..., HttpResponse]
JSON = "application/json"


class ServiceQuery(BaseModel):
    """What a list of services may be asked for; nothing else is understood."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: str = Field("", max_length=200, description="Words of the service or the body, in Azerbaijani or English, or a "
                   "number; marks of letters and small mistakes do not matter")  # fmt: skip
    provider: str = Field("", max_length=40, description="The code of a body, as /api/providers gives it")
    activity: str = Field("", max_length=10, description="A clause of 3.1, as /api/activities gives it")
    kind: Literal["", "informational", "interactive"] = ""
    fee: Literal["", "free", "paid", "not-supplied"] = ""
    users: Literal["", "natural", "legal", "state", "other", "not-supplied"] = ""
    runs: Literal["", "here", "link", "none"] = Field("", description="On this portal, elsewhere, or not yet online")
    after: str = Field("", max_length=20, description="The number of the last service of the page before")
    limit: int = Field(50, ge=1, le=200, description="How many services a page has")


class ProviderList(BaseModel):
    """Every body with a service in the registry."""

    providers: list[ProviderData]


class ActivityList(BaseModel):
    """The 29 fields of activity of clause 3.1."""

    activities: list[ActivityData]


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str


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


# ---------------------------------------------------------------- the document

_OPERATIONS: tuple[tuple[str, str, str, type[BaseModel]], ...] = (
    ("/api/services", "listServices", "Services of the registry, by words and filters, paged by key", ServicePage),
    ("/api/services/{number}", "getService", "One service with every version of its entry", ServiceHistory),
    ("/api/providers", "listProviders", "The bodies that provide services", ProviderList),
    ("/api/activities", "listActivities", "The fields of activity", ActivityList),
)


@cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document, made of the same models that make the answers."""
    shapes: list[type[BaseModel]] = [*(shape for _path, _name, _told, shape in _OPERATIONS), ServiceData, Problem]
    _refs, schemas = models_json_schema(
        [(shape, "serialization") for shape in shapes], ref_template="#/components/schemas/{model}"
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Registry of electronic services", "version": "1",
            "description": "Open data: no key, no registration. null means that nobody has supplied the value.",
        },
        "servers": [{"url": settings.PORTAL_URL}],
        "paths": {path: {"get": _operation(path, name, told, shape)} for path, name, told, shape in _OPERATIONS},
        "components": {"schemas": schemas["$defs"]},
    }  # fmt: skip


def _operation(path: str, name: str, told: str, shape: type[BaseModel]) -> dict[str, Any]:
    refusals = {"404": "There is no such service"} if "{" in path else {}
    if path == "/api/services":
        refusals = {"422": "A parameter is not understood"}
    return {
        "operationId": name,
        "summary": told,
        "parameters": _parameters(path),
        "responses": {
            "200": {"description": told, "content": {JSON: {"schema": _ref(shape)}}},
            "304": {"description": "Not changed since the ETag sent as If-None-Match"},
            **{
                status: {"description": why, "content": {"application/problem+json": {"schema": _ref(Problem)}}}
                for status, why in refusals.items()
            },
        },
    }


def _ref(shape: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def _parameters(path: str) -> list[dict[str, Any]]:
    if "{number}" in path:
        number = {"type": "string", "pattern": "^ES-[0-9]{6}$"}
        return [{"name": "number", "in": "path", "required": True, "schema": number}]
    if path != "/api/services":
        return []
    return [
        {
            "name": name, "in": "query", "required": False, "description": schema.pop("description", ""),
            "schema": {key: value for key, value in schema.items() if key != "title"},
        }
        for name, schema in ServiceQuery.model_json_schema()["properties"].items()
    ]  # fmt: skip
