"""What a declaration can be."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DeclarationStatus(TextChoices):
    """One life of an export declaration (P10.3.3(7-8), P4.2.6.1)."""

    DRAFTED = "drafted", _("Draft")
    AWAITING_SIGNATURE = "awaiting_signature", _("Waiting for the signature")
    LODGED = "lodged", _("Lodged")
    ACCEPTED = "accepted", _("Accepted by customs")
    UNDER_CONTROL = "under_control", _("Under customs control")
    RELEASED = "released", _("Released for export")
    NOT_RELEASED = "not_released", _("Not released")
    DISCARDED = "discarded", _("Discarded before lodging")


class Channel(TextChoices):
    """How deep customs looks."""

    GREEN = "green", _("Green: no further check")
    YELLOW = "yellow", _("Yellow: documents are checked")
    RED = "red", _("Red: the goods are examined")


class TransportMode(TextChoices):
    """Mode of transport at the border: SAD box 25."""

    SEA = "1", _("Sea")
    RAIL = "2", _("Rail")
    ROAD = "3", _("Road")
    AIR = "4", _("Air")
    POST = "5", _("Post")
    PIPELINE = "7", _("Pipeline or other fixed installation")


AT_CUSTOMS = frozenset({DeclarationStatus.LODGED, DeclarationStatus.ACCEPTED, DeclarationStatus.UNDER_CONTROL})
DECLARED = AT_CUSTOMS | {DeclarationStatus.AWAITING_SIGNATURE, DeclarationStatus.RELEASED}
"""Its goods count as declared under the contract."""
FINAL = frozenset({DeclarationStatus.RELEASED, DeclarationStatus.NOT_RELEASED, DeclarationStatus.DISCARDED})
