"""Clients of a seller, a buyer and somebody else; the running sandbox pki for real signatures."""

from __future__ import annotations

import pytest
from django.test import Client

from azexport.parties.models import Member
from tests.factories.contracts import jonas, leyla
from tests.factories.parties import make_foreign_member, make_member, sign_in
from tests.factories.signatures import pki, sandbox_pki

__all__ = ["pki", "sandbox_pki"]


@pytest.fixture
def seller(db: None) -> Member:
    return leyla()


@pytest.fixture
def buyer(db: None) -> Member:
    return jonas()


def client_of(member: Member) -> Client:
    """The member's browser, in English."""
    client = sign_in(Client(), member)
    client.cookies["language"] = "en"
    return client


@pytest.fixture
def at_seller(seller: Member) -> Client:
    """The seller's browser, in English."""
    return client_of(seller)


@pytest.fixture
def at_buyer(buyer: Member) -> Client:
    """The buyer's browser, in English."""
    return client_of(buyer)


@pytest.fixture
def at_third(db: None) -> Client:
    """The browser of another exporter, who is no party of anything."""
    return client_of(make_member())


@pytest.fixture
def at_other_buyer(db: None) -> Client:
    """The browser of another foreign company."""
    return client_of(make_foreign_member())
