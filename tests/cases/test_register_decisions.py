"""Entries of public registers are struck off, suspended and restored by decisions, never deleted (S-A1 1.8, S7.1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from azexport.audit.models import Event
from azexport.cases import actions
from azexport.cases.actions import officers
from azexport.cases.models import Case, RegisterDecision, RegisterEntry
from azexport.documents import queries as documents
from azexport.documents.models import Document, Paper
from azexport.documents.states import DocumentStatus
from azexport.kernel.errors import IllegalTransition, Missing, RuleViolated
from azexport.kernel.text import both
from azexport.notices.models import Notice
from azexport.parties.models import Mandate, Member
from tests.factories import papers
from tests.factories.cases import DOCUMENT, REGISTER, again, desk_case, desk_row, step, words
from tests.factories.parties import make_head, make_member, make_officer, sign_in

pytestmark = pytest.mark.django_db
REASON = both("Pətəklər yoxdur.", "There are no hives.")
GROUND = both("Bal haqqında Qanun, 15.2", "Law on Honey, 15.2")
FORM = {
    "reason_az": REASON["az"], "reason_en": REASON["en"], "ground_az": GROUND["az"], "ground_en": GROUND["en"],
}  # fmt: skip
Browser = Callable[..., Client]


@pytest.fixture
def row() -> Any:
    """A service with a signed document and a public register as its result."""
    seal = {"kind": "seal", "name": words("Honey seal"), "validity": {"days": 30, "text": words("30 days")}}
    return desk_row([step("tasting")], general__result={**seal, "document": DOCUMENT, "register": REGISTER})


@pytest.fixture
def clerk(row: Any) -> Member:
    return make_officer("honey-office")


@pytest.fixture
def head(row: Any) -> Member:
    return make_head("honey-office")


@pytest.fixture
def member() -> Member:
    return make_member()


@pytest.fixture
def case(row: Any, clerk: Member, member: Member) -> Case:
    """A case that was granted: its document is signed, its holder is in the register."""
    return entered(row, clerk, member)


def entered(row: Any, clerk: Member, member: Member) -> Case:
    now = timezone.now()
    case = officers.take_on(case=desk_case(member, row, now=now), by=clerk, now=now)
    officers.finish_step(case=case, step="tasting", outcome="done", by=clerk, now=now)
    paper = officers.propose_grant(
        case=case, valid_from=now.date(), valid_until=now.date() + timedelta(days=30), remarks={}, by=clerk, now=now
    )
    if paper is not None:
        papers.signed(paper, now=now)
    return again(case)


def decide(case: Case, by: Member, kind: str = "strike_off", **given: Any) -> RegisterDecision:
    arguments: dict[str, Any] = {
        "case": case,
        "kind": kind,
        "reason": REASON,
        "ground": GROUND,
        "by": by,
        "now": timezone.now(),
    }
    return actions.decide_entry(**arguments | given)


def decided(case: Case, by: Member, kind: str = "strike_off") -> Case:
    """The decision is made: signed by the head where there is a document."""
    decision = decide(case, by, kind)
    papers.signed(documents.paper(decision.paper), now=timezone.now())
    return again(case)


def browser(member: Member | None = None, language: str = "en") -> Client:
    client = sign_in(Client(), member) if member else Client()
    client.cookies["language"] = language
    return client


def public(case: Case, language: str = "en") -> str:
    response = browser(language=language).get(f"/registers/{case.regulation.service}/{case.reference}/")
    assert response.status_code == 200
    return response.content.decode()


def verified(case: Case) -> str:
    assert case.result_document is not None
    return browser().get(f"/verify/{case.result_document.code}/").content.decode()


# ------------------------------------------------------------------------------------------------ struck off


def test_what_an_officer_prepares_the_head_signs_and_anybody_sees_struck_off_with_the_reason(
    case: Case, clerk: Member, head: Member, member: Member
) -> None:
    """The officer writes it, the head signs it: from then the register, the document and the holder know."""
    desk = browser(clerk)
    at = f"/desk/cases/{case.reference}/"
    assert f"{at}entry/strike_off/" in desk.get(at).content.decode()
    assert "Strike off the register" in desk.get(f"{at}entry/strike_off/").content.decode()

    assert desk.post(f"{at}entry/strike_off/", FORM)["Location"] == at

    paper = Paper.objects.get(purpose="register-decision")
    assert paper.signer_id == head.actor_id
    assert f"signature of {head.actor_name}" in desk.get(at).content.decode()
    assert f"/papers/{paper.reference}/" in browser(head).get("/desk/").content.decode()
    assert "Struck off on" not in public(case)
    assert RegisterEntry.objects.get().status == "entered"

    papers.signed(paper, now=timezone.now())

    page = public(case)
    for part in ("Struck off", "Because: There are no hives.", "Law on Honey, 15.2", head.actor_name, "Entered on"):
        assert part in page
    assert "Reyestrdən çıxarılıb" in public(case, "az")
    assert "Pətəklər yoxdur." in public(case, "az")
    case = again(case)
    assert case.result_document is not None
    assert case.result_document.status == DocumentStatus.REVOKED
    assert "revoked" in verified(case).lower()
    notice = Notice.objects.get(kind="entry.strike_off")
    assert notice.organisation == member.organisation
    assert notice.body["en"].endswith("There are no hives.")
    shown = browser(member).get(f"/cases/{case.reference}/").content.decode()
    for part in ("Struck off on", "There are no hives.", "Struck off the public register"):
        assert part in shown
    decision = RegisterDecision.objects.get()
    assert decision.document is not None
    assert browser(member).get(f"/documents/{decision.document.reference}/").status_code == 200
    assert browser(make_member()).get(f"/documents/{decision.document.reference}/").status_code == 404


def test_a_head_who_decides_signs_at_once(case: Case, head: Member) -> None:
    answer = browser(head).post(f"/desk/cases/{case.reference}/entry/suspend/", FORM)

    assert answer["Location"] == f"/papers/{Paper.objects.get(purpose='register-decision').reference}/"


def test_a_decision_is_undone_by_another_and_its_history_stays(case: Case, head: Member) -> None:
    decided(case, head)
    with pytest.raises(IllegalTransition):
        decide(case, head, "suspend")

    case = decided(case, head, "restore")

    assert case.result_document is not None
    assert case.result_document.status == DocumentStatus.ISSUED
    page = public(case)
    assert "In force" in page
    assert page.index("Restored on") < page.index("Struck off on") < page.index("Entered on")
    assert [one.kind for one in RegisterDecision.objects.order_by("id")] == ["strike_off", "restore"]
    names = list(Event.objects.filter(name__startswith="entry.", subject=case.reference).values_list("name", flat=True))
    assert {"entry.struck_off", "entry.restored"} <= set(names)


def test_a_suspended_entry_says_so_in_the_list_and_for_machines_and_may_still_be_struck_off(
    case: Case, head: Member
) -> None:
    decided(case, head, "suspend")

    service = case.regulation.service
    assert "Suspended" in browser().get(f"/registers/{service}/").content.decode()
    table = b"".join(browser().get(f"/registers/{service}/register.csv").streaming_content)  # type: ignore[attr-defined]
    assert table.decode().strip().endswith("suspended")
    decided(case, head, "strike_off")
    assert RegisterEntry.objects.get().status == "struck_off"


def test_where_the_service_gives_no_document_the_decision_is_made_at_once(clerk: Member, member: Member) -> None:
    case = entered(desk_row([step("tasting")], general__result__register=REGISTER), clerk, member)
    assert case.result_document is None

    answer = browser(clerk).post(f"/desk/cases/{case.reference}/entry/strike_off/", FORM)

    assert answer["Location"] == f"/desk/cases/{case.reference}/"
    assert RegisterEntry.objects.get().status == "struck_off"
    assert clerk.actor_name in public(case)


# ------------------------------------------------------------------------------------------------ refused


@pytest.mark.parametrize("missing", sorted(FORM))
def test_reason_and_ground_are_written_in_both_languages(case: Case, clerk: Member, head: Member, missing: str) -> None:
    client = browser(clerk)
    address = f"/desk/cases/{case.reference}/entry/strike_off/"
    answer = client.post(address, {**FORM, missing: ""})
    assert answer.status_code == 422
    kept = next(value for name, value in FORM.items() if name != missing)
    assert kept in answer.content.decode()
    assert kept in client.get(address).content.decode()
    name, language = missing.split("_")
    poor: dict[str, Any] = {name: {"az": "x", "en": "x", language: " "}}
    with pytest.raises(RuleViolated) as refused:
        decide(case, clerk, **poor)
    assert [one.code for one in refused.value.violations] == ["CAS-022" if name == "reason" else "CAS-023"]


def test_without_a_head_nothing_can_be_signed(case: Case, clerk: Member) -> None:
    answer = browser(clerk).post(f"/desk/cases/{case.reference}/entry/strike_off/", FORM)

    assert answer.status_code == 422
    assert "no head on the portal" in answer.content.decode()
    assert not RegisterDecision.objects.exists()


def test_nobody_else_decides_about_an_entry(case: Case, clerk: Member, head: Member, member: Member) -> None:
    other = make_officer("bee-office")
    for stranger in (other, member):
        with pytest.raises(Missing):
            decide(case, stranger)
        with pytest.raises(Missing):
            actions.take_back_decision(case=case, by=stranger, now=timezone.now())
    assert browser(other).get(f"/desk/cases/{case.reference}/entry/strike_off/").status_code == 404
    assert browser(member).get(f"/desk/cases/{case.reference}/entry/strike_off/").status_code in (302, 403)
    assert browser(clerk).get(f"/desk/cases/{case.reference}/entry/dance/").status_code == 404
    assert browser(clerk).get(f"/desk/cases/{case.reference}/entry/restore/").status_code == 409


def test_a_case_that_is_in_no_register_has_nothing_to_strike_off(row: Any, clerk: Member, member: Member) -> None:
    case = officers.take_on(case=desk_case(member, row), by=clerk, now=timezone.now())

    with pytest.raises(Missing):
        decide(case, clerk)
    assert browser(clerk).get(f"/desk/cases/{case.reference}/entry/strike_off/").status_code == 404


# ------------------------------------------------------------------------------------------------ in vain


def test_a_decision_is_taken_back_before_it_is_signed_or_replaced_by_another(
    case: Case, clerk: Member, head: Member
) -> None:
    first = decide(case, clerk)
    second = decide(case, clerk, "suspend")
    first.refresh_from_db()
    assert (first.status, documents.paper(first.paper).status) == ("taken_back", "discarded")

    client = browser(clerk)
    assert client.post(f"/desk/cases/{case.reference}/entry/take-back/").status_code == 302

    second.refresh_from_db()
    assert (second.status, documents.paper(second.paper).status) == ("taken_back", "discarded")
    assert client.post(f"/desk/cases/{case.reference}/entry/take-back/").status_code == 409
    assert RegisterEntry.objects.get().status == "entered"


def test_the_signature_of_somebody_who_is_the_head_no_more_changes_nothing(case: Case, head: Member) -> None:
    decision = decide(case, head)
    paper = papers.printed(documents.paper(decision.paper))
    Mandate.objects.filter(person=head.person).update(ended_at=timezone.now(), ended_by="x")

    papers.signed(paper, now=timezone.now())

    decision.refresh_from_db()
    assert (decision.status, RegisterEntry.objects.get().status) == ("taken_back", "entered")
    assert Event.objects.filter(name="entry.decision_signed_in_vain").count() == 1
    assert Document.objects.filter(kind="register-decision").latest("id").status == DocumentStatus.REVOKED


def test_a_signature_that_is_announced_twice_changes_nothing_more(case: Case, head: Member) -> None:
    case = decided(case, head)
    decision = RegisterDecision.objects.get()
    assert decision.document is not None

    actions.decision_signed(
        documents.paper(decision.paper), by=head, now=timezone.now(), data={"document": decision.document.reference}
    )

    assert again(case).changes == case.changes
    assert documents.by_reference(decision.document.reference).status == DocumentStatus.ISSUED


def test_the_page_of_an_entry_costs_the_same_for_one_decision_and_for_three(case: Case, head: Member) -> None:
    def cost() -> int:
        public(case)
        with CaptureQueriesContext(connection) as captured:
            public(case)
        return len(captured)

    decided(case, head)
    one = cost()
    decided(case, head, "restore")
    decided(case, head, "suspend")
    assert cost() == one
