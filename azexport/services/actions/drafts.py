"""Every write to a draft, from its first word to the registry (S9, S10)."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from azexport.audit import actions as audit
from azexport.calendar.queries import today
from azexport.documents import papers
from azexport.documents.states import PaperStatus
from azexport.kernel.actor import SYSTEM, Actor
from azexport.kernel.errors import AzexportError, IllegalTransition, Missing, NotAllowed, RuleViolated, Violation
from azexport.kernel.formats import date_
from azexport.kernel.references import new_reference
from azexport.kernel.text import Text, both, pick
from azexport.lifecycle import move, settle
from azexport.notices import actions as notices
from azexport.parties import queries as parties
from azexport.services import rules
from azexport.services.actions import discussions
from azexport.services.blank import blank
from azexport.services.lifecycle import TABLE
from azexport.services.models import Agreement, RegulationDraft, RegulationVersion
from azexport.services.permissions import is_drafter, is_head, participant_of
from azexport.services.queries import drafts as queries
from azexport.services.states import AgreementStatus, DraftStatus

if TYPE_CHECKING:
    from azexport.documents.models import Paper
    from azexport.participants.models import Participant
    from azexport.parties.models import Member

PURPOSE = "regulation"


class ChangedMeanwhile(AzexportError):
    """Somebody else wrote in between (409); what this one wrote has not been kept, and nothing is lost."""

    code = "draft-changed"
    status = 409
    message = _("Somebody else has changed this draft in the meantime. Compare, then save again.")


# ---------------------------------------------------------------- writing


@transaction.atomic
def start(
    *,
    participant: Participant,
    service: str = "",
    name: Text | None = None,
    based_on: RegulationVersion | None = None,
    copy_of: RegulationVersion | None = None,
    by: Actor,
    now: datetime,
) -> RegulationDraft:
    """A draft of the body's: of a new version (`based_on`), after another service (`copy_of`), or blank.

    Args:
        service: the id of a new service; empty: made from its name.
        name: of a new service, wanted unless `based_on` is given.

    Raises:
        NotAllowed: the actor is no officer of the body, or `based_on` is another body's.
        RuleViolated: DRF-010, the service is being drafted already, or its id is taken; DRF-014, a later version than
            `based_on` is registered, and this text would undo what that one changes.
    """
    own = participant_of(by)
    if (own is None or own.pk != participant.pk) or (based_on and based_on.regulation.provider != participant.code):
        raise NotAllowed
    if based_on is not None:
        _refuse_to_undo(based_on)
        service, content = based_on.service, copy.deepcopy(based_on.content)
    else:
        named = name or both(service, service)
        service = service or queries.free_service_id(named, participant)
        content = _copied(copy_of) if copy_of else blank()
        content["general"] = {**content["general"], "name": dict(named)}
    draft = RegulationDraft(
        reference=new_reference("RD"), service=service, provider=participant, based_on=based_on, created_at=now,
        changed_at=now, changed_by=by.actor_id, changed_by_name=by.actor_name,
    )  # fmt: skip
    draft.content = _fixed(draft, content, today(now))
    if based_on is None and queries.is_taken(service, participant):
        raise _taken()
    try:
        with transaction.atomic():
            draft.save()
    except IntegrityError as error:
        raise _taken() from error
    audit.record(
        "draft.started", subject=draft.reference, by=by, now=now,
        data={"service": service, "participant": participant.code, "copy_of": copy_of.service if copy_of else None},
    )  # fmt: skip
    return draft


def _refuse_to_undo(based_on: RegulationVersion) -> None:
    last = queries.last_version(based_on.service)
    if last is not None and last.pk != based_on.pk:
        told = _("Version %(number)s of this regulation holds from %(day)s: write the new text after that one.")
        given = {"number": last.label, "day": date_(last.valid_from)}
        raise RuleViolated([Violation("DRF-014", told % given, "pattern")])


def _taken() -> RuleViolated:
    return RuleViolated([Violation("DRF-010", _("This service is being drafted already."), "name")])


def _copied(row: RegulationVersion) -> dict[str, Any]:
    content: dict[str, Any] = copy.deepcopy(row.content)
    # Rules of the requirement finder have numbers of their own: they belong to the service that they were made for.
    content["requirements"] = []
    return content


def _fixed(draft: RegulationDraft, content: Mapping[str, Any], day: date) -> dict[str, Any]:
    """The content with what is not the writer's to choose: id, version, provider, first day."""
    given = dict(content)
    general = given.get("general")
    given["id"], given["version"], given["valid_until"] = draft.service, draft.number, None
    given["valid_from"] = (draft.effective_on or day).isoformat()
    given["general"] = {**(general if isinstance(general, dict) else {}), "provider": draft.provider.code}
    return given


