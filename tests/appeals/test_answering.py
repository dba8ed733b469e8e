"""The body's side of a letter: queue, registering, extending, forwarding, the signed answer (S11.7, S7.3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from azexport.appeals import actions, tasks
from azexport.appeals.lifecycle import ANSWER, LETTER
from azexport.appeals.models import Answer, Forwarding, Letter
from azexport.appeals.queries import clock_of
from azexport.appeals.states import AnswerStatus, LetterStatus
from azexport.audit.models import Event
from azexport.calendar import queries as calendar
from azexport.documents import queries as documents
from azexport.documents.models import Paper
from azexport.kernel.actor import SYSTEM
from azexport.kernel.errors import IllegalTransition, NotAllowed, RuleViolated
from azexport.notices.models import Mail, Notice
from azexport.parties.models import Member
from tests.factories import appeals, papers
from tests.factories.contracts import run_jobs
from tests.factories.parties import NOW, make_citizen, make_member, make_officer, sign_in

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 a plan"


def browser(member: Member, language: str = "en") -> Client:
    client = sign_in(Client(), member)
    client.cookies["language"] = language
    return client


@pytest.fixture
def citizen() -> Member:
    return make_citizen()


@pytest.fixture
def officer() -> Member:
    return make_officer()


@pytest.fixture
def desk(officer: Member) -> Client:
    return browser(officer)


@pytest.fixture
def letter(officer: Member, citizen: Member) -> Letter:
    return appeals.sent(citizen, now=timezone.now())


@pytest.fixture
def registered(officer: Member, letter: Letter) -> Letter:
    return appeals.registered(officer, letter, now=timezone.now())


def statements(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


# ------------------------------------------------------------------------------------------------ the whole way


def test_a_body_registers_and_answers_and_the_answer_comes_into_the_cabinet_and_by_mail(
    citizen: Member, officer: Member, desk: Client, letter: Letter
) -> None:
    """S11.7: whoever wrote sees the outcome; the answer carries the official's own signature."""
    assert letter.reference in desk.get("/letters/desk/").content.decode()
    page = desk.get(f"/letters/desk/{letter.reference}/").content.decode()
    for part in ("Qəbul saatlarınız hansı günlərdir?", "Aysel Kərimova", "Working days left: 15", "Register"):
        assert part in page

    desk.post(f"/letters/desk/{letter.reference}/register/", {"number": "A-7", "study": "no"})
    desk.post(f"/letters/desk/{letter.reference}/answer/", {"text": "Hər gün.\n\nŞənbə də."})
    desk.post(f"/letters/desk/{letter.reference}/answer/files/", {"file": SimpleUploadedFile("cədvəl.pdf", PDF)})
    checked = desk.get(f"/letters/desk/{letter.reference}/answer/check/").content.decode()
    for part in ("Şənbə də.", "cədvəl.pdf", officer.person.full_name, "cannot be changed"):
        assert part in checked
    signing = desk.post(f"/letters/desk/{letter.reference}/answer/check/")
    paper = Paper.objects.get(purpose="letter-answer")
    assert signing.headers["Location"] == f"/papers/{paper.reference}/"
    assert paper.return_url == f"/letters/desk/{letter.reference}/"
    theirs = browser(citizen)
    assert "Şənbə də." not in theirs.get(f"/letters/{letter.reference}/").content.decode()
    papers.signed(paper, now=timezone.now())

    page = theirs.get(f"/letters/{letter.reference}/").content.decode()
    for part in ("Şənbə də.", officer.person.full_name, "Leading specialist", "cədvəl.pdf", "A-7", "Answered"):
        assert part in page
    answer = appeals.answer_of(letter)
    assert answer.document is not None
    assert theirs.get(f"/documents/{answer.document.reference}/").status_code == 200
    assert theirs.get(f"/documents/{answer.enclosures.get().document.reference}/").status_code == 200
    run_jobs("notices.write_letters")
    mail = Mail.objects.get(to=citizen.person.email, subject__en__startswith="Your letter has been answered")
    assert "Şənbə də." in mail.body["az"]
    assert clock_of(letter).finished_on is not None


