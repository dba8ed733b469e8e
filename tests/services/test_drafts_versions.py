"""The versions of a regulation follow one another: each holds for its days, and none annuls another (S9.8, S10.4)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Q
from django.test import Client
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azexport.calendar.queries import today
from azexport.kernel.errors import RuleViolated
from azexport.kernel.formats import date_
from azexport.kernel.references import new_reference
from azexport.parties.models import Member
from azexport.services import conditions
from azexport.services import queries as services_queries
from azexport.services.actions import drafts
from azexport.services.models import Publication, RegulationDraft, RegulationVersion
from azexport.services.queries import drafts as queries
from azexport.services.states import DraftStatus
from tests.factories import services
from tests.factories.drafts import body, sign_paper
from tests.factories.parties import make_head, make_officer, sign_in
from tests.factories.services import NOW, honey

pytestmark = pytest.mark.django_db
TODAY = today(NOW)

# The expression library raises Python's recursion limit when it is first used; hypothesis wants it steady.
conditions.check("true", {})


@pytest.fixture
def officer() -> Member:
    return make_officer("honey-office")


@pytest.fixture
def head() -> Member:
    return make_head("honey-office")


def ready(officer: Member) -> RegulationDraft:
    """The next version of the regulation, discussed and agreed to."""
    last = queries.last_version("honey-seal")
    draft = drafts.start(participant=body(officer), based_on=last, by=officer, now=NOW)
    Publication.objects.create(draft=draft, number=1, content=draft.content, until=TODAY, created_at=NOW)
    RegulationDraft.objects.filter(pk=draft.pk).update(
        status=DraftStatus.AGREED, discussed_at=NOW, discussed_until=TODAY, discussion_closed_at=NOW
    )
    return RegulationDraft.objects.select_related("provider", "based_on").get(pk=draft.pk)


def registered(officer: Member, head: Member, day: date, *, later: int = 0) -> RegulationVersion:
    """The next version for the day, registered so many days after the head has signed."""
    draft = drafts.send_to_head(draft=ready(officer), effective_on=day, by=officer, now=NOW)
    sign_paper(draft, by=head, now=NOW)
    return drafts.registered(draft.reference, now=NOW + timedelta(days=later))


def refusal(draft: RegulationDraft, officer: Member, day: date) -> str:
    with override("en"), pytest.raises(RuleViolated) as refused:
        drafts.send_to_head(draft=draft, effective_on=day, by=officer, now=NOW)
    (one,) = refused.value.violations
    assert (one.code, one.field) == ("DRF-014", "effective_on")
    return str(one.message)


def on(day: date) -> list[RegulationVersion]:
    """Every version whose days hold this one."""
    ends = Q(valid_until__isnull=True) | Q(valid_until__gte=day)
    return list(RegulationVersion.objects.filter(ends, service="honey-seal", valid_from__lte=day))


# ---------------------------------------------------------------- a scheduled version


@pytest.mark.parametrize("days", [0, 29, 30])
def test_a_scheduled_version_is_not_annulled(days: int, officer: Member, head: Member) -> None:
    """The refusal names the version that would vanish and its day."""
    services.load()
    scheduled = registered(officer, head, TODAY + timedelta(days=30))
    told = refusal(ready(officer), officer, TODAY + timedelta(days=days))
    assert f"Version 2 of this regulation holds from {date_(scheduled.valid_from, 'en')}" in told
    assert on(scheduled.valid_from) == [scheduled]


def test_a_later_version_follows_the_scheduled_one(officer: Member, head: Member) -> None:
    old = services.load()
    second = registered(officer, head, TODAY + timedelta(days=30))
    third = registered(officer, head, TODAY + timedelta(days=31))
    found = [services_queries.regulation("honey-seal", TODAY + timedelta(days=days)) for days in (29, 30, 31, 99)]
    assert found == [old, second, third, third]


def test_the_version_of_today_holds_today(officer: Member, head: Member) -> None:
    """Cases have begun on it: the next one takes effect tomorrow at the earliest."""
    services.load()
    registered(officer, head, TODAY)
    draft = ready(officer)
    refusal(draft, officer, TODAY)
    assert drafts.send_to_head(draft=draft, effective_on=TODAY + timedelta(days=1), by=officer, now=NOW)


def test_a_version_is_written_after_the_last_one(officer: Member, head: Member) -> None:
    """What starts from the one in force would take back, unseen, what the scheduled one changes."""
    old = services.load()
    registered(officer, head, TODAY + timedelta(days=30))
    with pytest.raises(RuleViolated) as refused:
        drafts.start(participant=body(officer), based_on=old, by=officer, now=NOW)
    assert [(one.code, one.field) for one in refused.value.violations] == [("DRF-014", "pattern")]
    assert drafts.start(
        participant=body(officer), based_on=queries.last_version("honey-seal"), by=officer, now=NOW
    ).number == 3  # fmt: skip


def test_a_version_loaded_since_the_signature_stops_the_registration(officer: Member, head: Member) -> None:
    services.load()
    draft = drafts.send_to_head(draft=ready(officer), effective_on=TODAY, by=officer, now=NOW)
    sign_paper(draft, by=head, now=NOW)
    services.load_all(honey(version=2, valid_from=(TODAY + timedelta(days=3)).isoformat()))
    with pytest.raises(RuleViolated) as refused:
        drafts.registered(draft.reference, now=NOW)
    assert [one.code for one in refused.value.violations] == ["DRF-014"]


def test_what_was_cancelled_before_its_day_binds_nobody(officer: Member, head: Member) -> None:
    """S10.7: the service ended before its scheduled version began; entered anew, it may begin on any day."""
    services.load()
    registered(officer, head, TODAY + timedelta(days=30))
    RegulationVersion.objects.update(valid_until=TODAY - timedelta(days=1))
    assert queries.first_day(RegulationDraft.objects.get(), TODAY) == TODAY


def test_a_text_that_was_cancelled_before_its_day_says_so(
    officer: Member, head: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S10.7: nobody is told that it will hold."""
    services.load()
    version = registered(officer, head, TODAY + timedelta(days=30))
    RegulationVersion.objects.update(valid_until=TODAY - timedelta(days=1))
    reference = RegulationDraft.objects.get(version=version).reference
    for days in (0, 31):
        monkeypatch.setattr("django.utils.timezone.now", lambda days=days: NOW + timedelta(days=days))
        for client, path in (
            (sign_in(Client(), officer), f"/drafts/{reference}/"), (Client(), f"/regulations/approved/{reference}/"),
        ):  # fmt: skip
            client.cookies["language"] = "en"
            assert "was cancelled before the text took effect" in client.get(path).content.decode()


