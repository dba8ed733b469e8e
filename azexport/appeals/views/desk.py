"""The desk of a body's officers for letters: the queue, one letter, its answer (S11.7)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from azexport.appeals import actions, queries
from azexport.appeals.forms import AnswerForm, ForwardForm, ReasonForm, RegisterForm
from azexport.appeals.lifecycle import LETTER
from azexport.appeals.models import Answer, Letter
from azexport.appeals.permissions import is_addressee
from azexport.appeals.states import AnswerStatus, LetterStatus
from azexport.appeals.terms import terms_on
from azexport.appeals.timeline import events_of
from azexport.appeals.views import files as file_pages
from azexport.appeals.views.letters import clock_of, posted
from azexport.calendar.queries import today
from azexport.documents import queries as documents
from azexport.kernel.errors import IllegalTransition, NotAllowed, RuleViolated
from azexport.kernel.http import OFFICER, audience
from azexport.participants.models import Participant
from azexport.parties.models import Member

form_page = require_http_methods(["GET", "HEAD", "POST"])
TABS: dict[str, str | Promise] = {
    "new": _("New"),
    "running": _("Being answered"),
    "late": _("Late"),
    "answered": _("Answered"),
    "forwarded": _("Forwarded"),
}


class Asked(HttpRequest):
    """A request of an officer: the audience gate lets nobody else in."""

    actor: Member


@audience(OFFICER)
@require_GET
def queue(request: Asked) -> HttpResponse:
    """/letters/desk/: the body's letters with their due days."""
    which = request.GET.get("show", "new")
    text, after = request.GET.get("q", "").strip(), request.GET.get("after", "")
    page = queries.desk_page(_body(request), which=which, text=text, after=after, now=timezone.now())
    own = {"show": which, **({"q": text} if text else {})}
    address = f"{reverse('desk_letters')}?{urlencode(own)}"
    context = {
        "page": page,
        "which": which,
        "q": text,
        "tabs": [
            {
                "label": label,
                "url": f"{reverse('desk_letters')}?{urlencode({**own, 'show': name})}",
                "current": name == which,
            }
            for name, label in TABS.items()
        ],
        "next": f"{address}&after={page.following}" if page.following else None,
        "first": address if after else None,
    }
    return render(request, "appeals/desk/queue.html", context)


@audience(OFFICER)
@require_GET
def letter(request: Asked, reference: str) -> HttpResponse:
    """/letters/desk/<reference>/: the letter, its clock and what can be done; whoever wrote sees that it was read."""
    now = timezone.now()
    letter = actions.open_(_load(request, reference), by=request.actor, now=now)
    view = queries.view(letter, now=now)
    mine = is_addressee(request.actor, letter)
    answer = queries.answer_of(letter, letter.participant) if mine else None
    context = {
        "letter": letter,
        "view": view,
        "clock": clock_of(view),
        "enclosures": queries.enclosures(letter),
        "answer": answer,
        "answer_enclosures": queries.enclosures(answer) if answer else [],
        "signs": _signs(request, answer),
        "mine": mine,
        "open": LETTER.open_to(request.actor, letter),
        "may_extend": letter.extended_at is None,
        "thread": queries.thread_of_body(letter, _body(request)),
        "events": events_of(queries.history(letter)),
    }
    return render(request, "appeals/desk/letter.html", context)


@audience(OFFICER)
@form_page
def register(request: Asked, reference: str) -> HttpResponse:
    """The letter is entered in the body's records."""
    letter = _open(request, reference, "register")
    form = RegisterForm(posted(request), initial={"study": "yes" if letter.study else None})
    if request.method == "POST" and form.is_valid():
        actions.register(letter, **form.cleaned_data, by=request.actor, now=timezone.now())
        messages.success(request, _("The letter is registered, and whoever wrote it has been told."))
        return redirect("desk_letter", reference)
    return _form(request, letter, form, "appeals/desk/register.html")


@audience(OFFICER)
@form_page
def extend(request: Asked, reference: str) -> HttpResponse:
    """More time, once, with notice of the reason."""
    letter = _open(request, reference, "extend")
    if letter.extended_at is not None:
        raise IllegalTransition
    form = ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        actions.extend(letter, reason=form.cleaned_data["reason"], by=request.actor, now=timezone.now())
        messages.success(request, _("The term is extended, and whoever wrote the letter has been told why."))
        return redirect("desk_letter", reference)
    return _form(request, letter, form, "appeals/desk/extend.html")


@audience(OFFICER)
@form_page
def forward(request: Asked, reference: str) -> HttpResponse:
    """To the body that has a say in the matter."""
    letter = _open(request, reference, "forward")
    form = ForwardForm(posted(request), without=letter.participant)
    if request.method == "POST" and form.is_valid():
        try:
            actions.forward(
                letter, to=form.chosen, reason=form.cleaned_data["reason"], by=request.actor, now=timezone.now()
            )
        except RuleViolated as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("The letter is forwarded, and whoever wrote it has been told."))
            return redirect("desk_letters")
    return _form(request, letter, form, "appeals/desk/forward.html")


