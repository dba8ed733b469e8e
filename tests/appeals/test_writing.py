"""Writing to a public body: drafts that are never lost, the signature, the receipt (S11.5-11.6, S12.2, S7.1.2)."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from azexport.appeals import actions
from azexport.appeals.lifecycle import ANSWER, LETTER
from azexport.appeals.models import Letter
from azexport.appeals.queries import clock_of
from azexport.appeals.states import LetterStatus
from azexport.audit.models import Event
from azexport.documents import queries as documents
from azexport.documents.models import Paper
from azexport.documents.states import DocumentStatus
from azexport.kernel.actor import NamedActor
from azexport.kernel.errors import IllegalTransition, NotAllowed, RuleViolated
from azexport.notices.models import Mail, Notice
from azexport.parties.models import Member
from tests.factories import appeals, papers
from tests.factories.contracts import run_jobs
from tests.factories.parties import NOW, make_citizen, make_foreign_member, make_member, make_officer, sign_in

pytestmark = pytest.mark.django_db
PDF, PNG = b"%PDF-1.7 a plan", b"\x89PNG\r\n\x1a\n a picture"


def browser(member: Member, language: str = "en") -> Client:
    client = sign_in(Client(), member)
    client.cookies["language"] = language
    return client


@pytest.fixture
def citizen() -> Member:
    return make_citizen()


@pytest.fixture
def client(citizen: Member) -> Client:
    return browser(citizen)


def statements(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


# ------------------------------------------------------------------------------------------------ the whole way


def test_a_citizen_writes_signs_and_has_a_number_at_once(citizen: Member, client: Client) -> None:
    """S11.6, S12.2: the letter leaves with a signature; S6.3, S7.1.2: its number and the notice are there at once."""
    appeals.body()

    started = client.post("/letters/new/", {"body": "honey-office"})
    letter = Letter.objects.get()
    assert started.headers["Location"] == f"/letters/{letter.reference}/edit/"
    onward = client.post(started.headers["Location"], {"matter": appeals.MATTER, "text": appeals.TEXT})
    assert onward.headers["Location"] == f"/letters/{letter.reference}/files/"
    assert client.get(onward.headers["Location"]).status_code == 200
    client.post(onward.headers["Location"], {"file": SimpleUploadedFile("plan.pdf", PDF)})
    page = client.get(f"/letters/{letter.reference}/check/").content.decode()
    for part in (appeals.MATTER, "Qəbul saatlarınız hansı günlərdir?", "plan.pdf", "Office honey-office"):
        assert part in page
    signing = client.post(f"/letters/{letter.reference}/check/")
    paper = Paper.objects.get()
    assert signing.headers["Location"] == f"/papers/{paper.reference}/"
    assert client.get(f"/letters/{letter.reference}/sent/").headers["Location"] == f"/letters/{letter.reference}/"

    papers.signed(paper)

    receipt = client.get(paper.return_url).content.decode()
    assert letter.reference in receipt
    assert "It must answer by 26 October 2026" in receipt
    letter = appeals.fresh(letter)
    assert (letter.status, letter.sender_name) == ("sent", "Aysel Kərimova")
    assert letter.document is not None
    assert [one["field"] for one in letter.document.signatures] == ["Signer"]
    assert Notice.objects.filter(organisation=citizen.organisation, kind="letter.sent").count() == 1


def test_the_signed_paper_names_each_file_with_its_digest(citizen: Member) -> None:
    """What is enclosed cannot be exchanged: the signature covers the digests, for people and for machines."""
    letter = appeals.draft(citizen)
    enclosure = actions.enclose(letter, file=appeals.PDF, by=citizen, now=NOW)
    letter = actions.prepare(letter, by=citizen, now=NOW)

    paper = documents.paper(letter.paper)

    listed = [{"name": "plan.pdf", "sha256": enclosure.document.sha256}]
    assert paper.data["enclosures"] == listed
    assert paper.attachment is not None
    assert paper.attachment["enclosures"] == listed
    assert paper.attachment["from"]["number"] == citizen.person.fin
    assert appeals.TEXT not in str(paper.facts)
    assert documents.content(appeals.paper_of(papers.printed(paper))).startswith(b"%PDF-")


def test_markup_in_a_letter_is_printed_as_it_was_written(citizen: Member) -> None:
    letter = appeals.draft(
        citizen, text="#panic() *a* _b_ $x$ <b>\n@label `raw`\n\n= heading // comment", matter="#1 $"
    )

    assert documents.content(appeals.paper_of(papers.printed(documents.paper(appeals.prepared(citizen, letter).paper))))


@pytest.mark.parametrize("who", [make_citizen, make_member, make_foreign_member])
def test_citizens_taxpayers_and_foreign_partners_write(who: object) -> None:
    writer = who()  # type: ignore[operator]
    assert appeals.sent(writer).status == "sent"


def test_the_letter_counts_from_the_day_after_it_was_handed_over(citizen: Member) -> None:
    """Law on citizens' appeals 10.1: 15 working days (docs: domain facts)."""
    clock = clock_of(appeals.sent(citizen))
    assert (clock.term, clock.due_on) == (15, date(2026, 10, 26))


