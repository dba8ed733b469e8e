"""Applications for an invented service, filled in and signed the way their pages do it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from azexport.cases.actions import filings as actions
from azexport.cases.filings.plan import Plan
from azexport.cases.models import Filing
from azexport.documents import queries as documents
from azexport.documents.uploads import GivenFile
from azexport.parties.models import Member
from azexport.services.models import RegulationVersion
from tests.factories import papers, services
from tests.factories.cases import office, treasury
from tests.factories.services import words

NOW = services.NOW
PDF = b"%PDF-1.7 a scanned deed"
ANSWERS: dict[str, Any] = {
    "house": "Lənkəran çay evi",
    "hectares": "12.5",
    "organic": True,
    "certifier": "BioCert",
    "markets": ["az", "de"],
    "true": True,
}
"""Every answer that tea needs."""

SECTIONS = [
    {"id": "garden", "title": words("The garden"), "tasks": [
        {"id": "place", "title": words("Where it is"), "questions": ["house", "hectares"], "documents": ["deed"]},
        {"id": "growing", "title": words("How you grow"), "questions": ["organic", "certifier", "report"]},
    ]},
    {"id": "trade", "title": words("The trade"), "tasks": [
        {"id": "sale", "title": words("Where you sell"), "hint": words("All that apply"),
         "questions": ["markets", "true"]},
    ]},
]  # fmt: skip
QUESTIONS = [
    {"id": "house", "kind": "text", "label": words("Name of the tea house"), "why": words("Law on Tea, 2"),
     "hint": words("As on the sign"), "prefill": "applicant.name"},
    {"id": "hectares", "kind": "number", "label": words("How many hectares?"), "why": words("Law on Tea, 3"),
     "minimum": "0.5"},
    {"id": "organic", "kind": "boolean", "label": words("Is it organic?"), "why": words("Law on Tea, 4")},
    {"id": "certifier", "kind": "text", "label": words("Who certified it?"), "why": words("Law on Tea, 4"),
     "when": "answers.organic"},
    {"id": "report", "kind": "file", "label": words("Report of the soil"), "why": words("Law on Tea, 5"),
     "required": False, "when": "answers.organic"},
    {"id": "markets", "kind": "choices", "label": words("Where do you sell?"), "why": words("Law on Tea, 6"),
     "choices": [{"id": "az", "label": words("Azerbaijan")}, {"id": "de", "label": words("Germany")}]},
    {"id": "true", "kind": "statement", "label": words("All this is true"), "why": words("Law on Tea, 7")},
]  # fmt: skip
KNOWN = [
    {"id": "trader", "name": words("Entry in the register of taxpayers"), "identified_by": words("VÖEN"),
     "register": {"participant": "tea-office", "facts": [
         {"id": "holder", "label": words("Name in the register"), "source": "applicant.name"},
         {"id": "number", "label": words("Number in the register"), "source": "applicant.voen"},
     ]}},
]  # fmt: skip
CHECKS = [
    {"id": "small-is-local", "condition": "answers.hectares >= 5.0 || !('de' in answers.markets)",
     "message": words("A small garden sells in Azerbaijan only"), "question": "markets"},
]  # fmt: skip


def tea(**changes: Any) -> dict[str, Any]:
    """A service that is applied for alone, with sections, files, facts of a register and a check across answers."""
    regulation = services.honey(
        id="tea-licence",
        general__name=words("Licence of a tea garden"),
        general__provider="tea-office",
        provision__fee={"amount": "0"},
        provision__users=["legal", "natural"],
        provision__questions=QUESTIONS,
        provision__documents=[
            {"id": "deed", "name": words("Deed of the land"), "why": words("Law on Tea, 8"), "original": True}
        ],
        provision__known_documents=KNOWN,
        provision__sections=SECTIONS,
        provision__checks=CHECKS,
    )
    del regulation["requirements"]
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = regulation
        for parent in parents:
            place = place[parent]
        place[last] = value
    return regulation


def load_tea(**changes: Any) -> RegulationVersion:
    """The service is in force; its office, which has no system of its own, and the treasury are there."""
    regulation = tea(**changes)
    office(regulation["general"]["provider"])
    treasury()
    return services.load_all(regulation)[0]


def fresh(filing: Filing) -> Filing:
    return Filing.objects.for_page().get(pk=filing.pk)


def make_filing(member: Member, row: RegulationVersion | None = None, **given: Any) -> Filing:
    """Just begun."""
    return actions.start(regulation=row or load_tea(), by=member, now=NOW, **given)


def fill(
    filing: Filing, member: Member, *, answers: Mapping[str, Any] = ANSWERS, now: datetime = NOW, deed: bool = True
) -> Filing:
    """Every task gone through."""
    for page in Plan(filing).tasks:
        own = {one: answers[one] for one in page.task.questions if one in answers}
        files = {one: GivenFile(f"{one}.pdf", "application/pdf", PDF) for one in page.task.documents if deed}
        actions.answer(filing, task=page.id, answers=own, files=files, finished=True, by=member, now=now)
    return fresh(filing)


def make_filled(member: Member, row: RegulationVersion | None = None, **given: Any) -> Filing:
    """A draft in which everything is answered."""
    return fill(make_filing(member, row), member, **given)


def make_frozen(member: Member, row: RegulationVersion | None = None, **given: Any) -> Filing:
    """Checked; its paper is being made."""
    return actions.freeze(make_filled(member, row, **given), by=member, now=NOW)


def signed(filing: Filing, *, now: datetime = NOW) -> Filing:
    """Its paper printed and signed: it is with the body."""
    papers.signed(documents.paper(fresh(filing).paper), now=now)
    return fresh(filing)


def make_submitted(member: Member, row: RegulationVersion | None = None, **given: Any) -> Filing:
    return signed(make_frozen(member, row, **given))
