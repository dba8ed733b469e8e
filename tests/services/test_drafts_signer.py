"""Whose signature approves a regulation: the body's head at the time of signing (S9.8, S-A1 "Təsdiq edirəm")."""

from __future__ import annotations

from datetime import timedelta

import pytest

from azexport.audit.models import Event
from azexport.calendar.queries import today
from azexport.documents.models import Paper
from azexport.parties.models import Mandate
from azexport.parties.states import Role
from azexport.services.actions import drafts as actions
from azexport.services.models import RegulationDraft
from tests.factories import drafts, papers
from tests.factories.parties import make_head, make_officer
from tests.factories.services import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + drafts.AFTER


def test_who_is_head_no_more_approves_nothing_and_another_head_can() -> None:
    clerk, former, head = make_officer("honey-office"), make_head("honey-office"), make_head("honey-office")
    draft = drafts.agreed(drafts.make_draft(by=clerk), by=clerk)
    draft = actions.send_to_head(draft=draft, effective_on=today(LATER), by=former, now=LATER)
    Mandate.objects.filter(person=former.person).update(role=Role.OFFICER)

    in_vain = papers.signed(Paper.objects.get(reference=draft.paper), now=LATER)

    assert in_vain.document is not None
    assert in_vain.document.status == "revoked"
    draft = RegulationDraft.objects.get(pk=draft.pk)
    assert (draft.status, draft.document, draft.approved_by) == ("awaiting_head", "", "")
    assert Event.objects.filter(name="draft.signed_in_vain", subject=draft.reference).exists()
    again = actions.sign(draft=draft, by=head, now=LATER)
    papers.signed(Paper.objects.get(reference=again), now=LATER)
    assert RegulationDraft.objects.get(pk=draft.pk).approved_by == head.actor_name


def test_a_text_that_was_signed_in_vain_can_be_written_again() -> None:
    clerk, former = make_officer("honey-office"), make_head("honey-office")
    draft = drafts.agreed(drafts.make_draft(by=clerk), by=clerk)
    draft = actions.send_to_head(draft=draft, effective_on=today(LATER), by=former, now=LATER)
    Mandate.objects.filter(person=former.person).update(ended_at=LATER, ended_by="PS-TEST")
    papers.signed(Paper.objects.get(reference=draft.paper), now=LATER)

    draft = actions.reopen(draft=RegulationDraft.objects.get(pk=draft.pk), by=clerk, now=LATER)

    assert (draft.status, draft.paper) == ("drafted", "")


def test_the_head_signs_under_the_number_that_the_version_gets() -> None:
    """S9.8, S10.4: a version that is yet to take effect counts, and the next one is written after it."""
    clerk, head = make_officer("honey-office"), make_head("honey-office")
    last = actions.registered(drafts.approved(drafts.make_draft(by=clerk), by=clerk, head=head).reference, now=LATER)
    for months in (3, 6):
        assert clerk.participant is not None
        draft = actions.start(participant=clerk.participant, based_on=last, by=clerk, now=LATER)
        draft = drafts.agreed(draft, by=clerk, now=LATER)
        now = LATER + drafts.AFTER
        day = today(now) + timedelta(days=30 * months)
        draft = actions.send_to_head(draft=draft, effective_on=day, by=head, now=now)
        drafts.sign_paper(draft, by=head, now=now)
        paper = Paper.objects.get(reference=draft.paper)
        last = actions.registered(draft.reference, now=now)
        assert paper.attachment is not None
        assert (paper.attachment["version"], paper.attachment["valid_from"]) == (last.version, day.isoformat())
        assert {**paper.attachment} == last.content
