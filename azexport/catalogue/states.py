"""The states of a good, and how it comes to originate in Azerbaijan."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class GoodStatus(TextChoices):
    DRAFTED = "drafted", _("Not published")
    PUBLISHED = "published", _("Published")


class OriginCriterion(TextChoices):
    WHOLLY_OBTAINED = "wholly_obtained", _("Wholly obtained: grown, raised or extracted in Azerbaijan")
    SUFFICIENTLY_PROCESSED = "sufficiently_processed", _("Sufficiently processed in Azerbaijan from foreign materials")
