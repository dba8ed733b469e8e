"""Documents that are made from the code, so that they cannot say anything else.

    python -m tools.generate            write docs/generated/*.md and docs/traceability.md
    python -m tools.generate --check    list those that are not what the code says now; exit status 1 if there are any

What is hand-kept is in `tools/clauses.py` only: the clauses and how far each is. Needs no database.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from tools import regulation_format
from tools.clauses import CLAUSES, Clause, Status
from tools.messages import catalogue_path

ROOT = Path(__file__).resolve().parent.parent
AZEXPORT = ROOT / "azexport"
MADE = "<!-- Made by `python -m tools.generate` from the code. Do not edit. -->"
NAMES_SHOWN = 6
"""Tests named for one clause in one file; the others are counted."""


# --- Markdown


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table, a blank line after it."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return [*lines, ""]


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split()) or " "


def code(text: str) -> str:
    return f"`{text}`" if text else ""


def codes(texts: Iterable[str]) -> str:
    return ", ".join(code(text) for text in texts)


def page(title: str, about: str, lines: Iterable[str]) -> str:
    return "\n".join([f"# {title}", "", MADE, "", about, "", *lines]).rstrip() + "\n"


def first_line(text: str | None) -> str:
    """The first paragraph of a docstring."""
    return " ".join((text or "").strip().split("\n\n")[0].split())


# --- Sources


def rooms() -> list[str]:
    return sorted(path.parent.name for path in AZEXPORT.glob("*/__init__.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def azerbaijani(room: str) -> dict[str, str]:
    """The room's Azerbaijani texts, from its catalogue: compiled ones may be missing or old."""
    from babel.messages.pofile import read_po

    path = catalogue_path(AZEXPORT / room / "locale")
    if not path.exists():
        return {}
    with path.open("rb") as stream:
        catalogue = read_po(stream)
    return {one.id: str(one.string) for one in catalogue if isinstance(one.id, str) and one.id}


def set_up() -> None:
    """Django is ready, without a database behind it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()


# --- docs/generated/states.md


def states() -> str:
    """Each room's transition tables, as tables and as diagrams."""
    set_up()
    from django.utils import translation

    from azexport.lifecycle import Table

    lines: list[str] = []
    with translation.override("en"):
        for room in rooms():
            if not (AZEXPORT / room / "lifecycle.py").exists():
                continue
            module = import_module(f"azexport.{room}.lifecycle")
            for name, found in sorted(vars(module).items()):
                if isinstance(found, Table):
                    lines += _lifecycle(room, name, found)
    about = (
        "Every status moves by a row of a table (`azexport/<room>/lifecycle.py`), through the one engine "
        "(`azexport/lifecycle/engine.py`): lock, source state, may, rules, set, audit, effects. A move that is in no "
        "table is refused with 409. “The portal” in *who*: no person can ask for the move, an action or a job of the "
        "portal makes it after checks of its own."
    )
    return page("States", about, lines)


def _lifecycle(room: str, name: str, found: Any) -> list[str]:
    members = _members(found)
    kind = type(members[0])
    heading = f"{room}: {kind.__name__}"
    lines = [f"## {heading}", ""]
    if own := (kind.__doc__ or "").strip():
        # An enum without words of its own has those of its base.
        lines += [] if own == (kind.__mro__[1].__doc__ or "").strip() else [first_line(own), ""]
    words = azerbaijani(room)
    lines += table(
        ("state", "English", "Azerbaijani"),
        ((code(one.value), str(one.label), words.get(str(one.label), "")) for one in kind),
    )
    lines += table(
        ("move", "from", "to", "who", "rules", "event"),
        (
            (
                code(row.name),
                codes(sorted((str(source) for source in row.sources), key=_order(kind))),
                code(str(row.target)),
                _who(row.may),
                ", ".join(_rule(rule) for rule in row.rules),
                code(row.event),
            )
            for row in found.rows
        ),
    )
    return [*lines, *_diagram(kind, found), ""]


def _members(found: Any) -> list[Any]:
    """A state of the table that is an enum's member, first."""
    used = [state for row in found.rows for state in (*row.sources, row.target)]
    return [state for state in used if hasattr(state, "label")] or used


def _order(kind: Any) -> Callable[[str], int]:
    values = [one.value for one in kind]
    return lambda value: values.index(value)