def test_both_sides_see_when_the_other_has_read(citizen: Member, officer: Member, desk: Client, letter: Letter) -> None:
    theirs = browser(citizen)
    assert "Not yet" in theirs.get(f"/letters/{letter.reference}/").content.decode()
    desk.get(f"/letters/desk/{letter.reference}/")
    opened = appeals.fresh(letter).opened_at
    desk.get(f"/letters/desk/{letter.reference}/")
    assert appeals.fresh(letter).opened_at == opened
    assert Event.objects.filter(subject=letter.reference, name="letter.opened").count() == 1
    assert "Not yet" not in theirs.get(f"/letters/{letter.reference}/").content.decode()

    appeals.answered(officer, letter, now=timezone.now())

    assert "has not been opened yet" in desk.get(f"/letters/desk/{letter.reference}/").content.decode()
    assert "New" in theirs.get("/letters/").content.decode()
    theirs.get(f"/letters/{letter.reference}/")
    assert "Read on" in desk.get(f"/letters/desk/{letter.reference}/").content.decode()
    assert Event.objects.filter(subject=letter.reference, name="letter.answer_read").count() == 1


# ------------------------------------------------------------------------------------------------ the term


def test_a_question_that_needs_study_has_thirty_days(officer: Member, citizen: Member) -> None:
    """Law on citizens' appeals 10.1"""
    letter = appeals.registered(officer, appeals.sent(citizen), study=True)
    assert (clock_of(letter).term, clock_of(letter).due_on) == (30, date(2026, 11, 18))


def test_the_term_is_extended_once_with_notice_of_the_reason(
    citizen: Member, desk: Client, officer: Member, registered: Letter
) -> None:
    """Law on citizens' appeals 10.1: 30 days more, with notice."""
    silent = desk.post(f"/letters/desk/{registered.reference}/extend/", {"reason": "  "})
    assert silent.status_code == 422
    assert "30 working days longer" in silent.content.decode()

    desk.post(f"/letters/desk/{registered.reference}/extend/", {"reason": "Arxivə sorğu verilib."})

    assert clock_of(registered).term == 45
    assert "Arxivə sorğu verilib." in Notice.objects.get(kind="letter.extended").body["az"]
    assert "Arxivə sorğu verilib." in browser(citizen).get(f"/letters/{registered.reference}/").content.decode()
    assert desk.get(f"/letters/desk/{registered.reference}/extend/").status_code == 409
    with pytest.raises(RuleViolated, match="LET-005"):
        actions.extend(registered, reason="Yenə", by=officer, now=NOW)
    with pytest.raises(RuleViolated, match="LET-004"):
        actions.extend(registered, reason=" ", by=officer, now=NOW)


def test_a_letter_past_its_term_is_told_to_both_once(citizen: Member, officer: Member, desk: Client) -> None:
    now = timezone.now()
    letter = appeals.sent(citizen, now=now - timedelta(days=60))

    assert actions.tell_overdue(by=SYSTEM, now=now) == 1
    assert actions.tell_overdue(by=SYSTEM, now=now) == 0
    tasks.tell_overdue(timestamp=0)

    told = Notice.objects.filter(kind="letter.overdue")
    assert {one.organisation_id for one in told} == {citizen.organisation.pk, officer.organisation.pk}
    assert letter.reference in desk.get("/letters/desk/", {"show": "late"}).content.decode()
    page = browser(citizen).get(f"/letters/{letter.reference}/").content.decode()
    assert "should have answered by" in page


def test_an_answered_letter_is_not_late(citizen: Member, officer: Member) -> None:
    now = timezone.now()
    appeals.answered(officer, appeals.sent(citizen, now=now - timedelta(days=60)), now=now - timedelta(days=59))
    assert actions.tell_overdue(by=SYSTEM, now=now) == 0


def the_day_before(letter: Letter) -> datetime:
    """Noon in Baku on the last working day before the one on which the letter is due."""
    due = clock_of(letter).due_on
    assert due is not None
    day = due - timedelta(days=1)
    while not calendar.is_working_day(day):
        day -= timedelta(days=1)
    return datetime(day.year, day.month, day.day, 8, tzinfo=UTC)


