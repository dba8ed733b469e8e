"""Reading contracts: every query returns only what the organisation may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from azexport.contracts.models import Contract, ContractQuerySet
from azexport.contracts.states import ContractStatus
from azexport.kernel.errors import Missing

if TYPE_CHECKING:
    from azexport.parties.models import Organisation

PAGE = 20


def contracts_of(organisation: Organisation) -> ContractQuerySet:
    """The contracts this organisation is a party of, newest first, with what a list shows."""
    return Contract.objects.visible_to(organisation).select_related("seller", "buyer").order_by("-id")


def contract(organisation: Organisation, reference: str) -> Contract:
    """The contract of that reference with its parties, document and lines.

    Raises:
        Missing: there is none, or the organisation is not a party of it.
    """
    row = (
        Contract.objects.visible_to(organisation)
        .select_related("seller", "buyer", "document", "previous")
        .prefetch_related("lines")
        .filter(reference=reference)
        .first()
    )
    if row is None:
        raise Missing
    return row


def concluded_for(organisation: Organisation) -> ContractQuerySet:
    """The concluded contracts in which this organisation sells: what an export operation can start from."""
    return (
        Contract.objects.filter(seller=organisation, status=ContractStatus.CONCLUDED)
        .select_related("seller", "buyer", "document")
        .prefetch_related("lines")
        .order_by("-concluded_at", "-id")
    )


@dataclass(frozen=True)
class Page:
    """One page of a list that is paged by key: rows, and the references to continue from."""

    rows: Sequence[Contract]
    newer: str | None
    older: str | None


def page(organisation: Organisation, *, before: str = "", after: str = "", size: int = PAGE) -> Page:
    """The newest contracts, or those before (older than) or after (newer than) the one of that reference."""
    rows = contracts_of(organisation)
    anchor = before or after
    key = Contract.objects.filter(reference=anchor).filter(Q(seller=organisation) | Q(buyer=organisation))
    if after:
        found = list(rows.filter(id__gt=key.values("id")[:1]).order_by("id")[: size + 1])
        more, found = len(found) > size, found[:size][::-1]
        return Page(found, found[0].reference if more and found else None, found[-1].reference if found else None)
    if before:
        rows = rows.filter(id__lt=key.values("id")[:1])
    found = list(rows[: size + 1])
    more, found = len(found) > size, found[:size]
    return Page(
        found, found[0].reference if before and found else None, found[-1].reference if more and found else None
    )
