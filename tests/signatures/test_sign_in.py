"""Signing in with a certificate (P1.3.7, P10.1, S12.1; threats 6, 7, 9, 17, 19)."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings as SettingsWrapper

from azexport.kernel.actor import SYSTEM
from azexport.signatures import actions, signin
from azexport.signatures.errors import SignInRefused
from azexport.signatures.identity import CertificateIdentity
from azexport.signatures.models import TrustService
from azexport.signatures.states import Verdict
from tests.factories.signatures import SandboxPki, token

ORIGIN = "http://localhost:8000"


def enter(given: dict[str, Any], nonce: str, **changed: Any) -> CertificateIdentity:
    return signin.verify_token(given, nonce=nonce, origin=ORIGIN, now=changed.get("now", datetime.now(UTC)))


def refusal(given: dict[str, Any], nonce: str, **changed: Any) -> Verdict:
    with pytest.raises(SignInRefused) as refused:
        enter(given, nonce, **changed)
    assert refused.value.status == 403
    return refused.value.verdict


def test_the_exporter_signs_in_with_the_authentication_key(pki: SandboxPki) -> None:
    nonce = signin.new_nonce()
    identity = enter(token(pki.key("people/leyla-mammadova-auth"), nonce), nonce)
    assert (identity.fin, identity.voen, identity.given_name) == ("5XK7P2M", "3433956371", "Leyla")
    assert identity.email == "leyla.mammadova@sheki-findiq.example"


def test_a_foreign_buyer_signs_in_with_a_key_of_a_recognised_foreign_centre(pki: SandboxPki) -> None:
    nonce = signin.new_nonce()
    identity = enter(token(pki.key("people/jonas-weber-auth"), nonce), nonce)
    assert (identity.fin, identity.foreign_id) == (None, "PNODE-L8X2T5V91")
    assert identity.organisation_id == "NTRDE-HRB98765"


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        ("revoked", Verdict.REVOKED),
        ("suspended", Verdict.SUSPENDED),
        ("expired", Verdict.EXPIRED),
        ("untrusted", Verdict.UNKNOWN_CENTRE),
    ],
)
def test_a_faulty_key_is_refused_with_its_own_verdict(pki: SandboxPki, fault: str, verdict: Verdict) -> None:
    nonce = signin.new_nonce()
    assert refusal(token(pki.key(f"people-faulty/{fault}-auth"), nonce), nonce) is verdict


def test_a_suspended_key_works_again_once_it_is_restored(pki: SandboxPki) -> None:
    from django.core.cache import cache

    key = pki.issue(usage="auth")
    pki.set_status(key, "suspended")
    nonce = signin.new_nonce()
    assert refusal(token(key, nonce), nonce) is Verdict.SUSPENDED
    pki.set_status(key, "good")
    cache.clear()
    assert enter(token(key, nonce), nonce).fin == "5XK7P2M"


def test_a_signing_key_does_not_sign_in(pki: SandboxPki) -> None:
    nonce = signin.new_nonce()
    assert refusal(token(pki.key("people/leyla-mammadova-sign"), nonce), nonce) is Verdict.WRONG_USAGE


def test_a_bodys_message_key_does_not_sign_in(pki: SandboxPki) -> None:
    nonce = signin.new_nonce()
    key = pki.issue("az-seals", "message", serialNumber="PNOAZ-5XK7P2M")
    assert refusal(token(key, nonce), nonce) is Verdict.UNKNOWN_CENTRE


def test_a_token_for_another_challenge_is_refused(pki: SandboxPki) -> None:
    old, new = signin.new_nonce(), signin.new_nonce()
    assert refusal(token(pki.key("people/leyla-mammadova-auth"), old), new) is Verdict.BAD_SIGNATURE


def test_a_token_for_another_site_is_refused(pki: SandboxPki) -> None:
    nonce = signin.new_nonce()
    given = token(pki.key("people/leyla-mammadova-auth"), nonce, origin="https://phish.example")
    assert refusal(given, nonce) is Verdict.BAD_SIGNATURE


def test_a_challenge_older_than_five_minutes_is_refused(pki: SandboxPki) -> None:
    nonce = signin.new_nonce()
    later = datetime.now(UTC) + timedelta(seconds=301)
    assert refusal(token(pki.key("people/leyla-mammadova-auth"), nonce), nonce, now=later) is Verdict.STALE


def test_somebody_elses_certificate_over_my_signature_is_refused(pki: SandboxPki) -> None:
    nonce = signin.new_nonce()
    mine = token(pki.key("people/rashad-guliyev-auth"), nonce)
    hers = token(pki.key("people/leyla-mammadova-auth"), nonce)
    assert refusal(mine | {"unverifiedCertificate": hers["unverifiedCertificate"]}, nonce) is Verdict.BAD_SIGNATURE


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({"format": "jwt"}, Verdict.MALFORMED),
        ({"algorithm": "none"}, Verdict.WEAK_ALGORITHM),
        ({"algorithm": "RS256"}, Verdict.WEAK_ALGORITHM),
        ({"unverifiedCertificate": "AAAA"}, Verdict.MALFORMED),
        ({"unverifiedCertificate": None}, Verdict.MALFORMED),
        ({"signature": "not base64!"}, Verdict.MALFORMED),
        ({"signature": "A" * 9000}, Verdict.MALFORMED),
    ],
)
def test_a_broken_token_is_refused(pki: SandboxPki, changed: dict[str, Any], verdict: Verdict) -> None:
    nonce = signin.new_nonce()
    assert refusal(token(pki.key("people/leyla-mammadova-auth"), nonce, **changed), nonce) is verdict


def test_nobody_gets_in_while_the_centre_does_not_answer(pki: SandboxPki) -> None:
    TrustService.objects.update(ocsp="http://localhost:9/ocsp")
    nonce = signin.new_nonce()
    assert refusal(token(pki.key("people/leyla-mammadova-auth"), nonce), nonce) is Verdict.INDETERMINATE


def test_the_centres_answer_is_kept_for_minutes(pki: SandboxPki) -> None:
    key, nonce = pki.key("people/leyla-mammadova-auth"), signin.new_nonce()
    enter(token(key, nonce), nonce)
    TrustService.objects.update(ocsp="http://localhost:9/ocsp")
    assert enter(token(key, nonce), nonce).fin == "5XK7P2M"


def test_the_sandboxs_centres_are_refused_in_production(pki: SandboxPki, settings: SettingsWrapper) -> None:
    settings.PRODUCTION = True
    nonce = signin.new_nonce()
    assert refusal(token(pki.key("people/leyla-mammadova-auth"), nonce), nonce) is Verdict.UNKNOWN_CENTRE


# --- the pages offer what can be accepted


def test_the_sign_in_page_asks_for_a_key_file_where_a_trusted_centre_issues_such_keys(
    pki: SandboxPki, client: Client
) -> None:
    assert 'id="key-file"' in client.get("/sign-in/").content.decode()


@pytest.mark.parametrize("how", ["production", "no centre has files", "over", "only seals"])
def test_the_sign_in_page_asks_for_no_key_file_where_all_would_be_refused(
    pki: SandboxPki, client: Client, settings: SettingsWrapper, how: str
) -> None:
    match how:
        case "production":
            settings.PRODUCTION = True
        case "no centre has files":
            TrustService.objects.update(key_files=False)
        case "over":
            TrustService.objects.update(valid_until=datetime.now(UTC) - timedelta(days=1))
        case _:
            TrustService.objects.exclude(kind="seal").update(status="withdrawn")
    page = client.get("/sign-in/").content.decode()
    assert 'id="key-file"' not in page
    assert 'id="no-means"' in page


def test_a_list_says_of_each_centre_whether_its_people_hold_files(pki: SandboxPki, tmp_path: Path) -> None:
    """What the list does not say is no, but for the sandbox."""
    folder = tmp_path / "trust"
    shutil.copytree(pki.folder / "trust", folder)
    listing = json.loads((folder / "trust.json").read_text())
    for service, said in zip(listing["services"], ({"sandbox": False}, {"key_files": False}, {}, {}), strict=True):
        service.update(said)
    (folder / "trust.json").write_text(json.dumps(listing))
    actions.load_trust(folder=folder, by=SYSTEM, now=datetime.now(UTC))
    found = TrustService.objects.order_by("kind").values_list("kind", "key_files")
    assert dict(found) == {"eimza": False, "seal": False, "timestamp": True, "foreign": True}


def test_challenges_are_long_and_never_the_same() -> None:
    nonces = {signin.new_nonce() for _ in range(50)}
    assert len(nonces) == 50
    assert all(len(nonce.split(".")[0]) == 43 for nonce in nonces)