def _diagram(kind: Any, found: Any) -> list[str]:
    sources = {str(source) for row in found.rows for source in row.sources}
    targets = {str(row.target) for row in found.rows}
    values = [one.value for one in kind]
    begins = [value for value in values if value == values[0] or value not in sources | targets]
    lines = ["```mermaid", "stateDiagram-v2", *(f"    [*] --> {value}" for value in begins)]
    lines += [
        f"    {source} --> {row.target}: {row.name}"
        for row in found.rows
        for source in sorted((str(one) for one in row.sources), key=_order(kind))
    ]
    lines += [f"    {value} --> [*]" for value in values if value not in sources]
    return [*lines, "```"]


def _who(may: Any) -> str:
    if may is None:
        return "the portal"
    return code(may.__name__) + (f": {first_line(may.__doc__)}" if may.__doc__ else "")


def _rule(rule: Any) -> str:
    """The codes a rule can give; its name where it has none."""
    path = Path(rule.__code__.co_filename)
    functions = (node for node in tree(path).body if isinstance(node, ast.FunctionDef) and node.name == rule.__name__)
    return ", ".join(found for function in functions for found in _violations(function)[0]) or code(rule.__name__)


# --- docs/generated/rules.md


@dataclass
class Rule:
    """A coded check, as its source says it."""

    codes: list[str]
    text: str
    messages: list[str]
    function: str
    module: str


def rules() -> str:
    """Coded rules, and the regulations' rules by which goods need a permit."""
    found = list(coded_rules())
    coded = sorted((rule for rule in found if rule.codes[0][0].isupper()), key=lambda rule: (rule.codes, rule.module))
    verdicts = [rule for rule in found if not rule.codes[0][0].isupper()]
    lines = ["## Rules with a code", ""]
    lines += ["A broken rule refuses with 422 and says all violations, each with its code, field and message.", ""]
    lines += table(
        ("code", "rule", "what the user reads", "where"),
        ((codes(rule.codes), rule.text, " · ".join(rule.messages), _place(rule)) for rule in coded),
    )
    lines += ["## Checks that end in a verdict", ""]
    lines += [
        "Looked at in order; the first that fails is the verdict, which the page shows in the user's language.",
        "",
    ]
    lines += table(("verdict", "check", "where"), ((codes(rule.codes), rule.text, _place(rule)) for rule in verdicts))
    lines += _regulations()
    return page("Rules", "The portal's coded checks. The docstring of a rule is its text here.", lines)


def _place(rule: Rule) -> str:
    return f"`{rule.module}`: `{rule.function}`"


def coded_rules() -> Iterator[Rule]:
    """Every function that yields a `Violation` with a code, and every check of a rules module that gives a verdict."""
    for path in sorted(AZEXPORT.glob("*/**/*.py")):
        if "migrations" in path.parts:
            continue
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)]
        for function in sorted(functions, key=lambda node: node.lineno):
            named, messages = _violations(function)
            if not named and path.name == "rules.py":
                named = _verdicts(function)
            if named:
                text = re.sub(r"^[A-Z]{3}-\d{3}:\s*", "", first_line(ast.get_docstring(function)))
                # Elsewhere than in a rules module the docstring speaks of the action, and the message is the rule.
                shown = text[:1].upper() + text[1:] if path.name == "rules.py" or not messages else ""
                yield Rule(sorted(named) if messages else named, shown, messages, function.name, module)


def _violations(function: ast.FunctionDef) -> tuple[list[str], list[str]]:
    found: dict[str, None] = {}
    messages: dict[str, None] = {}
    for node in ast.walk(function):
        if not (isinstance(node, ast.Call) and _name(node.func) == "Violation" and node.args):
            continue
        given = node.args[0]
        if isinstance(given, ast.Constant) and re.fullmatch(r"[A-Z]{3}-\d{3}", str(given.value)):
            found[str(given.value)] = None
            messages |= dict.fromkeys(_texts(node))
    return list(found), list(messages)


