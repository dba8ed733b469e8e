"""What an organisation is told, in its cabinet and by e-mail (P6.1.9)."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage as Parsed
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from azexport.audit.queries import history
from azexport.kernel.actor import SYSTEM
from azexport.kernel.errors import Missing
from azexport.kernel.text import both
from azexport.notices import actions, queries, tasks
from azexport.notices.models import Mail, Notice
from azexport.notices.states import MailStatus
from azexport.parties.models import Member, Organisation
from tests.factories.parties import make_foreign_member, make_member, make_organisation, make_person, sign_in

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)
TITLE = both("İcazə verildi", "A permit was issued")
BODY = both("Fitosanitar sertifikat verildi.", "The phytosanitary certificate was issued.")


def tell(organisation: Organisation, **given: Any) -> Notice:
    values = {"kind": "permit.issued", "title": TITLE, "body": BODY, "link": "/cases/CS-1/", "subject": "CS-1"} | given
    return actions.notify(organisation=organisation, by=SYSTEM, now=NOW, **values)


def jobs(name: str) -> list[ProcrastinateJob]:
    return list(ProcrastinateJob.objects.filter(task_name=name).order_by("id"))


def run_jobs() -> None:
    """What the worker does with the jobs that are due."""
    for job in jobs("notices.write_letters"):
        tasks.write_letters(**job.args)
    for job in jobs("notices.post"):
        tasks.post(**job.args)


@pytest.fixture
def member() -> Member:
    return make_member()


# ---------------------------------------------------------------- letters


def test_a_notice_and_its_job_exist_exactly_when_the_transaction_commits(member: Member) -> None:
    with transaction.atomic():
        tell(member.organisation)
        assert len(jobs("notices.write_letters")) == 1
        transaction.set_rollback(True)
    assert not jobs("notices.write_letters")
    assert not Notice.objects.exists()


def test_a_notice_costs_its_action_two_statements(
    member: Member, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(4):  # two of them are the savepoint of the test's own transaction
        tell(member.organisation)


def test_a_notice_becomes_one_letter_to_each_who_acts_for_the_organisation(member: Member) -> None:
    other = make_person(language="en")
    make_member(person=other, organisation=member.organisation)
    tell(member.organisation)
    run_jobs()
    run_jobs()
    assert sorted(one.to for one in outbox.outbox) == sorted([[member.person.email], [other.email]])
    assert Mail.objects.count() == 2


def test_the_letter_is_in_both_languages_the_readers_first(settings: Settings) -> None:
    settings.PORTAL_URL = "https://azexport.az"
    member = make_foreign_member()
    tell(member.organisation)
    tell(make_member().organisation)
    run_jobs()
    english, azerbaijani = outbox.outbox
    assert english.subject == "A permit was issued / İcazə verildi"
    assert azerbaijani.subject == "İcazə verildi / A permit was issued"
    assert english.body.index(BODY["en"]) < english.body.index(BODY["az"])
    assert azerbaijani.body.index(BODY["az"]) < azerbaijani.body.index(BODY["en"])
    assert english.body.count("https://azexport.az/cases/CS-1/") == 2
    assert "please do not reply" in english.body
    assert english.extra_headers["Auto-Submitted"] == "auto-generated"


def test_an_organisation_whose_people_have_no_address_is_written_to_itself() -> None:
    member = make_member(person=make_person(email=""))
    tell(member.organisation)
    run_jobs()
    assert [one.to for one in outbox.outbox] == [[member.organisation.email]]


def test_an_organisation_without_any_address_has_its_notice_all_the_same() -> None:
    organisation = make_organisation(email="")
    tell(organisation)
    run_jobs()
    assert not outbox.outbox
    assert queries.unread_count(organisation) == 1


def test_a_notice_that_is_for_the_cabinet_only_sends_nothing(member: Member) -> None:
    tell(member.organisation, email=False)
    assert not jobs("notices.write_letters")


def test_somebody_without_a_cabinet_can_be_written_to() -> None:
    actions.send_mail(to="jonas@example.de", subject=TITLE, body=BODY, language="en", by=SYSTEM, now=NOW)
    run_jobs()
    [letter] = outbox.outbox
    assert letter.to == ["jonas@example.de"]
    assert "http" not in letter.body


def test_a_title_of_several_lines_cannot_add_a_header() -> None:
    subject = both("Bir\r\nBcc: x@example.az", "One\nTwo")
    actions.send_mail(to="jonas@example.de", subject=subject, body=BODY, language="az", by=SYSTEM, now=NOW)
    run_jobs()
    assert outbox.outbox[0].message()["Subject"] == "Bir Bcc: x@example.az / One Two"
    assert outbox.outbox[0].message()["Bcc"] is None


def test_a_notice_cannot_lead_out_of_the_portal(member: Member) -> None:
    for link in ("https://evil.example/", "//evil.example/", "cases/"):
        with pytest.raises(ValueError, match="portal"):
            tell(member.organisation, link=link)


# ---------------------------------------------------------------- when the mail server does not take it


def letter(to: str = "jonas@example.de") -> Mail:
    return actions.send_mail(to=to, subject=TITLE, body=BODY, language="en", by=SYSTEM, now=NOW)


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*arguments: Any) -> int:
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", fail)


TEMPORARY = [
    ConnectionRefusedError(),
    TimeoutError(),
    smtplib.SMTPServerDisconnected(),
    smtplib.SMTPRecipientsRefused({"jonas@example.de": (451, b"later")}),
    smtplib.SMTPResponseException(421, b"busy"),
]


@pytest.mark.parametrize("error", TEMPORARY, ids=repr)
def test_a_letter_the_server_cannot_take_now_is_tried_again_and_sent_once(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = letter()
    with monkeypatch.context() as patch:
        failing(patch, error)
        mail = actions.post(mail_pk=mail.pk, now=NOW)
    assert (mail.status, mail.attempts) == (MailStatus.QUEUED, 1)
    assert type(error).__name__ in mail.last_error
    assert [job.scheduled_at for job in jobs("notices.post")] == [None, NOW + timedelta(seconds=2)]
    for _again in range(2):
        mail = actions.post(mail_pk=mail.pk, now=NOW)
    assert (mail.status, mail.attempts, mail.sent_at, mail.last_error) == (MailStatus.SENT, 2, NOW, "")
    assert len(outbox.outbox) == 1
    assert [event.name for event in history([mail.reference])] == ["mail.sent"]


@pytest.mark.parametrize(
    "error",
    [smtplib.SMTPRecipientsRefused({"x": (550, b"nobody")}), smtplib.SMTPDataError(554, b"never")],
    ids=repr,
)
def test_a_letter_the_server_will_never_take_is_given_up(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    mail = letter()
    failing(monkeypatch, error)
    mail = actions.post(mail_pk=mail.pk, now=NOW)
    assert mail.status == MailStatus.FAILED
    assert len(jobs("notices.post")) == 1
    assert [event.name for event in history([mail.reference])] == ["mail.failed"]


def test_a_letter_is_given_up_after_two_days(monkeypatch: pytest.MonkeyPatch) -> None:
    mail = letter()
    failing(monkeypatch, ConnectionRefusedError())
    assert actions.post(mail_pk=mail.pk, now=NOW + timedelta(hours=47)).status == MailStatus.QUEUED
    assert actions.post(mail_pk=mail.pk, now=NOW + timedelta(hours=48)).status == MailStatus.FAILED


@given(st.integers(1, 100_000))
def test_pauses_between_attempts_grow_to_half_an_hour(attempts: int) -> None:
    assert timedelta(seconds=2) <= actions.pause(attempts) <= actions.pause(attempts + 1) <= timedelta(minutes=30)


class Mailbox:
    """A mail server that keeps what it gets."""

    def __init__(self) -> None:
        self.letters: list[Parsed] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        parsed = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(parsed, Parsed)
        self.letters.append(parsed)
        return "250 taken"


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield box
    controller.stop()


def test_a_real_mail_server_gets_the_letter_with_every_azerbaijani_character(mailbox: Mailbox) -> None:
    subject = both("Şəki Fındıq: müqavilə imzalandı, ğ ı ö ü ç", "Sheki: the contract is signed")
    mail = actions.send_mail(to="jonas@example.de", subject=subject, body=BODY, language="az", by=SYSTEM, now=NOW)
    run_jobs()
    [one] = mailbox.letters
    assert one["Subject"].strip() == f"{subject['az']} / {subject['en']}"
    assert BODY["az"] in one.get_content()
    assert one["Message-ID"] == f"<{mail.reference}@azexport.az>"
    assert one["From"].addresses[0].addr_spec == "no-reply@azexport.az"


# ---------------------------------------------------------------- pages


@pytest.fixture
def client(client: Client, member: Member) -> Client:
    return sign_in(client, member)


def page(client: Client, address: str = "/notices/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_is_for_members_only(db: None) -> None:
    assert Client().get("/notices/").status_code == 302


def test_an_organisation_that_was_told_nothing_sees_so(client: Client) -> None:
    client.cookies["language"] = "en"
    assert "No notices yet" in page(client)
    assert "Nothing unread" in page(client, "/notices/?unread=1")


def test_notices_are_shown_newest_first_in_the_readers_language(client: Client, member: Member) -> None:
    tell(member.organisation, title=both("Birinci", "First"))
    tell(member.organisation, title=both("İkinci", "Second"))
    html = page(client)
    assert html.index("İkinci") < html.index("Birinci")
    client.cookies["language"] = "en"
    html = page(client)
    assert html.index("Second") < html.index("First")
    assert 'href="/cases' not in html.partition("<main")[2]


def test_a_notice_is_escaped(client: Client, member: Member) -> None:
    tell(member.organisation, title=both("<script>1</script>", "x"), body=both("<b>a</b>\nb", "x"))
    html = page(client)
    assert "<script>1" not in html
    assert "&lt;b&gt;a&lt;/b&gt;<br>b" in html


def test_opening_a_notice_marks_it_read_once_and_leads_to_what_it_is_about(client: Client, member: Member) -> None:
    notice = tell(member.organisation)
    assert queries.unread_count(member.organisation) == 1
    for _again in range(2):
        response = client.post(f"/notices/{notice.reference}/open/")
        assert (response.status_code, response["Location"]) == (302, "/cases/CS-1/")
    notice.refresh_from_db()
    assert notice.read_by == member.person.reference
    assert queries.unread_count(member.organisation) == 0
    assert [event.name for event in history([notice.reference])] == ["notice.read"]
    assert client.get(f"/notices/{notice.reference}/open/").status_code == 405


def test_a_notice_that_leads_nowhere_leads_back(client: Client, member: Member) -> None:
    notice = tell(member.organisation, link="")
    assert client.post(f"/notices/{notice.reference}/open/")["Location"] == "/notices/"


def test_everything_can_be_marked_read(client: Client, member: Member) -> None:
    stranger = make_organisation()
    tell(stranger)
    for _n in range(3):
        tell(member.organisation)
    assert client.post("/notices/read/").status_code == 302
    assert queries.unread_count(member.organisation) == 0
    assert queries.unread_count(stranger) == 1


def test_nobody_sees_or_opens_anothers_notices(client: Client) -> None:
    notice = tell(make_organisation(), title=both("Gizli", "Secret"))
    assert "Gizli" not in page(client)
    assert client.post(f"/notices/{notice.reference}/open/").status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_unread_notices_can_be_shown_alone(client: Client, member: Member) -> None:
    read = tell(member.organisation, title=both("Oxunmuş", "Read"))
    tell(member.organisation, title=both("Yeni xəbər", "Fresh"))
    actions.mark_read(notice=read, by=member, now=NOW)
    html = page(client, "/notices/?unread=1")
    assert "Yeni xəbər" in html
    assert "Oxunmuş" not in html


def test_pages_follow_each_other_by_key_and_nothing_is_skipped_or_shown_twice(member: Member) -> None:
    made = [tell(member.organisation, email=False).pk for _n in range(queries.PAGE * 2 + 5)]
    seen: list[int] = []
    page = queries.page(member.organisation)
    assert page.newer is None
    while True:
        seen += [one.pk for one in page.notices]
        if page.older is None:
            break
        page = queries.page(member.organisation, before=page.older)
        assert page.newer is not None
    assert seen == sorted(made, reverse=True)
    back = queries.page(member.organisation, after=page.newer)
    assert back.notices[-1].pk == made[5]
    assert back.newer is not None
    first = queries.page(member.organisation, after=back.newer)
    assert first.notices[0].pk == made[-1]
    assert first.newer is None


@pytest.mark.parametrize("key", ["x", "-1", "9" * 30, "٣", ""])
def test_a_key_that_is_none_shows_the_newest(client: Client, member: Member, key: str) -> None:
    tell(member.organisation)
    assert TITLE["az"] in page(client, f"/notices/?before={key}")


def test_the_list_costs_the_same_at_one_and_at_three_rows(
    client: Client, member: Member, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    counts = []
    for rows in (1, 2):
        for _n in range(rows):
            tell(member.organisation)
        with django_assert_max_num_queries(8) as captured:
            page(client)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_number_in_the_header_is_counted_no_further_than_anybody_reads(
    member: Member, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Notice.objects.bulk_create(
        Notice(reference=f"NT-{n}", organisation=member.organisation, kind="k", title=TITLE, body=BODY, subject="S",
               by_name="x", created_at=NOW)
        for n in range(120)
    )  # fmt: skip
    with django_assert_num_queries(1):
        assert queries.unread_count(member.organisation) == queries.MOST_COUNTED


def test_a_notice_that_is_not_there_is_missing(member: Member) -> None:
    with pytest.raises(Missing):
        queries.notice_of(member.organisation, "NT-0000-0000-0")
