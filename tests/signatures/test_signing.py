"""Signing in steps (P10.3.1(3), S12.1; threats 3, 5, 6, 9, 16)."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from azexport.audit.queries import history
from azexport.kernel.actor import Actor, NamedActor
from azexport.kernel.errors import IllegalTransition, Missing, OutsideFailure
from azexport.signatures import actions
from azexport.signatures.errors import Refused
from azexport.signatures.models import SigningFile, SigningRequest, TrustService
from azexport.signatures.states import RequestStatus, Verdict
from azexport.signatures.validation import validate_pdf
from tests.factories.parties import make_member, make_organisation, make_person, sign_in
from tests.factories.signatures import (
    JONAS,
    JONAS_EXPECTED,
    LEYLA,
    Key,
    SandboxPki,
    a_pdf,
    ask,
    sign_request,
)

TOLD: list[str] = []
EVENTS = {
    f"signing.{word}.specimen": ["tests.signatures.test_signing.hear"]
    for word in ("completed", "failed", "expired", "cancelled")
}


def hear(subject: SigningRequest, *, by: Actor, now: datetime, data: dict[str, Any]) -> None:
    """What an upper room would do."""
    TOLD.append(f"{subject.status} {data.get('verdict', '')}".strip())


@pytest.fixture(autouse=True)
def told(settings: Settings) -> list[str]:
    TOLD.clear()
    settings.EVENTS = "tests.signatures.test_signing.EVENTS"
    return TOLD


@pytest.fixture
def leyla(pki: SandboxPki) -> Key:
    return pki.key("people/leyla-mammadova-sign")


@pytest.fixture
def browser(pki: SandboxPki) -> tuple[Client, SigningRequest]:
    """Leyla's browser, signed in, and a signature asked of her."""
    person = make_person(fin="5XK7P2M")
    member = make_member(person=person, organisation=make_organisation(voen="3433956371"))
    client = sign_in(Client(), member)
    client.cookies["language"] = "en"
    return client, ask(signer=member, expected=member.expected, by=member)


def post(client: Client, request: SigningRequest, door: str, **body: str) -> Any:
    return client.post(f"/sign/{request.reference}/{door}", body, content_type="application/json")


def state(client: Client, request: SigningRequest) -> dict[str, Any]:
    answer = client.get(f"/sign/{request.reference}/state", headers={"accept": "application/json"})
    told: dict[str, Any] = answer.json()
    return told


def test_a_contract_is_signed_through_the_doors_to_level_b_lta(
    browser: tuple[Client, SigningRequest], leyla: Key, told: list[str]
) -> None:
    client, request = browser
    page = client.get(f"/sign/{request.reference}/").content.decode()
    assert request.content_sha256 in page
    assert "Leyla Məmmədova" in page
    shown = client.get(f"/sign/{request.reference}/document").content
    assert hashlib.sha256(shown).hexdigest() == request.content_sha256

    answer = post(client, request, "certificate", certificate=base64.b64encode(leyla.der).decode()).json()
    covered = client.get(answer["covered_url"]).content
    assert covered.startswith(shown)
    assert hashlib.sha256(covered).hexdigest() == answer["digest"]

    value = leyla.sign_p1363(base64.b64decode(answer["signed_attributes"]))
    accepted = post(client, request, "signature", signature=base64.b64encode(value).decode())
    assert accepted.status_code == 202
    assert state(client, request)["status"] == "signed"

    actions.complete(request.reference, now=datetime.now(UTC))
    assert state(client, request) == {"status": "completed", "location": request.return_url, "message": ""}
    assert told == ["completed accepted"]

    done = SigningRequest.objects.get()
    (report,) = validate_pdf(done.result, now=datetime.now(UTC))
    assert (report.verdict, report.level, report.field) == (Verdict.ACCEPTED, "B-LTA", "Seller")
    assert report.signer is not None
    assert report.signer.fin == "5XK7P2M"
    assert done.result.startswith(shown)
    assert client.get(f"/sign/{request.reference}/").headers["Location"] == request.return_url


