"""Conditions and values chosen from lists, written as CEL: what a clerk sees, and what the regulation keeps.

A simple condition is "this answer, compared so, with that", several of them joined by "all" or "any". Whatever else an
expression says is left as it is, for who writes it by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from azexport.kernel.errors import Message
from azexport.services.editor.content import Content, items, read, words

Type: TypeAlias = Literal["text", "number", "boolean", "date", "choice", "choices", "country"]
Options: TypeAlias = Sequence[tuple[str, str]]

_OF_KIND: dict[str, Type] = {
    "text": "text", "long_text": "text", "number": "number", "money": "number", "date": "date", "choice": "choice",
    "choices": "choices", "boolean": "boolean", "statement": "boolean", "country": "country", "hs": "text",
}  # fmt: skip

ANSWERED, BLANK = "answered", "blank"
NO_VALUE = (ANSWERED, BLANK)
"""Operators that compare with nothing."""
_GIVEN = ((ANSWERED, _("is answered")), (BLANK, _("is not answered")))

OPERATORS: dict[Type, tuple[tuple[str, Message], ...]] = {
    "boolean": (("is", _("is")),),
    "choice": (("is", _("is")), ("is_not", _("is not")), *_GIVEN),
    "choices": (("has", _("includes")), ("has_not", _("does not include"))),
    "country": (("is", _("is")), ("is_not", _("is not")), *_GIVEN),
    "number": (
        ("more", _("is more than")), ("at_least", _("is at least")), ("equals", _("is exactly")),
        ("at_most", _("is at most")), ("less", _("is less than")),
    ),
    "date": (("after", _("is after")), ("on", _("is on")), ("before", _("is before")), *_GIVEN),
    "text": (
        ("is", _("is")), ("is_not", _("is not")), ("starts", _("begins with")), ("contains", _("contains")), *_GIVEN,
    ),
}  # fmt: skip
_COMPARED = {
    "more": ">", "at_least": ">=", "equals": "==", "at_most": "<=", "less": "<", "after": ">", "on": "==",
    "before": "<", "is": "==", "is_not": "!=",
}  # fmt: skip
_OF_SIGN = {
    "number": {">": "more", ">=": "at_least", "==": "equals", "<=": "at_most", "<": "less"},
    "date": {">": "after", "==": "on", "<": "before"},
}  # fmt: skip
_METHODS = {"starts": "startsWith", "contains": "contains"}


@dataclass(frozen=True)
class Subject:
    """Something an expression may speak of."""

    name: str
    """As the expression has it: `answers.hives`."""
    label: str
    type: Type
    group: str = ""
    choices: tuple[tuple[str, str], ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Comparison:
    """One line of a simple condition."""

    subject: str
    operator: str
    value: str


@dataclass(frozen=True)
class Simple:
    """Comparisons, all or any of which must hold."""

    join: Literal["all", "any"]
    comparisons: tuple[Comparison, ...]


# --- What can be spoken of


def subjects(content: Content, *, case: bool = False, per_line: bool = False) -> list[Subject]:
    """Everything of one value that expressions of this regulation may speak of, in the page's language.

    Args:
        case: with the case's number and days, for results.
        per_line: with the answers that are asked for each line of goods.
    """
    found = [*_answers(content, per_line), *_known(content), *_applicant()]
    return [*found, *_case()] if case else [*found, *_export()]


def _answers(content: Content, per_line: bool) -> Iterator[Subject]:
    spoken, group = language(), str(_("Answers"))
    for question in items(content, ("provision", "questions")):
        if not isinstance(question, dict) or not isinstance(question.get("id"), str):
            continue
        if question.get("scope") == "line" and not per_line:
            continue
        name, label = f"answers.{question['id']}", words(question.get("label"), spoken, question["id"])
        match question.get("kind"):
            case "party":
                for part, said in (("name", _("name")), ("country", _("country")), ("address", _("address"))):
                    type_: Type = "country" if part == "country" else "text"
                    yield Subject(f"{name}.{part}", f"{label}: {said}", type_, group)
            case "goods":
                yield Subject(f"size({name})", f"{label}: {_('number of lines')}", "number", group)
            case str(kind) if kind in _OF_KIND:
                yield Subject(name, label, _OF_KIND[kind], group, tuple(_choices(question, spoken)))


def _choices(question: dict[str, Any], spoken: str) -> Iterator[tuple[str, str]]:
    for choice in items(question, ("choices",)):
        if isinstance(choice, dict) and isinstance(choice.get("id"), str):
            yield choice["id"], words(choice.get("label"), spoken, choice["id"])


def _known(content: Content) -> Iterator[Subject]:
    spoken, group = language(), str(_("What the registers say"))
    for document in items(content, ("provision", "known_documents")):
        for fact in items(document, ("register", "facts")):
            if isinstance(fact, dict) and isinstance(fact.get("id"), str):
                yield Subject(f"known.{fact['id']}", words(fact.get("label"), spoken, fact["id"]), "text", group)


def _applicant() -> Iterator[Subject]:
    group = str(_("The applicant"))
    kinds = (
        ("taxpayer", str(_("a taxpayer of Azerbaijan"))), ("foreign", str(_("a partner abroad"))),
        ("person", str(_("a natural person"))), ("body", str(_("a public body"))),
    )  # fmt: skip
    yield Subject("applicant.name", str(_("Applicant: name")), "text", group)
    yield Subject("applicant.voen", str(_("Applicant: taxpayer number (VÖEN)")), "text", group)
    yield Subject("applicant.kind", str(_("Applicant: who it is")), "choice", group, kinds)
    yield Subject("applicant.country", str(_("Applicant: country")), "country", group)


def _case() -> Iterator[Subject]:
    group = str(_("The decision"))
    yield Subject("case.reference", str(_("Number of the case")), "text", group)
    yield Subject("case.submitted_on", str(_("Day of the application")), "date", group)
    yield Subject("case.decided_on", str(_("Day of the decision")), "date", group)
    yield Subject("case.valid_until", str(_("Valid until")), "date", group)


def _export() -> Iterator[Subject]:
    yield Subject("destination", str(_("Country of destination")), "country", str(_("The export")))


def language() -> str:
    """The language of the page."""
    return (get_language() or "az")[:2]


def grouped(found: Sequence[Subject], first: tuple[str, Any]) -> list[tuple[Any, Any]]:
    """The subjects as a select has them, under their groups, after the option `first`."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in found:
        groups.setdefault(one.group, []).append((one.name, one.label))
    return [first, *groups.items()]


