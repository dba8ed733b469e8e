"""The public discussion of drafts (S9.7) and the approved texts (S9.8): pages for everybody, answers by the body."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from azexport.calendar.queries import today
from azexport.documents import queries as documents
from azexport.kernel.errors import IllegalTransition, Missing, RuleViolated
from azexport.kernel.http import OFFICER, PUBLIC, audience, caller_address
from azexport.parties.http import member_of
from azexport.parties.models import Member
from azexport.services import progress, substance
from azexport.services.actions import discussions as actions
from azexport.services.forms.discussions import TRAP, WHOLE, CommentForm, ReplyForm
from azexport.services.forms.drafts import ReasonForm
from azexport.services.models import Comment, Publication, RegulationDraft
from azexport.services.permissions import participant_of
from azexport.services.queries import drafts as queries
from azexport.services.states import DraftStatus

form_page = require_http_methods(["GET", "HEAD", "POST"])


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


# ---------------------------------------------------------------- for everybody


@audience(PUBLIC)
@require_safe
def discussion_list(request: HttpRequest) -> HttpResponse:
    """/regulations/discussions/: what is open for comments, what was discussed, what is approved."""
    now = timezone.now()
    before = request.GET.get("before", "")
    page = queries.discussions_page(before=before)
    open_now = queries.in_discussion(today(now))
    shown = {row.pk for row in open_now}
    context = {
        "open": [] if before else open_now,
        "approved": [] if before else queries.approved(),
        "ended": [
            {"draft": row, "colour": progress.COLOURS.get(DraftStatus(row.status))}
            for row in page.rows
            if row.pk not in shown
        ],
        "older": f"{reverse('discussions')}?before={page.older}" if page.older else None,
        "newest": reverse("discussions") if before else None,
    }
    return render(request, "services/discussions/list.html", context)


@audience(PUBLIC)
@require_safe
def discussion(request: HttpRequest, reference: str) -> HttpResponse:
    """/regulations/discussions/<reference>/: the text by clause, with everybody's comments and the body's answers."""
    draft = queries.published_draft(reference)
    shown, comments = queries.shown(draft), list(draft.comments.all())
    context = {
        "draft": draft,
        "name": shown.text.name,
        "colour": progress.COLOURS.get(DraftStatus(draft.status)),
        "is_open": _is_open(draft),
        "changed": [_changed(draft, shown.text, one) for one in shown.changed],
        "earlier": shown.earlier,
        **_by_clause(shown.text, comments, {one.number: one for one in shown.earlier}),
        "count": queries.count_of(comments),
        "burden": progress.burden(draft, shown.text.content),
        "may_answer": _may_answer(request, draft),
        "approved": draft.status in (DraftStatus.APPROVED, DraftStatus.REGISTERED),
    }
    return render(request, "services/discussions/discussion.html", context)


def _by_clause(text: Publication, comments: list[Comment], earlier: dict[int, Publication]) -> dict[str, Any]:
    """The clauses of the text, each with its comments; those on the whole text, and on clauses that are no more."""
    clauses = queries.clauses(text.content)
    rows = [(one, {"comment": one, "earlier": earlier.get(one.discussion)}) for one in comments]
    known = {one.number for one in clauses}
    return {
        "clauses": [
            {"clause": clause, "comments": [row for one, row in rows if one.clause == clause.number]}
            for clause in clauses
        ],
        "general": [row for one, row in rows if one.clause not in known],
    }


def _changed(draft: RegulationDraft, text: Publication, later: Publication) -> dict[str, Any]:
    """What went on since the discussion with other words, and whether it is still so."""
    goes_on = draft.status not in (DraftStatus.DRAFTED, DraftStatus.WITHDRAWN)
    return {
        "later": later,
        "differences": queries.differences_between(text.content, later.content),
        "headings": queries.headings(substance.changes(text.content, later.content).wording),
        "stands": goes_on and not substance.changes(later.content, draft.content),
    }


@audience(PUBLIC)
@require_safe
def discussion_text(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """/regulations/discussions/<reference>/<number>/: a text that was discussed earlier, what was said of it, and what
    the body changed then."""
    draft = queries.published_draft(reference)
    shown = queries.shown(draft)
    discussed = [*shown.earlier[::-1], shown.text]
    place = next((place for place, one in enumerate(discussed[:-1]) if one.number == number), None)
    if place is None:
        raise Missing
    text, following = discussed[place], discussed[place + 1]
    comments = list(draft.comments.filter(discussion=number))
    context = {
        "draft": draft,
        "text": text,
        **_by_clause(text, comments, {}),
        "differences": queries.differences_between(text.content, following.content),
    }
    return render(request, "services/discussions/earlier.html", context)


def _is_open(draft: RegulationDraft) -> bool:
    until = draft.discussed_until
    return draft.status == DraftStatus.DISCUSSED and until is not None and until >= today(timezone.now())


def _may_answer(request: HttpRequest, draft: RegulationDraft) -> bool:
    actor: Member | None = getattr(request, "actor", None)
    body = participant_of(actor) if actor is not None else None
    return body is not None and body.pk == draft.provider_id


@audience(PUBLIC)
@require_safe
def discussion_changes(request: HttpRequest, reference: str) -> HttpResponse:
    """/regulations/discussions/<reference>/changes/: what the discussed text changes in the version in force."""
    draft = queries.published_draft(reference)
    differences = queries.differences(draft, queries.shown(draft).text.content)
    if differences is None:
        raise Missing
    return render(request, "services/discussions/changes.html", {"draft": draft, "differences": differences})


@audience(PUBLIC)
@form_page
def discussion_comment(request: HttpRequest, reference: str) -> HttpResponse:
    """/regulations/discussions/<reference>/comment/: anybody comments, signed in or not."""
    draft = queries.published_draft(reference)
    if not _is_open(draft):
        raise IllegalTransition(_("The discussion of this draft has ended."))
    member: Member | None = getattr(request, "actor", None)
    initial: dict[str, Any] = {"clause": request.GET.get("clause", WHOLE)}
    if member is not None:
        initial |= {"name": member.actor_name, "email": member.email}
    form = CommentForm(_sent(request), initial=initial, clauses=_headings(draft))
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        if form.is_trapped:
            return redirect("discussion", reference)
        try:
            made = _comment(request, draft, form, member)
        except (RuleViolated, actions.TooManyComments) as refusal:
            form.add_error(None, str(refusal.message))
            status = refusal.status
        else:
            messages.success(request, _("Your comment is published. Thank you."))
            return redirect(f"{reverse('discussion', args=[reference])}#comment-{made.number}")
    return render(
        request, "services/discussions/comment.html", {"draft": draft, "form": form, "trap": TRAP}, status=status
    )


def _headings(draft: RegulationDraft) -> list[tuple[str, str]]:
    discussed = queries.last_discussed(draft)
    clauses = queries.clauses(discussed.content) if discussed is not None else []
    return [(one.number, f"{one.shown_number} {one.heading}".strip()) for one in clauses if one.content]


def _comment(request: HttpRequest, draft: RegulationDraft, form: CommentForm, member: Member | None) -> Comment:
    given = form.cleaned_data
    return actions.comment(
        draft=draft, clause=given["clause"], name=given["name"], email=given["email"], text=given["text"],
        language=(get_language() or "az")[:2], address=caller_address(request), by=member, now=timezone.now(),
    )  # fmt: skip


# ---------------------------------------------------------------- approved texts (S9.8)


@audience(PUBLIC)
@require_safe
def approved_text(request: HttpRequest, reference: str) -> HttpResponse:
    """/regulations/approved/<reference>/: the text that the head has approved, in force or not yet."""
    draft = queries.approved_draft(reference)
    context = {
        "draft": draft,
        "clauses": queries.clauses(draft.content),
        "document": documents.by_reference(draft.document),
        "in_force": draft.version is not None
        and not draft.never_took_effect
        and draft.version.valid_from <= today(timezone.now()),
    }
    return render(request, "services/discussions/approved.html", context)


@audience(PUBLIC)
@require_safe
def approved_pdf(request: HttpRequest, reference: str) -> HttpResponse:
    """/regulations/approved/<reference>/regulation.pdf: the signed text."""
    draft = queries.approved_draft(reference)
    document = documents.by_reference(draft.document)
    response = HttpResponse(documents.content(document), content_type=document.media_type)
    response["Content-Disposition"] = f'inline; filename="{draft.service}.pdf"'
    response["ETag"] = f'"{document.sha256}"'
    response["Cache-Control"] = "public, max-age=3600"
    return response


# ---------------------------------------------------------------- the body's officers


@audience(OFFICER)
@require_safe
def draft_comments(request: HttpRequest, reference: str) -> HttpResponse:
    """/drafts/<reference>/comments/: every comment, those without an answer first."""
    draft = _own(request, reference)
    comments = sorted(draft.comments.all(), key=lambda one: (one.answered_at is not None, one.number))
    headings = dict(_headings(draft))
    earlier = {one.number: one for one in queries.shown(draft).earlier} if comments else {}
    context = {
        "draft": draft,
        "rows": [
            {
                "comment": one,
                "heading": headings.get(one.clause, one.clause),
                "earlier": earlier.get(one.discussion),
            }
            for one in comments
        ],
        "count": queries.comment_count(draft),
        "is_open": _is_open(draft),
    }
    return render(request, "services/discussions/comments.html", context)


@audience(OFFICER)
@form_page
def comment_answer(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """/drafts/<reference>/comments/<number>/answer/: the answer, once, in public."""
    draft = _own(request, reference)
    comment = queries.comment(draft, number)
    if comment.answered_at is not None:
        raise IllegalTransition(_("This comment is answered already."))
    form = ReplyForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        actions.answer(comment=comment, text=form.cleaned_data["text"], by=member_of(request), now=timezone.now())
        messages.success(request, _("Your answer is published."))
        return redirect("draft_comments", reference)
    return _comment_page(request, "services/discussions/answer.html", draft, comment, form)


@audience(OFFICER)
@form_page
def comment_hide(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """/drafts/<reference>/comments/<number>/hide/: the words go out of sight, the reason stays in it."""
    draft = _own(request, reference)
    comment = queries.comment(draft, number)
    form = ReasonForm(_sent(request), hint=_("Shown to everybody in place of the comment"))
    if request.method == "POST" and form.is_valid():
        try:
            actions.hide(comment=comment, reason=form.cleaned_data["reason"], by=member_of(request), now=timezone.now())
        except RuleViolated as refusal:
            form.add_error("reason", str(refusal.message))
        else:
            messages.success(request, _("The comment is hidden; the reason is shown instead."))
            return redirect("draft_comments", reference)
    return _comment_page(request, "services/discussions/hide.html", draft, comment, form)


def _comment_page(
    request: HttpRequest, template: str, draft: RegulationDraft, comment: Comment, form: Any
) -> HttpResponse:
    headings = dict(_headings(draft))
    context = {
        "draft": draft,
        "comment": comment,
        "form": form,
        "heading": headings.get(comment.clause, comment.clause),
    }
    return render(request, template, context, status=422 if form.is_bound else 200)


def _own(request: HttpRequest, reference: str) -> RegulationDraft:
    body = participant_of(member_of(request))
    if body is None:
        raise Missing
    return queries.draft(body, reference)
