"""The life of a regulation from draft to force (S9, S10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from azexport.audit.models import Event
from azexport.kernel.errors import IllegalTransition, NotAllowed, RuleViolated
from azexport.kernel.text import both
from azexport.services.actions import drafts
from azexport.services.models import RegulationDraft
from azexport.services.queries import drafts as queries
from tests.factories import services
from tests.factories.drafts import make_draft
from tests.factories.parties import make_citizen, make_officer
from tests.factories.services import NOW, honey

pytestmark = pytest.mark.django_db


# ---------------------------------------------------------------- beginning


def test_a_blank_draft_holds_the_standing_words_and_its_own_id() -> None:
    officer = make_officer("honey-office")
    draft = drafts.start(
        participant=officer.participant, name=both("Bal möhürü", "Honey seal"), by=officer, now=NOW
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
    draft = drafts.start(participant=officer.participant, name=both("Mum", "Wax"), copy_of=row, by=officer, now=NOW)
    assert draft.based_on is None
    assert draft.content["requirements"] == []
    assert draft.content["general"]["provider"] == "wax-office"
    assert [one["id"] for one in draft.content["procedures"]["steps"]] == ["tasting", "sealing"]


def test_a_new_version_keeps_the_id_and_counts_on() -> None:
    row = services.load()
    officer = make_officer("honey-office")
    draft = drafts.start(participant=officer.participant, based_on=row, by=officer, now=NOW)
    assert (draft.service, draft.number, draft.content["version"]) == ("honey-seal", 2, 2)
    assert len(draft.content["requirements"]) == 2
    with pytest.raises(RuleViolated):
        drafts.start(participant=officer.participant, based_on=row, by=officer, now=NOW)


def test_a_body_drafts_new_versions_of_its_own_regulations_only() -> None:
    row = services.load()
    stranger = make_officer("wax-office")
    with pytest.raises(NotAllowed):
        drafts.start(participant=stranger.participant, based_on=row, by=stranger, now=NOW)


def test_only_officers_of_the_body_start_drafts() -> None:
    body = make_officer("honey-office").participant
    for other in (make_citizen(), make_officer("wax-office")):
        with pytest.raises(NotAllowed):
            drafts.start(participant=body, name=both("x", "x"), by=other, now=NOW)


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