@transaction.atomic
def change(
    *, draft: RegulationDraft, content: Mapping[str, Any], changes: int, by: Actor, now: datetime
) -> RegulationDraft:
    """The draft's text is `content`, provided that nobody wrote since the caller read change number `changes`.

    Raises:
        ChangedMeanwhile: somebody did (409); nothing is changed.
        NotAllowed: the actor is no officer of the draft's body.
        IllegalTransition: the text is not being written: it is published, signed or withdrawn.
    """
    draft = _locked(draft)
    if not is_drafter(by, draft):
        raise NotAllowed
    if draft.status != DraftStatus.DRAFTED:
        raise IllegalTransition
    if draft.changes != changes:
        raise ChangedMeanwhile
    draft.content = _fixed(draft, content, today(now))
    draft.changes += 1
    draft.changed_at, draft.changed_by, draft.changed_by_name = now, by.actor_id, by.actor_name
    draft.save(update_fields=["content", "changes", "changed_at", "changed_by", "changed_by_name"])
    audit.record("draft.changed", subject=draft.reference, by=by, now=now, data={"changes": draft.changes})
    return draft


@transaction.atomic
def reopen(*, draft: RegulationDraft, by: Actor, now: datetime) -> RegulationDraft:
    """The text can be written again; what the other performers said of it counts no more (S9.2)."""
    draft = move(draft, "reopen", table=TABLE, by=by, now=now)
    _drop_paper(draft, by=by, now=now)
    return draft


@transaction.atomic
def withdraw(*, draft: RegulationDraft, reason: str, by: Actor, now: datetime) -> RegulationDraft:
    """The draft is given up. What the public was shown of it stays, with the reason.

    Raises:
        RuleViolated: DRF-006.
        NotAllowed: no officer of the body; no head, where the head has signed.
    """
    asked = draft.status == DraftStatus.AGREEING
    draft = move(draft, "withdraw", table=TABLE, by=by, now=now, data={"reason": reason})
    draft.withdrawn_because = reason
    draft.save(update_fields=["withdrawn_because"])
    _drop_paper(draft, by=by, now=now)
    _tell(draft, "draft.withdrawn", both("Layihə geri götürüldü", "The draft was withdrawn"),
          both(f"{_named(draft, 'az')}: {reason}", f"{_named(draft, 'en')}: {reason}"), by=by, now=now)  # fmt: skip
    if asked:
        _tell_asked(draft, "draft.withdrawn", both("Layihə geri götürüldü", "The draft was withdrawn"),
                    both(f"{_named(draft, 'az')}: razılaşdırmaya ehtiyac qalmadı.",
                         f"{_named(draft, 'en')}: your agreement is no longer needed."), by=by, now=now)  # fmt: skip
    return draft


# ---------------------------------------------------------------- the other performers (S9.2)


