"""Registration, amendment, cancellation, and the requests for them (S10.2-10.8, S-A2)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from azexport.audit.models import Event
from azexport.calendar import actions as calendar
from azexport.kernel.errors import IllegalTransition, Missing, RuleViolated
from azexport.notices.models import Notice
from azexport.services import queries
from azexport.services.actions import drafts as drafting
from azexport.services.actions import registry as actions
from azexport.services.models import EntryVersion, Provider, RegistryRequest
from tests.factories import drafts
from tests.factories import services as regulations
from tests.factories.parties import NOW, make_head, make_officer
from tests.factories.registry import FORM, OPERATOR, amended, body, cancelled, form, registered

pytestmark = pytest.mark.django_db

TODAY = date(2026, 10, 5)
NEXT_WEEK = NOW + timedelta(days=7)
registry = queries.registry


def codes(refusal: pytest.ExceptionInfo[RuleViolated]) -> list[str]:
    return [one.code for one in refusal.value.violations]


# ---------------------------------------------------------------- registering


def test_a_service_is_registered_under_a_number_never_given_before() -> None:
    """S10.4: a number that is not repeated; S10.5: what is kept."""
    first = registered()
    second = registered(service="wax-seal", name_az="Mum möhürü", case="CS-9")
    assert (first.number, second.number) == ("ES-000286", "ES-000287")
    assert (first.version, first.valid_from, first.valid_until, first.change) == (1, TODAY, None, "registered")
    assert (first.basis, first.registered_by, first.ours) == ("CS-1", OPERATOR.actor_name, [])
    assert first.content == {
        "name": {"az": FORM["name_az"], "en": FORM["name_en"]},
        "other_performers": {"az": "Arıçılar Birliyi"},
        "content": {"az": FORM["content_az"], "en": FORM["content_en"]},
        "legal_basis": {"az": "Bal haqqında Qanun, 7"},
        "kind": "interactive",
        "fee": "paid",
        "fee_text": {"az": "7,50 AZN"},
        "users": ["natural", "legal"],
        "place": {"az": "https://honey.example/seal"},
        "activity": "3.1.11",
        "effective_on": None,
    }
    event = Event.objects.get(name="registry.registered", subject=first.number)
    assert (event.actor_id, event.data["basis"]) == (OPERATOR.actor_id, "CS-1")


def test_a_body_that_is_not_of_the_list_joins_the_bodies_once() -> None:
    entry = registered().entry
    other = registered(service="wax-seal", case="CS-9").entry
    assert entry.provider == other.provider
    assert (entry.provider.code, entry.provider.list_number) == ("honey-office", None)
    assert entry.provider.name == body().name


def test_the_provider_is_told_the_number() -> None:
    """S10.4: notice to the body."""
    officer = make_officer("honey-office")
    version = registered()
    notice = Notice.objects.get(organisation=officer.organisation)
    assert (notice.kind, notice.link) == ("registry.registered", f"/services/{version.number}/")
    assert version.number in notice.body["az"]
    assert FORM["name_en"] in notice.body["en"]


def test_a_service_that_runs_here_is_registered_once() -> None:
    """REG-001"""
    registered()
    with pytest.raises(RuleViolated) as refusal:
        registered(case="CS-9")
    assert codes(refusal) == ["REG-001"]


def test_after_its_cancellation_a_service_may_be_registered_anew() -> None:
    old = registered()
    cancelled(old)
    new = registered(case="CS-9")
    assert new.number != old.number
    found = registry.entry_of_service("honey-seal", on=TODAY)
    assert found == new


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name_az", " "), ("kind", "magic"), ("kind", ""), ("fee", "dear"), ("users", ["bees"]),
        ("activity", "s3-1-30"), ("effective_on", "tomorrow"),
    ],
)  # fmt: skip
def test_a_form_that_is_not_filled_is_refused(field: str, value: Any) -> None:
    """REG-005"""
    with pytest.raises(RuleViolated) as refusal:
        registered(**{field: value})
    assert [(one.code, one.field) for one in refusal.value.violations] == [("REG-005", field)]
    assert not EntryVersion.objects.filter(basis="CS-1").exists()


def test_nobody_registers_another_bodys_service_or_draft() -> None:
    """REG-006"""
    regulations.load()
    with pytest.raises(RuleViolated) as refusal:
        registered(code="wax-office")
    assert codes(refusal) == ["REG-006"]
    mine = registered(code="wax-office", service="")
    draft = drafts.make_draft()
    both: list[dict[str, Any]] = [{"service": "honey-seal"}, {"draft": draft.reference}]
    for named in both:
        with pytest.raises(RuleViolated) as refusal:
            amended(mine, **named)
        assert codes(refusal) == ["REG-006"]


def test_an_approved_draft_becomes_the_regulation_by_which_the_service_runs() -> None:
    """S10.4: and from the day the head signed for; open cases keep their own text."""
    officer, head = make_officer("honey-office"), make_head("honey-office")
    draft = drafts.approved(drafts.make_draft(by=officer), by=officer, head=head)
    later = NOW + drafts.AFTER + timedelta(days=1)
    version = registered(service="", draft=draft.reference, now=later)
    assert version.entry.service == draft.service
    found = registry.run_of(version, registry.running(later.date()))
    assert found.url == f"/apply/{draft.service}/"
    with pytest.raises(Missing):
        registered(draft="RD-0000-0000-0", service="", case="CS-9", now=later)
    unfinished = drafts.make_draft(by=officer, name="Wax seal")
    with pytest.raises(IllegalTransition):
        registered(draft=unfinished.reference, service="", case="CS-9", now=later)


def test_words_of_the_entry_are_found_at_once_even_misspelt() -> None:
    version = registered()
    assert version in registry.search("bal mohuru", on=TODAY).rows
    assert version in registry.search("hony seel", on=TODAY).rows


# ---------------------------------------------------------------- amending


def test_an_amendment_is_a_new_version_and_the_old_one_ends_the_day_before() -> None:
    """S10.8, S10.5.1"""
    first = registered()
    second = amended(first, fee="free", fee_text="", now=NEXT_WEEK)
    first.refresh_from_db()
    assert (first.valid_from, first.valid_until) == (TODAY, date(2026, 10, 11))
    assert (second.version, second.valid_from, second.valid_until) == (2, date(2026, 10, 12), None)
    assert (second.content["fee"], second.content["fee_text"]) == ("free", None)
    assert second.content["name"] == first.content["name"]
    assert registry.entry(first.number, on=TODAY) == first
    assert registry.entry(first.number, on=date(2026, 10, 12)) == second


def test_an_amendment_of_the_same_day_leaves_the_first_version_in_the_history() -> None:
    first = registered()
    second = amended(first, fee="free")
    third = amended(second, fee="paid", case="CS-4")
    assert registry.entry(first.number, on=TODAY) == third
    assert [one.version.version for one in registry.history(first.number)] == [3, 2, 1]
    first.refresh_from_db()
    assert first.valid_until == TODAY - timedelta(days=1)


def test_an_amendment_begins_on_the_day_it_names_but_not_before_today() -> None:
    first = registered()
    later = amended(first, fee="free", effective_on="2026-11-02")
    assert later.valid_from == date(2026, 11, 2)
    assert registry.entry(first.number, on=date(2026, 11, 1)).fee == "paid"
    assert registry.entry(first.number, on=date(2026, 11, 2)).fee == "free"
    back = amended(later, fee="paid", effective_on="2026-01-01", case="CS-4")
    assert back.valid_from == date(2026, 11, 2)


def test_the_history_says_what_changed_from_what_to_what() -> None:
    first = registered()
    amended(first, fee="free", name_az="Bal nişanı", name_en="")
    newest, oldest = registry.history(first.number)
    assert oldest.changes == []
    assert ("fee", "paid", "free") in newest.changes
    assert ("name", {"az": FORM["name_az"], "en": FORM["name_en"]}, {"az": "Bal nişanı"}) in newest.changes
    assert {key for key, _old, _new in newest.changes} == {"fee", "fee_text", "name"}


def test_what_the_body_of_a_listed_service_supplies_is_no_longer_ours() -> None:
    """S-L entries keep the number the registry gave; the rest becomes the body's own as it is supplied."""
    Provider.objects.filter(code="24").update(participant=body())
    listed = registry.entry_of_listed("24.3", on=TODAY)
    assert listed is not None
    assert set(listed.ours) == {"number", "name.en", "activity", "kind"}
    version = amended(listed, kind="interactive", fee="free", users=["legal"])
    assert set(version.ours) == {"number", "name.en", "activity"}
    assert version.content["users"] == ["legal"]
    full = amended(version, case="CS-4", name_az=listed.name_az, name_en="Grant agreements", activity="s3-1-21")
    assert full.ours == ["number"]


