"""Applying for a service: what is asked, what is kept, what is sent (S4.4, S6.1.1, S6.3, S7.1, S7.2, S7.4, S12.2)."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pyhanko.pdf_utils.reader import PdfFileReader

from azexport.audit.queries import history
from azexport.cases.actions import filings as actions
from azexport.cases.filings.plan import Plan
from azexport.cases.models import Case, Filing
from azexport.documents import queries as documents
from azexport.documents.queries import may_read
from azexport.documents.uploads import GivenFile
from azexport.kernel.errors import IllegalTransition, NotAllowed, RuleViolated
from azexport.notices.models import Notice
from azexport.parties.models import Member
from tests.factories import filings as factory
from tests.factories import papers, services
from tests.factories.parties import (
    make_citizen,
    make_foreign_member,
    make_head,
    make_member,
    make_officer,
    make_organisation,
)

pytestmark = pytest.mark.django_db
NOW = factory.NOW


@pytest.fixture
def leyla() -> Member:
    return make_member()


def codes(refused: Any) -> list[str]:
    return [one.code for one in refused.value.violations]


# ------------------------------------------------------------------------------------------------ who may apply (2.3)


@pytest.mark.parametrize(
    ("users", "admitted"),
    [(["legal"], {"legal"}), (["natural"], {"citizen", "trader"}), (["state"], {"officer"}), (["other"], {"foreign"}),
     (["natural", "legal"], {"legal", "citizen", "trader"})],
)  # fmt: skip
def test_a_regulation_says_who_may_apply(users: list[str], admitted: set[str]) -> None:
    """2.3 of S-A1: natural persons, legal persons, bodies, others; a sole trader is a natural person."""
    row = factory.load_tea(provision__users=users)
    people = {
        "legal": make_member(), "citizen": make_citizen(), "officer": make_officer(), "foreign": make_foreign_member(),
        "trader": make_member(organisation=make_organisation(voen="1500057422")),
    }  # fmt: skip
    found = set()
    for name, member in people.items():
        try:
            actions.start(regulation=row, by=member, now=NOW)
        except NotAllowed:
            continue
        found.add(name)
    assert found == admitted


@pytest.mark.parametrize("change", ["informational", "export"])
def test_nothing_is_applied_for_alone_under_an_informational_service_or_a_document_of_the_export(
    leyla: Member, change: str
) -> None:
    """S4.3: informational services are open to all; P4.1.4: documents of the export are in the unified application."""
    row = services.load()
    if change == "informational":
        row.content["provision"]["kind"] = "informational"
        row.sha256 = "informational"
        row.content["provision"] |= {"documents": [], "questions": [], "pages": services.words("Text")}
        row.content["procedures"]["open"] = services.words("Always")
        row.content["requirements"] = []
    with pytest.raises(IllegalTransition):
        actions.start(regulation=row, by=leyla, now=NOW)
    assert not Filing.objects.exists()


# ------------------------------------------------------------------------------------------------ what is asked


def test_what_the_state_holds_is_taken_from_its_registers_and_never_asked(leyla: Member) -> None:
    """S6.1.1, S7.2."""
    filing = factory.make_filing(leyla)
    assert filing.known["number"]["value"] == leyla.organisation.voen
    assert filing.known["holder"] == {"value": leyla.organisation.name, "asked_at": NOW.isoformat()}
    asked = {question.id for page in Plan(filing).tasks for question in page.questions}
    assert asked.isdisjoint(filing.known)


def test_the_tasks_are_those_of_the_regulation_in_its_order(leyla: Member) -> None:
    plan = Plan(factory.make_filing(leyla))
    assert [(page.section.id, page.id) for page in plan.tasks] == [
        ("garden", "place"), ("garden", "growing"), ("trade", "sale"),
    ]  # fmt: skip


def test_a_regulation_without_sections_is_one_task(leyla: Member) -> None:
    row = factory.load_tea(provision__sections=[])
    plan = Plan(factory.make_filing(leyla, row))
    assert [page.id for page in plan.tasks] == ["application"]
    assert {"house", "markets"} <= {one.id for one in plan.tasks[0].questions}


def test_an_answer_brings_up_the_questions_that_depend_on_it(leyla: Member) -> None:
    filing = factory.make_filing(leyla)
    assert [one.id for one in Plan(filing).tasks[1].questions] == ["organic"]
    actions.answer(filing, task="growing", answers={"organic": True}, files={}, finished=True, by=leyla, now=NOW)
    plan = Plan(factory.fresh(filing))
    assert [one.id for one in plan.tasks[1].questions] == ["organic", "certifier", "report"]
    assert plan.missing(plan.tasks[1]) == ["certifier"]
    assert not plan.complete(plan.tasks[1])


def test_what_is_not_asked_any_more_is_kept_but_not_sent(leyla: Member) -> None:
    filing = factory.make_filled(leyla)
    actions.answer(
        filing, task="growing", answers={}, finished=True, by=leyla, now=NOW,
        files={"answers.report": GivenFile("soil.pdf", "application/pdf", b"%PDF soil")},
    )  # fmt: skip
    actions.answer(filing, task="growing", answers={"organic": False}, files={}, finished=True, by=leyla, now=NOW)
    filing = factory.fresh(filing)
    assert filing.answers["certifier"] == "BioCert"
    assert "certifier" not in Plan(filing).answers
    assert [name for name, _kind, _file in Plan(filing).sent_files] == ["deed"]
    actions.answer(filing, task="growing", answers={"organic": True}, files={}, finished=True, by=leyla, now=NOW)
    assert Plan(factory.fresh(filing)).answers["certifier"] == "BioCert"


def test_answers_of_two_people_at_once_are_both_kept(leyla: Member) -> None:
    """Nothing is lost: each task saves its own answers."""
    filing = factory.make_filing(leyla)
    other = make_member(organisation=leyla.organisation)
    stale = factory.fresh(filing)
    actions.answer(filing, task="place", answers={"house": "A"}, files={}, finished=False, by=leyla, now=NOW)
    actions.answer(stale, task="sale", answers={"markets": ["az"]}, files={}, finished=False, by=other, now=NOW)
    assert factory.fresh(filing).answers == {"house": "A", "markets": ["az"]}


# ------------------------------------------------------------------------------------------------ before signing


def test_an_unfinished_application_is_not_put_forward_and_says_which_tasks_are_open(leyla: Member) -> None:
    """FIL-002, S7.4."""
    filing = factory.make_filing(leyla)
    with pytest.raises(RuleViolated) as refused:
        actions.freeze(filing, by=leyla, now=NOW)
    assert codes(refused) == ["FIL-002"] * 3
    assert [one.field for one in refused.value.violations] == ["place", "growing", "sale"]
    assert factory.fresh(filing).status == "drafted"


def test_a_missing_document_keeps_its_task_open(leyla: Member) -> None:
    filing = factory.make_filled(leyla, deed=False)
    with pytest.raises(RuleViolated) as refused:
        actions.freeze(filing, by=leyla, now=NOW)
    assert [one.field for one in refused.value.violations] == ["place"]


def test_a_check_across_answers_must_hold(leyla: Member) -> None:
    """FIL-003: the regulation's own check, with its own message, at its question's task."""
    filing = factory.make_filled(leyla, answers={**factory.ANSWERS, "hectares": "1"})
    with pytest.raises(RuleViolated) as refused:
        actions.freeze(filing, by=leyla, now=NOW)
    (violation,) = refused.value.violations
    assert (violation.code, violation.field) == ("FIL-003", "sale")
    assert "small garden" in str(violation.message)


def test_an_application_goes_on_under_the_version_that_is_in_force(leyla: Member) -> None:
    """FIL-001: what is applied for is what the regulation in force asks."""
    filing = factory.make_filled(leyla)
    newer = factory.load_tea(version=2, general__content=services.words("Says that tea is tea."))
    with pytest.raises(RuleViolated) as refused:
        actions.freeze(filing, by=leyla, now=NOW)
    assert codes(refused) == ["FIL-001"]
    renewed = actions.renew(filing, by=leyla, now=NOW)
    assert (renewed.regulation, renewed.tasks_done) == (newer, [])
    assert renewed.answers["house"] == "Lənkəran çay evi"
    assert actions.freeze(factory.fill(renewed, leyla), by=leyla, now=NOW).status == "awaiting_signature"


def test_nothing_is_applied_for_once_the_service_hasended(leyla: Member) -> None:
    filing = factory.make_filled(leyla)
    type(filing.regulation).objects.update(valid_until="2026-10-01")
    with pytest.raises(RuleViolated) as refused:
        actions.freeze(filing, by=leyla, now=NOW)
    assert codes(refused) == ["FIL-001"]


# ------------------------------------------------------------------------------------------------ signing


def test_the_paper_says_everything_in_both_languages_and_to_machines(leyla: Member) -> None:
    filing = factory.make_frozen(leyla)
    paper = papers.printed(documents.paper(filing.paper))
    assert paper.document is not None
    assert paper.data["sections"][0]["rows"][0]["value"] == {"az": "Lənkəran çay evi", "en": "Lənkəran çay evi"}
    assert paper.data["sections"][0]["rows"][1]["value"] == {"az": "12,5", "en": "12.5"}
    assert paper.data["known"][1]["value"] == leyla.organisation.voen
    reader = PdfFileReader(io.BytesIO(documents.content(paper.document)))
    inside = json.loads(reader.root["/AF"][0].get_object()["/EF"]["/F"].data)
    assert inside["answers"]["markets"] == ["az", "de"]
    assert inside["service"] == {"id": "tea-licence", "version": "1"}
    (deed,) = inside["documents"]
    assert deed["sha256"] == Plan(factory.fresh(filing)).files["deed"].document.sha256


def test_a_frozen_application_changes_no_more_until_it_is_taken_back(leyla: Member) -> None:
    filing = factory.make_frozen(leyla)
    paper = papers.printed(documents.paper(filing.paper))
    with pytest.raises(IllegalTransition):
        actions.answer(filing, task="place", answers={"house": "B"}, files={}, finished=True, by=leyla, now=NOW)
    draft = actions.reopen(filing, by=leyla, now=NOW)
    assert (draft.status, draft.paper) == ("drafted", "")
    assert papers.fresh(paper).status == "discarded"
    # The paper that was discarded cannot be signed any more.
    papers.ended(paper, "completed", "accepted", NOW)
    assert factory.fresh(filing).status == "drafted"
    assert not Case.objects.exists()


def test_a_bodys_application_is_signed_by_its_head_alone() -> None:
    """S12.2: the officer fills in, the head signs."""
    row = factory.load_tea(provision__users=["state"])
    officer, head = make_officer("tax-tower"), make_head("tax-tower")
    filing = factory.make_filled(officer, row)
    with pytest.raises(NotAllowed):
        actions.freeze(filing, by=officer, now=NOW)
    filing = actions.send_to_head(filing, by=officer, now=NOW)
    assert filing.status == "frozen"
    assert Notice.objects.get(kind="filing.to_sign").link == f"/filings/{filing.reference}/check/"
    with pytest.raises(IllegalTransition):
        actions.answer(filing, task="place", answers={}, files={}, finished=True, by=officer, now=NOW)
    submitted = factory.signed(actions.freeze(filing, by=head, now=NOW))
    assert submitted.submitted_by == head.actor_id
    assert submitted.case is not None
    assert submitted.case.facts["applicant"]["body"] == "tax-tower"
    assert submitted.case.facts["applicant"]["representative"] == head.actor_name


def test_who_is_no_body_has_no_head_to_send_it_to(leyla: Member) -> None:
    with pytest.raises(NotAllowed):
        actions.send_to_head(factory.make_filled(leyla), by=leyla, now=NOW)


def test_an_application_is_nobody_elses(leyla: Member) -> None:
    filing, other = factory.make_filled(leyla), make_member()
    with pytest.raises(NotAllowed):
        actions.answer(filing, task="place", answers={}, files={}, finished=True, by=other, now=NOW)
    with pytest.raises(NotAllowed):
        actions.freeze(filing, by=other, now=NOW)
    with pytest.raises(NotAllowed):
        actions.abandon(filing, by=other, now=NOW)
    with pytest.raises(NotAllowed):
        actions.reopen(actions.freeze(filing, by=leyla, now=NOW), by=other, now=NOW)


# ------------------------------------------------------------------------------------------------ submission


def test_a_signed_application_is_a_case_with_a_number_at_once(leyla: Member) -> None:
    """S6.3, S7.1.2: the receipt with the number, in the cabinet and by e-mail."""
    filing = factory.make_submitted(leyla)
    case = filing.case
    assert case is not None
    assert (filing.status, filing.submitted_by) == ("submitted", leyla.actor_id)
    assert (case.status, case.application_reference) == ("submitted", filing.reference)
    assert case.answers == {**factory.ANSWERS}
    assert case.facts["known"] == {"holder": leyla.organisation.name, "number": leyla.organisation.voen}
    assert case.facts["applicant"]["voen"] == leyla.organisation.voen
    (deed,) = case.facts["documents"]
    assert deed["id"] == "deed"
    paper = documents.paper(filing.paper)
    assert paper.document is not None
    assert case.facts["application_document"]["$document"] == paper.document.reference
    assert Notice.objects.filter(organisation=leyla.organisation, subject=filing.reference).count() == 1


def test_a_signature_that_completes_twice_opens_one_case(leyla: Member) -> None:
    filing = factory.make_submitted(leyla)
    paper = documents.paper(filing.paper)
    actions.submit(paper, by=leyla, now=NOW, data={"document": "DC-0"})
    assert Case.objects.count() == 1
    assert not history([filing.reference]).filter(name="filing.signature_discarded").exists()
    assert documents.paper(filing.paper).document.status == "issued"  # type: ignore[union-attr]


def test_submission_costs_a_bounded_number_of_statements(leyla: Member) -> None:
    """In the job that completes the signature: what it costs does not grow with the answers or the files."""
    filing = factory.make_frozen(leyla)
    paper = papers.printed(documents.paper(filing.paper))
    paper.document = paper.document
    with CaptureQueriesContext(connection) as captured:
        actions.submit(paper, by=leyla, now=NOW, data={"document": "DC-0"})
    assert factory.fresh(filing).status == "submitted"
    assert len(captured) <= 24, "\n".join(one["sql"][:150] for one in captured)


def test_the_body_and_the_applicant_read_the_application_and_nobody_else(leyla: Member) -> None:
    filing = factory.make_submitted(leyla)
    paper = documents.paper(filing.paper)
    assert paper.document is not None
    assert paper.document.previous is not None
    deed = Plan(filing).files["deed"].document
    officer, stranger, other_body = make_officer("tea-office"), make_member(), make_officer("tax-tower")
    for document in (paper.document, paper.document.previous, deed):
        assert may_read(leyla, document)
        assert may_read(officer, document)
        assert not may_read(stranger, document)
        assert not may_read(other_body, document)


def test_a_body_reads_the_files_of_a_copy_whose_original_was_never_sent(leyla: Member) -> None:
    original = factory.make_filled(leyla)
    copy = factory.fill(
        actions.start(regulation=original.regulation, copy_of=original, by=leyla, now=NOW), leyla, deed=False
    )
    actions.abandon(original, by=leyla, now=NOW)
    factory.signed(actions.freeze(copy, by=leyla, now=NOW))
    assert may_read(make_officer("tea-office"), Plan(copy).files["deed"].document)


def test_a_body_reads_nothing_of_a_draft(leyla: Member) -> None:
    deed = Plan(factory.make_filled(leyla)).files["deed"].document
    assert may_read(leyla, deed)
    assert not may_read(make_officer("tea-office"), deed)


# ------------------------------------------------------------------------------------------------ copies


def test_a_copy_begins_with_the_earlier_answers_and_files_but_states_nothing_as_true(leyla: Member) -> None:
    earlier = factory.make_submitted(leyla)
    copy = actions.start(regulation=earlier.regulation, copy_of=earlier, by=leyla, now=NOW)
    assert copy.copied_from == earlier
    assert copy.answers["house"] == "Lənkəran çay evi"
    assert "true" not in copy.answers
    assert copy.tasks_done == []
    assert Plan(copy).files["deed"].document == Plan(earlier).files["deed"].document


def test_a_deleted_draft_is_gone_for_its_owner_and_stays_in_the_log(leyla: Member) -> None:
    filing = actions.abandon(factory.make_filing(leyla), by=leyla, now=NOW)
    assert not Filing.objects.of(leyla.organisation).exists()
    assert [event.name for event in history([filing.reference]).order_by("id")] == [
        "filing.started", "filing.abandoned",
    ]  # fmt: skip


def test_a_sent_application_is_not_deleted(leyla: Member) -> None:
    with pytest.raises(IllegalTransition):
        actions.abandon(factory.make_submitted(leyla), by=leyla, now=NOW)
