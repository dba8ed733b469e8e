"""The life of a regulation from draft to force (S9, S10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from azexport.audit.models import Event
from azexport.documents.models import Paper
from azexport.kernel.errors import IllegalTransition, Missing, NotAllowed, RuleViolated
from azexport.kernel.text import both
from azexport.notices.models import Notice
from azexport.parties.models import Member
from azexport.services import queries as services_queries
from azexport.services.actions import discussions, drafts
from azexport.services.models import RegulationDraft
from azexport.services.queries import drafts as queries
from tests.factories import services
from tests.factories.drafts import AFTER, agreed, approved, body, discussed, make_draft, say, sign_paper, talked_over
from tests.factories.participants import participant
from tests.factories.parties import make_citizen, make_head, make_officer
from tests.factories.services import NOW, honey

pytestmark = pytest.mark.django_db
LATER = NOW + AFTER


@pytest.fixture
def officer() -> Member:
    return make_officer("honey-office")


@pytest.fixture
def head() -> Member:
    return make_head("honey-office")


def refusals(action: Callable[..., Any], **given: Any) -> list[str]:
    """The codes of the rules by which the action is refused."""
    with pytest.raises(RuleViolated) as refusal:
        action(**given)
    return [one.code for one in refusal.value.violations]


def waiting(officer: Member) -> RegulationDraft:
    """A draft that waits for the head's signature."""
    draft = agreed(make_draft(by=officer), by=officer)
    return drafts.send_to_head(draft=draft, effective_on=LATER.date(), by=officer, now=LATER)


# ---------------------------------------------------------------- beginning


def test_a_blank_draft_holds_the_standing_words_and_its_own_id() -> None:
    officer = make_officer("honey-office")
    draft = drafts.start(
        participant=body(officer), name=both("Bal möhürü", "Honey seal"), by=officer, now=NOW
    )  # fmt: skip
    assert draft.service == draft.content["id"] == "honey-seal"
    assert draft.content["general"]["provider"] == "honey-office"
    assert draft.content["procedures"]["disputes"]["right"]["az"]
    assert draft.name == both("Bal möhürü", "Honey seal")
    assert Event.objects.filter(name="draft.started", subject=draft.reference).exists()


@pytest.mark.parametrize(
    ("name", "service"),
    [
        (both("Bal möhürünün verilməsi", ""), "bal-mohurunun-verilmesi"),
        (both("Müzakirə", "Discussions"), "discussions-2"),
        (both("x", "24 hours"), "service-24-hours"),
        (both("x", "???"), "service"),
    ],
)
def test_the_id_comes_from_the_name(name: dict[str, str], service: str) -> None:
    assert queries.free_service_id(name) == service


def test_an_id_is_never_given_twice() -> None:
    services.load()
    assert make_draft(name="Honey seal").service == "honey-seal-2"
    assert queries.free_service_id(both("", "Honey seal")) == "honey-seal-3"


def test_a_copy_takes_everything_but_the_rules_of_the_finder() -> None:
    row = services.load()
    officer = make_officer("wax-office")
    draft = drafts.start(participant=body(officer), name=both("Mum", "Wax"), copy_of=row, by=officer, now=NOW)
    assert draft.based_on is None
    assert draft.content["requirements"] == []
    assert draft.content["general"]["provider"] == "wax-office"
    assert [one["id"] for one in draft.content["procedures"]["steps"]] == ["tasting", "sealing"]


def test_a_new_version_keeps_the_id_and_counts_on() -> None:
    row = services.load()
    officer = make_officer("honey-office")
    draft = drafts.start(participant=body(officer), based_on=row, by=officer, now=NOW)
    assert (draft.service, draft.number, draft.content["version"]) == ("honey-seal", 2, 2)
    assert len(draft.content["requirements"]) == 2
    with pytest.raises(RuleViolated):
        drafts.start(participant=body(officer), based_on=row, by=officer, now=NOW)


def test_a_body_drafts_new_versions_of_its_own_regulations_only() -> None:
    row = services.load()
    stranger = make_officer("wax-office")
    with pytest.raises(NotAllowed):
        drafts.start(participant=body(stranger), based_on=row, by=stranger, now=NOW)