def test_officers_are_warned_a_working_day_before_the_term_ends_and_once(citizen: Member, officer: Member) -> None:
    """S6.3, S7.1.2: as of their cases; whoever wrote is not troubled."""
    letter = appeals.sent(citizen)
    eve = the_day_before(letter)
    assert actions.warn_of_term(by=SYSTEM, now=eve - timedelta(days=7)) == 0

    assert [actions.warn_of_term(by=SYSTEM, now=eve) for _again in range(2)] == [1, 0]
    assert actions.warn_of_term(by=SYSTEM, now=eve + timedelta(days=5)) == 0

    told = Notice.objects.get(kind="letter.term_ends")
    assert told.organisation_id == officer.organisation.pk
    assert told.link == f"/letters/desk/{letter.reference}/"
    assert appeals.MATTER in told.body["az"]


def test_a_longer_term_is_warned_of_again_and_an_answered_letter_never(citizen: Member, officer: Member) -> None:
    letter = appeals.registered(officer, appeals.sent(citizen))
    assert actions.warn_of_term(by=SYSTEM, now=the_day_before(letter)) == 1
    letter = actions.extend(letter, reason="Yerində baxış lazımdır.", by=officer, now=the_day_before(letter))
    assert actions.warn_of_term(by=SYSTEM, now=the_day_before(letter)) == 1

    other = appeals.sent(citizen)
    eve = the_day_before(other)
    appeals.answered(officer, other)
    assert actions.warn_of_term(by=SYSTEM, now=eve) == 0


def test_the_body_that_a_letter_was_forwarded_to_is_warned_too(citizen: Member, officer: Member) -> None:
    wax = make_officer("wax-office")
    letter = appeals.registered(officer, appeals.sent(citizen))
    eve = the_day_before(letter)
    actions.warn_of_term(by=SYSTEM, now=eve)
    assert wax.participant is not None
    actions.forward(letter, to=wax.participant, reason="Mum onlardadır.", by=officer, now=eve)

    assert actions.warn_of_term(by=SYSTEM, now=eve) == 1

    warned = Notice.objects.filter(kind="letter.term_ends").values_list("organisation_id", flat=True)
    assert set(warned) == {officer.organisation.pk, wax.organisation.pk}


@pytest.mark.parametrize("count", [1, 3])
def test_looking_for_letters_to_warn_of_costs_the_same_however_many_there_are(
    count: int, citizen: Member, officer: Member
) -> None:
    for _one in range(count):
        letter = appeals.sent(citizen)
    eve = the_day_before(letter)
    actions.warn_of_term(by=SYSTEM, now=eve)
    with CaptureQueriesContext(connection) as cost:
        assert actions.warn_of_term(by=SYSTEM, now=eve) == 0
    assert len(cost) <= 4


# ------------------------------------------------------------------------------------------------ forwarding


def test_a_letter_goes_to_the_body_that_has_a_say(
    citizen: Member, officer: Member, desk: Client, registered: Letter
) -> None:
    wax = make_officer("wax-office")
    due = clock_of(registered).due_on
    silent = desk.post(f"/letters/desk/{registered.reference}/forward/", {"body": "wax-office", "reason": ""})
    assert silent.status_code == 422
    itself = desk.post(f"/letters/desk/{registered.reference}/forward/", {"body": "honey-office", "reason": "x"})
    assert itself.status_code == 422

    desk.post(f"/letters/desk/{registered.reference}/forward/", {"body": "wax-office", "reason": "Mum onlardadır."})

    letter = appeals.fresh(registered)
    assert (letter.participant.code, letter.status, letter.holder_name) == ("wax-office", "sent", "")
    assert clock_of(letter).due_on == due
    moved = Forwarding.objects.get()
    assert (moved.sender.code, moved.receiver.code, moved.reason) == ("honey-office", "wax-office", "Mum onlardadır.")
    assert (
        "Mum onlardadır." in Notice.objects.get(kind="letter.forwarded", organisation=citizen.organisation).body["en"]
    )
    assert Notice.objects.filter(kind="letter.forwarded", organisation=wax.organisation).exists()
    page = browser(citizen).get(f"/letters/{letter.reference}/").content.decode()
    assert "Office wax-office" in page
    assert "Mum onlardadır." in page
    before = desk.get(f"/letters/desk/{letter.reference}/").content.decode()
    assert "has forwarded this letter" in before
    assert letter.reference in desk.get("/letters/desk/", {"show": "forwarded"}).content.decode()
    assert letter.reference not in desk.get("/letters/desk/").content.decode()
    for name in ("register", "extend", "forward", "answer"):
        assert desk.get(f"/letters/desk/{letter.reference}/{name}/").status_code == 409
    with pytest.raises(NotAllowed):
        actions.register(letter, number="", study=False, by=officer, now=NOW)
    assert appeals.answered(wax, letter).status == "answered"
    assert desk.get(f"/documents/{appeals.paper_of(appeals.answer_of(letter)).reference}/").status_code == 404
    assert desk.get(f"/documents/{appeals.paper_of(letter).reference}/").status_code == 200


