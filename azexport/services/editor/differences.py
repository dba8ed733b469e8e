"""What a new text of a regulation changes: clause by clause with the words marked, and in the form (S9.7)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, Literal, TypeAlias

from django.utils.translation import gettext as _g
from django.utils.translation import override

from azexport.kernel.text import pick
from azexport.services import legal
from azexport.services.editor import preview
from azexport.services.editor.incomplete import regulation_of
from azexport.services.schema import Question, Regulation, RequiredDocument, Words

Source = Regulation | Mapping[str, Any]
"""A regulation, or content that need not be one yet."""
Operation = Literal["same", "added", "removed"]


@dataclass(frozen=True)
class Piece:
    """Words that stay, come or go."""

    operation: Operation
    text: str


@dataclass(frozen=True)
class ChangedClause:
    """One heading of the legal text as it was and as it will be."""

    number: str
    heading: str
    change: Literal["changed", "added", "removed"]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class FormChange:
    """One thing of the applicant's form that changes."""

    kind: Literal["added", "removed", "changed", "moved"]
    what: str
    """question, document, page, check and so on, in the language."""
    name: str
    details: tuple[tuple[str, str, str], ...] = ()
    """(what, as it was, as it will be)"""


@dataclass(frozen=True)
class Differences:
    """Everything that a new text changes, in one language."""

    language: str
    clauses: tuple[ChangedClause, ...]
    form: tuple[FormChange, ...]

    def __bool__(self) -> bool:
        return bool(self.clauses or self.form)


def differences(old: Source, new: Source, language: str) -> Differences:
    """What `new` changes in `old`: the legal text clause by clause, and the form, in the language (az or en)."""
    before, after = _regulation(old), _regulation(new)
    with override(language):
        return Differences(
            language, tuple(_clauses(before, after, language)),
            (
                *_questions(before, after, language), *_documents(before, after, language),
                *_others(before, after, language),
            ),
        )  # fmt: skip


def _regulation(source: Source) -> Regulation:
    return source if isinstance(source, Regulation) else regulation_of(source)


# --- The legal text


def _clauses(before: Regulation, after: Regulation, language: str) -> Iterator[ChangedClause]:
    names = legal.names_of(before) | legal.names_of(after)
    old = {(one.number, one.heading): one for one in preview.clauses(before, language, names=names)}
    new = {(one.number, one.heading): one for one in preview.clauses(after, language, names=names)}
    for key in _merged(list(old), list(new)):
        was, is_ = old.get(key), new.get(key)
        number, heading = key
        if not (was and was.blocks) and not (is_ and is_.blocks):
            continue
        if was is None and is_ is not None:
            yield ChangedClause(number, heading, "added", (Piece("added", "\n".join(is_.lines)),))
        elif is_ is None and was is not None:
            yield ChangedClause(number, heading, "removed", (Piece("removed", "\n".join(was.lines)),))
        elif was is not None and is_ is not None and was.lines != is_.lines:
            pieces = marked("\n".join(was.lines), "\n".join(is_.lines))
            yield ChangedClause(number, heading, "changed", tuple(pieces))


def _merged(old: Sequence[Any], new: Sequence[Any]) -> list[Any]:
    """Both orders in one: what went stands where it was."""
    merged: list[Any] = []
    for operation, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        merged += old[i1:i2] if operation != "insert" else []
        merged += [one for one in new[j1:j2] if one not in merged]
    return list(dict.fromkeys(merged))


ALIKE = 0.4
"""From which likeness on two lines are one line that changed."""


def marked(old: str, new: str) -> list[Piece]:
    """The text as pieces that stay, go and come: by lines, and within a line that changed by whole words."""
    was, is_ = old.splitlines(keepends=True), new.splitlines(keepends=True)
    pieces: list[Piece] = []
    for operation, i1, i2, j1, j2 in SequenceMatcher(None, was, is_, autojunk=False).get_opcodes():
        gone, come = was[i1:i2], is_[j1:j2]
        if operation == "equal":
            pieces.append(Piece("same", "".join(gone)))
            continue
        for before, after in zip_longest(gone, come, fillvalue=""):
            pieces += _line(before, after)
    return pieces


