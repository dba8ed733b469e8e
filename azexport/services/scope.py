"""The names an expression of a regulation may use, their types, and their values for given answers.

Everywhere: `answers` (by question id), `known` (what registers say, by fact id), `applicant`, and in an application for
export `destination`, `destination_groups`, `goods`, and within a line `line`. Where a result is described also `case`.
What is not answered counts as empty, zero or no.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from azexport.kernel.text import pick
from azexport.services.conditions import BOOL, DOUBLE, STRING, Scope, Type, list_of, record

if TYPE_CHECKING:
    from azexport.services.schema import Question, Regulation

LINE = record(
    number=DOUBLE, hs=STRING, description=STRING, quantity=DOUBLE, unit=STRING, net_kg=DOUBLE, gross_kg=DOUBLE,
    origin=STRING,
)  # fmt: skip
"""A line of the application's goods."""
ROW = record(hs=STRING, description=STRING, quantity=DOUBLE, unit=STRING, net_kg=DOUBLE, value=DOUBLE)
"""A row of an answer of kind goods."""
PARTY = record(name=STRING, country=STRING, address=STRING)
APPLICANT = record(name=STRING, voen=STRING, kind=STRING, country=STRING)
CASE = record(reference=STRING, provider=STRING, submitted_on=STRING, decided_on=STRING, valid_until=STRING)

_KINDS = {
    "number": DOUBLE, "money": DOUBLE, "boolean": BOOL, "statement": BOOL, "choices": list_of(STRING),
    "goods": list_of(ROW), "party": PARTY,
}  # fmt: skip


def type_of(question: Question) -> Type:
    """The type an answer has in expressions."""
    return _KINDS.get(question.kind, STRING)


def scope_of(
    questions: Iterable[Question], *, per_line: bool = False, facts: Iterable[str] = (), case: bool = False
) -> Scope:
    """The names and types. Answers of other lines cannot be seen; a line's own only within that line.

    Args:
        facts: the ids of what registers say.
        case: whether there is a case, with its reference and days.
    """
    seen = [one for one in questions if one.kind != "file" and (per_line or one.scope == "application")]
    scope = {
        "answers": record(**{one.id: type_of(one) for one in seen}),
        "known": record(**dict.fromkeys(facts, STRING)),
        "applicant": APPLICANT,
        "destination": STRING,
        "destination_groups": list_of(STRING),
        "goods": list_of(LINE),
    }
    if per_line:
        scope["line"] = LINE
    if case:
        scope["case"] = CASE
    return scope


def scope_for(regulation: Regulation, *, per_line: bool = False, case: bool = False) -> Scope:
    """The scope of a regulation's expressions."""
    facts = [fact.id for fact in regulation.facts]
    return scope_of(regulation.questions, per_line=per_line, facts=facts, case=case)


def values_for(
    regulation: Regulation,
    *,
    answers: Mapping[str, Any],
    known: Mapping[str, Any] | None = None,
    applicant: Mapping[str, Any] | None = None,
    destination: str = "",
    destination_groups: Sequence[str] = (),
    goods: Sequence[Mapping[str, Any]] = (),
    line: Mapping[str, Any] | None = None,
    case: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The values of everything in the scope, typed; what is missing is empty, zero or no.

    Args:
        answers: by question id; of a question asked per line `{"<line>": answer}`.
        known: by fact id, text in one language or both.
        line: the goods line (its number under "line") for what is asked per line.
    """
    scope = scope_for(regulation, per_line=line is not None, case=case is not None)
    values: dict[str, Any] = {
        "answers": _answers(regulation, scope["answers"], answers, line),
        "known": typed(scope["known"], known),
        "applicant": typed(APPLICANT, applicant),
        "destination": destination,
        "destination_groups": list(destination_groups),
        "goods": [_line(one) for one in goods],
    }
    if line is not None:
        values["line"] = _line(line)
    if case is not None:
        values["case"] = typed(CASE, case)
    return values


def _line(given: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = typed(LINE, {**given, "number": given.get("line")})
    return found


def _answers(
    regulation: Regulation, type_: Type, answers: Mapping[str, Any], line: Mapping[str, Any] | None
) -> dict[str, Any]:
    values = {}
    for question in regulation.questions:
        if question.id not in type_.members:
            continue
        given = answers.get(question.id)
        if question.scope == "line":
            given = given.get(str((line or {}).get("line"))) if isinstance(given, Mapping) else None
        values[question.id] = typed(type_.members[question.id], given)
    return values


def typed(type_: Type, value: Any) -> Any:
    """A stored answer as a value of the type; what does not fit is empty, zero or no."""
    if type_.name == "record":
        given = value if isinstance(value, Mapping) else {}
        return {name: typed(member, given.get(name)) for name, member in type_.members.items()}
    if type_.name == "list":
        assert type_.of is not None
        return [typed(type_.of, one) for one in value] if isinstance(value, list | tuple) else []
    if type_ == BOOL:
        return value is True or value == "true"
    if type_ == DOUBLE:
        return _number(value)
    if isinstance(value, Mapping):
        return pick(value)
    return "" if value is None else str(value)


def _number(value: Any) -> float:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return 0.0
    return float(number) if number.is_finite() else 0.0