# --- Condition -> CEL


def written(condition: Simple, known: Sequence[Subject]) -> str:
    """The condition as CEL; lines that say nothing yet are left out."""
    types = {one.name: one.type for one in known}
    said = [
        _said(one, types.get(one.subject, "text"))
        for one in condition.comparisons
        if one.subject and one.operator and (one.value != "" or one.operator in NO_VALUE)
    ]
    return (" && " if condition.join == "all" else " || ").join(said)


def _said(one: Comparison, type_: Type) -> str:
    match one.operator:
        case "is" if type_ == "boolean":
            return one.subject if one.value == "true" else f"!{one.subject}"
        case "answered" | "blank":
            return f"{one.subject} {'!=' if one.operator == ANSWERED else '=='} ''"
        case "has":
            return f"{_text(one.value)} in {one.subject}"
        case "has_not":
            return f"!({_text(one.value)} in {one.subject})"
        case "starts" | "contains":
            return f"{one.subject}.{_METHODS[one.operator]}({_text(one.value)})"
    value = _number(one.value, whole=one.subject.startswith("size(")) if type_ == "number" else _text(one.value)
    return f"{one.subject} {_COMPARED.get(one.operator, '==')} {value}"


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _number(value: str, *, whole: bool) -> str:
    plain = value.strip().replace("\u00a0", "").replace(" ", "").replace(",", ".")
    if whole or not re.fullmatch(r"-?\d+", plain):
        return plain
    return f"{plain}.0"


# --- CEL -> condition

_NAME = r"(?P<subject>[a-z_]+(?:\.[A-Za-z0-9_]+)*|size\([a-z_]+\.[A-Za-z0-9_]+\))"
_STRING = r"(?:'(?P<text>(?:[^'\\]|\\.)*)'|\"(?P<quoted>(?:[^\"\\]|\\.)*)\")"
_FORMS = tuple(
    re.compile(one)
    for one in (
        rf"(?P<not>!)?{_NAME}",
        rf"(?P<absent>!\()?{_STRING} in {_NAME}(?(absent)\))",
        rf"{_NAME}\.(?P<method>startsWith|contains)\({_STRING}\)",
        rf"{_NAME} *(?P<sign>==|!=|>=|<=|>|<) *(?:{_STRING}|(?P<number>-?\d+(?:\.\d+)?))",
    )
)


