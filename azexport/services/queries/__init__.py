"""Every read of this room, by noun."""

from azexport.services.queries import registry
from azexport.services.queries.answers import Asked, asked, broken_checks, scope_values
from azexport.services.queries.regulations import (
    AskedQuestion,
    answers_for,
    asked_documents,
    asked_questions,
    in_force,
    is_asked,
    regulation,
    version,
    versions,
)

__all__ = [
    "Asked",
    "AskedQuestion",
    "answers_for",
    "asked",
    "asked_documents",
    "asked_questions",
    "broken_checks",
    "in_force",
    "is_asked",
    "registry",
    "regulation",
    "scope_values",
    "version",
    "versions",
]
