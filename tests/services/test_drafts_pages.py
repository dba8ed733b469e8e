"""The pages on which officers bring a regulation from its first word to force (S9, S10), and who may open them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from azexport.documents import papers as signing
from azexport.documents.models import Paper
from azexport.kernel.text import both
from azexport.parties.models import Member
from azexport.services.actions import discussions, drafts
from azexport.services.models import RegulationDraft
from tests.factories import papers, services
from tests.factories.drafts import AFTER, agreed, approved, body, discussed, make_draft, say, talked_over
from tests.factories.participants import participant
from tests.factories.parties import make_citizen, make_head, make_member, make_officer, sign_in
from tests.factories.services import NOW, honey, words

pytestmark = pytest.mark.django_db
LATER = NOW + AFTER


@pytest.fixture
def officer() -> Member:
    return make_officer("honey-office")


@pytest.fixture
def head() -> Member:
    return make_head("honey-office")


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)


def at(member: Member, language: str = "en") -> Client:
    client = sign_in(Client(), member)
    client.cookies["language"] = language
    return client


def now_of(draft: RegulationDraft) -> str:
    return RegulationDraft.objects.get(pk=draft.pk).status


# ---------------------------------------------------------------- beginning


def test_a_new_service_begins_with_its_name(officer: Member) -> None:
    client = at(officer)
    assert "no drafts yet" in client.get("/drafts/").content.decode()
    assert client.post("/drafts/new/", {}).status_code == 422
    assert client.post("/drafts/new/", {"way": "blank"})["Location"] == "/drafts/new/blank/"
    assert client.post("/drafts/new/blank/", {"name_az": "Bal"}).status_code == 422
    answer = client.post("/drafts/new/blank/", {"name_az": "Bal", "name_en": "Honey"})
    draft = RegulationDraft.objects.get()
    assert answer["Location"] == f"/drafts/{draft.reference}/"
    assert (draft.service, draft.name) == ("honey", both("Bal", "Honey"))
    page = client.get(answer["Location"]).content.decode()
    assert "still missing or wrong" in page
    assert f"/drafts/{draft.reference}/edit/" in page


def test_a_copy_and_a_new_version_begin_from_what_is_in_force(officer: Member) -> None:
    services.load()
    client = at(officer)
    assert "Issue of the honey seal" in client.get("/drafts/new/copy/").content.decode()
    client.post("/drafts/new/copy/", {"name_az": "Mum", "name_en": "Wax", "pattern": "honey-seal"})
    assert RegulationDraft.objects.get().based_on is None
    client.post("/drafts/new/version/", {"pattern": "honey-seal"})
    assert RegulationDraft.objects.latest("pk").number == 2
    twice = client.post("/drafts/new/version/", {"pattern": "honey-seal"})
    assert twice.status_code == 422
    assert "already" in twice.content.decode()
    assert client.post("/drafts/new/version/", {"pattern": "certificate-of-origin"}).status_code == 422
    assert client.get("/drafts/new/poem/").status_code == 404


def test_a_body_without_regulations_is_told_so(officer: Member) -> None:
    assert "no regulation in force yet" in at(officer).get("/drafts/new/version/").content.decode()


# ---------------------------------------------------------------- the way through


def test_the_page_says_what_is_to_be_done_at_every_stage(officer: Member, head: Member) -> None:
    draft = make_draft(by=officer)
    client, at_head = at(officer), at(head)

    def page(of: Client = client) -> str:
        answer = of.get(f"/drafts/{draft.reference}/")
        assert answer.status_code == 200
        return answer.content.decode()

    assert reverse("draft_publish", args=[draft.reference]) in page()
    discussed(draft, by=officer)
    assert "Anybody can comment until" in page()
    comment = say(draft)
    discussions.close_due(now=LATER)
    assert "1 comment waits for your answer" in page()
    discussions.answer(comment=comment, text="Yes.", by=officer, now=LATER)
    assert "names no other performer" in page()
    client.post(f"/drafts/{draft.reference}/performers/")
    assert reverse("draft_head", args=[draft.reference]) in page()
    client.post(f"/drafts/{draft.reference}/head/", {"effective_on": "2026-10-20"})
    assert "signs the text, or sends it back" in page()
    assert reverse("draft_sign", args=[draft.reference]) in page(at_head)
    assert at_head.post(f"/drafts/{draft.reference}/sign/")["Location"].startswith("/papers/PP-")
    papers.signed(Paper.objects.get(subject=draft.reference), now=LATER)
    assert "approved and published" in page()
    drafts.registered(draft.reference, now=LATER)
    assert "Version 1 of the regulation holds from" in page()


def test_the_signature_on_the_printed_text_approves_it(officer: Member, head: Member) -> None:
    """S9.8, S-A1 "Təsdiq edirəm": through the real paper, its printing and the table of events."""
    draft = agreed(make_draft(by=officer), by=officer)
    drafts.send_to_head(draft=draft, effective_on=LATER.date(), by=officer, now=LATER)
    paper = papers.printed(Paper.objects.get(subject=draft.reference))
    papers.refused(paper, now=LATER)
    assert "not accepted" in at(head).get(f"/drafts/{draft.reference}/").content.decode()
    assert now_of(draft) == "awaiting_head"
    signing.ask(paper, signer=head, expected=head.expected, by=head, now=LATER)
    papers.ended(paper, "completed", "accepted", LATER)
    assert now_of(draft) == "approved"
    signed = Client().get(f"/regulations/approved/{draft.reference}/regulation.pdf")
    assert signed.content.startswith(b"%PDF")


def test_the_list_of_letters_is_asked_of_bodies_that_are_not_here(officer: Member) -> None:
    participant("wax-office", base_url=None)
    text = honey()
    text["general"]["other_performers"] = ["wax-office"]
    draft = talked_over(make_draft(by=officer, content=text), by=officer)
    client, path = at(officer), f"/drafts/{draft.reference}/performers/"
    assert "Letter in which Office wax-office agreed" in client.get(path).content.decode()
    assert client.post(path, {}).status_code == 422
    assert client.post(path, {"letter_0": "No. 7 of 1 October"}).status_code == 302
    assert now_of(draft) == "agreed"


def test_another_body_reads_and_answers_on_its_own_page(officer: Member) -> None:
    wax, clerk = make_head("wax-office"), make_officer("wax-office")
    text = honey()
    text["general"]["other_performers"] = ["wax-office"]
    draft = talked_over(make_draft(by=officer, content=text), by=officer)
    path = f"/drafts/{draft.reference}/agreement/"
    assert at(wax).get(path).status_code == 404
    drafts.ask_performers(draft=draft, by=officer, now=LATER)
    assert draft.name["en"] in at(wax).get("/drafts/").content.decode()
    assert "The head of your body answers" in at(clerk).get(path).content.decode()
    assert at(clerk).post(path, {"decision": "agree"}).status_code == 403
    assert at(clerk).get(f"/drafts/{draft.reference}/text/").status_code == 200
    assert at(clerk).get(f"/drafts/{draft.reference}/").status_code == 404
    assert at(wax).post(path, {}).status_code == 422
    assert at(wax).post(path, {"decision": "object", "reason": " "}).status_code == 422
    assert at(wax).post(path, {"decision": "object", "reason": "Too fast."}).status_code == 302
    assert "Sent back by" in at(officer).get(f"/drafts/{draft.reference}/").content.decode()
    assert at(wax).post(path, {"decision": "agree"}).status_code == 409
    assert at(officer).get(path).status_code == 404


def test_the_head_sends_back_and_the_officer_takes_back(officer: Member, head: Member) -> None:
    draft = agreed(make_draft(by=officer), by=officer)
    path = f"/drafts/{draft.reference}/"
    client, at_head = at(officer), at(head)
    assert client.post(path + "head/", {"effective_on": "2026-10-01"}).status_code == 422
    client.post(path + "head/", {"effective_on": "2026-10-20"})
    assert client.get(path + "send-back/").status_code == 409
    assert client.post(path + "sign/").status_code == 403
    assert at_head.post(path + "send-back/", {"reason": ""}).status_code == 422
    assert at_head.post(path + "send-back/", {"reason": "Too long."}).status_code == 302
    assert "Too long." in client.get(path).content.decode()
    client.post(path + "performers/")
    assert client.get(path + "reopen/").status_code == 200
    assert client.post(path + "reopen/").status_code == 302
    assert now_of(draft) == "drafted"


def test_withdrawing_asks_why_and_is_final(officer: Member) -> None:
    draft = make_draft(by=officer)
    client, path = at(officer), f"/drafts/{draft.reference}/withdraw/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"reason": ""}).status_code == 422
    assert client.post(path, {"reason": "No bees left."}).status_code == 302
    assert "No bees left." in client.get(f"/drafts/{draft.reference}/").content.decode()
    assert client.get(path).status_code == 409


def test_what_cannot_be_done_now_is_refused_by_its_page(officer: Member) -> None:
    draft = discussed(make_draft(by=officer), by=officer, now=LATER)
    client = at(officer)
    for page in ("publish", "performers", "head", "send-back", "reopen"):
        assert client.get(f"/drafts/{draft.reference}/{page}/").status_code == 409
    assert client.post(f"/drafts/{draft.reference}/sign/").status_code == 403


def test_a_new_version_shows_what_it_changes(officer: Member) -> None:
    row = services.load()
    draft = drafts.start(participant=body(officer), based_on=row, by=officer, now=NOW)
    text = honey()
    text["general"]["content"] = words("Says that honey is good.")
    draft = drafts.change(draft=draft, content=text, changes=0, by=officer, now=NOW)
    client = at(officer)
    page = client.get(f"/drafts/{draft.reference}/text/").content.decode()
    assert "good" in page
    assert "<del>" in page
    discussed(draft, by=officer, now=LATER)
    assert "<ins>" in Client().get(f"/regulations/discussions/{draft.reference}/changes/").content.decode()


def lines(page: Any) -> dict[str, tuple[Any, ...]]:
    """What the table of the burden says: measure -> before, after, change."""
    return {str(one["what"]): (one["before"], one["after"], one["change"]) for one in page.context["burden"]["lines"]}


def test_the_burden_is_shown_beside_that_of_the_version_in_force(officer: Member, head: Member) -> None:
    """S9.3: before and after, on the draft's page, where the head signs, and for everybody; what gets worse is said."""
    row = services.load()
    draft = drafts.start(participant=body(officer), based_on=row, by=officer, now=NOW)
    text = honey()
    text["provision"]["questions"] = text["provision"]["questions"][:1]
    text["provision"]["fee"]["amount"] = "9"
    draft = drafts.change(draft=draft, content=text, changes=0, by=officer, now=NOW)
    discussed(draft, by=officer, now=LATER)
    public = Client()
    public.cookies["language"] = "en"
    for client, path in ((at(officer), "/drafts/"), (public, "/regulations/discussions/"), (at(head), "/drafts/")):
        page = client.get(f"{path}{draft.reference}/")
        assert lines(page)["Questions to the user"] == ("5", "1", "better")
        assert lines(page)["Fee"] == ("7.50\xa0AZN", "9.00\xa0AZN", "worse")
        assert lines(page)["Steps"] == ("2", "2", "same")
        assert "For users this gets worse" in page.content.decode()


