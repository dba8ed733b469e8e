"""Regulations in their versions, the registry's entries, and regulations being drafted."""

from azexport.services.models.drafts import Agreement, Comment, Publication, RegulationDraft
from azexport.services.models.registry import (
    Change,
    Entry,
    EntryVersion,
    Outcome,
    Provider,
    RegistryRequest,
    Word,
)
from azexport.services.models.regulations import RegulationVersion

__all__ = [
    "Agreement",
    "Change",
    "Comment",
    "Entry",
    "EntryVersion",
    "Outcome",
    "Provider",
    "Publication",
    "RegistryRequest",
    "RegulationDraft",
    "RegulationVersion",
    "Word",
]
