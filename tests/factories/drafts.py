"""Drafts of regulations in every state of their life."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from azexport.kernel.text import both
from azexport.parties.models import Member
from azexport.services.actions import drafts
from azexport.services.models import RegulationDraft
from tests.factories.parties import make_officer
from tests.factories.services import NOW, honey


def make_draft(
    *, by: Member | None = None, content: dict[str, Any] | None = None, name: str = "Honey seal", now: datetime = NOW
) -> RegulationDraft:
    """A new service drafted by the honey office's officer: complete, unless its content is given."""
    officer = by or make_officer("honey-office")
    assert officer.participant is not None
    draft = drafts.start(participant=officer.participant, name=both(f"{name} (az)", name), by=officer, now=now)
    text = honey() if content is None else content
    text = {**text, "general": {**text.get("general", {}), "name": both(f"{name} (az)", name)}, "requirements": []}
    return drafts.change(draft=draft, content=text, changes=draft.changes, by=officer, now=now)
