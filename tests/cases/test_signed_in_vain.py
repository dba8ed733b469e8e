"""Whose signature does not count any more: the official was dismissed between being asked and signing (P10.3.3(6))."""

from __future__ import annotations

from datetime import timedelta

import pytest

from azexport.audit.models import Event
from azexport.cases.actions import filings, officers
from azexport.cases.models import Case
from azexport.documents.models import Paper
from azexport.documents.states import DocumentStatus
from azexport.notices.models import Notice
from azexport.parties import actions as parties
from azexport.parties.models import Mandate, Member
from azexport.services.models import RegulationVersion
from tests.factories import filings as factory
from tests.factories import papers
from tests.factories.cases import DOCUMENT, again, desk_case, desk_row, step
from tests.factories.parties import make_head, make_member, make_officer
from tests.factories.services import NOW

pytestmark = pytest.mark.django_db


def mandate_of(member: Member) -> Mandate:
    return Mandate.objects.get(person=member.person, ended_at__isnull=True)


def proposed(officer: Member) -> tuple[Case, Paper]:
    case = desk_case(row=desk_row([step("tasting")], general__result__document=DOCUMENT))
    case = officers.take_on(case=case, by=officer, now=NOW)
    officers.finish_step(case=case, step="tasting", outcome="done", by=officer, now=NOW)
    paper = officers.propose_grant(case=case, valid_from=NOW.date(), valid_until=None, remarks={}, by=officer, now=NOW)
    assert paper is not None
    return again(case), paper


def test_the_result_that_a_dismissed_officer_signs_grants_nothing_and_another_may_propose_it() -> None:
    """S-A1 3.4: whoever decides works for the body when they sign."""
    officer, head = make_officer("honey-office"), make_head("honey-office")
    case, paper = proposed(officer)
    parties.dismiss_officer(mandate=mandate_of(officer), by=head, now=NOW)

    document = papers.signed(paper).document

    case = again(case)
    assert (case.status, case.paper, case.result_document) == ("accepted", "", None)
    assert document is not None
    assert document.status == DocumentStatus.REVOKED
    assert Event.objects.filter(name="case.signed_in_vain", subject=case.reference).exists()
    second = officers.propose_grant(case=case, valid_from=NOW.date(), valid_until=None, remarks={}, by=head, now=NOW)
    assert second is not None
    papers.signed(second)
    assert again(case).status == "granted"


def test_an_application_signed_by_who_acts_for_the_applicant_no_more_is_not_sent() -> None:
    """S12.2; it can be taken up again by those who still do."""
    member = make_member()
    filing = factory.make_frozen(member)
    Mandate.objects.filter(pk=mandate_of(member).pk).update(ended_at=NOW, ended_by="PS-TEST")

    filing = factory.signed(filing)

    assert (filing.status, filing.case) == ("awaiting_signature", None)
    successor = make_member(organisation=member.organisation)
    filing = filings.reopen(filing, by=successor, now=NOW)
    assert factory.signed(filings.freeze(filing, by=successor, now=NOW)).case is not None


def test_an_application_signed_under_a_regulation_that_has_ended_is_a_draft_again() -> None:
    """FIL-001, S10.7: a paper that lay unsigned does not outlive its regulation; the applicant is told."""
    member = make_member()
    filing = factory.make_frozen(member)
    RegulationVersion.objects.filter(pk=filing.regulation_id).update(valid_until=NOW.date())

    filing = factory.signed(filing, now=NOW + timedelta(days=3))

    assert (filing.status, filing.case, filing.paper) == ("drafted", None, "")
    assert Notice.objects.get(kind="filing.outrun").link == f"/filings/{filing.reference}/"


def test_a_result_that_is_signed_on_another_day_than_it_says_is_proposed_anew() -> None:
    """S10.4: nobody dates a late decision back into its term."""
    officer = make_officer("honey-office")
    case, paper = proposed(officer)

    papers.signed(paper, now=NOW + timedelta(days=1))

    assert (again(case).status, again(case).paper) == ("accepted", "")
    assert Event.objects.filter(name="case.signed_in_vain", subject=case.reference).exists()
