"""Reading declarations: every query returns only the organisation's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from azexport.customs.models import Declaration, DeclarationQuerySet
from azexport.customs.states import DeclarationStatus
from azexport.kernel.errors import Missing

if TYPE_CHECKING:
    from azexport.parties.models import Organisation

PAGE = 20
_JOINED = ("organisation", "contract__document", "document", "release_document", "application_document", "previous")


def declarations_of(organisation: Organisation) -> DeclarationQuerySet:
    """The organisation's declarations, newest first, with what a list shows; discarded ones are gone."""
    return (
        Declaration.objects.of(organisation)
        .exclude(status=DeclarationStatus.DISCARDED)
        .select_related("contract")
        .defer("received_release")
        .order_by("-id")
    )


def declaration(organisation: Organisation, reference: str) -> Declaration:
    """The organisation's declaration.

    Raises:
        Missing: there is none, or it is somebody else's.
    """
    row = (
        Declaration.objects.of(organisation)
        .select_related(*_JOINED, "paper__document")
        .defer("received_release", "paper__data", "paper__attachment")
        .filter(reference=reference)
        .first()
    )
    if row is None:
        raise Missing
    return row


@dataclass(frozen=True)
class Page:
    """One page of a list that is paged by key."""

    rows: Sequence[Declaration]
    newer: str | None
    older: str | None


def page(organisation: Organisation, *, before: str = "", after: str = "", size: int = PAGE) -> Page:
    """The newest declarations, or those before (older than) or after (newer than) the one of that reference."""
    rows = declarations_of(organisation)
    key = Declaration.objects.of(organisation).filter(reference=before or after).values("id")[:1]
    if after:
        found = list(rows.filter(id__gt=key).order_by("id")[: size + 1])
        more, found = len(found) > size, found[:size][::-1]
        return Page(found, found[0].reference if more and found else None, found[-1].reference if found else None)
    if before:
        rows = rows.filter(id__lt=key)
    found = list(rows[: size + 1])
    more, found = len(found) > size, found[:size]
    return Page(
        found, found[0].reference if before and found else None, found[-1].reference if more and found else None
    )


def for_applications(references: Iterable[str]) -> dict[str, Declaration]:
    """Application reference -> its newest declaration that was not discarded, in one query."""
    rows = (
        Declaration.objects.filter(application_reference__in=list(references))
        .exclude(status=DeclarationStatus.DISCARDED)
        .select_related("document", "release_document")
        .defer("received_release")
        .order_by("application_reference", "-id")
        .distinct("application_reference")
    )
    return {row.application_reference: row for row in rows}


def latest_for_application(reference: str) -> Declaration | None:
    """The newest declaration of the application that was not discarded."""
    return for_applications([reference]).get(reference)
