"""The pages on which officers bring a draft from its first word to the registry (S9, S10)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from azexport.audit import queries as audit
from azexport.calendar.queries import today
from azexport.kernel.errors import IllegalTransition, Missing, NotAllowed, RuleViolated
from azexport.kernel.http import OFFICER, audience
from azexport.kernel.text import pick
from azexport.participants.models import Participant
from azexport.parties.http import member_of
from azexport.services import progress
from azexport.services.actions import discussions
from azexport.services.actions import drafts as actions
from azexport.services.forms.drafts import (
    WAYS,
    AgreementForm,
    EffectiveForm,
    GoingOnForm,
    NewServiceForm,
    NewVersionForm,
    PublishForm,
    ReasonForm,
    WayForm,
)
from azexport.services.lifecycle import TABLE
from azexport.services.models import RegulationDraft
from azexport.services.permissions import is_asked_head, is_head
from azexport.services.queries import drafts as queries
from azexport.services.queries import regulations
from azexport.services.states import AgreementStatus, DraftStatus
from azexport.services.substance import Changes

if TYPE_CHECKING:
    from azexport.services.editor.differences import Differences

form_page = require_http_methods(["GET", "HEAD", "POST"])


def _body(request: HttpRequest) -> Participant:
    participant = member_of(request).participant
    if participant is None:
        raise NotAllowed
    return participant


def _load(request: HttpRequest, reference: str) -> RegulationDraft:
    return queries.draft(_body(request), reference)


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _may(request: HttpRequest, reference: str, *names: str) -> RegulationDraft:
    """The draft, if one of these transitions is open to the member now.

    Raises:
        IllegalTransition: none is.
    """
    draft = _load(request, reference)
    if not set(names) & set(TABLE.open_to(member_of(request), draft)):
        raise IllegalTransition
    return draft


# ---------------------------------------------------------------- list, new


@audience(OFFICER)
@require_safe
def draft_list(request: HttpRequest) -> HttpResponse:
    """/drafts/: the body's own drafts, newest first, and what other bodies have put before it (S9.2)."""
    body = _body(request)
    page = queries.page(body, before=request.GET.get("before", ""))
    context = {
        "rows": [{"draft": row, "colour": progress.COLOURS.get(DraftStatus(row.status))} for row in page.rows],
        "older": f"{reverse('drafts')}?before={page.older}" if page.older else None,
        "newest": reverse("drafts") if request.GET.get("before") else None,
        "asked": queries.agreements_of(body),
    }
    return render(request, "services/drafts/list.html", context)


@audience(OFFICER)
@form_page
def draft_new(request: HttpRequest) -> HttpResponse:
    """/drafts/new/: how the draft begins."""
    form = WayForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        return redirect("draft_begin", form.cleaned_data["way"])
    return render(request, "services/drafts/new.html", {"form": form}, status=422 if form.is_bound else 200)


@audience(OFFICER)
@form_page
def draft_begin(request: HttpRequest, way: str) -> HttpResponse:
    """/drafts/new/<way>/: name or regulation; POST begins the draft."""
    if way not in dict(WAYS):
        raise Missing
    body, now = _body(request), timezone.now()
    rows = {row.service: row for row in _patterns(body, way, now)}
    form = _begin_form(way, list(rows.values()), request, today(now))
    if request.method == "POST" and form.is_valid():
        chosen = rows.get(form.cleaned_data.get("pattern", ""))
        try:
            draft = actions.start(
                participant=body, name=form.name if isinstance(form, NewServiceForm) else None,
                based_on=chosen if way == "version" else None, copy_of=chosen if way == "copy" else None,
                by=member_of(request), now=now,
            )  # fmt: skip
        except RuleViolated as refusal:
            form.add_error("name_az" if "name_az" in form.fields else "pattern", str(refusal.message))
        else:
            return redirect("draft", draft.reference)
    context = {"form": form, "way": way, "nothing": way != "blank" and not rows}
    return render(request, "services/drafts/begin.html", context, status=422 if form.is_bound else 200)


def _patterns(body: Participant, way: str, now: Any) -> list[Any]:
    if way == "version":
        return queries.last_versions_of(body, today(now))
    if way == "copy":
        return sorted(regulations.in_force(today(now)), key=lambda row: pick(row.name))
    return []


def _begin_form(way: str, rows: list[Any], request: HttpRequest, day: date) -> NewServiceForm | NewVersionForm:
    data = _sent(request)
    if way == "version":
        return NewVersionForm(data, own=rows, today=day)
    return NewServiceForm(data, patterns=rows if way == "copy" else None)


# ---------------------------------------------------------------- one draft


