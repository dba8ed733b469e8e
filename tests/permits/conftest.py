"""The running sandbox pki for this room's tests."""

from tests.factories.signatures import pki, sandbox_pki

__all__ = ["pki", "sandbox_pki"]
