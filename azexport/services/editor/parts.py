"""The parts of a regulation, heading by heading of the model form (S-A1), each with the form that writes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from azexport.kernel.errors import Message
from azexport.kernel.text import pick
from azexport.services.activities import ACTIVITIES
from azexport.services.blank import blank
from azexport.services.editor.content import Content, is_empty, items, put, read, words
from azexport.services.editor.entries import (
    After,
    Amount,
    Bilingual,
    ChoiceLines,
    Condition,
    Entry,
    Expression,
    IdOf,
    Line,
    Performers,
    Pick,
    Rows,
    Setting,
    Strings,
    Tick,
    Ticks,
    Whole,
)
from azexport.services.editor.expressions import language
from azexport.services.editor.forms import Group, Groups
from azexport.services.faults import Fault, Path
from azexport.services.schema import FACTS


@dataclass(frozen=True)
class Listed:
    """A part that is a list: each item is written on a page of its own."""

    path: Path
    one: Message
    """What an item is called."""
    add: Message
    title: Path
    """Where its name stands."""
    note: Callable[[Content], Message] = lambda _item: ""
    kind: str = ""
    """What other parts name it by: question, document, step, ground."""
    nothing: Message = ""


@dataclass(frozen=True)
class Part:
    """One page, or one list of pages, of the editor."""

    key: str
    title: Message
    clauses: str
    paths: tuple[Path, ...]
    """Where its content stands; faults there are its own."""
    groups: Groups = lambda _record: ()
    base: Path = ()
    everything: tuple[Entry, ...] = ()
    listed: Listed | None = None
    lead: Message = ""
    only: str = ""
    """The kind of service that it belongs to; empty: both."""
    optional: bool = False

    def stands(self, content: Content) -> Any:
        """What of the content is this part's."""
        return [read(content, path) for path in self.paths]

    def is_blank(self, content: Content) -> bool:
        """Nobody has written here yet."""
        empty = blank()
        return all(_bare(read(content, path)) == _bare(read(empty, path)) for path in self.paths)

    def applies(self, content: Content) -> bool:
        """Whether a service of this kind has the part; what stands there nonetheless must be seen."""
        return not self.only or self.only == (read(content, ("provision", "kind")) or "interactive")

    def has_standard(self) -> bool:
        """Whether there is wording that every regulation may use."""
        empty = blank()
        return any(_bare(read(empty, path)) for path in self.paths if path in STANDARD)


def _bare(value: Any) -> Any:
    """Without what is empty, however deep."""
    if isinstance(value, dict):
        found = {key: bare for key, one in value.items() if not is_empty(bare := _bare(one))}
        return found or None
    if isinstance(value, list):
        return [_bare(one) for one in value] or None
    return None if value == "" else value


STANDARD: tuple[Path, ...] = (
    ("provision", "place"),
    ("provision", "information"),
    ("procedures", "open"),
    ("procedures", "request"),
    ("procedures", "control"),
    ("procedures", "disputes"),
)
"""Where a blank regulation has words already."""


def standard(content: Content, part: Part) -> None:
    """The standard wording stands wherever nothing is written."""
    empty = blank()
    for path in part.paths:
        for place, text in _texts(read(empty, path), path):
            if is_empty(read(content, place)):
                put(content, place, text)


def _texts(value: Any, at: Path) -> list[tuple[Path, str]]:
    if isinstance(value, dict):
        return [found for key, one in value.items() for found in _texts(one, (*at, key))]
    return [(at, value)] if isinstance(value, str) and value else []


# --- Choices