@transaction.atomic
def ask_performers(
    *,
    draft: RegulationDraft,
    letters: Mapping[str, str] | None = None,
    because: Text | None = None,
    by: Actor,
    now: datetime,
) -> RegulationDraft:
    """Every other body that the text names is asked to agree; where it names none, the text is ready for the head.

    Args:
        letters: body -> number and day of the letter in which it agreed, for bodies without officers on the portal.
        because: why the words are others than those that were discussed, in both languages, where they are (S9.7).

    Raises:
        RuleViolated: DRF-001, DRF-003, DRF-004, DRF-011 to DRF-013; DRF-007, a body that cannot be asked here has no
            letter named.
    """
    draft = _locked(draft)
    if because and not queries.is_published(draft):
        discussions.publish_change(draft=draft, because=because, by=by, now=now)
    bodies = queries.other_bodies(draft)
    settle(draft, "ask" if bodies else "ask_nobody", table=TABLE, by=by, now=now)
    draft.round += 1
    draft.save(update_fields=["round"])
    given = {body: text.strip() for body, text in (letters or {}).items()}
    if lacking := [one for one in bodies if not one.is_here and not given.get(one.body)]:
        raise RuleViolated([_no_letter(one.body, one.name) for one in lacking])
    Agreement.objects.bulk_create(
        Agreement(draft=draft, body=one.body, participant=one.participant, round=draft.round, created_at=now)
        if one.is_here
        else Agreement(
            draft=draft, body=one.body, participant=one.participant, round=draft.round, created_at=now, at=now,
            status=AgreementStatus.BY_LETTER, note=given[one.body], by_id=by.actor_id, by_name=by.actor_name,
        )
        for one in bodies
    )  # fmt: skip
    _tell_asked(draft, "draft.agreement_asked",
                both("Reqlament layihəsi razılaşdırılmalıdır", "Your agreement is asked"),
                both(f"{pick(draft.provider.name, 'az')} «{_named(draft, 'az')}» üzrə inzibati reqlamentin layihəsini "
                     "sizinlə razılaşdırmaq istəyir (191 nömrəli qərar, 9.2).",
                     f"{pick(draft.provider.name, 'en')} asks for your agreement to the draft regulation "
                     f"“{_named(draft, 'en')}” (decision 191, 9.2)."), by=by, now=now)  # fmt: skip
    return _maybe_agreed(draft, by=by, now=now)


def _no_letter(body: str, name: Text) -> Violation:
    return Violation(
        "DRF-007",
        _("%(body)s has no officer on the portal: give the number and day of the letter in which it agreed.")
        % {"body": pick(name)},
        body,
    )


@transaction.atomic
def agree(*, draft: RegulationDraft, note: str = "", by: Actor, now: datetime) -> RegulationDraft:
    """The actor's body agrees to the text; with the last one the text is ready for the head."""
    draft = _answered(draft, "agree", AgreementStatus.AGREED, note, by=by, now=now)
    return _maybe_agreed(draft, by=by, now=now)


@transaction.atomic
def object_(*, draft: RegulationDraft, reason: str, by: Actor, now: datetime) -> RegulationDraft:
    """The actor's body objects: the text is to be written again, with the reasons shown.

    Raises:
        RuleViolated: DRF-006.
    """
    draft = _answered(draft, "object", AgreementStatus.OBJECTED, reason, by=by, now=now)
    own = participant_of(by)
    draft.sent_back_by, draft.sent_back_because = pick(own.name)[:200], reason
    draft.save(update_fields=["sent_back_by", "sent_back_because"])
    _tell(draft, "draft.objected", both("Layihəyə etiraz bildirildi", "There is an objection to the draft"),
          both(f"{_named(draft, 'az')}. {pick(own.name, 'az')}: {reason}",
               f"{_named(draft, 'en')}. {pick(own.name, 'en')}: {reason}"), by=by, now=now)  # fmt: skip
    return draft


def _answered(
    draft: RegulationDraft, name: str, status: AgreementStatus, note: str, *, by: Actor, now: datetime
) -> RegulationDraft:
    draft = move(draft, name, table=TABLE, by=by, now=now, data={"reason": note})
    Agreement.objects.filter(draft=draft, participant=participant_of(by), round=draft.round, at__isnull=True).update(
        status=status, note=note, at=now, by_id=by.actor_id, by_name=by.actor_name
    )
    return draft


