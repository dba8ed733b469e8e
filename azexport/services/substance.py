"""What a change of a text weighs once the public has discussed it (S9.7).

What touches what users bear or get is discussed anew. How that is worded may go on, published with the reason. What is
not named here as wording weighs, so that what the format learns later weighs until somebody says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import ValidationError

from azexport.services.schema import Regulation, clause_of

Place: TypeAlias = tuple[str | tuple[str], ...]
"""Names of parts; an item of a list stands as a tuple of its id."""

NOT_THE_WRITERS = ("id", "version", "valid_from", "valid_until", "general.provider")
"""What the draft's life sets, not its writers."""
WORDING = (
    # names, the acts that are cited, where the service runs and whom to ask
    "general.name", "general.activity", "general.legal_basis", "general.term.clause", "general.term.source",
    "general.result.document.fields.*.label", "general.result.register.name", "general.result.register.columns.*.label",
    "provision.fee.source", "provision.fee.bank", "provision.place", "provision.information", "provision.runs_at",
    # how the form reads
    "provision.known_documents.*.name", "provision.known_documents.*.identified_by",
    "provision.known_documents.*.register.facts.*.label", "provision.documents.*.why", "provision.questions.*.label",
    "provision.questions.*.hint", "provision.questions.*.why", "provision.questions.*.choices.*.label",
    "provision.sections", "provision.checks.*.message", "provision.checks.*.question",
    "provision.calculator.outputs.*.label", "provision.calculator.outputs.*.unit", "provision.calculator.note",
    # who in the body does it, and the clauses on which it rests
    "procedures.steps.*.responsible", "procedures.steps.*.checklist.*.clause", "procedures.refusal_grounds.*.clause",
    "procedures.refusal_grounds.*.source", "procedures.silence.clause", "procedures.clock.clause",
    "procedures.messages", "procedures.control",
    "requirements.*.reason", "requirements.*.legal_basis", "requirements.*.source",
)  # fmt: skip
"""Places at which a change does not touch what users bear or get; `*` is any item of a list."""
ORDER = "(order)"
"""Stands for the order of a list's items, which is wording: the route is in what each step waits for."""


@dataclass(frozen=True)
class Changes:
    """The clauses of the model form (S-A1) under which something changed, in their order; "" for what has none."""

    weighty: tuple[str, ...] = ()
    wording: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.weighty or self.wording)


def changes(discussed: Mapping[str, Any], now: Mapping[str, Any]) -> Changes:
    """What `now` changes in the discussed text, by what it weighs; nothing while `now` is no whole regulation."""
    try:
        after = dict(_leaves(_whole(now)))
    except ValidationError:
        return Changes()
    before = dict(_leaves(_known(discussed)))
    changed = [one for one in before.keys() | after.keys() if before.get(one, _Absent) != after.get(one, _Absent)]
    weighty = {_clause(one) for one in changed if not _is_any(one, WORDING)}
    wording = {_clause(one) for one in changed} - weighty
    return Changes(tuple(sorted(weighty)), tuple(sorted(wording)))


class _Absent:
    """Stands nowhere in the text."""


def _known(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """A text from before the format changed is compared as it stands."""
    try:
        return _whole(content)
    except ValidationError:
        return content


def _whole(content: Mapping[str, Any]) -> dict[str, Any]:
    """With what is left out said, so that saying it changes nothing; each step with the steps it waits for."""
    regulation = Regulation.model_validate(content)
    plain = regulation.model_dump(mode="json")
    for step, written in zip(regulation.steps, plain["procedures"]["steps"], strict=True):
        written["after"] = list(regulation.after(step))
    return plain


def _leaves(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    if _is_any(place, NOT_THE_WRITERS):
        return
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _leaves(one, (*place, name))
    elif isinstance(value, list):
        keys = _keys(value)
        yield (*place, ORDER), keys
        for key, one in zip(keys, value, strict=True):
            yield from _leaves(one, (*place, (key,)))
    else:
        yield place, value


def _keys(items: Sequence[Any]) -> list[str]:
    """What tells the items apart: their ids, themselves, or, where that does not, their places."""
    keys = [str(one.get("id") or one.get("rule") or "") if isinstance(one, Mapping) else str(one) for one in items]
    return keys if all(keys) and len(set(keys)) == len(keys) else [str(number) for number in range(len(items))]


def _is_any(place: Place, patterns: Sequence[str]) -> bool:
    """Whether the place stands at or below one of the patterns, or is the order of a list."""
    if place and place[-1] == ORDER and patterns is WORDING:
        return True
    shown = ["*" if isinstance(step, tuple) else step for step in place]
    return any(shown[: pattern.count(".") + 1] == pattern.split(".") for pattern in patterns)


def _clause(place: Place) -> str:
    return clause_of(step for step in place if step != ORDER)
