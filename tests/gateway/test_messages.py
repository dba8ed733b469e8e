"""POST /exchange/messages: what is taken, what is refused, and that everything has its effect once."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.utils.module_loading import import_string
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azexport.audit import actions as audit
from azexport.audit.models import Event
from azexport.audit.queries import history
from azexport.exchange import protocol, queries
from azexport.exchange.models import Evidence, Message
from azexport.exchange.states import Part, Status
from azexport.gateway.handlers import HANDLERS
from azexport.kernel.errors import IllegalTransition, OutsideFailure, RuleViolated, Violation
from azexport.participants.models import Participant, System
from sandbox import wire
from tests.factories.exchange import MESSAGES_URL, PORTAL_URL, incoming
from tests.factories.participants import KeyPair, new_key, participant

SUBJECT = "CS-0000-0000-0"
Effect = Callable[..., Any]


def effect(message: Message, *, by: Any, now: Any) -> dict[str, Any] | None:
    """Leaves a trace that can be counted."""
    audit.record("test.effect", subject=message.subject, by=by, now=now, data={"type": message.type})
    asked: dict[str, Any] | None = {"answer": message.body.get("n")} if message.type == "test.query" else None
    return asked


def refuse_by_rule(message: Message, *, by: Any, now: Any) -> None:
    effect(message, by=by, now=now)
    raise RuleViolated([Violation("CAS-001", "Too much.", "quantity"), Violation("CAS-002", "Too late.")])


def refuse_by_state(message: Message, *, by: Any, now: Any) -> None:
    effect(message, by=by, now=now)
    raise IllegalTransition


def check_file(message: Message, *, by: Any, now: Any) -> None:
    protocol.file_content(message.body["document"])


def fail_outside(message: Message, *, by: Any, now: Any) -> None:
    effect(message, by=by, now=now)
    raise OutsideFailure(permanent=False)


def crash(message: Message, *, by: Any, now: Any) -> None:
    effect(message, by=by, now=now)
    raise ZeroDivisionError


@pytest.fixture(autouse=True)
def handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, one in {
        "test.told": effect,
        "test.query": effect,
        "test.rule": refuse_by_rule,
        "test.state": refuse_by_state,
        "test.file": check_file,
        "test.outside": fail_outside,
        "test.crash": crash,
    }.items():
        monkeypatch.setitem(HANDLERS, kind, f"{__name__}.{one.__name__}")


def told(kind: str = "test.told", **changed: Any) -> wire.Message:
    message = wire.new_message(kind, sender="hazel-office", recipient="azexport", subject=SUBJECT, body={"n": 1})
    return replace(message, **changed)


def post(
    message: wire.Message, *, key: KeyPair | None = None, created: float | None = None, url: str = MESSAGES_URL
) -> HttpResponse:
    headers, content = incoming(message, key=key, created=int(created or time.time()), url=url)
    return post_raw(headers, content)


def post_raw(headers: dict[str, str], content: bytes) -> HttpResponse:
    rest = {name: value for name, value in headers.items() if name != "Content-Type"}
    response = Client(enforce_csrf_checks=True).post(
        "/exchange/messages", content, content_type=headers["Content-Type"], headers=rest
    )
    assert isinstance(response, HttpResponse)
    return response


def code(response: HttpResponse) -> tuple[int, str]:
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = json.loads(response.content)
    assert problem["status"] == response.status_code
    assert problem["type"] == f"urn:azexport:problem:{problem['code']}"
    assert problem["title"]
    return response.status_code, problem["code"]


def verified(response: HttpResponse, portal: KeyPair) -> wire.Message:
    """The reply, once the sender's own implementation has checked the portal's signature."""
    certificate = portal.wire.certificate
    headers = {name.lower(): value for name, value in response.headers.items()}
    wire.verify_reply(response.status_code, headers, response.content, {wire.key_id(certificate): certificate})
    return wire.Message.from_bytes(response.content)


def effects() -> int:
    return Event.objects.filter(name="test.effect").count()


# ---------------------------------------------------------------- what is taken


def test_a_message_has_its_effect_and_gets_a_signed_receipt(sender: Participant, portal: KeyPair) -> None:
    message = told()
    response = post(message)
    assert response.status_code == 202
    receipt = verified(response, portal)
    assert (receipt.type, receipt.body, receipt.in_reply_to) == ("receipt", {"status": "accepted"}, message.id)
    assert (receipt.sender, receipt.recipient, receipt.subject) == ("azexport", "hazel-office", SUBJECT)
    assert effects() == 1
    [event] = history([SUBJECT])
    assert (event.actor_kind, event.actor_id) == ("participant", "hazel-office")


def test_both_halves_are_kept_as_they_went_over_the_wire(sender: Participant, portal: KeyPair) -> None:
    headers, content = incoming(told(), created=int(time.time()))
    response = post_raw(headers, content)
    request, reply = queries.evidence_for([SUBJECT])
    assert bytes(request.content) == content
    assert dict(request.headers) == headers
    assert (request.method, request.target_uri) == ("POST", MESSAGES_URL)
    assert request.certificate == System.objects.get().certificate
    assert bytes(reply.content) == response.content
    assert reply.status_code == 202
    assert reply.certificate == portal.pem


def test_a_query_is_answered_in_the_reply_and_again_when_it_is_repeated(sender: Participant, portal: KeyPair) -> None:
    message = told("test.query")
    first, second = post(message), post(message)
    assert first.status_code == second.status_code == 200
    assert verified(first, portal) == verified(second, portal)
    assert verified(first, portal).type == "test.query.reply"
    assert verified(first, portal).body == {"answer": 1}
    assert effects() == 1


def test_files_are_not_in_the_log_but_in_the_message(sender: Participant) -> None:
    file = wire.file_member("permit.pdf", "application/pdf", b"%PDF-1.7")
    assert post(told("test.file", body={"document": file})).status_code == 202
    [message] = queries.log_for([SUBJECT])
    assert message.data["document"] == {
        "name": "permit.pdf", "media_type": "application/pdf", "sha256": file["sha256"], "size": 8,
    }  # fmt: skip


# ---------------------------------------------------------------- once


def test_a_message_that_comes_again_has_no_effect_and_gets_a_receipt(sender: Participant, portal: KeyPair) -> None:
    message = told()
    post(message)
    # A repetition is signed afresh: the retry happens later.
    response = post(message, created=time.time() - 60)
    assert response.status_code == 202
    assert verified(response, portal).body == {"status": "duplicate"}
    assert effects() == 1
    assert Message.objects.count() == 1


def test_a_message_id_used_for_another_message_is_refused(sender: Participant) -> None:
    message = told()
    post(message)
    assert code(post(replace(message, body={"n": 2}))) == (409, "message-id-reused")
    assert effects() == 1


def test_two_senders_may_use_the_same_message_id(sender: Participant) -> None:
    participant("other-office")
    message = told()
    assert post(message).status_code == 202
    assert post(replace(message, sender="other-office")).status_code == 202
    assert effects() == 2


def test_the_same_message_many_times_at_once_has_one_effect(fresh_database: str) -> None:
    participant("hazel-office")
    headers, content = incoming(told(), created=int(time.time()))

    def once(_number: int) -> str:
        try:
            status: str = json.loads(post_raw(headers, content).content)["body"]["status"]
            return status
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(once, range(6)))
    assert answers == ["accepted"] + ["duplicate"] * 5
    assert effects() == 1
    assert Message.objects.count() == 1
    assert Evidence.objects.count() == 2


# ---------------------------------------------------------------- what the handler refuses


@pytest.mark.parametrize(
    ("kind", "refusal"), [("test.rule", (422, "CAS-001")), ("test.state", (409, "illegal-transition"))]
)
def test_what_a_rule_or_the_state_forbids_is_undone_and_kept_on_record_as_rejected(
    kind: str, refusal: tuple[int, str], sender: Participant
) -> None:
    message = told(kind)
    first = post(message)
    assert code(first) == refusal
    assert effects() == 0
    [kept] = queries.log_for([SUBJECT])
    assert kept.status == Status.REJECTED
    assert kept.problem == json.loads(first.content)
    assert [one.part for one in queries.evidence_for([SUBJECT])] == [Part.REQUEST, Part.REPLY]
    again = post(message)
    assert again.content == first.content
    assert Message.objects.count() == 1


def test_every_violation_is_told(sender: Participant) -> None:
    problem = json.loads(post(told("test.rule")).content)
    assert [one["code"] for one in problem["violations"]] == ["CAS-001", "CAS-002"]
    assert problem["violations"][0]["field"] == "quantity"


def test_a_type_that_nobody_handles_is_refused_for_good_and_on_record(sender: Participant) -> None:
    assert code(post(told("test.unheard_of"))) == (422, "unknown-type")
    assert queries.log_for([SUBJECT]).get().status == Status.REJECTED


def test_a_file_that_is_not_the_one_its_digest_names_is_refused(sender: Participant) -> None:
    file = {**wire.file_member("permit.pdf", "application/pdf", b"%PDF"), "content_base64": "AAAA"}
    assert code(post(told("test.file", body={"document": file}))) == (422, "file-digest")
    assert code(post(told("test.file", body={"document": {"sha256": ""}}))) == (422, "not-a-file")


def test_when_something_else_is_down_nothing_is_kept_and_the_sender_tries_again(sender: Participant) -> None:
    assert code(post(told("test.outside"))) == (502, "outside-failure")
    assert effects() == 0
    assert not Message.objects.exists()


def test_an_accident_keeps_nothing_and_is_a_server_error(sender: Participant) -> None:
    headers, content = incoming(told("test.crash"), created=int(time.time()))
    client = Client(raise_request_exception=False)
    rest = {name: value for name, value in headers.items() if name != "Content-Type"}
    response = client.post("/exchange/messages", content, content_type="application/json", headers=rest)
    assert response.status_code == 500
    assert effects() == 0
    assert not Message.objects.exists()


# ---------------------------------------------------------------- what is not in order


def nothing_kept() -> bool:
    return effects() == 0 and not Message.objects.exists() and not Evidence.objects.exists()


def test_content_that_is_not_what_its_digest_names_is_refused(sender: Participant) -> None:
    headers, content = incoming(told(), created=int(time.time()))
    assert code(post_raw(headers, content + b" ")) == (400, "digest")
    del headers["Content-Digest"]
    assert code(post_raw(headers, content)) == (400, "no-digest")
    assert nothing_kept()


def test_an_unsigned_message_is_refused(sender: Participant) -> None:
    headers, content = incoming(told(), created=int(time.time()))
    del headers["Signature"]
    assert code(post_raw(headers, content)) == (401, "unsigned")
    assert nothing_kept()


def test_a_signature_over_another_address_is_refused(sender: Participant) -> None:
    assert code(post(told(), url="http://localhost:8000/elsewhere")) == (401, "bad-signature")
    assert nothing_kept()


def test_an_unknown_key_is_refused(sender: Participant) -> None:
    assert code(post(told(), key=new_key("stranger"))) == (401, "unknown-key")
    assert nothing_kept()


def test_a_key_that_was_withdrawn_is_refused(sender: Participant) -> None:
    System.objects.update(active=False)
    assert code(post(told())) == (401, "unknown-key")
    assert nothing_kept()


def test_a_participant_cannot_speak_for_another(sender: Participant) -> None:
    other = new_key("other-office")
    participant("other-office", key=other)
    assert code(post(told(), key=other)) == (403, "wrong-sender")
    assert nothing_kept()


def test_a_message_for_somebody_else_is_refused(sender: Participant) -> None:
    assert code(post(told(recipient="other-office"))) == (422, "wrong-recipient")
    assert nothing_kept()


def test_an_old_signature_and_one_of_the_future_are_refused(sender: Participant) -> None:
    assert code(post(told(), created=time.time() - 302)) == (401, "stale")
    assert code(post(told(), created=time.time() + 63)) == (401, "future")
    assert nothing_kept()


def signed_raw(content: bytes) -> HttpResponse:
    headers, _content = incoming(told(), created=int(time.time()))
    from tests.factories.participants import key_of

    headers = wire.sign_request(key_of("hazel-office").wire, MESSAGES_URL, content)
    return post_raw(headers, content)


@pytest.mark.parametrize(
    "content",
    [b" ", b"{", b"\xff\xfe", b'{"a":NaN}', b'{"a":"\\u0000"}', b'{"a":"\\ud800"}', b"[" * 100_000],
    ids=["empty", "broken", "not utf-8", "NaN", "NUL", "half a surrogate", "deep"],
)
def test_what_is_not_json_is_refused(content: bytes, sender: Participant) -> None:
    assert code(signed_raw(content)) == (400, "not-json")
    assert nothing_kept()


GOOD = json.loads(told().to_bytes())


@pytest.mark.parametrize(
    "changed",
    [
        {"message_id": "1"},
        {"message_id": None},
        {"type": "Bad Type"},
        {"type": 1},
        {"version": "1"},
        {"sender": ""},
        {"created_at": "yesterday"},
        {"created_at": "2026-10-05T10:00:00"},
        {"subject": None},
        {"subject": "x" * 81},
        {"in_reply_to": "x"},
        {"body": []},
        {"surplus": 1},
    ],
    ids=str,
)
def test_an_envelope_of_another_shape_is_refused(changed: dict[str, Any], sender: Participant) -> None:
    assert code(signed_raw(json.dumps({**GOOD, **changed}).encode())) == (400, "malformed")
    for name in ("message_id", "type", "version", "sender", "recipient", "created_at", "subject", "body"):
        short = {key: value for key, value in GOOD.items() if key != name}
        assert code(signed_raw(json.dumps(short).encode())) == (400, "malformed")
    assert code(signed_raw(b"[1]")) == (400, "malformed")
    assert nothing_kept()


def test_another_version_is_refused(sender: Participant) -> None:
    assert code(signed_raw(json.dumps({**GOOD, "version": 2}).encode())) == (400, "unsupported-version")


def test_another_content_type_is_refused(sender: Participant) -> None:
    headers, content = incoming(told(), created=int(time.time()))
    assert code(post_raw({**headers, "Content-Type": "text/plain"}, content)) == (415, "content-type")


def test_a_message_beyond_the_limit_is_refused_unread(sender: Participant) -> None:
    headers, _content = incoming(told(), created=int(time.time()))
    assert code(post_raw(headers, b" " * (protocol.MAX_BYTES + 1))) == (413, "too-large")


def test_a_message_of_just_the_limit_is_taken(sender: Participant) -> None:
    filling = protocol.MAX_BYTES - len(told(body={"x": ""}).to_bytes())
    message = told(body={"x": "y" * filling})
    assert len(message.to_bytes()) == protocol.MAX_BYTES
    assert post(message).status_code == 202


@pytest.mark.parametrize("kind", sorted(HANDLERS))
def test_every_type_in_the_table_has_an_action(kind: str) -> None:
    if not kind.startswith("test."):
        assert callable(import_string(HANDLERS[kind]))


def test_the_door_answers_post_only() -> None:
    assert Client().get("/exchange/messages").status_code == 405


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
))  # fmt: skip
def test_any_json_body_is_taken_or_refused_with_a_reason(body: Any, sender: Participant) -> None:
    response = signed_raw(json.dumps({**GOOD, "message_id": str(uuid.uuid4()), "body": body}).encode())
    assert response.status_code == 202 or code(response) in {(400, "malformed"), (400, "not-json")}


# ---------------------------------------------------------------- over real HTTP


@pytest.fixture
def door(fresh_database: str) -> Iterator[str]:
    """The portal's door behind a real HTTP server; yields its address."""

    class Quiet(WSGIRequestHandler):
        def log_message(self, *arguments: Any) -> None:
            pass

    server = make_server("127.0.0.1", 0, WSGIHandler(), handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_sandbox_delivers_over_real_http_whatever_name_the_portal_is_reached_by(door: str, portal: KeyPair) -> None:
    participant("hazel-office")
    message = told(body={"name": "Şəki Fındıq MMC", "n": 1})
    headers, content = incoming(message, created=int(time.time()))
    with httpx.Client(trust_env=False) as client:
        response = client.post(f"{door}/exchange/messages", content=content, headers=headers)
    assert response.status_code == 202
    certificate = portal.wire.certificate
    lower = {name.lower(): value for name, value in response.headers.items()}
    wire.verify_reply(202, lower, response.content, {wire.key_id(certificate): certificate})
    assert wire.Message.from_bytes(response.content).in_reply_to == message.id
    assert queries.log_for([SUBJECT]).get().data == {"name": "Şəki Fındıq MMC", "n": 1}
    assert PORTAL_URL not in door