def _maybe_agreed(draft: RegulationDraft, *, by: Actor, now: datetime) -> RegulationDraft:
    if draft.status != DraftStatus.AGREEING:
        return draft
    if draft.agreements.filter(round=draft.round, at__isnull=True).exists():
        return draft
    draft = settle(draft, "all_agreed", table=TABLE, by=by, now=now)
    _tell(draft, "draft.agreed", both("Layihə razılaşdırıldı", "The draft has been agreed to"),
          both(f"{_named(draft, 'az')}: layihəni rəhbərin imzasına göndərə bilərsiniz.",
               f"{_named(draft, 'en')}: you can send it to the head for signature."), by=by, now=now)  # fmt: skip
    return draft


# ---------------------------------------------------------------- the head (S9.8)


@transaction.atomic
def send_to_head(*, draft: RegulationDraft, effective_on: date, by: Actor, now: datetime) -> RegulationDraft:
    """The legal text goes on paper, with the day from which it is to hold, and waits for the head's signature.

    Raises:
        RuleViolated: DRF-001, DRF-003 to DRF-005, DRF-011 to DRF-014; DRF-008, the body has no head on the portal.
    """
    head = _head_for(draft, by)
    day = today(now)
    draft = move(draft, "send_to_head", table=TABLE, by=by, now=now, data={"effective_on": effective_on, "today": day})
    draft.effective_on = effective_on
    draft.content = _fixed(draft, draft.content, day)
    draft.paper = _paper(draft, signer=head, by=by, now=now).reference
    draft.save(update_fields=["effective_on", "content", "paper"])
    _tell(draft, "draft.sent_to_head",
          both("Reqlament rəhbərin imzasını gözləyir", "A regulation waits for the head's signature"),
          both(f"{_named(draft, 'az')}: təsdiq etmək və ya qaytarmaq rəhbərin səlahiyyətidir.",
               f"{_named(draft, 'en')}: the head approves it or sends it back."), by=by, now=now)  # fmt: skip
    return draft


def _head_for(draft: RegulationDraft, by: Actor) -> Member:
    heads = parties.heads_of(draft.provider)
    if not heads:
        raise RuleViolated([Violation("DRF-008", _("Your body has no head on the portal who could sign."))])
    return next((one for one in heads if one.actor_id == by.actor_id), heads[0])


def _paper(draft: RegulationDraft, *, signer: Member, by: Actor, now: datetime) -> Paper:
    from azexport.services import legal

    regulation = queries.regulation_of(draft)
    name, from_day = regulation.name, draft.effective_on or today(now)
    return papers.put_forward(
        purpose=PURPOSE, subject=draft.reference, kind=PURPOSE,
        title=both(f"«{name['az']}» elektron xidməti üzrə inzibati reqlament",
                   f"Administrative regulation of the e-service “{name['en']}”"),
        template="services/regulation.typ",
        data={**legal.paper_data(regulation), "approved_by": _head_as_printed(signer)},
        attachment=draft.content,
        facts=[
            {"label": both("Elektron xidmət", "E-service"), "value": pick(name)},
            {"label": both("Təminatçı", "Provider"), "value": pick(draft.provider.name)},
            {"label": both("Versiya", "Version"), "value": str(draft.number)},
            {"label": both("Qüvvəyə minir", "Takes effect on"), "value": from_day.isoformat()},
        ],
        signer=signer, expected=signer.expected, return_url=f"/drafts/{draft.reference}/", by=by, now=now,
    )  # fmt: skip


def _head_as_printed(head: Member) -> str:
    return ", ".join(part for part in (pick(head.position, "az"), head.actor_name) if part)


@transaction.atomic
def sign(*, draft: RegulationDraft, by: Member, now: datetime) -> str:
    """The reference of a paper that the actor, a head of the body, can sign: for another head it is made afresh.

    Raises:
        NotAllowed: the actor is no head of the body.
        IllegalTransition: nothing waits for a signature.
    """
    draft = _locked(draft)
    if not is_head(by, draft):
        raise NotAllowed
    if draft.status != DraftStatus.AWAITING_HEAD:
        raise IllegalTransition
    paper = _paper_of(draft)
    if paper.signer_id != by.actor_id or paper.status == PaperStatus.SIGNED:
        draft.paper = _paper(draft, signer=by, by=by, now=now).reference
        draft.save(update_fields=["paper"])
    return draft.paper


