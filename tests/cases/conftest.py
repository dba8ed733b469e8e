"""The running sandbox pki, for what the portal seals."""

from tests.factories.signatures import pki, sandbox_pki

__all__ = ["pki", "sandbox_pki"]