SOURCES = (("verified", _("Read in the act itself")), ("assumption", _("Assumed, still to be checked")))
FACT_NAMES: dict[str, Message] = {
    "applicant.name": _("Applicant: name"),
    "applicant.voen": _("Applicant: taxpayer number (VÖEN)"),
    "applicant.address": _("Applicant: address"),
    "applicant.legal_form": _("Applicant: legal form"),
    "applicant.registered_on": _("Applicant: day of registration"),
    "applicant.status": _("Applicant: status in the register"),
    "applicant.activities": _("Applicant: fields of activity"),
    "applicant.director": _("Applicant: director"),
    "person.name": _("Signing person: name"),
    "person.fin": _("Signing person: personal number (FİN)"),
    "person.email": _("Signing person: e-mail"),
    "person.phone": _("Signing person: telephone"),
}
KINDS: tuple[tuple[str, Message], ...] = (
    ("text", _("Short text")),
    ("long_text", _("Long text")),
    ("number", _("Number")),
    ("money", _("Amount of money")),
    ("date", _("Date")),
    ("boolean", _("Yes or no")),
    ("choice", _("One of a list")),
    ("choices", _("Several of a list")),
    ("country", _("Country")),
    ("hs", _("HS code")),
    ("party", _("Other party")),
    ("goods", _("Table of goods")),
    ("file", _("File")),
    ("statement", _("Statement of truth")),
)
_KIND_NAMES = dict(KINDS)
RESULTS: tuple[tuple[str, Message], ...] = (
    ("reference", _("Reference (arayış)")),
    ("permit", _("Permit")),
    ("licence", _("Licence")),
    ("certificate", _("Certificate")),
    ("extract", _("Extract from a register")),
    ("registration", _("Registration")),
    ("opinion", _("Opinion")),
    ("payment", _("Payment")),
    ("information", _("Information")),
    ("operation", _("Operation")),
)


def _sources(_at: Setting) -> Sequence[tuple[str, Message]]:
    return SOURCES


def _fact_sources(_at: Setting) -> Sequence[tuple[str, Message]]:
    return [(one, FACT_NAMES.get(one, one)) for one in FACTS]


def _results(_at: Setting) -> Sequence[tuple[str, Any]]:
    return RESULTS


def _activities(_at: Setting) -> Sequence[tuple[str, str]]:
    return [(code, f"{code} {pick(name)}") for code, name in ACTIVITIES.items()]


def _named(path: Path, label: str = "label") -> Callable[[Setting], Sequence[tuple[str, str]]]:
    """The items of a list of the content, by id and name."""

    def choices(at: Setting) -> Sequence[tuple[str, str]]:
        return [
            (one["id"], words(one.get(label), language(), one["id"]))
            for one in items(at.content, path)
            if isinstance(one, dict) and isinstance(one.get("id"), str)
        ]

    return choices


_questions = _named(("provision", "questions"))
_documents = _named(("provision", "documents"), "name")
_grounds = _named(("procedures", "refusal_grounds"), "text")


def _bodies(at: Setting) -> Sequence[tuple[str, str]]:
    return at.bodies


def _performing(at: Setting) -> Sequence[tuple[str, str]]:
    """The bodies that take part (1.5): the provider is the one that is meant where none is picked."""
    others = items(at.content, ("general", "other_performers"))
    return [one for one in at.bodies if one[0] in others]


def _fixed(*groups: Group) -> Groups:
    return lambda _record: groups


SOURCE = Pick(("source",), _("How sure is this?"), choices=_sources, default="verified", usual="assumption")


# --- 1: general

NAME = Part(
    "name",
    _("Name and content"),
    "1.1–1.2",
    (("general", "name"), ("general", "content"), ("general", "activity")),
    base=("general",),
    groups=_fixed(
        Group(
            (
                Bilingual(("name",), _("Official name of the service"), _("As it will stand in the registry")),
                Bilingual(
                    ("content",),
                    _("Content of the service"),
                    _("Briefly: what it gives, and to what it applies"),
                    rows=4,
                ),
                Pick(
                    ("activity",),
                    _("Field of activity"),
                    _("One of the 29 fields of the rules (3.1)"),
                    choices=_activities,
                ),
            )
        )
    ),
)

BASIS = Part(
    "basis",
    _("Legal basis"),
    "1.3",
    (("general", "legal_basis"),),
    base=("general",),
    lead=_("The acts by which the service is provided, each with the exact clause."),
    groups=_fixed(
        Group(
            (
                Rows(
                    ("legal_basis",),
                    one=_("Act"),
                    add=_("Add another act"),
                    entries=(
                        Bilingual(("act",), _("Name of the act"), rows=2),
                        Line(("clause",), _("Clause"), _("For example, 18.2"), width="10", required=False),
                        SOURCE,
                    ),
                ),
            )
        )
    ),
)

