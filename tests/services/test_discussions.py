"""The public discussion of a draft (S9.7): by anybody, in public, answered, until a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from azexport.audit.models import Event
from azexport.calendar.queries import today
from azexport.kernel.errors import IllegalTransition, NotAllowed, RuleViolated
from azexport.notices.models import Mail, Notice
from azexport.parties.models import Member
from azexport.services.actions import discussions
from azexport.services.actions import drafts as actions
from azexport.services.models import Comment, RegulationDraft
from tests.factories.drafts import discussed, make_draft, say, talked_over
from tests.factories.parties import make_citizen, make_head, make_member, make_officer, sign_in
from tests.factories.services import NOW, honey, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Member:
    return make_officer("honey-office")


@pytest.fixture
def draft(officer: Member) -> RegulationDraft:
    """A draft in discussion, open today by any clock."""
    return discussed(make_draft(by=officer), by=officer)


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def visitor() -> Client:
    client = Client()
    client.cookies["language"] = "en"
    return client


def at(member: Member) -> Client:
    client = sign_in(Client(), member)
    client.cookies["language"] = "en"
    return client


# ---------------------------------------------------------------- publishing


def test_a_discussion_lasts_at_least_as_long_as_the_portal_s_setting(officer: Member) -> None:
    draft = make_draft(by=officer)
    for days in (9, 366):
        with pytest.raises(RuleViolated) as refusal:
            discussions.publish(draft=draft, until=today(NOW) + timedelta(days=days), by=officer, now=NOW)
        assert refusal.value.violations[0].code == "DRF-002"
    assert discussed(draft, by=officer).status == "discussed"


def test_an_incomplete_text_is_not_published(officer: Member) -> None:
    draft = make_draft(by=officer, content={**honey(), "procedures": {}})
    with pytest.raises(RuleViolated) as refusal:
        discussed(draft, by=officer)
    assert refusal.value.violations[0].code == "DRF-001"


def test_others_do_not_publish_it(officer: Member) -> None:
    draft = make_draft(by=officer)
    for other in (make_citizen(), make_officer("wax-office")):
        with pytest.raises(NotAllowed):
            discussed(draft, by=other)


def test_the_text_does_not_change_while_it_is_discussed(draft: RegulationDraft, officer: Member) -> None:
    with pytest.raises(IllegalTransition):
        actions.change(draft=draft, content={}, changes=draft.changes, by=officer, now=NOW)


def test_publishing_tells_that_the_law_names_no_term_and_ours_is_a_setting(officer: Member) -> None:
    draft = make_draft(by=officer)
    client = at(officer)
    page = client.get(f"/drafts/{draft.reference}/publish/").content.decode()
    assert "names no term" in page
    assert "setting of this portal" in page
    early = client.post(f"/drafts/{draft.reference}/publish/", {"until": "2026-10-06"})
    assert early.status_code == 422
    assert client.post(f"/drafts/{draft.reference}/publish/", {"until": "2026-10-15"}).status_code == 302
    assert RegulationDraft.objects.get(pk=draft.pk).status == "discussed"


# ---------------------------------------------------------------- reading and commenting


def test_anybody_reads_the_draft_by_clause_without_signing_in(draft: RegulationDraft, visitor: Client) -> None:
    assert draft.name["en"] in visitor.get("/regulations/discussions/").content.decode()
    page = visitor.get(f"/regulations/discussions/{draft.reference}/").content.decode()
    assert 'id="clause-1.7"' in page
    assert "Says that honey is honey." in page


def test_a_draft_that_was_never_published_is_nobody_s_to_read(officer: Member, visitor: Client) -> None:
    draft = make_draft(by=officer)
    for path in ("", "comment/", "changes/"):
        assert visitor.get(f"/regulations/discussions/{draft.reference}/{path}").status_code == 404
    assert visitor.get(f"/regulations/approved/{draft.reference}/").status_code == 404
    assert visitor.get(f"/regulations/approved/{draft.reference}/regulation.pdf").status_code == 404


def test_a_comment_of_somebody_unknown_is_public_at_once(draft: RegulationDraft, visitor: Client) -> None:
    path = f"/regulations/discussions/{draft.reference}/"
    sent = visitor.post(path + "comment/", {"clause": "1.7", "text": "<b>Four</b> days?", "name": "Aysel", "email": ""})
    assert sent["Location"] == path + "#comment-1"
    page = visitor.get(path).content.decode()
    assert "&lt;b&gt;Four&lt;/b&gt; days?" in page
    assert "Aysel" in page
    assert Event.objects.filter(name="comment.made", actor_kind="visitor").exists()
    assert Notice.objects.filter(kind="comment.made").exists()


def test_a_comment_wants_words_and_a_name(draft: RegulationDraft, visitor: Client) -> None:
    path = f"/regulations/discussions/{draft.reference}/comment/"
    answer = visitor.post(path, {"clause": "9.9", "text": " ", "name": "", "email": "no"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"clause", "text", "name", "email"}
    assert visitor.post(path, {"text": "x" * 5001, "name": "A"}).status_code == 422
    for text in ("", "x" * 5001):
        with pytest.raises(RuleViolated):
            say(draft, text=text)


def test_a_program_that_fills_in_everything_is_not_heard(draft: RegulationDraft, visitor: Client) -> None:
    path = f"/regulations/discussions/{draft.reference}/comment/"
    sent = visitor.post(path, {"clause": "whole", "text": "Buy", "name": "B", "website": "https://example.com"})
    assert sent.status_code == 302
    assert not Comment.objects.exists()


def test_too_many_comments_from_one_address_have_to_wait(draft: RegulationDraft, visitor: Client) -> None:
    for _number in range(discussions.RATE_ALLOWED):
        say(draft, address="127.0.0.1")
    answer = visitor.post(
        f"/regulations/discussions/{draft.reference}/comment/", {"clause": "whole", "text": "One more", "name": "A"}
    )
    assert answer.status_code == 429
    assert "ten minutes" in answer.content.decode()
    assert "One more" in answer.content.decode()
    assert say(draft, address="192.0.2.9").number == discussions.RATE_ALLOWED + 1
    assert say(draft, address="127.0.0.1", now=NOW + timedelta(minutes=11))


def test_a_signed_in_commenter_finds_the_name_there(draft: RegulationDraft) -> None:
    citizen = make_citizen()
    form = at(citizen).get(f"/regulations/discussions/{draft.reference}/comment/?clause=1.7").context["form"]
    assert (form["name"].value(), form["clause"].value()) == (citizen.actor_name, "1.7")
    assert say(draft, by=citizen).person == citizen.actor_id


def test_the_address_is_never_shown(draft: RegulationDraft, officer: Member, visitor: Client) -> None:
    say(draft, email="secret@example.az")
    assert "secret@" not in visitor.get(f"/regulations/discussions/{draft.reference}/").content.decode()
    assert "secret@" not in at(officer).get(f"/drafts/{draft.reference}/comments/").content.decode()


# ---------------------------------------------------------------- answering


def test_the_answer_is_public_and_goes_to_who_left_an_address(draft: RegulationDraft, officer: Member) -> None:
    say(draft, email="aysel@example.az")
    client = at(officer)
    path = f"/drafts/{draft.reference}/comments/"
    assert "Why four days?" in client.get(path).content.decode()
    assert client.get(path + "1/answer/").status_code == 200
    assert client.post(path + "1/answer/", {"text": " "}).status_code == 422
    assert client.post(path + "1/answer/", {"text": "Because honey is slow."})["Location"] == path
    page = Client().get(f"/regulations/discussions/{draft.reference}/").content.decode()
    assert "Because honey is slow." in page
    letter = Mail.objects.get(to="aysel@example.az")
    assert "Because honey is slow." in letter.body["en"]
    assert letter.link == f"/regulations/discussions/{draft.reference}/#comment-1"


def test_an_answer_is_given_once(draft: RegulationDraft, officer: Member) -> None:
    comment = say(draft)
    discussions.answer(comment=comment, text="Yes.", by=officer, now=NOW)
    with pytest.raises(IllegalTransition):
        discussions.answer(comment=comment, text="No.", by=officer, now=NOW)
    assert at(officer).get(f"/drafts/{draft.reference}/comments/1/answer/").status_code == 409


def test_nobody_else_answers_or_hides(draft: RegulationDraft) -> None:
    comment = say(draft)
    for other in (make_citizen(), make_officer("wax-office")):
        with pytest.raises(NotAllowed):
            discussions.answer(comment=comment, text="Yes.", by=other, now=NOW)
        with pytest.raises(NotAllowed):
            discussions.hide(comment=comment, reason="Rude.", by=other, now=NOW)
    client = at(make_officer("wax-office"))
    assert client.get(f"/drafts/{draft.reference}/comments/").status_code == 404
    assert client.post(f"/drafts/{draft.reference}/comments/1/hide/", {"reason": "x"}).status_code == 404


def test_hidden_words_leave_their_reason_in_sight(draft: RegulationDraft, officer: Member, visitor: Client) -> None:
    comment = say(draft, text="You thief!")
    path = f"/drafts/{draft.reference}/comments/1/hide/"
    client = at(officer)
    assert client.post(path, {"reason": ""}).status_code == 422
    assert client.post(path, {"reason": "An insult."}).status_code == 302
    page = visitor.get(f"/regulations/discussions/{draft.reference}/").content.decode()
    assert "You thief!" not in page
    assert "An insult." in page
    assert "Comment 1" in page
    with pytest.raises(IllegalTransition):
        discussions.hide(comment=comment, reason="Again.", by=officer, now=NOW)
    with pytest.raises(RuleViolated):
        discussions.hide(comment=say(draft), reason=" ", by=officer, now=NOW)


def test_a_hidden_comment_still_wants_an_answer(draft: RegulationDraft, officer: Member) -> None:
    discussions.hide(comment=say(draft), reason="An insult.", by=officer, now=NOW)
    discussions.close_due(now=NOW + timedelta(days=11))
    draft.refresh_from_db()
    with pytest.raises(RuleViolated) as refusal:
        actions.ask_performers(draft=draft, by=officer, now=NOW)
    assert refusal.value.violations[0].code == "DRF-004"


# ---------------------------------------------------------------- the end


def test_the_discussion_ends_after_its_last_day_and_not_before(draft: RegulationDraft) -> None:
    assert discussions.close_due(now=NOW + timedelta(days=10)) == []
    [closed] = discussions.close_due(now=NOW + timedelta(days=11))
    assert (closed.status, closed.discussion_closed_at) == ("drafted", NOW + timedelta(days=11))
    assert discussions.close_due(now=NOW + timedelta(days=12)) == []
    assert Notice.objects.filter(kind="draft.discussion_closed").count() == 1


def test_nobody_comments_after_the_last_day_even_if_the_job_is_late(draft: RegulationDraft) -> None:
    with pytest.raises(IllegalTransition):
        say(draft, now=NOW + timedelta(days=11))


def test_after_the_end_the_page_stays_and_the_form_is_gone(draft: RegulationDraft, visitor: Client) -> None:
    say(draft)
    discussions.close_due(now=NOW + timedelta(days=11))
    page = visitor.get(f"/regulations/discussions/{draft.reference}/").content.decode()
    assert "Why four days?" in page
    assert "Comment on this clause" not in page
    assert visitor.get(f"/regulations/discussions/{draft.reference}/comment/").status_code == 409
    assert Comment.objects.get().address_sha256 == ""


def test_what_was_discussed_stays_readable_however_the_text_goes_on(
    draft: RegulationDraft, officer: Member, visitor: Client
) -> None:
    discussions.close_due(now=NOW + timedelta(days=11))
    draft.refresh_from_db()
    text = {**honey(), "general": {**honey()["general"], "content": words("Something else.")}}
    actions.change(draft=draft, content=text, changes=draft.changes, by=officer, now=NOW)
    actions.withdraw(draft=draft, reason="No bees left.", by=officer, now=NOW)
    page = visitor.get(f"/regulations/discussions/{draft.reference}/").content.decode()
    assert "Says that honey is honey." in page
    assert "No bees left." in page


def test_a_draft_may_be_discussed_once_more(draft: RegulationDraft, officer: Member) -> None:
    say(draft)
    discussions.close_due(now=NOW + timedelta(days=11))
    draft.refresh_from_db()
    draft = discussed(draft, by=officer, now=NOW + timedelta(days=12))
    assert not draft.discussion_is_over
    assert say(draft, now=NOW + timedelta(days=13)).number == 2


def test_only_a_trial_copy_lets_the_body_end_it_early(
    draft: RegulationDraft, officer: Member, settings: Settings
) -> None:
    client, path = at(officer), f"/drafts/{draft.reference}/"
    settings.SANDBOX = None
    assert "end-discussion" not in client.get(path).content.decode()
    assert client.post(path + "end-discussion/").status_code == 403
    settings.SANDBOX = "/sandbox"
    assert "end-discussion" in client.get(path).content.decode()
    with pytest.raises(NotAllowed):
        discussions.end_now(draft=draft, by=make_officer("wax-office"), now=NOW)
    assert client.post(path + "end-discussion/").status_code == 302
    assert client.post(path + "end-discussion/").status_code == 409
    draft.refresh_from_db()
    assert (draft.status, draft.discussion_is_over) == ("drafted", True)


# ---------------------------------------------------------------- cost


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_costs_the_same_for_one_draft_and_for_three(
    many: int, officer: Member, visitor: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(many):
        discussed(make_draft(by=officer, name=f"Seal {number}"), by=officer)
        talked_over(make_draft(by=officer, name=f"Old seal {number}"), by=officer, now=NOW - timedelta(days=30))
    with django_assert_num_queries(3):
        visitor.get("/regulations/discussions/")


@pytest.mark.parametrize("many", [1, 3])
def test_a_discussion_costs_the_same_for_one_comment_and_for_three(
    many: int, draft: RegulationDraft, visitor: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(many):
        say(draft, clause="1.7", address=f"192.0.2.{number}")
    with django_assert_num_queries(4):
        visitor.get(f"/regulations/discussions/{draft.reference}/")


def test_a_natural_person_is_shown_under_the_name_they_chose_only(draft: RegulationDraft) -> None:
    """S13.1: who signed in as themselves is named nowhere else; who acts for a firm is shown with it."""
    citizen, trader = make_citizen(), make_member()
    assert say(draft, name="A. K.", by=citizen).organisation == ""
    assert say(draft, name="Leyla", by=trader).organisation == trader.organisation.name["az"]


# ---------------------------------------------------------------- what changes after the discussion (S9.7)


def rewritten(draft: RegulationDraft, officer: Member, **changes: Any) -> RegulationDraft:
    """The draft written anew after its discussion."""
    text = honey(requirements=[], general__name=draft.content["general"]["name"], **changes)
    return actions.change(draft=draft, content=text, changes=draft.changes, by=officer, now=NOW)


def refused(draft: RegulationDraft, officer: Member, **given: Any) -> list[str]:
    with pytest.raises(RuleViolated) as refusal:
        actions.ask_performers(draft=draft, by=officer, now=NOW, **given)
    return [one.code for one in refusal.value.violations]


BECAUSE = {"az": "Rəy bildirilmişdi.", "en": "A comment asked for it."}


@pytest.fixture
def over(officer: Member) -> RegulationDraft:
    """A draft whose discussion has ended."""
    return talked_over(make_draft(by=officer), by=officer, now=NOW - timedelta(days=30))


def test_what_was_discussed_goes_on_as_it_is(over: RegulationDraft, officer: Member) -> None:
    assert actions.ask_performers(draft=over, by=officer, now=NOW).status == "agreed"
    assert over.publications.count() == 1


def test_what_users_bear_is_discussed_once_more_when_it_changes(over: RegulationDraft, officer: Member) -> None:
    """S9.7: no reason is enough; the page says what changed and what to do."""
    draft = rewritten(over, officer, provision__fee__amount="70")
    assert refused(draft, officer, because=BECAUSE) == ["DRF-012"]
    client = at(officer)
    page = client.get(f"/drafts/{draft.reference}/").content.decode()
    assert "Put it to discussion once more" in page
    assert "2.2 Payment for the e-service" in page
    page = client.get(f"/drafts/{draft.reference}/performers/").content.decode()
    assert "2.2 Payment for the e-service" in page
    assert client.post(f"/drafts/{draft.reference}/performers/", {}).status_code == 422
    draft = talked_over(RegulationDraft.objects.get(pk=draft.pk), by=officer, now=NOW - timedelta(days=15))
    assert actions.ask_performers(draft=draft, by=officer, now=NOW).status == "agreed"


def test_written_again_as_it_was_discussed_it_goes_on(over: RegulationDraft, officer: Member) -> None:
    draft = rewritten(over, officer, provision__fee__amount="70")
    draft = rewritten(draft, officer)
    assert actions.ask_performers(draft=draft, by=officer, now=NOW).status == "agreed"


def test_other_words_go_on_with_a_reason_in_both_languages(over: RegulationDraft, officer: Member) -> None:
    """S9.7: the difference is published on the public page, with the body's reason."""
    draft = rewritten(over, officer, provision__information=words("Ring 1654."))
    for lacking in (None, {"az": "Rəy.", "en": " "}, {"en": "A comment."}):
        assert refused(draft, officer, because=lacking) == ["DRF-013"]
    client, path = at(officer), f"/drafts/{draft.reference}/performers/"
    assert "Ring 1654." in client.get(path).content.decode()
    assert client.post(path, {"because_az": "Rəy bildirilmişdi."}).status_code == 422
    assert client.post(path, {"because_az": BECAUSE["az"], "because_en": BECAUSE["en"]}).status_code == 302
    assert RegulationDraft.objects.get(pk=draft.pk).status == "agreed"


