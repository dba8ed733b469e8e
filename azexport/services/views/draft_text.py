"""A draft as experts and readers see it: its file, what it changes, and its form to try out."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from azexport.kernel.http import OFFICER, audience
from azexport.services import files
from azexport.services.actions.drafts import ChangedMeanwhile
from azexport.services.editor import differences, incomplete, trial
from azexport.services.editor.content import digest
from azexport.services.editor.forms import told
from azexport.services.faults import Fault, wrong
from azexport.services.files import RegulationError
from azexport.services.models import RegulationDraft
from azexport.services.queries import drafts
from azexport.services.states import DraftStatus
from azexport.services.views.editor import being_written, countries, draft_of, save

form_page = require_http_methods(["GET", "HEAD", "POST"])
PARTS = ("general", "provision", "procedures")


class FileForm(forms.Form):
    """A regulation's file from the officer's computer."""

    file = forms.FileField(
        label=_("Take the text from a file"), help_text=_("A .yaml file. You see it before anything is saved."),
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml"}), error_messages={"required": _("Choose a file")},
    )  # fmt: skip


# --- As a file


@audience(OFFICER)
@form_page
def yaml(request: HttpRequest, reference: str) -> HttpResponse:
    """The whole text as YAML, for who knows the format."""
    draft = being_written(request, reference)
    if request.method != "POST":
        return _yaml_page(request, draft, _text(draft), digest(draft.content))
    if "import" in request.POST:
        return _imported(request, draft)
    text, was = request.POST.get("text", ""), request.POST.get("was", "")
    faults, content = _read(draft, text)
    if content is None:
        return _yaml_page(request, draft, text, was, faults=faults, status=422)
    if was != digest(draft.content):
        return _yaml_page(request, draft, text, digest(draft.content), theirs=_text(draft), status=409)
    try:
        save(request, draft, content)
    except ChangedMeanwhile:
        fresh = draft_of(request, reference)
        return _yaml_page(request, fresh, text, digest(fresh.content), theirs=_text(fresh), status=409)
    messages.success(request, _("Saved."))
    return redirect("editor_yaml", reference)


def _yaml_page(
    request: HttpRequest, draft: RegulationDraft, text: str, was: str, *, faults: list[Fault] | None = None,
    theirs: str = "", status: int = 200, file_form: FileForm | None = None, taken: str = "",
) -> HttpResponse:  # fmt: skip
    context: dict[str, Any] = {
        "draft": draft, "text": text, "was": was, "faults": _told(_read(draft, text)[0] if faults is None else faults),
        "theirs": theirs, "file_form": file_form or FileForm(), "rows": min(40, text.count("\n") + 3), "taken": taken,
    }  # fmt: skip
    return render(request, "services/editor/yaml.html", context, status=status)


def _imported(request: HttpRequest, draft: RegulationDraft) -> HttpResponse:
    """The file's text stands in the page's field; nothing is saved yet."""
    form = FileForm(request.POST, request.FILES)
    was = digest(draft.content)
    if not form.is_valid():
        return _yaml_page(request, draft, request.POST.get("text", ""), was, file_form=form, status=422)
    chosen = form.cleaned_data["file"]
    try:
        if chosen.size > files.LARGEST * 4:
            raise ValueError
        text = chosen.read().decode("utf-8-sig").replace("\r\n", "\n").replace("\x00", "")
    except ValueError:
        form.add_error("file", _("The file is not a text in UTF-8, or is too large."))
        return _yaml_page(request, draft, request.POST.get("text", ""), was, file_form=form, status=422)
    return _yaml_page(request, draft, text, was, taken=chosen.name)


@audience(OFFICER)
@require_POST
def yaml_check(request: HttpRequest, reference: str) -> HttpResponse:
    """What is wrong with the text as it is being typed, line by line; nothing is kept."""
    faults, _content = _read(being_written(request, reference), request.POST.get("text", ""))
    return render(request, "services/editor/yaml_faults.html", {"faults": _told(faults)})


@audience(OFFICER)
@require_GET
def yaml_file(request: HttpRequest, reference: str) -> HttpResponse:
    """The text as it stands, as a file."""
    draft = draft_of(request, reference)
    response = HttpResponse(_text(draft), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{draft.service}.yaml"'
    return response


def _text(draft: RegulationDraft) -> str:
    return files.dump(incomplete.ordered(draft.content))


def _read(draft: RegulationDraft, text: str) -> tuple[list[Fault], dict[str, Any] | None]:
    """The faults of the text, and what it says; None where it cannot be kept at all."""
    try:
        data, lines = files.load(text)
    except RegulationError as error:
        return list(error.faults), None
    if not isinstance(data, dict) or any(not isinstance(data.get(one, {}), dict) for one in PARTS):
        return [wrong(_("the text must have the parts general, provision and procedures"))], None
    try:
        whole = json.dumps(data, default=str, allow_nan=False, ensure_ascii=False).replace("\\u0000", "")
        whole.encode()  # half a letter, which YAML can spell, is no text
        content = json.loads(whole)
    except (ValueError, TypeError):
        return [wrong(_("the text holds something that is neither text nor number"))], None
    return [_placed(fault, lines) for fault in drafts.faults(draft, content)], content


def _placed(fault: Fault, lines: dict[Any, int]) -> Fault:
    known = fault.path
    while known and known not in lines:
        known = known[:-1]
    return Fault(fault.path, fault.message, fault.clause, lines.get(known, 1))


def _told(faults: list[Fault]) -> list[dict[str, Any]]:
    return [{"line": one.line, "place": one.place, "text": told(one)} for one in faults]


# --- What it changes


@audience(OFFICER)
@require_GET
def changes(request: HttpRequest, reference: str) -> HttpResponse:
    """What the draft changes in the version it is based on, in both languages."""
    draft = draft_of(request, reference)
    based_on = draft.based_on
    compared = [differences(based_on.regulation, draft.content, one) for one in ("az", "en")] if based_on else []
    context = {"draft": draft, "based_on": based_on, "compared": compared, "written": _is_written(draft)}
    return render(request, "services/editor/differences.html", context)


def _is_written(draft: RegulationDraft) -> bool:
    return draft.status == DraftStatus.DRAFTED


# --- Tried out


@audience(OFFICER)
@form_page
def try_form(request: HttpRequest, reference: str) -> HttpResponse:
    """The applicant's form of the draft, page by page, with its conditions at work; nothing is stored."""
    draft = draft_of(request, reference)
    attempt = trial.Trial(incomplete.regulation_of(draft.content), request.POST or None, countries())
    step = attempt.step()
    context = {"draft": draft, "step": step, "form": step.form, "written": _is_written(draft)}
    if request.headers.get("HX-Request") and "reload" in request.GET:
        return render(request, "services/editor/trial_fields.html", context)
    return render(request, "services/editor/trial.html", context, status=422 if step.refused else 200)
