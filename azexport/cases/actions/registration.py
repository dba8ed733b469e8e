"""The registry of e-services and the applications that change it: the form of S-A2 is an application like any other.

Which services these are is not code: they are provided by the registry's operator, and the kind of their result says
what they do to the registry.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from azexport.audit import actions as audit
from azexport.calendar.queries import today
from azexport.cases.actions import filings
from azexport.cases.filings import printing
from azexport.cases.models import Case, Filing
from azexport.kernel.actor import SYSTEM, Actor
from azexport.kernel.errors import AzexportError, IllegalTransition, Missing, RuleViolated, Violation
from azexport.kernel.text import both, pick
from azexport.notices import actions as notices
from azexport.participants import queries as participants
from azexport.participants.states import Role
from azexport.parties import queries as parties
from azexport.services import queries as services
from azexport.services.actions import drafts, registry

if TYPE_CHECKING:
    from azexport.parties.models import Member
    from azexport.services.models import RegulationDraft, RegulationVersion
    from azexport.services.schema import Regulation

CHANGES = {"registration": "registered", "correction": "amended", "cancellation": "cancelled"}
"""Kind of the result of an operator's service -> what granting it does to the registry (S10.2)."""
ENTERING = {"registered": registry.register, "amended": registry.amend, "cancelled": registry.cancel}


def change_of(row: RegulationVersion) -> str:
    """What the service does to the registry: registered, amended, cancelled; empty for every other service."""
    change = CHANGES.get(row.regulation.result.kind, "")
    if not change:
        return ""
    provider = participants.by_codes({row.regulation.provider}).get(row.regulation.provider)
    return change if provider is not None and Role.REGISTRY_OPERATOR in provider.roles else ""


# ------------------------------------------------------------------------------------------------ preparing (S10.3)


