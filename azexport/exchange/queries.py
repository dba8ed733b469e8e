"""Reading the log of messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Value, When

from azexport.exchange.models import Evidence, Message
from azexport.exchange.states import DeliveryState, Direction, Status


def log_for(subjects: Iterable[str]) -> QuerySet[Message]:
    """The messages about these references, both ways, oldest first, each with its participant."""
    return Message.objects.filter(subject__in=list(subjects)).select_related("participant").order_by("id")


def delivery_for(subjects: Iterable[str], *, to: Mapping[str, int] | None = None) -> dict[str, DeliveryState]:
    """How it stands with what was sent about each reference, in one statement.

    The oldest message that has not been delivered speaks for the others, for those behind it wait for it; where there
    is none, the newest does.

    Args:
        to: reference -> key of the participant; messages about it to others do not count.
    """
    delivered = Q(status=Status.DELIVERED)
    sent = Message.objects.filter(subject__in=list(subjects), direction=Direction.OUT)
    if to is not None:
        sent = sent.filter(participant__in=set(to.values()))
    each = ("subject",) if to is None else ("subject", "participant")
    rows = (
        sent.annotate(
            settled=Case(When(delivered, then=Value(1)), default=Value(0)),
            place=Case(When(delivered, then=-F("pk")), default=F("pk"), output_field=BigIntegerField()),
        )
        .order_by(*each, "settled", "place")
        .distinct(*each)
        .only("subject", "participant", "status", "attempts", "last_error", "next_attempt_at")
    )
    return {
        row.subject: DeliveryState(row.status, row.attempts, row.last_error, row.next_attempt_at)
        for row in rows
        if to is None or to.get(row.subject) == row.participant_id
    }


def evidence_for(subjects: Iterable[str]) -> QuerySet[Evidence]:
    """Every signed exchange about these references, oldest message first, the request before the reply."""
    return (
        Evidence.objects.filter(message__subject__in=list(subjects))
        .select_related("message", "message__participant")
        .order_by("message_id", "id")
    )


def as_data(evidence: Evidence) -> dict[str, Any]:
    """What somebody else needs to check the signature, apart from the content's bytes themselves.

    Members: message_id, type, subject, direction ("out" | "in"), participant, part ("request" | "reply"), at,
    method and target_uri (request) or status (reply), headers ([[name, value], …]), certificate (PEM).
    """
    message = evidence.message
    derived: dict[str, Any] = (
        {"method": evidence.method, "target_uri": evidence.target_uri}
        if evidence.method
        else {"status": evidence.status_code}
    )
    return {
        "message_id": str(message.message_id),
        "type": message.type,
        "subject": message.subject,
        "direction": message.direction,
        "participant": message.participant.code,
        "part": evidence.part,
        "at": evidence.at.isoformat(),
        **derived,
        "headers": evidence.headers,
        "certificate": evidence.certificate,
    }
