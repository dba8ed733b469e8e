"""What can be said of a message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class Direction(models.TextChoices):
    OUT = "out", _("Sent")
    IN = "in", _("Received")


class Status(models.TextChoices):
    """The first four are of messages we send, the last two of messages we receive."""

    QUEUED = "queued", _("Being sent")
    RETRYING = "retrying", _("Not delivered yet, being tried again")
    DELIVERED = "delivered", _("Delivered")
    PARKED = "parked", _("Could not be delivered")
    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Refused")


WAITING = (Status.QUEUED, Status.RETRYING)


class Part(models.TextChoices):
    """Which half of an HTTP exchange a piece of evidence is."""

    REQUEST = "request", _("Request")
    REPLY = "reply", _("Reply")


@dataclass(frozen=True)
class DeliveryState:
    """How it stands with the newest message sent about a subject."""

    status: str
    attempts: int
    last_error: str
    next_attempt_at: datetime | None

    @property
    def undelivered(self) -> bool:
        """Whether a reader should be told: at least one attempt failed and none succeeded."""
        return self.status in (Status.RETRYING, Status.PARKED)
