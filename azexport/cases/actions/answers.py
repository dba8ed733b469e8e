"""The applicant's answer to a body's request for more: drafted, printed, signed, and only then sent (S7.4, S12.2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from azexport.audit import actions as audit
from azexport.cases import answers as prints
from azexport.cases import words
from azexport.cases.actions.transitions import changed, discard_answer, locked, run_on, tell_provider
from azexport.cases.lifecycle import TABLE
from azexport.cases.models import Case, FurtherInformationRequest
from azexport.cases.permissions import is_applicant, may_sign_answer
from azexport.documents import actions as stored
from azexport.documents import papers
from azexport.documents import queries as documents
from azexport.exchange import protocol
from azexport.kernel.actor import Actor
from azexport.kernel.errors import IllegalTransition, NotAllowed, RuleViolated, Violation
from azexport.lifecycle import settle
from azexport.notices import actions as notices
from azexport.parties import queries as parties

if TYPE_CHECKING:
    from azexport.documents.models import Document, Paper
    from azexport.documents.uploads import GivenFile
    from azexport.parties.models import Member

PURPOSE = "case-answer"
ANSWER = "case-answer"
"""Kind of document: the signed answer."""
ANSWER_FILE = "case-answer-file"
"""Kind of document: a file that goes with it."""


@transaction.atomic
def keep_answer(
    *, case: Case, answers: Mapping[str, Any], files: Mapping[str, GivenFile], removed: Collection[str] = (), by: Actor,
    now: datetime,
) -> FurtherInformationRequest:  # fmt: skip
    """The draft of the answer holds these answers (by question id) and files (by item); the others stay as they are.

    Args:
        removed: items whose files are taken away.

    Raises:
        NotAllowed: the case is somebody else's.
        IllegalTransition: nothing is asked (any more), or the answer waits for its signature.
    """
    case, request = _asked(case, by)
    if request.paper:
        raise IllegalTransition
    request.drafted_answers = {**request.drafted_answers, **answers}
    kept = [one for one in request.drafted_files if one["item"] not in files and one["item"] not in removed]
    request.drafted_files = [*kept, *(_stored(item, file, by=by, now=now) for item, file in files.items())]
    request.save(update_fields=["drafted_answers", "drafted_files"])
    audit.record("case.answer_drafted", subject=case.reference, by=by, now=now,
                 data={"request": request.request, "questions": sorted(answers), "files": sorted(files)})  # fmt: skip
    return request


@transaction.atomic
def prepare_answer(*, case: Case, by: Member, now: datetime) -> Paper:
    """The drafted answer is printed and waits for its signature; of a public body its head signs (S12.2).

    Raises:
        NotAllowed: the case is somebody else's.
        IllegalTransition: nothing is asked (any more), or the answer waits for its signature already.
        RuleViolated: a question is not answered; the public body has no head who could sign.
    """
    case, request = _asked(case, by)
    if request.paper:
        raise IllegalTransition
    given = request.answers_drafted()
    settle(case, "prepare_answer", table=TABLE, by=by, now=now, data={"questions": request.questions, "answers": given})
    signer = _signer(case, by)
    paper = papers.put_forward(
        purpose=PURPOSE, subject=case.reference, kind=ANSWER, title=prints.title(case), template=prints.TEMPLATE,
        data=prints.page(case, request, signer=signer, now=now), attachment=prints.data(case, request),
        facts=prints.public_facts(case), signer=signer, expected=signer.expected,
        return_url=f"/cases/{case.reference}/", by=by, now=now,
    )  # fmt: skip
    request.paper = paper.reference
    request.save(update_fields=["paper"])
    changed(case)
    if signer.actor_id != by.actor_id:
        _ask_head(case, by=by, now=now)
    return paper


@transaction.atomic
def reopen_answer(*, case: Case, by: Actor, now: datetime) -> FurtherInformationRequest:
    """The answer is a draft again: the paper that nobody signed counts for nothing.

    Raises:
        NotAllowed: the case is somebody else's.
        IllegalTransition: nothing waits for a signature.
    """
    case, request = _asked(case, by)
    if not request.paper:
        raise IllegalTransition
    settle(case, "reopen_answer", table=TABLE, by=by, now=now)
    discard_answer(request, by=by, now=now)
    changed(case)
    return request


@transaction.atomic
def answer_signed(subject: Paper, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The body has the signed answer, and the clock runs again (event paper.signed.case-answer).

    Run twice it changes nothing. A signature over an answer that is not asked for any more, or of somebody who may not
    sign any more, is put on record and counts for nothing.
    """
    case = locked(subject.subject)
    document = documents.by_reference(str(data["document"]))
    if case.requests.filter(document=document).exists():
        return
    request = case.requests.filter(answered_at__isnull=True, paper=subject.reference).first()
    signer = parties.acting_for(case.organisation, by.actor_id)
    try:
        if request is None or signer is None or not may_sign_answer(signer, case):
            raise IllegalTransition
        with transaction.atomic():
            _supply(case, request, document, by=signer, now=now)
    except (IllegalTransition, NotAllowed, RuleViolated):
        audit.record("case.answer_signed_in_vain", subject=case.reference, by=by, now=now,
                     data={"paper": subject.reference})  # fmt: skip
        if request is not None:
            request.paper = ""
            request.save(update_fields=["paper"])
            changed(case)
        papers.void(subject, by=by, now=now)


