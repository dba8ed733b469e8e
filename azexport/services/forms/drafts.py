"""What officers state about a draft beside its text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from azexport.kernel.formats import date_
from azexport.kernel.text import Text, pick
from azexport.services.models import RegulationVersion
from azexport.services.queries.drafts import Body

WAYS = (
    ("blank", _("A new service, written from the model form")),
    ("copy", _("A new service, after a regulation in force")),
    ("version", _("A new version of a regulation of ours in force")),
)


class WayForm(forms.Form):
    """How the draft begins."""

    way = forms.ChoiceField(
        label=_("What do you want to write?"), choices=WAYS, widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you want to write")},
    )  # fmt: skip


class NewServiceForm(forms.Form):
    """The name of a new service (1.1), and the regulation it is written after, if any."""

    name_az = forms.CharField(
        label=_("What is the service called in Azerbaijani?"), max_length=200,
        help_text=_("The official name, for instance “Balın mənşəyi barədə arayışın verilməsi”"),
        error_messages={"required": _("Enter the name in Azerbaijani")},
    )  # fmt: skip
    name_en = forms.CharField(
        label=_("What is it called in English?"), max_length=200,
        help_text=_("The address of the service is made from this name and does not change afterwards"),
        error_messages={"required": _("Enter the name in English")},
    )  # fmt: skip

    def __init__(self, *args: Any, patterns: Sequence[RegulationVersion] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if patterns is not None:
            self.fields["pattern"] = _choice(
                _("After which regulation?"), patterns, _("Choose a regulation to write after")
            )

    @property
    def name(self) -> Text:
        return {"az": self.cleaned_data["name_az"], "en": self.cleaned_data["name_en"]}


class NewVersionForm(forms.Form):
    """Which of the body's regulations is written anew: the one in force, or the one that is to follow it."""

    def __init__(self, *args: Any, own: Sequence[RegulationVersion], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pattern"] = _choice(_("Which regulation?"), own, _("Choose one of your regulations"), today=today)


def _choice(
    label: Any, rows: Iterable[RegulationVersion], missing: Any, *, today: date | None = None
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=[("", ""), *((row.service, _named(row, today)) for row in rows)],
        widget=forms.Select(attrs={"data-autocomplete": "select"}), error_messages={"required": missing},
    )  # fmt: skip


def _named(row: RegulationVersion, today: date | None) -> str:
    if today is None or row.valid_from <= today:
        return pick(row.name)
    given = {"name": pick(row.name), "number": row.label, "day": date_(row.valid_from)}
    return gettext("%(name)s, version %(number)s from %(day)s") % given


class PublishForm(forms.Form):
    """Until when the draft is discussed."""

    until = forms.DateField(
        label=_("Until which day can the public comment?"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": _("Enter the last day of the discussion")},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        least = today + timedelta(days=settings.DISCUSSION_DAYS)
        self.fields["until"].initial = least
        self.fields["until"].help_text = _("The last day on which anybody can comment, itself included")


class EffectiveForm(forms.Form):
    """From which day the regulation holds."""

    effective_on = forms.DateField(
        label=_("From which day does the regulation hold?"),
        help_text=_("If the service is registered later than that, it holds from the day of registration"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": _("Enter the day from which it holds")},
    )


class ReasonForm(forms.Form):
    """Why: shown to whom it concerns."""

    reason = forms.CharField(
        label=_("Why?"), max_length=500, widget=forms.Textarea(attrs={"rows": 4, "maxlength": 500}),
        error_messages={"required": _("Say why")},
    )  # fmt: skip

    def __init__(self, *args: Any, hint: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = hint


class GoingOnForm(forms.Form):
    """What goes on with the text: the letters in which bodies that are not on the portal agreed (S9.2), and why its
    words are others than those that were discussed, where they are (S9.7)."""

    def __init__(self, *args: Any, bodies: Sequence[Body], changed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if changed:
            self.fields["because_az"] = _because(_("Why was it changed? In Azerbaijani"))
            self.fields["because_en"] = _because(_("Why was it changed? In English"))
        for number, one in enumerate(bodies):
            self.fields[f"letter_{number}"] = forms.CharField(
                label=_("Letter in which %(body)s agreed") % {"body": pick(one.name)}, max_length=200,
                help_text=_("This body has nobody on the portal: enter the number and day of its letter"),
                error_messages={"required": _("Enter the number and day of the letter")},
            )  # fmt: skip
        self.bodies = bodies

    @property
    def letters(self) -> dict[str, str]:
        return {one.body: self.cleaned_data[f"letter_{number}"] for number, one in enumerate(self.bodies)}

    @property
    def because(self) -> Text | None:
        given = {language: self.cleaned_data.get(f"because_{language}", "") for language in ("az", "en")}
        return given if all(given.values()) else None


def _because(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=1000, help_text=_("Published beside the text that was discussed"),
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 1000}),
        error_messages={"required": _("Say in both languages why it was changed")},
    )  # fmt: skip


class AgreementForm(forms.Form):
    """Whether the head of another performer agrees (S9.2)."""

    decision = forms.ChoiceField(
        label=_("Does your body agree to this text?"),
        choices=[("agree", _("Yes, we agree")), ("object", _("No, we object"))], widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether your body agrees")},
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reasons"), required=False, max_length=2000,
        help_text=_("Wanted where you object; the body that wrote the text sees them"),
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": 2000}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("decision") == "object" and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("Say why you object"))
        return cleaned
