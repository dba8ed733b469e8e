"""The rules of the requirement finder: which goods need this permit for which destination (P4.1.4)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from azexport.kernel.errors import Message
from azexport.services.editor.content import Content, items
from azexport.services.editor.entries import (
    Bilingual,
    Codes,
    Countries,
    Day,
    FirstDay,
    Group,
    Pick,
    RuleNumber,
    Ticks,
)
from azexport.services.editor.parts import choices
from azexport.services.editor.parts.part import Listed, Part


def _says(rule: Content) -> Message:
    level = dict(choices.LEVELS).get(str(rule.get("level")), "")
    codes = ", ".join(map(str, items(rule, ("hs",))[:6])) or str(_("every good"))
    more = "…" if len(items(rule, ("hs",))) > 6 else ""
    return f"{level}: {codes}{more}" if level else f"{codes}{more}"


FINDER = Part(
    "finder",
    _("Rules of the requirement finder"),
    only="interactive",
    optional=True,
    lead=_(
        "Only where exporters must, or may, get this permit for their goods. The finder reads these rules and tells "
        "each exporter, by good and country of destination, whether it is needed."
    ),
    listed=Listed(
        "requirements", _("Rule of the finder"), _("Add a rule"), "rule",
        _("The finder says nothing of this service."), note=_says,
    ),
    form=(
        Group((
            RuleNumber(
                "rule", _("Number of the rule"),
                _("Capital letters, a hyphen and digits. No other rule on the portal may have it."),
            ),
            Pick("level", _("What does the finder say?"), radios=True, choices=choices.SAYS),
            Bilingual("reason", _("Why the permit is needed"), _("The exporter reads it in the finder"), rows=2),
            Bilingual(
                "condition", _("When it applies"), _("Needed unless the permit is plainly required"), rows=2
            ),
        )),
        Group(
            (
                Codes("hs", _("HS codes"), _("Beginnings are enough: 08, 0802, 0802.22. Put commas between them.")),
                Codes("except_hs", _("But not these codes")),
            ),
            _("Which goods?"),
            _("Leave it empty if the rule is about every good."),
        ),
        Group(
            (
                Ticks("destination.groups", _("Groups of countries"), choices=choices.country_groups),
                Countries("destination.countries", _("Countries"), _("One a line, by name or two-letter code")),
                Ticks("destination.except_groups", _("But not these groups"), choices=choices.country_groups),
                Countries("destination.except_countries", _("But not these countries"), _("One a line")),
            ),
            _("Which destinations?"),
            _("Leave it empty if the rule is about every country."),
        ),
        Group(
            (
                Bilingual("legal_basis", _("Act and clause that the rule rests on"), rows=2),
                choices.source(),
                FirstDay("valid_from", _("In force from")),
                Day("valid_until", _("In force until"), _("Leave it empty if no end is set")),
            ),
            _("Legal basis"),
        ),
    ),
)  # fmt: skip