def test_another_body_cannot_amend_or_cancel() -> None:
    """REG-003"""
    version = registered()
    answers = {"registry_number": version.number, "fee": "free"}
    for action in (actions.amend, actions.cancel):
        with pytest.raises(RuleViolated) as refusal:
            action(provider=body("wax-office"), answers=answers, case="CS-2", by=OPERATOR, now=NOW)
        assert codes(refusal) == ["REG-003"]
    assert registry.entry(version.number, on=TODAY) == version


def test_the_body_whose_regulation_runs_the_service_may_amend_it() -> None:
    """A listed service may run here by the regulation of a part of the listed body."""
    version = registered(code="wax-office")
    regulations.load()
    answers = {"registry_number": version.number, "fee": "free"}
    assert actions.amend(provider=body(), answers=answers, case="CS-2", by=OPERATOR, now=NOW).fee == "free"


@pytest.mark.parametrize("number", ["ES-999999", "", "286", "x"])
def test_there_is_nothing_to_amend_or_cancel_under_an_unknown_number(number: str) -> None:
    for action in (actions.amend, actions.cancel):
        with pytest.raises(Missing):
            action(provider=body(), answers={"registry_number": number}, case="CS-2", by=OPERATOR, now=NOW)


def test_an_amendment_that_makes_the_service_another_entry_s_is_refused() -> None:
    """REG-001"""
    registered()
    other = registered(service="wax-seal", case="CS-9")
    with pytest.raises(RuleViolated) as refusal:
        amended(other, service="honey-seal")
    assert codes(refusal) == ["REG-001"]