PERFORMERS = Part(
    "performers",
    _("Who provides it, and who else takes part"),
    "1.4–1.5",
    (("general", "provider"), ("general", "other_performers")),
    base=("general",),
    optional=True,
    lead=_(
        "Your body provides the service (1.4). The other bodies named here must agree to the text before it is "
        "approved (9.2)."
    ),
    groups=_fixed(Group((Performers(("other_performers",), _("Other bodies that take part"), required=False),))),
)


def _term_groups(record: Content) -> Sequence[Group]:
    full = record.get("automation") == "full"
    days = _("Working days") if full else _("Upper bound, working days")
    hint = _("0, where a system answers at once") if full else ""
    return [
        Group(
            (
                Pick(
                    ("automation",),
                    _("How far is it automated?"),
                    radios=True,
                    reloads=True,
                    choices=lambda _at: (
                        ("full", _("Fully: the portal decides by itself")),
                        ("partial", _("Partly: an official decides")),
                    ),
                ),
            )
        ),
        Group(
            (
                *(() if full else (Whole(("term", "lower"), _("Lower bound, working days"), required=False),)),
                Whole(("term", "working_days"), days, hint),
                *(
                    (
                        Bilingual(
                            ("term", "processing"),
                            _("Time in which the system processes the request"),
                            _("For example, up to one minute"),
                            required=False,
                        ),
                    )
                    if full
                    else ()
                ),
                Line(("term", "clause"), _("Act and clause that set the term")),
                Pick(("term", "source"), _("How sure is this?"), choices=_sources, default="verified"),
            ),
            _("Term (1.7)"),
        ),
    ]


TERM = Part(
    "term",
    _("Automation and term"),
    "1.6–1.7",
    (("general", "automation"), ("general", "term")),
    base=("general",),
    groups=_term_groups,
    everything=(
        Whole(("term", "lower"), ""),
        Bilingual(("term", "processing"), ""),
    ),
)

RESULT = Part(
    "result",
    _("Result"),
    "1.8",
    (("general", "result"),),
    base=("general", "result"),
    groups=_fixed(
        Group(
            (
                Pick(("kind",), _("What does the applicant receive?"), choices=_results),
                Bilingual(("name",), _("Name of the result"), _("For example, permit to sell")),
                Whole(
                    ("validity", "days"),
                    _("Valid for"),
                    _("Leave it empty if it is valid without limit, or until what it says itself"),
                    suffix=_("days"),
                    required=False,
                ),
                Bilingual(("validity", "text"), _("Validity in words"), _("For example, 1 year from the day of issue")),
            )
        )
    ),
)

DOCUMENT = Part(
    "document",
    _("Document of the result"),
    "1.8",
    (("general", "result", "document"),),
    base=("general", "result", "document"),
    optional=True,
    lead=_("The portal makes this document when the service is granted; the deciding official signs it."),
    groups=_fixed(
        Group((Bilingual(("text",), _("Text of the document"), _("An empty line between paragraphs"), rows=6),)),
        Group(
            (
                Rows(
                    ("fields",),
                    one=_("Line"),
                    add=_("Add another line"),
                    entries=(
                        Bilingual(("label",), _("Label")),
                        Expression(("value",), _("What stands there"), case=True),
                    ),
                ),
            ),
            _("Lines below the text"),
            _("Each line is a label and a value out of the case."),
        ),
    ),
)

REGISTER = Part(
    "register",
    _("Public register"),
    "1.8",
    (("general", "result", "register"),),
    base=("general", "result", "register"),
    optional=True,
    lead=_("Only where granting the service enters the holder in a public register."),
    groups=_fixed(
        Group((Bilingual(("name",), _("Name of the register")),)),
        Group(
            (
                Rows(
                    ("columns",),
                    one=_("Column"),
                    add=_("Add another column"),
                    entries=(
                        Bilingual(("label",), _("Heading of the column")),
                        Expression(("value",), _("What stands there"), case=True),
                        IdOf(("id",)),
                    ),
                ),
            ),
            _("Columns that the public sees"),
        ),
    ),
)

