"""What must hold between the parts of a regulation: ids lead somewhere, the route ends, conditions type-check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from azexport.kernel.errors import Message
from azexport.services import conditions
from azexport.services.conditions import BOOL, DOUBLE, INT, STRING, ConditionError, Scope
from azexport.services.faults import Fault, Path, wrong
from azexport.services.schema.procedures import Step
from azexport.services.scope import scope_for
from azexport.services.standard_messages import gives_list, place_of, vocabulary_of

if TYPE_CHECKING:
    from azexport.services.schema.regulation import Regulation

PERSONAL = ("person.fin", "person.email", "person.phone")
"""Facts that nobody but the body that decides may read."""
NO_INPUT = ("file", "statement", "party", "goods")
"""Kinds of question that a calculator cannot have."""


def faults(regulation: Regulation) -> Iterator[Fault]:
    """Everything that does not fit, each at its place."""
    yield from _ids(regulation)
    yield from _rule_numbers(regulation)
    yield from _terms(regulation)
    yield from _performers(regulation)
    route = list(_route(regulation.steps))
    yield from route
    if not route:
        yield from _longest_way(regulation)
    yield from _automation(regulation)
    yield from _kind(regulation)
    yield from _sections(regulation)
    yield from _expressions(regulation)


# --- Ids


def _ids(regulation: Regulation) -> Iterator[Fault]:
    provision, procedures, register = regulation.provision, regulation.procedures, regulation.register
    known = [one.id for one in provision.known_documents if one.id]
    tasks = [task.id for section in provision.sections for task in section.tasks]
    outputs = [one.id for one in provision.calculator.outputs] if provision.calculator else []
    parts: tuple[tuple[Message, Path, list[str]], ...] = (
        (_("question"), ("provision", "questions"), [one.id for one in provision.questions]),
        (_("document"), ("provision", "documents"), [one.id for one in provision.documents]),
        (_("known document"), ("provision", "known_documents"), known),
        (_("fact"), ("provision", "known_documents"), [one.id for one in regulation.facts]),
        (_("section"), ("provision", "sections"), [one.id for one in provision.sections]),
        (_("task"), ("provision", "sections"), tasks),
        (_("check"), ("provision", "checks"), [one.id for one in provision.checks]),
        (_("output"), ("provision", "calculator", "outputs"), outputs),
        (_("column"), ("general", "result", "register"), [one.id for one in register.columns] if register else []),
        (_("step"), ("procedures", "steps"), [one.id for one in procedures.steps]),
        (_("refusal ground"), ("procedures", "refusal_grounds"), [one.id for one in procedures.refusal_grounds]),
        *(
            (_("checklist item"), ("procedures", "steps", number, "checklist"), [one.id for one in step.checklist])
            for number, step in enumerate(procedures.steps)
        ),
    )
    for name, path, ids in parts:
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            yield wrong(_("%(part)s %(ids)s stands here twice"), *path, part=name, ids=", ".join(twice))


def _rule_numbers(regulation: Regulation) -> Iterator[Fault]:
    numbers = [one.rule for one in regulation.requirements]
    for place, number in enumerate(numbers):
        if number in numbers[:place]:
            told = _("%(part)s %(ids)s stands here twice")
            yield wrong(told, "requirements", place, "rule", part=_("rule"), ids=number)


# --- Terms, performers and the route


def _terms(regulation: Regulation) -> Iterator[Fault]:
    if regulation.valid_until is not None and regulation.valid_until < regulation.valid_from:
        yield wrong(_("valid_until lies before valid_from"), "valid_until")
    term, full = regulation.term, regulation.general.automation == "full"
    if term.working_days == 0 and not full:
        yield wrong(
            _("a term of no working day belongs to full automation only (1.7, note 1)"),
            "general", "term", "working_days",
        )  # fmt: skip
    if term.working_days == 0 and term.processing is None:
        yield wrong(_("a term of no working day says how long processing takes (1.7, note 1)"), "general", "term")


def _performers(regulation: Regulation) -> Iterator[Fault]:
    listed = {regulation.provider, *regulation.general.other_performers}
    for number, step in enumerate(regulation.steps):
        if step.performer and step.performer not in listed:
            yield wrong(
                _("%(code)s performs a step and does not stand among the other performers (1.5)"),
                "procedures", "steps", number, "performer", code=step.performer,
            )  # fmt: skip


def before(steps: Sequence[Step]) -> dict[str, tuple[str, ...]]:
    """Step id -> the ids of the steps that must be done before it."""
    return {
        step.id: step.after if step.after is not None else tuple(one.id for one in steps[max(number - 1, 0) : number])
        for number, step in enumerate(steps)
    }


def in_order(steps: Sequence[Step]) -> list[Step]:
    """The steps, each after those it waits for; those of a circle, and what waits for them, are left out."""
    needs, done, ordered = before(steps), set[str](), list[Step]()
    while ready := [one for one in steps if one.id not in done and done.issuperset(needs[one.id])]:
        ordered += ready
        done.update(one.id for one in ready)
    return ordered


def _route(steps: Sequence[Step]) -> Iterator[Fault]:
    ids = {step.id for step in steps}
    lost = False
    for number, step in enumerate(steps):
        if unknown := sorted(set(step.after or ()) - ids):
            lost = True
            yield wrong(
                _("there is no step %(ids)s to wait for"),
                "procedures",
                "steps",
                number,
                "after",
                ids=", ".join(unknown),
            )
    reached = {step.id for step in in_order(steps)}
    for number, step in enumerate(steps):
        if not lost and step.id not in reached:
            yield wrong(
                _("step %(id)s is never reached: it waits, in a circle, for itself"),
                "procedures", "steps", number, "after", id=step.id,
            )  # fmt: skip


def _longest_way(regulation: Regulation) -> Iterator[Fault]:
    needs, days = before(regulation.steps), dict[str, int]()
    for step in in_order(regulation.steps):
        days[step.id] = step.working_days + max((days[one] for one in needs[step.id]), default=0)
    if max(days.values(), default=0) > regulation.term.working_days:
        yield wrong(
            _("the steps take longer than the term of %(days)s working days (1.7)"),
            "procedures", "steps", days=regulation.term.working_days,
        )  # fmt: skip


# --- Automation and kind


def _automation(regulation: Regulation) -> Iterator[Fault]:
    decision, full = regulation.procedures.decision, regulation.general.automation == "full"
    if decision is None:
        if full and regulation.interactive and regulation.provision.runs_at is None:
            yield wrong(_("a fully automatic service says how it decides (1.6)"), "procedures", "decision")
        return
    if not full:
        yield wrong(_("only a fully automatic service decides by itself (1.6)"), "procedures", "decision")
    if decision.ground is None and decision.grant != "true":
        yield wrong(_("say on which ground it refuses (3.3.1)"), "procedures", "decision", "ground")
    if decision.ground is not None and regulation.ground(decision.ground) is None:
        yield wrong(_("there is no refusal ground %(id)s"), "procedures", "decision", "ground", id=decision.ground)
    for number, step in enumerate(regulation.steps):
        if step.performer and step.performer != regulation.provider:
            yield wrong(
                _("what the portal decides in the same second waits for no other body"),
                "procedures", "steps", number, "performer",
            )  # fmt: skip


def _kind(regulation: Regulation) -> Iterator[Fault]:
    provision, procedures = regulation.provision, regulation.procedures
    if regulation.interactive:
        if procedures.request is None:
            yield wrong(_("say how the request is formed and accepted"), "procedures", "request")
        if not procedures.steps:
            yield wrong(_("there is no administrative operation"), "procedures", "steps")
        for name, found in (("calculator", provision.calculator), ("pages", provision.pages)):
            if found is not None:
                yield wrong(_("this belongs to an informational service"), "provision", name)
        return
    if procedures.open is None:
        yield wrong(_("an informational service says that it is always open"), "procedures", "open")
    if not (provision.calculator or provision.pages or provision.runs_at):
        yield wrong(
            _("an informational service has a calculator, text, or an address where it runs"), "provision", "pages"
        )
    if provision.documents:
        yield wrong(_("an informational service takes no documents"), "provision", "documents")
    yield from _inputs(regulation)


def _inputs(regulation: Regulation) -> Iterator[Fault]:
    for number, question in enumerate(regulation.questions):
        if question.kind in NO_INPUT or question.scope == "line":
            yield wrong(_("a calculator takes no answer of this kind"), "provision", "questions", number, "kind")
        if question.prefill is not None:
            yield wrong(
                _("nobody is known here: nothing can be filled in before"), "provision", "questions", number, "prefill"
            )


# --- The form


def _sections(regulation: Regulation) -> Iterator[Fault]:
    sections = regulation.provision.sections
    if not sections:
        return
    for name in ("questions", "documents"):
        known = {one.id for one in (regulation.questions if name == "questions" else regulation.documents)}
        seen: set[str] = set()
        for path, ids in _tasks(regulation, name):
            for number, one in enumerate(ids):
                if one not in known:
                    yield wrong(_("there is nothing called %(id)s to ask for"), *path, number, id=one)
                elif one in seen:
                    yield wrong(_("%(id)s stands in a task already"), *path, number, id=one)
                seen.add(one)
        if left := sorted(known - seen):
            yield wrong(_("%(ids)s stands in no task"), "provision", "sections", ids=", ".join(left))
    for number, section in enumerate(sections):
        for place, task in enumerate(section.tasks):
            if not task.questions and not task.documents:
                yield wrong(_("the task asks for nothing"), "provision", "sections", number, "tasks", place)


def _tasks(regulation: Regulation, name: str) -> Iterator[tuple[Path, tuple[str, ...]]]:
    for number, section in enumerate(regulation.provision.sections):
        for place, task in enumerate(section.tasks):
            yield ("provision", "sections", number, "tasks", place, name), getattr(task, name)


# --- Expressions


def _expressions(regulation: Regulation) -> Iterator[Fault]:
    plain, with_case = scope_for(regulation), scope_for(regulation, case=True)
    yield from _questions(regulation, plain)
    for number, document in enumerate(regulation.documents):
        yield from _condition(document.when, plain, document.id, "provision", "documents", number, "when")
    question_ids = {one.id for one in regulation.questions}
    for number, check in enumerate(regulation.provision.checks):
        path: Path = ("provision", "checks", number)
        yield from _condition(check.condition, plain, check.id, *path, "condition")
        if check.question is not None and check.question not in question_ids:
            yield wrong(_("there is no question %(id)s"), *path, "question", id=check.question)
    if regulation.provision.calculator:
        for number, output in enumerate(regulation.provision.calculator.outputs):
            path = ("provision", "calculator", "outputs", number, "value")
            yield from _typed(output.value, plain, [INT, DOUBLE], output.id, *path)
    if regulation.procedures.decision:
        yield from _condition(
            regulation.procedures.decision.grant, plain, "decision", "procedures", "decision", "grant"
        )
    yield from _results(regulation, with_case)
    yield from _messages(regulation, with_case)


def _questions(regulation: Regulation, plain: Scope) -> Iterator[Fault]:
    per_line = scope_for(regulation, per_line=True)
    earlier: set[str] = set()
    places = {question.id: number for number, question in enumerate(regulation.questions)}
    for question in regulation.asked_order:
        path: Path = ("provision", "questions", places[question.id], "when")
        found = list(_condition(question.when, per_line if question.scope == "line" else plain, question.id, *path))
        yield from found
        if question.when and not found:
            late = sorted(conditions.parts_named(question.when, "answers") - earlier)
            if late:
                yield wrong(
                    _("the condition of %(id)s looks at %(later)s, which is not asked before it"), *path,
                    id=question.id, later=", ".join(late),
                )  # fmt: skip
        earlier.add(question.id)


def _results(regulation: Regulation, scope: Scope) -> Iterator[Fault]:
    wanted = [STRING, INT, DOUBLE, BOOL]
    result = regulation.result
    fields = result.document.fields if result.document else ()
    for number, field in enumerate(fields):
        path: Path = ("general", "result", "document", "fields", number, "value")
        yield from _typed(field.value, scope, wanted, field.label.en, *path)
    for number, column in enumerate(result.register_.columns if result.register_ else ()):
        path = ("general", "result", "register", "columns", number, "value")
        found = list(_typed(column.value, scope, wanted, column.id, *path))
        yield from found or _private(regulation, column.value, *path)


def _messages(regulation: Regulation, scope: Scope) -> Iterator[Fault]:
    line = scope_for(regulation, per_line=True, case=True)
    for number, mapping in enumerate(regulation.procedures.messages):
        vocabulary = vocabulary_of(mapping.standard, mapping.version)
        for at, field in enumerate(mapping.fields):
            path: Path = ("procedures", "messages", number, "fields", at)
            place = place_of(field.element, vocabulary) if vocabulary else None
            if vocabulary and place is None:
                yield wrong(
                    _("%(path)s is no path of %(standard)s; its prefixes are %(prefixes)s"), *path, "element",
                    path=field.element, standard=mapping.standard, prefixes=", ".join(vocabulary.namespaces),
                )  # fmt: skip
            listed = place is None or (place.repeated and gives_list(field.from_, scope))
            wanted = None if listed else [STRING, INT, DOUBLE, BOOL]
            seen = line if place and place.repeated and not listed else scope
            yield from _typed(field.from_, seen, wanted, field.element, *path, "from")


def _private(regulation: Regulation, expression: str, *path: str | int) -> Iterator[Fault]:
    """A public register is read by everybody: nobody's personal number or address stands in it (S13.1)."""
    private = {"known": {one.id for one in regulation.facts if one.source in PERSONAL}}
    private["answers"] = {one.id for one in regulation.questions if one.prefill in PERSONAL}
    shown = sorted(one for owner, ids in private.items() for one in conditions.parts_named(expression, owner) & ids)
    if shown:
        yield wrong(_("%(ids)s is personal: it does not stand in a public register (S13)"), *path, ids=", ".join(shown))


def _condition(when: str | None, scope: Scope, owner: str, *path: str | int) -> Iterator[Fault]:
    if when is not None:
        yield from _typed(when, scope, [BOOL], owner, *path)


def _typed(
    expression: str, scope: Scope, wanted: Iterable[conditions.Type] | None, owner: str, *path: str | int
) -> Iterator[Fault]:
    try:
        conditions.check_value(expression, scope, wanted)
    except ConditionError as error:
        told = _("the condition of %(owner)s: %(fault)s")
        if wanted != [BOOL]:
            told = _("the expression of %(owner)s: %(fault)s")
        yield wrong(told, *path, owner=owner, fault=error.text)
