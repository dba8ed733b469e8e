"""`{% load ui %}`: what the components in templates/ need to know about forms, statuses and the signed-in member."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms, template
from django.db import DatabaseError
from django.forms.boundfield import BoundField
from django.template import Context

from azexport.kernel.errors import AzexportError

register = template.Library()
log = logging.getLogger(__name__)

STATUS_COLOURS: dict[str, tuple[str, ...]] = {
    "green": ("granted", "concluded", "released", "issued", "completed", "published", "delivered", "confirmed", "paid"),
    "red": (
        "refused", "rejected", "not_released", "failed", "revoked", "declined", "parked", "permit_rejected", "altered",
        "undelivered",
    ),
    "blue": (
        "submitted", "accepted", "lodged", "under_control", "frozen", "prepared", "signed", "requested", "started",
        "queued", "in_progress",
    ),
    "yellow": (
        "information_requested", "awaiting_signature", "awaiting_seller", "awaiting_buyer", "suspended", "conditional",
    ),
    "orange": ("overdue", "retrying", "lapsed", "expired", "late"),
    "grey": ("drafted", "withdrawn", "cancelled", "superseded", "not_started", "cannot_start"),
    "magenta": ("red_channel",),
}  # fmt: skip
COLOUR_OF = {status: colour for colour, statuses in STATUS_COLOURS.items() for status in statuses}
SECTIONS = {
    "operations": "applications",
    "cases": "applications",
    "application": "applications",
    "apply": "services",
    "filings": "services",
    "regulations": "services",
    "calculators": "services",
    "information": "services",
    "registers": "services",
}


@register.filter
def status_colour(status: object) -> str:
    """The tag colour of a status word; blue where the word is not known."""
    return COLOUR_OF.get(str(getattr(status, "value", status)).lower(), "blue")


@register.filter
def attr(attributes: Mapping[str, Any], name: str) -> Any:
    """`{{ widget.attrs|attr:"data-prefix" }}`: an attribute whose name has a hyphen; empty if absent."""
    return attributes.get(name, "")


@register.filter
def kind(field: BoundField) -> str:
    """Which markup the field wants: group, checkbox, file or field."""
    widget = field.field.widget
    if widget.use_fieldset:
        return "group"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    return "file" if isinstance(widget, forms.FileInput) else "field"


@register.filter
def first_id(field: BoundField) -> str:
    """The id of the first thing one can type into or choose: where the error summary leads."""
    if field.field.widget.use_fieldset:
        return f"{field.auto_id}_0"
    return str(field.id_for_label or field.auto_id)


@register.filter
def field_groups(form: forms.BaseForm) -> Iterable[tuple[str | None, list[BoundField]]]:
    """(legend or None, visible fields): as the form's `groups` say, else all of them in order."""
    groups = getattr(form, "groups", None)
    if groups is None:
        return [(None, list(form.visible_fields()))]
    return [(legend, [form[name] for name in names if name in form.fields]) for legend, names in groups]


@register.filter
def is_generic(error: object) -> bool:
    """Whether the message would not say which field it is about ("This field is required.")."""
    return str(error) == str(forms.Field.default_error_messages["required"])


@register.simple_tag(takes_context=True)
def section(context: Context) -> str:
    """The part of the portal this page belongs to: the path's first segment."""
    request = context.get("request")
    path = request.path if request is not None else "/"
    if path.startswith("/letters/desk/"):
        return "letters/desk"
    first = path.split("/")[1]
    return SECTIONS.get(first, first)


@register.simple_tag(takes_context=True)
def unread_notices(context: Context) -> int:
    """How many notices the signed-in organisation has not read; 0 when nobody is signed in."""
    actor = context.get("actor")
    organisation = getattr(actor, "organisation", None)
    if organisation is None:
        return 0
    from azexport.notices import queries

    try:
        return int(queries.unread_count(organisation))
    except (DatabaseError, AzexportError):
        log.exception("the number of unread notices could not be read")
        return 0