# ---------------------------------------------------------------- on the pages


def test_the_pages_offer_and_name_the_scheduled_version(
    officer: Member, head: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    services.load()
    registered(officer, head, date(2026, 11, 4))
    client = sign_in(Client(), officer)
    client.cookies["language"] = "en"
    assert "version 2 from 4 November 2026" in client.get("/drafts/new/version/").content.decode()
    path = f"/drafts/{ready(officer).reference}/head/"
    page = client.get(path).content.decode()
    assert "Version 2 holds from 4 November 2026" in page
    assert 'value="2026-11-05"' in page
    answer = client.post(path, {"effective_on": "2026-11-01"})
    assert answer.status_code == 422
    assert "Version 2 of this regulation holds from 4 November 2026" in answer.content.decode()
    assert client.post(path, {"effective_on": "2026-11-05"}).status_code == 302


# ---------------------------------------------------------------- in any order


def approved(officer: Member, day: date) -> RegulationDraft:
    """The next version, signed by the head for the day."""
    return RegulationDraft.objects.create(
        reference=new_reference("RD"), service="honey-seal", provider=body(officer), content=honey(), created_at=NOW,
        changed_at=NOW, effective_on=day, approved_at=NOW, document="DC-TEST", status=DraftStatus.APPROVED,
    )  # fmt: skip


def taken(officer: Member, last: RegulationVersion, day: date, later: int) -> list[RegulationVersion]:
    """The version that was asked for, registered so many days later; none where it is refused for the last one."""
    draft, now = approved(officer, day), NOW + timedelta(days=later)
    if max(day, today(now)) > last.valid_from:
        return [drafts.registered(draft.reference, now=now)]
    with pytest.raises(RuleViolated) as refused:
        drafts.registered(draft.reference, now=now)
    assert date_(last.valid_from) in str(refused.value.violations[0].message)
    RegulationDraft.objects.filter(pk=draft.pk).update(status=DraftStatus.WITHDRAWN)
    return []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10)), min_size=1, max_size=5))
def test_at_every_day_exactly_one_version_is_in_force(asked: list[tuple[int, int]], db: Any) -> None:
    """Whatever days are asked for, in whatever order: no day without a version or with two, and none vanishes."""
    with transaction.atomic():
        officer, rows = make_officer("honey-office"), [services.load(valid_from=(TODAY - timedelta(5)).isoformat())]
        for days, later in asked:
            rows += taken(officer, rows[-1], TODAY + timedelta(days=days), later)
        held = [on(TODAY + timedelta(days=days)) for days in range(-5, 51)]
        assert {len(one) for one in held} == {1}
        assert {one for (one,) in held} == set(rows), "each version holds for a day at least"
        assert [one for (one,) in held] == sorted((one for (one,) in held), key=rows.index)
        for days in (-5, 0, 50, *(days for days, _later in asked)):
            assert [services_queries.regulation("honey-seal", TODAY + timedelta(days))] == held[days + 5]
        transaction.set_rollback(True)
