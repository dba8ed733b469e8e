"""The questions of the contract wizard, one form a page."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from azexport.contracts.models import Contract, ContractLine
from azexport.contracts.states import Disputes, GoverningLaw, PaymentTerms
from azexport.kernel.errors import Missing
from azexport.kernel.formats import number
from azexport.kernel.text import both, pick
from azexport.reference import queries as reference

LARGEST_AMOUNT = Decimal(10) ** 12
"""Of one line: the total of a contract, and its value in manats, must find room in the database."""


class SectionForm(forms.Form):
    """One section of a draft: its fields are attributes of the contract."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    @classmethod
    def initial_of(cls, contract: Contract) -> dict[str, Any]:
        """What the contract says already."""
        return {name: getattr(contract, name) for name in cls.base_fields}

    def values(self) -> dict[str, Any]:
        """What `actions.answer` keeps."""
        return dict(self.cleaned_data)


class NumberForm(SectionForm):
    number = forms.CharField(
        label=_("Your own contract number"),
        help_text=_("If you leave it empty, the portal's reference is the number."),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )
    place = forms.CharField(
        label=_("Place where the contract is made"),
        help_text=_("For example, Şəki"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )


class BuyerStatedForm(SectionForm):
    """A part of what is stated about the buyer: its fields are keys of `buyer_stated`."""

    @classmethod
    def initial_of(cls, contract: Contract) -> dict[str, Any]:
        return {name: contract.buyer_stated.get(name, "") for name in cls.base_fields}

    def values(self) -> dict[str, Any]:
        return {"buyer_stated": dict(self.cleaned_data)}


class BuyerForm(BuyerStatedForm):
    name = forms.CharField(
        label=_("Name of the company"),
        help_text=_("As it stands in its register, for example Weber Nuss GmbH"),
        max_length=200,
        error_messages={"required": _("Enter the name of the company")},
    )
    country = forms.ChoiceField(
        label=_("Country"),
        widget=forms.Select(attrs={"data-autocomplete": "select"}),
        error_messages={"required": _("Choose the country")},
    )
    address = forms.CharField(
        label=_("Address"),
        help_text=_("Street, postcode and town"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Enter the address")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        abroad = [one for one in reference.choices(reference.countries()) if one[0] != "AZ"]
        self.fields["country"].choices = [("", _("Choose a country")), *abroad]  # type: ignore[attr-defined]


class ContactForm(BuyerStatedForm):
    contact = forms.CharField(
        label=_("Who signs for the buyer"),
        help_text=_("First name and surname"),
        max_length=120,
        error_messages={"required": _("Enter the name of who signs")},
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("We send the invitation to sign here, once you have signed."),
        max_length=200,
        error_messages={
            "required": _("Enter the e-mail address"),
            "invalid": _("Enter an e-mail address like name@example.com"),
        },
    )


class CurrencyForm(SectionForm):
    currency = forms.ChoiceField(
        label=_("Currency of the price"),
        widget=forms.Select(attrs={"data-autocomplete": "select"}),
        error_messages={"required": _("Choose the currency")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = ("EUR", "USD", "AZN")
        listed = reference.choices(reference.currencies(), codes=True)
        ordered = sorted(listed, key=lambda one: (first.index(one[0]) if one[0] in first else len(first), one[0]))
        self.fields["currency"].choices = [("", _("Choose a currency")), *ordered]  # type: ignore[attr-defined]


class DeliveryForm(SectionForm):
    incoterm = forms.ChoiceField(
        label=_("Delivery terms (Incoterms 2020)"),
        help_text=_("They say who pays for carriage and insurance, and where the risk passes."),
        error_messages={"required": _("Choose the delivery terms")},
    )
    incoterm_place = forms.CharField(
        label=_("Named place"),
        help_text=_("The place or port the terms refer to, for example Hamburg"),
        max_length=100,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
        error_messages={"required": _("Enter the named place")},
    )
    delivery_by = forms.DateField(
        label=_("Latest date of delivery"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "govuk-input--width-10"}),
        error_messages={
            "required": _("Enter the latest date of delivery"),
            "invalid": _("Enter a real date"),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = reference.choices(reference.incoterms(), codes=True)
        self.fields["incoterm"].choices = [("", _("Choose the terms")), *listed]  # type: ignore[attr-defined]

    def clean_delivery_by(self) -> date:
        chosen: date = self.cleaned_data["delivery_by"]
        if chosen < self.today:
            raise forms.ValidationError(_("The date of delivery must be today or later"))
        return chosen


class PaymentForm(SectionForm):
    payment_terms = forms.ChoiceField(
        label=_("How is the price paid?"),
        choices=PaymentTerms.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how the price is paid")},
    )
    payment_percent = forms.IntegerField(
        label=_("Part paid before shipment"),
        help_text=_("Only where part is paid before shipment"),
        required=False,
        validators=[MinValueValidator(1), MaxValueValidator(99)],
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3", "data-suffix": "%"}),
    )
    payment_days = forms.IntegerField(
        label=_("Days until payment"),
        help_text=_("After delivery, or after the shipping documents where payment is against documents"),
        required=False,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )
    payment_text = forms.CharField(
        label=_("Anything else agreed about payment"),
        help_text=_("It is printed as you write it, in both columns: write it in a language both parties read."),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        terms = data.get("payment_terms")
        if terms != PaymentTerms.PART_ADVANCE:
            data["payment_percent"] = None
        elif data.get("payment_percent") is None and "payment_percent" not in self.errors:
            self.add_error("payment_percent", _("Enter what part is paid before shipment, 1 to 99"))
        unknown = data.get("payment_days") is None and "payment_days" not in self.errors
        if terms == PaymentTerms.OPEN_ACCOUNT and unknown:
            self.add_error("payment_days", _("Enter the number of days until payment"))
        if terms in (PaymentTerms.ADVANCE, PaymentTerms.LETTER_OF_CREDIT):
            data["payment_days"] = None
        return data


class LawForm(SectionForm):
    governing_law = forms.ChoiceField(
        label=_("Which law governs the contract?"),
        choices=GoverningLaw.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the governing law")},
    )
    disputes = forms.ChoiceField(
        label=_("Who decides disputes that the parties cannot settle?"),
        choices=Disputes.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who decides disputes")},
    )


class ChooseGoodForm(forms.Form):
    """Which of the seller's own goods the line is about."""

    good = forms.ChoiceField(
        label=_("Which goods do you sell?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the goods, or other goods")},
    )
    OTHER = "other"

    def __init__(self, *args: Any, goods: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["good"].choices = [*goods, (self.OTHER, _("Other goods"))]  # type: ignore[attr-defined]


def _amount(
    label: Any, when_missing: Any, *, places: int = 3, suffix: Any = "", help_text: Any = "", **more: Any
) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        help_text=help_text,
        max_digits=16,
        decimal_places=places,
        min_value=Decimal(1).scaleb(-places),
        localize=True,
        widget=forms.TextInput(
            attrs={
                "class": "govuk-input--width-10",
                "inputmode": "decimal",
                **({"data-suffix": suffix} if suffix else {}),
            }
        ),
        error_messages={
            "required": when_missing,
            "invalid": _("Enter a number, like 20000 or 12.5"),
            "min_value": _("Enter a number above zero"),
        },
        **more,
    )


class LineForm(forms.Form):
    """One line of goods."""

    hs = forms.CharField(
        label=_("HS code"),
        help_text=_("Begin to type the goods' name or the code: at least six digits."),
        max_length=13,
        widget=forms.TextInput(attrs={"data-autocomplete": "/reference/commodities", "class": "govuk-input--width-20"}),
        error_messages={"required": _("Enter the HS code")},
    )
    description_az = forms.CharField(
        label=_("Description in Azerbaijani"),
        help_text=_("For example, qabığı təmizlənmiş fındıq, 2026-cı il məhsulu"),
        max_length=300,
        error_messages={"required": _("Describe the goods in Azerbaijani")},
    )
    description_en = forms.CharField(
        label=_("Description in English"),
        help_text=_("For example, shelled hazelnuts, crop 2026"),
        max_length=300,
        error_messages={"required": _("Describe the goods in English")},
    )
    quantity = _amount(_("Quantity"), _("Enter the quantity"))
    unit = forms.ChoiceField(label=_("Unit"), error_messages={"required": _("Choose the unit")})
    price = _amount(_("Price for one unit"), _("Enter the price"), places=4)
    net_kg = _amount(
        _("Net weight"),
        "",
        suffix=_("kg"),
        required=False,
        help_text=_("Leave it empty where the unit is one of weight: it is the quantity then."),
    )
    gross_kg = _amount(
        _("Gross weight"), _("Enter the gross weight"), suffix=_("kg"), help_text=_("With the packaging")
    )
    packages = forms.IntegerField(
        label=_("Number of packages"),
        min_value=1,
        max_value=10_000_000,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "numeric"}),
        error_messages={
            "required": _("Enter the number of packages"),
            "invalid": _("Enter a whole number"),
            "min_value": _("Enter a number above zero"),
        },
    )
    package_kind = forms.ChoiceField(
        label=_("Kind of package"), error_messages={"required": _("Choose the kind of package")}
    )

    groups = [
        (_("The goods"), ["hs", "description_az", "description_en"]),
        (_("Quantity and price"), ["quantity", "unit", "price"]),
        (_("Weight and packages"), ["net_kg", "gross_kg", "packages", "package_kind"]),
    ]

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = {unit.pk: unit for unit in reference.units()}
        units = [("", _("Choose the unit")), *reference.choices(self.units.values())]
        kinds = [("", _("Choose the kind")), *reference.choices(reference.package_kinds())]
        self.fields["unit"].choices = units  # type: ignore[attr-defined]
        self.fields["package_kind"].choices = kinds  # type: ignore[attr-defined]
        if currency:
            self.fields["price"].widget.attrs["data-suffix"] = currency
        if code := (self.data.get("hs") if self.is_bound else self.initial.get("hs")):
            self.fields["hs"].widget.attrs["data-label"] = _commodity_label(code)

    @staticmethod
    def initial_of(line: ContractLine) -> dict[str, Any]:
        """What the line says already."""
        return {
            "hs": line.hs,
            "description_az": line.description.get("az", ""),
            "description_en": line.description.get("en", ""),
            "quantity": line.quantity.normalize(),
            "unit": line.unit,
            "price": line.price.normalize(),
            "net_kg": line.net_kg.normalize(),
            "gross_kg": line.gross_kg.normalize(),
            "packages": line.packages,
            "package_kind": line.package_kind,
        }

    def clean_hs(self) -> str:
        digits = "".join(character for character in self.cleaned_data["hs"] if character.isdigit())
        if len(digits) < 6:
            raise forms.ValidationError(_("Enter at least six digits of the HS code"))
        try:
            reference.commodity(digits)
        except Missing as error:
            raise forms.ValidationError(_("Choose an HS code from the list")) from error
        return digits

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._weigh(data)
        quantity, price = data.get("quantity"), data.get("price")
        if quantity and price and quantity * price > LARGEST_AMOUNT:
            self.add_error("price", MaxValueValidator.message % {"limit_value": number(LARGEST_AMOUNT / quantity)})
        net, gross = data.get("net_kg"), data.get("gross_kg")
        if net is not None and gross is not None and gross < net:
            self.add_error("gross_kg", _("The gross weight cannot be below the net weight"))
        return data

    def _weigh(self, data: dict[str, Any]) -> None:
        unit, quantity = self.units.get(data.get("unit", "")), data.get("quantity")
        if "net_kg" in self.errors or unit is None or quantity is None:
            return
        if unit.kilograms is None:
            if data.get("net_kg") is None:
                self.add_error("net_kg", _("Enter the net weight"))
            return
        weight = (quantity * unit.kilograms).quantize(Decimal("0.001"))
        if not weight:
            self.add_error("quantity", self.fields["quantity"].error_messages["min_value"])
        if data.get("net_kg") is None:
            data["net_kg"] = weight
        elif data["net_kg"] != weight:
            self.add_error("net_kg", _("The net weight must be the same as the quantity, or leave it empty"))

    def values(self) -> dict[str, Any]:
        """What `actions.save_line` keeps."""
        data = dict(self.cleaned_data)
        data["description"] = both(data.pop("description_az").strip(), data.pop("description_en").strip())
        return data


def _commodity_label(code: str) -> str:
    try:
        return f"{code} {pick(reference.commodity(code).name)}"
    except Missing:
        return code


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=_("Why do you decline the contract?"),
        help_text=_("The seller reads this and can send you a new version."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": 1000}),
        error_messages={"required": _("Say why you decline the contract")},
    )


class InviteForm(forms.Form):
    email = forms.EmailField(
        label=_("Send the invitation to"),
        max_length=200,
        error_messages={
            "required": _("Enter the e-mail address"),
            "invalid": _("Enter an e-mail address like name@example.com"),
        },
    )


SECTIONS: dict[str, tuple[Any, type[SectionForm]]] = {
    "buyer": (_("The buyer"), BuyerForm),
    "contact": (_("Who signs for the buyer"), ContactForm),
    "number": (_("Contract number and place"), NumberForm),
    "currency": (_("Currency"), CurrencyForm),
    "delivery": (_("Delivery"), DeliveryForm),
    "payment": (_("Payment"), PaymentForm),
    "law": (_("Law and disputes"), LawForm),
}