def test_everybody_of_the_body_is_told(citizen: Member) -> None:
    officer = make_officer()
    letter = appeals.sent(citizen)
    notice = Notice.objects.get(organisation=officer.organisation)
    assert notice.link == f"/letters/desk/{letter.reference}/"
    run_jobs("notices.write_letters")
    assert Mail.objects.filter(to=officer.person.email, notice=notice).exists()
    assert Mail.objects.filter(to=citizen.person.email, subject__en__icontains=letter.reference).exists()


# ------------------------------------------------------------------------------------------------ drafts


def test_what_is_typed_is_kept_while_it_is_typed(citizen: Member, client: Client) -> None:
    appeals.body()
    letter = actions.start(participant=appeals.body(), by=citizen, now=NOW)

    said = client.post(f"/letters/{letter.reference}/save/", {"matter": "", "text": "Hörmətli"})

    assert "Draft saved" in said.content.decode()
    assert appeals.fresh(letter).text == "Hörmətli"
    assert 'hx-trigger="input delay:2s"' in client.get(f"/letters/{letter.reference}/edit/").content.decode()


def test_an_incomplete_letter_is_kept_and_says_what_is_missing(citizen: Member, client: Client) -> None:
    letter = actions.start(participant=appeals.body(), by=citizen, now=NOW)

    answer = client.post(f"/letters/{letter.reference}/edit/", {"matter": "", "text": "Half a"})

    assert answer.status_code == 422
    assert "Say in a line what the letter is about" in answer.content.decode()
    assert appeals.fresh(letter).text == "Half a"
    later = client.post(f"/letters/{letter.reference}/edit/", {"matter": "", "text": "Half a letter", "later": "1"})
    assert later.headers["Location"] == f"/letters/{letter.reference}/"
    assert appeals.fresh(letter).text == "Half a letter"
    assert "Half a letter" not in client.get(f"/letters/{letter.reference}/").content.decode()


def test_an_incomplete_letter_cannot_be_put_forward_for_signature(citizen: Member, client: Client) -> None:
    """LET-001, LET-002: everything that is missing is told at once."""
    letter = actions.start(participant=appeals.body(), by=citizen, now=NOW)

    answer = client.post(f"/letters/{letter.reference}/check/")

    assert answer.status_code == 422
    for said in ("Say in a line what the letter is about", "Write the letter"):
        assert said in answer.content.decode()
    with pytest.raises(RuleViolated) as refused:
        actions.prepare(letter, by=citizen, now=NOW)
    assert [one.code for one in refused.value.violations] == ["LET-001", "LET-002"]
    assert not Paper.objects.exists()