def _texts(node: ast.AST) -> Iterator[str]:
    """The translatable texts inside."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and _name(call.func) in ("_", "gettext", "gettext_lazy") and call.args:
            text = call.args[0]
            if isinstance(text, ast.Constant):
                yield str(text.value)


def _verdicts(function: ast.FunctionDef) -> list[str]:
    """Values of the verdicts that a check can give: `PermitVerdict.WRONG_GOODS` -> wrong_goods."""
    if "Verdict" not in ast.unparse(function.returns or ast.Constant("")):
        return []
    return list(
        dict.fromkeys(
            node.attr.lower()
            for node in ast.walk(function)
            if isinstance(node, ast.Attribute)
            and _name(node.value).endswith("Verdict")
            and node.attr.isupper()
            and node.attr != "ACCEPTED"
        )
    )


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _regulations() -> list[str]:
    """Which goods need which permit, as the regulations' files say it."""
    import yaml

    lines = ["## Rules by which goods need a permit", ""]
    lines += ["From `regulations/`; an assumption is shown as one on the page.", ""]
    loaded = [(path.name, yaml.safe_load(path.read_text())) for path in sorted((ROOT / "regulations").glob("*.yaml"))]
    rows = [_requirement(name, rule) for name, regulation in loaded for rule in regulation.get("requirements") or ()]
    return [*lines, *table(("rule", "level", "HS codes", "destination", "why", "legal basis", "source", "file"), rows)]


def _requirement(file: str, rule: dict[str, Any]) -> tuple[str, ...]:
    goods = ", ".join(rule.get("hs") or ["every good"])
    if rule.get("except_hs"):
        goods += f"; not {', '.join(rule['except_hs'])}"
    where = rule.get("destination") or {}
    countries = "; ".join(f"{name} {', '.join(map(str, ids))}" for name, ids in sorted(where.items()) if ids)
    words = [rule[name]["en"] for name in ("reason", "condition") if rule.get(name)]
    basis, level = rule["legal_basis"]["en"], rule["level"].replace("_", " ")
    return (
        code(rule["rule"]),
        level,
        goods,
        countries or "every country",
        " ".join(words),
        basis,
        rule["source"],
        code(file),
    )


# --- docs/generated/addresses.md


def addresses() -> str:
    """Every address with its audience."""
    set_up()
    rows = sorted(_addresses())
    about = (
        "Every view declares whom it is for (`azexport.kernel.http.audience`); one that declares none is closed. "
        "`public`: everybody. `signed-in`: a member with a cabinet, who sees only what queries give them (404 else). "
        "`participant`: a participant's system; the view verifies the message's signature."
    )
    head = ("address", "audience", "name", "view", "what it does")
    return page("Addresses", about, table(head, rows))


def _addresses() -> Iterator[tuple[str, ...]]:
    from django.urls import get_resolver

    def walk(resolver: Any, prefix: str) -> Iterator[tuple[str, Any]]:
        for entry in resolver.url_patterns:
            address = prefix + str(entry.pattern)
            if hasattr(entry, "url_patterns"):
                yield from walk(entry, address)
            else:
                yield address, entry

    for address, entry in walk(get_resolver(), "/"):
        view = entry.callback
        who = getattr(view, "audience", None)
        where = f"{view.__module__.removeprefix('azexport.')}.{view.__name__}"
        said = first_line(view.__doc__) if view.__module__.startswith("azexport.") else ""
        yield code(address), who.value if who else "nobody", code(entry.name or ""), code(where), said


# --- docs/generated/events.md


def events() -> str:
    """Every event: who announces it, and what runs because of it."""
    from azexport.gateway.handlers import HANDLERS
    from config.events import EVENTS

    announced = _announced()
    rows = []
    for event in sorted({*EVENTS, *announced}):
        makers = announced.get(event) or {
            maker for pattern, found in announced.items() if _covers(pattern, event) for maker in found
        }
        rows.append((code(event), codes(sorted(makers)), codes(EVENTS.get(event, ()))))
    lines = ["## Events", ""]
    lines += table(("event", "announced by", "what runs in the same transaction"), rows)
    lines += ["## Messages from participants", "", "Message type -> action (`azexport/gateway/handlers.py`).", ""]
    lines += table(("type", "action"), ((code(one), code(HANDLERS[one])) for one in sorted(HANDLERS)))
    about = (
        "An event is an audit row, written in the transaction that makes it true. `config/events.py` is the one table "
        "through which effects go to upper rooms; most events have none. `*` stands for the purpose of a signing or an "
        "invitation."
    )
    return page("Events", about, lines)


