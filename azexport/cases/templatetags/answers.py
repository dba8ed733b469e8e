"""Answers to a body's questions on pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.utils.translation import gettext as _

from azexport.cases.answers import shown

if TYPE_CHECKING:
    from azexport.cases.models import FurtherInformationRequest

register = template.Library()


@register.filter
def answer_to(request: FurtherInformationRequest, question: dict[str, Any]) -> str:
    """`{{ request|answer_to:question }}`: what was answered, as it is read in the page's language."""
    if request.answered_at is None:
        return _("Not answered yet")
    return shown(question["kind"], request.answers.get(question["id"]))
