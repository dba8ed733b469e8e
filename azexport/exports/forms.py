"""The forms of the unified application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from stdnum import iban as iban_number
from stdnum.exceptions import ValidationError as NumberError

from azexport.documents.uploads import ask_once, media_type_of
from azexport.exports.sections import Field
from azexport.kernel import formats
from azexport.kernel.text import pick
from azexport.reference import queries as reference
from azexport.services import fields as services
from azexport.services.schema import RequiredDocument

MAX_FILE = 5 * 1024 * 1024


class QuantityForm(forms.Form):
    """How much of each contract line goes with this consignment; where there are several, a line may stay behind."""

    def __init__(
        self, *args: Any, lines: Sequence[Mapping[str, Any]], left: Mapping[int, Decimal],
        quantities: Mapping[int, Decimal], **kwargs: Any,
    ):  # fmt: skip
        """
        Args:
            lines: the contract's (`ContractLine.as_data`).
            left: line number -> what other consignments leave of it.
            quantities: line number -> what the consignment has of it so far.
        """
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            most, whole = left[line["line"]], Decimal(line["quantity"])
            name = pick({"az": line["description"], "en": line["description_en"]})
            self.fields[f"quantity_{line['line']}"] = forms.DecimalField(
                label=_("Quantity of %(good)s") % {"good": name},
                help_text=_hint(line, most, whole),
                min_value=Decimal("0.001") if len(lines) == 1 else Decimal(0),
                max_value=most,
                max_digits=16,
                decimal_places=3,
                localize=True,
                initial=quantities.get(line["line"], Decimal(0)),
                widget=forms.TextInput(attrs={"class": "govuk-input--width-10", "inputmode": "decimal"}),
                error_messages={
                    "required": _("Enter the quantity"),
                    "max_value": _("The quantity cannot be larger than in the contract: %(limit_value)s")
                    if most == whole
                    else _("The quantity cannot be larger than what is left under the contract: %(left)s")
                    % {"left": formats.number(most)},
                    "min_value": _("The quantity must be larger than zero")
                    if len(lines) == 1
                    else _("The quantity cannot be below zero"),
                },
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not any(data.values()):
            self.add_error(next(iter(self.fields)), _("The quantity must be larger than zero"))
        return data

    def quantities(self) -> dict[int, Decimal]:
        """Line number -> quantity."""
        return {line["line"]: self.cleaned_data[f"quantity_{line['line']}"] for line in self.lines}


def _hint(line: Mapping[str, Any], left: Decimal, whole: Decimal) -> str:
    said = {
        "left": formats.number(left),
        "quantity": formats.number(whole),
        "unit": pick(reference.unit(line["unit"]).symbol),
    }
    if left == whole:
        return _g("The contract has %(quantity)s %(unit)s.") % said
    return _g("The contract has %(quantity)s %(unit)s; other consignments leave %(left)s of it.") % said


class PermitsForm(forms.Form):
    """Which of the documents that are not plainly required are asked for."""

    def __init__(self, *args: Any, optional: Sequence[Any], chosen: Mapping[str, bool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.optional = optional
        for one in optional:
            service = one.regulation.service
            self.fields[service] = forms.TypedChoiceField(
                label=pick(one.regulation.name),
                help_text=pick(one.condition) if getattr(one, "condition", None) else pick(one.reason),
                choices=[("yes", _("Yes, apply for it")), ("no", _("No, it is not needed"))],
                coerce=lambda value: value == "yes",
                widget=forms.RadioSelect,
                initial={True: "yes", False: "no"}.get(chosen.get(service)) if service in chosen else None,  # type: ignore[arg-type]
                error_messages={"required": _("Say whether you apply for it")},
            )


class SectionForm(forms.Form):
    """The questions and files of one section."""

    def __init__(
        self,
        *args: Any,
        fields: Sequence[Field],
        documents: Sequence[tuple[Any, RequiredDocument]],
        attached: Mapping[tuple[str, str], Any],
        answers: Mapping[str, Any],
        countries: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asked = list(fields)
        for field in fields:
            made = services.form_field(field.asked.question, required=field.asked.required, countries=countries)
            if field.line is not None:
                good = pick({"az": field.line["description"], "en": field.line["description_en"]})
                made.label = f"{made.label} ({good})"
            value = field.value(answers)
            made.initial = {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
            if asked_by := _asked_by(field):
                hint = str(made.help_text).rstrip(".")
                made.help_text = f"{hint}. {asked_by}" if hint else asked_by
            self.fields[field.name] = made
        for row, document in documents:
            have = attached.get((row.service, document.id))
            hint = pick(document.why.text)
            if have is not None:
                attached_as = _g("Attached: %(name)s. Choose another file to replace it.") % {"name": have.name}
                hint = f"{attached_as} {hint}"
            file = self.fields[f"file__{row.service}__{document.id}"] = forms.FileField(
                label=pick(document.name.text),
                help_text=hint,
                required=document.required,
                widget=forms.FileInput(attrs={"accept": ",".join(document.media_types)}),
                error_messages={"required": _("Choose a file"), "empty": _("The file is empty; choose another")},
            )
            ask_once(file, have=have is not None)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, value in list(data.items()):
            if name.startswith("file__") and value and (problem := _file_problem(value)):
                self.add_error(name, problem)
        return data

    def answers(self) -> dict[str, Any]:
        """The valid answers by key, as JSON keeps them; per line as `{"1": …}`."""
        found: dict[str, Any] = {}
        for field in self.asked:
            if field.name not in self.cleaned_data:
                continue
            value = services.plain(self.cleaned_data[field.name])
            if field.line is None:
                found[field.asked.key] = value
            else:
                found.setdefault(field.asked.key, {})[str(field.line["line"])] = value
        return found

    def uploads(self) -> dict[tuple[str, str], Any]:
        """(service, document id) -> uploaded file, for those that were chosen."""
        chosen = {}
        for name, value in self.cleaned_data.items():
            if name.startswith("file__") and value:
                _prefix, service, item = name.split("__", 2)
                chosen[service, item] = value
        return chosen


class PromotionForm(forms.Form):
    """The note on the export promotion payment (P10.3.3(4))."""

    requested = forms.TypedChoiceField(
        label=_("Do you ask for the export promotion payment for these goods?"),
        help_text=_(
            "Regulation of the portal, clause 4.1.5: for non-oil goods the application says whether it is asked for."
        ),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect(attrs={"class": "govuk-radios--inline"}),
        error_messages={"required": _("Say whether you ask for the export promotion payment")},
    )
    bank = forms.CharField(
        label=_("Name of your bank in Azerbaijan"), required=False, max_length=120,
        help_text=_("Only if you ask for the payment: it is transferred to an account in Azerbaijan."),
    )  # fmt: skip
    iban = forms.CharField(
        label=_("IBAN of the account"), required=False, max_length=34,
        help_text=_("It begins with AZ and has 28 characters."),
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off"}),
    )  # fmt: skip

    def clean_iban(self) -> str:
        value = "".join(str(self.cleaned_data.get("iban", "")).split()).upper()
        if not value:
            return ""
        try:
            iban_number.validate(value)
        except NumberError as error:
            raise forms.ValidationError(_("This is not an IBAN: check its characters")) from error
        if not value.startswith("AZ"):
            raise forms.ValidationError(_("The account must be in Azerbaijan: its IBAN begins with AZ"))
        return value

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("requested"):
            if not data.get("bank") and "bank" not in self.errors:
                self.add_error("bank", _("Enter the name of the bank"))
            if not data.get("iban") and "iban" not in self.errors:
                self.add_error("iban", _("Enter the IBAN of the account"))
        return data

    def note(self) -> dict[str, Any]:
        """What is stored and signed."""
        if not self.cleaned_data["requested"]:
            return {"requested": False}
        return {"requested": True, "bank": self.cleaned_data["bank"], "iban": self.cleaned_data["iban"]}


def _asked_by(field: Field) -> str:
    if len(field.asked.names) < 2:
        return ""
    return _g("Asked by: %(services)s.") % {"services": "; ".join(pick(name) for name in field.asked.names)}


def _file_problem(upload: Any) -> str | None:
    """What is wrong with a file, and how to mend it (S7.4); None when it is fine."""
    if upload.size > MAX_FILE:
        return _g("The file is larger than 5 MB; scan it at a lower resolution")
    head = upload.read(16)
    upload.seek(0)
    if media_type_of(head) is None:
        return _g("The file is not a PDF, JPEG or PNG; save it as one of these and choose it again")
    return None