def _announced() -> dict[str, set[str]]:
    """Event -> where it is announced: transition tables, `announce(…)` and `record(…)`."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(AZEXPORT.glob("*/**/*.py")):
        if "migrations" in path.parts:
            continue
        where = ".".join(path.relative_to(AZEXPORT).with_suffix("").parts)
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                for event in _events_of(node):
                    found[event].add(where)
    return found


def _events_of(call: ast.Call) -> Iterator[str]:
    name = _name(call.func)
    if name == "T":
        given = [keyword.value for keyword in call.keywords if keyword.arg == "event"] or call.args[3:4]
    elif name in ("announce", "record", "record_many"):
        given = call.args[:1]
    else:
        return
    for one in given:
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and "." in one.value:
            yield one.value
        elif isinstance(one, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in one.values)
            if "." in text:
                yield text


def _covers(pattern: str, event: str) -> bool:
    return bool(re.fullmatch(re.escape(pattern).replace(r"\*", r"[^.]+"), event))


# --- docs/traceability.md

PLACES = ("azexport", "azexport_verify", "config", "regulations", "sandbox", "frontend", "demo", "templates", "docs")
SUFFIXES = {".py", ".html", ".typ", ".yaml", ".md", ".js", ".mjs", ".tsv", ".txt"}
NOT_READ = {"node_modules", "dist", "generated", "__pycache__", "locale", "migrations"}
OWN = {"docs/traceability.md", "docs/glossary.md", "docs/security.md"}

_NUMBER = r"\d+(?:\.\d+)*"
QUOTED = re.compile(
    rf"(?<![\w.\-/])(?:(?P<model>S-A[12]|S-L)(?:[ ,]+(?P<point>{_NUMBER}))?"
    rf"|(?P<id>[PFS]{_NUMBER})(?:-(?P<until>[PFS]?{_NUMBER}))?(?P<items>(?:\(\d+(?:-\d+)?\))*))(?![\w])"
)


def quoted(text: str) -> set[str]:
    """The clause ids a text quotes; `P10.3.3(1-2)`, `P1.3.7-9` and `S10.1-10.8` name each clause of the range."""
    found: set[str] = set()
    for match in QUOTED.finditer(text):
        if match["model"]:
            found.add(f"{match['model']} {match['point']}" if match["point"] else match["model"])
            continue
        for one in _range(match["id"], match["until"]):
            items = list(_items(match["items"]))
            found |= {f"{one}({item})" for item in items} or {one}
    return found


def _items(text: str) -> Iterator[int]:
    for first, last in re.findall(r"\((\d+)(?:-(\d+))?\)", text or ""):
        yield from range(int(first), int(last or first) + 1)


def _range(first: str, until: str | None) -> list[str]:
    stem, _, start = first.rpartition(".")
    if not until or not stem:
        return [first]
    end = until.rpartition(".")[2]
    if not int(start) <= int(end) <= int(start) + 30:
        return [first]
    return [f"{stem}.{number}" for number in range(int(start), int(end) + 1)]


def belongs(one: str, clause: Clause) -> bool:
    """Whether a quoted id is the clause, or a part of it."""
    return any(
        one == name or one.startswith((f"{name}.", f"{name}(", f"{name} ")) for name in (clause.id, *clause.also)
    )


@dataclass
class Trace:
    """Where a clause is quoted."""

    code: list[str] = field(default_factory=list)
    tests: dict[str, list[str]] = field(default_factory=dict)
    """File -> tests that quote it; no names where the file's own docstring does."""


def traces() -> dict[str, Trace]:
    """Clause id -> where it is quoted."""
    in_code = {relative(path): quoted(path.read_text()) for path in _sources()}
    in_tests = {relative(path): _quoted_in_tests(path) for path in sorted((ROOT / "tests").rglob("*.py"))}
    found: dict[str, Trace] = {}
    for clause in CLAUSES:
        trace = found[clause.id] = Trace()
        trace.code = [path for path, ids in in_code.items() if any(belongs(one, clause) for one in ids)]
        for path, tests in in_tests.items():
            names = [name for name, ids in tests.items() if any(belongs(one, clause) for one in ids)]
            if names:
                trace.tests[path] = [name for name in names if name]
    return found


