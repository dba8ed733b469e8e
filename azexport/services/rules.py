"""The rules of a draft's life: one function a rule, its docstring is the rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from azexport.kernel.errors import Violation
from azexport.kernel.formats import date_
from azexport.services.models import RegulationDraft

LONGEST_DISCUSSION = 365


def conforms(draft: RegulationDraft, **_data: Any) -> Iterator[Violation]:
    """DRF-001: a text with faults is neither published nor signed: every heading of the model form is filled (S9.1)."""
    from azexport.services.queries import drafts

    if drafts.faults(draft):
        yield Violation("DRF-001", _("The text has faults. Put them right in the editor first (S9.1)."))


def lasts_long_enough(draft: RegulationDraft, *, until: date, today: date, **_data: Any) -> Iterator[Violation]:
    """DRF-002: a discussion lasts for the portal's least number of days; decision 191 names none (S9.7)."""
    least = today + timedelta(days=settings.DISCUSSION_DAYS)
    if not least <= until <= today + timedelta(days=LONGEST_DISCUSSION):
        yield Violation(
            "DRF-002",
            _("The discussion lasts at least %(days)d days, and a year at most.") % {"days": settings.DISCUSSION_DAYS},
            "until",
        )


def was_discussed(draft: RegulationDraft, **_data: Any) -> Iterator[Violation]:
    """DRF-003: a text goes on only after its public discussion has ended. S9.7 knows no exception."""
    if not draft.discussion_is_over:
        yield Violation(
            "DRF-003", _("The text has not been through public discussion yet. Decision 191, 9.7 knows no exception.")
        )


def comments_are_answered(draft: RegulationDraft, **_data: Any) -> Iterator[Violation]:
    """DRF-004: every comment is answered before the text goes on (S9.7)."""
    if draft.comments.filter(answered_at__isnull=True).exists():
        yield Violation(
            "DRF-004", _("Some comments have no answer yet. Every one is answered before the text goes on.")
        )


def takes_effect_later(draft: RegulationDraft, *, effective_on: date, today: date, **_data: Any) -> Iterator[Violation]:
    """DRF-005: a regulation takes effect on the day it is signed at the earliest, and within a year."""
    if not today <= effective_on <= today + timedelta(days=365):
        yield Violation("DRF-005", _("Choose a day from today on, within a year."), "effective_on")


def is_what_was_discussed(draft: RegulationDraft, **_data: Any) -> Iterator[Violation]:
    """DRF-012: what users bear or get goes on as it was discussed; changed since, it is discussed once more (S9.7)."""
    from azexport.services.queries import drafts

    if changed := drafts.since_discussion(draft).weighty:
        told = _(
            "Since the discussion this has changed: %(headings)s. It touches what users bear or get: put the text to "
            "public discussion once more (S9.7)."
        )
        yield Violation("DRF-012", told % {"headings": "; ".join(drafts.headings(changed))})


def says_what_changed(draft: RegulationDraft, **_data: Any) -> Iterator[Violation]:
    """DRF-013: other words than those discussed go on only once they are published, with the body's reason (S9.7)."""
    from azexport.services.queries import drafts

    changed = drafts.since_discussion(draft)
    if changed.wording and not changed.weighty and not drafts.is_published(draft):
        told = _("The text has other words than those that were discussed. Say in both languages why.")
        yield Violation("DRF-013", told, "because_az")


def follows_the_last(draft: RegulationDraft, *, effective_on: date, **_data: Any) -> Iterator[Violation]:
    """DRF-014: a version takes effect after every other of the service has; each holds for a day at least."""
    from azexport.services.queries import drafts

    last = drafts.last_version(draft.service)
    if last is not None and effective_on <= last.valid_from:
        told = _(
            "Version %(number)s of this regulation holds from %(day)s, and this text would annul it. "
            "Choose a later day."
        )
        yield Violation("DRF-014", told % {"number": last.label, "day": date_(last.valid_from)}, "effective_on")


def says_why(draft: RegulationDraft, *, reason: str, **_data: Any) -> Iterator[Violation]:
    """DRF-006: who objects, sends back, hides or withdraws says why."""
    if not reason.strip():
        yield Violation("DRF-006", _("Say why."), "reason")


def rule_numbers_are_free(draft: RegulationDraft, **_data: Any) -> Iterator[Violation]:
    """DRF-011: a rule of the finder bears a number that no version in force and no other draft has (P4.1.4)."""
    from azexport.services.queries import finder_rules

    for fault in finder_rules.faults(draft, draft.content):
        yield Violation("DRF-011", fault.sentence)


GOES_ON = (
    conforms, rule_numbers_are_free, was_discussed, comments_are_answered, is_what_was_discussed, says_what_changed,
)  # fmt: skip
