"""1: the general part."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from azexport.services.editor.content import Content
from azexport.services.editor.entries import (
    Bilingual,
    Entry,
    Expression,
    Group,
    IdOf,
    Line,
    Performers,
    Pick,
    Rows,
    Whole,
)
from azexport.services.editor.parts import choices
from azexport.services.editor.parts.part import Part

NAME = Part(
    "name",
    _("Name and content"),
    at="general",
    form=(
        Group((
            Bilingual("name", _("Official name of the service"), _("As it will stand in the registry")),
            Bilingual(
                "content", _("Content of the service"), _("Briefly: what it gives, and to what it applies"), rows=4
            ),
            Pick(
                "activity", _("Field of activity"), _("One of the 29 fields that decision 191 names (clause 3.1)"),
                choices=choices.activities,
            ),
        )),
    ),
)  # fmt: skip

BASIS = Part(
    "basis",
    _("Legal basis"),
    at="general",
    lead=_("The acts by which the service is provided, each with the exact clause."),
    form=(
        Group((
            Rows(
                "legal_basis", one=_("Act"), add=_("Add another act"),
                entries=(
                    Bilingual("act", _("Name of the act"), rows=2),
                    Line("clause", _("Clause"), _("For example, 18.2"), width="10"),
                    choices.source(),
                ),
            ),
        )),
    ),
)  # fmt: skip

PERFORMERS = Part(
    "performers",
    _("Who provides it, and who else takes part"),
    at="general",
    also=("general.provider",),
    optional=True,
    lead=_(
        "Your body provides the service (1.4). The other bodies named here must agree to the text before it is "
        "approved (decision 191, clause 9.2)."
    ),
    form=(Group((Performers("other_performers", _("Other bodies that take part")),)),),
)


def _term(record: Content) -> Sequence[Group]:
    if record.get("automation") == "full":
        lasts: tuple[Entry, ...] = (
            Whole("term.working_days", _("Working days"), _("0, where a system answers at once")),
            Bilingual(
                "term.processing", _("Time in which the system processes the request"),
                _("For example, up to one minute"),
            ),
        )  # fmt: skip
    else:
        lasts = (
            Whole("term.lower", _("Lower bound, working days")),
            Whole("term.working_days", _("Upper bound, working days")),
        )
    how = Pick("automation", _("How far is it automated?"), radios=True, reloads=True, choices=choices.AUTOMATION)
    clause = Line("term.clause", _("Act and clause that set the term"))
    return [Group((how,)), Group((*lasts, clause, choices.source("term.source")), _("Term"))]


TERM = Part(
    "term",
    _("Automation and term"),
    at="general",
    form=_term,
    variants=tuple({"automation": code} for code, _name in choices.AUTOMATION),
)

RESULT = Part(
    "result",
    _("Result"),
    at="general.result",
    form=(
        Group((
            Pick("kind", _("What does the applicant receive?"), choices=choices.RESULTS),
            Bilingual("name", _("Name of the result"), _("For example, permit to sell")),
            Whole(
                "validity.days", _("Valid for"),
                _("Leave it empty if it is valid without limit, or until what it says itself"), suffix=_("days"),
            ),
            Bilingual("validity.text", _("Validity in words"), _("For example, 1 year from the day of issue")),
        )),
    ),
)  # fmt: skip

DOCUMENT = Part(
    "document",
    _("Document of the result"),
    at="general.result.document",
    optional=True,
    lead=_("The portal makes this document when the service is granted; the deciding official signs it."),
    form=(
        Group((Bilingual("text", _("Text of the document"), _("An empty line between paragraphs"), rows=6),)),
        Group(
            (
                Rows(
                    "fields", one=_("Line"), add=_("Add another line"),
                    entries=(Bilingual("label", _("Label")), Expression("value", _("What stands there"), case=True)),
                ),
            ),
            _("Lines below the text"),
            _("Each line is a label and a value out of the case."),
        ),
    ),
)  # fmt: skip

REGISTER = Part(
    "register",
    _("Public register"),
    at="general.result.register",
    optional=True,
    lead=_("Only where granting the service enters the holder in a public register."),
    form=(
        Group((Bilingual("name", _("Name of the register")),)),
        Group(
            (
                Rows(
                    "columns", one=_("Column"), add=_("Add another column"),
                    entries=(
                        Bilingual("label", _("Heading of the column")),
                        Expression("value", _("What stands there"), case=True),
                        IdOf(),
                    ),
                ),
            ),
            _("Columns that the public sees"),
        ),
    ),
)  # fmt: skip
