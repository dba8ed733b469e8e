"""Contracts as they stand, locked: nobody else changes them before the transaction ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azexport.contracts.models import Contract

if TYPE_CHECKING:
    from azexport.contracts.models import ContractQuerySet


def locked(contract: Contract) -> Contract:
    """The contract with its parties and its document."""
    return _rows().get(pk=contract.pk)


def locked_by(reference: str) -> Contract:
    """The same, for whoever knows its reference."""
    return _rows().get(reference=reference)


def _rows() -> ContractQuerySet:
    return Contract.objects.select_for_update(of=("self",)).select_related("seller", "buyer", "document")
