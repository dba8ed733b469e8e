"""`{% load text %}`: bilingual data on pages."""

from collections.abc import Mapping

from django import template

from azexport.kernel import text

register = template.Library()


@register.filter
def pick(value: Mapping[str, str] | str | None, language: str | None = None) -> str:
    """`{{ contract.title|pick }}`: in the page's language; `|pick:"en"` in a named one."""
    return text.pick(value, language)
