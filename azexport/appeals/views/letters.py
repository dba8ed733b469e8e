"""The pages of whoever writes: their letters, writing one, following it, reading the answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from azexport.appeals import actions, queries, rules
from azexport.appeals.forms import BodyForm, DraftForm, LetterForm
from azexport.appeals.models import Letter
from azexport.appeals.permissions import may_write
from azexport.appeals.states import HANDED_OVER, LetterStatus
from azexport.appeals.terms import terms_on
from azexport.appeals.timeline import events_of
from azexport.appeals.views import files as file_pages
from azexport.calendar.queries import today
from azexport.kernel.errors import IllegalTransition, Missing, NotAllowed, RuleViolated
from azexport.kernel.http import SIGNED_IN, audience
from azexport.parties.models import Member

form_page = require_http_methods(["GET", "HEAD", "POST"])


class Asked(HttpRequest):
    """A request of somebody who is signed in: the audience gate lets nobody else in."""

    actor: Member


@audience(SIGNED_IN)
@require_GET
def letter_list(request: Asked) -> HttpResponse:
    """/letters/: one's own letters, newest first; an officer is led to the desk."""
    if not may_write(request.actor):
        return redirect("desk_letters")
    which = request.GET.get("show", "all")
    before = request.GET.get("before", "")
    page = queries.page(request.actor.organisation, which=which, before=before, now=timezone.now())
    address = f"{reverse('letters')}?show={which}"
    labels = (
        ("all", _("All")), ("drafts", _("Drafts")), ("waiting", _("Waiting for an answer")), ("answered", _("Answered"))
    )  # fmt: skip
    context = {
        "page": page,
        "tabs": [
            {"label": label, "url": f"{reverse('letters')}?show={name}", "current": which == name}
            for name, label in labels
        ],
        "next": f"{address}&before={page.following}" if page.following else None,
        "first": address if before else None,
    }
    return render(request, "appeals/list.html", context)


@audience(SIGNED_IN)
@form_page
def new(request: Asked) -> HttpResponse:
    """/letters/new/: which body; the draft is kept from then on."""
    if not may_write(request.actor):
        raise NotAllowed
    form = BodyForm(posted(request), initial={"body": request.GET.get("body", "")})
    if request.method == "POST" and form.is_valid():
        letter = actions.start(participant=form.chosen, by=request.actor, now=timezone.now())
        return redirect("letter_edit", letter.reference)
    context = {"form": form, "terms": terms_on(today(timezone.now())), "back": reverse("letters")}
    return render(request, "appeals/body.html", context, status=422 if form.is_bound else 200)


@audience(SIGNED_IN)
@form_page
def body(request: Asked, reference: str) -> HttpResponse:
    """The draft goes to another body."""
    letter = _draft(request, reference)
    form = BodyForm(posted(request), initial={"body": letter.participant.code})
    if request.method == "POST" and form.is_valid():
        actions.address(letter, participant=form.chosen, by=request.actor, now=timezone.now())
        return redirect("letter", reference)
    context = {"form": form, "terms": None, "back": reverse("letter", args=[reference])}
    return render(request, "appeals/body.html", context, status=422 if form.is_bound else 200)


@audience(SIGNED_IN)
@require_GET
def letter(request: Asked, reference: str) -> HttpResponse:
    """/letters/<reference>/: a draft's parts, or how the letter stands, its answer and the whole correspondence."""
    letter = _load(request, reference)
    if letter.status == LetterStatus.DRAFTED:
        return render(request, "appeals/draft.html", {"letter": letter, "tasks": _tasks(letter)})
    if letter.status == LetterStatus.PREPARED:
        return render(request, "appeals/prepared.html", {"letter": letter})
    now = timezone.now()
    unread = letter.status == LetterStatus.ANSWERED and letter.answer_read_at is None
    actions.read_answer(letter, by=request.actor, now=now)
    answer = queries.signed_answer(letter) if letter.status == LetterStatus.ANSWERED else None
    context = {
        "letter": letter,
        "view": queries.view(letter, now=now),
        "clock": clock_of(queries.view(letter, now=now)),
        "enclosures": queries.enclosures(letter),
        "answer": answer,
        "answer_enclosures": queries.enclosures(answer) if answer else [],
        "unread": unread,
        "thread": queries.thread_of_sender(letter, request.actor.organisation),
        "events": events_of(queries.history(letter)),
    }
    return render(request, "appeals/letter.html", context)


@audience(SIGNED_IN)
@form_page
def edit(request: Asked, reference: str) -> HttpResponse:
    """What the letter says; what is typed is kept on the way, complete or not."""
    letter = _draft(request, reference)
    form = LetterForm(posted(request), initial={"matter": letter.matter, "text": letter.text})
    if request.method == "POST":
        _keep(request, letter)
        if "later" in request.POST:
            messages.success(request, _("Your draft is saved. You can come back at any time."))
            return redirect("letter", reference)
        if form.is_valid():
            return redirect("letter_files", reference)
    context = {"letter": letter, "form": form, "save_url": reverse("letter_save", args=[reference])}
    return render(request, "appeals/edit.html", context, status=422 if form.is_bound else 200)


@audience(SIGNED_IN)
@require_POST
def save(request: Asked, reference: str) -> HttpResponse:
    """Keeps the draft while it is typed (a fragment that says when)."""
    letter = _draft(request, reference)
    kept = _keep(request, letter)
    return render(request, "appeals/_saved.html", {"at": timezone.now() if kept else None})


