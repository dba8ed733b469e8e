"""What is told of a letter: to whoever wrote it and to the body, in the cabinet and by e-mail (S6.3, S7.1.2, S11.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from azexport.appeals.models import Letter
from azexport.kernel.actor import Actor
from azexport.kernel.errors import Missing
from azexport.kernel.text import Text, of_message
from azexport.notices import actions as notices
from azexport.parties import queries as parties


@dataclass(frozen=True)
class Words:
    """Both may name %(number)s, %(matter)s, %(body)s and %(sender)s; `body` may end with %(detail)s."""

    title: str | Promise
    body: str | Promise


TO_SENDER: dict[str, Words] = {
    "letter.sent": Words(
        _("Your letter has been accepted: %(number)s"),
        _("%(body)s has received your letter “%(matter)s”. Its number is %(number)s."),
    ),
    "letter.registered": Words(
        _("Your letter has been registered: %(number)s"),
        _("%(body)s has registered your letter “%(matter)s”. The page of the letter says until when it is answered."),
    ),
    "letter.extended": Words(
        _("The time for answering your letter has been extended: %(number)s"),
        _("%(body)s needs more time for your letter “%(matter)s”. Reason: %(detail)s"),
    ),
    "letter.forwarded": Words(
        _("Your letter has been forwarded: %(number)s"),
        _("Your letter “%(matter)s” is now with %(body)s. You need do nothing. Reason: %(detail)s"),
    ),
    "letter.answered": Words(
        _("Your letter has been answered: %(number)s"),
        _("%(body)s has answered your letter “%(matter)s”. The signed answer is in your cabinet.\n\n%(detail)s"),
    ),
    "letter.overdue": Words(
        _("The time for answering your letter has run out: %(number)s"),
        _("%(body)s has not answered your letter “%(matter)s” in the time that the law sets. It has been told so."),
    ),
}
TO_BODY: dict[str, Words] = {
    "letter.sent": Words(_("New letter: %(number)s"), _("%(sender)s has written to you: “%(matter)s”.")),
    "letter.forwarded": Words(
        _("A letter has been forwarded to you: %(number)s"), _("%(sender)s had written to another body: “%(matter)s”.")
    ),
    "letter.term_ends": Words(
        _("A letter must be answered by the next working day: %(number)s"),
        _(
            "The term of the letter of %(sender)s, “%(matter)s”, ends on the next working day. Answer it, forward it, "
            "or extend the term and say why."
        ),
    ),
    "letter.overdue": Words(
        _("The time for answering a letter has run out: %(number)s"),
        _("The letter of %(sender)s, “%(matter)s”, should have been answered by now."),
    ),
}


def tell_sender(letter: Letter, event: str, *, by: Actor, now: datetime, detail: str = "") -> None:
    """Whoever wrote has a notice, and a letter by e-mail."""
    words = TO_SENDER[event]
    notices.notify(
        organisation=letter.organisation, kind=event, title=_filled(words.title, letter, detail),
        body=_filled(words.body, letter, detail), link=reverse("letter", args=[letter.reference]),
        subject=letter.reference, by=by, now=now,
    )  # fmt: skip


def tell_body(letter: Letter, event: str, *, by: Actor, now: datetime) -> None:
    """The body's officers have a notice; a body that nobody works for any more has nobody to be told."""
    try:
        organisation = parties.body_organisation(letter.participant)
    except Missing:
        return
    words = TO_BODY[event]
    notices.notify(
        organisation=organisation, kind=event, title=_filled(words.title, letter, ""),
        body=_filled(words.body, letter, ""), link=reverse("desk_letter", args=[letter.reference]),
        subject=letter.reference, by=by, now=now,
    )  # fmt: skip


def _filled(message: str | Promise, letter: Letter, detail: str) -> Text:
    return {
        language: text
        % {
            "number": letter.reference,
            "matter": letter.matter,
            "detail": detail,
            "body": letter.participant.name.get(language) or letter.participant.name.get("az", ""),
            "sender": letter.organisation.name.get(language) or letter.organisation.name.get("az", ""),
        }
        for language, text in of_message(message).items()
    }
