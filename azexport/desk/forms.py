"""What an officer fills in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from azexport.cases.states import StepOutcome
from azexport.kernel.text import Text, both, pick
from azexport.parties.states import Role

if TYPE_CHECKING:
    from azexport.services.schema import Step

MOST_QUESTIONS = 10
UNTICKED = _("Tick everything on the checklist before you finish the step")
KINDS = [
    ("text", _("A short text")),
    ("long_text", _("A long text")),
    ("number", _("A number")),
    ("date", _("A date")),
    ("boolean", _("Yes or no")),
    ("file", _("A file")),
]


def area(rows: int = 4, longest: int = 2000) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "maxlength": longest})


def day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "govuk-input--width-10"}),
        **more,
    )


class StepForm(forms.Form):
    """How a step ended: its checklist, for another body its opinion, and a note."""

    def __init__(self, *args: Any, step: Step, own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step, self.own = step, own
        if step.checklist:
            self.fields["checklist"] = forms.MultipleChoiceField(
                label=_("Checklist"),
                choices=[(one.id, f"{pick(one.text.text)} ({one.clause})") for one in step.checklist],
                widget=forms.CheckboxSelectMultiple,
                required=own,
                error_messages={"required": UNTICKED},
            )
        if not own:
            self.fields["outcome"] = forms.ChoiceField(
                label=_("Your body’s opinion"),
                choices=[(StepOutcome.AGREED, _("It agrees")), (StepOutcome.OBJECTED, _("It objects"))],
                widget=forms.RadioSelect,
                error_messages={"required": _("Say whether your body agrees or objects")},
            )
        self.fields["note"] = forms.CharField(
            label=_("Note") if own else _("Reasons"),
            help_text=_("The applicant reads it too."),
            max_length=2000,
            required=False,
            widget=area(3),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        objects = data.get("outcome") == StepOutcome.OBJECTED
        if objects and not data.get("note", "").strip():
            self.add_error("note", _("Say why the body objects"))
        ticked = len(data.get("checklist") or ())
        if not objects and ticked < len(self.step.checklist) and "checklist" not in self.errors:
            self.add_error("checklist", UNTICKED)
        return data

    @property
    def outcome(self) -> str:
        return StepOutcome.DONE if self.own else str(self.cleaned_data["outcome"])

    @property
    def ticks(self) -> dict[str, bool]:
        """Item id -> whether it is ticked."""
        ticked = set(self.cleaned_data.get("checklist") or ())
        return {one.id: one.id in ticked for one in self.step.checklist}


class AskForm(forms.Form):
    """The officer's own questions to the applicant, as many as they need, and why (S7.4)."""

    reason_az = forms.CharField(
        label=_("Why do you need it? In Azerbaijani"), max_length=2000, widget=area(3),
        error_messages={"required": _("Say in Azerbaijani why you need it")},
    )  # fmt: skip
    reason_en = forms.CharField(label=_("In English"), max_length=2000, required=False, widget=area(3))

    def __init__(self, *args: Any, count: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count = min(max(count, 1), MOST_QUESTIONS)
        self.groups: list[tuple[Any, list[str]]] = []
        for number in range(1, self.count + 1):
            self._question(number)
        self.groups.append((_("Reason"), ["reason_az", "reason_en"]))

    def _question(self, number: int) -> None:
        names = [f"az_{number}", f"en_{number}", f"kind_{number}"]
        self.fields[names[0]] = forms.CharField(
            label=_("The question in Azerbaijani"), max_length=500, required=number == 1, widget=area(2, 500),
            error_messages={"required": _("Write the question in Azerbaijani")},
        )  # fmt: skip
        self.fields[names[1]] = forms.CharField(
            label=_("In English"), max_length=500, required=False, widget=area(2, 500)
        )
        self.fields[names[2]] = forms.ChoiceField(
            label=_("What does the applicant answer with?"), choices=KINDS, initial="text"
        )
        self.groups.append((_("Question %(number)s") % {"number": number}, names))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for number in range(2, self.count + 1):
            if data.get(f"en_{number}") and not data.get(f"az_{number}"):
                self.add_error(f"az_{number}", _("Write the question in Azerbaijani"))
        return data

    @property
    def questions(self) -> list[dict[str, Any]]:
        """Those that were written, as `request_information` takes them."""
        texts = {n: _in_both(self.cleaned_data, f"az_{n}", f"en_{n}") for n in range(1, self.count + 1)}
        return [
            {"id": f"q{number}", "label": text, "kind": self.cleaned_data[f"kind_{number}"]}
            for number, text in texts.items()
            if text
        ]

    @property
    def reason(self) -> Text:
        return _in_both(self.cleaned_data, "reason_az", "reason_en")


class GroundsForm(forms.Form):
    """On which of the regulation's grounds (S-A1 3.3.1)."""

    grounds = forms.MultipleChoiceField(
        label=_("On which grounds do you refuse?"),
        help_text=_("The regulation names them; there are no others."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one ground")},
    )

    def __init__(self, *args: Any, grounds: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grounds"].choices = [  # type: ignore[attr-defined]
            (one.id, f"{pick(one.text.text)} ({one.clause})") for one in grounds
        ]


class ExplainForm(forms.Form):
    """Each ground, explained for this case."""

    def __init__(self, *args: Any, grounds: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.grounds = grounds
        self.groups = []
        for one in grounds:
            names = [f"az_{one.id}", f"en_{one.id}"]
            self.fields[names[0]] = forms.CharField(
                label=_("What does it mean in this case? In Azerbaijani"), max_length=2000, widget=area(),
                error_messages={"required": _("Explain the ground in Azerbaijani")},
            )  # fmt: skip
            self.fields[names[1]] = forms.CharField(
                label=_("In English"), max_length=2000, required=False, widget=area()
            )
            self.groups.append((pick(one.text.text), names))

    @property
    def explained(self) -> list[dict[str, Any]]:
        """As `refuse` takes them."""
        return [
            {"ground": one.id, "explanation": _in_both(self.cleaned_data, f"az_{one.id}", f"en_{one.id}")}
            for one in self.grounds
        ]


class GrantForm(forms.Form):
    """How long the result holds, and what is remarked on it."""

    valid_from = day(
        _("Valid from"), error_messages={"required": _("Enter the first day"), "invalid": _("Enter a real date")}
    )
    valid_until = day(
        _("Valid until"), help_text=_("Leave it empty where it holds without end."), required=False,
        error_messages={"invalid": _("Enter a real date")},
    )  # fmt: skip
    remarks_az = forms.CharField(label=_("Remarks in Azerbaijani"), max_length=2000, required=False, widget=area(3))
    remarks_en = forms.CharField(label=_("Remarks in English"), max_length=2000, required=False, widget=area(3))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("valid_from"), data.get("valid_until")
        if first and last and last < first:
            self.add_error("valid_until", _("The last day cannot be before the first"))
        return data

    @property
    def remarks(self) -> Text:
        return _in_both(self.cleaned_data, "remarks_az", "remarks_en")

    @staticmethod
    def initial_of(first: date, last: date | None) -> dict[str, Any]:
        """What the regulation gives."""
        return {"valid_from": first, "valid_until": last}


class UpperField(forms.CharField):
    """Letters in whatever case somebody types them."""

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        return text.upper() if text else text


class OfficerForm(forms.Form):
    """Who works for the body, as what, and where they are written to."""

    given_name = forms.CharField(
        label=_("First name"), max_length=120, error_messages={"required": _("Enter the first name")}
    )
    surname = forms.CharField(label=_("Surname"), max_length=120, error_messages={"required": _("Enter the surname")})
    fin = UpperField(
        label=_("FİN"),
        help_text=_("Seven letters and digits, as on the identity card. The certificate must carry the same."),
        max_length=7,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10"}),
        validators=[RegexValidator(r"^[0-9A-HJ-NP-Z]{7}$", _("A FİN has seven letters and digits, without I and O"))],
        error_messages={"required": _("Enter the FİN")},
    )
    position_az = forms.CharField(
        label=_("Position in Azerbaijani"), max_length=200, error_messages={"required": _("Enter the position")}
    )
    position_en = forms.CharField(
        label=_("Position in English"), max_length=200, error_messages={"required": _("Enter the position in English")}
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=200,
        error_messages={
            "required": _("Enter the e-mail address"), "invalid": _("Enter an e-mail address like name@example.com")
        },
    )  # fmt: skip
    role = forms.ChoiceField(
        label=_("What may they do?"),
        choices=[
            (Role.OFFICER, _("Deal with cases, decide and sign what they decide")),
            (Role.HEAD, _("The same, and sign for the body and appoint officers")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what they may do")},
    )

    def __init__(self, *args: Any, known: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if (
            known
        ):  # who a person is, and where they are written to in all their own matters, is not the head's to change
            for name in ("given_name", "surname", "fin", "email"):
                del self.fields[name]

    @property
    def position(self) -> Text:
        return both(self.cleaned_data["position_az"], self.cleaned_data["position_en"])


class EntryForm(forms.Form):
    """Why an entry of a public register is decided about, and on which legal ground; anybody may read it."""

    reason_az = forms.CharField(
        label=_("Reason in Azerbaijani"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 2000}),
        help_text=_("Anybody can read it in the register: write no personal data."),
        error_messages={"required": _("Write the reason in Azerbaijani")},
    )
    reason_en = forms.CharField(
        label=_("Reason in English"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 2000}),
        error_messages={"required": _("Write the reason in English")},
    )
    ground_az = forms.CharField(
        label=_("Legal ground in Azerbaijani"),
        max_length=300,
        help_text=_("The act, the article and its part."),
        error_messages={"required": _("Enter the legal ground in Azerbaijani")},
    )
    ground_en = forms.CharField(
        label=_("Legal ground in English"),
        max_length=300,
        error_messages={"required": _("Enter the legal ground in English")},
    )

    @property
    def reason(self) -> Text:
        return both(self.cleaned_data["reason_az"].strip(), self.cleaned_data["reason_en"].strip())

    @property
    def ground(self) -> Text:
        return both(self.cleaned_data["ground_az"].strip(), self.cleaned_data["ground_en"].strip())


def _in_both(data: Mapping[str, Any], az: str, en: str) -> Text:
    """The text in the languages it was written in; empty where there is no Azerbaijani one."""
    given = {"az": str(data.get(az) or "").strip(), "en": str(data.get(en) or "").strip()}
    return {language: text for language, text in given.items() if text} if given["az"] else {}
