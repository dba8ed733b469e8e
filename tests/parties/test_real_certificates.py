"""The door with real tokens, checked against the sandbox's running certification centre."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from azexport.audit.models import Event
from azexport.parties import queries
from tests.factories.parties import make_member, make_organisation, make_person
from tests.factories.signatures import SandboxPki, pki, sandbox_pki, token

__all__ = ["pki", "sandbox_pki"]
PORTAL = "http://localhost:8000"


def knock(client: Client, pki: SandboxPki, key: str, **changed: Any) -> Any:
    nonce = client.get("/sign-in/").context["nonce"]
    body = {"token": token(pki.key(key), nonce, PORTAL) | changed, "next": "/goods/"}
    return client.post("/sign-in/token", json.dumps(body), "application/json")


@pytest.fixture
def leyla(pki: SandboxPki, settings: Any) -> None:
    settings.PORTAL_URL = PORTAL
    make_member(person=make_person(fin="5XK7P2M"), organisation=make_organisation(voen="3433956371"))


@pytest.mark.usefixtures("leyla")
def test_a_good_authentication_key_signs_in(client: Client, pki: SandboxPki) -> None:
    assert knock(client, pki, "people/leyla-mammadova-auth").json() == {"location": "/goods/"}
    assert client.get("/goods/").status_code == 200


@pytest.mark.usefixtures("leyla")
@pytest.mark.parametrize("key", ["people/leyla-mammadova-sign", "people-faulty/revoked-auth"])
def test_a_key_for_signing_and_a_revoked_one_do_not(client: Client, pki: SandboxPki, key: str) -> None:
    answer = knock(client, pki, key)
    assert answer.status_code == 403
    assert queries.SESSION_KEY not in client.session
    assert Event.objects.get(name="sign_in.refused").data == {"reason": answer.json()["code"]}


@pytest.mark.usefixtures("leyla")
def test_a_token_signed_for_another_nonce_or_site_does_not(client: Client, pki: SandboxPki) -> None:
    key = pki.key("people/leyla-mammadova-auth")
    for elsewhere in (token(key, "another.1"), token(key, client.session.get("x", "n"), "https://evil.example")):
        assert knock(client, pki, "people/leyla-mammadova-auth", signature=elsewhere["signature"]).status_code == 403
