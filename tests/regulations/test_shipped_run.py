"""Every shipped service that is applied for alone runs in full: applied for, worked, decided (S4.1, S6.2, S6.3, S7.3).

The regulation is the program: nothing here knows one of them but the sample application of each.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from django.utils import timezone

from azexport.calendar.queries import today
from azexport.cases import actions as cases
from azexport.cases.actions import filings, officers
from azexport.cases.filings.plan import Plan, runs_alone
from azexport.cases.models import Case, Filing, RegisterEntry, StepRecord
from azexport.documents import queries as documents
from azexport.documents.uploads import GivenFile
from azexport.kernel.actor import SYSTEM
from azexport.kernel.errors import RuleViolated
from azexport.participants.models import Participant
from azexport.parties.models import Member
from azexport.services import actions, queries
from azexport.services.actions import listed
from azexport.services.models import Entry, RegulationVersion
from azexport.services.schema import Regulation
from tests.factories import papers, services
from tests.factories.cases import again, says, treasury
from tests.factories.participants import participant
from tests.factories.parties import make_citizen, make_head, make_member, make_officer, make_organisation
from tests.factories.signatures import SandboxPki, pki, sandbox_pki
from tests.regulations.samples import SAMPLES

__all__ = ["pki", "sandbox_pki"]
pytestmark = pytest.mark.django_db
NOW = services.NOW
PDF = b"%PDF-1.7 a scanned paper"
ROOT = Path(__file__).resolve().parent.parent.parent
SHIPPED = {one.id: one for one in actions.read_folder(ROOT / "regulations")}
ALONE = [one.id for one in SHIPPED.values() if runs_alone(one)]
WORKED = [one for one in ALONE if not SHIPPED[one].automatic]


def in_force(service: str) -> RegulationVersion:
    """The shipped regulation, loaded; its bodies work on the desk (taxes have a system of their own), and there is
    the treasury."""
    regulation = SHIPPED[service]
    for code in {regulation.provider, *(regulation.performer(step) for step in regulation.steps)}:
        if not Participant.objects.filter(code=code).exists():
            roles = ("registry-operator",) if code == "communications" else ("permit-body",)
            participant(code, roles=roles, base_url=None)
    treasury()
    if regulation.provision.users == ("state",):
        listed.load_list(by=SYSTEM, now=NOW)
    actions.load(regulations=[regulation], by=SYSTEM, now=NOW)
    row = queries.regulation(service, today(NOW))
    assert row is not None
    return row


def applicant(regulation: Regulation) -> Member:
    """Somebody whom it admits: the head of the body that the first entry of the registry is of, or a trader."""
    if regulation.provision.users == ("state",):
        return make_head("state-customs")
    return make_member()


def applied(service: str, member: Member) -> Filing:
    """Every task answered, as the form asks it for these answers; files where it asks for them."""
    filing = filings.start(regulation=in_force(service), by=member, now=NOW)
    answers = dict(SAMPLES[service])
    if "registry_number" in answers:
        answers["registry_number"] = Entry.objects.get(list_number="7.1").number
    for page in Plan(filing).tasks:
        own = {one: answers[one] for one in page.task.questions if one in answers}
        filings.answer(filing, task=page.id, answers=own, files={}, finished=True, by=member, now=NOW)
        asked = next((one for one in Plan(fresh(filing)).tasks if one.id == page.id), None)
        given = {one.id: GivenFile(f"{one.id}.pdf", "application/pdf", PDF) for one in asked.documents} if asked else {}
        filings.answer(fresh(filing), task=page.id, answers=own, files=given, finished=True, by=member, now=NOW)
    return fresh(filing)


def fresh(filing: Filing) -> Filing:
    return Filing.objects.for_page().get(pk=filing.pk)


def submitted(service: str, member: Member, now: datetime = NOW) -> Case:
    frozen = filings.freeze(applied(service, member), by=member, now=now)
    papers.signed(documents.paper(frozen.paper), now=now)
    case = fresh(frozen).case
    assert case is not None
    return again(case)


def worked(case: Case, clerk: Member) -> Case:
    """Each body does its steps as they open; what was asked of others comes back with their agreement."""
    regulation = case.regulation.regulation
    officers.take_on(case=case, by=clerk, now=NOW)
    while open_ := list(StepRecord.objects.filter(case=case, finished_at__isnull=True)):
        for record in open_:
            step = regulation.step(record.step)
            assert step is not None
            own = regulation.performer(step) == regulation.provider
            by = clerk if own else make_officer(regulation.performer(step))
            officers.finish_step(
                case=case, step=step.id, outcome="done" if own else "agreed", note="", by=by, now=NOW,
                checklist={one.id: True for one in step.checklist},
            )  # fmt: skip
    return again(case)


def granted(case: Case, clerk: Member) -> Case:
    validity = case.regulation.regulation.result.validity.days
    paper = officers.propose_grant(
        case=case, valid_from=today(NOW), remarks={}, by=clerk, now=NOW,
        valid_until=None if validity is None else today(NOW).replace(year=2027),
    )  # fmt: skip
    assert paper is not None
    papers.signed(paper, now=NOW)
    return again(case)


def test_there_is_a_sample_application_for_each() -> None:
    assert sorted(SAMPLES) == sorted(ALONE)


@pytest.mark.parametrize("service", WORKED)
def test_it_runs_from_application_to_signed_result(service: str) -> None:
    regulation = SHIPPED[service]
    case = submitted(service, applicant(regulation))
    assert case.provider.code == regulation.provider
    clerk = make_officer(regulation.provider)

    case = worked(case, clerk)
    if regulation.fee.amount:
        with_payment(case, clerk, first=regulation.fee.before_decision)
    case = granted(case, clerk)

    assert case.status == "granted"
    assert case.result_document is not None
    fields = case.decision["result"]["fields"]
    assert len(fields) == len(regulation.result.document.fields if regulation.result.document else ())
    done = StepRecord.objects.filter(case=case).values_list("step", flat=True)
    assert set(done) == {step.id for step in regulation.steps}
    assert RegisterEntry.objects.filter(case=case).count() == (1 if regulation.register else 0)


def with_payment(case: Case, clerk: Member, *, first: bool) -> None:
    """The fee is paid; where the regulation says so, nothing is decided before (2.2.1)."""
    if first:
        with pytest.raises(RuleViolated):
            granted(case, clerk)
    says(
        case, "fee_paid", sender=treasury(), amount=str(case.regulation.regulation.fee.amount), currency="AZN",
        payment_reference="P1",
    )  # fmt: skip


@pytest.mark.parametrize("service", WORKED)
def test_it_is_refused_on_any_ground_of_its_regulation(service: str) -> None:
    # S-A1 3.3.1
    regulation = SHIPPED[service]
    case = submitted(service, applicant(regulation))
    clerk = make_officer(regulation.provider)
    officers.take_on(case=case, by=clerk, now=NOW)

    grounds = [{"ground": one.id, "explanation": {}} for one in regulation.refusal_grounds]
    officers.refuse(case=case, grounds=grounds, by=clerk, now=NOW)

    assert again(case).status == "refused"


@pytest.mark.parametrize(("status", "outcome"), [("active", "granted"), ("closed", "refused")])
def test_the_extract_is_answered_in_the_same_second(pki: SandboxPki, status: str, outcome: str) -> None:
    # S-A1 1.6, 1.7 note 1; S6.1.1: all of it is what the register says.
    register = {"legal_form": "MMC", "status": status, "registered_on": "2015-03-02", "activities": ["10.39"]}
    now = timezone.now()
    case = submitted("taxpayer-extract", make_member(organisation=make_organisation(register=register)), now)

    cases.decide(reference=case.reference, by=SYSTEM, now=now)

    case = again(case)
    assert (case.status, case.decided_at) == (outcome, now)
    assert (case.result_document is not None) == (outcome == "granted")
    if outcome == "refused":
        assert [one["ground"] for one in case.decision["grounds"]] == ["not-active"]
        return
    said = {one["label"]["en"]: one["value"] for one in case.decision["result"]["fields"]}
    assert said["Legal form"] == "MMC"
    assert said["Purpose of the extract"] == {"az": "Xarici tərəfdaş üçün", "en": "For a foreign partner"}


def test_whoever_is_no_taxpayer_gets_no_extract(pki: SandboxPki) -> None:
    case = submitted("taxpayer-extract", make_citizen())

    cases.decide(reference=case.reference, by=SYSTEM, now=NOW)

    assert again(case).status == "refused"