def _sources() -> Iterator[Path]:
    for place in PLACES:
        for path in sorted((ROOT / place).rglob("*")):
            parts = set(path.relative_to(ROOT).parts)
            if path.suffix in SUFFIXES and not parts & NOT_READ and relative(path) not in OWN and path.is_file():
                yield path


def _quoted_in_tests(path: Path) -> dict[str, set[str]]:
    """Test -> ids it quotes, in its source or just above it; "" for the file's docstring."""
    if not path.name.startswith("test_"):
        return {}
    found = {"": quoted(ast.get_docstring(tree(path)) or "")}
    source = path.read_text()
    lines = source.splitlines()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            start = min([node.lineno, *(one.lineno for one in node.decorator_list)]) - 1
            while start > 0 and lines[start - 1].startswith("#"):
                start -= 1
            ids = quoted("\n".join(lines[start : node.end_lineno]))
            if ids:
                found[node.name] = ids
    return {name: ids for name, ids in found.items() if ids}


def untested() -> list[str]:
    """Clauses that are called built and that no test quotes."""
    found = traces()
    return [clause.id for clause in CLAUSES if clause.status is Status.BUILT and not found[clause.id].tests]


def traceability() -> str:
    """Clause -> code -> tests, with how far it is."""
    found = traces()
    counts = {status: sum(clause.status is status for clause in CLAUSES) for status in Status}
    lines = [", ".join(f"{number} {status.value}" for status, number in counts.items()) + ".", ""]
    for heading in dict.fromkeys(clause.heading for clause in CLAUSES):
        lines += [f"## {heading}", ""]
        lines += table(
            ("clause", "what it asks", "status", "note", "quoted in", "tests that quote it"),
            (_clause(one, found[one.id]) for one in CLAUSES if one.heading == heading),
        )
    lines += ["## Other clauses the code quotes", "", codes(_others()) or "none", ""]
    about = (
        "P: the Regulation on the portal; F: the decree that approves it; S: the rules on electronic services "
        "(decision 191); S-A1: their model administrative regulation. **built**: works, and a test quotes the clause; "
        "**partly**: the note says what is there and what is not; **not yet**: nothing works, whatever is quoted. "
        "Statuses are hand-kept in `tools/clauses.py`; a test refuses “built” without a test. Clauses that are not "
        "listed (P3.1-P3.6, P6, F7, S-A2, S-L, C) belong to later work, and nothing of them is claimed."
    )
    return page("Traceability", about, lines)


def _clause(clause: Clause, trace: Trace) -> tuple[str, ...]:
    where = " ".join(f"[{path}](../{path})" for path in trace.code)
    tests = " ".join(_tests(path, names) for path, names in trace.tests.items())
    return clause.id, clause.asks, f"**{clause.status.value}**", clause.note, where, tests


def _tests(path: str, names: Sequence[str]) -> str:
    shown = ", ".join(name.removeprefix("test_").replace("_", " ") for name in names[:NAMES_SHOWN])
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return f"[{path.removeprefix('tests/')}](../{path})" + (f" ({shown}{more})" if shown else "")


def _others() -> list[str]:
    """Ids quoted in the code that no row of the table covers."""
    ids = {one for path in _sources() if not relative(path).startswith("docs/") for one in quoted(path.read_text())}
    others = {one for one in ids if "." in one and not any(belongs(one, clause) for clause in CLAUSES)}
    # A whole section (P4.2) is covered by its parts.
    return sorted(one for one in others if not any(clause.id.startswith(f"{one}.") for clause in CLAUSES))


# --- All of them

DOCUMENTS: dict[str, Callable[[], str]] = {
    "docs/generated/states.md": states,
    "docs/generated/rules.md": rules,
    "docs/generated/addresses.md": addresses,
    "docs/generated/events.md": events,
    "docs/generated/regulation-format.md": regulation_format.document,
    "docs/traceability.md": traceability,
}


def stale() -> list[str]:
    """The documents that are not what the code says now."""
    return [
        name for name, make in DOCUMENTS.items() if not (ROOT / name).exists() or (ROOT / name).read_text() != make()
    ]


def main() -> int:
    match sys.argv[1:]:
        case []:
            for name, make in DOCUMENTS.items():
                path = ROOT / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(make())
        case ["--check"]:
            if names := stale():
                print("\n".join(f"{name} is stale: run `python -m tools.generate`" for name in names))
                return 1
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
