"""Sending and receiving messages (docs/integration.md)."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.utils.translation import gettext_lazy

from azexport.exchange import backoff, client, protocol, signing, turns
from azexport.exchange.lifecycle import TABLE
from azexport.exchange.models import Evidence, Message
from azexport.exchange.protocol import Envelope, Refused
from azexport.exchange.states import WAITING, Direction, Part, Status
from azexport.kernel.actor import SYSTEM, Actor
from azexport.kernel.errors import AzexportError, OutsideFailure, RuleViolated
from azexport.lifecycle import move, settle
from azexport.participants import queries as participants
from azexport.participants.models import Participant, System

log = logging.getLogger(__name__)

DEADLINE = timedelta(days=3)
QUERY_TIMEOUT = httpx.Timeout(6.0, connect=2.0)
RETAINED_ERROR = 500

Handler = Callable[[Message], "dict[str, Any] | None"]


# ---------------------------------------------------------------- sending


@dataclass(frozen=True)
class Draft:
    """A message to be sent. `body` is JSON; files in it are `protocol.stored(...)` or `protocol.file(...)`."""

    to: Participant
    type: str
    body: dict[str, Any]
    subject: str
    in_reply_to: UUID | None = None


def send(
    *,
    to: Participant,
    type: str,  # noqa: A002 - what the protocol calls it
    body: dict[str, Any],
    subject: str,
    by: Actor,
    now: datetime,
    in_reply_to: UUID | None = None,
    deadline: timedelta = DEADLINE,
) -> Message:
    """The message goes out if, and only if, the surrounding transaction commits; see `send_many`."""
    [message] = send_many(drafts=[Draft(to, type, body, subject, in_reply_to)], by=by, now=now, deadline=deadline)
    return message


@transaction.atomic
def send_many(*, drafts: Sequence[Draft], by: Actor, now: datetime, deadline: timedelta = DEADLINE) -> list[Message]:
    """The messages are in the outbox, each with a job of its own, so that they go out side by side: two statements.

    Each is delivered at least once until `deadline` from now; then, or when the recipient refuses it for good, it
    is parked and "message.parked" is announced. Those about one subject to one participant leave one after another,
    and only a few at once to one participant (see turns).
    """
    from azexport.exchange import tasks

    messages = Message.objects.bulk_create(
        Message(
            message_id=uuid4(),
            direction=Direction.OUT,
            participant=draft.to,
            type=draft.type,
            subject=draft.subject,
            in_reply_to=draft.in_reply_to,
            dated_at=now,
            data=draft.body,
            status=Status.QUEUED,
            next_attempt_at=now,
            deadline_at=now + deadline,
            created_at=now,
            **_acting(by),
        )
        for draft in drafts
    )
    tasks.enqueue_delivery(messages)
    return messages


def deliver_next(*, participant_id: int, now: datetime) -> tuple[Message | None, Message | None]:
    """One attempt at what is next for the recipient, if it is somebody's turn.

    Called by the job, outside any transaction.

    Returns:
        What was attempted, and what is next after that: the caller sees to it, for others have left it to this job.
    """
    with turns.turn(participant_id, now=now) as turn:
        message = _attempted(turn.message, now=now) if turn.message is not None else None
    if not turn.granted:
        return None, None
    # After the turn is given back: whoever asked for one meanwhile in vain has left it to this job to look again.
    return message, turns.due(participant_id, now=_wall_clock()).exclude(pk__in=turn.seen).first()


def _attempted(message: Message, *, now: datetime) -> Message:
    """What the portal itself could not do is tried again like what the other side could not: others go first."""
    try:
        return deliver(message_pk=message.pk, now=now)
    except DatabaseError:
        raise
    except Exception as trouble:
        log.exception("message %s could not be made or sent", message.reference)
        return _failed(message, client.Failed(f"in the portal: {type(trouble).__name__}"), now=_wall_clock())


def deliver(*, message_pk: int, now: datetime, clock: Callable[[], datetime] | None = None) -> Message:
    """One attempt has been made; the message is delivered, or parked, or waits for `next_attempt_at`.

    Called by the job, outside any transaction: no lock is held while the other side is waited for.

    Args:
        clock: what time it is once the answer is there; for tests.
    """
    message = Message.objects.select_related("participant").get(pk=message_pk)
    if message.status not in WAITING:
        return message
    system = participants.system_of(message.participant)
    try:
        if system is None:
            raise client.Failed("the participant has no system that could be written to")
        request = _request(message, system, now=now)
        delivered = client.post(system, request.content, dict(request.headers), sent=_envelope_of(message))
        answered = clock() if clock else _wall_clock()
        client.check_reply(delivered, system, now=answered)
    except client.Failed as failure:
        return _failed(message, failure, now=clock() if clock else _wall_clock())
    return _succeeded(message, delivered, system, now=answered)


def _wall_clock() -> datetime:
    from django.utils import timezone

    return timezone.now()


def _envelope_of(message: Message) -> Envelope:
    return Envelope(
        message_id=message.message_id,
        type=message.type,
        version=protocol.VERSION,
        sender=settings.PORTAL_CODE,
        recipient=message.participant.code,
        created_at=message.dated_at,
        subject=message.subject,
        in_reply_to=message.in_reply_to,
        body=message.data,
    )


def _request(message: Message, system: System, *, now: datetime) -> signing.HttpRequest:
    """The signed request, kept as evidence before it is sent: its content is made once and never again."""
    kept = message.evidence.filter(part=Part.REQUEST).first()
    if kept is None:
        envelope = _envelope_of(message)
        envelope.body = protocol.with_files(message.data, _load_document)
        content = envelope.to_bytes()
    else:
        content = bytes(kept.content)
    key = signing.portal_key()
    headers = signing.sign_request(system.messages_url, content, key=key, now=now)
    with transaction.atomic():
        Evidence.objects.update_or_create(
            message=message,
            part=Part.REQUEST,
            defaults={
                "at": now,
                "method": "POST",
                "target_uri": system.messages_url,
                "headers": list(map(list, headers.items())),
                "certificate": key.certificate,
                **({"content": content} if kept is None else {}),
            },
        )
        if kept is None:
            message.sha256 = hashlib.sha256(content).hexdigest()
            Message.objects.filter(pk=message.pk).update(sha256=message.sha256)
    return signing.HttpRequest("POST", system.messages_url, httpx.Headers(headers), content)


def _load_document(reference: str, name: str | None) -> dict[str, str]:
    from azexport.documents import queries as documents

    document = documents.by_reference(reference)
    return protocol.file(name or f"{reference}.pdf", document.media_type, documents.content(document))


@transaction.atomic
def _succeeded(message: Message, delivered: client.Delivered, system: System, *, now: datetime) -> Message:
    locked = _lock(message)
    if locked.status not in WAITING:
        return locked
    _keep_reply(locked, delivered.reply, system.certificate, now=now)
    locked.attempts += 1
    locked.last_error = ""
    locked.save(update_fields=["attempts", "last_error"])
    return settle(locked, "deliver", table=TABLE, by=SYSTEM, now=now, data={"attempts": locked.attempts})


@transaction.atomic
def _failed(message: Message, failure: client.Failed, *, now: datetime) -> Message:
    from azexport.exchange import tasks

    locked = _lock(message)
    if locked.status not in WAITING:
        return locked
    assert locked.deadline_at is not None
    locked.attempts += 1
    locked.last_error = failure.error[:RETAINED_ERROR]
    locked.problem = failure.problem
    later = None
    if not failure.permanent:
        later = backoff.next_attempt(
            attempts=locked.attempts,
            now=now,
            deadline=locked.deadline_at,
            jitter=secrets.randbelow(1000) / 1000,
            asked=failure.retry_after,
        )
    locked.next_attempt_at = later
    locked.save(update_fields=["attempts", "last_error", "problem", "next_attempt_at"])
    data = {"attempts": locked.attempts, "error": locked.last_error}
    if later is None:
        return settle(locked, "park", table=TABLE, by=SYSTEM, now=now, data=data)
    tasks.enqueue_delivery([locked], at=later)
    return settle(locked, "delay", table=TABLE, by=SYSTEM, now=now, data=data)


def _lock(message: Message) -> Message:
    return Message.objects.select_related("participant").select_for_update(of=("self",)).get(pk=message.pk)


def _keep_reply(message: Message, reply: signing.HttpReply, certificate: str, *, now: datetime) -> None:
    Evidence.objects.create(
        message=message,
        part=Part.REPLY,
        at=now,
        status_code=reply.status_code,
        headers=list(map(list, signing.kept_headers(reply.headers).items())),
        content=reply.content,
        certificate=certificate,
    )


def query(
    *,
    to: Participant,
    type: str,  # noqa: A002 - what the protocol calls it
    body: dict[str, Any],
    subject: str,
    by: Actor,
    now: datetime,
) -> dict[str, Any]:
    """The body of the participant's signed answer, asked and answered at once; both are in the log.

    Call it outside a transaction: what was asked then stays in the log when the rest of the request fails.

    Raises:
        OutsideFailure: no answer in time, none in order (not permanent), or a refusal (permanent).
    """
    message = Message.objects.create(
        message_id=uuid4(),
        direction=Direction.OUT,
        participant=to,
        type=type,
        subject=subject,
        dated_at=now,
        data=body,
        status=Status.QUEUED,
        deadline_at=now,
        created_at=now,
        **_acting(by),
    )
    system = participants.system_of(to)
    try:
        if system is None:
            raise client.Failed("the participant has no system that could be asked")
        request = _request(message, system, now=now)
        delivered = client.post(
            system, request.content, dict(request.headers), sent=_envelope_of(message), timeout=QUERY_TIMEOUT
        )
        client.check_reply(delivered, system, now=now)
    except client.Failed as failure:
        Message.objects.filter(pk=message.pk).update(problem=failure.problem)
        message.last_error = failure.error[:RETAINED_ERROR]
        Message.objects.filter(pk=message.pk).update(attempts=1, last_error=message.last_error)
        move(message, "park", table=TABLE, by=SYSTEM, now=now, data={"error": message.last_error})
        raise OutsideFailure(permanent=failure.permanent) from failure
    _succeeded(message, delivered, system, now=now)
    return delivered.envelope.body


# ---------------------------------------------------------------- receiving


@dataclass(frozen=True)
class Answer:
    """What goes back: a signed receipt, a query's reply, or a problem."""

    status_code: int
    headers: dict[str, str]
    content: bytes
    message: Message | None = None


