"""Whether a regulation conforms to the model form: every heading filled, every route ending, every term set (S9, S-A1).

The format refuses what cannot run (schema). This goes further and proves it on the whole, from the outside: it walks
the content by the headings of the model form, the route as a graph from the request to its end, the texts by language,
the expressions by their types, the form by its tasks, and writes the legal text of every heading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from azexport.services import legal
from azexport.services.diagram import START, Graph, graph_of
from azexport.services.faults import Fault, Path, wrong
from azexport.services.files import faults_of
from azexport.services.schema import Regulation, clause_of

REQUIRED: dict[str, Path] = {
    "1.1": ("general", "name"),
    "1.2": ("general", "content"),
    "1.3": ("general", "legal_basis"),
    "1.4": ("general", "provider"),
    "1.6": ("general", "automation"),
    "1.7": ("general", "term"),
    "1.8": ("general", "result"),
    "2.1": ("provision", "kind"),
    "2.2": ("provision", "fee"),
    "2.3": ("provision", "users"),
    "2.4": ("provision", "place"),
    "2.5": ("provision", "information"),
    "3.5.1": ("procedures", "control", "form"),
    "3.5.2": ("procedures", "control", "order"),
    "3.6.1": ("procedures", "disputes", "right"),
    "3.6.2": ("procedures", "disputes", "information"),
    "3.6.3": ("procedures", "disputes", "term"),
}
"""Heading -> where a regulation of either kind fills it."""
INFORMATIONAL: dict[str, Path] = {"3.1": ("procedures", "open")}
INTERACTIVE: dict[str, Path] = {
    "3.2.1": ("procedures", "request", "formed"),
    "3.2.2": ("procedures", "request", "accepted"),
    "3.4": ("procedures", "steps"),
}
OF_STEPS: dict[str, tuple[str, ...]] = {
    "3.4.1": ("name", "responsible"),
    "3.4.2": ("content", "working_days"),
    "3.4.4": ("result",),
}


def check(regulation: Regulation | Mapping[str, Any]) -> list[Fault]:
    """Every fault, in the order of the headings; none where the regulation conforms.

    Args:
        regulation: or content that may not be one yet.
    """
    content = regulation.model_dump(mode="json") if isinstance(regulation, Regulation) else dict(regulation)
    found = [*headings(content), *_languages(content), *faults_of(content)]
    if not found:
        whole = regulation if isinstance(regulation, Regulation) else Regulation.model_validate(content)
        found = [*_route(whole), *_text(whole), *_form(whole)]
    return _each_once(found)


def _each_once(faults: Iterable[Fault]) -> list[Fault]:
    """One fault for a place, in the order of the model form."""
    first: dict[Path, Fault] = {}
    for fault in faults:
        if not any(fault.path[: len(place)] == place for place in first if place):
            first[fault.path] = fault
    return sorted(first.values(), key=lambda fault: [int(one) for one in fault.clause.split(".") if one.isdigit()])


def _at(path: Path, message: Any, **values: object) -> Fault:
    fault = wrong(message, *path, **values)
    return Fault(path, fault.message, clause_of(path))


# --- 1: every heading is filled


def headings(content: Mapping[str, Any]) -> Iterator[Fault]:
    """Headings of the model form under which nothing stands."""
    informational = _value(content, ("provision", "kind")) == "informational"
    for number, path in (REQUIRED | (INFORMATIONAL if informational else INTERACTIVE)).items():
        if _is_empty(_value(content, path)):
            yield _at(path, _("heading %(number)s of the model form is not filled"), number=number)
    steps = _value(content, ("procedures", "steps"))
    for place, step in enumerate(steps if isinstance(steps, list) else []):
        for number, names in OF_STEPS.items():
            for name in names:
                if not isinstance(step, Mapping) or _is_empty(step.get(name)):
                    yield _at(
                        ("procedures", "steps", place, name),
                        _("heading %(number)s of the model form is not filled"), number=number,
                    )  # fmt: skip


def _value(content: Any, path: Path) -> Any:
    for step in path:
        content = content.get(step) if isinstance(content, Mapping) else None
    return content


def _is_empty(value: Any) -> bool:
    return value is None or value == {} or value == [] or (isinstance(value, str) and not value.strip())


# --- 2: every text stands in both languages


def _languages(content: Any, path: Path = ()) -> Iterator[Fault]:
    if isinstance(content, Mapping):
        if content and set(content) <= {"az", "en"}:
            for language, name in (("az", _("in Azerbaijani")), ("en", _("in English"))):
                if _is_empty(content.get(language)):
                    yield _at((*path, language), _("the text %(language)s is missing"), language=name)
            return
        for key, value in content.items():
            yield from _languages(value, (*path, str(key)))
    elif isinstance(content, list):
        for number, item in enumerate(content):
            yield from _languages(item, (*path, number))


# --- 3: every state is reached and left


def _route(regulation: Regulation) -> Iterator[Fault]:
    graph = graph_of(regulation)
    reached, leaving = _reached(graph, START), _reaching(graph)
    for node in graph.nodes:
        path: Path = node.path or ("procedures", "steps")
        if node.id not in reached:
            yield _at(path, _("%(name)s is never reached"), name=node.name)
        if node.id not in leaving:
            yield _at(path, _("no way leads from %(name)s to an end"), name=node.name)


def _reached(graph: Graph, start: str) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        node = waiting.pop()
        for edge in graph.edges:
            if edge.source == node and edge.target not in seen:
                seen.add(edge.target)
                waiting.append(edge.target)
    return seen


def _reaching(graph: Graph) -> set[str]:
    """The nodes from which an end is reached."""
    seen = {node.id for node in graph.nodes if node.kind == "end"}
    waiting = list(seen)
    while waiting:
        node = waiting.pop()
        for edge in graph.edges:
            if edge.target == node and edge.source not in seen:
                seen.add(edge.source)
                waiting.append(edge.source)
    return seen


# --- 4: the legal text says something under every heading, and the form asks for everything


def _text(regulation: Regulation) -> Iterator[Fault]:
    for language in ("az", "en"):
        written = {one.number: one for one in legal.clauses(regulation, language=language, names={})}
        wanted = REQUIRED | (INTERACTIVE if regulation.interactive else INFORMATIONAL)
        for number, path in wanted.items():
            if number not in written or (number != "3.4" and not written[number].text.strip()):
                yield _at(path, _("the legal text says nothing under %(number)s"), number=number)


def _form(regulation: Regulation) -> Iterator[Fault]:
    asked = [
        one for section in regulation.sections for task in section.tasks for one in (*task.questions, *task.documents)
    ]
    parts = {
        "questions": [one.id for one in regulation.questions],
        "documents": [one.id for one in regulation.documents],
    }
    for name, ids in parts.items():
        for number, item in enumerate(ids):
            if item not in asked:
                yield _at(("provision", name, number), _("no page of the form asks for it"))


# --- 5: the rules of the finder go with those of the other services (P4.1.4)


def rule_numbers(content: Mapping[str, Any]) -> list[str]:
    """The numbers of the content's rules, in their order; "" where a rule has none yet."""
    rules = content.get("requirements")
    listed = rules if isinstance(rules, list | tuple) else []
    return [str(one.get("rule") or "") if isinstance(one, Mapping) else "" for one in listed]


def rules_given_elsewhere(content: Mapping[str, Any], standing: Mapping[str, Any]) -> Iterator[Fault]:
    """Rules whose number another text has already.

    Args:
        standing: number -> where it stands, in words (text in both languages, or a name).
    """
    for number, rule in enumerate(rule_numbers(content)):
        if rule and rule in standing:
            path = ("requirements", number, "rule")
            yield _at(path, _("rule %(rule)s stands in %(where)s already"), rule=rule, where=standing[rule])


def unknown_countries(content: Mapping[str, Any], countries: set[str], groups: set[str]) -> Iterator[Fault]:
    """Countries and groups of countries that rules name and that there are not: such a rule would never speak."""
    known = {"countries": countries, "except_countries": countries, "groups": groups, "except_groups": groups}
    for number, rule in enumerate(content.get("requirements") or ()):
        destination = rule.get("destination") if isinstance(rule, Mapping) else None
        for name, codes in known.items():
            listed = destination.get(name) if isinstance(destination, Mapping) else None
            for one in listed if isinstance(listed, list | tuple) else ():
                if one not in codes:
                    path = ("requirements", number, "destination", name)
                    yield _at(path, _("%(name)s is no country that the portal knows"), name=one)