def test_a_letter_whose_answer_waits_for_a_signature_stays(officer: Member, desk: Client, registered: Letter) -> None:
    """LET-007"""
    make_officer("wax-office")
    actions.prepare_answer(actions.answer(registered, text="Bəli.", by=officer, now=NOW), by=officer, now=NOW)

    answer = desk.post(f"/letters/desk/{registered.reference}/forward/", {"body": "wax-office", "reason": "x"})

    assert answer.status_code == 422
    assert "Take it back first" in answer.content.decode()
    assert not Forwarding.objects.exists()


def test_a_letter_goes_to_no_body_that_takes_none(officer: Member, registered: Letter) -> None:
    """LET-006"""
    from tests.factories.participants import participant

    with pytest.raises(RuleViolated, match="LET-006"):
        actions.forward(registered, to=participant("empty-office"), reason="x", by=officer, now=NOW)


# ------------------------------------------------------------------------------------------------ the answer


def test_the_answer_is_kept_while_it_is_typed(desk: Client, registered: Letter) -> None:
    said = desk.post(f"/letters/desk/{registered.reference}/answer/save/", {"text": "Hör"})
    assert "Draft saved" in said.content.decode()
    later = desk.post(f"/letters/desk/{registered.reference}/answer/", {"text": "Hörmətli", "later": "1"})
    assert later.headers["Location"] == f"/letters/desk/{registered.reference}/"
    assert "Go on with the answer" in desk.get(f"/letters/desk/{registered.reference}/").content.decode()
    assert "Hörmətli" in desk.get(f"/letters/desk/{registered.reference}/answer/").content.decode()
    too_long = desk.post(f"/letters/desk/{registered.reference}/answer/save/", {"text": "a" * 20_001})
    assert "Draft saved" not in too_long.content.decode()


def test_an_empty_answer_cannot_be_signed(officer: Member, desk: Client, registered: Letter) -> None:
    """LET-008"""
    assert desk.post(f"/letters/desk/{registered.reference}/answer/", {"text": ""}).status_code == 422

    answer = desk.post(f"/letters/desk/{registered.reference}/answer/check/")

    assert answer.status_code == 422
    assert "Write the answer" in answer.content.decode()
    assert not Paper.objects.filter(purpose="letter-answer").exists()


def test_a_letter_is_registered_before_it_is_answered(officer: Member, desk: Client, letter: Letter) -> None:
    assert desk.get(f"/letters/desk/{letter.reference}/answer/").status_code == 409
    with pytest.raises(IllegalTransition):
        actions.answer(letter, text="x", by=officer, now=NOW)
    Letter.objects.filter(pk=letter.pk).update(status="registered")
    draft = actions.answer(letter, text="x", by=officer, now=NOW)
    Letter.objects.filter(pk=letter.pk).update(status="sent")
    with pytest.raises(RuleViolated, match="LET-009"):
        actions.prepare_answer(draft, by=officer, now=NOW)