def _line(old: str, new: str) -> list[Piece]:
    was, is_ = _words(old), _words(new)
    if SequenceMatcher(None, was, is_, autojunk=False).ratio() < ALIKE:
        return [one for one in (Piece("removed", old), Piece("added", new)) if one.text]
    pieces: list[Piece] = []
    for operation, i1, i2, j1, j2 in SequenceMatcher(None, was, is_, autojunk=False).get_opcodes():
        if operation == "equal":
            pieces.append(Piece("same", "".join(was[i1:i2])))
            continue
        if i1 < i2:
            pieces.append(Piece("removed", "".join(was[i1:i2])))
        if j1 < j2:
            pieces.append(Piece("added", "".join(is_[j1:j2])))
    return pieces


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|\d+(?:[.,]\d+)*|[\w’'-]+|[^\w\s]", text)


# --- The form


def _questions(before: Regulation, after: Regulation, language: str) -> Iterator[FormChange]:
    old, new = {one.id: one for one in before.asked_order}, {one.id: one for one in after.asked_order}
    what = _g("Question")
    for question in old.values():
        if question.id not in new:
            yield FormChange("removed", what, pick(question.label.text, language))
    moved = _moved([one for one in old if one in new], [one for one in new if one in old])
    for question in new.values():
        name = pick(question.label.text, language)
        if question.id not in old:
            yield FormChange("added", what, name)
        elif details := tuple(_changed(_of_question(old[question.id], language), _of_question(question, language))):
            yield FormChange("changed", what, name, details)
        elif question.id in moved:
            yield FormChange("moved", what, name)


def _documents(before: Regulation, after: Regulation, language: str) -> Iterator[FormChange]:
    old, new = {one.id: one for one in before.documents}, {one.id: one for one in after.documents}
    what = _g("Document")
    for document in old.values():
        if document.id not in new:
            yield FormChange("removed", what, pick(document.name.text, language))
    for document in new.values():
        name = pick(document.name.text, language)
        if document.id not in old:
            yield FormChange("added", what, name)
        elif details := tuple(_changed(_of_document(old[document.id], language), _of_document(document, language))):
            yield FormChange("changed", what, name, details)


Parts: TypeAlias = dict[tuple[str, str], dict[str, str]]
"""(what, which one) -> what is said of it, by its name; all in one language."""


def _others(before: Regulation, after: Regulation, language: str) -> Iterator[FormChange]:
    """What stands neither in the legal text nor among questions and documents."""
    old, new = _parts(before, language), _parts(after, language)
    for key in _merged(list(old), list(new)):
        was, is_ = old.get(key, {}), new.get(key, {})
        name = next(one for one in (*is_.values(), *was.values(), key[1]) if one)
        if not was or not is_:
            yield FormChange("added" if is_ else "removed", key[0], name)
        elif details := tuple(_changed(was, is_)):
            yield FormChange("changed", key[0], name, details)


def _parts(of: Regulation, language: str) -> Parts:
    def said(words: Words | None) -> str:
        return pick(words.text, language) if words else ""

    provision, label, value = of.provision, _g("Label"), _g("Value")
    parts: Parts = {}
    for section in provision.sections:
        parts[_g("Section"), section.id] = {_g("Title of the section"): said(section.title)}
        for task in section.tasks:
            parts[_g("Page"), task.id] = {
                _g("Title of the page"): said(task.title),
                _g("Hint"): said(task.hint),
                _g("Questions"): "; ".join(said(one.label) for one in of.questions if one.id in task.questions),
                _g("Documents"): "; ".join(said(one.name) for one in of.documents if one.id in task.documents),
            }
    for check in provision.checks:
        parts[_g("Check"), check.id] = {_g("Message"): said(check.message), _g("Condition"): check.condition}
    for fact in of.facts:
        parts[_g("Fact"), fact.id] = {label: said(fact.label), value: fact.source}
    for number, line in enumerate(of.result.document.fields if of.result.document else ()):
        parts[_g("Line"), str(number)] = {label: said(line.label), value: line.value}
    for column in of.register.columns if of.register else ():
        parts[_g("Column"), column.id] = {label: said(column.label), value: column.value}
    for output in provision.calculator.outputs if provision.calculator else ():
        parts[_g("Calculator"), output.id] = {label: f"{said(output.label)} {said(output.unit)}", value: output.value}
    if provision.runs_at:
        parts[_g("Address where it runs"), ""] = {_g("Address"): provision.runs_at}
    return parts


def _moved(old: list[str], new: list[str]) -> set[str]:
    """The ids that no longer stand in the same order."""
    if old == new:
        return set()
    kept: set[str] = set()
    for start, _at, size in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        kept.update(old[start : start + size])
    return set(new) - kept


def _changed(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for name in new:
        if old.get(name, "") != new[name]:
            yield name, old.get(name, ""), new[name]


def _of_question(question: Question, language: str) -> dict[str, str]:
    from azexport.services.editor.parts import KINDS

    choices = "; ".join(pick(one.label.text, language) for one in question.choices)
    bounds = " – ".join("" if one is None else format(one, "f") for one in (question.minimum, question.maximum))
    return {
        _g("Question"): pick(question.label.text, language),
        _g("Hint"): pick(question.hint.text, language) if question.hint else "",
        _g("Kind of answer"): str(dict(KINDS).get(question.kind, question.kind)),
        _g("Must be answered"): _yes(question.required),
        _g("Answers to choose from"): choices,
        _g("Bounds"): bounds.strip(" –") and bounds,
        _g("Why it is asked"): pick(question.why.text, language),
        _g("Asked when"): question.when or "",
        _g("Filled in beforehand from"): question.prefill or "",
    }


def _of_document(document: RequiredDocument, language: str) -> dict[str, str]:
    return {
        _g("Document"): pick(document.name.text, language),
        _g("Must be attached"): _yes(document.required),
        _g("The original is shown"): _yes(document.original),
        _g("Why it is asked"): pick(document.why.text, language),
        _g("Asked when"): document.when or "",
    }


def _yes(given: bool) -> str:
    return _g("Yes") if given else _g("No")
