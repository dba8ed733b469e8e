"""The registry's own services: applied for on the form of S-A2, signed by the head, decided by the operator (S10)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from azexport.cases import actions as cases
from azexport.cases.actions import filings as actions
from azexport.cases.actions import officers, registration
from azexport.cases.filings.plan import Plan
from azexport.cases.models import Case, Filing
from azexport.kernel.errors import RuleViolated
from azexport.notices.models import Notice
from azexport.parties.models import Member
from azexport.services import queries as services
from azexport.services.models import RegistryRequest, RegulationDraft, RegulationVersion
from tests.factories import drafts as draft_factory
from tests.factories import filings as factory
from tests.factories import papers, registry
from tests.factories import services as services_factory
from tests.factories.cases import treasury
from tests.factories.participants import participant
from tests.factories.parties import make_head, make_member, make_officer
from tests.factories.services import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + draft_factory.AFTER


@pytest.fixture(autouse=True)
def operator() -> Member:
    """The registry's operator: a body of its own with an officer on the desk (S2.1.6)."""
    participant("communications", roles=("registry-operator",), base_url=None)
    participant("operator", roles=("portal-operator",), base_url=None)
    treasury()
    return make_officer("communications")


@pytest.fixture
def head() -> Member:
    return make_head("honey-office")


@pytest.fixture
def clerk(head: Member) -> Member:
    return make_officer("honey-office")


def approved(clerk: Member, head: Member) -> RegulationDraft:
    return draft_factory.approved(draft_factory.make_draft(by=clerk), by=clerk, head=head)


def kind(result: str) -> RegulationVersion:
    return next(row for row in services.in_force(NOW.date()) if row.regulation.result.kind == result)


def asked(row: RegulationVersion, head: Member, **answers: Any) -> Filing:
    """A hand-filled form of S-A2, in which every task is gone through."""
    filing = actions.start(regulation=row, by=head, now=NOW)
    for page in Plan(filing).tasks:
        own = {one: answers[one] for one in page.task.questions if answers.get(one)}
        actions.answer(filing, task=page.id, answers=own, files={}, finished=True, by=head, now=NOW)
    return factory.fresh(filing)


def sent(filing: Filing, head: Member, now: Any = NOW) -> Case:
    case = factory.signed(actions.freeze(filing, by=head, now=now), now=now).case
    assert case is not None
    return case


def granted(case: Case, officer: Member, now: Any = NOW) -> None:
    """Every step done and ticked, the decision signed by the official."""
    case = officers.take_on(case=case, by=officer, now=now)
    for step in case.regulation.regulation.steps:
        ticks = {one.id: True for one in step.checklist}
        officers.finish_step(case=case, step=step.id, outcome="done", checklist=ticks, by=officer, now=now)
    paper = officers.propose_grant(case=case, valid_from=now.date(), valid_until=None, remarks={}, by=officer, now=now)
    assert paper is not None
    papers.signed(paper, now=now)


def test_an_approved_regulation_fills_in_its_own_registration(clerk: Member, head: Member) -> None:
    """S10.3, S-A2: all ten items come from the regulation; the head only signs."""
    draft = approved(clerk, head)
    filing = Filing.objects.get()
    assert (filing.status, filing.organisation) == ("frozen", head.organisation)
    assert filing.answers | {"place": "", "legal_basis": ""} == {
        "draft": draft.reference, "service": "honey-seal", "name_az": "Honey seal (az)", "name_en": "Honey seal",
        "content_az": "Says that honey is honey. (az)", "content_en": "Says that honey is honey.",
        "activity": "s3-1-11", "legal_basis": "", "kind": "interactive", "fee": "paid",
        "fee_text": "7,50 AZN; Law on Honey, 9 (az)", "users": ["legal"], "place": "",
        "effective_on": LATER.date().isoformat(),
    }  # fmt: skip
    assert Notice.objects.filter(kind="filing.to_sign", link=f"/filings/{filing.reference}/check/").exists()


