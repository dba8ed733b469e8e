"""The states of a document."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DocumentStatus(models.TextChoices):
    """What a document is worth to somebody who holds a copy."""

    ISSUED = "issued", _("In force")
    SUPERSEDED = "superseded", _("Replaced by a newer version")
    REVOKED = "revoked", _("Revoked")
    REJECTED = "rejected", _("Rejected")


class PaperStatus(models.TextChoices):
    """How far a paper has come."""

    RENDERING = "rendering", _("Being made")
    WAITING = "waiting", _("Waiting for the signature")
    SIGNED = "signed", _("Signed")
    DISCARDED = "discarded", _("Discarded")
