"""A regulation's content as it is written: plain data, complete or not, reached by the place of each part in it."""

from __future__ import annotations

import copy
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from azexport.services.faults import Path

Content: TypeAlias = dict[str, Any]
"""What `schema.Regulation` is made of, as JSON; anything may be missing, anything may be wrong."""

LONGEST_ID = 60
_LETTERS = str.maketrans("əığöüşçƏIİĞÖÜŞÇ", "eigouscEIIGOUSC")


def read(content: Any, path: Path, default: Any = None) -> Any:
    """What stands at the place; `default` where nothing does."""
    place = content
    for step in path:
        if isinstance(place, dict) and step in place:
            place = place[step]
        elif _is_index(place, step):
            place = place[int(step)]
        else:
            return default
    return place


def _is_index(place: Any, step: str | int) -> bool:
    return isinstance(place, list) and isinstance(step, int) and 0 <= step < len(place)


def put(content: Content, path: Path, value: Any) -> None:
    """The value stands at the place, or nothing does where it is empty; parents come and go with it."""
    *parents, last = path
    place: Any = content
    trail: list[tuple[Any, Any]] = []
    for step in parents:
        trail.append((place, step))
        place = _entered(place, step)
    if not is_empty(value):
        place[last] = value
        return
    if isinstance(place, dict):
        place.pop(last, None)
    for parent, step in reversed(trail):
        if parent[step] == {} and isinstance(parent, dict):
            del parent[step]


def _entered(place: Any, step: Any) -> Any:
    if isinstance(place, dict):
        inner = place.get(step)
        if not isinstance(inner, dict | list):
            inner = place[step] = {}
        return inner
    return place[step]


def is_empty(value: Any) -> bool:
    """Nothing written: absent, an empty text, an empty list or record. `False` and 0 are something."""
    return value is None or value == "" or value == [] or value == {}


def items(content: Content, path: Path) -> list[Any]:
    """The list at the place; empty where there is none."""
    found = read(content, path)
    return found if isinstance(found, list) else []


def copied(content: Content) -> Content:
    return copy.deepcopy(content)


def digest(value: Any) -> str:
    """Tells whether a part of the content is still what it was."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def words(value: Any, language: str, default: str = "") -> str:
    """A bilingual text of the content in the language, else in the other one, else `default`."""
    if not isinstance(value, dict):
        return value if isinstance(value, str) and value else default
    other = "en" if language == "az" else "az"
    found = value.get(language) or value.get(other)
    return found if isinstance(found, str) and found else default


# --- Ids


def slug(text: str, *, mark: str = "_", default: str = "item") -> str:
    """An id made of the label: Latin letters and digits, at most 60, begun with a letter."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS)).encode("ascii", "ignore").decode().lower()
    parts = re.findall(r"[a-z0-9]+", plain)
    while parts and not parts[0][0].isalpha():
        parts[0] = parts[0].lstrip("0123456789")
        parts = [one for one in parts if one] if parts[0] == "" else parts
    found = ""
    for part in parts:
        longer = f"{found}{mark}{part}" if found else part[: LONGEST_ID - 8]
        if len(longer) > LONGEST_ID - 8:
            break
        found = longer
    found = found or default
    return f"{found}{mark}1" if found in RESERVED else found


RESERVED = frozenset(
    {"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop"}
    | {"namespace", "null", "package", "return", "true", "var", "void", "while"}
)
"""Words that an expression cannot use as names."""


def ids_at(content: Content, pattern: tuple[str, ...], *, apart_from: Path = ()) -> set[str]:
    """The ids in the lists at the pattern (`*` is every item of a list), without those below `apart_from`."""
    places: list[tuple[Path, Any]] = [((), content)]
    for step in pattern:
        if step == "*":
            places = [((*path, number), one) for path, value in places for number, one in enumerate(value or ())]
        else:
            places = [((*path, step), value.get(step)) for path, value in places if isinstance(value, dict)]
    found = set()
    for path, value in places:
        for number, one in enumerate(value if isinstance(value, list) else ()):
            at = (*path, number)
            if (
                isinstance(one, dict)
                and isinstance(one.get("id"), str)
                and (not apart_from or at[: len(apart_from)] != apart_from)
            ):
                found.add(one["id"])
    return found


