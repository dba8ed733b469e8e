"""Content that is not a regulation yet, read as one: what is missing or wrong is stood in for, so that it can be shown.

For previews and comparisons only. What it makes is never stored, never checked and never runs.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from azexport.kernel.text import Text, of_message
from azexport.services import files
from azexport.services.activities import ACTIVITIES
from azexport.services.editor.content import EXPRESSIONS, is_empty, read
from azexport.services.faults import Fault, Faults, say
from azexport.services.schema import Regulation, Words, clause_of, rules

NOT_WRITTEN = _("[not written yet]")


class StandIn(str):
    """A code that stands where none is written."""


ACTIVITY = StandIn(next(iter(ACTIVITIES)))


def regulation_of(content: Mapping[str, Any]) -> Regulation:
    """The content as a regulation: itself where it is one, else with something standing in for what is not there."""
    try:
        return Regulation.model_validate(content)
    except ValidationError:
        made: Regulation = _model(Regulation, content)
        return made


def _model(model: Any, given: Any) -> Any:
    values = given if isinstance(given, Mapping) else {}
    if model is Words:
        return _words(given)
    return model.model_construct(**dict(_fields(model, values)))


def _words(given: Any) -> Words:
    stands: Text = of_message(NOT_WRITTEN)
    texts = given if isinstance(given, Mapping) else {}
    said = {language: texts.get(language) for language in ("az", "en")}
    az, en = (text if isinstance(text, str) and text.strip() else stands[language] for language, text in said.items())
    return Words.model_construct(az=az, en=en)


def _fields(model: type[BaseModel], values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, info in model.model_fields.items():
        given = values.get(info.alias or name, values.get(name))
        if is_empty(given) and not info.is_required():
            yield name, info.get_default(call_default_factory=True)
        elif name == "activity" and given not in ACTIVITIES:
            yield name, ACTIVITY
        else:
            yield name, _value(info, given)


def _value(info: FieldInfo, given: Any) -> Any:
    annotation, optional = _plain(info.annotation)
    origin = typing.get_origin(annotation)
    if origin is tuple:
        return tuple(_items(typing.get_args(annotation)[0], given))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _model(annotation, given)
    whole = info.rebuild_annotation()  # with the limits of the field
    try:
        return TypeAdapter(whole).validate_python(given)
    except (ValidationError, Faults):
        return None if optional else _stand_in(whole)


def _plain(annotation: Any) -> tuple[Any, bool]:
    """The type without "or nothing", and whether nothing is allowed."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        inner = [one for one in typing.get_args(annotation) if one is not type(None)]
        return inner[0], True
    return annotation, False


def _items(annotation: Any, given: Any) -> Iterator[Any]:
    for one in given if isinstance(given, list | tuple) else ():
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield _model(annotation, one)
        else:
            try:
                yield TypeAdapter(annotation).validate_python(one)
            except (ValidationError, Faults):
                continue


def _stand_in(annotation: Any) -> Any:
    """Something that the type admits: a mark of what is missing, where it admits that."""
    base = typing.get_args(annotation)[0] if typing.get_origin(annotation) is typing.Annotated else annotation
    if typing.get_origin(base) is typing.Literal:
        return typing.get_args(base)[0]
    made: dict[Any, Any] = {int: 0, Decimal: Decimal(0), bool: False, date: date(2000, 1, 1)}
    return made[base] if base in made else "…" if annotation is str else _text(annotation)


def _text(annotation: Any) -> str:
    try:
        return str(TypeAdapter(annotation).validate_python("…"))
    except ValidationError:
        return "x"  # an id, for one


def ordered(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content in the order of the model form, without what is empty; what the format does not know stands last."""
    found: dict[str, Any] = _ordered(Regulation, content)
    return found


def _ordered(annotation: Any, given: Any) -> Any:
    annotation, _optional = _plain(annotation)
    if typing.get_origin(annotation) is tuple and isinstance(given, list):
        return [_ordered(typing.get_args(annotation)[0], one) for one in given]
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel) and isinstance(given, Mapping)):
        return given
    names = {info.alias or name: info.annotation for name, info in annotation.model_fields.items()}
    known = {name: _ordered(names[name], given[name]) for name in names if name in given}
    rest = {name: one for name, one in given.items() if name not in names}
    return {name: one for name, one in (known | rest).items() if not is_empty(one)}


def faults_of(content: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with the draft: what the format says, and, while that keeps the whole from being looked at, what
    can be said of its expressions, ids, route and pages already."""
    from azexport.services import conformance

    found = files.faults_of(content)
    if not found:
        return list(conformance.check(regulation_of(content)))
    steps = ("procedures", "steps")
    if any(one.path == steps for one in conformance.headings(content)):
        # The format lets an informational service have none, and cannot tell before the whole is there.
        found.append(Fault(steps, say(_("at least one is needed")), clause_of(steps)))
    seen = {fault.path for fault in found}
    for fault in rules.faults(regulation_of(content)):
        if _is_written(content, fault) and fault.path not in seen:
            found.append(Fault(fault.path, fault.message, clause_of(fault.path)))
    return found


_ROUTES = ("after", "performer")
_LISTS = (("provision", "sections"), ("provision", "questions"), ("provision", "documents"), ("procedures", "steps"))


def _is_written(content: Mapping[str, Any], fault: Fault) -> bool:
    """Whether the fault is of what stands there, not of what stands in for it."""
    if is_empty(read(content, fault.path)):
        return False
    last = fault.path[-1] if fault.path else ""
    if fault.path == ("procedures", "steps"):
        return not is_empty(read(content, ("general", "term", "working_days")))
    return last in (*EXPRESSIONS, *_ROUTES, "rule") or fault.path[:2] in _LISTS
