"""The form of a good."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from azexport.catalogue.actions import GoodData
from azexport.catalogue.models import Good
from azexport.catalogue.states import OriginCriterion
from azexport.kernel.errors import Missing
from azexport.kernel.text import both
from azexport.reference import queries as reference


class GoodForm(forms.Form):
    """All a good needs: what it is, what it is called, where it comes from."""

    hs_code = forms.CharField(
        label=_("HS code of the good"),
        help_text=_("Type the good’s name or the first digits of its code, then choose. Ten digits are accepted too."),
        error_messages={"required": _("Choose the HS code of the good")},
        widget=forms.TextInput(attrs={"data-autocomplete": "/reference/commodities", "autocomplete": "off"}),
    )
    name_az = forms.CharField(
        label=_("Name in Azerbaijani"),
        help_text=_("As it is to stand in contracts, for instance “Fındıq ləpəsi”"),
        max_length=200,
        error_messages={"required": _("Enter the name in Azerbaijani")},
    )
    name_en = forms.CharField(
        label=_("Name in English"),
        help_text=_("For partners abroad, for instance “Hazelnut kernels”"),
        max_length=200,
        error_messages={"required": _("Enter the name in English")},
    )
    description_az = forms.CharField(
        label=_("Description in Azerbaijani"),
        help_text=_("Variety, grade, size, packaging: what a buyer asks first"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 1000}),
        max_length=1000,
    )
    description_en = forms.CharField(
        label=_("Description in English"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 1000}),
        max_length=1000,
    )
    unit = forms.ChoiceField(label=_("Unit in which it is sold"))
    region = forms.ChoiceField(
        label=_("Where in Azerbaijan is it grown or made?"),
        error_messages={"required": _("Choose the economic region")},
    )
    producer = forms.CharField(
        label=_("Who produces it?"),
        help_text=_("Your own organisation, or the producer whose goods you sell"),
        max_length=200,
        error_messages={"required": _("Enter the producer’s name")},
    )
    origin_criterion = forms.ChoiceField(
        label=_("Why does it originate in Azerbaijan?"),
        choices=OriginCriterion.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why the good originates in Azerbaijan")},
    )
    made_in_azerbaijan = forms.BooleanField(
        label=_("I state that this good is made in Azerbaijan"),
        error_messages={"required": _("Only goods made in Azerbaijan are entered here. State that this one is")},
    )
    groups = (
        (_("The good"), ("hs_code", "name_az", "name_en", "description_az", "description_en", "unit")),
        (_("Its origin"), ("producer", "region", "origin_criterion", "made_in_azerbaijan")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units, regions = self.fields["unit"], self.fields["region"]
        assert isinstance(units, forms.ChoiceField)
        assert isinstance(regions, forms.ChoiceField)
        units.choices = reference.choices(reference.units())
        regions.choices = [("", _("Choose a region")), *reference.choices(reference.regions())]
        self._label_the_code()

    def _label_the_code(self) -> None:
        """What is already in the field is shown with its name."""
        code = str(self["hs_code"].value() or "")
        try:
            commodity = reference.commodity(code) if code else None
        except Missing:
            return
        if commodity is not None:
            self.fields["hs_code"].widget.attrs["data-label"] = commodity.label if len(code) == 6 else code

    def clean_hs_code(self) -> str:
        code = re.sub(r"[.\s]", "", self.cleaned_data["hs_code"])
        if not re.fullmatch(r"[0-9]{6,10}", code):
            raise ValidationError(_("Choose a code from the list, or enter 6 to 10 digits"))
        try:
            reference.commodity(code)
        except Missing as missing:
            raise ValidationError(str(missing.message)) from missing
        return code

    def data_of_good(self) -> GoodData:
        """The cleaned form."""
        given = self.cleaned_data
        return GoodData(
            hs_code=given["hs_code"],
            name=both(given["name_az"], given["name_en"]),
            description=both(given["description_az"], given["description_en"]),
            unit=given["unit"],
            region=given["region"],
            origin_criterion=given["origin_criterion"],
            producer=given["producer"],
            made_in_azerbaijan=given["made_in_azerbaijan"],
        )


def initial_of(good: Good) -> dict[str, Any]:
    """The form's first values for a good that is there already."""
    return {
        "hs_code": good.hs_code,
        "name_az": good.name.get("az", ""),
        "name_en": good.name.get("en", ""),
        "description_az": good.description.get("az", ""),
        "description_en": good.description.get("en", ""),
        "unit": good.unit_id,
        "region": good.region_id,
        "producer": good.producer,
        "origin_criterion": good.origin_criterion,
        "made_in_azerbaijan": good.made_in_azerbaijan,
    }