def ticked_at(content: Content, pattern: tuple[str, ...]) -> Iterator[str]:
    """What stands in the lists of ids at the pattern (`*` is every item of a list)."""
    first, *rest = pattern
    value = content.get(first) if isinstance(content, dict) else None
    if rest and rest[0] == "*":
        for one in value if isinstance(value, list) else ():
            yield from ticked_at(one, tuple(rest[1:]))
    elif rest:
        yield from ticked_at(value or {}, tuple(rest))
    else:
        yield from (one for one in (value if isinstance(value, list) else ()) if isinstance(one, str))


def unique(wanted: str, taken: Iterable[str], *, mark: str = "_") -> str:
    """The id, with a number behind it where others have it already."""
    others = set(taken)
    if wanted not in others:
        return wanted
    return next(one for number in range(2, 10_000) if (one := f"{wanted}{mark}{number}") not in others)


def rename(content: Content, kind: str, old: str, new: str) -> None:
    """Whatever names the renamed thing names it by its new id: tasks, steps, checks, expressions.

    Args:
        kind: question, document, step, ground or fact.
    """
    match kind:
        case "question":
            _in_tasks(content, "questions", old, new)
            for check in items(content, ("provision", "checks")):
                _replaced(check, "question", old, new)
            _in_expressions(content, "answers", old, new)
        case "document":
            _in_tasks(content, "documents", old, new)
        case "step":
            for step in items(content, ("procedures", "steps")):
                _replaced(step, "after", old, new)
        case "ground":
            decision = read(content, ("procedures", "decision"))
            _replaced(decision, "ground", old, new)
        case "fact":
            _in_expressions(content, "known", old, new)


def forget(content: Content, kind: str, gone: str) -> list[list[Any]]:
    """No task and no step names what was removed. Expressions are left to their author.

    Returns:
        Where it was named, as `recall` takes it.
    """
    found = []
    for path in _naming(content, kind):
        listed = read(content, path)
        if isinstance(listed, list) and gone in listed:
            found.append([*path, listed.index(gone)])
            listed.remove(gone)
    return found


def recall(content: Content, named: Iterable[list[Any]], id_: str) -> None:
    """What stands again is named again where it was."""
    for *path, number in named:
        listed = read(content, tuple(path))
        if isinstance(listed, list) and id_ not in listed:
            listed.insert(number, id_)


def follow(content: Content, kind: str, first: str, second: str) -> None:
    """Two neighbours of the list stand on a page of the form in the order in which they stand in the list."""
    for path in _naming(content, kind):
        listed = read(content, path)
        if kind != "step" and isinstance(listed, list) and first in listed and second in listed:
            one, other = sorted((listed.index(first), listed.index(second)))
            listed[one], listed[other] = first, second


def _naming(content: Content, kind: str) -> Iterator[Path]:
    if kind == "step":
        for number in range(len(items(content, ("procedures", "steps")))):
            yield ("procedures", "steps", number, "after")
    if kind in ("question", "document"):
        for number, section in enumerate(items(content, ("provision", "sections"))):
            for place in range(len(items(section, ("tasks",)))):
                yield ("provision", "sections", number, "tasks", place, f"{kind}s")


def _in_tasks(content: Content, name: str, old: str, new: str) -> None:
    for section in items(content, ("provision", "sections")):
        for task in items(section, ("tasks",)):
            _replaced(task, name, old, new)


def _replaced(owner: Any, name: str, old: str, new: str) -> None:
    if not isinstance(owner, dict):
        return
    value = owner.get(name)
    if isinstance(value, list):
        owner[name] = [new if one == old else one for one in value]
    elif value == old:
        owner[name] = new


EXPRESSIONS = ("when", "condition", "value", "grant", "from")


def _in_expressions(value: Any, record: str, old: str, new: str) -> None:
    pattern = re.compile(rf"\b{record}\.{re.escape(old)}(?![A-Za-z0-9_])")
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in EXPRESSIONS and isinstance(inner, str):
                value[key] = pattern.sub(f"{record}.{new}", inner)
            else:
                _in_expressions(inner, record, old, new)
    elif isinstance(value, list):
        for inner in value:
            _in_expressions(inner, record, old, new)
