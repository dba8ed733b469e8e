"""An exporter with the regulations in force, somebody else, and the running sandbox pki for real signatures."""

from __future__ import annotations

import pytest
from django.test import Client

from azexport.parties.models import Member
from tests.factories.contracts import leyla
from tests.factories.exports import load_services
from tests.factories.parties import make_member, sign_in
from tests.factories.signatures import pki, sandbox_pki

__all__ = ["pki", "sandbox_pki"]


def browser_of(member: Member) -> Client:
    client = sign_in(Client(), member)
    client.cookies["language"] = "en"
    return client


@pytest.fixture
def exporter(db: None) -> Member:
    load_services()
    return leyla()


@pytest.fixture
def browser(exporter: Member) -> Client:
    """The exporter's browser, in English."""
    return browser_of(exporter)


@pytest.fixture
def at_third(db: None) -> Client:
    """The browser of another exporter."""
    return browser_of(make_member())