@transaction.atomic
def send_back(*, draft: RegulationDraft, reason: str, by: Actor, now: datetime) -> RegulationDraft:
    """The head does not sign: the text is to be written again, with the reasons shown.

    Raises:
        RuleViolated: DRF-006.
    """
    draft = move(draft, "send_back", table=TABLE, by=by, now=now, data={"reason": reason})
    draft.sent_back_by, draft.sent_back_because = by.actor_name, reason
    draft.save(update_fields=["sent_back_by", "sent_back_because"])
    _drop_paper(draft, by=by, now=now)
    _tell(draft, "draft.sent_back", both("Rəhbər layihəni qaytardı", "The head has sent the draft back"),
          both(f"{_named(draft, 'az')}: {reason}", f"{_named(draft, 'en')}: {reason}"), by=by, now=now)  # fmt: skip
    return draft


@transaction.atomic
def approve(subject: Paper, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The head has signed the legal text: it is approved and public (S9.8). Runs on `paper.signed.regulation`.

    What comes for a draft that no longer waits for it is put on record and counts for nothing; so does the signature of
    somebody who is the head no more. Run twice it changes nothing.
    """
    draft = RegulationDraft.objects.select_for_update(of=("self",)).filter(reference=subject.subject).first()
    if draft is None or draft.document == data["document"]:
        return
    head = parties.acting_for(parties.body_organisation(draft.provider), by.actor_id)
    waits = draft.status == DraftStatus.AWAITING_HEAD and draft.paper == subject.reference
    if not waits or head is None or not is_head(head, draft):
        audit.record("draft.signed_in_vain", subject=draft.reference, by=by, now=now, data={"paper": subject.reference})
        papers.void(subject, by=by, now=now)
        return
    draft.document, draft.approved_by = str(data["document"]), by.actor_name
    draft.save(update_fields=["document", "approved_by"])
    settle(draft, "approve", table=TABLE, by=by, now=now, data={"document": draft.document})
    _tell(draft, "draft.approved", both("İnzibati reqlament təsdiq edildi", "The regulation has been approved"),
          both(f"{_named(draft, 'az')}: mətn dərc olundu, xidmətin qeydiyyatı növbədədir.",
               f"{_named(draft, 'en')}: its text is published; the registration of the service comes next."),
          by=by, now=now)  # fmt: skip


@transaction.atomic
def signature_failed(subject: Paper, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The body knows that the signature was not accepted; the paper can be signed again.

    Runs on `paper.failed.regulation`.
    """
    draft = RegulationDraft.objects.filter(reference=subject.subject, paper=subject.reference).first()
    if draft is None or draft.status != DraftStatus.AWAITING_HEAD:
        return
    _tell(draft, "draft.signature_failed", both("İmza qəbul edilmədi", "The signature was not accepted"),
          both(f"{_named(draft, 'az')}: rəhbər yenidən imzalaya bilər.",
               f"{_named(draft, 'en')}: the head can sign again."), by=by, now=now)  # fmt: skip


# ---------------------------------------------------------------- the registry (S10)


@transaction.atomic
def registered(reference: str, *, now: datetime, by: Actor = SYSTEM) -> RegulationVersion:
    """The registered service runs by the draft's text from its day on (S10.4); cases that are open keep theirs.

    Called where the registry operator registers or amends. The text holds from the day that the head signed for, and
    not before the day of registration. Called again, nothing more happens.

    Raises:
        Missing: there is no such draft.
        IllegalTransition: the draft is not approved.
        RuleViolated: DRF-014, since the head signed a version was loaded that begins on that day or later.
    """
    draft = RegulationDraft.objects.select_for_update(of=("self",)).filter(reference=reference).first()
    if draft is None:
        raise Missing
    if draft.version is not None:
        return draft.version
    if draft.status != DraftStatus.APPROVED:
        raise IllegalTransition
    draft.version = _version(draft, now)
    draft.save(update_fields=["version"])
    settle(draft, "register", table=TABLE, by=by, now=now, data={"version": draft.version.label})
    day = draft.version.valid_from.strftime("%d.%m.%Y")
    _tell(draft, "draft.registered", both("Elektron xidmət qeydə alındı", "The e-service is registered"),
          both(f"{_named(draft, 'az')}: reqlament {day} tarixindən qüvvədədir.",
               f"{_named(draft, 'en')}: the regulation holds from {day}."), by=by, now=now)  # fmt: skip
    return draft.version


def _version(draft: RegulationDraft, now: datetime) -> RegulationVersion:
    earlier = RegulationVersion.objects.select_for_update().filter(service=draft.service)
    number = (earlier.aggregate(last=Max("version"))["last"] or 0) + 1
    valid_from = max(draft.effective_on or today(now), today(now))
    if found := list(rules.follows_the_last(draft, effective_on=valid_from)):
        raise RuleViolated(found)
    content = {**draft.content, "version": number, "valid_from": valid_from.isoformat(), "valid_until": None}
    earlier.exclude(valid_until__lt=valid_from).update(valid_until=valid_from - timedelta(days=1))
    return RegulationVersion.objects.create(
        created_at=now, service=draft.service, version=number, valid_from=valid_from, content=content,
        sha256=hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest(),
    )  # fmt: skip


@transaction.atomic
def returned_unregistered(reference: str, *, reason: str, by: Actor, now: datetime) -> RegulationDraft:
    """The registry operator did not register: the text can be put right, and is to be approved again (S10.3).

    Raises:
        IllegalTransition: the draft is not approved.
    """
    draft = RegulationDraft.objects.filter(reference=reference).first()
    if draft is None:
        raise Missing
    draft = move(draft, "return_unregistered", table=TABLE, by=by, now=now, data={"reason": reason})
    draft.sent_back_by, draft.sent_back_because = by.actor_name, reason
    draft.document, draft.paper, draft.approved_by, draft.approved_at = "", "", "", None
    draft.save(update_fields=["sent_back_by", "sent_back_because", "document", "paper", "approved_by", "approved_at"])
    _tell(draft, "draft.returned_unregistered", both("Xidmət qeydə alınmadı", "The service was not registered"),
          both(f"{_named(draft, 'az')}: {reason}", f"{_named(draft, 'en')}: {reason}"), by=by, now=now)  # fmt: skip
    return draft


# ---------------------------------------------------------------- telling


def _tell(draft: RegulationDraft, kind: str, title: Text, body: Text, *, by: Actor, now: datetime) -> None:
    notices.notify(
        organisation=parties.body_organisation(draft.provider), kind=kind, title=title, body=body,
        link=f"/drafts/{draft.reference}/", subject=draft.reference, by=by, now=now,
    )  # fmt: skip


def _tell_asked(draft: RegulationDraft, kind: str, title: Text, body: Text, *, by: Actor, now: datetime) -> None:
    for agreement in draft.agreements.select_related("participant").filter(round=draft.round, at__isnull=True):
        if agreement.participant is not None:
            notices.notify(
                organisation=parties.body_organisation(agreement.participant), kind=kind, title=title, body=body,
                link=f"/drafts/{draft.reference}/agreement/", subject=draft.reference, by=by, now=now,
            )  # fmt: skip


def _named(draft: RegulationDraft, language: str) -> str:
    return pick(draft.name, language)


def _paper_of(draft: RegulationDraft) -> Paper:
    from azexport.documents.models import Paper

    return Paper.objects.get(reference=draft.paper)


def _drop_paper(draft: RegulationDraft, *, by: Actor, now: datetime) -> None:
    if not draft.paper or draft.document:
        return
    paper = _paper_of(draft)
    if paper.status != PaperStatus.SIGNED:
        papers.discard(paper, by=by, now=now)
    draft.paper = ""
    draft.save(update_fields=["paper"])


def _locked(draft: RegulationDraft) -> RegulationDraft:
    return RegulationDraft.objects.select_for_update(of=("self",)).select_related("provider", "based_on").get(
        pk=draft.pk
    )  # fmt: skip
