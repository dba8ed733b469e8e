"""What bodies and officers say, in the shapes that are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from azexport.kernel.errors import RuleViolated, Violation
from azexport.kernel.text import Text

KINDS = ("text", "long_text", "number", "date", "boolean", "file")
"""Kinds of question that a request for more may ask."""


def questions_of(given: Any) -> list[dict[str, Any]]:
    """The body's questions in the shape the page needs.

    Raises:
        RuleViolated: a question without an id or a label, or no question at all.
    """
    questions = []
    for one in given if isinstance(given, list) else []:
        if isinstance(one, Mapping) and one.get("id") and one.get("label"):
            kind = one.get("kind") if one.get("kind") in KINDS else "text"
            questions.append({"id": str(one["id"])[:60], "label": text_of(one["label"]), "kind": kind})
    if not questions or len(questions) != len(given) or len({one["id"] for one in questions}) != len(questions):
        message = _("A request asks questions, each with an id and a label.")
        raise RuleViolated([Violation("CAS-010", message, "questions")])
    return questions


def text_of(value: Any) -> Text:
    """A text in one or both languages, as somebody sent it."""
    if isinstance(value, Mapping):
        return {language: str(value[language])[:2000] for language in ("az", "en") if value.get(language)}
    return {"az": str(value)[:2000]} if value else {}
