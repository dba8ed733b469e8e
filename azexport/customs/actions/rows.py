"""Declarations that an action is about to write, locked; and what their organisation is told of it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from azexport.customs.models import Declaration
from azexport.kernel.actor import SYSTEM
from azexport.kernel.text import Text
from azexport.notices import actions as notices


def rows() -> QuerySet[Declaration]:
    """Declarations, locked, with what actions read of them."""
    return Declaration.objects.select_for_update(of=("self",)).select_related(
        "organisation", "contract__document", "document", "application_document"
    )


def locked(declaration: Declaration) -> Declaration:
    return rows().get(pk=declaration.pk)


def lock_contract(declaration: Declaration) -> None:
    """Who counts what has been declared under the contract does so alone, until the transaction ends.

    The contract comes before its declarations: every action that locks both does so in this order.
    """
    contracts = Declaration.objects.select_for_update(of=("contract",), no_key=True).select_related("contract")
    contracts.get(pk=declaration.pk)


def tell(declaration: Declaration, kind: str, title: Text, body: Text, *, now: datetime) -> None:
    """The declaring organisation reads it, with a link to the declaration."""
    notices.notify(
        organisation=declaration.organisation,
        kind=kind,
        title=title,
        body=body,
        link=f"/declarations/{declaration.reference}/",
        subject=declaration.reference,
        by=SYSTEM,
        now=now,
    )
