"""The form renderer and the components that every room uses."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.template.loader import render_to_string
from django.utils.translation import override

from azexport.site.templatetags import ui


class ThingForm(forms.Form):
    name = forms.CharField(label="Name", help_text="As on the invoice", max_length=20)
    price = forms.DecimalField(label="Price", widget=forms.NumberInput(attrs={"data-suffix": "AZN"}))
    day = forms.DateField(label="Day", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    text = forms.CharField(label="Text", required=False, widget=forms.Textarea(attrs={"maxlength": 1500}))
    kind = forms.ChoiceField(label="Kind", choices=[("a", "First"), ("b", "Second")], widget=forms.RadioSelect)
    unit = forms.ChoiceField(label="Unit", choices=[("KGM", "kg")])
    sure = forms.BooleanField(label="Sure", error_messages={"required": "Confirm it"})
    copy = forms.FileField(label="Copy", required=False)
    secret = forms.CharField(widget=forms.HiddenInput, initial="s")


def render(form: forms.Form, template: str = "components/form.html") -> str:
    with override("en"):
        return render_to_string(template, {"form": form})


def test_every_field_has_a_label_or_legend_and_our_markup() -> None:
    page = render(ThingForm())

    for name in ("name", "price", "day", "text", "unit", "copy", "sure"):
        assert f'for="id_{name}"' in page
        assert f'id="id_{name}"' in page
    assert "govuk-fieldset__legend" in page
    for css in ("govuk-input", "govuk-textarea", "govuk-radios__input", "govuk-select", "govuk-checkboxes__input"):
        assert css in page
    assert 'enctype="multipart/form-data"' in page
    assert page.count('type="hidden" name="secret"') == 1


def test_hints_and_errors_are_told_to_screen_readers() -> None:
    page = render(ThingForm({"kind": ""}))

    assert 'aria-describedby="id_name_helptext id_name_error"' in page
    assert 'id="id_name_helptext"' in page
    assert 'id="id_name_error"' in page
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_kind_error"' in page


def test_the_summary_leads_to_each_field_that_is_wrong() -> None:
    page = render(ThingForm({}), "components/error_summary.html")

    links = dict(re.findall(r'<a href="(#[^"]+)">([^<]+)</a>', page))
    assert links["#id_kind_0"].startswith("Kind: ")
    assert links["#id_sure"] == "Confirm it"
    assert "#id_text" not in links


def test_only_what_may_be_left_out_is_called_optional() -> None:
    page = render(ThingForm())

    assert page.count("(optional)") == 2


def test_a_number_is_a_text_field_with_a_decimal_keyboard_and_its_suffix() -> None:
    page = render(ThingForm({"price": "4.20"}))

    assert re.search(r'<input type="text" inputmode="decimal"[^>]*name="price"[^>]*value="4.20"', page)
    assert "govuk-input__suffix" in page


def test_a_day_stays_iso_on_the_wire_in_every_language() -> None:
    with override("az"):
        page = render_to_string("components/form.html", {"form": ThingForm(initial={"day": "2026-10-05"})})

    assert re.search(r'type="date"[^>]*value="2026-10-05"', page)


def test_numbers_in_attributes_are_not_written_the_azerbaijani_way() -> None:
    with override("az"):
        page = render_to_string("components/form.html", {"form": ThingForm()})

    assert 'data-maxlength="1500"' in page


def test_what_people_typed_is_escaped() -> None:
    page = render(ThingForm({"name": '"><script>'}))

    assert "<script" not in page


def test_groups_put_fields_under_their_legends() -> None:
    class Grouped(ThingForm):
        groups = [("Money", ["price"]), (None, ["name", "not-there"])]

    legends = [(legend, [field.name for field in fields]) for legend, fields in ui.field_groups(Grouped())]

    assert legends == [("Money", ["price"]), (None, ["name"])]


@pytest.mark.parametrize(
    ("status", "colour"),
    [("granted", "green"), ("REFUSED", "red"), ("information_requested", "yellow"), ("drafted", "grey"), ("?", "blue")],
)
def test_a_status_has_the_colour_of_its_word(status: str, colour: str) -> None:
    assert ui.status_colour(status) == colour