@pytest.mark.parametrize("language", ["az", "en"])
def test_everybody_reads_what_changed_and_why(language: str, over: RegulationDraft, officer: Member) -> None:
    draft = rewritten(over, officer, provision__information=words("Ring 1654."))
    page = Client().get(f"/regulations/discussions/{draft.reference}/").content.decode()
    assert "Ring 1654." not in page, "what the body is still writing is its own"
    actions.ask_performers(draft=draft, because=BECAUSE, by=officer, now=NOW)
    visitor = Client()
    visitor.cookies["language"] = language
    page = visitor.get(f"/regulations/discussions/{draft.reference}/").content.decode()
    for expected in ("1654", "azexport.az", *BECAUSE.values(), "2.5"):
        assert expected in page
    assert Event.objects.filter(name="draft.change_published", subject=draft.reference).count() == 1


def test_a_change_of_words_in_one_language_is_shown_to_readers_of_both(over: RegulationDraft, officer: Member) -> None:
    draft = rewritten(over, officer, provision__information={"az": "azexport.az (az)", "en": "Ring 1654."})
    actions.ask_performers(draft=draft, because=BECAUSE, by=officer, now=NOW)
    assert "Ring 1654." in Client().get(f"/regulations/discussions/{draft.reference}/").content.decode()


