"""What a draft of a regulation can be."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DraftStatus(TextChoices):
    """One life of a regulation's text, from the first word to the registry (S9, S10)."""

    DRAFTED = "drafted", _("Being written")
    DISCUSSED = "discussed", _("In public discussion")
    """Published for comments until a day; its text is fixed (S9.7)."""
    AGREEING = "agreeing", _("With the other performers")
    """Discussed, every comment answered; the other performers are asked (S9.2)."""
    AGREED = "agreed", _("Ready for the head")
    AWAITING_HEAD = "awaiting_head", _("Waiting for the head's signature")
    APPROVED = "approved", _("Approved, not yet registered")
    """Signed by the head and published (S9.8); its registration is under way (S10.3)."""
    REGISTERED = "registered", _("Registered")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class AgreementStatus(TextChoices):
    """What another performer says of the draft (S9.2)."""

    ASKED = "asked", _("Asked")
    AGREED = "agreed", _("Agrees")
    OBJECTED = "objected", _("Objects")
    BY_LETTER = "by_letter", _("Agreed by letter")
    """The body has no officers on the portal: the provider's officer names the letter in which it agreed."""


FINAL = frozenset({DraftStatus.REGISTERED, DraftStatus.WITHDRAWN})
PUBLISHED = frozenset(DraftStatus) - {DraftStatus.DRAFTED, DraftStatus.WITHDRAWN}
"""Always public. A draft that is being written again after its discussion is public as it was discussed."""