@audience(OFFICER)
@require_safe
def draft_page(request: HttpRequest, reference: str) -> HttpResponse:
    """/drafts/<reference>/: how far it has come, what is to be done next, what happened."""
    draft, member = _load(request, reference), member_of(request)
    writing = draft.status == DraftStatus.DRAFTED
    faults = queries.faults(draft) if writing else []
    others = queries.other_bodies(draft) if writing else []
    missing = progress.missing(faults)
    count, changed = queries.comment_count(draft), queries.since_discussion(draft) if writing else Changes()
    context = {
        "draft": draft,
        "colour": progress.COLOURS.get(DraftStatus(draft.status)),
        "stages": progress.stages(draft),
        "step": progress.next_step(
            draft, actor=member, faults=len(missing), unanswered=count.unanswered, others=others, changed=changed
        ),
        "faults": missing[:8],
        "weighty": queries.headings(changed.weighty),
        "wording": queries.headings(changed.wording),
        "burden": progress.burden(draft, draft.content),
        "more_faults": max(len(missing) - 8, 0),
        "comments": count,
        "agreements": queries.answers(draft),
        "timeline": progress.timeline(audit.history([draft.reference])),
        "open": TABLE.open_to(member, draft),
        "is_head": is_head(member, draft),
        "verdict": queries.verdict_of(draft),
    }  # fmt: skip
    return render(request, "services/drafts/draft.html", context)


@audience(OFFICER)
@form_page
def draft_publish(request: HttpRequest, reference: str) -> HttpResponse:
    """/drafts/<reference>/publish/: until when the public may comment (S9.7)."""
    draft, now = _may(request, reference, "publish"), timezone.now()
    day = today(now)
    form = PublishForm(_sent(request), today=day)
    if request.method == "POST" and form.is_valid():
        until = form.cleaned_data["until"]
        try:
            discussions.publish(draft=draft, until=until, by=member_of(request), now=now)
        except RuleViolated as refusal:
            _add(form, refusal)
        else:
            messages.success(request, _("The draft is public. You are told of every comment."))
            return redirect("draft", reference)
    context = {
        "draft": draft,
        "form": form,
        "days": settings.DISCUSSION_DAYS,
        "least": day + timedelta(days=settings.DISCUSSION_DAYS),
        "again": draft.discussed_at is not None,
    }
    return render(request, "services/drafts/publish.html", context, status=422 if form.is_bound else 200)


def _add(form: Form, refusal: RuleViolated) -> None:
    for one in refusal.violations:
        form.add_error(one.field if one.field in form.fields else None, str(one.message))


@audience(OFFICER)
@form_page
def draft_performers(request: HttpRequest, reference: str) -> HttpResponse:
    """/drafts/<reference>/performers/: who is asked to agree; letters of those that are not on the portal (S9.2); why
    the words are others than those that were discussed (S9.7)."""
    draft, now = _may(request, reference, "ask", "ask_nobody"), timezone.now()
    bodies, changed = queries.other_bodies(draft), queries.since_discussion(draft)
    says_why = bool(changed.wording) and not changed.weighty
    form = GoingOnForm(_sent(request), bodies=[b for b in bodies if not b.is_here], changed=says_why)
    if request.method == "POST" and form.is_valid():
        try:
            draft = actions.ask_performers(
                draft=draft, letters=form.letters, because=form.because, by=member_of(request), now=now
            )
        except RuleViolated as refusal:
            _add(form, refusal)
        else:
            asked = draft.status == DraftStatus.AGREEING
            messages.success(request, _("The other performers are asked.") if asked else _("Ready for the head."))
            return redirect("draft", reference)
    context = {
        "draft": draft,
        "form": form,
        "bodies": bodies,
        "asked": [one for one in bodies if one.is_here],
        "weighty": queries.headings(changed.weighty),
        "differences": _since(draft) if changed else None,
    }
    return render(request, "services/drafts/performers.html", context, status=422 if form.is_bound else 200)


def _since(draft: RegulationDraft) -> Differences | None:
    """What the text changes in the one that was discussed last."""
    discussed = queries.last_discussed(draft)
    return queries.differences_between(discussed.content, draft.content) if discussed else None


@audience(OFFICER)
@form_page
def draft_agreement(request: HttpRequest, reference: str) -> HttpResponse:
    """/drafts/<reference>/agreement/: another body's draft: its text, and the head's yes or no (S9.2)."""
    member, now = member_of(request), timezone.now()
    draft = queries.asked_draft(_body(request), reference)
    may_answer = draft.status == DraftStatus.AGREEING and is_asked_head(member, draft)
    form = AgreementForm(_sent(request)) if may_answer else None
    if request.method == "POST":
        if form is None:
            raise NotAllowed if draft.status == DraftStatus.AGREEING else IllegalTransition
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            if form.cleaned_data["decision"] == "agree":
                actions.agree(draft=draft, note=reason, by=member, now=now)
            else:
                actions.object_(draft=draft, reason=reason, by=member, now=now)
            messages.success(request, _("Your body's answer has been given."))
            return redirect("draft_agreement", reference)
    context = {
        "draft": draft,
        "form": form,
        "clauses": queries.clauses(draft.content),
        "has_differences": draft.based_on is not None,
        "mine": queries.answer_of(draft, _body(request)),
        "waiting": draft.status == DraftStatus.AGREEING,
        "ASKED": AgreementStatus.ASKED,
    }
    return render(request, "services/drafts/agreement.html", context, status=422 if form and form.is_bound else 200)


