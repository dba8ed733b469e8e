"""Whose signature does not count any more on a letter or its answer (S11.6, S11.7, S12.2)."""

from __future__ import annotations

import pytest

from azexport.appeals import actions
from azexport.documents import queries as documents
from azexport.parties.models import Mandate, Member
from tests.factories import appeals, papers
from tests.factories.parties import NOW, make_member

pytestmark = pytest.mark.django_db


def end(member: Member) -> None:
    Mandate.objects.filter(person=member.person).update(ended_at=NOW, ended_by="PS-TEST")


def test_the_answer_that_a_dismissed_officer_signs_is_not_given() -> None:
    officer = appeals.officer()
    letter = appeals.registered(officer, appeals.sent())
    answer = actions.prepare_answer(actions.answer(letter, text="Bəli.", by=officer, now=NOW), by=officer, now=NOW)
    end(officer)

    papers.signed(documents.paper(answer.paper))

    answer.refresh_from_db()
    assert (appeals.fresh(letter).status, answer.status) == ("registered", "prepared")


def test_a_letter_signed_by_who_acts_for_its_sender_no_more_is_not_sent_and_can_be_taken_up_again() -> None:
    writer = make_member()
    letter = appeals.prepared(writer)
    end(writer)

    papers.signed(documents.paper(letter.paper))

    assert appeals.fresh(letter).status == "prepared"
    successor = make_member(organisation=writer.organisation)
    letter = actions.reopen(appeals.fresh(letter), by=successor, now=NOW)
    assert (letter.status, letter.paper) == ("drafted", "")