def receive(*, request: signing.HttpRequest, handle: Handler, now: datetime) -> Answer:
    """The message has had its effect exactly once, and is in the log with its signature; here is the answer.

    `handle` does what the message asks, in the transaction that puts it into the inbox. A refusal it raises
    (RuleViolated, IllegalTransition, any AzexportError below 500) undoes what it did, but the message stays in the
    inbox as rejected, with the problem that is sent back.

    Raises:
        Refused: the message is not in order, so nothing is kept of it.
        OutsideFailure: something else was down meanwhile; nothing is kept, the sender tries again.
    """
    system = _verified_sender(request, now=now)
    envelope = protocol.read_envelope(request.content)
    if envelope.sender != system.participant.code:
        raise Refused("wrong-sender", gettext_lazy("The signing key is not the sender's."), status=403)
    if envelope.recipient != settings.PORTAL_CODE:
        raise Refused("wrong-recipient", gettext_lazy("The message is not for this portal."), status=422)
    with transaction.atomic():
        message, seen = _into_inbox(request, envelope, system, now=now)
        if seen:
            return _answer_again(message, envelope, now=now)
        answer = _handle(message, envelope, handle, now=now)
        _keep_reply(
            message,
            signing.HttpReply(answer.status_code, httpx.Headers(answer.headers), answer.content),
            signing.portal_key().certificate,
            now=now,
        )
        return answer


