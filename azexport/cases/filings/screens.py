"""What the pages of an application for a service show, as plain data."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from azexport.cases.filings import printing
from azexport.cases.filings.plan import USERS, Plan, may_apply, runs_alone, user_kind
from azexport.cases.queries import cases
from azexport.cases.queries import filings as queries
from azexport.cases.states import CaseStatus
from azexport.kernel import formats
from azexport.kernel.text import pick
from azexport.participants import queries as participants
from azexport.parties import queries as parties

if TYPE_CHECKING:
    from azexport.cases.models import Filing
    from azexport.parties.models import Member
    from azexport.services.models import RegulationVersion
    from azexport.services.schema import Fact, Regulation


def elsewhere(row: RegulationVersion) -> str:
    """Where a service runs that takes no application here: its own page, its calculator, its text (S4.2, S4.3)."""
    provision = row.regulation.provision
    if provision.runs_at:
        return provision.runs_at
    return f"/calculators/{row.service}/" if provision.calculator else f"/information/{row.service}/"


def start_page(row: RegulationVersion, actor: Member | None) -> dict[str, Any]:
    """What one should know before one begins, and what is known of who asks."""
    regulation = row.regulation
    organisation = actor.organisation if actor else None
    return {
        "row": row,
        "regulation": regulation,
        "provider": participants.by_code(regulation.provider),
        "alone": runs_alone(regulation),
        "admitted": organisation is None or may_apply(organisation, regulation),
        "users": [str(USERS[one]) for one in regulation.provision.users],
        "who_asks": str(USERS[user_kind(organisation)]) if organisation else "",
        "term": printing.term(regulation),
        "fee": printing.fee(regulation),
        "held": [_held(one) for one in regulation.provision.known_documents],
        "known": _said(regulation, actor),
        "tasks": [task for section in regulation.sections for task in section.tasks if task.questions],
        "documents": regulation.documents,
        "drafts": queries.open_drafts(organisation, row.service) if organisation else [],
        "earlier": queries.earlier(organisation, row.service) if organisation else [],
        "sign_in_url": f"{reverse('sign_in')}?next={reverse('apply', args=[row.service])}",
    }


def _held(document: Any) -> dict[str, Any]:
    return {"name": pick(document.name.text), "identified_by": pick(document.identified_by.text)}


def _said(regulation: Regulation, actor: Member | None) -> list[dict[str, Any]]:
    """What registers say of who is signed in, of what the regulation wants to know from them."""
    said = parties.facts_of(actor) if actor is not None and regulation.facts else {}
    return [
        {"key": pick(one.label.text), "value": _shown(one, said[one.source])}
        for one in regulation.facts
        if one.source in said
    ]


def known(plan: Plan) -> dict[str, Any]:
    """What the state's registers say, with their names and when they were asked: shown, never asked (S6.1.1, S7.2)."""
    if not plan.facts:
        return {"rows": [], "registers": "", "asked_at": None}
    codes = {one.register_.participant for one in plan.regulation.provision.known_documents if one.register_}
    names = sorted(pick(one.name) for one in participants.by_codes(codes).values())
    return {
        "rows": [{"key": pick(one.label.text), "value": _shown(one, value)} for one, value in plan.facts],
        "registers": "; ".join(names),
        "asked_at": max(fact["asked_at"] for fact in plan.filing.known.values()),
    }


def _shown(fact: Fact, value: Any) -> str:
    if fact.source == "applicant.registered_on" and isinstance(value, str):
        return formats.date_(value)
    return pick(value)


def sections(plan: Plan) -> list[dict[str, Any]]:
    """The task list, section by section; the last is to check and to sign."""
    found: list[dict[str, Any]] = []
    for page in plan.tasks:
        if not found or found[-1]["id"] != page.section.id:
            found.append({"id": page.section.id, "title": pick(page.section.title.text), "tasks": []})
        found[-1]["tasks"].append(
            {
                "title": pick(page.task.title.text),
                "hint": pick(page.task.hint.text) if page.task.hint else "",
                "url": _task_url(plan, page.id),
                "status": _status(plan, page),
            }
        )
    ready = plan.ready
    last = {
        "title": _("Check and sign") if not plan.filing.of_a_body else _("Check and send for signature"),
        "url": reverse("filing_check", args=[plan.filing.reference]) if ready else None,
        "status": "not_started" if ready else "cannot_start",
    }
    return [*found, {"id": "check", "title": _("Send"), "tasks": [last]}]


def _status(plan: Plan, page: Any) -> str:
    if plan.complete(page):
        return "completed"
    return "in_progress" if plan.begun(page) else "not_started"


def _task_url(plan: Plan, task: str) -> str:
    return reverse("filing_task", args=[plan.filing.reference, task])


def summaries(plan: Plan, *, change: bool) -> list[dict[str, Any]]:
    """The answers by task, each with the link that changes it."""
    found = []
    for page in plan.tasks:
        rows = [{"key": pick(one.label.text), "value": _answer(plan, one)} for one in page.questions]
        for document in page.documents:
            have = plan.files.get(document.id)
            rows.append({"key": pick(document.name.text), "value": have.name if have else _("Not attached")})
        if change:
            rows = [{**row, "change": _task_url(plan, page.id)} for row in rows]
        found.append({"title": pick(page.task.title.text), "rows": rows})
    return found


def _answer(plan: Plan, question: Any) -> str:
    if question.kind == "file":
        have = plan.files.get(f"answers.{question.id}")
        return have.name if have else _("Not attached")
    return printing.shown(question, plan.filing.answers.get(question.id))


def applicant(filing: Filing) -> list[dict[str, Any]]:
    """Who applies, as a summary list."""
    party = filing.organisation
    label, number = printing.identified_by(party)
    rows = [{"key": _("Applicant"), "value": pick(party.name)}, {"key": pick(label), "value": number},
            {"key": _("Address"), "value": pick(party.address)}]  # fmt: skip
    return [row for row in rows if row["value"]]


def receipt(filing: Filing, now: datetime) -> dict[str, Any]:
    """What the applicant is told as soon as the application is with the body."""
    case = filing.case
    assert case is not None
    view = cases.view(cases.case(filing.organisation, case.reference), now=now)
    paper = queries.paper_of(filing)
    return {
        "filing": filing,
        "case": view.case,
        "view": view,
        "steps": view.case.regulation.regulation.steps,
        "automatic": view.case.regulation.regulation.automatic,
        "decided": view.case.status in (CaseStatus.GRANTED, CaseStatus.REFUSED),
        "document": paper.document if paper else None,
    }
