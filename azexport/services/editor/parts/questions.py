"""The form annexed to the regulation (2.6, note 1): questions, the pages they stand on, checks across answers."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from azexport.kernel.errors import Message
from azexport.services.editor.content import Content
from azexport.services.editor.entries import (
    Amount,
    Bilingual,
    ChoiceLines,
    Condition,
    Entry,
    Group,
    IdOf,
    Line,
    Pick,
    Rows,
    Tick,
    Ticks,
    Whole,
)
from azexport.services.editor.parts import choices
from azexport.services.editor.parts.part import Listed, Part

_CHOICES = ChoiceLines(
    "choices",
    _("Answers to choose from"),
    _("One a line: Azerbaijani | English. You may put a short name before them: short name | Azerbaijani | English."),
    required=True,
)
_LENGTH = Whole("max_length", _("At most so many characters"))
_PATTERN = Line("pattern", _("Pattern that the text must match (RE2), for experts"))
_BOUNDS = (Amount("minimum", _("Smallest value")), Amount("maximum", _("Largest value")))
_CURRENCY = Line("currency", _("Currency"), _("Three letters, for example AZN"), width="3")
_PREFILL = Pick(
    "prefill",
    _("Filled in beforehand from a register"),
    _("The applicant may change it. What must not be changed belongs to the documents that the state holds."),
    choices=choices.FACTS,
)
_REQUIRED = Tick("required", _("It must be answered"))
_SCOPE = Pick(
    "scope",
    _("Asked once, or for each line of the goods?"),
    _("Lines of goods are there only in the unified application for export."),
    choices=choices.SCOPES,
)
_KEY = Line(
    "key", _("Shared name"), _("Questions of several bodies with the same shared name are asked once."), width="20"
)
_OF_KIND: dict[str, tuple[Entry, ...]] = {
    "text": (_LENGTH, _PREFILL, _PATTERN),
    "long_text": (_LENGTH, _PREFILL),
    "number": _BOUNDS,
    "money": (_CURRENCY, *_BOUNDS),
    "date": (_PREFILL,),
    "country": (_PREFILL,),
    "choice": (_CHOICES,),
    "choices": (_CHOICES,),
}


def _question(record: Content) -> Sequence[Group]:
    kind = str(record.get("kind") or "")
    once = () if kind in ("goods", "party", "statement") else (_SCOPE,)
    return [
        Group((
            Bilingual("label", _("Question"), _("As the applicant reads it")),
            Bilingual("hint", _("Hint below it"), rows=2),
            Pick("kind", _("Kind of answer"), choices=choices.KINDS, reloads=True),
            *_OF_KIND.get(kind, ()),
            *(() if kind == "statement" else (_REQUIRED,)),
        )),
        Group((
            Bilingual(
                "why", _("Why is it asked?"),
                _("The act and the clause that let you ask (decision 191, clause 7.2). The applicant sees it."), rows=2,
            ),
        )),
        Group((Condition("when", _("When is it asked?"), always=_("Always")),)),
        Group((IdOf(among="provision.questions", renames="question"), *once, _KEY), _("For the system")),
    ]  # fmt: skip


def _kind_of(question: Content) -> Message:
    return dict(choices.KINDS).get(str(question.get("kind")), "")


QUESTIONS = Part(
    "questions",
    _("Questions"),
    optional=True,
    lead=_(
        "What the form asks. Ask nothing that the state knows already, and nothing twice (decision 191, clause "
        "7.2)."
    ),
    listed=Listed(
        "provision.questions", _("Question"), _("Add a question"), "label", _("Nothing is asked."),
        kind="question", note=_kind_of,
    ),
    form=_question,
    variants=tuple({"kind": code} for code, _name in choices.KINDS),
)  # fmt: skip

SECTIONS = Part(
    "sections",
    _("Sections and pages of the form"),
    optional=True,
    lead=_(
        "In which order, and on which pages, the questions and documents come. Without sections all of them stand on "
        "one page."
    ),
    listed=Listed(
        "provision.sections", _("Section"), _("Add a section"), "title", _("All questions stand on one page.")
    ),
    form=(
        Group((
            Bilingual("title", _("Title of the section")),
            Rows(
                "tasks", one=_("Page"), add=_("Add another page"),
                entries=(
                    Bilingual("title", _("Title of the page")),
                    Bilingual("hint", _("Text above the questions"), rows=2),
                    Ticks(
                        "questions", _("Questions"), choices=choices.questions,
                        once="provision.sections.*.tasks.*.questions",
                    ),
                    Ticks(
                        "documents", _("Documents"), choices=choices.documents,
                        once="provision.sections.*.tasks.*.documents",
                    ),
                    IdOf(of="title", mark="-", among="provision.sections.*.tasks"),
                ),
            ),
            IdOf(of="title", mark="-", among="provision.sections"),
        )),
    ),
)  # fmt: skip

CHECKS = Part(
    "checks",
    _("Checks across answers"),
    optional=True,
    lead=_(
        "What must be true of several answers together. Where it is not, the applicant is told before sending."
    ),
    listed=Listed("provision.checks", _("Check"), _("Add a check"), "message", _("There are no checks.")),
    form=(
        Group((
            Condition("condition", _("What must be true?")),
            Bilingual("message", _("What the applicant is told otherwise"), rows=2),
            Pick("question", _("Beside which question?"), choices=choices.questions),
            IdOf(of="message", mark="-", among="provision.checks"),
        )),
    ),
)  # fmt: skip
