"""The files of a draft: one page for what goes with a letter and with its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from azexport.appeals import actions, queries
from azexport.appeals.forms import FileForm
from azexport.appeals.models import Answer, Letter
from azexport.kernel.errors import Missing, RuleViolated

if TYPE_CHECKING:
    from azexport.parties.models import Member


@dataclass(frozen=True)
class Way:
    """Names of the addresses that the page stands between; each takes the letter's reference."""

    here: str
    remove: str
    back: str
    onward: str


LETTER = Way("letter_files", "letter_remove_file", "letter_edit", "letter_check")
ANSWER = Way("desk_letter_files", "desk_letter_remove_file", "desk_letter_answer", "desk_letter_check")


def show(request: HttpRequest, draft: Letter | Answer, way: Way, *, by: Member) -> HttpResponse:
    """What goes with the draft; POST encloses one more."""
    letter = _letter_of(draft)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_valid():
        try:
            actions.enclose(draft, file=form.cleaned_data["file"], by=by, now=timezone.now())
        except RuleViolated as refusal:
            form.add_error("file", str(refusal.message))
        else:
            return redirect(way.here, letter.reference)
    context = {
        "form": form,
        "letter": letter,
        "rows": [
            {"file": one, "remove": reverse(way.remove, args=[letter.reference, number])}
            for number, one in enumerate(queries.enclosures(draft), start=1)
        ],
        "back": reverse(way.back, args=[letter.reference]),
        "onward": reverse(way.onward, args=[letter.reference]),
    }
    return render(request, "appeals/files.html", context, status=422 if form.errors else 200)


def remove(draft: Letter | Answer, number: int, way: Way, *, request: HttpRequest, by: Member) -> HttpResponse:
    """The file of that number on the page no longer goes with the draft. Raises Missing."""
    rows = queries.enclosures(draft)
    if not 1 <= number <= len(rows):
        raise Missing
    actions.take_out(draft, enclosure=rows[number - 1], by=by, now=timezone.now())
    messages.success(request, _("The file was removed."))
    return redirect(way.here, _letter_of(draft).reference)


def _letter_of(draft: Letter | Answer) -> Letter:
    return draft if isinstance(draft, Letter) else draft.letter
