"""Every read of this room, by noun."""

from azexport.services.queries import registry
from azexport.services.queries.answers import (
    Asked,
    asked,
    broken_checks,
    scope_values,
    standard_messages,
    standards_of,
)
from azexport.services.queries.regulations import (
    AskedQuestion,
    answers_for,
    approval_of,
    asked_documents,
    asked_questions,
    fingerprint,
    fingerprint_of_list,
    in_force,
    is_asked,
    labelled,
    newest,
    regulation,
    version,
    versions,
    versions_of,
)
from azexport.services.standard_messages import StandardMessage

__all__ = [
    "Asked",
    "AskedQuestion",
    "StandardMessage",
    "answers_for",
    "approval_of",
    "asked",
    "asked_documents",
    "asked_questions",
    "broken_checks",
    "fingerprint",
    "fingerprint_of_list",
    "in_force",
    "is_asked",
    "labelled",
    "newest",
    "registry",
    "regulation",
    "scope_values",
    "standard_messages",
    "standards_of",
    "version",
    "versions",
    "versions_of",
]
