"""The applicant's answer to a body's request for more."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from azexport.cases.forms.filings import REMOVE, file_hint, given_file
from azexport.documents.uploads import BEGINNINGS, GivenFile, ask_once
from azexport.kernel.text import pick
from azexport.services.fields import plain

if TYPE_CHECKING:
    from azexport.cases.models import FurtherInformationRequest

PREFIX = "question_"
"""Before the id of a question, in the name of its field."""


class AnswerForm(forms.Form):
    """One field for each of the body's questions, and a file for whatever else helps; it begins with what is drafted.

    What is valid is kept even where something else is not: `answers()` and `chosen()` give what can be kept.
    """

    def __init__(self, request: FurtherInformationRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.attached = {one["item"]: one for one in request.drafted_files}
        for question in request.questions:
            if question["kind"] == "file":
                self._file(PREFIX + question["id"], question["id"], pick(question["label"]), required=True)
            else:
                self.fields[PREFIX + question["id"]] = _field(question, request.drafted_answers.get(question["id"]))
        if not any(question["kind"] == "file" for question in request.questions):
            self._file(request.ANY_FILE, request.ANY_FILE, _g("Attach a file"), required=False)

    def _file(self, name: str, item: str, label: str, *, required: bool) -> None:
        have = self.attached.get(item)
        field = self.fields[name] = forms.FileField(
            label=label, required=required,
            help_text=file_hint("", have["name"] if have else "", tuple(BEGINNINGS)),
            widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
            error_messages={
                "required": _("Answer this question of the body."), "empty": _("The file is empty; choose another"),
            },
        )  # fmt: skip
        ask_once(field, have=have is not None)
        if have is not None and not required:
            removal = _g("Remove the attached file %(name)s") % {"name": have["name"]}
            self.fields[REMOVE + item] = forms.BooleanField(label=removal, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self._given: dict[str, GivenFile] = {}
        for name, value in list(cleaned.items()):
            if isinstance(value, UploadedFile):
                try:
                    self._given[name.removeprefix(PREFIX)] = given_file(value, tuple(BEGINNINGS))
                except forms.ValidationError as error:
                    self.add_error(name, error)
        self._kept = {
            one["id"]: plain(cleaned[PREFIX + one["id"]])
            for one in self.request.questions
            if one["kind"] != "file" and PREFIX + one["id"] in cleaned
        }
        return cleaned

    def answers(self) -> dict[str, Any]:
        """The valid answers by question id, as JSON keeps them."""
        return self._kept

    def chosen(self) -> dict[str, GivenFile]:
        """The valid files that were chosen, by item."""
        return self._given

    def removed(self) -> list[str]:
        """The items whose files are to be taken away; a file chosen in its place stays."""
        ticked = [name[len(REMOVE) :] for name, value in self.cleaned_data.items() if name.startswith(REMOVE) and value]
        return [item for item in ticked if item not in self._given]


def _field(question: Mapping[str, Any], drafted: Any) -> forms.Field:
    common: dict[str, Any] = {
        "label": pick(question["label"]),
        "error_messages": {"required": _("Answer this question of the body.")},
        "initial": _begins_with(question["kind"], drafted),
    }
    match question["kind"]:
        case "long_text":
            area = forms.Textarea(attrs={"rows": 5, "maxlength": 4000})
            return forms.CharField(max_length=4000, widget=area, **common)
        case "number":
            return forms.DecimalField(localize=True, max_digits=18, **common)
        case "date":
            return forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **common)
        case "boolean":
            return forms.TypedChoiceField(
                choices=[("true", _("Yes")), ("false", _("No"))], coerce=lambda value: value == "true",
                widget=forms.RadioSelect(attrs={"class": "govuk-radios--inline"}), **common,
            )  # fmt: skip
        case _:
            return forms.CharField(max_length=1000, **common)


def _begins_with(kind: str, drafted: Any) -> Any:
    if isinstance(drafted, bool):
        return "true" if drafted else "false"
    return Decimal(drafted) if kind == "number" and drafted else drafted