def test_an_amendment_can_say_by_which_regulation_the_service_runs() -> None:
    version = registered(service="")
    assert registry.entry_of_service("honey-seal", on=TODAY) is None
    amended(version, service="honey-seal")
    found = registry.entry_of_service("honey-seal", on=TODAY)
    assert found is not None
    assert found.number == version.number


# ---------------------------------------------------------------- cancelling


def test_a_cancelled_entry_stays_with_everything_it_said() -> None:
    """S10.7"""
    first = registered()
    last = cancelled(first, now=NEXT_WEEK)
    assert (last.change, last.cancelled, last.content) == ("cancelled", True, first.content)
    assert registry.entry(first.number, on=date(2026, 10, 12)).cancelled
    assert last in registry.search("honey seal", on=date(2026, 10, 12)).rows
    assert registry.statistics(on=date(2026, 10, 12)).all == registry.statistics(on=TODAY).all - 1


def test_a_cancelled_service_no_longer_runs_here() -> None:
    regulations.load()
    version = registered()
    assert "honey-seal" in registry.running(TODAY)
    cancelled(version, now=NEXT_WEEK)
    assert "honey-seal" in registry.running(date(2026, 10, 11))
    assert "honey-seal" not in registry.running(date(2026, 10, 12))


def test_what_is_cancelled_is_neither_amended_nor_cancelled_again() -> None:
    """REG-004"""
    last = cancelled(registered())
    for again in (amended, cancelled):
        with pytest.raises(RuleViolated) as refusal:
            again(last, case="CS-4")
        assert codes(refusal) == ["REG-004"]