def understood(expression: str, known: Sequence[Subject]) -> Simple | None:
    """The expression as a simple condition; None where it says more than one can say simply."""
    types = {one.name: one.type for one in known}
    for join, mark in (("all", "&&"), ("any", "||")):
        if mark == "&&" and "||" in expression:
            continue
        found = [_comparison(part.strip(), types) for part in _split(expression, mark)]
        read_ = tuple(one for one in found if one is not None)
        if len(read_) == len(found):
            return Simple("all" if join == "all" else "any", read_)
    return None


def mean_the_same(one: str, other: str, known: Sequence[Subject]) -> bool:
    """Whether two simple conditions say the same, however they are spelt."""
    said = understood(one, known) if one and other else None
    return said is not None and said == understood(other, known)


def _split(expression: str, mark: str) -> list[str]:
    """The parts between the marks that stand outside quotes."""
    parts, quote, start, at = [], "", 0, 0
    while at < len(expression):
        sign = expression[at]
        if quote:
            at += 1 if sign == "\\" else 0
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif expression.startswith(mark, at):
            parts.append(expression[start:at])
            start = at + len(mark)
            at += 1
        at += 1
    return [*parts, expression[start:]]


def _comparison(part: str, types: dict[str, Type]) -> Comparison | None:
    for pattern in _FORMS:
        if (found := pattern.fullmatch(part)) and found["subject"] in types:
            return _compared(found, types[found["subject"]])
    return None


def _compared(found: re.Match[str], type_: Type) -> Comparison | None:
    parts, subject = found.groupdict(), found["subject"]
    text = parts.get("text") if parts.get("text") is not None else parts.get("quoted")
    value = re.sub(r"\\(.)", r"\1", text) if text is not None else None
    if "not" in parts:
        return Comparison(subject, "is", "false" if parts["not"] else "true") if type_ == "boolean" else None
    if "absent" in parts and value is not None:
        return Comparison(subject, "has_not" if parts["absent"] else "has", value) if type_ == "choices" else None
    if "method" in parts and value is not None:
        operator = "starts" if parts["method"] == "startsWith" else "contains"
        return Comparison(subject, operator, value) if type_ == "text" else None
    return _signed(subject, parts, value, type_)


def _signed(subject: str, parts: dict[str, str | None], text: str | None, type_: Type) -> Comparison | None:
    sign, number = parts.get("sign") or "", parts.get("number")
    if text == "" and type_ in ("text", "choice", "country", "date") and sign in ("==", "!="):
        return Comparison(subject, BLANK if sign == "==" else ANSWERED, "")
    if type_ == "number" and number is not None and sign in _OF_SIGN["number"]:
        return Comparison(subject, _OF_SIGN["number"][sign], number.removesuffix(".0"))
    if type_ == "date" and text is not None and sign in _OF_SIGN["date"]:
        return Comparison(subject, _OF_SIGN["date"][sign], text)
    if type_ in ("text", "choice", "country") and text is not None and sign in ("==", "!="):
        return Comparison(subject, "is" if sign == "==" else "is_not", text)
    return None


def named(content: Content, path: tuple[str | int, ...]) -> str:
    """The expression at the place, if it is one."""
    found = read(content, path)
    return found if isinstance(found, str) else ""


def told(content: Content, expression: str, *, per_line: bool = False) -> str:
    """The condition in words of the page's language; as it stands, where it says more than one can say simply."""
    known = subjects(content, case=True, per_line=per_line)
    known += list(_export())
    simple = understood(expression, known)
    if simple is None:
        return expression
    by_name = {one.name: one for one in known}
    said = [_in_words(one, by_name[one.subject]) for one in simple.comparisons]
    join = _("and") if simple.join == "all" else _("or")
    return f" {join} ".join(said)


def _in_words(one: Comparison, subject: Subject) -> str:
    operator = dict(OPERATORS[subject.type]).get(one.operator, one.operator)
    if one.operator in NO_VALUE:
        return f"“{subject.label.rstrip('?')}” {operator}"
    value = dict(subject.choices).get(one.value, one.value)
    if subject.type == "boolean":
        value = str(_("Yes") if one.value == "true" else _("No"))
    return f"“{subject.label.rstrip('?')}” {operator} “{value}”"