def test_a_text_longer_than_the_form_takes_is_not_kept_but_not_lost_on_the_page(
    citizen: Member, client: Client
) -> None:
    letter = appeals.draft(citizen)
    long = "a" * 20_001

    answer = client.post(f"/letters/{letter.reference}/edit/", {"matter": "M", "text": long})

    assert answer.status_code == 422
    assert long in answer.content.decode()
    assert "Draft saved" not in client.post(f"/letters/{letter.reference}/save/", {"text": long}).content.decode()
    assert appeals.fresh(letter).text == appeals.TEXT


def test_a_draft_goes_to_another_body_while_it_is_a_draft(citizen: Member, client: Client) -> None:
    letter = appeals.draft(citizen)
    appeals.body("wax-office")

    client.post(f"/letters/{letter.reference}/body/", {"body": "wax-office"})

    assert appeals.fresh(letter).participant.code == "wax-office"
    assert client.post(f"/letters/{letter.reference}/body/", {"body": "nobody"}).status_code == 422


def test_a_draft_is_deleted_when_its_writer_means_it(citizen: Member, client: Client) -> None:
    letter = appeals.draft(citizen)
    assert "cannot be brought back" in client.get(f"/letters/{letter.reference}/delete/").content.decode()

    client.post(f"/letters/{letter.reference}/delete/")

    assert client.get(f"/letters/{letter.reference}/").status_code == 404
    assert letter.reference not in client.get("/letters/").content.decode()
    assert Event.objects.filter(subject=letter.reference, name="letter.abandoned").exists()


def test_nobody_keeps_more_than_50_drafts(citizen: Member) -> None:
    """LET-010"""
    body = appeals.body()
    for _ in range(50):
        actions.start(participant=body, by=citizen, now=NOW)
    with pytest.raises(RuleViolated, match="LET-010"):
        actions.start(participant=body, by=citizen, now=NOW)


# ------------------------------------------------------------------------------------------------ files


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.pdf", b"MZ not a pdf", "not a PDF, JPEG or PNG"),
        ("big.pdf", PDF + b"0" * (10 * 1024 * 1024), "larger than 10 MB"),
        ("empty.pdf", b"", "The file is empty"),
    ],
)
def test_a_file_that_cannot_be_taken_says_how_to_mend_it(
    citizen: Member, client: Client, name: str, content: bytes, said: str
) -> None:
    """S7.4: what the content shows counts, not the name."""
    letter = appeals.draft(citizen)

    answer = client.post(f"/letters/{letter.reference}/files/", {"file": SimpleUploadedFile(name, content)})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not letter.enclosures.exists()


def test_a_file_is_taken_out_again(citizen: Member, client: Client) -> None:
    letter = appeals.draft(citizen)
    client.post(f"/letters/{letter.reference}/files/", {"file": SimpleUploadedFile("a.png", PNG)})
    kept = letter.enclosures.get().document
    assert kept.media_type == "image/png"
    assert client.get(f"/documents/{kept.reference}/").status_code == 200

    assert client.post(f"/letters/{letter.reference}/files/2/remove/").status_code == 404
    client.post(f"/letters/{letter.reference}/files/1/remove/")

    assert not letter.enclosures.exists()
    assert documents.by_reference(kept.reference).status == DocumentStatus.REVOKED
    assert client.get(f"/documents/{kept.reference}/").status_code == 404


def test_at_most_ten_files_go_with_a_letter(citizen: Member, client: Client) -> None:
    """LET-011"""
    letter = appeals.draft(citizen)
    for _ in range(10):
        actions.enclose(letter, file=appeals.PDF, by=citizen, now=NOW)

    answer = client.post(f"/letters/{letter.reference}/files/", {"file": SimpleUploadedFile("a.pdf", PDF)})

    assert answer.status_code == 422
    assert "At most 10 files" in answer.content.decode()


# ------------------------------------------------------------------------------------------------ the signature


