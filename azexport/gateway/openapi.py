"""The OpenAPI 3.1 document of every JSON address that is open or a session's.

The registry's answers are made of the shapes named here, the others are held to them by tests. Participants' messages
have a protocol of their own (docs/integration.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from django.conf import settings
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from azexport.gateway.shapes import (
    ActivityList,
    Calculation,
    CertificateRequest,
    Choices,
    Faults,
    FileData,
    FilingData,
    FilingList,
    FilingRequest,
    Health,
    Place,
    Problem,
    ProviderList,
    RegistryFile,
    Requirements,
    ServiceQuery,
    SignatureRequest,
    SigningState,
    Taken,
    TokenRequest,
    ToSign,
)
from azexport.services.queries.open_data import ServiceHistory, ServicePage, Shape

JSON, PROBLEM = "application/json", "application/problem+json"


@dataclass(frozen=True)
class Operation:
    """One method of one address. `refusals` are told besides those that any address may give."""

    path: str
    name: str
    told: str
    answer: type[BaseModel] | None
    method: str = "get"
    status: int = 200
    parameters: tuple[Mapping[str, Any], ...] = ()
    body: Mapping[str, Any] | None = None
    refusals: Mapping[int, str] = field(default_factory=dict)
    problem: type[BaseModel] = Problem
    session: bool = False
    media_type: str = JSON
    others: Mapping[int, type[BaseModel]] = field(default_factory=dict)
    """Answers of other statuses that are no problems."""


def _path(name: str, told: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": told, "schema": {"type": "string", **schema}}


def _query(name: str, told: str, *, required: bool = False, **schema: Any) -> dict[str, Any]:
    schema = schema if "type" in schema else {"type": "string", **schema}
    return {"name": name, "in": "query", "required": required, "description": told, "schema": schema}


def _sent(shape: type[BaseModel]) -> dict[str, Any]:
    return {"required": True, "content": {JSON: {"schema": _ref(shape)}}}


def _ref(shape: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


_SERVICE = _path("service", "The id of a service with a regulation", pattern="^[-a-zA-Z0-9_]+$")
_FILING = _path("reference", "Of an application")
_SIGNING = _path("reference", "Of what is signed")
_KEY: dict[str, Any] = {
    "name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string", "maxLength": 200},
    "description": "The same key with the same body gives what was made the first time",
}  # fmt: skip
_BYTES = {"schema": {"contentMediaType": "application/octet-stream"}}
_NOT_UNDERSTOOD = {422: "Something that is asked for is not understood"}


def _search() -> tuple[dict[str, Any], ...]:
    found = ServiceQuery.model_json_schema()["properties"]
    return tuple(
        _query(name, one.pop("description", ""), **{key: value for key, value in one.items() if key != "title"})
        for name, one in found.items()
    )


OPERATIONS: tuple[Operation, ...] = (
    # the registry
    Operation("/api/services", "listServices", "Services of the registry, by words and filters, paged by key",
              ServicePage, parameters=_search(), refusals=_NOT_UNDERSTOOD),
    Operation("/api/services/{number}", "getService", "One service with every version of its entry", ServiceHistory,
              parameters=(_path("number", "Of its entry", pattern="^ES-[0-9]{6}$"),)),
    Operation("/api/providers", "listProviders", "The bodies that provide services", ProviderList),
    Operation("/api/activities", "listActivities", "The fields of activity", ActivityList),
    Operation("/services/services.json", "downloadServices", "Every service with every version, one a line",
              RegistryFile),
    Operation("/api/openapi.json", "getDescription", "This document", None),
    # services that ask nobody who they are (S4.3)
    Operation("/regulations/{service}/schema.json", "getForm", "The form of a service in force as JSON Schema 2020-12",
              None, parameters=(_SERVICE,), media_type="application/schema+json"),
    Operation("/regulations/{service}/{version}/schema.json", "getFormOfVersion", "The form of one version",
              None, parameters=(_SERVICE, _path("version", "As 3 or 3.2", pattern=r"^[0-9]+(\.[0-9]+)?$")),
              media_type="application/schema+json"),
    Operation("/calculators/{service}/", "calculate", "A calculator's result; ask with Accept: application/json",
              Calculation, refusals=_NOT_UNDERSTOOD, parameters=(_SERVICE, {
                  "name": "answers", "in": "query", "required": False, "style": "form", "explode": True,
                  "description": "Question id=answer, each a parameter of its own",
                  "schema": {"type": "object", "additionalProperties": {"type": "string"}},
              })),
    Operation("/finder/", "findPermits", "The permits that an export needs; ask with Accept: application/json",
              Requirements, refusals=_NOT_UNDERSTOOD, parameters=(
                  _query("hs", "HS code, six to ten digits", required=True, pattern="^[0-9]{6,10}$"),
                  _query("destination", "Country, ISO 3166-1 alpha-2", required=True, pattern="^[A-Z]{2}$"),
              )),
    Operation("/reference/commodities", "findCommodities", "HS codes by words or digits", Choices,
              parameters=(_query("q", "Words or digits"),)),
    Operation("/health/", "getHealth", "Whether the portal and its database answer", Health, others={503: Health}),
    # applying by machine: the session of somebody who has signed in
    Operation("/api/filings", "listFilings", "One's own applications, newest first", FilingList, session=True,
              parameters=(_query("before", "The reference of the last one of the page before"),)),
    Operation("/api/filings", "file", "Makes an application, which then waits for a person's signature", FilingData,
              method="post", status=201, session=True, body=_sent(FilingRequest), parameters=(_KEY,),
              others={200: FilingData}, problem=Faults, refusals={
                  400: "No such object, or no key", 409: "The key was used for another request, or the service takes "
                  "no application of its own", 422: "Nothing is kept; every fault at once"}),
    Operation("/api/filings/{reference}", "getFiling", "Where an application is", FilingData, session=True,
              parameters=(_FILING,)),
    Operation("/api/files", "sendFile", "Keeps a file: PDF, JPEG or PNG, at most 10 MB", FileData, method="post",
              status=201, session=True, parameters=(_query("name", "Of the file", maxLength=120),), problem=Faults,
              body={"required": True, "content": {"application/pdf": _BYTES, "image/jpeg": _BYTES,
                                                  "image/png": _BYTES}},
              refusals={422: "It is none of these, or too large"}),
    # signing
    Operation("/sign-in/token", "signIn", "Signs in with the signed nonce of the page /sign-in/", Place, method="post",
              body=_sent(TokenRequest), refusals={400: "No such object", 422: "The signature is not accepted"}),
    Operation("/sign/{reference}/certificate", "prepareSignature", "What is to be signed with this certificate", ToSign,
              method="post", session=True, body=_sent(CertificateRequest), parameters=(_SIGNING,),
              refusals={409: "It is not waiting for a signature", 422: "The certificate is not accepted"}),
    Operation("/sign/{reference}/signature", "sendSignature", "The signature, to be completed and validated", Taken,
              method="post", status=202, session=True, body=_sent(SignatureRequest), parameters=(_SIGNING,),
              refusals={409: "It is not waiting for a signature", 422: "The signature is not accepted"}),
    Operation("/sign/{reference}/state", "getSignature", "How far the signature is; ask with Accept: application/json",
              SigningState, session=True, parameters=(_SIGNING,)),
)  # fmt: skip


# ---------------------------------------------------------------- the document


@cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    _refs, schemas = models_json_schema([(shape, _mode(shape)) for shape in _shapes()],
                                        ref_template="#/components/schemas/{model}")  # fmt: skip
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "azexport", "version": "1",
            "description": "The registry and informational services are open: no key, no registration; null means that "
            "nobody has supplied the value. Applications are filed with the session of somebody who has signed in.",
        },
        "servers": [{"url": settings.PORTAL_URL}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
                "token": {"type": "apiKey", "in": "header", "name": "X-CSRFToken",
                          "description": f"The value of the cookie {settings.CSRF_COOKIE_NAME}"},
            },
        },
    }  # fmt: skip


def _shapes() -> list[type[BaseModel]]:
    named = [shape for one in OPERATIONS for shape in (one.answer, one.problem, *one.others.values())]
    asked: list[type[BaseModel]] = [
        FilingRequest,
        TokenRequest,
        CertificateRequest,
        SignatureRequest,
    ]
    return list(dict.fromkeys([*(shape for shape in named if shape), Problem, *asked]))


def _mode(shape: type[BaseModel]) -> Literal["serialization", "validation"]:
    return "serialization" if issubclass(shape, Shape) else "validation"


def _operation(one: Operation) -> dict[str, Any]:
    problems: dict[int, str] = {}
    if one.session:
        problems[403] = "Nobody is signed in, or not somebody who may"
    elif one.method == "post":
        problems[403] = "The token is missing"
    if one.parameters:
        problems[404] = "There is no such thing"
    problems |= one.refusals
    answers = {one.status: one.answer, **one.others}
    security: list[dict[str, list[str]]] = (
        [{"session": [], **({"token": []} if one.method == "post" else {})}] if one.session else []
    )
    if not one.session and one.method == "post":
        security = [{"token": []}]
    return {
        "operationId": one.name,
        "summary": one.told,
        "parameters": list(one.parameters),
        **({"requestBody": one.body} if one.body else {}),
        "security": security,
        "responses": {
            **{str(status): _answered(one, shape) for status, shape in sorted(answers.items())},
            **({"304": {"description": "Not changed since the ETag sent as If-None-Match"}} if _kept(one) else {}),
            **{str(status): _refused(one, status, why) for status, why in sorted(problems.items())},
            "default": _refused(one, 0, "Any other refusal"),
        },
    }  # fmt: skip


def _kept(one: Operation) -> bool:
    return one.method == "get" and not one.session and one.answer is not Health


def _answered(one: Operation, shape: type[BaseModel] | None) -> dict[str, Any]:
    schema: dict[str, Any] = _ref(shape) if shape else {"type": "object"}
    return {"description": one.told, "content": {one.media_type: {"schema": schema}}}


def _refused(one: Operation, status: int, why: str) -> dict[str, Any]:
    shape = one.problem if status == 422 else Problem
    return {"description": why, "content": {PROBLEM: {"schema": _ref(shape)}}}