def test_only_officers_of_the_body_start_drafts() -> None:
    own = body(make_officer("honey-office"))
    for other in (make_citizen(), make_officer("wax-office")):
        with pytest.raises(NotAllowed):
            drafts.start(participant=own, name=both("x", "x"), by=other, now=NOW)


# ---------------------------------------------------------------- writing


def test_whoever_writes_upon_another_s_change_is_told_and_nothing_is_lost() -> None:
    draft = make_draft()
    officer = make_officer("honey-office")
    drafts.change(draft=draft, content=honey(), changes=draft.changes, by=officer, now=NOW)
    with pytest.raises(drafts.ChangedMeanwhile) as refusal:
        drafts.change(draft=draft, content={}, changes=draft.changes, by=officer, now=NOW)
    assert refusal.value.status == 409
    assert RegulationDraft.objects.get(pk=draft.pk).content["procedures"]["steps"]


def test_id_version_provider_and_first_day_are_not_the_writer_s_to_choose() -> None:
    draft = make_draft()
    officer = make_officer("honey-office")
    content: dict[str, Any] = {**honey(), "id": "state-secrets", "version": 9, "valid_until": "2027-01-01"}
    content["general"]["provider"] = "wax-office"
    draft = drafts.change(draft=draft, content=content, changes=draft.changes, by=officer, now=NOW + timedelta(days=1))
    assert draft.content["id"] == draft.service
    assert (draft.content["version"], draft.content["valid_until"]) == (1, None)
    assert draft.content["general"]["provider"] == "honey-office"


def test_content_may_be_incomplete() -> None:
    draft = make_draft()
    draft = drafts.change(
        draft=draft, content={"general": None}, changes=draft.changes, by=make_officer("honey-office"), now=NOW
    )
    assert draft.name == both(draft.service, draft.service)


def test_strangers_do_not_write() -> None:
    draft = make_draft()
    for other in (make_citizen(), make_officer("wax-office")):
        with pytest.raises(NotAllowed):
            drafts.change(draft=draft, content={}, changes=draft.changes, by=other, now=NOW)


def test_a_withdrawn_draft_is_not_written_and_frees_its_id() -> None:
    draft = make_draft()
    officer = make_officer("honey-office")
    drafts.withdraw(draft=draft, reason="Not needed.", by=officer, now=NOW)
    with pytest.raises(IllegalTransition):
        drafts.change(draft=draft, content={}, changes=draft.changes, by=officer, now=NOW)
    assert queries.free_service_id(both("", "Honey seal")) == "honey-seal"


def test_withdrawing_wants_a_reason() -> None:
    draft = make_draft()
    with pytest.raises(RuleViolated) as refusal:
        drafts.withdraw(draft=draft, reason=" ", by=make_officer("honey-office"), now=NOW)
    assert refusal.value.violations[0].code == "DRF-006"


# ---------------------------------------------------------------- agreement of the other performers (S9.2)


def with_others(*codes: str) -> dict[str, Any]:
    """The invented regulation with other performers; the first of them performs the tasting."""
    text = honey()
    text["general"]["other_performers"] = list(codes)
    text["procedures"]["steps"][0]["performer"] = codes[0]
    return text


def asked(*codes: str, by: Member, letters: dict[str, str] | None = None) -> RegulationDraft:
    draft = talked_over(make_draft(by=by, content=with_others(*codes)), by=by)
    return drafts.ask_performers(draft=draft, letters=letters, by=by, now=LATER)


def test_the_text_goes_on_only_after_its_discussion(officer: Member) -> None:
    """S9.7 knows no exception, not for a correction of wording either."""
    draft = make_draft(by=officer)
    assert refusals(drafts.ask_performers, draft=draft, by=officer, now=NOW) == ["DRF-003"]
    discussed(draft, by=officer)
    with pytest.raises(IllegalTransition):
        drafts.ask_performers(draft=draft, by=officer, now=NOW)


def test_the_text_goes_on_only_with_every_comment_answered(officer: Member) -> None:
    draft = discussed(make_draft(by=officer), by=officer)
    comment = say(draft)
    discussions.close_due(now=LATER)
    draft.refresh_from_db()
    assert refusals(drafts.ask_performers, draft=draft, by=officer, now=LATER) == ["DRF-004"]
    discussions.answer(comment=comment, text="Because.", by=officer, now=LATER)
    assert drafts.ask_performers(draft=draft, by=officer, now=LATER).status == "agreed"


