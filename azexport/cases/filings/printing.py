"""An application for a service on paper: exactly what was asked and answered, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _g
from django.utils.translation import ngettext, override

from azexport.cases.filings.plan import Plan, user_kind
from azexport.cases.models import Filing
from azexport.kernel import formats
from azexport.kernel.actor import Actor
from azexport.kernel.text import Text, both, pick
from azexport.participants import queries as participants
from azexport.parties.states import Kind
from azexport.reference import queries as reference
from azexport.services import fields as services

if TYPE_CHECKING:
    from azexport.parties.models import Organisation
    from azexport.services.schema import Regulation

LANGUAGES = ("az", "en")


def title(filing: Filing) -> Text:
    """What the application's PDF is called wherever it is listed."""
    name = filing.regulation.name
    return both(
        f"Müraciət {filing.reference}: {pick(name, 'az')}", f"Application {filing.reference}: {pick(name, 'en')}"
    )


def applicant(filing: Filing, signer: Actor) -> dict[str, Any]:
    """The applicant as the body is told, without what they do not have."""
    party = filing.organisation
    given = {
        "kind": user_kind(party),
        "name": party.name,
        "voen": party.voen,
        "fin": party.fin,
        "foreign_id": party.foreign_id,
        "body": party.participant.code if party.participant else None,
        "country": party.country,
        "address": party.address,
        "representative": signer.actor_name,
    }
    return {name: value for name, value in given.items() if value}


def identified_by(party: Organisation) -> tuple[Text, str]:
    """Label and value of what the applicant is known by; both empty for a public body."""
    match party.kind:
        case Kind.TAXPAYER:
            return both("VÖEN", "VÖEN"), party.voen or ""
        case Kind.PERSON:
            return both("FİN", "FİN"), party.fin or ""
        case Kind.BODY:
            return both("", ""), ""
        case _:
            return both("Qeydiyyat nömrəsi", "Registration number"), party.registration_number or party.foreign_id or ""


def public_facts(filing: Filing) -> list[dict[str, Any]]:
    """What anybody who holds a copy may read."""
    return [
        {"label": both("Müraciətin nömrəsi", "Application number"), "value": filing.reference},
        {"label": both("Müraciət edən", "Applicant"), "value": pick(filing.organisation.name, "az")},
        {"label": both("Xidmət", "Service"), "value": pick(filing.regulation.name, "az")},
    ]


def data(filing: Filing) -> dict[str, Any]:
    """What machines read, inside the PDF."""
    plan = Plan(filing)
    return {
        "reference": filing.reference,
        "service": {"id": filing.regulation.service, "version": filing.regulation.label},
        "answers": plan.answers,
        "known": filing.known,
        "documents": [
            {"id": name, "kind": kind, "name": one.name, "sha256": one.document.sha256}
            for name, kind, one in plan.sent_files
        ],
    }


def page(filing: Filing, *, signer: Actor, now: datetime) -> dict[str, Any]:
    """What the template prints."""
    plan, party = Plan(filing), filing.organisation
    label, number = identified_by(party)
    return {
        "reference": filing.reference,
        "title": filing.regulation.name,
        "date": in_both(lambda: formats.date_(now)),
        "version": filing.regulation.label,
        "applicant": {
            "name": party.name,
            "identified": {"label": label, "value": number},
            "address": party.address or "",
            "representative": signer.actor_name,
        },
        "provider": filing_provider(filing),
        "term": in_both(lambda: term(plan.regulation)),
        "fee": in_both(lambda: fee(plan.regulation)),
        "known": [{"label": fact.label.text, "value": _value(fact, value)} for fact, value in plan.facts],
        "sections": [
            {"title": page.task.title.text, "rows": _rows(plan, page)} for page in plan.tasks if page.questions
        ],
        "files": [[one.name, one.document.sha256] for _name, _kind, one in plan.sent_files],
        "originals": [one.name.text for one in plan.asked.documents if one.original and one.id in plan.files],
    }


def filing_provider(filing: Filing) -> Text:
    """The name of the body that provides the service."""
    name: Text = participants.by_code(filing.regulation.regulation.provider).name
    return name


def fee(regulation: Regulation) -> str:
    """The fee in words, in the page's language."""
    if not regulation.fee.amount:
        return _g("Free of charge")
    return formats.money(regulation.fee.amount, regulation.fee.currency)


def term(regulation: Regulation) -> str:
    """How long it takes, in the page's language."""
    count = regulation.term.working_days
    if not count:
        return pick(regulation.term.processing.text) if regulation.term.processing else _g("At once")
    return ngettext("%(count)s working day", "%(count)s working days", count) % {"count": count}


def _rows(plan: Plan, page: Any) -> list[dict[str, Any]]:
    rows = []
    for question in page.questions:
        value = plan.filing.answers.get(question.id)
        if question.kind == "file":
            one = plan.files.get(f"answers.{question.id}")
            rows.append({"label": question.label.text, "value": one.name if one else "–"})
        else:
            rows.append({"label": question.label.text, "value": in_both(partial(shown, question, value))})
    return rows


def shown(question: Any, value: Any) -> str:
    """An answer as a page shows it, in the page's language."""
    wants_names = question.kind in ("country", "party")
    names = dict(reference.choices(reference.countries())) if wants_names else None
    return services.shown(question, value, countries=names)


def _value(fact: Any, value: Any) -> Text | str:
    if fact.source == "applicant.registered_on" and isinstance(value, str):
        return in_both(lambda: formats.date_(value))
    shown: Text | str = value
    return shown


def in_both(say: Callable[[], str]) -> Text:
    """What `say` gives in each language."""
    said: Text = {}
    for language in LANGUAGES:
        with override(language):
            said[language] = say()
    return said
