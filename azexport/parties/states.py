"""What a mandate entitles to."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    REPRESENTATIVE = "representative", _("Representative")
    OFFICER = "officer", _("Officer")
    """Works on the desk of a public body."""
    HEAD = "head", _("Head")
    """Signs for a public body, and appoints its officers."""


AT_A_BODY = (Role.OFFICER, Role.HEAD)


class Kind(TextChoices):
    """What a party is: it decides what its people may do on the portal (P1.3.3, S2.1.4)."""

    TAXPAYER = "taxpayer", _("Taxpayer")
    FOREIGN = "foreign", _("Partner abroad")
    PERSON = "person", _("Natural person")
    """Somebody who is not in business: the party is the person."""
    BODY = "body", _("Public body")