def test_what_is_approved_once_is_prepared_once(clerk: Member, head: Member) -> None:
    draft = approved(clerk, head)
    registration.prepare(draft, by=head, now=LATER, data={"document": draft.document})
    assert Filing.objects.count() == 1


def test_from_approval_to_a_service_in_force_without_a_programmer(
    clerk: Member, head: Member, operator: Member
) -> None:
    """S10.3, S10.4: applied for, public while it is under way, registered with a number, and runs from its day."""
    draft = approved(clerk, head)
    case = sent(Filing.objects.get(), head, LATER)
    request = RegistryRequest.objects.get()
    assert (request.case, request.change, request.closed_at) == (case.reference, "registered", None)
    granted(case, operator, LATER)
    entry = services.registry.entry_of_service("honey-seal")
    assert entry is not None
    assert entry.basis == case.reference
    assert RegistryRequest.objects.get().outcome == "granted"
    row = services.regulation("honey-seal", LATER.date())
    assert row is not None
    assert RegulationDraft.objects.get(pk=draft.pk).status == "registered"
    # And somebody applies for it at once.
    filing = actions.start(regulation=row, by=make_member(), now=LATER)
    assert Plan(filing).tasks


def test_a_changed_regulation_of_a_registered_service_is_a_correction(clerk: Member, head: Member) -> None:
    """S10.6: the provider asks for a correction of the entry, not for a second entry."""
    version = registry.registered()
    approved(clerk, head)
    filing = Filing.objects.get()
    assert filing.regulation == kind("correction")
    assert filing.answers["registry_number"] == version.number


def test_the_correction_says_when_the_change_arose(clerk: Member, head: Member) -> None:
    """S10.6: on the day on which the head approved it, as far as it was written here."""
    registry.registered()
    draft = approved(clerk, head)
    assert draft.approved_at is not None
    assert Filing.objects.get().answers["arose_on"] == draft.approved_at.date().isoformat()
    sent(Filing.objects.get(), head, LATER)
    assert RegistryRequest.objects.get().arose_on == draft.approved_at.date()


def test_a_correction_is_asked_of_what_has_arisen(head: Member) -> None:
    """S10.6, REG-010."""
    answers = registry.form(registry_number=registry.registered().number)
    for day, codes in (("2026-10-06", ["REG-010"]), ("2026-10-05", [])):
        filing = asked(kind("correction"), head, **answers | {"arose_on": day})
        assert [one.code for one in registration.faults(filing, NOW)] == codes


def test_a_text_that_can_no_longer_take_effect_goes_back_to_its_authors(
    clerk: Member, head: Member, operator: Member
) -> None:
    """DRF-014: a version that was loaded since the head signed would be annulled."""
    draft = approved(clerk, head)
    case = sent(Filing.objects.get(), head, LATER)
    services_factory.load(valid_from=(LATER + timedelta(days=9)).date().isoformat())
    granted(case, operator, LATER)
    draft = RegulationDraft.objects.get(pk=draft.pk)
    assert (draft.status, draft.version) == ("drafted", None)
    assert draft.sent_back_because
    assert RegistryRequest.objects.get().outcome == "refused"


def test_a_service_that_runs_elsewhere_is_registered_from_a_form_filled_by_hand(head: Member, operator: Member) -> None:
    """S10.2.1: most of the services of decision 191 do not run here."""
    case = sent(asked(kind("registration"), head, **registry.form(service="", draft="")), head)
    granted(case, operator)
    request = RegistryRequest.objects.get()
    entry = services.registry.entry(request.number)
    assert entry.name == {"az": "Bal möhürünün verilməsi", "en": "Issue of the honey seal"}
    assert Notice.objects.filter(organisation=head.organisation, kind="registry.registered").exists()