def test_faults_written_after_the_discussion_stop_it(officer: Member) -> None:
    draft = talked_over(make_draft(by=officer), by=officer)
    drafts.change(draft=draft, content={}, changes=draft.changes, by=officer, now=LATER)
    assert refusals(drafts.ask_performers, draft=draft, by=officer, now=LATER) == ["DRF-001"]


def test_every_performer_with_a_head_is_asked_and_told(officer: Member) -> None:
    wax = make_head("wax-office")
    draft = asked("wax-office", by=officer)
    assert draft.status == "agreeing"
    assert [(one.body, one.status) for one in queries.answers(draft)] == [("wax-office", "asked")]
    notice = Notice.objects.get(kind="draft.agreement_asked")
    assert notice.organisation == wax.organisation
    assert notice.link == f"/drafts/{draft.reference}/agreement/"


def test_when_the_last_one_agrees_the_head_s_turn_has_come(officer: Member) -> None:
    """S9.2"""
    wax, hive = make_head("wax-office"), make_head("hive-office")
    draft = asked("wax-office", "hive-office", by=officer)
    assert drafts.agree(draft=draft, by=wax, now=LATER).status == "agreeing"
    assert drafts.agree(draft=draft, by=hive, now=LATER).status == "agreed"
    assert Notice.objects.filter(kind="draft.agreed").exists()


def test_an_objection_sends_the_text_back_with_its_reasons(officer: Member) -> None:
    wax = make_head("wax-office")
    draft = asked("wax-office", by=officer)
    assert refusals(drafts.object_, draft=draft, reason=" ", by=wax, now=LATER) == ["DRF-006"]
    draft = drafts.object_(draft=draft, reason="Two days are not enough.", by=wax, now=LATER)
    assert (draft.status, draft.sent_back_because) == ("drafted", "Two days are not enough.")
    assert Notice.objects.filter(kind="draft.objected").exists()
    draft = drafts.ask_performers(draft=draft, by=officer, now=LATER)
    assert (draft.round, draft.sent_back_because) == (2, "")
    assert drafts.agree(draft=draft, by=wax, now=LATER).status == "agreed"


def test_only_the_head_of_a_body_that_is_asked_answers_and_once(officer: Member) -> None:
    wax = make_head("wax-office")
    make_head("hive-office")
    draft = asked("wax-office", "hive-office", by=officer)
    for other in (make_officer("wax-office"), make_head("honey-office"), make_head("tin-office"), make_citizen()):
        with pytest.raises(NotAllowed):
            drafts.agree(draft=draft, by=other, now=LATER)
        with pytest.raises(NotAllowed):
            drafts.object_(draft=draft, reason="No.", by=other, now=LATER)
    drafts.agree(draft=draft, by=wax, now=LATER)
    with pytest.raises(NotAllowed):
        drafts.object_(draft=draft, reason="After all.", by=wax, now=LATER)


def test_a_body_that_is_not_on_the_portal_has_agreed_by_a_letter(officer: Member) -> None:
    participant("wax-office", base_url=None)
    draft = talked_over(make_draft(by=officer, content=with_others("wax-office")), by=officer)
    assert refusals(drafts.ask_performers, draft=draft, by=officer, now=LATER) == ["DRF-007"]
    draft = drafts.ask_performers(draft=draft, letters={"wax-office": "No. 7 of 1 October"}, by=officer, now=LATER)
    assert draft.status == "agreed"
    assert [(one.status, one.note) for one in queries.answers(draft)] == [("by_letter", "No. 7 of 1 October")]


def test_writing_again_makes_the_agreement_void(officer: Member) -> None:
    wax = make_head("wax-office")
    draft = drafts.agree(draft=asked("wax-office", by=officer), by=wax, now=LATER)
    draft = drafts.reopen(draft=draft, by=officer, now=LATER)
    assert drafts.ask_performers(draft=draft, by=officer, now=LATER).status == "agreeing"


def test_those_who_were_asked_are_told_of_a_withdrawal(officer: Member) -> None:
    make_head("wax-office")
    drafts.withdraw(draft=asked("wax-office", by=officer), reason="No bees.", by=officer, now=LATER)
    told = Notice.objects.filter(kind="draft.withdrawn").values_list("organisation__participant__code", flat=True)
    assert set(told) == {"honey-office", "wax-office"}


