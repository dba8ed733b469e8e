"""The questions on the pages of letters."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from azexport.appeals import queries
from azexport.documents.uploads import GivenFile, media_type_of
from azexport.kernel.text import pick
from azexport.participants.models import Participant

LARGEST = 10 * 1024 * 1024
LONGEST = 20_000


class BodyForm(forms.Form):
    """Which body a letter goes to."""

    body = forms.ChoiceField(
        label=_("Which body do you write to?"),
        help_text=_("Begin to type its name."),
        widget=forms.Select(attrs={"data-autocomplete": "select"}),
        error_messages={"required": _("Choose the body"), "invalid_choice": _("Choose a body from the list")},
    )

    def __init__(self, *args: Any, without: Participant | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bodies = {one.code: one for one in queries.bodies() if without is None or one.pk != without.pk}
        named = sorted(((code, pick(one.name)) for code, one in self.bodies.items()), key=lambda row: row[1])
        self.fields["body"].choices = [("", _("Choose a body")), *named]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Participant:
        return self.bodies[self.cleaned_data["body"]]


class LetterForm(forms.Form):
    """What the letter says."""

    matter = forms.CharField(
        label=_("What is the letter about?"),
        help_text=_("In one line, for example: time of the office’s reception hours"),
        max_length=200,
        error_messages={"required": _("Say in a line what the letter is about")},
    )
    text = forms.CharField(
        label=_("Your letter"),
        help_text=_("Your name, address and number are added by the portal. An empty line begins a new paragraph."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 14, "maxlength": LONGEST}),
        error_messages={"required": _("Write the letter")},
    )


class DraftForm(LetterForm):
    """The same for what is saved on the way: nothing is demanded yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False


class FileForm(forms.Form):
    """One file to enclose."""

    file = forms.FileField(
        label=_("Enclose a file"),
        help_text=_("PDF, JPEG or PNG, at most 10 MB"),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={"required": _("Choose a file"), "empty": _("The file is empty. Choose another one.")},
    )

    def clean_file(self) -> GivenFile:
        """Says how to mend a file that cannot be taken (S7.4)."""
        upload: UploadedFile[Any] = self.cleaned_data["file"]
        if (upload.size or 0) > LARGEST:
            raise forms.ValidationError(_("The file is larger than 10 MB. Reduce it and choose it again."))
        content = upload.read()
        media_type = media_type_of(content)
        if media_type is None:
            raise forms.ValidationError(
                _("The file is not a PDF, JPEG or PNG. Save it in one of these formats and choose it again.")
            )
        return GivenFile(name=(upload.name or "file")[-120:], media_type=media_type, content=content)


class RegisterForm(forms.Form):
    """How the body enters the letter in its records."""

    number = forms.CharField(
        label=_("Number in your own records"),
        help_text=_("If you keep none, the portal’s number is enough."),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )
    study = forms.TypedChoiceField(
        label=_("Does the question need study?"),
        choices=[("no", _("No")), ("yes", _("Yes"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect(attrs={"class": "govuk-radios--inline"}),
        error_messages={"required": _("Say whether the question needs study")},
    )


class ReasonForm(forms.Form):
    """Why a term is extended."""

    reason = forms.CharField(
        label=_("Why do you need more time?"),
        help_text=_("Whoever wrote the letter reads this. Write in the language of the letter."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 1000}),
        error_messages={"required": _("Give the reason")},
    )


class ForwardForm(BodyForm):
    """Where a letter goes instead, and why."""

    reason = forms.CharField(
        label=_("Why does it go there?"),
        help_text=_("Whoever wrote the letter reads this. Write in the language of the letter."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 1000}),
        error_messages={"required": _("Give the reason")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].label = _("Which body has a say in the matter?")


class AnswerForm(forms.Form):
    """What the body answers."""

    text = forms.CharField(
        label=_("The answer"),
        help_text=_("Answer every question of the letter, in its language. An empty line begins a new paragraph."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 14, "maxlength": LONGEST}),
        error_messages={"required": _("Write the answer")},
    )
