"""Participants, who they were and are called, and the systems that speak for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from azexport.kernel.text import pick
from azexport.participants.states import Role

if TYPE_CHECKING:
    from azexport.kernel.text import Text


class Participant(models.Model):
    """A competence of a public body on the portal (P1.3.2). Its code is its name on the wire and never changes.

    Bodies are renamed and merged: `name` is the tenure in force when the bodies were loaded, `tenures` hold the
    history. `succeeded_by` points to the participant that took the competence over under another code.
    """

    code = models.CharField(max_length=40, unique=True)
    name: models.JSONField[Text, Text] = models.JSONField()
    roles = ArrayField(models.CharField(max_length=30, choices=Role.choices), default=list)
    legal_basis = models.CharField(max_length=40, blank=True)
    resource: models.JSONField[Text, Text] = models.JSONField(default=dict)
    succeeded_by = models.ForeignKey(
        "participants.Participant", on_delete=models.PROTECT, null=True, blank=True, related_name="predecessors"
    )
    succeeded_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(succeeded_by__isnull=True, succeeded_on__isnull=True)
                | Q(succeeded_by__isnull=False, succeeded_on__isnull=False),
                name="succession_has_a_day",
            )
        ]

    def __str__(self) -> str:
        return pick(self.name)


class Tenure(models.Model):
    """The body that holds a participant's competence from one day to another, both included; None: open."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="tenures")
    name: models.JSONField[Text, Text] = models.JSONField()
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=200)

    class Meta:
        ordering = (F("valid_from").asc(nulls_first=True),)
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_until__isnull=True)
                | Q(valid_from__lte=F("valid_until")),
                name="tenure_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return f"{pick(self.name)} ({self.valid_from or ''}…{self.valid_until or ''})"


class System(models.Model):
    """A participant's information system: where it listens, and the certificate of the key that signs for it.

    A renewed certificate is a new row; the old one is made inactive and kept, for the messages it signed.
    """

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="systems")
    base_url = models.URLField()
    certificate = models.TextField(help_text="PEM")
    fingerprint = models.CharField(max_length=64, unique=True, help_text="lower hex SHA-256 of the DER certificate")
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant"], condition=Q(active=True), name="one_active_system_of_a_participant"
            )
        ]

    def __str__(self) -> str:
        return self.base_url

    @property
    def messages_url(self) -> str:
        """Where messages to the participant are posted."""
        return f"{self.base_url.rstrip('/')}/messages"
