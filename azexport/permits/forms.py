"""What the finder asks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from azexport.kernel.errors import Missing
from azexport.permits.queries import HOME
from azexport.reference import queries as reference
from azexport.reference.models import Commodity


class FinderForm(forms.Form):
    """A good and where it goes."""

    hs = forms.CharField(
        label=_("What do you want to export?"),
        help_text=_("Type the name of the good or its HS code, and choose from the list"),
        max_length=80,
        widget=forms.TextInput(attrs={"data-autocomplete": "/reference/commodities"}),
        error_messages={"required": _("Enter the good or its HS code.")},
    )
    destination = forms.ChoiceField(
        label=_("Where to?"),
        widget=forms.Select(attrs={"data-autocomplete": "select"}),
        error_messages={
            "required": _("Choose the country of destination."),
            "invalid_choice": _("Choose the country of destination from the list."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.countries = [pair for pair in reference.choices(reference.countries()) if pair[0] != HOME]
        field = self.fields["destination"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", ""), *self.countries]

    def clean_hs(self) -> Commodity:
        """The commodity; a national code of up to ten digits is read by its first six."""
        text = str(self.cleaned_data["hs"]).split(" ")[0] if self.cleaned_data["hs"][:1].isdigit() else ""
        try:
            commodity = reference.commodity(text)
        except Missing as error:
            raise forms.ValidationError(
                _("There is no such HS code. Enter six to ten digits, or choose from the list.")
            ) from error
        if len(commodity.code) < 6:
            raise forms.ValidationError(_("Enter at least the six digits of the subheading."))
        return commodity
