"""`{% load codes %}`: what a code means, in the page's language."""

from django import template

from azexport.kernel.text import pick
from azexport.reference import queries

register = template.Library()


@register.filter
def unit_symbol(code: str) -> str:
    """`KGM` -> `kq`."""
    return pick(queries.unit(code).symbol)


@register.filter
def package_name(code: str) -> str:
    """`BG` -> `çuval (torba)`."""
    return pick(queries.package_kind(code).name)


@register.filter
def country_name(code: str) -> str:
    """`DE` -> `Almaniya`."""
    return pick(queries.country(code).name)
