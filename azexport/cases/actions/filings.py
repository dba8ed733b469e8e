"""Every write to an application for a service, from its beginning to the case that it becomes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from azexport.audit import actions as audit
from azexport.calendar.queries import today
from azexport.cases.actions.opening import CasePart, open_cases
from azexport.cases.filings import printing
from azexport.cases.filings.lifecycle import FILINGS
from azexport.cases.filings.permissions import may_sign, owns_filing
from azexport.cases.filings.plan import Plan, may_apply, runs_alone
from azexport.cases.models import Filing, FilingDocument
from azexport.cases.states import FilingStatus
from azexport.documents import actions as documents
from azexport.documents import papers
from azexport.documents import queries as document_queries
from azexport.documents.lifecycle import OPEN_PAPER
from azexport.exchange import protocol
from azexport.kernel.actor import Actor
from azexport.kernel.errors import IllegalTransition, Missing, NotAllowed
from azexport.kernel.references import new_reference
from azexport.kernel.text import both, pick
from azexport.lifecycle import move, settle
from azexport.notices import actions as notices
from azexport.parties import queries as parties
from azexport.services import queries as services

if TYPE_CHECKING:
    from azexport.documents.models import Paper
    from azexport.documents.uploads import GivenFile
    from azexport.parties.models import Member
    from azexport.services.models import RegulationVersion

PURPOSE = "filing"
KIND = "filing"
"""Of the signed application."""
FILE_KIND = "filing-file"
"""Of what is attached to it."""


# ------------------------------------------------------------------------------------------------ drawing up


@transaction.atomic
def start(
    *,
    regulation: RegulationVersion,
    by: Member,
    now: datetime,
    copy_of: Filing | None = None,
    answers: Mapping[str, Any] | None = None,
    prepared_for: str = "",
    request_key: str = "",
) -> Filing:
    """An application is begun, with what registers say of the applicant, and an earlier one's answers and files.

    Args:
        answers: answers that are known already, by question id.
        prepared_for: reference of what the portal makes it from; its tasks count as gone through.
        request_key: of the machine that files it: the same key finds the same filing.

    Raises:
        IllegalTransition: nothing is applied for under this regulation by itself.
        NotAllowed: the regulation does not admit the actor's organisation (2.3).
    """
    if not runs_alone(regulation.regulation):
        raise IllegalTransition(_("This service takes no application of its own."))
    if not may_apply(by.organisation, regulation.regulation):
        raise NotAllowed(_("The regulation of this service does not admit you."))
    filing = Filing.objects.create(
        reference=new_reference("FL"),
        organisation=by.organisation,
        regulation=regulation,
        answers={**_kept(copy_of, regulation), **(answers or {})},
        known=_facts(regulation, by, now),
        tasks_done=[task.id for section in regulation.regulation.sections for task in section.tasks]
        if prepared_for
        else [],
        copied_from=copy_of,
        prepared_for=prepared_for,
        request_key=request_key,
        started_by=by.actor_id,
        started_by_name=by.actor_name,
        changed_at=now,
        created_at=now,
    )
    if copy_of is not None:
        _copy_files(copy_of, filing, now)
    audit.record("filing.started", subject=filing.reference, by=by, now=now,
                 data={"service": regulation.service, "version": regulation.label,
                       "copy_of": copy_of.reference if copy_of else None})  # fmt: skip
    return filing


@transaction.atomic
def answer(
    filing: Filing,
    *,
    task: str,
    answers: Mapping[str, Any],
    files: Mapping[str, GivenFile],
    finished: bool,
    removed: Collection[str] = (),
    by: Actor,
    now: datetime,
) -> Filing:
    """The answers (by question id) and files (by item, see FilingDocument) are kept; others stay as they are.

    Args:
        removed: items whose files are taken away.
        finished: the applicant has gone through the whole task; otherwise it stays open in the task list.

    Raises:
        IllegalTransition: it is not a draft any more.
        NotAllowed: it is somebody else's.
    """
    filing = _locked_draft(filing, by)
    filing.answers = {**filing.answers, **answers}
    done = [one for one in filing.tasks_done if one != task]
    filing.tasks_done = [*done, task] if finished else done
    filing.changed_at = now
    filing.save(update_fields=["answers", "tasks_done", "changed_at"])
    if removed:
        filing.documents.filter(item__in=removed).delete()
    for item, file in files.items():
        _attach(filing, item, file, by=by, now=now)
    changes = {"questions": sorted(answers), "files": sorted(files), "removed": sorted(removed)}
    audit.record("filing.answered", subject=filing.reference, by=by, now=now, data={"task": task, **changes})
    return filing


@transaction.atomic
def renew(filing: Filing, *, by: Member, now: datetime) -> Filing:
    """The draft goes on under the version of the regulation that is in force; answers stay, each task is seen anew.

    Raises:
        Missing: the service is not provided any more.
    """
    filing = _locked_draft(filing, by)
    newest = services.regulation(filing.regulation.service, today(now))
    if newest is None:
        raise Missing(_("This service is not provided any more."))
    filing.regulation, filing.tasks_done = newest, []
    filing.known, filing.changed_at = _facts(newest, by, now), now
    filing.save(update_fields=["regulation", "tasks_done", "known", "changed_at"])
    audit.record("filing.renewed", subject=filing.reference, by=by, now=now, data={"version": newest.label})
    return filing


@transaction.atomic
def abandon(filing: Filing, *, by: Actor, now: datetime) -> Filing:
    """The draft is deleted for the user; the log keeps that it was there."""
    return move(filing, "abandon", table=FILINGS, by=by, now=now)


# ------------------------------------------------------------------------------------------------ signing


@transaction.atomic
def send_to_head(filing: Filing, *, by: Member, now: datetime) -> Filing:
    """The public body's head is asked to sign (S12.2).

    Raises:
        NotAllowed: the applicant is no public body, or not the actor's.
        RuleViolated: FIL-001 to FIL-003, all that is missing.
    """
    filing = move(filing, "send_to_head", table=FILINGS, by=by, now=now, data=known_to_rules(filing, now))
    name = filing.regulation.name
    notices.notify(
        organisation=filing.organisation,
        kind="filing.to_sign",
        title=both("Müraciət rəhbərin imzasını gözləyir", "An application waits for the head's signature"),
        body=both(
            f"{pick(name, 'az')}: {filing.reference}. Hazırlayan: {by.actor_name}.",
            f"{pick(name, 'en')}: {filing.reference}. Prepared by {by.actor_name}.",
        ),
        link=f"/filings/{filing.reference}/check/",
        subject=filing.reference,
        by=by,
        now=now,
    )
    return filing


@transaction.atomic
def freeze(filing: Filing, *, by: Member, now: datetime) -> Filing:
    """Nothing in it changes any more; the paper that `by` signs is being made, at /papers/<filing.paper>/.

    Registers are asked again, so that what is signed is what they say now.

    Raises:
        NotAllowed: it is somebody else's, or a public body's and the actor is not its head.
        RuleViolated: FIL-001 to FIL-003, all that is missing.
    """
    filing = move(filing, "freeze", table=FILINGS, by=by, now=now, data=known_to_rules(filing, now))
    filing.known = _facts(filing.regulation, by, now)
    paper = papers.put_forward(
        purpose=PURPOSE,
        subject=filing.reference,
        kind=KIND,
        title=printing.title(filing),
        template="cases/filing.typ",
        data=printing.page(filing, signer=by, now=now),
        attachment=printing.data(filing),
        facts=printing.public_facts(filing),
        signer=by,
        expected=by.expected,
        return_url=f"/filings/{filing.reference}/submitted/",
        by=by,
        now=now,
    )
    filing.paper = paper.reference
    filing.save(update_fields=["known", "paper"])
    return filing


@transaction.atomic
def reopen(filing: Filing, *, by: Actor, now: datetime) -> Filing:
    """A draft again: a paper that nobody signed counts for nothing."""
    filing = move(filing, "reopen", table=FILINGS, by=by, now=now)
    if filing.paper:
        paper = document_queries.paper(filing.paper)
        if paper.status in OPEN_PAPER:
            papers.discard(paper, by=by, now=now)
    filing.paper = ""
    filing.save(update_fields=["paper"])
    return filing


# ------------------------------------------------------------------------------------------------ submission


@transaction.atomic
def submit(subject: Paper, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The signed application is a case of the body, with its number (event paper.signed.filing; S6.3, S7.1.2).

    Run twice it changes nothing. A signature on a paper that is not the newest, or of somebody who may not sign any
    more, is put on record and discarded; where the regulation has changed or ended since the paper was made (FIL-001),
    the application is a draft again and the applicant is told.
    """
    filing = _locked(subject.subject)
    if filing.case_id is not None and filing.paper == subject.reference:
        return
    signer = parties.acting_for(filing.organisation, by.actor_id)
    waits = filing.status == FilingStatus.AWAITING_SIGNATURE and filing.paper == subject.reference
    if not waits or signer is None or not may_sign(signer, filing):
        audit.record("filing.signature_discarded", subject=filing.reference, by=by, now=now,
                     data={"paper": subject.reference})  # fmt: skip
        papers.void(subject, by=by, now=now)
        return
    newest = services.regulation(filing.regulation.service, today(now))
    if newest is None or newest.pk != filing.regulation_id:
        _outrun(filing, by=signer, now=now)
        papers.void(subject, by=by, now=now)
        return
    (filing.case,) = open_cases(
        application_reference=filing.reference,
        organisation=filing.organisation,
        parts=[CasePart(regulation=filing.regulation, body=_body(filing, subject, str(data["document"]), by))],
        by=by,
        now=now,
    )
    filing.submitted_at, filing.submitted_by = now, by.actor_id
    filing.save(update_fields=["case", "submitted_at", "submitted_by"])
    settle(filing, "submit", table=FILINGS, by=by, now=now, data={"case": filing.case.reference})