def test_the_provider_is_told_of_an_amendment_and_of_a_cancellation() -> None:
    """S10.8"""
    officer = make_officer("honey-office")
    version = amended(registered(), fee="free")
    cancelled(version)
    kinds = Notice.objects.filter(organisation=officer.organisation).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["registry.registered", "registry.amended", "registry.cancelled"]


# ---------------------------------------------------------------- what the database itself refuses


def a_version(first: EntryVersion, **given: Any) -> EntryVersion:
    values = {
        "created_at": NOW, "entry": first.entry, "version": 2, "valid_from": TODAY, "content": first.content,
        "basis": "CS-2", "change": "amended", "registered_by": "x", "name_az": "x", "body": "x",
    } | given  # fmt: skip
    return EntryVersion(**values)


@pytest.mark.parametrize(
    ("constraint", "given"),
    [
        ("entry_versions_do_not_overlap", {"valid_from": date(2026, 10, 4), "valid_until": TODAY}),
        ("one_current_version_of_an_entry", {"valid_from": date(2026, 12, 1)}),
        (
            "one_text_of_an_entry_version",
            {"version": 1, "valid_from": date(2026, 1, 1), "valid_until": date(2026, 2, 1)},
        ),
        ("entry_version_ends_after_it_begins", {"valid_until": TODAY - timedelta(days=2)}),
    ],
)  # fmt: skip
def test_the_database_keeps_versions_apart(constraint: str, given: dict[str, Any]) -> None:
    first = registered()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        a_version(first, **given).save()


def test_the_database_knows_each_number_and_each_listed_service_once() -> None:
    from azexport.services.models import Entry

    entry = registered().entry
    for given in ({"number": entry.number}, {"number": "ES-1"}, {"number": "ES-900000", "list_number": "1.1"}):
        values = {"created_at": NOW, "provider": entry.provider, "list_number": ""} | given
        with pytest.raises(IntegrityError), transaction.atomic():
            Entry.objects.create(**values)


# ---------------------------------------------------------------- requests under way


def a_request(case: str = "CS-1", change: str = "registered", **given: Any) -> RegistryRequest:
    return actions.open_request(case=case, provider=body(), change=change, answers=form(**given), by=OPERATOR, now=NOW)


def test_a_request_is_under_way_until_the_service_is_registered() -> None:
    """S10.4: 3 working days, by the clock of the case."""
    request = a_request()
    assert a_request() == request
    calendar.start_clock(subject="CS-1", working_days=3, now=NOW)
    (pending,) = registry.pending(on=TODAY)
    assert (pending.due_on, pending.overdue, pending.request.name["en"]) == (date(2026, 10, 8), False, FORM["name_en"])
    assert registry.pending(on=date(2026, 10, 9))[0].overdue
    version = registered()
    assert registry.pending(on=TODAY) == []
    request.refresh_from_db()
    assert (request.outcome, request.number) == ("granted", version.number)


def test_a_request_about_an_entry_is_shown_with_it() -> None:
    version = registered()
    a_request("CS-2", "amended", registry_number=version.number.lower(), name_az="")
    (found,) = registry.pending_for(version.number)
    assert (found.change, found.name) == ("amended", version.name)
    amended(version, fee="free")
    assert registry.pending_for(version.number) == []


@pytest.mark.parametrize("outcome", ["refused", "withdrawn"])
def test_a_request_can_end_without_the_registry_changing(outcome: str) -> None:
    a_request()
    closed = actions.close_request(case="CS-1", outcome=outcome, by=OPERATOR, now=NOW)
    assert closed is not None
    assert actions.close_request(case="CS-1", outcome="granted", by=OPERATOR, now=NEXT_WEEK) == closed
    closed.refresh_from_db()
    assert (closed.outcome, closed.closed_at) == (outcome, NOW)
    assert registry.pending(on=TODAY) == []


