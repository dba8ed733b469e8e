"""The description of the JSON addresses: whole, well formed, and true of what they answer (S7.1, S7.3, S11.5.2)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azexport.gateway.openapi import document
from azexport.kernel.http import Audience
from tests.factories import filings as factory
from tests.factories.parties import make_member, sign_in
from tests.factories.services import CALCULATOR, honey, informational, load_all

pytestmark = pytest.mark.django_db
METHODS = {"get", "post"}
KNOWN: dict[str, list[Any]] = {
    "number": ["ES-000001", "ES-000186"], "service": ["honey-seal", "honey-sum"], "version": ["1"],
    "q": ["viza", "bal", "24.1", "08"], "provider": ["24"], "activity": ["3.1.21"], "after": ["ES-000010"],
    "hs": ["040900", "730429"], "destination": ["DE", "TR"], "reference": ["FL-26-0000001"],
    "answers": [{"jars": "2", "heated": "false"}],
}  # fmt: skip
"""Values that mean something, as what a schema allows seldom does."""


@pytest.fixture
def services() -> None:
    load_all(honey(), informational(**CALCULATOR))


def named(one: object) -> str:
    """What the test of an operation is called by."""
    return one if isinstance(one, str) else ""


def operations(*, session: bool | None = None, method: str = "") -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, verb, one)
        for path, verbs in document()["paths"].items()
        for verb, one in verbs.items()
        if method in ("", verb) and session in (None, any("session" in each for each in one["security"]))
    ]


# ---------------------------------------------------------------- whole


def addresses(patterns: list[Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, before + str(one.pattern))
        elif isinstance(one, URLPattern):
            yield "/" + before + str(one.pattern), one.callback


def test_every_address_of_the_api_is_described_with_its_methods() -> None:
    described = {re.sub(r"{\w+}", "{}", path): verbs for path, verbs in document()["paths"].items()}
    table = {re.sub(r"<[^>]+>", "{}", path) for path, _view in addresses(get_resolver().url_patterns)}
    assert {path for path in table if path.startswith("/api/")} - described.keys() == set()
    assert described.keys() - table == set(), "what is described is there"


def example(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda found: str(KNOWN[found[1]][0]), path)


@pytest.mark.parametrize(("path", "method", "operation"), operations(), ids=named)
def test_an_operation_is_allowed_to_whom_it_says(path: str, method: str, operation: dict[str, Any]) -> None:
    """S4.3, S4.4: open where no session is asked for, else for whoever has signed in."""
    view = resolve(example(path)).func
    signed_in = any("session" in one for one in operation["security"])
    assert (view.audience is not Audience.PUBLIC) == signed_in  # type: ignore[attr-defined]
    answer = getattr(Client(enforce_csrf_checks=True), method)(example(path), headers={"accept": "application/json"})
    if method == "post" or signed_in:
        assert answer.status_code == 403, "neither without a session nor without its token"
        assert answer["Content-Type"] == "application/problem+json"
    assert answer.status_code != 405
    other = ({"get", "post"} - document()["paths"][path].keys()).pop() if len(document()["paths"][path]) == 1 else None
    if other and signed_in:
        client = sign_in(Client(), make_member())
        assert getattr(client, other)(example(path)).status_code == 405


def test_a_program_that_is_not_signed_in_is_told_so_and_not_led_to_a_page() -> None:
    answer = Client().get("/api/filings")
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")


# ---------------------------------------------------------------- well formed


def test_the_document_has_the_shape_that_openapi_3_1_wants() -> None:
    told = document()
    assert told.keys() == {"openapi", "info", "servers", "paths", "components"}
    assert told["openapi"] == "3.1.0"
    assert {"title", "version"} <= told["info"].keys()
    schemes = told["components"]["securitySchemes"]
    assert all(one["type"] == "apiKey" and one["in"] in ("cookie", "header") for one in schemes.values())
    names = [one["operationId"] for _path, _method, one in operations()]
    assert len(names) == len(set(names))
    for ref in references(told):
        assert ref.removeprefix("#/components/schemas/") in told["components"]["schemas"], ref
    assert {ref.rpartition("/")[2] for ref in references(told)} == told["components"]["schemas"].keys(), "none is idle"


@pytest.mark.parametrize(("path", "method", "operation"), operations(), ids=named)
def test_each_operation_has_the_shape_that_openapi_3_1_wants(path: str, method: str, operation: Any) -> None:
    assert method in METHODS
    assert operation.keys() - {"requestBody"} == {"operationId", "summary", "parameters", "security", "responses"}
    assert set(re.findall(r"{(\w+)}", path)) == {one["name"] for one in operation["parameters"] if one["in"] == "path"}
    for parameter in operation["parameters"]:
        assert parameter["in"] in ("path", "query", "header")
        assert parameter["schema"]
        assert parameter["description"] is not None
        assert parameter["required"] or parameter["in"] != "path"
    for status, response in operation["responses"].items():
        assert re.fullmatch(r"[1-5]\d\d|default", status)
        assert response["description"]
        assert (status == "304") == ("content" not in response)
    assert ("requestBody" in operation) == (method == "post")
    assert all(one in document()["components"]["securitySchemes"] for each in operation["security"] for one in each)


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        return [one for key, value in part.items() for one in ([value] if key == "$ref" else references(value))]
    return [one for value in part for one in references(value)] if isinstance(part, list) else []


# ---------------------------------------------------------------- true


def strategy(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """What the schema allows."""
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    if schema["type"] == "integer":
        return st.integers(schema.get("minimum"), schema.get("maximum")).map(str)
    if schema["type"] == "object":
        return st.dictionaries(st.text(LETTERS, min_size=1, max_size=8), st.text(LETTERS, max_size=8), max_size=3)
    if "pattern" in schema:
        return st.from_regex(schema["pattern"].removesuffix("$") + r"\Z")
    return st.text(LETTERS, max_size=min(schema.get("maxLength", 40), 40))


LETTERS = st.characters(exclude_categories=["Cs"])


@st.composite
def requests(draw: st.DrawFn, *, session: bool) -> tuple[str, str]:
    """The path of a read-only operation, and an address of it: mostly what its schemas allow, at times anything."""
    path, _method, operation = draw(st.sampled_from(operations(session=session, method="get")))
    address = path
    query: list[tuple[str, str]] = []
    for one in operation["parameters"]:
        if one["in"] == "query" and not one["required"] and draw(st.booleans()):
            continue
        name = one["name"]
        values = [strategy(one["schema"]), *([st.sampled_from(KNOWN[name])] * 2 if name in KNOWN else [])]
        value = draw(st.one_of(*values, st.text(LETTERS, max_size=12)))
        if one["in"] == "path":
            address = address.replace(f"{{{name}}}", quote(str(value).replace("/", "") or "-", safe=""))
        else:
            query += value.items() if isinstance(value, dict) else [(name, value)]
    return path, address + "?" + "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in query)


CHECKED = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@CHECKED
@given(asked=requests(session=False))
def test_whatever_is_asked_of_an_open_address_the_answer_fits_its_schema(
    asked: tuple[str, str], services: None
) -> None:
    """S4.3, S11.5.2"""
    answers_as_described(Client(), *asked)


@settings(CHECKED, max_examples=40)
@given(asked=requests(session=True))
def test_whatever_somebody_signed_in_asks_the_answer_fits_its_schema(asked: tuple[str, str], program: Client) -> None:
    """S4.4, S7.3"""
    answers_as_described(program, *asked)


@pytest.fixture
def program() -> Client:
    factory.load_tea()
    return sign_in(Client(), make_member())


@pytest.mark.parametrize(("path", "method", "operation"), operations(session=False, method="get"), ids=named)
def test_what_is_known_is_answered(path: str, method: str, operation: Any, services: None) -> None:
    wanted = [one["name"] for one in operation["parameters"] if one["in"] == "query" and one["required"]]
    query = "&".join(f"{name}={KNOWN[name][0]}" for name in wanted)
    address = f"{example(path)}?{query}"
    if path.startswith("/calculators/"):
        address = "/calculators/honey-sum/?jars=2&heated=false"
    assert answers_as_described(Client(), path, address) == 200


def send(program: Client, body: str, key: str) -> Any:
    answer = program.post("/api/filings", body, content_type="application/json", headers={"idempotency-key": key})
    fits(answer, "/api/filings", "post")
    return answer


def test_filing_by_machine_is_answered_as_described(program: Client) -> None:
    """S7.3: a file, an application with it, the same again, the list; and what is refused."""
    file = program.post("/api/files?name=deed.pdf", factory.PDF, content_type="application/pdf")
    fits(file, "/api/files", "post")
    answers = {**factory.ANSWERS, "hectares": 12.5}
    whole = json.dumps({"service": "tea-licence", "answers": answers, "documents": {"deed": file.json()["reference"]}})
    made, again = send(program, whole, "k"), send(program, whole, "k")
    assert (made.status_code, again.status_code) == (201, 200)
    fits(program.get("/api/filings"), "/api/filings", "get")
    fits(program.get(f"/api/filings/{made.json()['reference']}"), "/api/filings/{reference}", "get")
    for status, content in ((400, "[]"), (422, '{"service": "tea-licence"}'), (404, '{"service": "x"}')):
        assert send(program, content, f"k-{status}").status_code == status
    assert send(program, whole + " ", "k").status_code == 409
    nothing = program.post("/api/files?name=x", b"", content_type="application/pdf")
    assert nothing.status_code == 422
    fits(nothing, "/api/files", "post")


def answers_as_described(client: Client, path: str, address: str) -> int:
    answer = client.get(address, headers={"accept": "application/json"})
    fits(answer, path, "get")
    return int(answer.status_code)


def fits(answer: Any, path: str, method: str) -> None:
    """The answer has a status that is described, and the schema of that status."""
    assert answer.status_code < 500, answer
    responses = document()["paths"][path][method]["responses"]
    described = responses.get(str(answer.status_code), responses["default"])
    media_type, _comma, _rest = answer["Content-Type"].partition(";")
    assert media_type in described["content"], (answer.status_code, media_type)
    problem_with(json.loads(answer.content), described["content"][media_type]["schema"], "")


ANNOTATIONS = {"title", "description", "default", "examples"}


def problem_with(value: Any, schema: dict[str, Any], place: str) -> None:
    """Refuses what does not fit, and every keyword of JSON Schema that it cannot judge."""
    assert schema.keys() <= JUDGED | ANNOTATIONS, (place, schema)
    if ref := schema.get("$ref"):
        problem_with(value, document()["components"]["schemas"][ref.rpartition("/")[2]], place)
    if options := schema.get("anyOf"):
        one_fits(value, options, place)
    assert value in schema.get("enum", [value]), place
    assert value == schema.get("const", value), place
    if kind := schema.get("type"):
        assert isinstance(value, TYPES[kind]), (place, kind, value)
        assert kind == "boolean" or not isinstance(value, bool), (place, kind, value)
    if isinstance(value, dict) and "$ref" not in schema:
        known, others = schema.get("properties", {}), schema.get("additionalProperties", not schema.get("properties"))
        assert set(schema.get("required", [])) <= value.keys(), (place, value.keys())
        for name, one in value.items():
            assert name in known or others is not False, f"{place}/{name} is not described"
            problem_with(one, known.get(name, others if isinstance(others, dict) else {}), f"{place}/{name}")
    if isinstance(value, list) and "items" in schema:
        for number, one in enumerate(value):
            problem_with(one, schema["items"], f"{place}/{number}")


JUDGED = {"$ref", "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "format"}
TYPES: dict[str, Any] = {
    "object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool,
    "null": type(None),
}  # fmt: skip


def one_fits(value: Any, options: list[dict[str, Any]], place: str) -> None:
    failed = []
    for one in options:
        try:
            problem_with(value, one, place)
        except AssertionError as error:
            failed.append(str(error))
        else:
            return
    raise AssertionError((place, failed))


def test_the_judge_of_these_tests_refuses_what_does_not_fit() -> None:
    for value, schema in (
        (1, {"type": "string"}), (True, {"type": "integer"}), ({}, {"required": ["a"]}), ("c", {"enum": ["a", "b"]}),
        ({"b": 1}, {"properties": {"a": {}}}), ([1, "a"], {"items": {"type": "integer"}}), (1, {"minimum": 2}),
        (1, {"anyOf": [{"type": "null"}, {"type": "string"}]}),
    ):  # fmt: skip
        with pytest.raises(AssertionError):
            problem_with(value, schema, "")
