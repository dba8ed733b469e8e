"""Drawing up a declaration, and giving it up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from azexport.audit import actions as audit
from azexport.customs import rules
from azexport.customs.actions.rows import locked
from azexport.customs.lifecycle import TABLE
from azexport.customs.models import Declaration
from azexport.customs.permissions import is_declarant
from azexport.customs.states import FINAL, DeclarationStatus
from azexport.documents import papers
from azexport.kernel.actor import Actor
from azexport.kernel.errors import IllegalTransition, NotAllowed, RuleViolated, Violation
from azexport.kernel.references import new_reference
from azexport.lifecycle import settle
from azexport.permits import queries as permit_queries
from azexport.permits.states import PermitStatus

if TYPE_CHECKING:
    from azexport.contracts.models import Contract
    from azexport.documents.models import Document
    from azexport.parties.models import Member, Organisation
    from azexport.permits.models import Permit

ANSWERS = ("exit_office", "transport_mode", "transport_identity", "transport_nationality", "place_of_loading")


@transaction.atomic
def draft_declaration(
    *,
    contract: Contract,
    application_reference: str,
    application_document: Document | None,
    permits: Iterable[Permit],
    organisation: Organisation,
    by: Member,
    now: datetime,
    lines: Sequence[Mapping[str, Any]] | None = None,
    required: Sequence[str] = (),
) -> Declaration:
    """A declaration filled from contract, application and permits (P10.3.3(7-8)); asked twice, the same one.

    Args:
        permits: what came for the application; only issued ones are attached.
        lines: the consignment's goods (`ContractLine.as_data`); the contract's where the application has none.
        required: ids of the regulations whose permit must be attached when it is lodged.

    Raises:
        NotAllowed: the contract is not the organisation's, or the actor not of the organisation.
        RuleViolated: EXP-201, the contract is not concluded; EXP-207, the goods have been released already.
    """
    if by.organisation.pk != organisation.pk or contract.seller_id != organisation.pk:
        raise NotAllowed
    living = _living(application_reference)
    if living is not None:
        return living
    former = (
        Declaration.objects.filter(application_reference=application_reference, organisation=organisation)
        .order_by("-id")
        .first()
    )
    declaration = Declaration(
        reference=new_reference("DE"),
        organisation=organisation,
        contract=contract,
        application_reference=application_reference,
        application_document=application_document,
        required=list(required),
        lines=[dict(line) for line in lines] if lines is not None else contract.as_data()["goods"],
        declarant={
            "voen": organisation.voen,
            "name": organisation.name,
            "fin": by.person.fin,
            "person": by.actor_name,
        },
        previous=former if former and former.status == DeclarationStatus.NOT_RELEASED else None,
        created_at=now,
        changed_at=now,
        place_of_loading=contract.place,
    )
    if former is not None:
        for name in ANSWERS:
            setattr(declaration, name, getattr(former, name))
    if violations := list(rules.contract_is_concluded(declaration)):
        raise RuleViolated(violations)
    declaration.save()
    declaration.permits.set([permit for permit in permits if permit.status == PermitStatus.ISSUED])
    audit.record(
        "declaration.drafted",
        subject=declaration.reference,
        by=by,
        now=now,
        data={"contract": contract.reference, "application": application_reference},
    )
    return declaration


def _living(application_reference: str) -> Declaration | None:
    """The declaration of the application that is under way; two presses of one button meet here."""
    rows = Declaration.objects.select_for_update(of=("self",)).filter(application_reference=application_reference)
    found = rows.exclude(status__in=sorted(FINAL - {DeclarationStatus.RELEASED})).first()
    if found is not None and found.status == DeclarationStatus.RELEASED:
        raise RuleViolated([Violation("EXP-207", _("The goods of this application have been released already"))])
    return found


def draft_again(declaration: Declaration, *, by: Member, now: datetime) -> Declaration:
    """Corrected and lodged again: a new declaration that takes over the former one's goods and answers.

    Raises:
        NotAllowed: somebody else's.
        IllegalTransition: the former one was not refused release.
    """
    if not is_declarant(by, declaration):
        raise NotAllowed
    if declaration.status != DeclarationStatus.NOT_RELEASED:
        raise IllegalTransition
    return draft_declaration(
        contract=declaration.contract,
        application_reference=declaration.application_reference,
        application_document=declaration.application_document,
        permits=permit_queries.issued_for(declaration.application_reference),
        organisation=declaration.organisation,
        by=by,
        now=now,
        lines=declaration.lines,
        required=declaration.required,
    )


@transaction.atomic
def answer(declaration: Declaration, *, values: Mapping[str, str], by: Actor, now: datetime) -> Declaration:
    """What cannot be derived is kept: transport, place of loading, exit office.

    Raises:
        IllegalTransition: it is no longer a draft.
    """
    declaration = locked(declaration)
    if not is_declarant(by, declaration):
        raise NotAllowed
    if declaration.status != DeclarationStatus.DRAFTED:
        raise IllegalTransition
    for name in ANSWERS:
        setattr(declaration, name, values[name])
    declaration.changed_at = now
    declaration.save(update_fields=[*ANSWERS, "changed_at"])
    audit.record("declaration.changed", subject=declaration.reference, by=by, now=now)
    return declaration


@transaction.atomic
def discard(declaration: Declaration, *, by: Actor, now: datetime) -> Declaration:
    """Given up before it was lodged; another one can be drafted for the application."""
    declaration = settle(locked(declaration), "discard", table=TABLE, by=by, now=now)
    if declaration.paper is not None:
        papers.discard(declaration.paper, by=by, now=now)
    return declaration
