"""The reference of the regulation format, made from its schema: `docs/generated/regulation-format.md`."""

from __future__ import annotations

import ast
import inspect
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

SHIPPED = Path(__file__).resolve().parent.parent / "regulations"


def document() -> str:
    """Every part of a regulation with its fields and clauses of the model form; expressions; the routes that ship."""
    from tools import generate

    generate.set_up()
    from azexport.services import conditions, diagram
    from azexport.services.actions import read_folder
    from azexport.services.schema import FACTS, Regulation

    lines: list[str] = []
    for model in _models(Regulation):
        lines += [f"## {model.__name__}", "", generate.first_line(model.__doc__), ""]
        lines += generate.table(("Field", "Holds", "Clause", "Meaning"), _fields(model))
    lines += ["## Sources of facts", "", generate.codes(FACTS), ""]
    lines += ["## Expressions", "", "```text", inspect.cleandoc(conditions.__doc__ or ""), "```", ""]
    lines += ["## The regulations that ship", ""]
    lines += generate.table(
        ("Regulation", "Name", "Kind", "Route"),
        [
            (
                generate.code(one.id),
                one.general.name.en,
                one.provision.kind if not one.automatic else "automatic",
                diagram.described(diagram.graph_of(one), "en"),
            )
            for one in read_folder(SHIPPED)
        ],
    )
    return generate.page(
        "Format of a regulation",
        "One YAML file per service in `regulations/`, named after its id. Clauses are those of the model form (S-A1). "
        "`azexport regulations check` proves that a folder of them conforms.",
        lines,
    )


def _models(root: type[BaseModel]) -> list[type[BaseModel]]:
    """The parts, each once, the whole first and every part where it is met first."""
    found: list[type[BaseModel]] = []
    waiting: list[type[BaseModel]] = [root]
    while waiting:
        model = waiting.pop(0)
        if model in found:
            continue
        found.append(model)
        waiting = [inner for field in model.model_fields.values() for inner in _inner(field.annotation)] + waiting
    return found


def _inner(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _inner(argument)


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    from tools import generate

    meanings = _meanings(model)
    for name, field in model.model_fields.items():
        shown = generate.code(field.alias or name)
        holds = _holds(field.annotation) + ("" if field.is_required() else f", optional{_default(field.default)}")
        yield shown, holds, field.description or "", meanings.get(name, "")


def _meanings(model: type[BaseModel]) -> dict[str, str]:
    """Field -> the text that stands below it in the source."""
    body = ast.parse(inspect.getsource(model)).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            found[field.target.id] = " ".join(str(ast.literal_eval(text.value)).split())
    return found


def _holds(annotation: Any) -> str:
    """The type in words."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _holds(arguments[0])
    if origin is typing.Literal:
        return " &#124; ".join(f"`{one}`" for one in arguments)
    if origin is tuple:
        return f"list of {_holds(arguments[0])}"
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_holds(one) for one in arguments if one is not type(None))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    names = {"str": "text", "int": "whole number", "Decimal": "number", "bool": "true or false", "date": "date"}
    return names.get(getattr(annotation, "__name__", ""), str(annotation))


def _default(value: Any) -> str:
    return "" if value in (None, (), "", False) or isinstance(value, BaseModel) else f" (`{value}`)"