# --- 2: provision

KIND = Part(
    "kind",
    _("Kind of service"),
    "2.1",
    (("provision", "kind"),),
    base=("provision",),
    groups=_fixed(
        Group(
            (
                Pick(
                    ("kind",),
                    _("What kind of service is it?"),
                    radios=True,
                    choices=lambda _at: (
                        ("informational", _("Informational: open to everybody, nobody is identified")),
                        ("interactive", _("Interactive: the user is identified and applies")),
                    ),
                ),
            )
        )
    ),
)

FEE = Part(
    "fee",
    _("Payment"),
    "2.2",
    (("provision", "fee"),),
    base=("provision", "fee"),
    groups=_fixed(
        Group(
            (
                Amount(("amount",), _("Amount"), _("0, if the service is free of charge")),
                Pick(
                    ("currency",), _("Currency"), default="AZN", required=False, choices=lambda _at: (("AZN", "AZN"),)
                ),
                Bilingual(
                    ("note",), _("How it is worked out"), _("For example, for each vehicle"), required=False, rows=2
                ),
            )
        ),
        Group(
            (
                Bilingual(("legal_basis",), _("Legal basis of the payment"), required=False, rows=2),
                SOURCE,
                Bilingual(("bank",), _("Bank details"), required=False, rows=3),
                Bilingual(
                    ("ways",),
                    _("Ways to pay"),
                    _("For example, over the internet, payment terminals"),
                    required=False,
                    rows=2,
                ),
                Tick(("before_decision",), _("Nothing is decided before it is paid")),
            ),
            _("If it is paid (2.2.1)"),
        ),
    ),
)

USERS = Part(
    "users",
    _("Users"),
    "2.3",
    (("provision", "users"),),
    base=("provision",),
    groups=_fixed(
        Group(
            (
                Ticks(
                    ("users",),
                    _("Who may use the service?"),
                    choices=lambda _at: (
                        ("natural", _("Natural persons")),
                        ("legal", _("Legal persons")),
                        ("state", _("State bodies")),
                        ("other", _("Others")),
                    ),
                ),
            )
        )
    ),
)

PLACE = Part(
    "place",
    _("Where it is given, and where to ask"),
    "2.4–2.5",
    (("provision", "place"), ("provision", "information"), ("provision", "runs_at")),
    base=("provision",),
    groups=_fixed(
        Group(
            (
                Bilingual(("place",), _("Where the service is given"), _("Name or address on the internet"), rows=2),
                Bilingual(
                    ("information",),
                    _("Where one can ask about it"),
                    _("Address on the internet, e-mail, telephone"),
                    rows=3,
                ),
                Line(
                    ("runs_at",),
                    _("Address where it runs"),
                    _("Only where it does not run by this regulation: a page of the portal, or https://… of your body"),
                    required=False,
                ),
            )
        )
    ),
)

KNOWN = Part(
    "known",
    _("Documents that the state holds"),
    "2.6.1",
    (("provision", "known_documents"),),
    optional=True,
    lead=_("What a state register holds is never asked: it is shown to the applicant and given to you (7.2)."),
    groups=_fixed(
        Group(
            (
                Bilingual(("name",), _("Document")),
                Bilingual(
                    ("identified_by",), _("Number that identifies it"), _("For example, the taxpayer number (VÖEN)")
                ),
            )
        ),
        Group(
            (
                Pick(("register", "participant"), _("Body that keeps the register"), choices=_bodies, required=False),
                Rows(
                    ("register", "facts"),
                    one=_("Fact"),
                    add=_("Add another fact"),
                    entries=(
                        Bilingual(("label",), _("What it is called")),
                        Pick(("source",), _("What the register says"), choices=_fact_sources),
                        IdOf(("id",), among=("provision", "known_documents", "*", "register", "facts"), renames="fact"),
                    ),
                ),
            ),
            _("What is taken from the register"),
        ),
        Group((IdOf(("id",), of=("name",), among=("provision", "known_documents")),)),
    ),
    listed=Listed(
        ("provision", "known_documents"),
        _("Document that the state holds"),
        _("Add a document"),
        ("name",),
        nothing=_("No document of a state register is used."),
    ),
)

