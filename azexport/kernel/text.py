"""Text in the portal's two languages, kept as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from django.utils.translation import get_language

Text: TypeAlias = dict[str, str]
"""`{"az": …, "en": …}`. Azerbaijani is the law; English may be missing, never the other way round."""


def both(az: str, en: str) -> Text:
    """The text in both languages."""
    return {"az": az, "en": en}


def pick(text: Mapping[str, str] | str | None, language: str | None = None) -> str:
    """The text in `language` (default: the page's), else in Azerbaijani, else in whatever there is."""
    if not text:
        return ""
    if isinstance(text, str):
        return text
    language = (language or get_language() or "az")[:2]
    return text.get(language) or text.get("az") or next(iter(text.values()))


def of_message(message: object) -> Text:
    """A lazy message as data, in both languages."""
    from django.utils.translation import override

    result: Text = {}
    for language in ("az", "en"):
        with override(language):
            result[language] = str(message)
    return result