def test_the_head_sees_the_burden_of_a_new_service_where_they_sign(officer: Member, head: Member) -> None:
    """S9.3: a new service stands alone."""
    draft = agreed(make_draft(by=officer), by=officer)
    drafts.send_to_head(draft=draft, effective_on=LATER.date(), by=officer, now=LATER)
    page = at(head).get(f"/drafts/{draft.reference}/")
    assert reverse("draft_sign", args=[draft.reference]) in page.content.decode()
    assert lines(page)["Questions to the user"] == (None, "5", None)
    assert "gets worse" not in page.content.decode()


# ---------------------------------------------------------------- who may


PAGES = [
    "/drafts/", "/drafts/new/", "/drafts/new/blank/", "/drafts/{ref}/", "/drafts/{ref}/text/", "/drafts/{ref}/publish/",
    "/drafts/{ref}/comments/", "/drafts/{ref}/comments/1/answer/", "/drafts/{ref}/comments/1/hide/",
    "/drafts/{ref}/performers/", "/drafts/{ref}/agreement/", "/drafts/{ref}/head/", "/drafts/{ref}/send-back/",
    "/drafts/{ref}/reopen/", "/drafts/{ref}/withdraw/",
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_drafts_are_for_officers_of_the_body_only(page: str, officer: Member) -> None:
    draft = make_draft(by=officer)
    path = page.format(ref=draft.reference)
    assert Client().get(path)["Location"].startswith("/sign-in/")
    for other in (make_citizen(), make_member()):
        assert at(other).get(path).status_code == 403
    if "{ref}" in page:
        stranger = at(make_head("wax-office"))
        assert stranger.get(path).status_code == 404
        assert stranger.post(path, {"reason": "x", "text": "x", "until": "2026-11-20"}).status_code in (404, 405)


@pytest.mark.parametrize("language", ["az", "en"])
def test_every_page_speaks_both_languages(language: str, officer: Member, head: Member) -> None:
    draft = approved(make_draft(by=officer), by=officer, head=head)
    for path in ("/drafts/", "/drafts/new/", "/drafts/new/blank/", f"/drafts/{draft.reference}/"):
        assert f'<html lang="{language}"' in at(officer, language).get(path).content.decode()
    for path in (
        "/regulations/discussions/",
        f"/regulations/discussions/{draft.reference}/",
        f"/regulations/approved/{draft.reference}/",
    ):
        assert f'<html lang="{language}"' in at(officer, language).get(path).content.decode()


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_costs_the_same_for_one_draft_and_for_three(
    many: int, officer: Member, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(many):
        make_draft(by=officer, name=f"Seal {number}")
    client = at(officer)
    with django_assert_num_queries(5):
        client.get("/drafts/")


def test_the_list_is_paged_by_key(officer: Member) -> None:
    for number in range(22):
        make_draft(by=officer, name=f"Seal {number}", content={})
    client = at(officer)
    first = client.get("/drafts/").content.decode()
    assert "Seal 21" in first
    assert "Seal 1<" not in first
    older = RegulationDraft.objects.order_by("-pk")[19].reference
    assert f"/drafts/?before={older}" in first
    assert "Seal 1<" in client.get(f"/drafts/?before={older}").content.decode()


# ---------------------------------------------------------------- what runs


def test_a_new_version_is_there_for_the_next_request_without_a_restart(officer: Member, head: Member) -> None:
    """S10.4: nothing keeps the set of services or their texts in memory."""
    from azexport.services import queries

    assert queries.regulation("honey-seal", LATER.date()) is None
    assert "honey-seal" not in {row.service for row in queries.in_force(LATER.date())}
    draft = approved(make_draft(by=officer), by=officer, head=head)
    drafts.registered(draft.reference, now=LATER)
    row = queries.regulation("honey-seal", LATER.date())
    assert row is not None
    assert row.regulation.name["en"] == "Honey seal"
    assert "honey-seal" in {row.service for row in queries.in_force(LATER.date())}
    assert at(officer).get("/drafts/new/copy/").content.decode().count('value="honey-seal"') == 1


def test_open_cases_stay_on_the_version_they_began_with(officer: Member, head: Member) -> None:
    """A case keeps its questions, its term and its text; one that is opened later has the new ones."""
    from azexport.cases.models import Case
    from tests.factories.cases import open_case

    old = services.load()
    before = open_case(row=old)
    draft = drafts.start(participant=body(officer), based_on=old, by=officer, now=NOW)
    text: dict[str, Any] = honey()
    text["general"]["term"]["working_days"] = 9
    text["provision"]["questions"] = text["provision"]["questions"][:1]
    draft = drafts.change(draft=draft, content=text, changes=0, by=officer, now=NOW)
    draft = approved(draft, by=officer, head=head)
    new = drafts.registered(draft.reference, now=LATER)
    after = open_case(row=new, now=LATER)

    before, after = (Case.objects.for_page().get(pk=one.pk) for one in (before, after))
    assert [len(one.regulation.regulation.questions) for one in (before, after)] == [5, 1]
    assert [one.regulation.regulation.term.working_days for one in (before, after)] == [4, 9]
    assert [one.regulation.label for one in (before, after)] == ["1", "2"]


def test_a_draft_is_not_what_applicants_get(officer: Member) -> None:
    from azexport.services import queries

    draft = make_draft(by=officer)
    discussed(draft, by=officer)
    assert queries.regulation(draft.service, date(2026, 12, 31)) is None
    assert queries.regulation(draft.service, (LATER + timedelta(days=300)).date()) is None