def test_a_published_change_that_is_taken_back_stays_readable(
    over: RegulationDraft, officer: Member, visitor: Client
) -> None:
    draft = rewritten(over, officer, provision__information=words("Ring 1654."))
    actions.ask_performers(draft=draft, because=BECAUSE, by=officer, now=NOW)
    path = f"/regulations/discussions/{draft.reference}/"
    assert "The text goes on so" in visitor.get(path).content.decode()
    draft = actions.reopen(draft=draft, by=officer, now=NOW)
    assert "The text was taken back since" in visitor.get(path).content.decode()
    actions.ask_performers(draft=draft, because=BECAUSE, by=officer, now=NOW)
    assert "The text goes on so" in visitor.get(path).content.decode()
    assert draft.publications.count() == 2, "the same words are published once"


def test_nothing_unpublished_is_put_before_the_head(over: RegulationDraft, officer: Member) -> None:
    """Also where the text was changed past the pages: the rule stands at the head's door too."""
    draft = actions.ask_performers(draft=over, by=officer, now=NOW)
    make_head("honey-office")
    agreed = draft.content
    for change, code in (({"fee": {"amount": "0"}}, "DRF-012"), ({"information": words("Ring 1654.")}, "DRF-013")):
        text = {**agreed, "provision": {**agreed["provision"], **change}}
        RegulationDraft.objects.filter(pk=draft.pk).update(content=text)
        with pytest.raises(RuleViolated) as refusal:
            actions.send_to_head(draft=draft, effective_on=today(NOW), by=officer, now=NOW)
        assert [one.code for one in refusal.value.violations] == [code]


