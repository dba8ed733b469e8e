"""3: the administrative procedures."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from azexport.kernel.errors import Message
from azexport.services.editor.content import Content
from azexport.services.editor.entries import (
    After,
    Bilingual,
    Condition,
    Expression,
    Group,
    IdOf,
    Line,
    Pick,
    Rows,
    Ticks,
    Whole,
)
from azexport.services.editor.parts import choices
from azexport.services.editor.parts.part import Listed, Part

REQUEST = Part(
    "request",
    _("Request"),
    at="procedures.request",
    only="interactive",
    form=(
        Group((
            Bilingual("formed", _("How the request is formed"), rows=3, required=True),
            Bilingual("accepted", _("How the request is accepted"), rows=3, required=True),
        )),
    ),
)  # fmt: skip

GROUNDS = Part(
    "grounds",
    _("Grounds of refusal"),
    only="interactive",
    optional=True,
    lead=_("An official may refuse on these grounds only."),
    listed=Listed(
        "procedures.refusal_grounds", _("Ground of refusal"), _("Add a ground"), "text",
        _("The service cannot be refused."), kind="ground",
    ),
    form=(
        Group((
            Bilingual("text", _("Ground"), rows=3),
            Line("clause", _("Act and clause")),
            choices.source(),
            IdOf(of="text", mark="-", among="procedures.refusal_grounds", renames="ground"),
        )),
    ),
)  # fmt: skip


def _lasts(step: Content) -> Message:
    return _("%(days)s working days") % {"days": step["working_days"]} if "working_days" in step else ""


STEPS = Part(
    "steps",
    _("Steps of the execution"),
    only="interactive",
    lead=_("Every administrative operation, with the person responsible and the longest time it may take."),
    listed=Listed(
        "procedures.steps", _("Step"), _("Add a step"), "name", _("There is no step yet."), kind="step", note=_lasts
    ),
    form=(
        Group((
            Bilingual("name", _("Name of the step")),
            Bilingual("responsible", _("Responsible person"), _("The position, not the name")),
            Bilingual("content", _("What is done"), rows=3),
            Whole("working_days", _("Longest time"), suffix=_("working days")),
            Bilingual("result", _("Result of the step, and how it is handed over"), rows=2),
        )),
        Group(
            (
                Pick(
                    "performer", _("Body that performs it"),
                    _("Leave it empty if it is your own. Other bodies are named under 1.5."),
                    choices=choices.performing,
                ),
                After("after", _("When does it start?")),
            ),
            _("Route"),
        ),
        Group(
            (
                Rows(
                    "checklist", one=_("Point"), add=_("Add another point"),
                    entries=(
                        Bilingual("text", _("What the official makes sure of"), rows=2),
                        Line("clause", _("Act and clause")),
                        IdOf(of="text", mark="-"),
                    ),
                ),
                IdOf(of="name", mark="-", among="procedures.steps", renames="step"),
            ),
            _("Checklist of the official"),
        ),
    ),
)  # fmt: skip

DECISION = Part(
    "decision",
    _("Decision, silence and clock"),
    at="procedures",
    only="interactive",
    optional=True,
    form=(
        Group(
            (
                Condition("decision.grant", _("When is it granted?"), always=_("An official decides")),
                Pick("decision.ground", _("Otherwise it is refused on this ground"), choices=choices.grounds),
            ),
            _("Decision by the portal"),
            _("Only where automation is full (1.6): the portal decides in the same second."),
        ),
        Group(
            (
                Pick(
                    "silence.rule", _("If the body says nothing within the term"), choices=choices.SILENCE
                ),
                Bilingual("silence.text", _("In words"), rows=2),
                Line("silence.clause", _("Act and clause")),
            ),
            _("Silence"),
        ),
        Group(
            (
                Ticks("clock.stops", _("The clock stands still"), choices=choices.STOPS),
                Bilingual("clock.text", _("In words"), rows=2),
                Line("clock.clause", _("Act and clause")),
            ),
            _("Clock"),
        ),
    ),
)  # fmt: skip

CONTROL = Part(
    "control",
    _("Control over the execution"),
    at="procedures.control",
    form=(
        Group((
            Bilingual("form", _("Form of control"), rows=2),
            Bilingual("order", _("Order of control"), rows=3),
        )),
    ),
)  # fmt: skip

DISPUTES = Part(
    "disputes",
    _("Disputes"),
    at="procedures.disputes",
    form=(
        Group((
            Bilingual("right", _("Right to complain"), rows=3),
            Bilingual("information", _("What a complaint must hold"), rows=3),
            Bilingual("term", _("Term in which it is considered"), rows=2),
        )),
    ),
)  # fmt: skip

MESSAGES = Part(
    "messages",
    _("Standard messages"),
    optional=True,
    lead=_("For experts: which answers stand where in a message of an international standard."),
    listed=Listed(
        "procedures.messages", _("Message"), _("Add a message"), "standard", _("No standard message is made.")
    ),
    form=(
        Group((
            Line("standard", _("Standard"), _("For example, UN/CEFACT eCert")),
            Line("version", _("Version"), width="10"),
            Rows(
                "fields", one=_("Element"), add=_("Add another element"),
                entries=(
                    Expression("from", _("What stands there"), case=True),
                    Line("element", _("Element of the standard")),
                ),
            ),
        )),
    ),
)  # fmt: skip
