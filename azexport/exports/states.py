"""The states of an application."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ApplicationStatus(models.TextChoices):
    """From the first answer to the bodies' desks; what comes after is told by its cases."""

    DRAFTED = "drafted", _("Draft")
    AWAITING_SIGNATURE = "awaiting_signature", _("Waiting for the signature")
    SUBMITTED = "submitted", _("Submitted")
    ABANDONED = "abandoned", _("Deleted draft")


EDITABLE = (ApplicationStatus.DRAFTED,)


class OperationStage(models.TextChoices):
    """How far an export operation has come; derived from its parts, never stored."""

    APPLYING = "applying", _("Application in progress")
    AWAITING_PERMITS = "awaiting_permits", _("Waiting for permits")
    ATTENTION = "attention", _("Needs your attention")
    READY_TO_DECLARE = "ready_to_declare", _("Ready for the customs declaration")
    DECLARING = "declaring", _("Declaration in progress")
    AT_CUSTOMS = "at_customs", _("At customs")
    RELEASED = "released", _("Released")
    NOT_RELEASED = "not_released", _("Not released")
