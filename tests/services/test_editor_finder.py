"""The rules of the requirement finder, written without a file (P4.1.4): form, numbers, what they would say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from azexport.calendar.queries import today
from azexport.kernel.errors import RuleViolated
from azexport.kernel.text import both
from azexport.parties.models import Member
from azexport.services.actions import drafts
from azexport.services.models import RegulationDraft
from azexport.services.queries import drafts as queries
from azexport.services.schema import Regulation
from tests.factories import services
from tests.factories.drafts import AFTER, agreed, discussed, make_draft
from tests.factories.parties import make_head, make_officer
from tests.factories.services import NOW, honey, words
from tests.services.test_editor import Clerk

pytestmark = pytest.mark.django_db

RULE: dict[str, Any] = {
    "rule": "hon-701", "level": "conditional", "reason": words("Honey is watched."), "condition": words("If raw."),
    "hs": "0409, 1702.90", "except_hs": "", "destination__groups": ["EU"],
    "destination__countries": "Japan\ncn\n", "destination__except_groups": [], "destination__except_countries": "Malta",
    "legal_basis": words("Law on Honey, 1"), "source": "verified", "valid_from": "2026-01-01", "valid_until": "",
}  # fmt: skip
"""A rule as it is typed."""


@pytest.fixture
def officer() -> Member:
    return make_officer("honey-office")


@pytest.fixture
def clerk(officer: Member) -> Clerk:
    """Before a complete draft without rules."""
    return Clerk(officer, make_draft(by=officer))


def seen(clerk: Clerk, address: str = "finder/new/preview/", **typed: Any) -> str:
    """What the page answers while one types."""
    rule = {**RULE, **typed}
    sent = {
        f"{name}__{code}": text for name, one in rule.items() if isinstance(one, dict) for code, text in one.items()
    }
    sent |= {name: one for name, one in rule.items() if not isinstance(one, dict)}
    response = clerk.client.post(clerk.home + address, sent)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


# ---------------------------------------------------------------- the form


def test_a_rule_is_written_on_a_page_and_is_what_was_typed(clerk: Clerk) -> None:
    clerk.write("finder/new/", **RULE)
    assert clerk.content["requirements"] == [{
        "rule": "HON-701", "level": "conditional", "reason": words("Honey is watched."),
        "condition": words("If raw."), "hs": ["0409", "170290"],
        "destination": {"groups": ["EU"], "countries": ["JP", "CN"], "except_countries": ["MT"]},
        "legal_basis": words("Law on Honey, 1"), "source": "verified", "valid_from": "2026-01-01",
    }]  # fmt: skip
    (rule,) = Regulation.model_validate(clerk.content).requirements
    assert rule.destination.covers("DE", {"EU"})
    assert not rule.destination.covers("MT", {"EU"})
    listed = clerk.get("finder/")
    assert "HON-701" in listed
    assert "Conditional: 0409, 170290" in listed


def test_a_rule_about_every_good_and_country_leaves_them_out(clerk: Clerk) -> None:
    clerk.write("finder/new/", **{**RULE, "hs": "", "destination__groups": [], "destination__countries": "",
                                  "destination__except_countries": ""})  # fmt: skip
    (rule,) = clerk.content["requirements"]
    assert "hs" not in rule
    assert "destination" not in rule


def test_a_new_rule_begins_with_a_number_that_nobody_has_and_the_day_of_the_text(clerk: Clerk) -> None:
    form = clerk.client.get(f"{clerk.home}finder/new/").context["form"]
    assert form["rule"].value() == "EXP-201"
    assert form["valid_from"].value() == clerk.content["valid_from"]
    assert form["source"].value() == "verified"
    clerk.write("finder/new/", **{**RULE, "rule": "EXP-207"})
    assert clerk.client.get(f"{clerk.home}finder/new/").context["form"]["rule"].value() == "EXP-208"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"rule": "seven"}, "“SEVEN” is no number of a rule: 2 to 5 capital letters"),
        ({"hs": "0409, honey"}, "“honey” is no HS code, nor the beginning of one: 2 to 10 digits"),
        ({"destination__countries": "Atlantis"}, "“Atlantis” is no country: give its name or its two-letter code"),
        ({"destination__countries": "UK"}, "UK is no country that the portal knows"),
        ({"level": "required", "valid_from": "soon"}, "Must be a date such as 2026-01-31"),
        ({"condition": {"az": "", "en": ""}}, "A rule that is not plainly required says its condition"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_words_while_one_types(clerk: Clerk, typed: dict[str, Any], told: str) -> None:
    assert told in seen(clerk, **typed)
    kept = {**RULE, **typed}
    clerk.post("finder/new/", **kept)
    assert told in " ".join(clerk.get("finder/1/", check="").split()), "what was typed is kept, and told beside it"


def test_a_service_that_only_informs_has_no_rules(officer: Member) -> None:
    content = services.informational(provision__pages=words("Honey is sweet."))
    assert "/edit/finder/" not in Clerk(officer, make_draft(by=officer, content=content)).get()


# ---------------------------------------------------------------- the number


def test_a_number_that_stands_in_force_is_told_with_its_place_while_one_types(clerk: Clerk) -> None:
    told = seen(clerk, rule="EXP-101")
    assert "Rule EXP-101 stands in “" in told
    assert "”, version 1 already" in told
    assert "stands in" not in seen(clerk, rule="EXP-999")


def test_a_number_that_stands_in_the_text_itself_is_told_beside_the_second(clerk: Clerk) -> None:
    clerk.write("finder/new/", **RULE)
    assert "HON-701 stands here twice" in seen(clerk)
    assert "stands here twice" not in seen(clerk, "finder/1/preview/"), "the first has it by right"


def test_a_number_that_stands_in_another_draft_of_the_body_is_told_with_its_name(clerk: Clerk, officer: Member) -> None:
    other = Clerk(officer, make_draft(by=officer, name="Wax seal"))
    other.write("finder/new/", **RULE)
    assert "Rule HON-701 stands in the draft “Wax seal” already" in seen(clerk)


def test_what_another_body_drafts_is_not_named_before_it_is_public(clerk: Clerk) -> None:
    stranger = make_officer("wax-office")
    draft = make_draft(by=stranger, name="Wax seal")
    Clerk(stranger, draft).write("finder/new/", **RULE)
    told = seen(clerk)
    assert "stands in a draft of another body" in told
    assert "Wax seal" not in told
    discussed(RegulationDraft.objects.get(pk=draft.pk), by=stranger)
    assert "stands in the draft “Wax seal” already" in seen(clerk)


def test_the_services_own_earlier_version_and_a_draft_given_up_stand_in_nobodys_way(
    clerk: Clerk, officer: Member
) -> None:
    other = make_draft(by=officer, name="Wax seal")
    Clerk(officer, other).write("finder/new/", **RULE)
    drafts.withdraw(draft=RegulationDraft.objects.get(pk=other.pk), reason="Not needed.", by=officer, now=NOW)
    assert "stands in" not in seen(clerk)

    row = services.load(id="comb-seal")
    draft = drafts.start(participant=clerk.draft.provider, based_on=row, by=officer, now=NOW)
    assert queries.faults(draft) == []


def test_the_same_is_told_again_when_the_text_goes_to_the_head(officer: Member) -> None:
    """DRF-001, DRF-011: somebody else was first in the meantime."""
    make_head("honey-office")
    draft = agreed(with_rules(make_draft(by=officer), officer), by=officer)
    later = NOW + AFTER
    services.load(id="wax-seal")
    with override("en"), pytest.raises(RuleViolated) as refused:
        drafts.send_to_head(draft=draft, effective_on=today(later) + timedelta(days=9), by=officer, now=later)
    told = {one.code: str(one.message) for one in refused.value.violations}
    assert set(told) == {"DRF-001", "DRF-011"}
    assert told["DRF-011"] == "Rule HON-902 stands in “Issue of the honey seal”, version 1 already"


def with_rules(draft: RegulationDraft, officer: Member) -> RegulationDraft:
    content = {**draft.content, "requirements": honey()["requirements"]}
    return drafts.change(draft=draft, content=content, changes=draft.changes, by=officer, now=NOW)


def test_the_text_as_a_file_tells_the_same_at_its_line(clerk: Clerk) -> None:
    clerk.write("finder/new/", **RULE)
    text = clerk.client.get(f"{clerk.home}yaml/file/").content.decode().replace("HON-701", "EXP-101")
    told = clerk.client.post(f"{clerk.home}yaml/check/", {"text": text}).content.decode()
    line = next(number for number, one in enumerate(text.splitlines(), start=1) if "EXP-101" in one)
    assert f"Line {line}" in told
    assert "Rule EXP-101 stands in" in told


# ---------------------------------------------------------------- what the finder would say


def test_the_finders_answer_follows_the_typing(clerk: Clerk) -> None:
    to_germany = {"try_hs": "040900", "try_country": "DE"}
    told = seen(clerk, **to_germany)
    assert "Conditional" in told
    assert "Honey is watched." in told
    assert "<strong>Needed if:</strong> If raw." in told
    assert "speaks of this export" in told
    assert "is not about this country" in seen(
        clerk, **to_germany, destination__groups=[], destination__countries="Japan"
    )
    assert "is not about this good" in seen(clerk, try_hs="080222", try_country="DE")
    assert "is not in force today" in seen(clerk, **to_germany, valid_from="2999-01-01")
    assert "has something to mend first" in seen(clerk, **to_germany, rule="EXP-101")
    assert not clerk.content["requirements"], "nothing is kept"


def test_the_strongest_rule_answers_on_the_page_of_all_rules(officer: Member) -> None:
    clerk = Clerk(officer, with_rules(make_draft(by=officer), officer))
    told = seen(clerk, "finder/preview/", try_hs="040900", try_country="DE")
    assert told.index("Required") < told.index("HON-902")
    assert "HON-901" in told


@pytest.mark.parametrize(("hs", "country"), [("", "DE"), ("honey", "DE"), ("040900", ""), ("040900", "XX")])
def test_without_a_good_and_a_country_the_page_says_what_to_choose(clerk: Clerk, hs: str, country: str) -> None:
    assert "Choose a good and a country above" in seen(clerk, try_hs=hs, try_country=country)


def test_rules_cost_a_page_the_same_whatever_their_number(officer: Member) -> None:
    counts = []
    for rules in (honey()["requirements"][:1], [{**honey()["requirements"][0], "rule": f"HON-{n}"} for n in (1, 2, 3)]):
        clerk = Clerk(officer, make_draft(by=officer, name=f"Seal {len(rules)}"))
        RegulationDraft.objects.filter(pk=clerk.draft.pk).update(content={**clerk.content, "requirements": rules})
        clerk.get("finder/")
        with CaptureQueriesContext(connection) as caught:
            clerk.get("finder/")
        counts.append(len(caught))
    assert counts[0] == counts[1]


def test_another_service_may_be_copied_without_its_rules(officer: Member) -> None:
    row = services.load()
    assert officer.participant is not None
    draft = drafts.start(
        participant=officer.participant, name=both("Yeni", "New seal"), copy_of=row, by=officer, now=NOW
    )
    assert draft.content["requirements"] == []
