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
CLOSED = (CaseStatus.GRANTED, CaseStatus.REFUSED, CaseStatus.WITHDRAWN)
"""Nobody has to do anything more: the others."""
FINAL = (CaseStatus.REFUSED, CaseStatus.WITHDRAWN)
"""Nothing leads out of these."""


STEP_CLOCK = "step"
"""Name of the clocks of steps; their subject is the case's reference and the step's id with a slash between."""


class StepOutcome(TextChoices):
    """What came of a step."""

    DONE = "done", _("Done")
    AGREED = "agreed", _("Agreed")
    """Another body's positive opinion."""
    OBJECTED = "objected", _("Objected")
    """Another body's negative opinion; the provider decides, and the applicant sees it."""
    DEEMED = "deemed", _("Deemed agreed: no answer in time")
    """Another body was silent for the days of its step, which counts as its positive opinion (2015 decree)."""


class EntryStatus(TextChoices):
    """How an entry of a public register stands."""

    ENTERED = "entered", _("In the register")
    SUSPENDED = "suspended", _("Suspended")
    STRUCK_OFF = "struck_off", _("Struck off")


class DecisionKind(TextChoices):
    """What a later decision does to an entry of a public register; also the name of the entry's transition."""

    STRIKE_OFF = "strike_off", _("Strike off")
    SUSPEND = "suspend", _("Suspend")
    RESTORE = "restore", _("Restore")


class DecisionStatus(TextChoices):
    """How far a decision about an entry has come."""

    AWAITING_SIGNATURE = "awaiting_signature", _("Waiting for the signature")
    MADE = "made", _("Made")
    TAKEN_BACK = "taken_back", _("Taken back")


class FilingStatus(TextChoices):
    """How far an application for a service has come before it is a case."""

    DRAFTED = "drafted", _("Draft")
    FROZEN = "frozen", _("With the head for signature")
    """A public body's: an officer has filled it in, the head signs (S12.2)."""
    AWAITING_SIGNATURE = "awaiting_signature", _("Waiting for the signature")
    SUBMITTED = "submitted", _("Sent")
    ABANDONED = "abandoned", _("Deleted")