def test_the_signing_page_asks_for_no_key_file_where_all_would_be_refused(
    browser: tuple[Client, SigningRequest], settings: Settings
) -> None:
    client, request = browser
    assert 'id="key-file"' in client.get(f"/sign/{request.reference}/").content.decode()
    settings.PRODUCTION = True
    page = client.get(f"/sign/{request.reference}/").content.decode()
    assert 'id="key-file"' not in page
    assert 'id="no-means"' in page
    assert f"/sign/{request.reference}/cancel" in page


def test_the_attributes_bind_the_certificate_and_the_document(pki: SandboxPki, leyla: Key) -> None:
    from asn1crypto import cms

    request = ask()
    attributes = actions.prepare(request.reference, leyla.der, by=LEYLA, now=datetime.now(UTC))
    assert attributes[0] == 0x31
    found = {one["type"].native: one["values"][0] for one in cms.CMSAttributes.load(attributes)}
    assert found["content_type"].native == "data"
    bound = found["signing_certificate_v2"]["certs"][0]["cert_hash"].native
    assert bound == hashlib.sha256(leyla.der).digest()


def test_two_signers_in_sequence_both_stay_valid(pki: SandboxPki, leyla: Key) -> None:
    first = sign_request(ask(), leyla)
    second = ask(first.result, field="Buyer", signer=JONAS, expected=JONAS_EXPECTED, by=JONAS)
    second = sign_request(second, pki.key("people/jonas-weber-sign"), by=JONAS)
    reports = validate_pdf(second.result, now=datetime.now(UTC))
    assert [(one.field, one.verdict, one.level) for one in reports] == [
        ("Seller", Verdict.ACCEPTED, "B-LTA"),
        ("Buyer", Verdict.ACCEPTED, "B-LTA"),
    ]
    assert reports[1].signer is not None
    assert reports[1].signer.country == "DE"


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("people/rashad-guliyev-sign", Verdict.OTHER_PERSON),
        ("people/jonas-weber-sign", Verdict.OTHER_PERSON),
        ("people/leyla-mammadova-auth", Verdict.WRONG_USAGE),
        ("people-faulty/expired-sign", Verdict.EXPIRED),
        ("people-faulty/untrusted-sign", Verdict.UNKNOWN_CENTRE),
    ],
)
def test_a_wrong_certificate_is_refused_at_once_and_recorded(pki: SandboxPki, name: str, verdict: Verdict) -> None:
    request = ask()
    with pytest.raises(Refused) as refused:
        actions.prepare(request.reference, pki.key(name).der, by=LEYLA, now=datetime.now(UTC))
    assert refused.value.verdict is verdict
    last = list(history([request.reference]))[-1]
    assert (last.name, last.data["verdict"]) == ("signing.refused", verdict.value)


def test_her_own_certificate_for_another_organisation_is_refused(pki: SandboxPki) -> None:
    key = pki.issue(organizationIdentifier="VATAZ-1499390871")
    with pytest.raises(Refused) as refused:
        actions.prepare(ask().reference, key.der, by=LEYLA, now=datetime.now(UTC))
    assert refused.value.verdict is Verdict.OTHER_PERSON


@pytest.mark.parametrize(("fault", "verdict"), [("revoked", Verdict.REVOKED), ("suspended", Verdict.SUSPENDED)])
def test_a_revoked_or_suspended_certificate_fails_the_signing_with_its_own_verdict(
    pki: SandboxPki, fault: str, verdict: Verdict, told: list[str]
) -> None:
    request = sign_request(ask(), pki.key(f"people-faulty/{fault}-sign"))
    assert (request.status, request.verdict) == (RequestStatus.FAILED, verdict)
    assert told == [f"failed {verdict.value}"]


