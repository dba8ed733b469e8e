"""The form of the verification page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from azexport.documents import queries


class CodeForm(forms.Form):
    """A verification code as it stands on paper. Valid when a document has it."""

    code = forms.CharField(
        label=_("Verification code"),
        help_text=_("12 letters and digits, printed under the QR code of every document. For example, 7K3M-9XQ2-0ABC"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"class": "govuk-input--width-20", "autocomplete": "off", "spellcheck": "false"},
        ),
        error_messages={"required": _("Enter the verification code")},
    )

    def clean_code(self) -> str:
        document = queries.by_code(self.cleaned_data["code"])
        if document is None:
            raise forms.ValidationError(_("No document has this code. Check every letter and digit"))
        return str(document.code)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
