"""One family of errors, mapped to pages and to problem details in one place each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Message: TypeAlias = "str | Promise"


class AzexportError(Exception):
    """An expected refusal. `message` is shown to the user in their language."""

    code = "error"
    status = 500
    message: Message = _("Something went wrong.")

    def __init__(self, message: Message | None = None, *, code: str | None = None) -> None:
        self.message = message or type(self).message
        self.code = code or type(self).code
        super().__init__(self.code)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class NotAllowed(AzexportError):
    """The actor may not do this (403)."""

    code = "not-allowed"
    status = 403
    message = _("You are not allowed to do this.")


class Missing(AzexportError):
    """There is nothing here, or nothing the actor may know of (404)."""

    code = "missing"
    status = 404
    message = _("There is nothing at this address, or it is not yours to see.")


class IllegalTransition(AzexportError):
    """The row is not in a state from which this can be done (409)."""

    code = "illegal-transition"
    status = 409
    message = _("This can no longer be done: the state has changed in the meantime.")


@dataclass(frozen=True)
class Violation:
    """One broken rule: its code, what to say, and the field it concerns."""

    code: str
    message: Message
    field: str | None = None


class RuleViolated(AzexportError):
    """One or more rules are broken (422); all of them are told at once."""

    code = "rule-violated"
    status = 422
    message = _("Some things must be put right first.")

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__(violations[0].message if len(violations) == 1 else None, code=violations[0].code)


class OutsideFailure(AzexportError):
    """Another system failed (502). `permanent` is the whole retry policy: trying again cannot help."""

    code = "outside-failure"
    status = 502
    message = _("Another system did not answer. Try again in a few minutes.")

    def __init__(self, message: Message | None = None, *, permanent: bool, code: str | None = None) -> None:
        self.permanent = permanent
        super().__init__(message, code=code)