def _outrun(filing: Filing, *, by: Member, now: datetime) -> None:
    """It was signed under a regulation that is not in force any more: a draft again, not sent."""
    paper = filing.paper
    settle(filing, "reopen", table=FILINGS, by=by, now=now, data={"signed_in_vain": paper})
    filing.paper = ""
    filing.save(update_fields=["paper"])
    name = filing.regulation.name
    notices.notify(
        organisation=filing.organisation,
        kind="filing.outrun",
        title=both("Müraciət göndərilmədi: reqlament dəyişib", "The application was not sent: the regulation changed"),
        body=both(
            f"{pick(name, 'az')}: {filing.reference}. İmzadan əvvəl reqlament dəyişib və ya qüvvədən düşüb. "
            "Cavablarınız qaralamada saxlanılıb.",
            f"{pick(name, 'en')}: {filing.reference}. Its regulation changed or ended before you signed. "
            "Your answers are kept in the draft.",
        ),
        link=f"/filings/{filing.reference}/",
        subject=filing.reference,
        by=by,
        now=now,
    )


def _body(filing: Filing, paper: Paper, document: str, signer: Actor) -> dict[str, Any]:
    """What the body is told."""
    plan = Plan(filing)
    files = [
        (name, kind, protocol.stored(one.document.reference, name=one.name)) for name, kind, one in plan.sent_files
    ]
    return {
        "applicant": printing.applicant(filing, signer),
        "answers": plan.answers | {name: file for name, kind, file in files if kind == "answer"},
        "known": filing.known_values,
        "documents": [{**file, "id": name} for name, kind, file in files if kind == "document"],
        "application_document": protocol.stored(document, name=f"{filing.reference}.pdf"),
    }


