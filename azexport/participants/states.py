"""What a participant does on the portal."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """A part that the portal needs somebody to play; which body plays it is data."""

    TAX_REGISTER = "tax-register", _("Taxpayer register")
    TREASURY = "treasury", _("Treasury")
    CUSTOMS = "customs", _("Customs")
    PERMIT_BODY = "permit-body", _("Issues permits")
    REGISTRY_OPERATOR = "registry-operator", _("Operates the registry of e-services")
    PORTAL_OPERATOR = "portal-operator", _("Operates the portal")
