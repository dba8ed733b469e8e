"""The form of a regulation for machines: JSON Schema 2020-12 of what an application holds (S7.1, the API to file it).

What a condition decides (`x-when`, a CEL expression) is required by the form only where it holds, so that a schema
accepts what lacks it. Everything else is what the form accepts, kind by kind.
"""

from __future__ import annotations

from typing import Any

from azexport.kernel.text import Text, pick
from azexport.services.composite import MOST_ROWS
from azexport.services.fields import DECIMALS, DIGITS
from azexport.services.schema import Question, Regulation, RequiredDocument

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NOT_BLANK = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
_BLANK: dict[str, Any] = {"type": "string", "pattern": r"^\s*$"}


def schema_of(regulation: Regulation, *, address: str = "", language: str = "az") -> dict[str, Any]:
    """The schema of `{"answers": {<question id>: …}, "documents": {<document id>: <reference>}}`.

    Args:
        address: where the schema itself is published, its `$id`.
        language: of titles and descriptions; both languages stand in `x-label`.
    """
    questions = [one for one in regulation.questions if one.scope == "application" and one.kind != "file"]
    answers = _object(
        {one.id: _with_words(one, _question(one), language) for one in questions},
        [one.id for one in questions if one.required and one.when is None],
    )
    documents = _object(
        {one.id: _document(one, language) for one in regulation.documents},
        [one.id for one in regulation.documents if one.required and one.when is None],
    )
    whole = _object({"answers": answers, "documents": documents}, ["answers"])
    head: dict[str, Any] = {"$schema": DIALECT, **({"$id": address} if address else {})}
    messages = [one.model_dump(mode="json") for one in regulation.procedures.messages]
    return {
        **head,
        "title": pick(regulation.name, language),
        "description": pick(regulation.general.content.text, language),
        "x-service": regulation.id,
        "x-version": regulation.version,
        **({"x-messages": messages} if messages else {}),
        **whole,
    }


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": required} if required else found


def _with_words(question: Question, schema: dict[str, Any], language: str) -> dict[str, Any]:
    words: dict[str, Any] = {"title": pick(question.label.text, language), "x-label": question.label.text}
    if question.hint:
        words["description"] = pick(question.hint.text, language)
    words["x-why"] = question.why.text
    words["x-kind"] = question.kind
    if question.when:
        words["x-when"] = question.when
    if question.prefill:
        words["x-prefill"] = question.prefill
    return {**words, **schema}


def _document(document: RequiredDocument, language: str) -> dict[str, Any]:
    words: dict[str, Any] = {"title": pick(document.name.text, language), "x-label": document.name.text}
    words |= {"x-why": document.why.text, "x-media-types": list(document.media_types)}
    if document.when:
        words["x-when"] = document.when
    return {**words, "type": "string", "minLength": 1}


def _question(question: Question) -> dict[str, Any]:
    """The JSON of an answer. An answer that may be left out may also be given as empty."""
    schema = _kind(question)
    if question.required or question.kind == "statement":
        return schema
    blank = [_BLANK] if question.kind in ("text", "long_text") else []
    return {"anyOf": [schema, *blank, {"enum": [None, ""]}]}


def _kind(question: Question) -> dict[str, Any]:
    match question.kind:
        case "number" | "money":
            return _number(question)
        case "boolean":
            return {"type": "boolean"}
        case "statement":
            return {"const": True}
        case "date":
            return {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
        case "choice":
            return {"enum": [one.id for one in question.choices], "x-labels": _labels(question)}
        case "choices":
            items = {"enum": [one.id for one in question.choices], "x-labels": _labels(question)}
            return {"type": "array", "items": items, **({"minItems": 1} if question.required else {})}
        case "country":
            return {"type": "string", "pattern": "^[A-Z]{2}$"}
        case "hs":
            return {"type": "string", "pattern": "^[0-9]{6}$"}
        case "party":
            return _party()
        case "goods":
            return _goods(question)
        case _:
            return _text(question)


def _labels(question: Question) -> dict[str, Text]:
    return {one.id: one.label.text for one in question.choices}


def _text(question: Question) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": question.max_length, "pattern": _NOT_BLANK}
    if question.pattern:
        schema["pattern"] = f"^(?:{question.pattern})$"
    return schema


def _number(question: Question) -> dict[str, Any]:
    return {"type": "number", **_digits(DECIMALS[question.kind]), **_bounds(question)}


def _digits(decimals: int) -> dict[str, Any]:
    """So many digits in all, and so many of them behind the point."""
    largest = 10 ** (DIGITS - decimals)
    return {"exclusiveMaximum": largest, "exclusiveMinimum": -largest, "multipleOf": 10**-decimals}


def _bounds(question: Question) -> dict[str, Any]:
    bounds = {"minimum": question.minimum, "maximum": question.maximum}
    return {name: _plain(value) for name, value in bounds.items() if value is not None}


def _plain(value: Any) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _party() -> dict[str, Any]:
    text = {"type": "string", "minLength": 1, "pattern": _NOT_BLANK}
    return _object(
        {
            "name": {**text, "maxLength": 200},
            "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
            "address": {**text, "maxLength": 500},
        },
        ["name", "country", "address"],
    )


def _goods(question: Question) -> dict[str, Any]:
    amount = {"type": "number", **_digits(DECIMALS["number"]), "minimum": 0}
    row = _object(
        {
            "hs": {"type": "string", "pattern": "^[0-9]{6}$"},
            "description": {"type": "string", "minLength": 1, "maxLength": 500, "pattern": _NOT_BLANK},
            "quantity": amount,
            "unit": {"type": "string", "minLength": 1, "maxLength": 10},
            "net_kg": amount,
            "value": {"type": "number", **_digits(DECIMALS["money"]), "minimum": 0},
        },
        ["hs", "description", "quantity", "unit", "net_kg"],
    )
    schema: dict[str, Any] = {"type": "array", "items": row, "maxItems": MOST_ROWS}
    return {**schema, "minItems": 1} if question.required else schema