DOCUMENTS = Part(
    "documents",
    _("Documents that the applicant attaches"),
    "2.6.2",
    (("provision", "documents"),),
    optional=True,
    only="interactive",
    lead=_("Only what no state register holds may be asked for (7.2). The fewer, the better (9.3.2)."),
    groups=_fixed(
        Group(
            (
                Bilingual(("name",), _("Document")),
                Bilingual(("why",), _("Why it is asked"), _("The act and the clause that let you ask for it"), rows=2),
                Tick(("required",), _("The application cannot do without it"), usual=True),
                Tick(("original",), _("It is notarised: the original is shown when the result is handed over")),
            )
        ),
        Group(
            (
                Condition(("when",), _("When is it asked?"), always=_("Always")),
                IdOf(("id",), of=("name",), mark="-", among=("provision", "documents"), renames="document"),
            )
        ),
    ),
    listed=Listed(
        ("provision", "documents"),
        _("Document"),
        _("Add a document"),
        ("name",),
        kind="document",
        nothing=_("The applicant attaches nothing."),
    ),
)


_CHOICES = ChoiceLines(
    ("choices",),
    _("Answers to choose from"),
    _("One a line: Azerbaijani | English. You may put a short name before them: short name | Azerbaijani | English."),
)
_LENGTH = Whole(("max_length",), _("At most so many characters"), required=False, default=500)
_PATTERN = Line(("pattern",), _("Pattern that the text must match (RE2), for experts"), required=False)
_MINIMUM, _MAXIMUM = (
    Amount(("minimum",), _("Smallest value"), required=False),
    Amount(("maximum",), _("Largest value"), required=False),
)
_CURRENCY = Line(("currency",), _("Currency"), _("Three letters, for example AZN"), required=False, width="3")
_PREFILL = Pick(
    ("prefill",),
    _("Filled in beforehand from a register"),
    _("The applicant may change it. What must not be changed belongs to the documents that the state holds."),
    choices=_fact_sources,
    required=False,
)
_SCOPE = Pick(
    ("scope",),
    _("Asked once, or for each line of the goods?"),
    _("Lines of goods are there only in the unified application for export."),
    default="application",
    required=False,
    choices=lambda _at: (("application", _("Once")), ("line", _("For each line of goods"))),
)
_KEY = Line(
    ("key",),
    _("Shared name"),
    _("Questions of several bodies with the same shared name are asked once."),
    required=False,
    width="20",
)
_OF_KIND: dict[str, tuple[Entry, ...]] = {
    "text": (_LENGTH, _PREFILL, _PATTERN),
    "long_text": (_LENGTH, _PREFILL),
    "number": (_MINIMUM, _MAXIMUM),
    "money": (_CURRENCY, _MINIMUM, _MAXIMUM),
    "date": (_PREFILL,),
    "country": (_PREFILL,),
    "choice": (_CHOICES,),
    "choices": (_CHOICES,),
}


def _question_groups(record: Content) -> Sequence[Group]:
    kind = str(record.get("kind") or "")
    return [
        Group(
            (
                Bilingual(("label",), _("Question"), _("As the applicant reads it")),
                Bilingual(("hint",), _("Hint below it"), required=False, rows=2),
                Pick(("kind",), _("Kind of answer"), choices=lambda _at: KINDS, reloads=True),
                *_OF_KIND.get(kind, ()),
                *(() if kind == "statement" else (Tick(("required",), _("It must be answered"), usual=True),)),
            )
        ),
        Group(
            (
                Bilingual(
                    ("why",),
                    _("Why is it asked?"),
                    _("The act and the clause that let you ask (7.2). The applicant sees it."),
                    rows=2,
                ),
            )
        ),
        Group((Condition(("when",), _("When is it asked?"), always=_("Always")),)),
        Group(
            (
                IdOf(("id",), among=("provision", "questions"), renames="question"),
                *(() if kind in ("goods", "party", "statement") else (_SCOPE,)),
                _KEY,
            ),
            _("For the system"),
        ),
    ]