def _verified_sender(request: signing.HttpRequest, *, now: datetime) -> System:
    found: dict[str, System] = {}

    def certificate_of(keyid: str) -> str | None:
        system = participants.system_by_fingerprint(keyid)
        if system is None:
            return None
        found[keyid] = system
        return system.certificate

    return found[signing.verify_request(request, certificate_of=certificate_of, now=now)]


def _into_inbox(
    request: signing.HttpRequest, envelope: Envelope, system: System, *, now: datetime
) -> tuple[Message, bool]:
    """The row, and whether it was there already. A second arrival at the same moment waits here for the first."""
    sha256 = hashlib.sha256(request.content).hexdigest()
    try:
        with transaction.atomic():
            message = Message.objects.create(
                message_id=envelope.message_id,
                direction=Direction.IN,
                participant=system.participant,
                type=envelope.type,
                subject=envelope.subject,
                in_reply_to=envelope.in_reply_to,
                dated_at=envelope.created_at,
                data=protocol.without_contents(envelope.body),
                sha256=sha256,
                status=Status.ACCEPTED,
                created_at=now,
                **_acting(participants.as_actor(system.participant)),
            )
    except IntegrityError:
        seen = Message.objects.select_related("participant").get(
            direction=Direction.IN, participant=system.participant, message_id=envelope.message_id
        )
        if seen.sha256 != sha256:
            raise Refused(
                "message-id-reused", gettext_lazy("This message id was used for another message."), status=409
            ) from None
        return seen, True
    Evidence.objects.create(
        message=message,
        part=Part.REQUEST,
        at=now,
        method=request.method,
        target_uri=request.url,
        headers=list(map(list, signing.kept_headers(request.headers).items())),
        content=request.content,
        certificate=system.certificate,
    )
    message.body = envelope.body
    return message, False