def test_an_entry_is_corrected_within_one_working_day_and_cancelled(head: Member, operator: Member) -> None:
    """S10.7, S10.8."""
    version = registry.registered()
    correction = asked(
        kind("correction"),
        head,
        **registry.form(registry_number=version.number, arose_on="2026-10-01", name_az="Bal nişanı"),
    )
    assert correction.regulation.regulation.term.working_days == 1
    granted(sent(correction, head), operator)
    assert services.registry.entry(version.number).name["az"] == "Bal nişanı"
    tomorrow = NOW + timedelta(days=1)
    cancellation = asked(
        kind("cancellation"), head, registry_number=version.number, reason="Xidmət dayandırılıb",
        effective_on=tomorrow.date().isoformat(),
    )  # fmt: skip
    granted(sent(cancellation, head), operator)
    assert services.registry.entry(version.number, on=tomorrow.date()).cancelled


def test_before_signing_one_hears_what_the_registry_could_not_take(head: Member) -> None:
    """FIL-004, S7.4: nobody waits three days for what cannot be."""
    registry.registered()
    twice = asked(kind("registration"), head, **registry.form())
    with pytest.raises(RuleViolated) as refused:
        actions.freeze(twice, by=head, now=NOW)
    assert [(one.code, one.field) for one in refused.value.violations] == [("REG-001", "effect")]
    unknown = asked(kind("cancellation"), head, registry_number="ES-999999", reason="x", effective_on="2026-10-06")
    with pytest.raises(RuleViolated) as refused:
        actions.freeze(unknown, by=head, now=NOW)
    assert [one.code for one in refused.value.violations] == ["FIL-004"]
    # What was tried is taken back: there is still one entry of the service and no request.
    assert not RegistryRequest.objects.exists()


def test_another_bodys_entry_is_not_corrected(head: Member) -> None:
    version = registry.registered(code="wax-office")
    filing = asked(kind("correction"), head, **registry.form(registry_number=version.number, arose_on="2026-10-01"))
    with pytest.raises(RuleViolated) as refused:
        actions.freeze(filing, by=head, now=NOW)
    assert [one.code for one in refused.value.violations] == ["REG-003"]


def test_who_was_faster_is_registered_and_the_other_is_told(head: Member, operator: Member) -> None:
    case = sent(asked(kind("registration"), head, **registry.form()), head)
    registry.registered()
    granted(case, operator)
    assert Notice.objects.filter(kind="registry.failed").count() == 2
    assert RegistryRequest.objects.get().outcome == "refused"


def test_a_refused_registration_ends_the_request_and_returns_the_draft(
    clerk: Member, head: Member, operator: Member
) -> None:
    """S10.3: the operator refuses on a ground of its regulation; the authors can put it right."""
    draft = approved(clerk, head)
    case = sent(Filing.objects.get(), head, LATER)
    officers.take_on(case=case, by=operator, now=LATER)
    ground = case.regulation.regulation.refusal_grounds[0]
    grounds = [{"ground": ground.id, "explanation": {"az": "2-ci bənd boşdur", "en": "Item 2 is empty"}}]
    officers.refuse(case=case, grounds=grounds, by=operator, now=LATER)
    assert RegistryRequest.objects.get().outcome == "refused"
    draft = RegulationDraft.objects.get(pk=draft.pk)
    assert draft.status == "drafted"
    assert "2-ci bənd boşdur" in draft.sent_back_because


def test_a_withdrawn_registration_is_no_longer_under_way(clerk: Member, head: Member) -> None:
    approved(clerk, head)
    case = sent(Filing.objects.get(), head, LATER)
    cases.withdraw(case=case, by=head, now=LATER)
    assert RegistryRequest.objects.get().outcome == "withdrawn"


def test_without_an_operators_service_nothing_is_prepared(clerk: Member, head: Member) -> None:
    RegulationVersion.objects.filter(service__startswith="registry").update(valid_until=date(2026, 1, 2))
    RegulationVersion.objects.filter(service="service-registration").update(valid_until=date(2026, 1, 2))
    approved(clerk, head)
    assert not Filing.objects.exists()
