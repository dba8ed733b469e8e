"""Telling people, and noting that they read it."""

from __future__ import annotations

import smtplib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import override

from azexport.audit import actions as audit
from azexport.kernel.actor import SYSTEM, Actor
from azexport.kernel.references import new_reference
from azexport.kernel.text import Text, pick
from azexport.lifecycle import settle
from azexport.notices.lifecycle import TABLE
from azexport.notices.models import Mail, Notice
from azexport.notices.states import MailStatus

if TYPE_CHECKING:
    from azexport.parties.models import Organisation

LANGUAGES = ("az", "en")
GIVE_UP_AFTER = timedelta(days=2)
LONGEST_PAUSE = timedelta(minutes=30)


@transaction.atomic
def notify(
    *,
    organisation: Organisation,
    kind: str,
    title: Text,
    body: Text,
    link: str,
    subject: str,
    by: Actor,
    now: datetime,
    email: bool = True,
) -> Notice:
    """The organisation has the notice in its cabinet and, unless `email` is False, its people get a letter each.

    Two statements: to whom and how is left to the job.

    Args:
        link: a path of the portal, beginning with a slash; empty: nothing to open.
        subject: the reference of what the notice is about.
    """
    from azexport.notices import tasks

    if link and (not link.startswith("/") or link.startswith("//")):
        raise ValueError("a notice leads to a page of the portal")
    notice = Notice.objects.create(
        reference=new_reference("NT"),
        organisation=organisation,
        kind=kind,
        title=title,
        body=body,
        link=link,
        subject=subject,
        by_name=by.actor_name,
        created_at=now,
    )
    if email:
        tasks.write_letters.configure(lock=f"notice:{notice.pk}").defer(notice_pk=notice.pk)
    return notice


@transaction.atomic
def send_mail(*, to: str, subject: Text, body: Text, language: str, by: Actor, now: datetime, link: str = "") -> Mail:
    """A letter to somebody who need not have a cabinet goes out if the surrounding transaction commits."""
    return _letter(notice=None, to=to, language=language, subject=subject, body=body, link=link, now=now)


@transaction.atomic
def write_letters(*, notice_pk: int, now: datetime) -> list[Mail]:
    """Everybody who acts for the notice's organisation has a letter; called again, nothing more happens."""
    notice = Notice.objects.select_related("organisation").select_for_update(of=("self",)).get(pk=notice_pk)
    if notice.mails.exists():
        return []
    return [
        _letter(
            notice=notice,
            to=address,
            language=language,
            subject=notice.title,
            body=notice.body,
            link=notice.link,
            now=now,
        )
        for address, language in _addressees(notice.organisation).items()
    ]


def _addressees(organisation: Organisation) -> dict[str, str]:
    """Address -> language of each person who acts for it; where none has an address, the organisation's own."""
    from azexport.parties import queries as parties

    people = parties.addresses_of(organisation)
    if people or not organisation.email:
        return people
    return {organisation.email: "az" if organisation.country == "AZ" else "en"}


def _letter(
    *, notice: Notice | None, to: str, language: str, subject: Text, body: Text, link: str, now: datetime
) -> Mail:
    from azexport.notices import tasks

    mail = Mail.objects.create(
        reference=new_reference("ML"),
        notice=notice,
        to=to,
        language=language if language in LANGUAGES else "az",
        subject=subject,
        body=body,
        link=link,
        created_at=now,
    )
    tasks.enqueue_post(mail.pk)
    return mail


@transaction.atomic
def post(*, mail_pk: int, now: datetime) -> Mail:
    """One attempt to hand the letter to the mail server; it is sent, or given up, or waits for the next attempt.

    The row is locked meanwhile, so that two jobs never send one letter. Should the portal die between the server's
    word and the commit, the letter goes out again, under the same Message-ID.
    """
    from azexport.notices import tasks

    mail = Mail.objects.select_for_update().get(pk=mail_pk)
    if mail.status != MailStatus.QUEUED:
        return mail
    mail.attempts += 1
    try:
        compose(mail).send()
    except (smtplib.SMTPException, OSError) as error:
        mail.last_error = f"{type(error).__name__}: {error}"[:500].replace("\x00", "")
        mail.save(update_fields=["attempts", "last_error"])
        if _hopeless(error) or now >= mail.created_at + GIVE_UP_AFTER:
            return settle(mail, "give_up", table=TABLE, by=SYSTEM, now=now, data={"error": mail.last_error})
        tasks.enqueue_post(mail.pk, at=now + pause(mail.attempts))
        return mail
    mail.last_error = ""
    mail.save(update_fields=["attempts", "last_error"])
    return settle(mail, "send", table=TABLE, by=SYSTEM, now=now, data={"to": mail.to})


def pause(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts (1 or more): 2 s, 4 s, 8 s … at most half an hour."""
    doubled: timedelta = timedelta(seconds=2) * 2 ** min(attempts - 1, 20)
    return min(doubled, LONGEST_PAUSE)


def _hopeless(error: Exception) -> bool:
    """Whether the server said that it will never take this letter (5xx), and not that it cannot now."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _reason in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and 550 <= error.smtp_code < 560


def compose(mail: Mail) -> EmailMessage:
    """The letter as it goes out: both languages, the reader's first."""
    order = [mail.language, *(one for one in LANGUAGES if one != mail.language)]
    parts = []
    for language in order:
        with override(language):
            parts.append(
                render_to_string(
                    "notices/letter.txt",
                    {
                        "title": pick(mail.subject, language),
                        "body": pick(mail.body, language),
                        "address": f"{settings.PORTAL_URL}{mail.link}" if mail.link else "",
                    },
                ).strip()
            )
    titles = dict.fromkeys(" ".join(pick(mail.subject, language).split()) for language in order)
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    return EmailMessage(
        subject=" / ".join(titles),
        body="\n\n----------------------------------------\n\n".join(parts) + "\n",
        to=[mail.to],
        headers={
            "Message-ID": f"<{mail.reference}@{domain}>",
            "Auto-Submitted": "auto-generated",
            "Content-Language": ", ".join(order),
        },
    )


@transaction.atomic
def mark_read(*, notice: Notice, by: Actor, now: datetime) -> Notice:
    """Somebody of the organisation has opened it; the first time counts."""
    changed = Notice.objects.filter(pk=notice.pk, read_at__isnull=True).update(read_at=now, read_by=by.actor_id)
    if changed:
        notice.read_at, notice.read_by = now, by.actor_id
        audit.record("notice.read", subject=notice.reference, by=by, now=now, data={"about": notice.subject})
    return notice


@transaction.atomic
def mark_all_read(*, organisation: Organisation, by: Actor, now: datetime) -> int:
    """Nothing of the organisation's is unread; returns how many were."""
    rows = Notice.objects.select_for_update().filter(organisation=organisation, read_at__isnull=True)
    unread = {one.reference: {"about": one.subject} for one in rows.only("reference", "subject")}
    Notice.objects.filter(reference__in=unread).update(read_at=now, read_by=by.actor_id)
    audit.record_many("notice.read", subjects=unread, by=by, now=now)
    return len(unread)
