"""Where a letter can be, and where its answer."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class LetterKind(TextChoices):
    """What is written. Complaints, information requests and proposals (P5) join here."""

    LETTER = "letter", _("Letter")


class LetterStatus(TextChoices):
    """One letter of a citizen, a taxpayer or a foreign partner to a body (S11.6)."""

    DRAFTED = "drafted", _("Draft")
    PREPARED = "prepared", _("Waiting for your signature")
    """Its text is fixed; it waits for the enhanced signature without which it cannot leave (S12.2)."""
    SENT = "sent", _("Sent")
    REGISTERED = "registered", _("Registered by the body")
    ANSWERED = "answered", _("Answered")
    ABANDONED = "abandoned", _("Deleted draft")


class AnswerStatus(TextChoices):
    """The body's answer while it is written."""

    DRAFTED = "drafted", _("Draft")
    PREPARED = "prepared", _("Waiting for the official's signature")
    SIGNED = "signed", _("Signed")


WRITING = (LetterStatus.DRAFTED, LetterStatus.PREPARED)
WAITING = (LetterStatus.SENT, LetterStatus.REGISTERED)
HANDED_OVER = (*WAITING, LetterStatus.ANSWERED)
"""What a body may know of."""
