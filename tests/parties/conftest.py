"""A door with stand-ins for the signature check (tests/signatures has its own tests) and the taxpayer register."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from azexport.kernel.errors import OutsideFailure
from azexport.participants.models import Participant
from azexport.signatures.errors import SignInRefused
from azexport.signatures.identity import CertificateIdentity
from azexport.signatures.states import Verdict
from tests.factories.parties import make_voen

VOEN = make_voen(4242)


def identity(**given: Any) -> CertificateIdentity:
    """Leyla's certificate; `given` changes single members."""
    values: dict[str, Any] = {
        "common_name": "MƏMMƏDOVA LEYLA", "given_name": "Leyla", "surname": "Məmmədova",
        "organisation": "Şəki Fındıq MMC", "voen": VOEN, "fin": "5XK7P2M", "foreign_id": None,
        "organisation_id": f"VATAZ-{VOEN}", "body": None, "title": "Direktor", "country": "AZ",
        "email": None, "fingerprint": "ab" * 32, "serial": "01", "issuer": "Test centre",
    } | given  # fmt: skip
    return CertificateIdentity(**values)


def foreign_identity(**given: Any) -> CertificateIdentity:
    """Jonas's certificate."""
    return identity(
        **{
            "common_name": "Jonas Weber", "given_name": "Jonas", "surname": "Weber", "organisation": "Weber Nuss GmbH",
            "voen": None, "fin": None, "foreign_id": "PNODE-L8X2T5V91", "organisation_id": "NTRDE-HRB98765",
            "country": "DE", "email": "jonas@weber-nuss.example",
        } | given
    )  # fmt: skip


def register_of(identity: CertificateIdentity) -> dict[str, Any]:
    """What the register says of an active taxpayer whose director the certificate's owner is."""
    return {
        "found": True, "voen": identity.voen, "name": {"az": "Şəki Fındıq MMC", "en": "Sheki Findiq LLC"},
        "status": "active", "legal_form": "MMC", "address": {"az": "Şəki şəhəri", "en": "Sheki"},
        "director": {"name": "Məmmədova Leyla", "fin": identity.fin}, "registered_on": "2015-03-02", "activities": [],
    }  # fmt: skip


@dataclass
class Door:
    """What the stand-ins answer, and what they were asked."""

    who: CertificateIdentity | Verdict = field(default_factory=identity)
    nonces: list[str] = field(default_factory=list)
    register: dict[str, Any] | None = field(default_factory=lambda: register_of(identity()))
    asked: list[dict[str, Any]] = field(default_factory=list)

    def verify(self, token: dict[str, Any], *, nonce: str, origin: str, now: datetime) -> CertificateIdentity:
        self.nonces.append(nonce)
        if isinstance(self.who, Verdict):
            raise SignInRefused(self.who)
        return self.who

    def query(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        if self.register is None:
            raise OutsideFailure(permanent=False)
        return self.register


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch, db: None) -> Door:
    stand_in = Door()
    Participant.objects.create(
        code="register-of-tests", name={"az": "Reyestr", "en": "Register"}, roles=["tax-register"]
    )
    Participant.objects.filter(roles__contains=["tax-register"]).exclude(code="register-of-tests").delete()
    monkeypatch.setattr("azexport.signatures.signin.verify_token", stand_in.verify)
    monkeypatch.setattr("azexport.exchange.actions.query", stand_in.query)
    return stand_in


@pytest.fixture
def knock(client: Client) -> Callable[..., Any]:
    """Opens the sign-in page and posts a token, as the page's script does."""

    def post(next_: str = "/cabinet/", *, page: bool = True) -> Any:
        if page:
            assert client.get("/sign-in/").status_code == 200
        return client.post(
            "/sign-in/token", json.dumps({"token": {"format": "web-eid:1.0"}, "next": next_}), "application/json"
        )

    return post
