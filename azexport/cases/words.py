"""What the applicant is told of what happens to a case, in the cabinet and by e-mail (S6.3, P6.1.9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from azexport.cases.models import Case
from azexport.kernel.actor import Actor
from azexport.kernel.errors import Missing
from azexport.kernel.text import Text, of_message, pick
from azexport.notices import actions as notices
from azexport.parties import queries as parties

if TYPE_CHECKING:
    from azexport.participants.models import Participant


@dataclass(frozen=True)
class Words:
    """`title` may name %(service)s and %(body)s."""

    title: str | Promise
    body: str | Promise


NEWS: dict[str, Words] = {
    "case.accepted": Words(
        _("%(body)s has accepted your application: %(service)s"),
        _("The body has taken the case on. The page of the case shows who holds it and the time left."),
    ),
    "case.step_started": Words(
        _("A new step has begun: %(service)s"), _("The page of the case shows the step and who takes it.")
    ),
    "case.information_requested": Words(
        _("%(body)s needs more information: %(service)s"),
        _("The body has asked for more. The time limit stands still until you answer on the page of the case."),
    ),
    "case.information_supplied": Words(
        _("Your answer has been sent: %(service)s"), _("The body has your answer, and the time limit runs again.")
    ),
    "case.refused": Words(
        _("%(body)s has refused: %(service)s"),
        _("The page of the case shows the grounds, and how you can complain about the decision."),
    ),
    "case.granted": Words(
        _("Your document has been issued: %(service)s"),
        _("It was signed in the body's own system, and its signature and data have been checked by the portal."),
    ),
    "case.issued": Words(
        _("Your document has been issued: %(service)s"),
        _("The decision is positive. The document is on the page of the case, signed, with its number."),
    ),
    "case.granted_without_document": Words(
        _("Your application has been granted: %(service)s"),
        _("The decision is positive. The page of the case shows it; this service gives no separate document."),
    ),
    "case.granted_by_silence": Words(
        _("Granted, because the body did not answer in time: %(service)s"),
        _("The time limit ran out without an answer, which the regulation counts as consent."),
    ),
    "case.opinion_given": Words(
        _("Another body has given its opinion: %(service)s"),
        _("The page of the case shows what it said."),
    ),
    "case.opinion_deemed": Words(
        _("An opinion counts as given: %(service)s"),
        _("The body that was asked did not answer within the days of its step, which counts as its positive opinion."),
    ),
    "case.permit_rejected": Words(
        _("The document could not be accepted: %(service)s"),
        _("What the body sent did not pass the portal's checks, so it cannot be used. The body may send another."),
    ),
    "case.withdrawn": Words(_("You have withdrawn your application: %(service)s"), _("The body has been told.")),
    "case.overdue": Words(
        _("The time limit has run out: %(service)s"),
        _("%(body)s has not decided in the time the regulation sets. You can complain about the delay."),
    ),
}
_ENTRY = _("The decision is on the page of the case, and you can complain about it. The reason:")
NEWS |= {
    "entry.strike_off": Words(_("You have been struck off a public register: %(service)s"), _ENTRY),
    "entry.suspend": Words(_("Your entry in a public register is suspended: %(service)s"), _ENTRY),
    "entry.restore": Words(_("Your entry in a public register is restored: %(service)s"), _ENTRY),
}
BODY_NEWS: dict[str, Words] = {
    "desk.opinion_asked": Words(
        _("Your opinion is asked: %(service)s"),
        _("A step of this case is yours. If you do not answer within its days, your positive opinion counts as given."),
    ),
    "desk.opinion_ends": Words(
        _("Your opinion is due by the end of the next working day: %(service)s"),
        _("A step of this case is yours and not finished. After that day your positive opinion counts as given."),
    ),
    "desk.opinion_given": Words(
        _("Another body has given its opinion: %(service)s"), _("The case on your desk shows what it said.")
    ),
    "desk.opinion_deemed": Words(
        _("An opinion counts as given: %(service)s"),
        _("The body that was asked did not answer within the days of its step, which counts as its positive opinion."),
    ),
    "desk.request_undelivered": Words(
        _("The request for an opinion could not be delivered: %(service)s"),
        _("The other body's system did not take it. The case is on the desk of that body's officers instead."),
    ),
    "desk.information_supplied": Words(
        _("The applicant has answered: %(service)s"), _("The answer is on your desk, and the time limit runs again.")
    ),
    "desk.fee_paid": Words(_("The fee has been paid: %(service)s"), _("The case on your desk shows the payment.")),
    "desk.withdrawn": Words(_("The applicant has withdrawn: %(service)s"), _("Nothing more is to be done.")),
    "desk.term_ends": Words(
        _("The time limit runs out on the next working day: %(service)s"),
        _("The case on your desk is not decided yet."),
    ),
    "desk.overdue": Words(
        _("The time limit has run out: %(service)s"),
        _("The case on your desk is not decided, and the applicant has been told."),
    ),
}
"""What the officers of a body are told."""
BY_LETTER = (
    "desk.opinion_asked", "desk.opinion_ends", "desk.request_undelivered", "desk.term_ends", "desk.overdue",
)  # fmt: skip
"""News that must not wait until somebody opens the desk."""
OPENED = Words(
    _("Your application has been submitted"),
    _("Each body has received its part. You will be told when it is accepted and of every further step."),
)
RECEIVED = Words(
    _("Your application %(case)s has been received: %(service)s"),
    _("This is the receipt; the number of your case is %(case)s. You will be told of every further step."),
)
"""The receipt of a single case (S7.1.2)."""


def tell(case: Case, event: str, *, by: Actor, now: datetime, detail: Text | None = None, email: bool = True) -> None:
    """The applicant has a notice of the event."""
    words = NEWS[event]
    title, body = _filled(words.title, case), _filled(words.body, case)
    if detail:
        body = {language: f"{body[language]} {detail.get(language, '')}".strip() for language in body}
    notices.notify(
        organisation=case.organisation, kind=event, title=title, body=body,
        link=reverse("case", args=[case.reference]), subject=case.reference, by=by, now=now, email=email,
    )  # fmt: skip


def tell_opened(cases: Sequence[Case], *, organisation: Any, by: Actor, now: datetime) -> None:
    """One notice for all the cases of an application: the receipt with the numbers (S7.1.2)."""
    if len(cases) == 1:
        [case] = cases
        notices.notify(
            organisation=organisation, kind="case.submitted", title=_filled(RECEIVED.title, case),
            body=_filled(RECEIVED.body, case), link=reverse("case", args=[case.reference]),
            subject=case.application_reference, by=by, now=now,
        )  # fmt: skip
        return
    names = [
        {language: f"{pick(case.regulation.name, language)} ({case.reference})" for language in ("az", "en")}
        for case in cases
    ]
    body = of_message(OPENED.body)
    listed = {
        language: f"{text} {'; '.join(name.get(language) or name['az'] for name in names)}."
        for language, text in body.items()
    }
    notices.notify(
        organisation=organisation, kind="case.submitted", title=of_message(OPENED.title), body=listed,
        link=reverse("cases"), subject=cases[0].application_reference, by=by, now=now,
    )  # fmt: skip


def tell_body(participant: Participant, news: str, case: Case, *, by: Actor, now: datetime) -> None:
    """The officers of the body have a notice that leads to the case on their desk; a body without officers has none."""
    try:
        organisation = parties.body_organisation(participant)
    except Missing:
        return
    words = BODY_NEWS[news]
    notices.notify(
        organisation=organisation, kind=news, title=_filled(words.title, case), body=_filled(words.body, case),
        link=f"/desk/cases/{case.reference}/", subject=case.reference, by=by, now=now, email=news in BY_LETTER,
    )  # fmt: skip


def _filled(message: str | Promise, case: Case) -> Text:
    texts = of_message(message)
    return {
        language: text
        % {
            "case": case.reference,
            "service": case.regulation.name.get(language) or case.regulation.name["az"],
            "body": case.provider.name.get(language) or case.provider.name.get("az", ""),
        }
        for language, text in texts.items()
    }