@audience(OFFICER)
@require_safe
def draft_text(request: HttpRequest, reference: str) -> HttpResponse:
    """/drafts/<reference>/text/: the legal text as it stands, and how it differs from the version in force.

    For the body's own officers, and for those of bodies that were asked to agree.
    """
    body = _body(request)
    try:
        draft = queries.draft(body, reference)
    except Missing:
        draft = queries.asked_draft(body, reference)
    own = draft.provider_id == body.pk
    context = {
        "draft": draft,
        "clauses": queries.clauses(draft.content),
        "differences": queries.differences(draft, draft.content),
        "since": _since(draft),
        "faulty": bool(queries.faults(draft)),
        "home": reverse("draft" if own else "draft_agreement", args=[reference]),
    }
    return render(request, "services/drafts/text.html", context)


@audience(OFFICER)
@require_POST
def draft_end_discussion(request: HttpRequest, reference: str) -> HttpResponse:
    """The discussion ends before its day: in the sandbox only."""
    discussions.end_now(draft=_load(request, reference), by=member_of(request), now=timezone.now())
    messages.success(request, _("The discussion has ended."))
    return redirect("draft", reference)


# ---------------------------------------------------------------- the head


@audience(OFFICER)
@form_page
def draft_head(request: HttpRequest, reference: str) -> HttpResponse:
    """/drafts/<reference>/head/: from which day it is to hold; POST puts it before the head."""
    draft, now = _may(request, reference, "send_to_head"), timezone.now()
    day = today(now)
    first, last = queries.first_day(draft, day), queries.last_version(draft.service)
    form = EffectiveForm(_sent(request), initial={"effective_on": max(first, draft.effective_on or first)})
    if request.method == "POST" and form.is_valid():
        try:
            actions.send_to_head(
                draft=draft, effective_on=form.cleaned_data["effective_on"], by=member_of(request), now=now
            )
        except RuleViolated as refusal:
            _add(form, refusal)
        else:
            messages.success(request, _("The text waits for the head's signature."))
            return redirect("draft", reference)
    scheduled = last if last is not None and last.valid_from >= day else None
    context = {"draft": draft, "form": form, "scheduled": scheduled}
    return render(request, "services/drafts/head.html", context, status=422 if form.is_bound else 200)


@audience(OFFICER)
@require_POST
def draft_sign(request: HttpRequest, reference: str) -> HttpResponse:
    """The head goes on to the paper that is to be signed."""
    draft = _load(request, reference)
    paper = actions.sign(draft=draft, by=member_of(request), now=timezone.now())
    return redirect(f"/papers/{paper}/")


@audience(OFFICER)
@form_page
def draft_send_back(request: HttpRequest, reference: str) -> HttpResponse:
    """/drafts/<reference>/send-back/: the head does not sign, and says why."""
    draft = _may(request, reference, "send_back")
    form = ReasonForm(_sent(request), hint=_("The officers who write the text see it"))
    if request.method == "POST" and form.is_valid():
        actions.send_back(
            draft=draft, reason=form.cleaned_data["reason"], by=member_of(request), now=timezone.now()
        )  # fmt: skip
        messages.success(request, _("The draft has been sent back."))
        return redirect("draft", reference)
    context = {"draft": draft, "form": form}
    return render(request, "services/drafts/send_back.html", context, status=422 if form.is_bound else 200)


@audience(OFFICER)
@form_page
def draft_reopen(request: HttpRequest, reference: str) -> HttpResponse:
    """/drafts/<reference>/reopen/: asks whether it is meant; POST lets the text be written again."""
    draft = _may(request, reference, "reopen")
    if request.method == "POST":
        actions.reopen(draft=draft, by=member_of(request), now=timezone.now())
        messages.success(request, _("The text can be written again."))
        return redirect("draft", reference)
    return render(request, "services/drafts/reopen.html", {"draft": draft})


@audience(OFFICER)
@form_page
def draft_withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """/drafts/<reference>/withdraw/: asks why; POST gives the draft up."""
    draft = _may(request, reference, "withdraw")
    public = draft.discussed_at is not None
    form = ReasonForm(_sent(request), hint=_("Shown to the public beside the draft") if public else "")
    if request.method == "POST" and form.is_valid():
        actions.withdraw(draft=draft, reason=form.cleaned_data["reason"], by=member_of(request), now=timezone.now())
        messages.success(request, _("The draft has been withdrawn."))
        return redirect("draft", reference)
    context = {"draft": draft, "form": form, "public": public}
    return render(request, "services/drafts/withdraw.html", context, status=422 if form.is_bound else 200)
