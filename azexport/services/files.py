"""Regulations as text (YAML): reading with errors that name file, line and clause of the model form, and writing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from azexport.kernel.errors import AzexportError, Message
from azexport.kernel.text import pick
from azexport.services.faults import Fault, Faults, say, wrong
from azexport.services.faults import Path as Place
from azexport.services.schema import Regulation, clause_of

LARGEST = 500_000
"""Characters of a regulation's text; the largest that ships has a tenth of it."""
MOST_PLACES = 50_000
"""Places in a regulation's data, what stands there by reference (`*`) counted each time."""
DEEPEST = 30


class RegulationError(AzexportError):
    """A text is not a regulation; `faults` says what is wrong, the message has one line for each."""

    code = "regulation"
    status = 422

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(fault.told() for fault in self.faults))

    def told(self, language: str | None = None) -> str:
        """The faults in one language (default: the page's), one a line."""
        return "\n".join(fault.told(language or pick({"az": "az", "en": "en"})) for fault in self.faults)


def read(path: Path) -> Regulation:
    """The regulation in the file, which bears its id as name.

    Raises:
        RegulationError: every fault as `file:line: (S-A1 clause) place: what is wrong`.
    """
    regulation = parse(path.read_text(encoding="utf-8"), name=path.name)
    if path.stem != regulation.id:
        message = say(_("the file is called %(name)s, its regulation %(id)s"), name=path.stem, id=regulation.id)
        raise RegulationError([Fault(("id",), message, line=1, file=path.name)])
    return regulation


def parse(text: str, *, name: str = "") -> Regulation:
    """The regulation in the text.

    Args:
        name: the file's name, for the faults.

    Raises:
        RegulationError: every fault with its line and clause.
    """
    data, lines = load(text, name=name)
    try:
        return Regulation.model_validate(data)
    except ValidationError as error:
        raise RegulationError(placed(_unfolded(error), lines, name)) from error


def load(text: str, *, name: str = "") -> tuple[Any, dict[Place, int]]:
    """The data in the text, which need not be a regulation yet, and place -> line from 1.

    Raises:
        RegulationError: the text is not YAML, or nested or aliased without end.
    """
    if len(text) > LARGEST:
        raise RegulationError(
            [replace(wrong(_("the text is longer than %(most)s characters"), most=LARGEST), file=name)]
        )
    try:
        node = yaml.compose(text, Loader=_Loader)
        lines = dict(_lines(node)) if node else {}
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        mark = getattr(error, "problem_mark", None)
        message = say(_("not YAML: %(fault)s"), fault=getattr(error, "problem", None) or str(error)[:200])
        raise RegulationError([Fault((), message, line=mark.line + 1 if mark else 1, file=name)]) from error
    return data, lines


def faults_of(content: Any) -> list[Fault]:
    """What is wrong with content that may be incomplete, for the editor: each fault with its place and clause."""
    try:
        Regulation.model_validate(content)
    except ValidationError as error:
        return list(_unfolded(error))
    return []


def dump(regulation: Regulation | Mapping[str, Any]) -> str:
    """The regulation, or content that is not one yet, as YAML in the order of the model form, without defaults."""
    if isinstance(regulation, Regulation):
        content = regulation.model_dump(mode="json", exclude_defaults=True)
    else:
        content = _bare(regulation)
    return yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120, default_flow_style=False)


class _Loader(yaml.SafeLoader):
    """Safe YAML that reads no key twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen: set[Any] = set()
        for key, _value in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} stands here twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


class _Dumper(yaml.SafeDumper):
    """Long text as blocks, lists indented below their key, nothing by reference."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value and not any(line != line.rstrip() for line in value.splitlines()) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def _bare(content: Any) -> Any:
    """The content as plain data."""
    if isinstance(content, Mapping):
        return {str(name): _bare(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [_bare(one) for one in content]
    return content if isinstance(content, bool | int | float | str | None) else str(content)


def _lines(root: yaml.Node) -> Iterator[tuple[Place, int]]:
    """Each place in the file's data, and its line from 1."""
    waiting: list[tuple[Place, yaml.Node, int]] = [((), root, root.start_mark.line)]
    for count, (at, node, line) in enumerate(waiting):
        if count > MOST_PLACES or len(at) > DEEPEST:
            raise ValueError("too large, or nested too deep")
        yield at, line + 1
        if isinstance(node, yaml.MappingNode):
            if not all(isinstance(key, yaml.ScalarNode) for key, _value in node.value):
                raise ValueError("a key is a word")
            waiting += [((*at, key.value), value, key.start_mark.line) for key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            waiting += [((*at, number), item, item.start_mark.line) for number, item in enumerate(node.value)]


def placed(faults: Iterable[Fault], lines: Mapping[Place, int], name: str) -> Iterator[Fault]:
    """The faults with their file and line (`load`): that of the nearest place that stands in the text."""
    for fault in faults:
        known = fault.path
        while known and known not in lines:
            known = known[:-1]
        yield replace(fault, line=lines.get(known, 1), file=name)


def _unfolded(error: ValidationError) -> Iterator[Fault]:
    """Each fault of the validation at its own place, with its clause, in both languages."""
    for one in error.errors():
        cause = one.get("ctx", {}).get("error")
        inner = cause.faults if isinstance(cause, Faults) else (_plainly(one),)
        for fault in inner:
            path = (*one["loc"], *fault.path)
            yield replace(fault, path=path, clause=clause_of(path))


MESSAGES: dict[str, Message] = {
    "missing": _("this is not filled"),
    "string_too_short": _("this is not filled"),
    "too_short": _("at least one is needed"),
    "extra_forbidden": _("the format knows nothing of this name"),
    "literal_error": _("must be one of: %(expected)s"),
    "string_too_long": _("longer than %(max_length)s characters"),
    "string_type": _("must be text"),
    "int_type": _("must be a whole number"),
    "int_parsing": _("must be a whole number"),
    "int_from_float": _("must be a whole number"),
    "bool_type": _("must be true or false"),
    "bool_parsing": _("must be true or false"),
    "decimal_type": _("must be a number"),
    "decimal_parsing": _("must be a number"),
    "decimal_max_places": _("must have at most %(decimal_places)s decimals"),
    "greater_than_equal": _("must be at least %(ge)s"),
    "less_than_equal": _("must be at most %(le)s"),
    "string_pattern_mismatch": _("does not look as it must: %(pattern)s"),
    "date_type": _("must be a date such as 2026-01-31"),
    "date_parsing": _("must be a date such as 2026-01-31"),
    "date_from_datetime_parsing": _("must be a date such as 2026-01-31"),
    "tuple_type": _("must be a list"),
    "model_type": _("must hold named parts"),
    "model_attributes_type": _("must hold named parts"),
}
"""Pydantic's kind of fault -> what to say."""


def _plainly(error: Any) -> Fault:
    known = MESSAGES.get(error["type"])
    if known is None:
        return Fault((), {"az": error["msg"], "en": error["msg"].removeprefix("Value error, ")})
    return Fault((), say(known, **{name: str(one) for name, one in error.get("ctx", {}).items()}))