# ------------------------------------------------------------------------------------------------ inside


def _facts(row: RegulationVersion, member: Member, now: datetime) -> dict[str, Any]:
    """What registers say of the applicant, of what the regulation wants to know from them (2.6.1, S6.1.1)."""
    wanted = row.regulation.facts
    said = parties.facts_of(member) if wanted else {}
    return {one.id: {"value": said[one.source], "asked_at": now.isoformat()} for one in wanted if one.source in said}


def _kept(earlier: Filing | None, row: RegulationVersion) -> dict[str, Any]:
    """An earlier application's answers, of questions that are still asked. What was stated as true is stated anew."""
    if earlier is None:
        return {}
    questions = {one.id for one in row.regulation.questions if one.kind not in ("file", "statement")}
    return {name: value for name, value in earlier.answers.items() if name in questions}


def _copy_files(earlier: Filing, filing: Filing, now: datetime) -> None:
    regulation = filing.regulation.regulation
    items = {one.id for one in regulation.documents}
    items |= {f"answers.{one.id}" for one in regulation.questions if one.kind == "file"}
    FilingDocument.objects.bulk_create(
        FilingDocument(filing=filing, item=one.item, name=one.name, document_id=one.document_id, created_at=now)
        for one in _files_of(earlier)
        if one.item in items
    )


def _files_of(filing: Filing) -> Iterable[FilingDocument]:
    return filing.documents.order_by("id")


def _attach(filing: Filing, item: str, file: GivenFile, *, by: Actor, now: datetime) -> None:
    document = documents.store(
        kind=FILE_KIND, title=both(file.name, file.name), content=file.content, media_type=file.media_type, by=by,
        now=now,
    )  # fmt: skip
    FilingDocument.objects.update_or_create(
        filing=filing, item=item, defaults={"name": file.name[:200], "document": document, "created_at": now}
    )


def known_to_rules(filing: Filing, now: datetime) -> dict[str, Any]:
    """What the rules before signing need to know besides the filing."""
    from azexport.cases.actions import registration

    return {
        "newest": services.regulation(filing.regulation.service, today(now)),
        "faults": registration.faults(filing, now),
    }


def _locked(reference: str) -> Filing:
    filing = (
        Filing.objects.select_for_update(of=("self",))
        .select_related("regulation", "organisation__participant")
        .filter(reference=reference)
        .first()
    )
    if filing is None:
        raise Missing
    return filing


def _locked_draft(filing: Filing, by: Actor) -> Filing:
    filing = _locked(filing.reference)
    if not owns_filing(by, filing):
        raise NotAllowed
    if not filing.editable:
        raise IllegalTransition
    return filing