def test_the_state_tells_why_signing_failed(browser: tuple[Client, SigningRequest], pki: SandboxPki) -> None:
    client, request = browser
    key = pki.key("people-faulty/revoked-sign")
    answer = post(client, request, "certificate", certificate=base64.b64encode(key.der).decode()).json()
    value = key.sign(base64.b64decode(answer["signed_attributes"]))
    post(client, request, "signature", signature=base64.b64encode(value).decode())
    actions.complete(request.reference, now=datetime.now(UTC))
    assert "revoked" in state(client, request)["message"]
    assert "revoked" in client.get(f"/sign/{request.reference}/").content.decode()


def test_signing_waits_while_the_centre_does_not_answer_and_then_fails(
    pki: SandboxPki, leyla: Key, told: list[str]
) -> None:
    request = ask()
    attributes = actions.prepare(request.reference, leyla.der, by=LEYLA, now=datetime.now(UTC))
    actions.submit_signature_value(request.reference, leyla.sign(attributes), by=LEYLA, now=datetime.now(UTC))
    TrustService.objects.update(ocsp="http://localhost:9/ocsp")
    with pytest.raises(Refused) as refused:
        actions.complete(request.reference, now=datetime.now(UTC))
    assert refused.value.verdict is Verdict.INDETERMINATE
    assert SigningRequest.objects.get().status == RequestStatus.SIGNED
    late = datetime.now(UTC) + timedelta(minutes=11)
    assert actions.complete(request.reference, now=late).verdict == Verdict.INDETERMINATE
    assert told == ["failed indeterminate"]


def test_signing_waits_for_the_time_stamp_authority(pki: SandboxPki, leyla: Key) -> None:
    request = ask()
    attributes = actions.prepare(request.reference, leyla.der, by=LEYLA, now=datetime.now(UTC))
    actions.submit_signature_value(request.reference, leyla.sign(attributes), by=LEYLA, now=datetime.now(UTC))
    good = TrustService.objects.get(kind="timestamp").url
    TrustService.objects.filter(kind="timestamp").update(url="http://localhost:9/tsa")
    with pytest.raises(OutsideFailure):
        actions.complete(request.reference, now=datetime.now(UTC))
    TrustService.objects.filter(kind="timestamp").update(url=good)
    assert actions.complete(request.reference, now=datetime.now(UTC)).status == RequestStatus.COMPLETED


def test_a_signature_of_another_key_is_refused(pki: SandboxPki, leyla: Key) -> None:
    request = ask()
    attributes = actions.prepare(request.reference, leyla.der, by=LEYLA, now=datetime.now(UTC))
    with pytest.raises(Refused) as refused:
        actions.submit_signature_value(request.reference, pki.issue().sign(attributes), by=LEYLA, now=datetime.now(UTC))
    assert refused.value.verdict is Verdict.BAD_SIGNATURE
    assert SigningRequest.objects.get().status == RequestStatus.PREPARED


def test_a_signature_of_attributes_that_were_replaced_is_refused(pki: SandboxPki, leyla: Key) -> None:
    request = ask()
    old = actions.prepare(request.reference, leyla.der, by=LEYLA, now=datetime.now(UTC))
    actions.prepare(request.reference, pki.issue().der, by=LEYLA, now=datetime.now(UTC))
    with pytest.raises(Refused):
        actions.submit_signature_value(request.reference, leyla.sign(old), by=LEYLA, now=datetime.now(UTC))


def test_a_signing_is_nobody_elses(browser: tuple[Client, SigningRequest]) -> None:
    _client, request = browser
    stranger = sign_in(Client(), make_member())
    for door in ("", "document", "covered", "state"):
        assert stranger.get(f"/sign/{request.reference}/{door}").status_code == 404
    assert post(stranger, request, "certificate", certificate="AAAA").status_code == 404
    assert Client().get(f"/sign/{request.reference}/").status_code == 302


def test_another_actor_cannot_give_the_value(pki: SandboxPki, leyla: Key) -> None:
    request = ask()
    attributes = actions.prepare(request.reference, leyla.der, by=LEYLA, now=datetime.now(UTC))
    with pytest.raises(Missing):
        actions.submit_signature_value(
            request.reference, leyla.sign(attributes), by=NamedActor("person", "PS-X", "X"), now=datetime.now(UTC)
        )