def test_closing_a_case_that_asked_for_nothing_here_changes_nothing() -> None:
    assert actions.close_request(case="CS-0", outcome="refused", by=OPERATOR, now=NOW) is None


def test_a_service_that_becomes_free_has_no_price_any_more() -> None:
    """S8, S-A2 8: the form does not ask the price of what is free, and says nothing of it."""
    before = registered(fee="paid", fee_text="7,50 AZN")
    version = amended(before, fee="free")
    assert (version.content["fee"], version.content["fee_text"]) == ("free", None)


def test_performers_whom_the_new_regulation_no_longer_names_are_gone() -> None:
    """S-A2 4: what is empty in the form that was made from the draft is empty in the entry; else it stays (S10.8)."""
    before = registered(other_performers="Arıçılar Birliyi")
    draft = drafts.make_draft()
    draft = drafts.approved(draft, by=make_officer("honey-office"), head=make_head("honey-office"))
    assert amended(before, name_az="Bal").content["other_performers"] == {"az": "Arıçılar Birliyi"}
    version = amended(before, draft=draft.reference, case="CS-5", now=NOW + drafts.AFTER)
    assert version.content["other_performers"] is None


def test_an_id_under_which_another_body_drafts_cannot_be_registered_and_one_that_is_cannot_be_drafted() -> None:
    """REG-006, DRF-010: nobody stands in the way of another body's service."""
    draft = drafts.make_draft()
    with pytest.raises(RuleViolated) as refusal:
        registered(code="wax-office", service=draft.service)
    assert codes(refusal) == ["REG-006"]
    registered(code="wax-office", service="wax-seal")
    with pytest.raises(RuleViolated) as refusal:
        drafting.start(participant=body(), service="wax-seal", by=make_officer("honey-office"), now=NOW)
    assert codes(refusal) == ["DRF-010"]


@pytest.mark.parametrize(
    ("field", "value"), [("fee", "free"), ("users", ["natural", "legal"]), ("kind", "informational")]
)
def test_the_registry_cannot_say_otherwise_than_the_regulation_that_it_names(field: str, value: Any) -> None:
    """REG-009, S4.1, S10.5: legal text, form and registry are one."""
    draft = drafts.approved(drafts.make_draft(), by=make_officer("honey-office"), head=make_head("honey-office"))
    with pytest.raises(RuleViolated) as refusal:
        registered(draft=draft.reference, now=NOW + drafts.AFTER, **{field: value})
    assert codes(refusal) == ["REG-009"]


def test_the_entry_begins_on_the_day_of_the_regulation_that_the_head_signed() -> None:
    """REG-007, S10.4: form, entry and regulation name one day; the day of registration, where that is later."""
    head = make_head("honey-office")
    draft = drafts.approved(drafts.make_draft(), by=make_officer("honey-office"), head=head)
    assert draft.effective_on is not None
    later = draft.effective_on + timedelta(days=30)
    with pytest.raises(RuleViolated) as refusal:
        registered(draft=draft.reference, effective_on=later.isoformat(), now=NOW + drafts.AFTER)
    assert codes(refusal) == ["REG-007"]
    told = draft.effective_on.isoformat()
    version = registered(draft=draft.reference, effective_on=told, now=NOW + drafts.AFTER + timedelta(days=2))
    draft.refresh_from_db()
    assert draft.version is not None
    assert draft.version.valid_from == draft.effective_on + timedelta(days=2)
    assert version.content["effective_on"] == draft.version.valid_from.isoformat()


def test_a_regulation_that_ended_with_its_cancelled_service_is_not_registered_again() -> None:
    """REG-008: the new entry would lead to no service."""
    draft = drafts.approved(drafts.make_draft(), by=make_officer("honey-office"), head=make_head("honey-office"))
    later = NOW + drafts.AFTER
    cancelled(registered(draft=draft.reference, now=later), now=later)
    with pytest.raises(RuleViolated) as refusal:
        registered(draft=draft.reference, case="CS-9", now=later)
    assert codes(refusal) == ["REG-008"]
