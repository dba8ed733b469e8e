"""What the user adds to certificate and register."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from azexport.parties.candidates import Candidate
from azexport.parties.models import LANGUAGES


def clean_phone(value: str) -> str:
    """`+994 50 123 45 67` -> `+994501234567`; empty stays empty."""
    number = re.sub(r"[\s()\-.]", "", value)
    if number and not re.fullmatch(r"\+[0-9]{7,15}", number):
        raise ValidationError(_("Enter the telephone number with the country's code, like +994 50 123 45 67"))
    return number


class ContactForm(forms.Form):
    """Where the person is written to."""

    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("Notices about your contracts, permits and declarations are sent here."),
        error_messages={
            "required": _("Enter your e-mail address"),
            "invalid": _("Enter an e-mail address in the right form, like name@example.az"),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    phone = forms.CharField(
        label=_("Mobile telephone"),
        help_text=_("With the country's code, like +994 50 123 45 67"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "class": "govuk-input--width-20"}),
    )

    def clean_phone(self) -> str:
        return clean_phone(self.cleaned_data["phone"])


class ForeignPartnerForm(ContactForm):
    """What the certificate of a foreign partner does not say about their organisation."""

    name = forms.CharField(
        label=_("Name of the organisation"),
        max_length=200,
        error_messages={"required": _("Enter the name of the organisation")},
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    registration_number = forms.CharField(
        label=_("Registration number"),
        help_text=_("The number in the commercial register of your country"),
        max_length=80,
        error_messages={"required": _("Enter the registration number")},
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )
    address = forms.CharField(
        label=_("Address of the organisation"),
        help_text=_("Street, number, postal code and town, as it is to stand in contracts"),
        max_length=300,
        error_messages={"required": _("Enter the address of the organisation")},
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
    )
    field_order = ("name", "registration_number", "address", "email", "phone")

    def __init__(self, *args: Any, candidate: Candidate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What the certificate says is shown, not asked.
        if candidate.organisation:
            del self.fields["name"]
        if candidate.organisation_id:
            del self.fields["registration_number"]


class SettingsForm(ContactForm):
    """The member's own settings."""

    language = forms.ChoiceField(
        label=_("Language of letters and notices"),
        choices=LANGUAGES,
        widget=forms.RadioSelect(attrs={"class": "govuk-radios--inline"}),
    )
    field_order = ("language", "email", "phone")
