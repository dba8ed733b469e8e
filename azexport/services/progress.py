"""How far a draft has come, as its page says it: stages, what is to be done next, what happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from azexport.kernel import formats
from azexport.kernel.actor import Actor
from azexport.kernel.text import pick
from azexport.services import burden as burdens
from azexport.services.models import RegulationDraft
from azexport.services.permissions import is_head
from azexport.services.queries import drafts as queries
from azexport.services.queries.drafts import Body
from azexport.services.states import DraftStatus as S

if TYPE_CHECKING:
    from azexport.audit.models import Event
    from azexport.services.burden import Burden
    from azexport.services.faults import Fault
    from azexport.services.substance import Changes

TITLES: dict[str, str | Promise] = {
    "draft.started": _("Begun"),
    "draft.changed": _("Text changed"),
    "draft.published": _("Published for discussion"),
    "draft.discussion_closed": _("Discussion ended"),
    "draft.change_published": _("Change since the discussion published"),
    "draft.agreement_asked": _("Other performers asked"),
    "draft.needs_no_agreement": _("Ready for the head: the text names no other performer"),
    "draft.agreed_by_one": _("A performer agreed"),
    "draft.agreed": _("All performers agree"),
    "draft.objected": _("A performer objected"),
    "draft.sent_to_head": _("Sent to the head"),
    "draft.sent_back": _("Sent back by the head"),
    "draft.approved": _("Approved by the head"),
    "draft.reopened": _("Taken back to be written again"),
    "draft.returned_unregistered": _("Not registered"),
    "draft.registered": _("Registered"),
    "draft.withdrawn": _("Withdrawn"),
    "registration.not_prepared": _("The application to the registry could not be prepared"),
}
COLOURS = {
    S.DISCUSSED: "purple", S.AGREEING: "yellow", S.AGREED: "blue", S.AWAITING_HEAD: "yellow", S.APPROVED: "green",
    S.REGISTERED: "green",
}  # fmt: skip
"""Tag colours of the statuses that the component does not know."""

_STAGES: tuple[tuple[str | Promise, str], ...] = (
    (_("The text is written"), "9.1"),
    (_("Public discussion"), "9.7"),
    (_("Agreement of the other performers"), "9.2"),
    (_("Approval by the head"), "9.8"),
    (_("Registration"), "10.3"),
)


def stages(draft: RegulationDraft) -> list[dict[str, Any]]:
    """The five stages of decision 191 as a task list: which are behind the draft, which is now."""
    at = _stage_of(draft)
    labels = {"completed": _("Done"), "in_progress": _("Now"), "cannot_start": _("Later")}
    return [
        {
            "title": title,
            "hint": _g("Decision 191, %(clause)s") % {"clause": clause},
            "status": (state := "completed" if number < at else "in_progress" if number == at else "cannot_start"),
            "label": labels[state],
        }
        for number, (title, clause) in enumerate(_STAGES)
    ]


def _stage_of(draft: RegulationDraft) -> int:
    match draft.status:
        case S.DRAFTED:
            return 1 if draft.discussion_is_over and not draft.sent_back_because else 0
        case S.DISCUSSED:
            return 1
        case S.AGREEING:
            return 2
        case S.AGREED | S.AWAITING_HEAD:
            return 3
        case S.APPROVED:
            return 4
        case S.REGISTERED:
            return 5
    return -1


def next_step(
    draft: RegulationDraft, *, actor: Actor, faults: int, unanswered: int, others: Iterable[Body], changed: Changes
) -> dict[str, Any]:
    """What is to be done now: a sentence, the buttons for it, and whose turn it is."""
    match draft.status:
        case S.DRAFTED:
            return _writing(draft, faults=faults, unanswered=unanswered, others=list(others), changed=changed)
        case S.DISCUSSED:
            return _discussing(draft, unanswered)
        case S.AGREEING:
            return _said(_g("Each body below is asked to agree. You are told as soon as one of them answers."))
        case S.AGREED:
            return _said(
                _g("Every other performer agrees, or none is named. The head can approve the text now."),
                _link(_("Send to the head"), "draft_head", draft),
            )
        case S.AWAITING_HEAD:
            return _signing(draft, actor)
        case S.APPROVED:
            return _said(
                _g(
                    "The text is approved and published. The application to the registry has been prepared from it; "
                    "the head signs it among your body's services."
                ),
                {"url": "/filings/", "label": _("Go to the application"), "kind": ""},
            )
    return _said("")


def _writing(
    draft: RegulationDraft, *, faults: int, unanswered: int, others: list[Body], changed: Changes
) -> dict[str, Any]:
    edit = {"url": f"/drafts/{draft.reference}/edit/", "label": _("Write the text"), "kind": ""}
    if faults:
        text = ngettext(
            "Under %(count)d heading of the model form something is still missing or wrong.",
            "Under %(count)d headings of the model form something is still missing or wrong.",
            faults,
        )
        return _said(text % {"count": faults}, edit)
    second = {**edit, "kind": "secondary"}
    if not draft.discussion_is_over:
        text = _g("The text is complete. Before the head can approve it, it is put to public discussion (9.7).")
        return _said(text, _link(_("Publish for discussion"), "draft_publish", draft), second)
    if changed.weighty:
        text = _g(
            "Since the discussion something has changed that users bear or get. Put the text to public discussion once "
            "more, or write it again as it was discussed (9.7)."
        )
        return _said(text, _link(_("Put it to discussion once more"), "draft_publish", draft), second)
    if unanswered:
        text = ngettext(
            "%(count)d comment waits for your answer.", "%(count)d comments wait for your answer.", unanswered
        )
        return _said(text % {"count": unanswered}, _link(_("Answer the comments"), "draft_comments", draft), second)
    if others:
        text = _g("The discussion has ended and every comment is answered. The text names other performers: ask them.")
        return _said(text, _link(_("Ask the other performers"), "draft_performers", draft), second)
    text = _g("The discussion has ended and every comment is answered. The text names no other performer.")
    return _said(text, _link(_("Go on to approval"), "draft_performers", draft), second)


def _discussing(draft: RegulationDraft, unanswered: int) -> dict[str, Any]:
    text = _g("Anybody can comment until the end of %(day)s.") % {
        "day": formats.date_(draft.discussed_until) if draft.discussed_until else ""
    }
    label = _("Answer the comments") if unanswered else _("See the comments")
    return _said(text, _link(label, "draft_comments", draft))


def _signing(draft: RegulationDraft, actor: Actor) -> dict[str, Any]:
    if not is_head(actor, draft):
        return _said(_g("The head of your body signs the text, or sends it back with reasons."))
    sign = {"url": reverse("draft_sign", args=[draft.reference]), "label": _("Read and sign"), "method": "post"}
    back = _link(_("Send back"), "draft_send_back", draft)
    return _said(
        _g("Your signature approves the regulation: “Təsdiq edirəm” of the model form."),
        {**sign, "kind": ""},
        {**back, "kind": "secondary"},
    )


def missing(faults: Iterable[Fault]) -> list[str]:
    """The headings of the model form under which something is missing or wrong, each once, in its order (S-A1)."""
    return queries.headings(one.clause for one in faults)


_MEASURES: dict[str, str | Promise] = {
    "questions": _("Questions to the user"),
    "documents": _("Documents from the user"),
    "supplied": _("Supplied by the state, not asked"),
    "visits": _("Originals to be shown in person"),
    "working_days": _("Working days at most"),
    "fee": _("Fee"),
    "steps": _("Steps"),
    "bodies": _("Bodies that take part"),
}


def burden(draft: RegulationDraft, content: Mapping[str, Any]) -> dict[str, Any]:
    """What the text asks of users and of the bodies, beside the version that it is to replace (S9.3), for pages.

    `lines`: each `what`, `before` (None where nothing is replaced), `after`, `change` (same, better, worse or None);
    `worse`: those of them that get worse for users; `replaces`: whether there is a version to compare with.
    """
    before, after = queries.burdens(draft, content)
    lines = [
        {
            "what": _MEASURES[one.measure],
            "before": _shown(before, one.measure) if before else None,
            "after": _shown(after, one.measure),
            "change": one.change,
            "worse_for_users": one.worse_for_users,
        }
        for one in burdens.compared(before, after)
    ]
    return {
        "lines": lines, "worse": [one for one in lines if one["worse_for_users"]], "replaces": before is not None,
    }  # fmt: skip


def _shown(of: Burden, measure: str) -> str:
    if measure != "fee":
        return str(getattr(of, measure))
    return formats.money(of.fee, of.currency) if of.fee else _g("Free of charge")


def _said(text: str, *actions: dict[str, Any]) -> dict[str, Any]:
    return {"text": text, "actions": list(actions)}


def _link(label: str | Promise, name: str, draft: RegulationDraft) -> dict[str, Any]:
    return {"label": label, "url": reverse(name, args=[draft.reference]), "kind": ""}


def timeline(history: Iterable[Event]) -> list[dict[str, Any]]:
    """What happened, newest first; changes of the text in a row are told once."""
    told: list[dict[str, Any]] = []
    last = ("", "")
    for event in history:
        key = (event.name, event.actor_id)
        if event.name == "draft.changed" and key == last:
            told.pop()
        told.append(
            {
                "title": TITLES.get(event.name, event.name),
                "at": event.at,
                "by": "azexport.az" if event.actor_kind == "system" else event.actor_name,
                "text": pick(event.data.get("reason", "")),
            }
        )
        last = key
    return told[::-1]
