"""What a mandate entitles to."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    REPRESENTATIVE = "representative", _("Representative")
