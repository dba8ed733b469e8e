"""A declarant and somebody else; the running sandbox pki for real signatures."""

from __future__ import annotations

import pytest
from django.test import Client

from azexport.parties.models import Member
from tests.factories.contracts import leyla
from tests.factories.parties import make_member, sign_in
from tests.factories.signatures import pki, sandbox_pki

__all__ = ["pki", "sandbox_pki"]


@pytest.fixture
def declarant(db: None) -> Member:
    return leyla()


def _client(member: Member) -> Client:
    client = sign_in(Client(), member)
    client.cookies["language"] = "en"
    return client


@pytest.fixture
def browser(declarant: Member) -> Client:
    """The declarant's browser, in English."""
    return _client(declarant)


@pytest.fixture
def at_third(db: None) -> Client:
    """The browser of another exporter."""
    return _client(make_member())
