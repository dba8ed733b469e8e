"""Taking in what a body granted, checking it, issuing or rejecting it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from azexport.calendar.queries import today
from azexport.cases import actions as cases
from azexport.documents import actions as documents
from azexport.documents.states import DocumentStatus
from azexport.exchange import protocol
from azexport.kernel.actor import Actor
from azexport.kernel.errors import OutsideFailure, RuleViolated, Violation
from azexport.kernel.formats import date_, number
from azexport.kernel.references import new_reference
from azexport.kernel.text import both, pick
from azexport.lifecycle import settle
from azexport.permits import paper
from azexport.permits.lifecycle import TABLE
from azexport.permits.models import Permit
from azexport.permits.rules import Evidence, Finding, day, judge
from azexport.permits.states import PermitStatus
from azexport.reference import queries as reference
from azexport.signatures import validation
from azexport.signatures.states import Purpose, Verdict

if TYPE_CHECKING:
    from azexport.cases.models import Case
    from azexport.signatures.validation import SignatureReport

KIND = "permit"
"""Kind of document."""


def receive(subject: Case, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """What the body's system granted is kept, and a job will check it (event case.granted).

    Raises:
        RuleViolated: the body has used the number for another case.
        Refused: the file is not the one its digest names.
    """
    from azexport.permits import tasks

    if "document" not in data:
        return  # granted on the desk or by the portal itself: the result is signed and issued already
    permit = dict(data["permit"])
    content = protocol.file_content(data["document"])
    number = str(permit["number"])[:80]
    standing = Permit.objects.exclude(status=PermitStatus.REJECTED)
    if standing.filter(participant=subject.provider, number=number).exists():
        message = _("A document with this number has been sent already.")
        raise RuleViolated([Violation("PER-001", message, "permit.number")])
    row = Permit.objects.create(
        created_at=now,
        reference=new_reference("PM"),
        number=number,
        participant=subject.provider,
        case=subject,
        organisation=subject.organisation,
        application_reference=subject.application_reference,
        data=permit,
        lines=permit["lines"] if isinstance(permit.get("lines"), list) else [],
        voen=str(permit.get("voen") or "")[:20],
        destination=str(permit.get("destination") or "")[:2],
        valid_from=day(permit.get("valid_from")),
        valid_until=day(permit.get("valid_until")),
        received=content,
    )
    tasks.enqueue_check(row.reference)


def check(*, reference: str, by: Actor, now: datetime) -> Permit:
    """The permit is issued, or rejected with its verdict; one that has been checked already stays as it is.

    The signatures are looked at outside any transaction: certification centres may be slow.

    Raises:
        OutsideFailure: a centre could not be asked; try again.
    """
    permit = Permit.objects.select_related("case", "participant", "organisation").get(reference=reference)
    if permit.status != PermitStatus.RECEIVED:
        return permit
    content = bytes(permit.received or b"")
    reports = validation.validate_pdf(content, now=now, require=Purpose.SEAL)
    if any(one.verdict is Verdict.INDETERMINATE for one in reports):
        raise OutsideFailure(permanent=False)
    finding = judge(
        Evidence(
            reports=reports,
            attached=paper.attached_permit(content),
            permit=permit.data,
            provider=permit.participant.code,
            voen=permit.organisation.voen,
            destination=str(permit.case.facts.get("destination", "")),
            goods=permit.case.facts.get("goods", []),
            today=today(now),
        )
    )
    return _settle(reference, content, reports, finding, by=by, now=now)


@transaction.atomic
def _settle(
    reference: str, content: bytes, reports: list[SignatureReport], finding: Finding | None, *, by: Actor, now: datetime
) -> Permit:
    permit = (
        Permit.objects.select_related("case", "case__regulation", "participant", "organisation")
        .select_for_update(of=("self",))
        .get(reference=reference)
    )
    if permit.status != PermitStatus.RECEIVED:
        return permit
    permit.document = documents.store(
        kind=KIND,
        title=_title(permit),
        content=content,
        facts=_facts(permit),
        signatures=[one.as_data() for one in reports],
        status=DocumentStatus.REJECTED if finding else DocumentStatus.ISSUED,
        by=by,
        now=now,
    )
    permit.signer = next((one.signer.as_data() for one in reports if one.signer), {})
    permit.received = None
    permit.verdict, permit.verdict_text = (finding.code, finding.text) if finding else (Verdict.ACCEPTED.value, {})
    permit.save(update_fields=["document", "signer", "received", "verdict", "verdict_text"])
    case = permit.case.reference
    if finding:
        cases.reject_permit(case_reference=case, verdict=finding.code, text=finding.text, by=by, now=now)
        return settle(permit, "reject", table=TABLE, by=by, now=now, data={"verdict": finding.code, "case": case})
    cases.confirm_result(case_reference=case, document=permit.document, by=by, now=now)
    return settle(permit, "issue", table=TABLE, by=by, now=now, data={"number": permit.number, "case": case})


def _title(permit: Permit) -> dict[str, str]:
    name = permit.case.regulation.regulation.result.name
    return both(f"{name.az} № {permit.number}", f"{name.en} No. {permit.number}")


def _facts(permit: Permit) -> list[dict[str, Any]]:
    lines = [one for one in permit.lines if isinstance(one, dict)]
    stated = [
        (both("Nömrə", "Number"), permit.number),
        (both("Verən qurum", "Issued by"), permit.participant.name or permit.participant.code),
        (both("Sahibi", "Holder"), str(permit.data.get("holder") or permit.voen)),
        (both("Təyinat ölkəsi", "Destination"), _name_of(reference.countries(), permit.destination)),
        (both("Mallar", "Goods"), both(_goods(lines, "az"), _goods(lines, "en"))),
        (both("Etibarlıdır", "Valid"), both(_validity(permit, "az"), _validity(permit, "en"))),
    ]
    return [{"label": label, "value": value} for label, value in stated if value]


def _goods(lines: list[dict[str, Any]], language: str) -> str:
    said = []
    for one in lines:
        unit = pick(_name_of(reference.units(), str(one.get("unit", "")), "symbol"), language)
        said.append(f"{one.get('hs')}: {_quantity(one.get('quantity'), language)} {unit}")
    return "; ".join(said)


def _quantity(value: Any, language: str) -> str:
    # A body's own text is shown as it came.
    try:
        return number(str(value), language)
    except ArithmeticError:
        return str(value)


def _validity(permit: Permit, language: str) -> str:
    first, last = (date_(day, language) if day else "?" for day in (permit.valid_from, permit.valid_until))
    return f"{first} – {last}"


def _name_of(listed: Iterable[Any], code: str, attribute: str = "name") -> Any:
    # What the reference data do not know is shown as it came.
    return next((getattr(one, attribute) for one in listed if one.pk == code), code)