@transaction.atomic
def prepare(subject: RegulationDraft, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The approved regulation's registration is filled in from it and waits for the head (event draft.approved).

    A service that is registered already is corrected (S10.6). Of one approval one application is made, once.
    """
    approval = str(data.get("document") or subject.reference)
    if Filing.objects.filter(prepared_for=approval).exists():
        return
    entry = services.registry.entry_of_service(subject.service)
    row = _service_for("amended" if entry is not None and not entry.cancelled else "registered", today(now))
    head = _head(subject, by)
    if row is None or head is None:
        audit.record("registration.not_prepared", subject=subject.reference, by=by, now=now)
        return
    answers = form_of(subject, number=entry.number if entry is not None else "")
    filing = filings.start(regulation=row, answers=_fitting(row, answers), prepared_for=approval, by=head, now=now)
    try:
        with transaction.atomic():
            filings.send_to_head(filing, by=head, now=now)
    except RuleViolated:
        _tell_open(filing, by=head, now=now)


def form_of(draft: RegulationDraft, *, number: str = "") -> dict[str, Any]:
    """The form of S-A2 as the draft's regulation fills it: question id -> answer."""
    regulation = _regulation_of(draft)
    general, provision = regulation.general, regulation.provision
    names = participants.by_codes(set(general.other_performers))
    return {
        "registry_number": number,
        "draft": draft.reference,
        "service": draft.service,
        "name_az": general.name.az,
        "name_en": general.name.en,
        "other_performers": "; ".join(
            pick(names[code].name, "az") if code in names else code for code in general.other_performers
        ),
        "content_az": general.content.az,
        "content_en": general.content.en,
        "activity": "s" + general.activity.replace(".", "-"),
        "legal_basis": "; ".join(one.text["az"] for one in general.legal_basis),
        "kind": provision.kind,
        "fee": "paid" if provision.fee.amount else "free",
        "fee_text": _fee(regulation),
        "users": list(provision.users),
        "place": provision.place.az,
        "effective_on": draft.effective_on.isoformat() if draft.effective_on else "",
        # The change arises as the head approves it; within three working days it is reported (S10.6).
        "arose_on": today(draft.approved_at).isoformat() if draft.approved_at else "",
    }


def _regulation_of(draft: RegulationDraft) -> Regulation:
    from azexport.services.schema import Regulation

    content = {"version": 1, "valid_from": "2000-01-01", **draft.content}
    return Regulation.model_validate(content)


def _fee(regulation: Regulation) -> str:
    fee = regulation.fee
    if not fee.amount:
        return ""
    with override("az"):
        parts = [printing.fee(regulation), *(pick(one.text, "az") for one in (fee.legal_basis, fee.ways) if one)]
    return "; ".join(parts).replace("\xa0", " ")


def _fitting(row: RegulationVersion, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers to what the service asks, cut to what its questions take; empty ones are left out."""
    fitting: dict[str, Any] = {}
    for question in row.regulation.questions:
        value = answers.get(question.id)
        if value in (None, "", []):
            continue
        fitting[question.id] = value[: question.max_length] if isinstance(value, str) else value
    return fitting


def _service_for(change: str, on: date) -> RegulationVersion | None:
    return next((row for row in services.in_force(on) if change_of(row) == change), None)


def _head(draft: RegulationDraft, by: Actor) -> Member | None:
    """Who signs for the draft's body: who approved it, else its first head."""
    heads = parties.heads_of(draft.provider)
    return next((one for one in heads if one.actor_id == by.actor_id), heads[0] if heads else None)


def _tell_open(filing: Filing, *, by: Actor, now: datetime) -> None:
    notices.notify(
        organisation=filing.organisation,
        kind="filing.prepared",
        title=both("Reyestr üçün müraciət hazırlanıb", "The application to the registry is prepared"),
        body=both(
            "Reqlamentdən doldurulub; bəzi cavablar tamamlanmalıdır.",
            "It is filled in from the regulation; some answers are still to be completed.",
        ),
        link=f"/filings/{filing.reference}/",
        subject=filing.reference,
        by=by,
        now=now,
    )


# ------------------------------------------------------------------------------------------------ what it leads to


def faults(filing: Filing, now: datetime) -> list[Violation]:
    """Why the registry could not take what the application asks for; empty for every other service (S7.4).

    The change is tried and taken back: whoever applies hears before signing what would fail after the decision.
    """
    change = change_of(filing.regulation)
    body = filing.organisation.participant
    if not change or body is None:
        return []
    try:
        with transaction.atomic():
            ENTERING[change](provider=body, answers=filing.answers, case=filing.reference, by=SYSTEM, now=now)
            transaction.set_rollback(True)
    except RuleViolated as refused:
        return list(refused.violations)
    except IllegalTransition:
        return [Violation("FIL-004", _("The regulation named here is not approved by the head yet."))]
    except AzexportError as refused:
        return [Violation("FIL-004", refused.message)]
    return []


def submitted(subject: Filing, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """Everybody sees that the request is under way, and until when (event filing.submitted; S10.3, S10.4)."""
    change, body = change_of(subject.regulation), subject.organisation.participant
    if change and body is not None and subject.case is not None:
        registry.open_request(
            case=subject.case.reference, provider=body, change=change, answers=subject.case.answers, by=by, now=now
        )


@transaction.atomic
def granted(subject: Case, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The registry says what the operator has granted (event case.granted; S10.4, S10.7, S10.8).

    What cannot be entered any more since it was signed (somebody else was faster) is told to the operator; a regulation
    that can no longer take effect on the day it was signed for goes back to its authors.
    """
    change, body = change_of(subject.regulation), subject.organisation.participant
    if not change or body is None:
        return
    try:
        with transaction.atomic():
            ENTERING[change](provider=body, answers=subject.answers, case=subject.reference, by=by, now=now)
    except (RuleViolated, IllegalTransition, Missing) as refused:
        _tell_operator(subject, refused, by=by, now=now)
        if isinstance(refused, RuleViolated) and any(one.code == "DRF-014" for one in refused.violations):
            _give_back(subject, str(refused.message), by=by, now=now)


@transaction.atomic
def refused(subject: Case, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The request is over; the draft it came from goes back to its authors (event case.refused; S10.3)."""
    if not change_of(subject.regulation):
        return
    registry.close_request(case=subject.reference, outcome="refused", by=by, now=now)
    _give_back(subject, _reasons(subject, data), by=by, now=now)


def _give_back(case: Case, reason: str, *, by: Actor, now: datetime) -> None:
    """The authors of the draft from which the request came can put it right."""
    draft = str(case.answers.get("draft") or "")
    if not draft:
        return
    try:
        with transaction.atomic():
            drafts.returned_unregistered(draft, reason=reason, by=by, now=now)
    except (Missing, IllegalTransition):
        audit.record("registration.draft_not_returned", subject=case.reference, by=by, now=now, data={"draft": draft})


def _reasons(case: Case, data: Mapping[str, Any]) -> str:
    """The grounds of the refusal with their explanations, as the authors of the draft read them."""
    said = []
    for one in data.get("grounds") or ():
        ground = case.regulation.regulation.ground(str(one.get("ground")))
        said += [pick(ground.text.text, "az")] if ground else []
        said += [pick(one["explanation"], "az")] if one.get("explanation") else []
    return " ".join(said)


def withdrawn(subject: Case, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The request is over (event case.withdrawn)."""
    if change_of(subject.regulation):
        registry.close_request(case=subject.reference, outcome="withdrawn", by=by, now=now)


def _tell_operator(case: Case, refused: AzexportError, *, by: Actor, now: datetime) -> None:
    audit.record("registry.failed", subject=case.reference, by=by, now=now, data={"code": refused.code})
    registry.close_request(case=case.reference, outcome="refused", by=by, now=now)
    for organisation in (parties.body_organisation(case.provider), case.organisation):
        notices.notify(
            organisation=organisation,
            kind="registry.failed",
            title=both("Reyestrdə dəyişiklik edilə bilmədi", "The registry could not be changed"),
            body=both(
                f"{case.reference}: təsdiq edilmiş dəyişiklik reyestrə daxil edilə bilmədi ({refused.code}). "
                "Yeni müraciət tələb olunur.",
                f"{case.reference}: what was granted could not be entered ({refused.code}). "
                "A new application is needed.",
            ),
            link=f"/cases/{case.reference}/" if organisation == case.organisation else f"/desk/cases/{case.reference}/",
            subject=case.reference,
            by=by,
            now=now,
        )