def test_a_request_expires_after_thirty_minutes(pki: SandboxPki, leyla: Key, told: list[str]) -> None:
    request = ask()
    attributes = actions.prepare(request.reference, leyla.der, by=LEYLA, now=datetime.now(UTC))
    late = datetime.now(UTC) + timedelta(minutes=31)
    for step in (
        lambda: actions.prepare(request.reference, leyla.der, by=LEYLA, now=late),
        lambda: actions.submit_signature_value(request.reference, leyla.sign(attributes), by=LEYLA, now=late),
    ):
        with pytest.raises(IllegalTransition) as refused:
            step()
        assert refused.value.code == "stale"
    assert actions.expire(late) == 1
    assert actions.expire(late) == 0
    assert told == ["expired"]


def test_the_same_value_twice_is_accepted_once_and_another_never(pki: SandboxPki, leyla: Key) -> None:
    request = ask()
    attributes = actions.prepare(request.reference, leyla.der, by=LEYLA, now=datetime.now(UTC))
    value = leyla.sign_p1363(attributes)
    for _time in range(2):
        actions.submit_signature_value(request.reference, value, by=LEYLA, now=datetime.now(UTC))
    with pytest.raises(IllegalTransition):
        actions.submit_signature_value(request.reference, leyla.sign(attributes), by=LEYLA, now=datetime.now(UTC))
    names = [event.name for event in history([request.reference])]
    assert names.count("signing.signed") == 1


def test_completion_run_again_changes_nothing(pki: SandboxPki, leyla: Key, told: list[str]) -> None:
    request = sign_request(ask(), leyla)
    result = request.result
    again = actions.complete(request.reference, now=datetime.now(UTC))
    assert again.result == result
    assert told == ["completed accepted"]