def _keep(request: Asked, letter: Letter) -> bool:
    given = DraftForm(request.POST)
    if not given.is_valid():
        return False
    actions.write(letter, **given.cleaned_data, by=request.actor, now=timezone.now())
    return True


@audience(SIGNED_IN)
@form_page
def files(request: Asked, reference: str) -> HttpResponse:
    """What goes with the letter."""
    return file_pages.show(request, _draft(request, reference), file_pages.LETTER, by=request.actor)


@audience(SIGNED_IN)
@require_POST
def remove_file(request: Asked, reference: str, number: int) -> HttpResponse:
    """The file no longer goes with the draft."""
    draft = _draft(request, reference)
    return file_pages.remove(draft, number, file_pages.LETTER, request=request, by=request.actor)


@audience(SIGNED_IN)
@form_page
def check(request: Asked, reference: str) -> HttpResponse:
    """Everything once more; POST fixes it and has it printed for the signature (S12.2)."""
    letter = _load(request, reference)
    if letter.status == LetterStatus.PREPARED:
        return redirect("letter", reference)
    letter = _draft(request, reference)
    violations: tuple[Any, ...] = ()
    if request.method == "POST":
        try:
            letter = actions.prepare(letter, by=request.actor, now=timezone.now())
            return redirect("paper", letter.paper)
        except RuleViolated as refusal:
            violations = refusal.violations
    context = {
        "letter": letter,
        "enclosures": queries.enclosures(letter),
        "violations": [{"message": one.message, "url": _address_of(letter, one.field)} for one in violations],
        "terms": terms_on(today(timezone.now())),
    }
    return render(request, "appeals/check.html", context, status=422 if violations else 200)


@audience(SIGNED_IN)
@require_POST
def reopen(request: Asked, reference: str) -> HttpResponse:
    """A draft again."""
    actions.reopen(_load(request, reference), by=request.actor, now=timezone.now())
    messages.success(request, _("The letter is a draft again."))
    return redirect("letter", reference)


@audience(SIGNED_IN)
@form_page
def delete(request: Asked, reference: str) -> HttpResponse:
    """The draft is deleted: asked once more, then done."""
    letter = _load(request, reference)
    if letter.status not in (LetterStatus.DRAFTED, LetterStatus.PREPARED):
        raise IllegalTransition
    if request.method == "POST":
        actions.abandon(letter, by=request.actor, now=timezone.now())
        messages.success(request, _("The draft was deleted."))
        return redirect("letters")
    return render(request, "appeals/delete.html", {"letter": letter})


@audience(SIGNED_IN)
@require_GET
def sent(request: Asked, reference: str) -> HttpResponse:
    """The receipt: number, day, until when it is answered (S6.3, S7.1.2)."""
    letter = _load(request, reference)
    if letter.status not in HANDED_OVER:
        return redirect("letter", reference)
    return render(request, "appeals/sent.html", {"view": queries.view(letter, now=timezone.now()), "letter": letter})


@audience(SIGNED_IN)
@require_POST
def follow_up(request: Asked, reference: str) -> HttpResponse:
    """A new draft in the same correspondence, to the body that the letter lies with now."""
    before = _load(request, reference)
    fresh = actions.start(participant=before.participant, follows=before, by=request.actor, now=timezone.now())
    return redirect("letter_edit", fresh.reference)


# ------------------------------------------------------------------------------------------------ for both sides


def clock_of(view: queries.LetterView) -> dict[str, Any] | None:
    """What the clock component shows; None once there is nothing to wait for."""
    if not view.running or view.clock is None:
        return None
    return {
        "days_used": view.clock.days_used(view.today),
        "days_left": view.days_left,
        "working_days": view.clock.term,
        "due_on": view.due_on,
    }


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, an empty form too; None where nothing was."""
    return request.POST if request.method == "POST" else None


def _load(request: Asked, reference: str) -> Letter:
    if not may_write(request.actor):
        raise Missing
    return queries.letter(request.actor.organisation, reference)


def _draft(request: Asked, reference: str) -> Letter:
    letter = _load(request, reference)
    if letter.status != LetterStatus.DRAFTED:
        raise IllegalTransition
    return letter


def _address_of(letter: Letter, field: str | None) -> str:
    return reverse("letter_body" if field == "body" else "letter_edit", args=[letter.reference])


def _tasks(letter: Letter) -> list[dict[str, Any]]:
    written = not list(rules.letter_has_a_matter(letter)) and not list(rules.letter_has_a_text(letter))
    begun = bool(letter.matter or letter.text)
    enclosed = len(queries.enclosures(letter))
    return [
        {"title": _("The body"), "url": reverse("letter_body", args=[letter.reference]), "status": "completed"},
        {
            "title": _("The letter"),
            "url": reverse("letter_edit", args=[letter.reference]),
            "status": "completed" if written else "in_progress" if begun else "not_started",
        },
        {
            "title": _("Enclosed files"),
            "url": reverse("letter_files", args=[letter.reference]),
            "status": "completed" if enclosed else "not_started",
            "label": None if enclosed else _("Optional"),
        },
        {
            "title": _("Check, sign and send"),
            "url": reverse("letter_check", args=[letter.reference]) if written else None,
            "status": "not_started" if written else "cannot_start",
        },
    ]
