"""2: the provision of the service."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from azexport.services.editor.entries import (
    Amount,
    Bilingual,
    Condition,
    Expression,
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

KIND = Part(
    "kind",
    _("Kind of service"),
    at="provision",
    form=(Group((Pick("kind", _("What kind of service is it?"), radios=True, choices=choices.SERVICES),)),),
)

FEE = Part(
    "fee",
    _("Payment"),
    at="provision.fee",
    form=(
        Group((
            Amount("amount", _("Amount"), _("0, if the service is free of charge")),
            Pick("currency", _("Currency"), choices=choices.CURRENCIES),
            Bilingual("note", _("How it is worked out"), _("For example, for each vehicle"), rows=2),
        )),
        Group(
            (
                Bilingual("legal_basis", _("Legal basis of the payment"), rows=2),
                choices.source(),
                Bilingual("bank", _("Bank details"), rows=3),
                Bilingual(
                    "ways", _("Ways to pay"), _("For example, over the internet, payment terminals"), rows=2
                ),
                Tick("before_decision", _("Nothing is decided before it is paid")),
            ),
            _("If it is paid"),
        ),
    ),
)  # fmt: skip

USERS = Part(
    "users",
    _("Users"),
    at="provision",
    form=(Group((Ticks("users", _("Who may use the service?"), choices=choices.USERS),)),),
)

PLACE = Part(
    "place",
    _("Where it is given, and where to ask"),
    at="provision",
    form=(
        Group((
            Bilingual("place", _("Where the service is given"), _("Name or address on the internet"), rows=2),
            Bilingual(
                "information", _("Where one can ask about it"), _("Address on the internet, e-mail, telephone"), rows=3
            ),
            Line(
                "runs_at", _("Address where it runs"),
                _("Only where it does not run by this regulation: a page of the portal, or https://… of your body"),
            ),
        )),
    ),
)  # fmt: skip

KNOWN = Part(
    "known",
    _("Documents that the state holds"),
    optional=True,
    lead=_(
        "What a state register holds is never asked: it is shown to the applicant and given to you (decision 191, "
        "clause 7.2)."
    ),
    listed=Listed(
        "provision.known_documents", _("Document that the state holds"), _("Add a document"), "name",
        _("No document of a state register is used."),
    ),
    form=(
        Group((
            Bilingual("name", _("Document")),
            Bilingual(
                "identified_by", _("Number that identifies it"), _("For example, the taxpayer number (VÖEN)")
            ),
        )),
        Group(
            (
                Pick("register.participant", _("Body that keeps the register"), choices=choices.bodies),
                Rows(
                    "register.facts", one=_("Fact"), add=_("Add another fact"),
                    entries=(
                        Bilingual("label", _("What it is called")),
                        Pick("source", _("What the register says"), choices=choices.FACTS),
                        IdOf(among="provision.known_documents.*.register.facts", renames="fact"),
                    ),
                ),
            ),
            _("What is taken from the register"),
        ),
        Group((IdOf(of="name", among="provision.known_documents"),)),
    ),
)  # fmt: skip

DOCUMENTS = Part(
    "documents",
    _("Documents that the applicant attaches"),
    optional=True,
    only="interactive",
    lead=_(
        "Only what no state register holds may be asked for (decision 191, clause 7.2). The fewer, the better "
        "(decision 191, clause 9.3.2)."
    ),
    listed=Listed(
        "provision.documents", _("Document"), _("Add a document"), "name", _("The applicant attaches nothing."),
        kind="document",
    ),
    form=(
        Group((
            Bilingual("name", _("Document")),
            Bilingual("why", _("Why it is asked"), _("The act and the clause that let you ask for it"), rows=2),
            Tick("required", _("The application cannot do without it")),
            Tick("original", _("It is notarised: the original is shown when the result is handed over")),
        )),
        Group((
            Condition("when", _("When is it asked?"), always=_("Always")),
            IdOf(of="name", mark="-", among="provision.documents", renames="document"),
        )),
    ),
)  # fmt: skip

CALCULATOR = Part(
    "calculator",
    _("Text or calculator"),
    only="informational",
    lead=_(
        "An informational service is a text, a calculator whose entries are the questions, or an address (2.4)."
    ),
    form=(
        Group((
            Bilingual("procedures.open", _("Always open"), rows=3, required=True),
            Bilingual("provision.pages", _("Text"), _("An empty line between paragraphs"), rows=6),
        )),
        Group(
            (
                Rows(
                    "provision.calculator.outputs", one=_("Outcome"), add=_("Add another outcome"),
                    entries=(
                        Bilingual("label", _("What it is called")),
                        Expression("value", _("How it is worked out"), numbers=True),
                        Whole("decimals", _("Decimals"), width="2"),
                        Bilingual("unit", _("Unit")),
                        Line("currency", _("Currency"), _("Three letters, for example AZN"), width="3"),
                        IdOf(),
                    ),
                ),
                Bilingual("provision.calculator.note", _("Note below the outcome"), rows=2),
            ),
            _("Calculator"),
        ),
    ),
)  # fmt: skip
