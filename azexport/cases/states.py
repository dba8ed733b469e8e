"""Where a case can be."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CaseStatus(TextChoices):
    """The body's dealing with an application under one service."""

    SUBMITTED = "submitted", _("Submitted")
    """The body has not said yet that it takes the case on."""
    ACCEPTED = "accepted", _("Accepted")
    INFORMATION_REQUESTED = "information_requested", _("Information requested")
    """The clock stands until the applicant answers."""
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")
    PERMIT_REJECTED = "permit_rejected", _("Document not accepted")
    """The body granted, but what it sent did not pass the portal's checks; it may send another."""
    WITHDRAWN = "withdrawn", _("Withdrawn")


OPEN = (
    CaseStatus.SUBMITTED,
    CaseStatus.ACCEPTED,
    CaseStatus.INFORMATION_REQUESTED,
    CaseStatus.PERMIT_REJECTED,
)
"""Somebody still has to do something."""
FINAL = (CaseStatus.REFUSED, CaseStatus.WITHDRAWN)
"""Nothing leads out of these."""
