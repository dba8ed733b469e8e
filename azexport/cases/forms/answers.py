"""The applicant's answer to a body's request for more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from azexport.cases.actions import SuppliedFile
from azexport.documents.uploads import media_type_of
from azexport.kernel.text import pick
from azexport.services.fields import plain

LARGEST = 10 * 1024 * 1024
EXTRA = "supplied_file"


def supplied(upload: UploadedFile[Any]) -> SuppliedFile:
    """The upload as bytes with the type its content shows.

    Raises:
        forms.ValidationError: too large, or no PDF, JPEG or PNG; says how to mend it (S7.4).
    """
    if (upload.size or 0) > LARGEST:
        raise forms.ValidationError(_("The file is larger than 10 MB. Reduce it and choose it again."))
    content = upload.read()
    upload.seek(0)
    media_type = media_type_of(content)
    if media_type is None:
        raise forms.ValidationError(
            _("The file is not a PDF, JPEG or PNG. Save it in one of these formats and choose it again.")
        )
    return SuppliedFile(name=(upload.name or "file")[:120], media_type=media_type, content=content)


class AnswerForm(forms.Form):
    """One field for each of the body's questions, and a file for whatever else helps."""

    def __init__(self, questions: Sequence[Mapping[str, Any]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for question in questions:
            self.fields[self.name_of(question)] = _field(question)
        if not any(question["kind"] == "file" for question in questions):
            self.fields[EXTRA] = forms.FileField(
                label=_("Attach a file"), required=False, help_text=_("PDF, JPEG or PNG, at most 10 MB"),
                widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
            )  # fmt: skip

    @staticmethod
    def name_of(question: Mapping[str, Any]) -> str:
        return f"question_{question['id']}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.files_given: list[SuppliedFile] = []
        for name, value in list(cleaned.items()):
            if isinstance(value, UploadedFile):
                try:
                    self.files_given.append(supplied(value))
                except forms.ValidationError as error:
                    self.add_error(name, error)
        return cleaned

    @property
    def answers(self) -> dict[str, Any]:
        """Question id -> answer, as JSON; a file is answered by its name."""
        given = {}
        for question in self.questions:
            value = self.cleaned_data.get(self.name_of(question))
            given[question["id"]] = value.name if isinstance(value, UploadedFile) else plain(value)
        return given


def _field(question: Mapping[str, Any]) -> forms.Field:
    common: dict[str, Any] = {
        "label": pick(question["label"]),
        "error_messages": {"required": _("Answer this question of the body.")},
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
        case "file":
            common["help_text"] = _("PDF, JPEG or PNG, at most 10 MB")
            return forms.FileField(widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}), **common)
        case _:
            return forms.CharField(max_length=1000, **common)
