"""Later decisions about entries of public registers: striking off, suspending, restoring (S-A1 1.8).

A decision is the body's, with a reason and a legal ground that anybody may read. Where the entry was given with a
document, the head signs, and the document counts for nothing while the entry is not in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from azexport.audit import actions as audit
from azexport.cases import decisions as prints
from azexport.cases import words
from azexport.cases.actions.transitions import changed, locked
from azexport.cases.lifecycle import DECISIONS, ENTRIES
from azexport.cases.models import Case, RegisterDecision, RegisterEntry
from azexport.cases.permissions import is_provider
from azexport.cases.states import DecisionKind, DecisionStatus
from azexport.documents import actions as stored
from azexport.documents import papers
from azexport.documents import queries as documents
from azexport.documents.lifecycle import OPEN_PAPER
from azexport.documents.states import DocumentStatus
from azexport.kernel.actor import Actor
from azexport.kernel.errors import IllegalTransition, Missing, RuleViolated, Violation
from azexport.kernel.references import new_reference
from azexport.kernel.text import Text
from azexport.lifecycle import settle
from azexport.parties import queries as parties

if TYPE_CHECKING:
    from azexport.documents.models import Document, Paper
    from azexport.parties.models import Member

PURPOSE = "register-decision"
KIND = "register-decision"
"""Of the signed decision."""


@transaction.atomic
def decide_entry(*, case: Case, kind: str, reason: Text, ground: Text, by: Member, now: datetime) -> RegisterDecision:
    """The decision waits for the head's signature; where the service gave no document, it is made at once.

    One that waited for its signature before counts for nothing.

    Args:
        kind: a DecisionKind.
        reason: what anybody reads beside the entry, in both languages.
        ground: the act and the clause, in both languages.

    Raises:
        Missing: the case is another body's, or has no entry.
        IllegalTransition: the entry is not in a state from which it could be decided so.
        RuleViolated: CAS-022, CAS-023; the body has no head who could sign (CAS-021).
    """
    case, entry = _entry_of(case, by)
    if ENTRIES.find(kind, entry.status) is None:
        raise IllegalTransition
    if violations := [*_in_both(reason, "reason", "CAS-022"), *_in_both(ground, "ground", "CAS-023")]:
        raise RuleViolated(violations)
    for older in entry.decisions.filter(status=DecisionStatus.AWAITING_SIGNATURE):
        _take_back(older, by=by, now=now)
    decision = RegisterDecision.objects.create(
        reference=new_reference("RD"), entry=entry, kind=kind, reason=reason, ground=ground, prepared_by=by.actor_id,
        created_at=now,
    )  # fmt: skip
    audit.record("entry.decision_prepared", subject=case.reference, by=by, now=now,
                 data={"decision": decision.reference, "kind": kind})  # fmt: skip
    if case.result_document is None:
        _make(case, decision, None, by=by, now=now)
        return decision
    signer = _head(case, by)
    paper = papers.put_forward(
        purpose=PURPOSE, subject=case.reference, kind=KIND, title=prints.title(decision), template=prints.TEMPLATE,
        data=prints.page(case, decision, signer=signer, now=now), attachment=prints.data(decision),
        facts=prints.public_facts(case, decision), signer=signer, expected=signer.expected,
        return_url=f"/desk/cases/{case.reference}/", by=by, now=now,
    )  # fmt: skip
    decision.paper = paper.reference
    decision.save(update_fields=["paper"])
    changed(case)
    return decision


@transaction.atomic
def take_back_decision(*, case: Case, by: Member, now: datetime) -> RegisterDecision:
    """The decision that waits for its signature is not made; the entry stays as it is.

    Raises:
        Missing: the case is another body's, or has no entry.
        IllegalTransition: no decision waits.
    """
    case, entry = _entry_of(case, by)
    decision = entry.decisions.filter(status=DecisionStatus.AWAITING_SIGNATURE).first()
    if decision is None:
        raise IllegalTransition
    _take_back(decision, by=by, now=now)
    changed(case)
    return decision


@transaction.atomic
def decision_signed(subject: Paper, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The head has signed: the register and the result's document say so (event paper.signed.register-decision).

    The signature on a decision that was taken back, or of somebody who is the head no more, is put on record and counts
    for nothing.
    """
    case = locked(subject.subject)
    document = documents.by_reference(str(data["document"]))
    decision = RegisterDecision.objects.select_related("entry").filter(paper=subject.reference).first()
    if decision is not None and decision.document_id == document.pk:
        return
    head = parties.acting_for(parties.body_organisation(case.provider), by.actor_id)
    waits = decision is not None and decision.status == DecisionStatus.AWAITING_SIGNATURE
    if decision is None or not waits or head is None or not head.is_head:
        audit.record("entry.decision_signed_in_vain", subject=case.reference, by=by, now=now,
                     data={"paper": subject.reference})  # fmt: skip
        if waits and decision is not None:
            _take_back(decision, by=by, now=now)
            changed(case)
        papers.void(subject, by=by, now=now)
        return
    _make(case, decision, document, by=head, now=now)


# ---------------------------------------------------------------------------------------------- parts of the above


def _entry_of(case: Case, by: Member) -> tuple[Case, RegisterEntry]:
    case = locked(case.reference)
    entry = RegisterEntry.objects.filter(case=case).first()
    if entry is None or not by.is_officer or not is_provider(by, case):
        raise Missing
    return case, entry


def _in_both(text: Text, field: str, code: str) -> Iterable[Violation]:
    if not all(str(text.get(language) or "").strip() for language in ("az", "en")):
        yield Violation(code, _("Say why and on which legal ground, in both languages: anybody may read it."), field)


def _head(case: Case, by: Member) -> Member:
    if by.is_head:
        return by
    heads = parties.heads_of(case.provider)
    if not heads:
        raise RuleViolated([Violation("CAS-021", _("Your body has no head on the portal who could sign."), "signer")])
    return heads[0]


def _take_back(decision: RegisterDecision, *, by: Actor, now: datetime) -> None:
    settle(decision, "take_back", table=DECISIONS, by=by, now=now)
    paper = documents.paper(decision.paper)
    if paper.status in OPEN_PAPER:
        papers.discard(paper, by=by, now=now)


def _make(case: Case, decision: RegisterDecision, document: Document | None, *, by: Member, now: datetime) -> None:
    decision.document = document
    decision.official_name, decision.official_position = by.actor_name, dict(by.position)
    decision.save(update_fields=["document", "official_name", "official_position"])
    settle(decision, "make", table=DECISIONS, by=by, now=now)
    told = {"decision": decision.reference, "reason": decision.reason, "ground": decision.ground}
    settle(decision.entry, decision.kind, table=ENTRIES, by=by, now=now, data=told)
    _revalue(case, decision.kind, by=by, now=now)
    changed(case)
    words.tell(case, f"entry.{decision.kind}", by=by, now=now, detail=decision.reason)


def _revalue(case: Case, kind: str, *, by: Actor, now: datetime) -> None:
    """Whoever checks the result's document finds it revoked while the entry is not in force."""
    if case.result_document is None:
        return
    document = documents.by_reference(case.result_document.reference)
    wanted = DocumentStatus.ISSUED if kind == DecisionKind.RESTORE else DocumentStatus.REVOKED
    if document.status != wanted and document.status in (DocumentStatus.ISSUED, DocumentStatus.REVOKED):
        stored.set_status(document, wanted, by=by, now=now)
