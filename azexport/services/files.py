"""Reading a regulation's file, with errors that name file, line and clause."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from azexport.kernel.errors import AzexportError
from azexport.services.schema import Regulation, clause_of

Location = tuple[Any, ...]


class RegulationError(AzexportError):
    """A regulation's file is not a regulation; the message has one line per fault."""

    code = "regulation"
    status = 422


def read(path: Path) -> Regulation:
    """The regulation in the file.

    Raises:
        RegulationError: every fault as `file:line: (S-A1 clause) place: what is wrong`.
    """
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise RegulationError(f"{path.name}:{mark.line + 1 if mark else 1}: not YAML: {error}") from error
    try:
        regulation = Regulation.model_validate(data)
    except ValidationError as error:
        lines = _lines(node)
        faults = [_fault(path, lines, fault) for fault in error.errors()]
        raise RegulationError("\n".join(faults)) from error
    if path.stem != regulation.id:
        raise RegulationError(f"{path.name}:1: the file is called {path.stem}, its regulation {regulation.id}")
    return regulation


def _fault(path: Path, lines: dict[Location, int], fault: Any) -> str:
    location: Location = tuple(fault["loc"])
    known = location
    while known and known not in lines:
        known = known[:-1]
    clause = clause_of(location)
    where = ".".join(map(str, location)) or "regulation"
    mark = f"(S-A1 {clause}) " if clause else ""
    return f"{path.name}:{lines.get(known, 1)}: {mark}{where}: {fault['msg'].removeprefix('Value error, ')}"


def _lines(node: yaml.Node | None, at: Location = ()) -> dict[Location, int]:
    """Place in the file's data -> line number, from 1."""
    if node is None:
        return {}
    found = {at: node.start_mark.line + 1}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            found |= _lines(value, (*at, key.value))
            found[(*at, key.value)] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            found |= _lines(item, (*at, index))
    return found
