"""Every read of this room, by noun."""

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
    "AskedQuestion",
    "answers_for",
    "asked_documents",
    "asked_questions",
    "in_force",
    "is_asked",
    "regulation",
    "version",
    "versions",
]