def test_earlier_discussions_stay_readable_with_their_comments(
    officer: Member, visitor: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """S9.7: each comment stands beside its clause, marked with the text that it is about."""
    month_ago = NOW - timedelta(days=30)
    draft = discussed(make_draft(by=officer), by=officer, now=month_ago)
    first = say(draft, clause="2.2", text="Too dear.", now=month_ago)
    discussions.close_due(now=month_ago + timedelta(days=11))
    discussions.answer(comment=first, text="We lower it.", by=officer, now=NOW)
    draft = rewritten(RegulationDraft.objects.get(pk=draft.pk), officer, provision__fee__amount="5")
    draft = discussed(draft, by=officer)
    say(draft, clause="2.2", text="Thank you.")
    path = f"/regulations/discussions/{draft.reference}/"
    with django_assert_num_queries(4):
        page = visitor.get(path).content.decode()
    for expected in ("Too dear.", "We lower it.", "Thank you.", "5.00", f"{path}1/"):
        assert expected in page
    assert page.count("About the text that was discussed until") == 1
    earlier = visitor.get(f"{path}1/").content.decode()
    for expected in ("Too dear.", "7.50", "<del>", "<ins>"):
        assert expected in earlier
    assert "Thank you." not in earlier
    for number in (2, 3):
        assert visitor.get(f"{path}{number}/").status_code == 404
