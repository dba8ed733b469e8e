"""Public discussion of drafts: published until a day, commented on by anybody, answered in public (S9.7)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from azexport.audit import actions as audit
from azexport.calendar.queries import today
from azexport.kernel.actor import SYSTEM, Actor, NamedActor
from azexport.kernel.errors import AzexportError, IllegalTransition, NotAllowed, RuleViolated, Violation
from azexport.kernel.references import new_reference
from azexport.kernel.text import Text, both, pick
from azexport.lifecycle import settle
from azexport.notices import actions as notices
from azexport.parties import queries as parties
from azexport.services.lifecycle import TABLE
from azexport.services.models import Comment, Publication, RegulationDraft
from azexport.services.permissions import is_drafter
from azexport.services.queries import drafts as queries
from azexport.services.states import DraftStatus

if TYPE_CHECKING:
    from azexport.parties.models import Member

LONGEST_COMMENT = 5000
RATE_WINDOW = timedelta(minutes=10)
RATE_ALLOWED = 5
"""Comments from one address within the window."""


class TooManyComments(AzexportError):
    """Too many comments came from this address within a short time (429)."""

    code = "too-many-comments"
    status = 429
    message = _("Too many comments came from here within a few minutes. Wait ten minutes, then send this one again.")


@transaction.atomic
def publish(*, draft: RegulationDraft, until: date, by: Actor, now: datetime) -> RegulationDraft:
    """The text as it stands is public, and open to anybody's comments until the end of the day (S9.7).

    Raises:
        RuleViolated: DRF-001 the text has faults; DRF-002 the discussion would be too short.
    """
    draft = _locked(draft)
    draft.discussed_at, draft.discussed_until = now, until
    draft.save(update_fields=["discussed_at", "discussed_until"])
    settle(draft, "publish", table=TABLE, by=by, now=now, data={"until": until, "today": today(now)})
    _show(draft, until=until, now=now)
    return draft


def publish_change(*, draft: RegulationDraft, because: Text, by: Actor, now: datetime) -> None:
    """The text as it stands is public beside the one that was discussed, with the body's reason for its other words.

    For what touches what users bear or get no reason is enough: it is discussed once more. The caller holds the lock.
    """
    changed = queries.since_discussion(draft)
    if changed.weighty or not changed.wording or not all(because.get(one, "").strip() for one in ("az", "en")):
        return
    reason = {language: because[language].strip() for language in ("az", "en")}
    _show(draft, because=reason, now=now)
    audit.record("draft.change_published", subject=draft.reference, by=by, now=now,
                 data={"reason": reason, "clauses": list(changed.wording)})  # fmt: skip


def _show(draft: RegulationDraft, *, until: date | None = None, because: Text | None = None, now: datetime) -> None:
    last = draft.publications.aggregate(last=Max("number"))["last"] or 0
    Publication.objects.create(
        draft=draft, number=last + 1, content=draft.content, until=until, because=because or {}, created_at=now
    )


@transaction.atomic
def close_due(*, now: datetime) -> list[RegulationDraft]:
    """Every discussion whose last day is over has ended. Called by a job; called again, nothing more happens."""
    over = RegulationDraft.objects.filter(status=DraftStatus.DISCUSSED, discussed_until__lt=today(now))
    return [_close(draft, now=now) for draft in over.select_for_update(of=("self",)).select_related("provider")]


@transaction.atomic
def end_now(*, draft: RegulationDraft, by: Actor, now: datetime) -> RegulationDraft:
    """In the sandbox only: the discussion has ended before its day, so that a trial need not wait.

    Raises:
        NotAllowed: this is no sandbox, or the actor is no officer of the draft's body.
    """
    return _close(_locked(draft), name="end_discussion", by=by, now=now)


def _close(
    draft: RegulationDraft, *, name: str = "close_discussion", by: Actor = SYSTEM, now: datetime
) -> RegulationDraft:
    settle(draft, name, table=TABLE, by=by, now=now)
    # The addresses served the rate limit only.
    draft.comments.exclude(address_sha256="").update(address_sha256="")
    waiting = draft.comments.filter(answered_at__isnull=True).count()
    notices.notify(
        organisation=parties.body_organisation(draft.provider), kind="draft.discussion_closed",
        title=both("İctimai müzakirə başa çatdı", "The public discussion has ended"),
        body=both(f"{pick(draft.name, 'az')}: cavab gözləyən rəy sayı {waiting}.",
                  f"{pick(draft.name, 'en')}: comments that wait for an answer: {waiting}."),
        link=f"/drafts/{draft.reference}/", subject=draft.reference, by=SYSTEM, now=now,
    )  # fmt: skip
    return draft


@transaction.atomic
def comment(
    *,
    draft: RegulationDraft,
    clause: str,
    name: str,
    email: str,
    text: str,
    language: str,
    address: str,
    by: Member | None,
    now: datetime,
) -> Comment:
    """The comment stands beside the text at once, under its number; nobody can take it away (S9.7).

    Args:
        clause: the heading of the model form that it is about, empty for the whole text.
        email: where the answer is sent, if the commenter wants that; never shown.
        address: the caller's network address; its digest is kept until the discussion ends.
        by: who is signed in; None: nobody need be.

    Raises:
        IllegalTransition: the discussion has ended.
        TooManyComments: from this address, within a few minutes.
        RuleViolated: DRF-009, the text is empty or too long.
    """
    draft = _locked(draft)
    if draft.status != DraftStatus.DISCUSSED or draft.discussed_until is None or draft.discussed_until < today(now):
        raise IllegalTransition(_("The discussion of this draft has ended."))
    if not text.strip() or len(text) > LONGEST_COMMENT:
        raise RuleViolated([Violation("DRF-009", _("Write your comment, in 5000 characters at most."), "text")])
    digest = salted_hmac("azexport.services.comment", address, algorithm="sha256").hexdigest()
    if Comment.objects.filter(address_sha256=digest, created_at__gt=now - RATE_WINDOW).count() >= RATE_ALLOWED:
        raise TooManyComments
    row = Comment.objects.create(
        reference=new_reference("CM"),
        draft=draft,
        number=(draft.comments.aggregate(last=Max("number"))["last"] or 0) + 1,
        discussion=queries.shown(draft).text.number,
        clause=clause,
        name=name.strip(),
        # A natural person is the name they chose to write under, and no organisation (S13.1).
        organisation="" if by is None or by.organisation.fin else pick(by.organisation.name, "az")[:200],
        email=email,
        language=language,
        text=text.strip(),
        person="" if by is None else by.actor_id,
        address_sha256=digest,
        created_at=now,
    )
    actor = by or NamedActor("visitor", "", name.strip()[:120])
    audit.record("comment.made", subject=row.reference, by=actor, now=now,
                 data={"draft": draft.reference, "clause": clause})  # fmt: skip
    notices.notify(
        organisation=parties.body_organisation(draft.provider), kind="comment.made",
        title=both("Layihəyə yeni rəy", "A new comment on the draft"),
        body=both(f"{pick(draft.name, 'az')}, {row.number} nömrəli rəy.",
                  f"{pick(draft.name, 'en')}, comment {row.number}."),
        link=f"/drafts/{draft.reference}/comments/", subject=draft.reference, by=actor, now=now, email=False,
    )  # fmt: skip
    return row


@transaction.atomic
def answer(*, comment: Comment, text: str, by: Actor, now: datetime) -> Comment:
    """The body's answer stands under the comment for everybody; who left an address is written to. It is given once.

    Raises:
        NotAllowed: the actor is no officer of the draft's body.
        IllegalTransition: it is answered already.
        RuleViolated: DRF-009.
    """
    row = _locked_comment(comment)
    if not is_drafter(by, row.draft):
        raise NotAllowed
    if row.answered_at is not None:
        raise IllegalTransition(_("This comment is answered already."))
    if not text.strip() or len(text) > LONGEST_COMMENT:
        raise RuleViolated([Violation("DRF-009", _("Write the answer, in 5000 characters at most."), "text")])
    row.answer, row.answered_at, row.answered_by = text.strip(), now, by.actor_name
    row.save(update_fields=["answer", "answered_at", "answered_by"])
    audit.record("comment.answered", subject=row.reference, by=by, now=now, data={"draft": row.draft.reference})
    if row.email:
        _write_to(row, by=by, now=now)
    return row


def _write_to(row: Comment, *, by: Actor, now: datetime) -> None:
    name = row.draft.name
    notices.send_mail(
        to=row.email,
        subject=both("Rəyinizə cavab verildi", "Your comment has been answered"),
        body=both(f"«{pick(name, 'az')}» layihəsi üzrə {row.number} nömrəli rəyinizə cavab:\n\n{row.answer}",
                  f"The answer to your comment {row.number} on the draft “{pick(name, 'en')}”:\n\n{row.answer}"),
        language=row.language, by=by, now=now,
        link=f"/regulations/discussions/{row.draft.reference}/#comment-{row.number}",
    )  # fmt: skip


@transaction.atomic
def hide(*, comment: Comment, reason: str, by: Actor, now: datetime) -> Comment:
    """The comment's words are no longer shown; its place, the reason and the answer are. It still wants an answer.

    Raises:
        NotAllowed: the actor is no officer of the draft's body.
        IllegalTransition: it is hidden already.
        RuleViolated: DRF-006, no reason.
    """
    row = _locked_comment(comment)
    if not is_drafter(by, row.draft):
        raise NotAllowed
    if row.hidden_at is not None:
        raise IllegalTransition
    if not reason.strip():
        raise RuleViolated([Violation("DRF-006", _("Say why."), "reason")])
    row.hidden_reason, row.hidden_at, row.hidden_by = reason.strip()[:500], now, by.actor_name
    row.save(update_fields=["hidden_reason", "hidden_at", "hidden_by"])
    audit.record("comment.hidden", subject=row.reference, by=by, now=now,
                 data={"draft": row.draft.reference, "reason": row.hidden_reason})  # fmt: skip
    return row


def _locked(draft: RegulationDraft) -> RegulationDraft:
    rows = RegulationDraft.objects.select_for_update(of=("self",)).select_related("provider", "based_on")
    return rows.get(pk=draft.pk)


def _locked_comment(row: Comment) -> Comment:
    return Comment.objects.select_for_update(of=("self",)).select_related("draft__provider").get(pk=row.pk)