def _handle(message: Message, envelope: Envelope, handle: Handler, *, now: datetime) -> Answer:
    try:
        with transaction.atomic():
            reply = handle(message)
    except AzexportError as error:
        if error.status >= 500:
            raise
        message.status = Status.REJECTED
        message.problem = problem(error)
        message.last_error = str(error)[:RETAINED_ERROR]
        message.save(update_fields=["status", "problem", "last_error"])
        return problem_answer(message.problem, now=now, message=message)
    if reply is None:
        return _reply(envelope, protocol.RECEIPT, {"status": "accepted"}, 202, message, now=now)
    return _reply(envelope, f"{envelope.type}.reply", reply, 200, message, now=now)


def _answer_again(message: Message, envelope: Envelope, *, now: datetime) -> Answer:
    """What the first arrival was told, freshly signed; for a receipt, that it is a duplicate."""
    first = message.evidence.get(part=Part.REPLY)
    if first.status_code != 202:
        assert first.status_code is not None
        content, content_type = bytes(first.content), dict(first.headers)["Content-Type"]
        headers = signing.sign_reply(
            first.status_code, content, key=signing.portal_key(), now=now, content_type=content_type
        )
        return Answer(first.status_code, headers, content, message)
    return _reply(envelope, protocol.RECEIPT, {"status": "duplicate"}, 202, message, now=now)


def _reply(
    envelope: Envelope, kind: str, body: dict[str, Any], status_code: int, message: Message, *, now: datetime
) -> Answer:
    content = Envelope(
        message_id=uuid4(),
        type=kind,
        version=protocol.VERSION,
        sender=settings.PORTAL_CODE,
        recipient=envelope.sender,
        created_at=now,
        subject=envelope.subject,
        in_reply_to=envelope.message_id,
        body=body,
    ).to_bytes()
    headers = signing.sign_reply(status_code, content, key=signing.portal_key(), now=now)
    return Answer(status_code, headers, content, message)


def problem(error: AzexportError) -> dict[str, Any]:
    """The refusal as RFC 9457 problem details."""
    details: dict[str, Any] = {
        "type": f"urn:azexport:problem:{error.code}",
        "title": str(error.message),
        "status": error.status,
        "code": error.code,
    }
    if isinstance(error, RuleViolated):
        details["violations"] = [
            {"code": one.code, "field": one.field, "message": str(one.message)} for one in error.violations
        ]
    return details


def problem_answer(details: dict[str, Any], *, now: datetime, message: Message | None = None) -> Answer:
    """The problem as a signed answer."""
    content = json.dumps(details, ensure_ascii=False, separators=(",", ":")).encode()
    headers = signing.sign_reply(
        details["status"], content, key=signing.portal_key(), now=now, content_type=protocol.PROBLEM_TYPE
    )
    return Answer(details["status"], headers, content, message)


def _acting(by: Actor) -> dict[str, str]:
    return {"actor_kind": by.actor_kind, "actor_id": by.actor_id, "actor_name": by.actor_name}
