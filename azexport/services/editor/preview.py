"""What the text that is being written will look like: the legal text, and the form as applicants see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from azexport.kernel.text import Text, pick
from azexport.services import fields, legal
from azexport.services.editor import expressions, finder
from azexport.services.editor.content import Content
from azexport.services.editor.incomplete import StandIn, regulation_of
from azexport.services.editor.parts import Part
from azexport.services.faults import Fault
from azexport.services.schema import Question, Regulation, RequiredDocument

Countries = Sequence[tuple[str, str]]
FORM = "2.6"
"""The clause of the form, which is annexed."""


@dataclass(frozen=True)
class Clause:
    """One heading of the legal text."""

    number: str
    heading: str
    level: int
    blocks: tuple[legal.Block, ...]
    here: bool = False
    """It is what is being edited."""

    @property
    def lines(self) -> list[str]:
        """What it says, one piece a line."""
        found: list[str] = []
        for block in self.blocks:
            found += [*block.items, *(" | ".join(row) for row in block.rows)]
        return found

    paragraphs = lines


def clauses(
    regulation: Regulation, language: str, part: Part | None = None, names: Mapping[str, Text] | None = None
) -> list[Clause]:
    """The legal text in the order of the model form, in one language."""
    found = []
    for one in legal.clauses(regulation, language=language, names=names):
        blocks = one.content
        if one.number == "1.2" and isinstance(regulation.general.activity, StandIn):
            blocks = blocks[:-1]
        number = one.shown_number.rstrip(".")
        found.append(Clause(number, one.heading, one.level, blocks, here=_is_of(part, one.number)))
    return found


def _is_of(part: Part | None, number: str) -> bool:
    if part is None or not part.clauses:
        return False
    if FORM in (part.clauses, number) or number == legal.ANNEX:
        return part.clauses == FORM and number == legal.ANNEX
    return any(_covers(span.strip(), number) for span in part.clauses.split(","))


def _covers(span: str, number: str) -> bool:
    first, _dash, last = span.partition("–")
    if not last:
        return number == first or number.startswith(f"{first}.")
    found = _digits(number)
    low, high = _digits(first), _digits(last)
    return low <= found[: len(low)] and found[: len(high)] <= high and len(found) >= len(low)


def _digits(number: str) -> tuple[int, ...]:
    return tuple(int(one) for one in number.split(".") if one.isdigit())


# --- The form


@dataclass(frozen=True)
class Asked:
    """A field of the form, with what the preview says about it."""

    field: Any
    why: str
    when: str
    here: bool = False
    """It is what is being edited."""


@dataclass(frozen=True)
class Page:
    section: str
    title: str
    hint: str
    asked: tuple[Asked, ...]


def form_pages(content: Content, regulation: Regulation, countries: Countries = (), here: str = "") -> list[Page]:
    """Every page of the applicant's form with every question, also those that are asked on a condition only."""
    pages = []
    for section in regulation.sections:
        for task in section.tasks:
            asked = [one for wanted in task.questions if (one := regulation.question(wanted))]
            attached = [found for wanted in task.documents if (found := regulation.document(wanted))]
            pages.append(
                Page(
                    pick(section.title.text), pick(task.title.text), pick(task.hint.text) if task.hint else "",
                    tuple(_asked(content, asked, attached, countries, here)),
                )
            )  # fmt: skip
    return pages


def _asked(
    content: Content,
    questions: Sequence[Question],
    documents: Sequence[RequiredDocument],
    countries: Countries,
    here: str,
) -> list[Asked]:
    form = forms.Form(auto_id="preview_%s", prefix="preview")
    form.use_required_attribute = False
    for number, question in enumerate(questions):
        form.fields[f"{number}-{question.id}"] = fields.form_field(question, countries=countries)
    for number, document in enumerate(documents):
        form.fields[f"document-{number}-{document.id}"] = document_field(document)
    both: list[Question | RequiredDocument] = [*questions, *documents]
    return [
        Asked(form[name], pick(one.why.text), _when(content, one), here=one.id == here)
        for name, one in zip(form.fields, both, strict=True)
    ]


def _when(content: Content, one: Question | RequiredDocument) -> str:
    if not one.when:
        return ""
    return expressions.told(content, one.when, per_line=isinstance(one, Question) and one.scope == "line")


def document_field(document: RequiredDocument) -> forms.FileField:
    """The field with which a document is attached."""
    return forms.FileField(
        label=pick(document.name.text), required=document.required,
        help_text=_("The original is shown when the result is handed over.") if document.original else "",
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={"required": _("Attach the document: %(name)s") % {"name": pick(document.name.text)}},
    )  # fmt: skip


def of(
    content: Content,
    part: Part | None,
    countries: Countries = (),
    here: str = "",
    *,
    faults: Sequence[Fault] = (),
    example: finder.Example | None = None,
) -> dict[str, Any]:
    """The preview's context: the legal text in both languages, the pages of the form, and, beside the rules of the
    finder, what it would say of the example.

    Args:
        here: the id of the question or document that is being edited.
    """
    regulation = regulation_of(content)
    names = legal.names_of(regulation)
    with_finder = part is not None and part.key == "finder"
    return {
        "texts": [(language, clauses(regulation, language, part, names)) for language in ("az", "en")],
        "pages": form_pages(content, regulation, countries, here),
        "with_finder": with_finder,
        "finder": finder.answer(regulation, example, faults) if example else None,
        "countries": countries,
        "first": "finder" if with_finder else "form" if part is not None and part.clauses == FORM else "text",
    }
