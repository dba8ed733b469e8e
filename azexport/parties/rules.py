"""What must be so before a cabinet is made from the register's data (P10.3.3(1-2))."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _
from stdnum.az import voen

from azexport.kernel.errors import Violation
from azexport.parties.candidates import Candidate


def is_voen(value: str) -> bool:
    """Ten digits, a valid check digit, a status digit of 1 or 2."""
    return len(value) == 10 and bool(voen.is_valid(value))


def register_knows_the_taxpayer(register: dict[str, Any]) -> Iterator[Violation]:
    """PTY-001: the taxpayer register knows the VÖEN of the certificate."""
    if not register.get("found"):
        yield Violation("PTY-001", _("The taxpayer register does not know the VÖEN of your certificate."))


def taxpayer_is_active(register: dict[str, Any]) -> Iterator[Violation]:
    """PTY-002: the taxpayer has not been struck off."""
    if register.get("found") and register.get("status") != "active":
        yield Violation("PTY-002", _("The taxpayer register says that this taxpayer is closed."))


def person_is_the_director(register: dict[str, Any], *, fin: str) -> Iterator[Violation]:
    """PTY-003: the certificate's owner is the director that the register names."""
    director = register.get("director") or {}
    if register.get("found") and director.get("fin") != fin:
        yield Violation("PTY-003", _("The taxpayer register names somebody else as the director of this taxpayer."))


def register_violations(candidate: Candidate) -> list[Violation]:
    """Everything in the register's answer that stands in the way of a cabinet."""
    return [
        *register_knows_the_taxpayer(candidate.register),
        *taxpayer_is_active(candidate.register),
        *person_is_the_director(candidate.register, fin=candidate.fin),
    ]