@audience(OFFICER)
@form_page
def answer(request: Asked, reference: str) -> HttpResponse:
    """Writing the answer; what is typed is kept on the way."""
    letter, draft = _answering(request, reference)
    form = AnswerForm(posted(request), initial={"text": draft.text if draft else ""})
    if request.method == "POST":
        _keep(request, letter)
        if "later" in request.POST:
            messages.success(request, _("The draft of the answer is saved."))
            return redirect("desk_letter", reference)
        if form.is_valid():
            return redirect("desk_letter_files", reference)
    context = {
        "letter": letter,
        "form": form,
        "enclosures": queries.enclosures(letter),
        "save_url": reverse("desk_letter_save", args=[reference]),
    }
    return render(request, "appeals/desk/answer.html", context, status=422 if form.is_bound else 200)


@audience(OFFICER)
@require_POST
def save(request: Asked, reference: str) -> HttpResponse:
    """Keeps the answer while it is typed (a fragment that says when)."""
    letter, _draft = _answering(request, reference)
    kept = _keep(request, letter)
    return render(request, "appeals/_saved.html", {"at": timezone.now() if kept else None})


def _keep(request: Asked, letter: Letter) -> bool:
    text = request.POST.get("text", "")
    if len(text) > AnswerForm.base_fields["text"].max_length:  # type: ignore[attr-defined]
        return False
    actions.answer(letter, text=text, by=request.actor, now=timezone.now())
    return True


@audience(OFFICER)
@form_page
def files(request: Asked, reference: str) -> HttpResponse:
    """What goes with the answer."""
    return file_pages.show(request, _draft(request, reference), file_pages.ANSWER, by=request.actor)


@audience(OFFICER)
@require_POST
def remove_file(request: Asked, reference: str, number: int) -> HttpResponse:
    """The file no longer goes with the answer."""
    draft = _draft(request, reference)
    return file_pages.remove(draft, number, file_pages.ANSWER, request=request, by=request.actor)


@audience(OFFICER)
@form_page
def check(request: Asked, reference: str) -> HttpResponse:
    """The answer once more; POST has it printed for the official's signature."""
    draft = _draft(request, reference)
    violations: tuple[Any, ...] = ()
    if request.method == "POST":
        try:
            draft = actions.prepare_answer(draft, by=request.actor, now=timezone.now())
            return redirect("paper", draft.paper)
        except RuleViolated as refusal:
            violations = refusal.violations
    context = {
        "letter": draft.letter,
        "answer": draft,
        "enclosures": queries.enclosures(draft),
        "violations": [
            {"message": one.message, "url": reverse("desk_letter_answer", args=[reference])} for one in violations
        ],
    }
    return render(request, "appeals/desk/check.html", context, status=422 if violations else 200)


@audience(OFFICER)
@require_POST
def reopen(request: Asked, reference: str) -> HttpResponse:
    """The answer is a draft again."""
    letter = _load(request, reference)
    found = queries.answer_of(letter, letter.participant)
    if found is None:
        raise IllegalTransition
    actions.reopen_answer(found, by=request.actor, now=timezone.now())
    messages.success(request, _("The answer is a draft again."))
    return redirect("desk_letter", reference)


# ------------------------------------------------------------------------------------------------ inside


def _body(request: Asked) -> Participant:
    participant = request.actor.participant
    if participant is None:
        raise NotAllowed
    return participant


def _load(request: Asked, reference: str) -> Letter:
    return queries.desk_letter(_body(request), reference)


def _open(request: Asked, reference: str, name: str) -> Letter:
    """The letter, if the table lets the officer do this with it now."""
    letter = _load(request, reference)
    if name not in LETTER.open_to(request.actor, letter):
        raise IllegalTransition
    return letter


def _answering(request: Asked, reference: str) -> tuple[Letter, Answer | None]:
    letter = _load(request, reference)
    if not is_addressee(request.actor, letter) or letter.status != LetterStatus.REGISTERED:
        raise IllegalTransition
    found = queries.answer_of(letter, letter.participant)
    if found is not None and found.status != AnswerStatus.DRAFTED:
        raise IllegalTransition
    return letter, found


def _draft(request: Asked, reference: str) -> Answer:
    _letter, found = _answering(request, reference)
    if found is None:
        raise IllegalTransition
    return found


def _signs(request: Asked, answer: Answer | None) -> bool:
    """Whether the answer waits for the signature of whoever looks at it."""
    if answer is None or answer.status != AnswerStatus.PREPARED:
        return False
    return documents.paper(answer.paper).signer_id == request.actor.actor_id


def _form(request: Asked, letter: Letter, form: Any, template: str) -> HttpResponse:
    context = {"letter": letter, "form": form, "terms": terms_on(today(timezone.now()))}
    return render(request, template, context, status=422 if form.is_bound else 200)
