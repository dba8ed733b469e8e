"""Notices in the cabinet, and letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from azexport.kernel.models import Record
from azexport.kernel.text import pick
from azexport.notices.states import MailStatus

if TYPE_CHECKING:
    from azexport.kernel.text import Text


class Notice(Record):
    """One thing an organisation is told. `subject` is the reference of what it is about, `link` where it is."""

    reference = models.CharField(max_length=20, unique=True)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=60)
    title: models.JSONField[Text, Text] = models.JSONField()
    body: models.JSONField[Text, Text] = models.JSONField()
    link = models.CharField(max_length=300, blank=True)
    subject = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    read_at = models.DateTimeField(null=True, blank=True)
    read_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(read_at__isnull=True, read_by="") | (Q(read_at__isnull=False) & ~Q(read_by="")),
                name="notice_read_at_and_by",
            )
        ]
        indexes = [
            models.Index(fields=["organisation", "-id"], name="notice_by_organisation"),
            models.Index(fields=["organisation", "id"], name="notice_unread", condition=Q(read_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return pick(self.title)


class Mail(Record):
    """One letter to one address, in both languages, `language` first."""

    reference = models.CharField(max_length=20, unique=True)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, null=True, blank=True, related_name="mails")
    to = models.EmailField()
    language = models.CharField(max_length=2)
    subject: models.JSONField[Text, Text] = models.JSONField()
    body: models.JSONField[Text, Text] = models.JSONField()
    link = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=6, choices=MailStatus.choices, default=MailStatus.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "to"], name="one_letter_of_a_notice_to_an_address"),
            models.CheckConstraint(
                condition=Q(status=MailStatus.SENT) ^ Q(sent_at__isnull=True), name="a_sent_letter_says_when"
            ),
        ]

    def __str__(self) -> str:
        return f"{pick(self.subject)} → {self.to}"