# ---------------------------------------------------------------- the head (S9.8)


def test_the_legal_text_is_put_before_the_head_with_its_first_day(officer: Member, head: Member) -> None:
    draft = agreed(make_draft(by=officer), by=officer)
    draft = drafts.send_to_head(draft=draft, effective_on=date(2026, 11, 2), by=officer, now=LATER)
    paper = Paper.objects.get(reference=draft.paper)
    assert (draft.status, paper.purpose, paper.subject) == ("awaiting_head", "regulation", draft.reference)
    assert (paper.signer_id, paper.expected) == (head.actor_id, head.expected)
    assert (paper.attachment or {})["valid_from"] == "2026-11-02"
    assert paper.return_url == f"/drafts/{draft.reference}/"


def test_a_text_takes_effect_on_the_day_of_its_signature_at_the_earliest(officer: Member, head: Member) -> None:
    draft = agreed(make_draft(by=officer), by=officer)
    for day in (date(2026, 10, 15), date(2028, 1, 1)):
        assert refusals(drafts.send_to_head, draft=draft, effective_on=day, by=officer, now=LATER) == ["DRF-005"]


def test_a_body_without_a_head_cannot_approve(officer: Member) -> None:
    draft = agreed(make_draft(by=officer), by=officer)
    assert refusals(drafts.send_to_head, draft=draft, effective_on=LATER.date(), by=officer, now=LATER) == ["DRF-008"]


def test_the_head_sends_it_back_with_reasons_and_nobody_else(officer: Member, head: Member) -> None:
    draft = waiting(officer)
    paper = draft.paper
    with pytest.raises(NotAllowed):
        drafts.send_back(draft=draft, reason="No.", by=officer, now=LATER)
    assert refusals(drafts.send_back, draft=draft, reason="", by=head, now=LATER) == ["DRF-006"]
    draft = drafts.send_back(draft=draft, reason="Too long.", by=head, now=LATER)
    assert (draft.status, draft.paper, draft.sent_back_by) == ("drafted", "", head.actor_name)
    assert Paper.objects.get(reference=paper).status == "discarded"


def test_only_heads_are_led_to_the_signature(officer: Member, head: Member) -> None:
    draft = waiting(officer)
    with pytest.raises(NotAllowed):
        drafts.sign(draft=draft, by=officer, now=LATER)
    with pytest.raises(NotAllowed):
        drafts.sign(draft=draft, by=make_head("wax-office"), now=LATER)
    assert drafts.sign(draft=draft, by=head, now=LATER) == draft.paper
    with pytest.raises(IllegalTransition):
        drafts.sign(draft=make_draft(by=officer, name="Wax"), by=head, now=LATER)


def test_another_head_s_name_stands_on_what_that_head_signs(officer: Member, head: Member) -> None:
    draft = waiting(officer)
    other = make_head("honey-office")
    fresh = drafts.sign(draft=draft, by=other, now=LATER)
    paper = Paper.objects.get(reference=fresh)
    assert (paper.signer_id, paper.expected) == (other.actor_id, other.expected)
    assert other.actor_name in paper.data["approved_by"]


def test_what_the_head_has_signed_is_approved_and_public(officer: Member, head: Member) -> None:
    draft = approved(make_draft(by=officer), by=officer, head=head)
    assert (draft.status, draft.approved_by) == ("approved", head.actor_name)
    event = Event.objects.get(name="draft.approved")
    assert (event.subject, event.data["document"]) == (draft.reference, draft.document)
    page = Client().get(f"/regulations/approved/{draft.reference}/").content.decode()
    assert head.actor_name in page
    assert Client().get(f"/regulations/approved/{draft.reference}/regulation.pdf").content == b"%PDF-signed"
    assert f"/regulations/approved/{draft.reference}/" in Client().get("/regulations/discussions/").content.decode()


def test_a_signature_on_what_was_taken_back_changes_nothing(officer: Member, head: Member) -> None:
    draft = waiting(officer)
    paper = Paper.objects.get(reference=draft.paper)
    drafts.reopen(draft=draft, by=officer, now=LATER)
    drafts.approve(paper, by=head, now=LATER, data={"document": "DC-X"})
    assert RegulationDraft.objects.get(pk=draft.pk).status == "drafted"
    drafts.approve(Paper(subject="RD-NONE"), by=head, now=LATER, data={"document": "DC-X"})


