"""What the forms of several parts offer to choose from, with its names."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils.translation import gettext_lazy as _

from azexport.kernel.errors import Message
from azexport.kernel.text import pick
from azexport.services.activities import ACTIVITIES
from azexport.services.editor.content import items, words
from azexport.services.editor.entries import Pick, Setting
from azexport.services.editor.entries.entry import place
from azexport.services.editor.expressions import language

Options = tuple[tuple[str, Message], ...]

SOURCES: Options = (("verified", _("Read in the act itself")), ("assumption", _("Assumed, still to be checked")))
FACTS: Options = (
    ("applicant.name", _("Applicant: name")),
    ("applicant.voen", _("Applicant: taxpayer number (VÖEN)")),
    ("applicant.address", _("Applicant: address")),
    ("applicant.legal_form", _("Applicant: legal form")),
    ("applicant.registered_on", _("Applicant: day of registration")),
    ("applicant.status", _("Applicant: status in the register")),
    ("applicant.activities", _("Applicant: fields of activity")),
    ("applicant.director", _("Applicant: director")),
    ("person.name", _("Signing person: name")),
    ("person.fin", _("Signing person: personal number (FİN)")),
    ("person.email", _("Signing person: e-mail")),
    ("person.phone", _("Signing person: telephone")),
)
KINDS: Options = (
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
RESULTS: Options = (
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
AUTOMATION: Options = (
    ("full", _("Fully: the portal decides by itself")),
    ("partial", _("Partly: an official decides")),
)
SERVICES: Options = (
    ("informational", _("Informational: open to everybody, nobody is identified")),
    ("interactive", _("Interactive: the user is identified and applies")),
)
USERS: Options = (
    ("natural", _("Natural persons")),
    ("legal", _("Legal persons")),
    ("state", _("State bodies")),
    ("other", _("Others")),
)
CURRENCIES: Options = (("AZN", "AZN"),)
SCOPES: Options = (("application", _("Once")), ("line", _("For each line of goods")))
SILENCE: Options = (
    ("granted", _("the service counts as granted")),
    ("none", _("nothing follows; the user may complain")),
)
STOPS: Options = (("information_requested", _("while the applicant is asked for more")),)
COUNTRY_GROUPS: dict[str, Message] = {"EU": _("European Union")}
LEVELS: Options = (("required", _("Required")), ("conditional", _("Conditional")), ("on_request", _("On request")))


SAYS: Options = (
    ("required", _("Required: these goods do not leave without it")),
    ("conditional", _("Conditional: needed in the case described below")),
    ("on_request", _("On request: only if the buyer or the country of destination wants it")),
)
"""The levels as their author chooses among them."""


def activities(_at: Setting) -> Sequence[tuple[str, str]]:
    return [(code, f"{code} {pick(name)}") for code, name in ACTIVITIES.items()]


def bodies(at: Setting) -> Sequence[tuple[str, str]]:
    return at.bodies


def performing(at: Setting) -> Sequence[tuple[str, str]]:
    """The bodies that take part (1.5): the provider is the one that is meant where none is picked."""
    others = items(at.content, ("general", "other_performers"))
    return [one for one in at.bodies if one[0] in others]


def country_groups(at: Setting) -> Sequence[tuple[str, Message]]:
    return [(one, COUNTRY_GROUPS.get(one, one)) for one in at.country_groups]


def named(dotted: str, label: str) -> Callable[[Setting], Sequence[tuple[str, str]]]:
    """The items of a list of the content, by id and name."""

    def choices(at: Setting) -> Sequence[tuple[str, str]]:
        return [
            (one["id"], words(one.get(label), language(), one["id"]))
            for one in items(at.content, place(dotted))
            if isinstance(one, dict) and isinstance(one.get("id"), str)
        ]

    return choices


questions = named("provision.questions", "label")
documents = named("provision.documents", "name")
grounds = named("procedures.refusal_grounds", "text")


def source(at: str = "source") -> Pick:
    """How sure what an act says is."""
    return Pick(at, _("How sure is this?"), choices=SOURCES, default="verified")
