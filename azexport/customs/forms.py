"""What only the exporter knows about the consignment."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from azexport.customs.models import Declaration
from azexport.customs.offices import offices
from azexport.customs.states import TransportMode
from azexport.kernel.text import pick
from azexport.reference import queries as reference


class TransportForm(forms.Form):
    transport_mode = forms.ChoiceField(
        label=_("How do the goods leave the country?"),
        choices=TransportMode.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how the goods leave the country")},
    )
    transport_identity = forms.CharField(
        label=_("Number or name of the means of transport"),
        help_text=_("Registration number of the lorry and trailer, wagon number, name of the ship or flight number"),
        max_length=60,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
        error_messages={"required": _("Enter the number or name of the means of transport")},
    )
    transport_nationality = forms.ChoiceField(
        label=_("Country where it is registered"),
        widget=forms.Select(attrs={"data-autocomplete": "select"}),
        error_messages={"required": _("Choose the country where it is registered")},
    )
    place_of_loading = forms.CharField(
        label=_("Place of loading"),
        help_text=_("Town or address where the goods are loaded, for example Şəki"),
        max_length=100,
        error_messages={"required": _("Enter the place of loading")},
    )
    exit_office = forms.ChoiceField(
        label=_("Customs office of exit"),
        help_text=_("Where the goods cross the border of Azerbaijan"),
        error_messages={"required": _("Choose the customs office of exit")},
    )

    groups = [
        (_("Means of transport"), ["transport_mode", "transport_identity", "transport_nationality"]),
        (_("Way out"), ["place_of_loading", "exit_office"]),
    ]

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        countries = reference.choices(reference.countries())
        listed = [(one.code, f"{one.code} – {pick(one.name)}") for one in offices().values() if one.open_on(today)]
        self.fields["transport_nationality"].choices = [("", _("Choose a country")), *countries]  # type: ignore[attr-defined]
        self.fields["exit_office"].choices = [("", _("Choose the office")), *listed]  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(declaration: Declaration) -> dict[str, str]:
        """What the declaration says already."""
        return {name: getattr(declaration, name) for name in TransportForm.base_fields}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        office = offices().get(data.get("exit_office", ""))
        mode = data.get("transport_mode")
        if office is not None and mode and mode not in office.modes:
            self.add_error("exit_office", _("This means of transport does not pass at this office: choose another one"))
        return data
