"""The log of messages, and the signed HTTP exchanges that carried them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from azexport.exchange.states import WAITING, Direction, Part, Status
from azexport.kernel.models import Record


class Message(Record):
    """One message, sent or received. It is the outbox and the inbox.

    `created_at` is when it entered the log; `dated_at` is what its envelope says. `data` is the body without the
    contents of its files; `body` is the whole.
    """

    message_id = models.UUIDField()
    direction = models.CharField(max_length=3, choices=Direction.choices)
    participant = models.ForeignKey("participants.Participant", on_delete=models.PROTECT, related_name="+")
    type = models.CharField(max_length=80)
    subject = models.CharField(max_length=80)
    in_reply_to = models.UUIDField(null=True, blank=True)
    dated_at = models.DateTimeField()
    data = models.JSONField()
    sha256 = models.CharField(max_length=64, blank=True, help_text="of the envelope's bytes; of a sent one, once made")
    status = models.CharField(max_length=12, choices=Status.choices)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    problem = models.JSONField(null=True, blank=True, help_text="why it was refused: RFC 9457 problem details")
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["direction", "participant", "message_id"], name="a_message_id_once"),
            models.CheckConstraint(
                condition=Q(direction=Direction.OUT, status__in=[*WAITING, Status.DELIVERED, Status.PARKED])
                | Q(direction=Direction.IN, status__in=[Status.ACCEPTED, Status.REJECTED]),
                name="a_message_has_a_status_of_its_direction",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.DELIVERED) ^ Q(delivered_at__isnull=True),
                name="a_delivered_message_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "id"], name="message_by_subject"),
            models.Index(
                fields=["next_attempt_at"],
                name="message_waiting",
                condition=Q(status__in=[str(one) for one in WAITING]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject}"

    @property
    def reference(self) -> str:
        """The message's id, as text: what the audit calls it."""
        return str(self.message_id)

    @property
    def body(self) -> dict[str, Any]:
        """The body with the files' contents (base64) where it was received; of a sent one, as it was handed in."""
        whole: dict[str, Any] = self.__dict__.get("_body", self.data)
        return whole

    @body.setter
    def body(self, value: dict[str, Any]) -> None:
        self.__dict__["_body"] = value


class Evidence(models.Model):
    """One signed HTTP message exactly as it went over the wire, kept for whoever must prove it later.

    Of a sent message the request is the last attempt's: its content is the same over all attempts, its signature
    is not. `headers` are the ones that the signature covers and the signature's own, as [name, value] pairs.
    """

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="evidence")
    part = models.CharField(max_length=7, choices=Part.choices)
    at = models.DateTimeField()
    method = models.CharField(max_length=10, blank=True)
    target_uri = models.CharField(max_length=300, blank=True)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    headers = models.JSONField()
    content = models.BinaryField()
    certificate = models.TextField(help_text="PEM, of the key that signed")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "part"], name="each_part_of_an_exchange_once")]

    def __str__(self) -> str:
        return f"{self.part} of {self.message_id}"