def _question_note(question: Content) -> Message:
    return _KIND_NAMES.get(str(question.get("kind")), "")


QUESTIONS = Part(
    "questions",
    _("Questions"),
    "2.6",
    (("provision", "questions"),),
    optional=True,
    groups=_question_groups,
    lead=_("What the form asks. Ask nothing that the state knows already, and nothing twice (7.2)."),
    everything=(
        _CHOICES,
        _LENGTH,
        _PATTERN,
        _MINIMUM,
        _MAXIMUM,
        _CURRENCY,
        _PREFILL,
        _SCOPE,
        Tick(("required",), "", usual=True),
    ),
    listed=Listed(
        ("provision", "questions"),
        _("Question"),
        _("Add a question"),
        ("label",),
        _question_note,
        "question",
        nothing=_("Nothing is asked."),
    ),
)

SECTIONS = Part(
    "sections",
    _("Sections and pages of the form"),
    "2.6",
    (("provision", "sections"),),
    optional=True,
    lead=_(
        "In which order, and on which pages, the questions and documents come. Without sections all of them stand on "
        "one page."
    ),
    groups=_fixed(
        Group(
            (
                Bilingual(("title",), _("Title of the section")),
                Rows(
                    ("tasks",),
                    one=_("Page"),
                    add=_("Add another page"),
                    entries=(
                        Bilingual(("title",), _("Title of the page")),
                        Bilingual(("hint",), _("Text above the questions"), required=False, rows=2),
                        Ticks(
                            ("questions",),
                            _("Questions"),
                            choices=_questions,
                            required=False,
                            once=("provision", "sections", "*", "tasks", "*", "questions"),
                        ),
                        Ticks(
                            ("documents",),
                            _("Documents"),
                            choices=_documents,
                            required=False,
                            once=("provision", "sections", "*", "tasks", "*", "documents"),
                        ),
                        IdOf(("id",), of=("title",), mark="-", among=("provision", "sections", "*", "tasks")),
                    ),
                ),
                IdOf(("id",), of=("title",), mark="-", among=("provision", "sections")),
            )
        ),
    ),
    listed=Listed(
        ("provision", "sections"),
        _("Section"),
        _("Add a section"),
        ("title",),
        nothing=_("All questions stand on one page."),
    ),
)

CHECKS = Part(
    "checks",
    _("Checks across answers"),
    "2.6",
    (("provision", "checks"),),
    optional=True,
    lead=_("What must be true of several answers together. Where it is not, the applicant is told before sending."),
    groups=_fixed(
        Group(
            (
                Condition(("condition",), _("What must be true?")),
                Bilingual(("message",), _("What the applicant is told otherwise"), rows=2),
                Pick(("question",), _("Beside which question?"), choices=_questions, required=False),
                IdOf(("id",), of=("message",), mark="-", among=("provision", "checks")),
            )
        ),
    ),
    listed=Listed(
        ("provision", "checks"), _("Check"), _("Add a check"), ("message",), nothing=_("There are no checks.")
    ),
)

CALCULATOR = Part(
    "calculator",
    _("Text or calculator"),
    "3.1",
    (("provision", "calculator"), ("provision", "pages"), ("procedures", "open")),
    only="informational",
    lead=_("An informational service is a text, a calculator whose entries are the questions, or an address (2.4)."),
    groups=_fixed(
        Group(
            (
                Bilingual(("procedures", "open"), _("Always open"), rows=3),
                Bilingual(
                    ("provision", "pages"), _("Text"), _("An empty line between paragraphs"), rows=6, required=False
                ),
            )
        ),
        Group(
            (
                Rows(
                    ("provision", "calculator", "outputs"),
                    one=_("Outcome"),
                    add=_("Add another outcome"),
                    entries=(
                        Bilingual(("label",), _("What it is called")),
                        Expression(("value",), _("How it is worked out"), numbers=True),
                        Whole(("decimals",), _("Decimals"), required=False, width="2", default=2),
                        Bilingual(("unit",), _("Unit"), required=False),
                        _CURRENCY,
                        IdOf(("id",)),
                    ),
                ),
                Bilingual(("provision", "calculator", "note"), _("Note below the outcome"), rows=2, required=False),
            ),
            _("Calculator"),
        ),
    ),
)