def test_a_letter_that_waits_for_its_signature_can_be_changed_again(citizen: Member, client: Client) -> None:
    letter = appeals.prepared(citizen)
    paper = documents.paper(letter.paper)
    assert "has not been sent yet" in client.get(f"/letters/{letter.reference}/").content.decode()
    assert client.post(f"/letters/{letter.reference}/edit/", {"matter": "x", "text": "y"}).status_code == 409

    client.post(f"/letters/{letter.reference}/reopen/")

    assert appeals.fresh(letter).status == LetterStatus.DRAFTED
    assert papers.fresh(paper).status == "discarded"


def test_a_signature_that_comes_after_the_letter_was_reopened_sends_nothing(citizen: Member) -> None:
    letter = appeals.prepared(citizen)
    paper = papers.printed(documents.paper(letter.paper))
    actions.reopen(letter, by=citizen, now=NOW)

    actions.sent(paper, by=NamedActor("person", "PS-1", "Somebody"), now=NOW, data={"document": ""})

    assert appeals.fresh(letter).status == LetterStatus.DRAFTED
    assert Event.objects.filter(name="letter.signature_discarded").exists()


def test_sending_twice_sends_once(citizen: Member) -> None:
    letter = appeals.sent(citizen)
    paper = documents.paper(letter.paper)

    actions.sent(paper, by=citizen, now=NOW, data={"document": appeals.paper_of(paper).reference})

    assert Event.objects.filter(subject=letter.reference, name="letter.sent").count() == 1


def test_a_refused_signature_sends_nothing_and_can_be_given_again(citizen: Member, client: Client) -> None:
    letter = appeals.prepared(citizen)
    paper = papers.refused(papers.printed(documents.paper(letter.paper)))

    assert appeals.fresh(letter).status == LetterStatus.PREPARED
    assert client.get(f"/papers/{paper.reference}/").status_code == 200


def test_a_body_that_nobody_works_for_any_more_takes_no_letter(citizen: Member) -> None:
    """LET-003, S11.6: only connected bodies."""
    letter = appeals.draft(citizen)
    letter.participant.party.mandates.update(ended_at=NOW, ended_by="azexport")

    with pytest.raises(RuleViolated, match="LET-003"):
        actions.prepare(letter, by=citizen, now=NOW)


# ------------------------------------------------------------------------------------------------ who may