def test_a_failed_signature_is_told_and_leaves_it_waiting(officer: Member, head: Member) -> None:
    draft = waiting(officer)
    drafts.signature_failed(Paper.objects.get(reference=draft.paper), by=head, now=LATER, data={})
    assert RegulationDraft.objects.get(pk=draft.pk).status == "awaiting_head"
    assert Notice.objects.filter(kind="draft.signature_failed").exists()


def test_after_the_head_only_the_head_gives_it_up(officer: Member, head: Member) -> None:
    draft = approved(make_draft(by=officer), by=officer, head=head)
    with pytest.raises(NotAllowed):
        drafts.withdraw(draft=draft, reason="No bees.", by=officer, now=LATER)
    assert drafts.withdraw(draft=draft, reason="No bees.", by=head, now=LATER).status == "withdrawn"


# ---------------------------------------------------------------- into force (S10.4)


def test_a_registered_text_holds_from_its_day(officer: Member, head: Member) -> None:
    draft = approved(make_draft(by=officer, content=honey()), by=officer, head=head)
    row = drafts.registered(draft.reference, now=LATER)
    assert (row.service, row.version, row.valid_from) == (draft.service, 1, LATER.date())
    assert services_queries.regulation(draft.service, LATER.date()) == row
    assert drafts.registered(draft.reference, now=LATER) == row
    assert RegulationDraft.objects.get(pk=draft.pk).status == "registered"
    assert Notice.objects.filter(kind="draft.registered").count() == 1


def test_a_text_does_not_hold_before_it_is_registered(officer: Member, head: Member) -> None:
    draft = approved(make_draft(by=officer), by=officer, head=head)
    row = drafts.registered(draft.reference, now=LATER + timedelta(days=3))
    assert row.valid_from == LATER.date() + timedelta(days=3)


def test_a_new_version_takes_over_on_its_day_and_not_before(officer: Member, head: Member) -> None:
    old = services.load()
    draft = drafts.start(participant=body(officer), based_on=old, by=officer, now=NOW)
    draft = agreed(draft, by=officer)
    draft = drafts.send_to_head(draft=draft, effective_on=date(2026, 11, 2), by=head, now=LATER)
    sign_paper(draft, by=head, now=LATER)
    new = drafts.registered(draft.reference, now=LATER)
    assert (new.version, new.valid_from) == (2, date(2026, 11, 2))
    assert services_queries.regulation("honey-seal", date(2026, 11, 1)) == old
    assert services_queries.regulation("honey-seal", date(2026, 11, 2)) == new
    old.refresh_from_db()
    assert old.valid_until == date(2026, 11, 1)


def test_a_file_never_takes_back_what_a_body_has_registered(officer: Member, head: Member) -> None:
    old = services.load()
    draft = drafts.start(participant=body(officer), based_on=old, by=officer, now=NOW)
    draft = approved(draft, by=officer, head=head)
    new = drafts.registered(draft.reference, now=LATER)
    assert services.load_all(honey(version=1), honey(version=3)) == []
    assert services_queries.regulation("honey-seal", LATER.date()) == new


def test_only_an_approved_text_is_registered(officer: Member, head: Member) -> None:
    with pytest.raises(Missing):
        drafts.registered("RD-NONE", now=LATER)
    with pytest.raises(IllegalTransition):
        drafts.registered(make_draft(by=officer).reference, now=LATER)


def test_a_service_that_was_not_registered_can_be_put_right(officer: Member, head: Member) -> None:
    draft = approved(make_draft(by=officer), by=officer, head=head)
    drafts.returned_unregistered(draft.reference, reason="The fee has no basis.", by=make_head("registry"), now=LATER)
    draft.refresh_from_db()
    assert (draft.status, draft.sent_back_because, draft.document) == ("drafted", "The fee has no basis.", "")
    assert Client().get(f"/regulations/approved/{draft.reference}/").status_code == 404
    with pytest.raises(IllegalTransition):
        drafts.returned_unregistered(draft.reference, reason="x", by=head, now=LATER)
    with pytest.raises(Missing):
        drafts.returned_unregistered("RD-NONE", reason="x", by=head, now=LATER)