# --- 3: procedures

REQUEST = Part(
    "request",
    _("Request"),
    "3.2",
    (("procedures", "request"),),
    base=("procedures", "request"),
    only="interactive",
    groups=_fixed(
        Group(
            (
                Bilingual(("formed",), _("How the request is formed (3.2.1)"), rows=3),
                Bilingual(("accepted",), _("How the request is accepted (3.2.2)"), rows=3),
            )
        )
    ),
)

GROUNDS = Part(
    "grounds",
    _("Grounds of refusal"),
    "3.3.1",
    (("procedures", "refusal_grounds"),),
    only="interactive",
    optional=True,
    lead=_("An official may refuse on these grounds only."),
    groups=_fixed(
        Group(
            (
                Bilingual(("text",), _("Ground"), rows=3),
                Line(("clause",), _("Act and clause")),
                SOURCE,
                IdOf(("id",), of=("text",), mark="-", among=("procedures", "refusal_grounds"), renames="ground"),
            )
        )
    ),
    listed=Listed(
        ("procedures", "refusal_grounds"),
        _("Ground of refusal"),
        _("Add a ground"),
        ("text",),
        kind="ground",
        nothing=_("The service cannot be refused."),
    ),
)


def _step_note(step: Content) -> Message:
    return _("%(days)s working days") % {"days": step["working_days"]} if "working_days" in step else ""


STEPS = Part(
    "steps",
    _("Steps of the execution"),
    "3.4",
    (("procedures", "steps"),),
    only="interactive",
    lead=_("Every administrative operation, with the person responsible and the longest time it may take."),
    groups=_fixed(
        Group(
            (
                Bilingual(("name",), _("Name of the step")),
                Bilingual(("responsible",), _("Responsible person (3.4.1)"), _("The position, not the name")),
                Bilingual(("content",), _("What is done (3.4.2)"), rows=3),
                Whole(("working_days",), _("Longest time (3.4.2)"), suffix=_("working days")),
                Bilingual(("result",), _("Result of the step, and how it is handed over (3.4.4)"), rows=2),
            )
        ),
        Group(
            (
                Pick(
                    ("performer",),
                    _("Body that performs it (3.4.3)"),
                    _("Leave it empty if it is your own. Other bodies are named under 1.5."),
                    choices=_performing,
                    required=False,
                ),
                After(("after",), _("When does it start?")),
            ),
            _("Route"),
        ),
        Group(
            (
                Rows(
                    ("checklist",),
                    one=_("Point"),
                    add=_("Add another point"),
                    entries=(
                        Bilingual(("text",), _("What the official makes sure of"), rows=2),
                        Line(("clause",), _("Act and clause")),
                        IdOf(("id",), of=("text",), mark="-"),
                    ),
                ),
                IdOf(("id",), of=("name",), mark="-", among=("procedures", "steps"), renames="step"),
            ),
            _("Checklist of the official"),
        ),
    ),
    listed=Listed(
        ("procedures", "steps"),
        _("Step"),
        _("Add a step"),
        ("name",),
        _step_note,
        "step",
        nothing=_("There is no step yet."),
    ),
)