def test_nobody_else_sees_or_touches_a_letter(citizen: Member) -> None:
    letter = appeals.sent(citizen)
    draft = appeals.draft(citizen)
    stranger = browser(make_citizen())

    for address in ("", "body/", "edit/", "files/", "check/", "delete/", "sent/"):
        assert stranger.get(f"/letters/{draft.reference}/{address}").status_code == 404
    for address in ("save/", "reopen/", "follow-up/", "files/1/remove/", "delete/"):
        assert stranger.post(f"/letters/{letter.reference}/{address}").status_code == 404
    assert stranger.get(f"/documents/{appeals.paper_of(letter).reference}/").status_code == 404
    assert letter.reference not in stranger.get("/letters/").content.decode()
    assert Client().get(f"/letters/{letter.reference}/").status_code == 302
    other = make_citizen()
    for refused in (
        lambda: actions.write(draft, matter="x", text="y", by=other, now=NOW),
        lambda: actions.prepare(draft, by=other, now=NOW),
        lambda: actions.abandon(draft, by=other, now=NOW),
        lambda: actions.start(participant=draft.participant, follows=letter, by=other, now=NOW),
        lambda: actions.enclose(draft, file=appeals.PDF, by=other, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            refused()


def test_an_officer_answers_on_the_desk_and_writes_no_letters() -> None:
    officer = make_officer()
    client = browser(officer)
    assert client.get("/letters/").headers["Location"] == "/letters/desk/"
    assert client.get("/letters/new/").status_code == 403
    with pytest.raises(NotAllowed):
        actions.start(participant=appeals.body(), by=officer, now=NOW)


# what the table does not hold is refused from every state
MOVES = {
    "prepare": lambda letter, who: actions.prepare(letter, by=who, now=NOW),
    "reopen": lambda letter, who: actions.reopen(letter, by=who, now=NOW),
    "abandon": lambda letter, who: actions.abandon(letter, by=who, now=NOW),
}


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("status", [*LetterStatus.values])
def test_a_letter_moves_as_its_table_says(citizen: Member, name: str, status: str) -> None:
    letter = appeals.sent(citizen) if status in ("sent", "registered", "answered") else appeals.draft(citizen)
    Letter.objects.filter(pk=letter.pk).update(status=status, answered_at=NOW)
    if LETTER.find(name, status) is None:
        with pytest.raises(IllegalTransition):
            MOVES[name](letter, citizen)
    else:
        MOVES[name](letter, citizen)


def test_every_transition_but_the_portals_own_names_who_may() -> None:
    own = {row.name for table in (LETTER, ANSWER) for row in table.rows if row.may is None}
    assert own == {"send", "answer", "sign"}


def test_a_sent_letter_cannot_be_edited_checked_or_deleted(citizen: Member, client: Client) -> None:
    letter = appeals.sent(citizen)
    for address in ("edit/", "files/", "body/", "check/", "delete/"):
        assert client.get(f"/letters/{letter.reference}/{address}").status_code == 409, address
    with pytest.raises(IllegalTransition):
        actions.write(letter, matter="x", text="y", by=citizen, now=NOW)


# ------------------------------------------------------------------------------------------------ following it


def test_a_further_letter_goes_with_the_first(citizen: Member, client: Client) -> None:
    first = appeals.sent(citizen)

    answer = client.post(f"/letters/{first.reference}/follow-up/")

    second = Letter.objects.get(first=first)
    assert answer.headers["Location"] == f"/letters/{second.reference}/edit/"
    assert (second.matter, second.participant) == (first.matter, first.participant)
    second = appeals.sent(
        citizen, actions.write(second, matter="Daha bir sual", text="Bəs şənbə?", by=citizen, now=NOW)
    )
    third = actions.start(participant=first.participant, follows=second, by=citizen, now=NOW)
    assert third.first == first
    page = client.get(f"/letters/{first.reference}/").content.decode()
    assert "Daha bir sual" in page
    assert f"/letters/{third.reference}/" in page


def test_a_draft_has_no_further_letter(citizen: Member, client: Client) -> None:
    letter = appeals.draft(citizen)
    assert client.post(f"/letters/{letter.reference}/follow-up/").status_code == 409


def test_the_list_shows_by_state_and_pages_by_key(citizen: Member, client: Client) -> None:
    drafts = [appeals.draft(citizen) for _ in range(22)]
    letter = appeals.sent(citizen)

    first = client.get("/letters/").content.decode()
    assert letter.reference in first
    assert drafts[3].reference in first
    assert drafts[2].reference not in first
    assert f"before={drafts[3].reference}" in first
    second = client.get("/letters/", {"before": drafts[3].reference}).content.decode()
    assert drafts[2].reference in second
    assert letter.reference not in second
    assert letter.reference not in client.get("/letters/", {"show": "drafts"}).content.decode()
    waiting = client.get("/letters/", {"show": "waiting"}).content.decode()
    assert letter.reference in waiting
    assert drafts[21].reference not in waiting
    assert "No letters" in client.get("/letters/", {"show": "answered"}).content.decode()


def test_the_list_costs_the_same_for_one_and_three_rows(citizen: Member, client: Client) -> None:
    appeals.sent(citizen)
    one = statements(client, "/letters/")
    appeals.sent(citizen)
    appeals.draft(citizen)

    assert statements(client, "/letters/") == one <= 8


def test_the_letters_page_costs_at_most_15_statements(citizen: Member, client: Client) -> None:
    letter = appeals.answered(make_officer(), appeals.sent(citizen))
    appeals.sent(citizen, appeals.draft(citizen, follows=letter))

    assert statements(client, f"/letters/{letter.reference}/") <= 15


def test_the_pages_speak_azerbaijani(citizen: Member) -> None:
    letter = appeals.sent(citizen)
    page = browser(citizen, "az").get(f"/letters/{letter.reference}/").content.decode()
    assert "Göndərilib" in page
    assert "What has happened" not in page