# ---------------------------------------------------------------------------------------------- parts of the above


def _asked(case: Case, by: Actor) -> tuple[Case, FurtherInformationRequest]:
    case = locked(case.reference)
    if not is_applicant(by, case):
        raise NotAllowed
    request = case.requests.filter(answered_at__isnull=True).first()
    if request is None or TABLE.find("supply_information", case.status) is None:
        raise IllegalTransition
    return case, request


def _stored(item: str, file: GivenFile, *, by: Actor, now: datetime) -> dict[str, str]:
    document = stored.store(
        kind=ANSWER_FILE, title={"az": file.name, "en": file.name}, content=file.content, media_type=file.media_type,
        by=by, now=now,
    )  # fmt: skip
    return {"item": item, "reference": document.reference, "name": file.name}


def _signer(case: Case, by: Member) -> Member:
    if may_sign_answer(by, case):
        return by
    assert case.organisation.participant is not None
    heads = parties.heads_of(case.organisation.participant)
    if not heads:
        raise RuleViolated([Violation("CAS-021", _("Your body has no head on the portal who could sign."), "signer")])
    return heads[0]


def _ask_head(case: Case, *, by: Member, now: datetime) -> None:
    notices.notify(
        organisation=case.organisation, kind="case.answer_to_sign", title=prints.TO_SIGN,
        body=prints.to_sign(case, by), link="/desk/", subject=case.reference, by=by, now=now,
    )  # fmt: skip


def _supply(case: Case, request: FurtherInformationRequest, document: Document, *, by: Member, now: datetime) -> None:
    given = request.answers_drafted()
    settle(case, "supply_information", table=TABLE, by=by, now=now,
           data={"questions": request.questions, "answers": given})  # fmt: skip
    request.answers, request.document = given, document
    request.documents = [{"reference": one["reference"], "name": one["name"]} for one in request.drafted_files]
    request.drafted_answers, request.drafted_files = {}, []
    request.answered_at, request.answered_by = now, by.actor_id
    request.save()
    changed(case, *run_on(case, now=now))
    body = {
        "case": case.reference, "request": request.request, "answers": given,
        "documents": [protocol.stored(one["reference"], name=one["name"]) for one in request.documents],
        "answer_document": protocol.stored(document.reference, name=f"{case.reference}-answer.pdf"),
    }  # fmt: skip
    tell_provider(case, "case.information_supplied", "desk.information_supplied", body, by=by, now=now)
    words.tell(case, "case.information_supplied", by=by, now=now, email=False)