DECISION = Part(
    "decision",
    _("Decision, silence and clock"),
    "3.3–3.4",
    (("procedures", "decision"), ("procedures", "silence"), ("procedures", "clock")),
    base=("procedures",),
    only="interactive",
    optional=True,
    groups=_fixed(
        Group(
            (
                Condition(("decision", "grant"), _("When is it granted?"), always=_("An official decides")),
                Pick(
                    ("decision", "ground"),
                    _("Otherwise it is refused on this ground"),
                    choices=_grounds,
                    required=False,
                ),
            ),
            _("Decision by the portal"),
            _("Only where automation is full (1.6): the portal decides in the same second."),
        ),
        Group(
            (
                Pick(
                    ("silence", "rule"),
                    _("If the body says nothing within the term"),
                    required=False,
                    choices=lambda _at: (
                        ("granted", _("the service counts as granted")),
                        ("none", _("nothing follows; the user may complain")),
                    ),
                ),
                Bilingual(("silence", "text"), _("In words"), rows=2, required=False),
                Line(("silence", "clause"), _("Act and clause"), required=False),
            ),
            _("Silence"),
        ),
        Group(
            (
                Ticks(
                    ("clock", "stops"),
                    _("The clock stands still"),
                    required=False,
                    choices=lambda _at: (("information_requested", _("while the applicant is asked for more")),),
                ),
                Bilingual(("clock", "text"), _("In words"), rows=2, required=False),
                Line(("clock", "clause"), _("Act and clause"), required=False),
            ),
            _("Clock"),
        ),
    ),
)

CONTROL = Part(
    "control",
    _("Control over the execution"),
    "3.5",
    (("procedures", "control"),),
    base=("procedures", "control"),
    groups=_fixed(
        Group(
            (
                Bilingual(("form",), _("Form of control (3.5.1)"), rows=2),
                Bilingual(("order",), _("Order of control (3.5.2)"), rows=3),
            )
        )
    ),
)

DISPUTES = Part(
    "disputes",
    _("Disputes"),
    "3.6",
    (("procedures", "disputes"),),
    base=("procedures", "disputes"),
    groups=_fixed(
        Group(
            (
                Bilingual(("right",), _("Right to complain (3.6.1)"), rows=3),
                Bilingual(("information",), _("What a complaint must hold (3.6.2)"), rows=3),
                Bilingual(("term",), _("Term in which it is considered (3.6.3)"), rows=2),
            )
        )
    ),
)

MESSAGES = Part(
    "messages",
    _("Standard messages"),
    "3.2.1",
    (("procedures", "messages"),),
    optional=True,
    lead=_("For experts: which answers stand where in a message of an international standard."),
    groups=_fixed(
        Group(
            (
                Line(("standard",), _("Standard"), _("For example, UN/CEFACT eCert")),
                Line(("version",), _("Version"), required=False, width="10"),
                Rows(
                    ("fields",),
                    one=_("Element"),
                    add=_("Add another element"),
                    entries=(
                        Expression(("from",), _("What stands there"), case=True),
                        Line(("element",), _("Element of the standard")),
                    ),
                ),
            )
        )
    ),
    listed=Listed(
        ("procedures", "messages"),
        _("Message"),
        _("Add a message"),
        ("standard",),
        nothing=_("No standard message is made."),
    ),
)

CHAPTERS: tuple[tuple[Message, tuple[Part, ...]], ...] = (
    (_("1. General part"), (NAME, BASIS, PERFORMERS, TERM, RESULT, DOCUMENT, REGISTER)),
    (_("2. Provision of the service"), (KIND, FEE, USERS, PLACE, KNOWN, DOCUMENTS)),
    (_("The form annexed to it"), (QUESTIONS, SECTIONS, CHECKS)),
    (_("3. Procedures"), (CALCULATOR, REQUEST, GROUNDS, STEPS, DECISION, CONTROL, DISPUTES, MESSAGES)),
)
PARTS: dict[str, Part] = {part.key: part for _title, parts in CHAPTERS for part in parts}


def part_of(path: Path) -> Part | None:
    """The part whose page mends what stands at the place."""
    best, length = None, 0
    for part in PARTS.values():
        for own in part.paths:
            if path[: len(own)] == own and len(own) > length:
                best, length = part, len(own)
            elif own[: len(path)] == path and length == 0:
                best = best or part
    return best


def faults_in(part: Part, faults: Sequence[Fault]) -> list[Fault]:
    """Those of the faults that this part's page mends."""
    return [fault for fault in faults if part_of(fault.path) is part]


__all__ = ["CHAPTERS", "PARTS", "Listed", "Part", "Strings", "faults_in", "part_of", "standard"]
