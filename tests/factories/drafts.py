"""Drafts of regulations in every state of their life."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from azexport.calendar.queries import today
from azexport.documents import actions as documents
from azexport.documents.models import Paper
from azexport.kernel.text import both
from azexport.participants.models import Participant
from azexport.parties.models import Member
from azexport.services.actions import discussions, drafts
from azexport.services.models import Comment, RegulationDraft
from tests.factories.parties import make_officer
from tests.factories.services import NOW, honey

AFTER = timedelta(days=11)
"""A discussion of ten days that began at NOW has ended by then."""


def body(officer: Member) -> Participant:
    """The body that the officer works for."""
    assert officer.participant is not None
    return officer.participant


def make_draft(
    *, by: Member | None = None, content: dict[str, Any] | None = None, name: str = "Honey seal", now: datetime = NOW
) -> RegulationDraft:
    """A new service drafted by the honey office's officer: complete, unless its content is given."""
    officer = by or make_officer("honey-office")
    draft = drafts.start(participant=body(officer), name=both(f"{name} (az)", name), by=officer, now=now)
    text = honey() if content is None else content
    text = {**text, "general": {**text.get("general", {}), "name": both(f"{name} (az)", name)}, "requirements": []}
    return drafts.change(draft=draft, content=text, changes=draft.changes, by=officer, now=now)


def discussed(draft: RegulationDraft, *, by: Member, days: int = 10, now: datetime = NOW) -> RegulationDraft:
    """The draft, in public discussion for so many days."""
    return discussions.publish(draft=draft, until=today(now) + timedelta(days=days), by=by, now=now)


def talked_over(draft: RegulationDraft, *, by: Member, days: int = 10, now: datetime = NOW) -> RegulationDraft:
    """The draft after a discussion in which nobody spoke; it ended `days` + 1 after `now`."""
    discussed(draft, by=by, days=days, now=now)
    discussions.close_due(now=now + timedelta(days=days + 1))
    return RegulationDraft.objects.select_related("provider", "based_on").get(pk=draft.pk)


def agreed(draft: RegulationDraft, *, by: Member, now: datetime = NOW) -> RegulationDraft:
    """The draft after its discussion, with no other performer to ask."""
    draft = talked_over(draft, by=by, now=now)
    return drafts.ask_performers(draft=draft, by=by, now=now + AFTER)


def approved(draft: RegulationDraft, *, by: Member, head: Member, now: datetime = NOW) -> RegulationDraft:
    """The draft signed by the head; the signature itself has its own tests."""
    draft = agreed(draft, by=by, now=now)
    later = now + AFTER
    draft = drafts.send_to_head(draft=draft, effective_on=today(later), by=head, now=later)
    sign_paper(draft, by=head, now=later)
    return RegulationDraft.objects.select_related("provider", "based_on").get(pk=draft.pk)


def sign_paper(draft: RegulationDraft, *, by: Member, now: datetime) -> None:
    """What the room hears when the head has signed the draft's paper."""
    document = documents.store(
        kind="regulation", title=both("x", "x"), content=b"%PDF-signed", by=by, now=now, facts=[]
    )
    paper = Paper.objects.get(reference=draft.paper)
    drafts.approve(paper, by=by, now=now, data={"document": document.reference})


def say(draft: RegulationDraft, **given: Any) -> Comment:
    """A visitor's comment on the draft."""
    values: dict[str, Any] = {
        "clause": "", "name": "Aysel", "email": "", "text": "Why four days?", "language": "en", "address": "192.0.2.1",
        "by": None, "now": NOW,
    } | given  # fmt: skip
    return discussions.comment(draft=draft, **values)
