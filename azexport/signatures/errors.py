"""Refusals of certificates and signatures."""

from __future__ import annotations

from azexport.kernel.errors import AzexportError
from azexport.signatures.states import Verdict


class Refused(AzexportError):
    """A certificate or a signature is not accepted; `verdict` says why, `code` is its value."""

    status = 422

    def __init__(self, verdict: Verdict, detail: str = "") -> None:
        self.verdict = verdict
        self.detail = detail
        super().__init__(verdict.message, code=verdict.value)


class SignInRefused(Refused):
    """The sign-in token does not prove who is there."""

    status = 403