def test_completion_that_ends_second_changes_nothing(
    pki: SandboxPki, leyla: Key, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    request = ask()
    attributes = actions.prepare(request.reference, leyla.der, by=LEYLA, now=datetime.now(UTC))
    actions.submit_signature_value(request.reference, leyla.sign(attributes), by=LEYLA, now=datetime.now(UTC))
    make = actions._make

    def overtaken(*arguments: Any) -> Any:
        made = make(*arguments)
        monkeypatch.setattr(actions, "_make", make)
        actions.complete(request.reference, now=datetime.now(UTC))
        return made

    monkeypatch.setattr(actions, "_make", overtaken)
    actions.complete(request.reference, now=datetime.now(UTC))
    assert told == ["completed accepted"]
    assert SigningFile.objects.filter(role="result").count() == 1


def test_a_completion_whose_worker_was_killed_is_taken_up_again(pki: SandboxPki, leyla: Key) -> None:
    request = ask()
    attributes = actions.prepare(request.reference, leyla.der, by=LEYLA, now=datetime.now(UTC))
    actions.submit_signature_value(request.reference, leyla.sign(attributes), by=LEYLA, now=datetime.now(UTC))
    assert actions.unfinished(datetime.now(UTC)) == []
    assert actions.unfinished(datetime.now(UTC) + timedelta(minutes=2)) == [request.reference]


def test_a_completion_that_ends_in_an_unexpected_error_for_an_hour_has_failed_and_is_told(
    pki: SandboxPki, leyla: Key, told: list[str]
) -> None:
    request = ask()
    attributes = actions.prepare(request.reference, leyla.der, by=LEYLA, now=datetime.now(UTC))
    actions.submit_signature_value(request.reference, leyla.sign(attributes), by=LEYLA, now=datetime.now(UTC))
    later = datetime.now(UTC) + timedelta(hours=2)
    assert actions.unfinished(later) == []
    assert actions.give_up(later) == 1
    assert actions.give_up(later) == 0
    assert told == ["failed indeterminate"]


@pytest.mark.parametrize("what", ["prepared", "content", "expected"])
def test_a_state_that_was_tampered_with_between_the_steps_is_not_completed(
    pki: SandboxPki, leyla: Key, what: str
) -> None:
    request = ask()
    attributes = actions.prepare(request.reference, leyla.der, by=LEYLA, now=datetime.now(UTC))
    actions.submit_signature_value(request.reference, leyla.sign(attributes), by=LEYLA, now=datetime.now(UTC))
    if what == "expected":
        SigningRequest.objects.update(expected={"fin": "OTHER", "voen": None, "foreign_id": None})
    else:
        row = SigningFile.objects.get(role=what)
        content = bytes(row.content)
        SigningFile.objects.filter(pk=row.pk).update(content=content[:-20] + b" " + content[-19:])
    assert actions.complete(request.reference, now=datetime.now(UTC)).verdict == Verdict.ALTERED


def test_asking_again_replaces_the_open_request(pki: SandboxPki, leyla: Key) -> None:
    first, second = ask(), ask()
    first.refresh_from_db()
    assert (first.status, second.status) == (RequestStatus.CANCELLED, RequestStatus.REQUESTED)
    with pytest.raises(IllegalTransition):
        actions.prepare(first.reference, leyla.der, by=LEYLA, now=datetime.now(UTC))


def test_the_signer_may_decide_not_to_sign(browser: tuple[Client, SigningRequest], told: list[str]) -> None:
    client, request = browser
    assert client.post(f"/sign/{request.reference}/cancel").headers["Location"] == request.return_url
    assert told == ["cancelled"]
    assert client.post(f"/sign/{request.reference}/cancel").status_code == 409


def test_nobody_is_asked_for_a_signature_that_no_certificate_could_give(pki: SandboxPki) -> None:
    with pytest.raises(ValueError, match="fin or foreign_id"):
        ask(expected={"fin": None, "voen": "3433956371", "foreign_id": None})


@pytest.mark.parametrize(
    ("door", "body"),
    [
        ("certificate", {}),
        ("certificate", {"certificate": "%%%"}),
        ("certificate", {"certificate": base64.b64encode(b"\x30\x03abc").decode()}),
        ("certificate", {"certificate": "A" * 40_000}),
        ("signature", {"certificate": "AAAA"}),
    ],
)
def test_a_broken_body_is_refused_with_problem_details(
    browser: tuple[Client, SigningRequest], door: str, body: dict[str, str]
) -> None:
    client, request = browser
    answer = post(client, request, door, **body)
    assert answer.status_code == 422
    assert answer.json()["code"] == "malformed"
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_browser_that_polls_for_a_fragment_is_sent_on(browser: tuple[Client, SigningRequest], leyla: Key) -> None:
    client, request = browser
    answer = post(client, request, "certificate", certificate=base64.b64encode(leyla.der).decode()).json()
    value = leyla.sign_p1363(base64.b64decode(answer["signed_attributes"]))
    post(client, request, "signature", signature=base64.b64encode(value).decode())
    waiting = client.get(f"/sign/{request.reference}/state", headers={"hx-request": "true", "accept": "text/html"})
    assert f"/sign/{request.reference}/state" in waiting.content.decode()
    actions.complete(request.reference, now=datetime.now(UTC))
    done = client.get(f"/sign/{request.reference}/state", headers={"hx-request": "true", "accept": "text/html"})
    assert done.headers["HX-Redirect"] == request.return_url


def test_polling_costs_few_queries_and_carries_no_file(
    browser: tuple[Client, SigningRequest], django_assert_max_num_queries: Any
) -> None:
    client, request = browser
    with django_assert_max_num_queries(4):
        state(client, request)


def test_preparing_the_second_time_replaces_the_gap(pki: SandboxPki, leyla: Key) -> None:
    request = ask(a_pdf("Seller"))
    for _time in range(2):
        actions.prepare(request.reference, leyla.der, by=LEYLA, now=datetime.now(UTC))
    assert SigningFile.objects.filter(role="prepared").count() == 1
    assert sign_request(request, leyla).status == RequestStatus.COMPLETED
