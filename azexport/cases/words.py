"""What the applicant is told of what happens to a case, in the cabinet and by e-mail (S6.3, P6.1.9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from azexport.cases.models import Case
from azexport.kernel.actor import Actor
from azexport.kernel.text import Text, of_message
from azexport.notices import actions as notices


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
OPENED = Words(
    _("Your application has been submitted"),
    _("Each body has received its part. You will be told when it is accepted and of every further step."),
)


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
    """One notice for all the cases of an application."""
    names = [case.regulation.name for case in cases]
    body = of_message(OPENED.body)
    listed = {
        language: f"{text} {'; '.join(name.get(language) or name['az'] for name in names)}."
        for language, text in body.items()
    }
    notices.notify(
        organisation=organisation, kind="case.submitted", title=of_message(OPENED.title), body=listed,
        link=reverse("cases"), subject=cases[0].application_reference, by=by, now=now,
    )  # fmt: skip


def _filled(message: str | Promise, case: Case) -> Text:
    texts = of_message(message)
    return {
        language: text
        % {
            "service": case.regulation.name.get(language) or case.regulation.name["az"],
            "body": case.provider.name.get(language) or case.provider.name.get("az", ""),
        }
        for language, text in texts.items()
    }