def test_words_that_come_as_the_answer_is_put_on_paper_do_not_get_past_the_signature(
    officer: Member, registered: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S12.2: what the citizen reads in the cabinet is what the official signs."""
    answer = actions.answer(registered, text="Bəli.", by=officer, now=NOW)

    def read_then_put_on_paper(**given: Any) -> tuple[Answer, bool]:
        found = Answer.objects.get(letter=given["letter"])
        actions.prepare_answer(answer, by=officer, now=NOW)
        return found, False

    monkeypatch.setattr(Answer.objects, "get_or_create", read_then_put_on_paper)
    with pytest.raises(IllegalTransition):
        actions.answer(registered, text="Xeyr.", by=officer, now=NOW)
    answer.refresh_from_db()
    assert answer.text == "Bəli."


def test_an_answer_that_waits_for_its_signature_can_be_changed(
    officer: Member, desk: Client, registered: Letter
) -> None:
    answer = actions.answer(registered, text="Bəli.", by=officer, now=NOW)
    answer = actions.prepare_answer(answer, by=officer, now=NOW)
    assert "Read and sign" in desk.get(f"/letters/desk/{registered.reference}/").content.decode()
    colleague = browser(make_officer())
    assert "Read and sign" not in colleague.get(f"/letters/desk/{registered.reference}/").content.decode()
    for name in ("", "files/", "check/"):
        assert desk.get(f"/letters/desk/{registered.reference}/answer/{name}").status_code == 409

    desk.post(f"/letters/desk/{registered.reference}/answer/reopen/")

    assert Answer.objects.get().status == AnswerStatus.DRAFTED
    assert documents.paper(answer.paper).status == "discarded"
    actions.answered(documents.paper(answer.paper), by=officer, now=NOW, data={"document": ""})
    assert appeals.fresh(registered).status == "registered"
    assert Event.objects.filter(name="answer.signature_discarded").exists()
    assert desk.post(f"/letters/desk/{registered.reference}/answer/reopen/").status_code == 409


def test_files_of_an_answer_come_and_go(officer: Member, desk: Client, registered: Letter) -> None:
    address = f"/letters/desk/{registered.reference}/answer/files/"
    assert desk.get(address).status_code == 409
    draft = actions.answer(registered, text="Bəli.", by=officer, now=NOW)
    assert desk.get(address).status_code == 200
    assert desk.post(address, {}).status_code == 422
    assert desk.post(address, {"file": SimpleUploadedFile("x.pdf", b"MZ")}).status_code == 422
    desk.post(address, {"file": SimpleUploadedFile("x.pdf", PDF)})
    assert draft.enclosures.count() == 1
    desk.post(f"{address}1/remove/")
    assert draft.enclosures.count() == 0
    assert desk.post(f"{address}1/remove/").status_code == 404


def test_answering_twice_answers_once(officer: Member, registered: Letter) -> None:
    letter = appeals.answered(officer, registered)
    paper = documents.paper(appeals.answer_of(letter).paper)
    actions.answered(paper, by=officer, now=NOW, data={"document": appeals.paper_of(paper).reference})
    assert Event.objects.filter(subject=letter.reference, name="letter.answered").count() == 1


# ------------------------------------------------------------------------------------------------ who may


def test_another_body_knows_nothing_of_the_letter(letter: Letter, officer: Member) -> None:
    stranger = make_officer("wax-office")
    client = browser(stranger)
    addresses = ("", "register/", "extend/", "forward/", "answer/", "answer/files/", "answer/check/")
    for address in addresses:
        assert client.get(f"/letters/desk/{letter.reference}/{address}").status_code == 404, address
    for address in ("register/", "answer/save/", "answer/reopen/", "answer/files/1/remove/"):
        assert client.post(f"/letters/desk/{letter.reference}/{address}").status_code == 404, address
    assert client.get(f"/documents/{appeals.paper_of(letter).reference}/").status_code == 404
    assert letter.reference not in client.get("/letters/desk/", {"show": "new"}).content.decode()
    for refused in (
        lambda: actions.register(letter, number="", study=False, by=stranger, now=NOW),
        lambda: actions.forward(letter, to=appeals.body_of(stranger), reason="x", by=stranger, now=NOW),
        lambda: actions.answer(letter, text="x", by=stranger, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            refused()


def test_a_draft_is_nobodys_on_the_desk(officer: Member, desk: Client, citizen: Member) -> None:
    draft = appeals.draft(citizen)
    enclosure = actions.enclose(draft, file=appeals.PDF, by=citizen, now=NOW)
    assert desk.get(f"/letters/desk/{draft.reference}/").status_code == 404
    assert desk.get(f"/documents/{enclosure.document.reference}/").status_code == 404
    prepared = appeals.prepared(citizen, draft)
    papers.printed(documents.paper(prepared.paper))
    assert desk.get(f"/documents/{appeals.paper_of(documents.paper(prepared.paper)).reference}/").status_code == 404


def test_the_desk_is_for_officers_only(letter: Letter) -> None:
    for somebody in (make_member(), make_citizen()):
        client = browser(somebody)
        assert client.get("/letters/desk/").status_code == 403
        assert client.get(f"/letters/desk/{letter.reference}/").status_code == 403


MOVES: dict[str, Callable[[Letter, Member, Any], Any]] = {
    "register": lambda letter, who, _to: actions.register(letter, number="", study=False, by=who, now=NOW),
    "extend": lambda letter, who, _to: actions.extend(letter, reason="x", by=who, now=NOW),
    "forward": lambda letter, who, to: actions.forward(letter, to=to, reason="x", by=who, now=NOW),
}


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("status", LetterStatus.values)
def test_a_letter_moves_on_the_desk_as_its_table_says(letter: Letter, officer: Member, name: str, status: str) -> None:
    wax = appeals.body_of(make_officer("wax-office"))
    Letter.objects.filter(pk=letter.pk).update(
        status="sent" if status in ("drafted", "prepared", "abandoned") else status, answered_at=NOW
    )
    if LETTER.find(name, status) is None:
        if status in ("sent", "registered", "answered"):
            with pytest.raises(IllegalTransition):
                MOVES[name](letter, officer, wax)
    else:
        MOVES[name](letter, officer, wax)


@pytest.mark.parametrize("status", AnswerStatus.values)
def test_an_answer_moves_as_its_table_says(registered: Letter, officer: Member, status: str) -> None:
    answer = actions.answer(registered, text="Bəli.", by=officer, now=NOW)
    if status != "drafted":
        answer = actions.prepare_answer(answer, by=officer, now=NOW)
    if status == "signed":
        papers.signed(documents.paper(answer.paper))
    for name, move in (("prepare", actions.prepare_answer), ("reopen", actions.reopen_answer)):
        if ANSWER.find(name, status) is None:
            with pytest.raises(IllegalTransition):
                move(answer, by=officer, now=NOW)


# ------------------------------------------------------------------------------------------------ the queue


def test_the_queue_is_searched_by_number_sender_and_matter(citizen: Member, officer: Member, desk: Client) -> None:
    one = appeals.sent(citizen)
    other = appeals.sent(make_member(), matter="Arıların sayı")

    def found(text: str) -> str:
        return desk.get("/letters/desk/", {"q": text}).content.decode()

    for text in (one.reference, one.reference.lower(), "Kərimova", "qəbul"):
        assert f"/letters/desk/{one.reference}/" in found(text), text
        assert f"/letters/desk/{other.reference}/" not in found(text)
    assert other.reference in found("arı")
    assert "Nothing found" in found("no such thing")
    assert desk.get("/letters/desk/", {"show": "everything"}).status_code == 404


def test_the_queue_shows_the_oldest_first_and_pages_by_key(citizen: Member, officer: Member, desk: Client) -> None:
    letters = [appeals.sent(citizen) for _ in range(21)]
    first = desk.get("/letters/desk/").content.decode()
    assert f"/letters/desk/{letters[0].reference}/" in first
    assert f"/letters/desk/{letters[20].reference}/" not in first
    second = desk.get("/letters/desk/", {"after": letters[19].reference}).content.decode()
    assert f"/letters/desk/{letters[20].reference}/" in second
    assert f"/letters/desk/{letters[19].reference}/" not in second


def test_the_queue_costs_the_same_for_one_and_three_rows(citizen: Member, officer: Member, desk: Client) -> None:
    appeals.sent(citizen)
    one = statements(desk, "/letters/desk/")
    appeals.sent(make_member())
    appeals.sent(make_citizen())
    assert statements(desk, "/letters/desk/") == one <= 8


def test_the_letter_on_the_desk_costs_at_most_15_statements(citizen: Member, officer: Member, desk: Client) -> None:
    letter = appeals.answered(officer, appeals.sent(citizen))
    appeals.sent(citizen, appeals.draft(citizen, follows=letter))
    assert statements(desk, f"/letters/desk/{letter.reference}/") <= 15


def test_letters_of_one_correspondence_stand_together_on_the_desk(
    citizen: Member, officer: Member, desk: Client
) -> None:
    first = appeals.answered(officer, appeals.sent(citizen))
    second = appeals.sent(citizen, appeals.draft(citizen, follows=first, matter="Bəs şənbə?"))
    page = desk.get(f"/letters/desk/{second.reference}/").content.decode()
    assert f"/letters/desk/{first.reference}/" in page
    assert "The whole correspondence" in page
