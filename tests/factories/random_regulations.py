"""Random valid regulations of every shape, answers to what they ask, and ways to break them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

from azexport.services.activities import ACTIVITIES
from azexport.services.schema import FACTS, Question
from azexport.services.schema.rules import PERSONAL

SHOWN = tuple(one for one in FACTS if one not in PERSONAL)
"""Facts that may stand in a public register too (S13.1)."""
Content = dict[str, Any]
COUNTRIES = [("AZ", "Azerbaijan"), ("DE", "Germany"), ("JP", "Japan")]
UNITS = [("kg", "Kilogram"), ("l", "Litre")]
CODES = ["080222", "040900", "270900"]
BODIES = ["plum-office", "pear-office", "quince-office"]

_LETTERS = st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp", "Cn", "Co"], blacklist_characters="\ufeff\u00a0")
TEXT = st.text(_LETTERS, min_size=1, max_size=12).map(str.strip).filter(bool)
PARAGRAPHS = st.lists(TEXT, min_size=1, max_size=3).map("\n\n".join)
WORDS = st.fixed_dictionaries({"az": TEXT, "en": TEXT})
DAY = st.dates().map(str)
PREFILLED = ("text", "long_text", "date", "country")
KINDS = (
    "text", "long_text", "number", "money", "date", "choice", "choices", "boolean", "country", "hs", "party", "goods",
    "statement",
)  # fmt: skip
INPUTS = ("text", "number", "money", "date", "choice", "choices", "boolean", "country")


def ids(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


# --- Questions and conditions


@st.composite
def questions(draw: st.DrawFn, identity: str, kinds: tuple[str, ...], *, prefill: bool) -> Content:
    kind = draw(st.sampled_from(kinds))
    made: Content = {"id": identity, "kind": kind, "label": draw(WORDS), "why": draw(WORDS)}
    made["required"] = kind == "statement" or draw(st.booleans())
    if kind in ("choice", "choices"):
        made["choices"] = [{"id": one, "label": draw(WORDS)} for one in ids("c", draw(st.integers(1, 3)))]
    if kind in ("number", "money"):
        low = draw(st.integers(0, 50))
        made["minimum"] = str(low)
        if draw(st.booleans()):
            made["maximum"] = str(low + draw(st.integers(0, 50)))
    if kind == "money":
        made["currency"] = "AZN"
    if kind in ("text", "long_text"):
        made["max_length"] = draw(st.integers(12, 20))
    if kind == "text" and draw(st.booleans()):
        made["pattern"] = "[A-Z]{2}-[0-9]{1,4}"
    if prefill and kind in PREFILLED and draw(st.booleans()):
        made["prefill"] = draw(st.sampled_from(SHOWN))
    if draw(st.booleans()):
        made["hint"] = draw(WORDS)
    return made


def _about(question: Content) -> list[str]:
    """Conditions that look at the question's answer."""
    name, kind = f"answers.{question['id']}", question["kind"]
    first = question["choices"][0]["id"] if "choices" in question else ""
    return {
        "number": [f"{name} > 20.0", f"{name} * 2.0 - 1.0 <= 40.0"],
        "money": [f"{name} >= 10.5", f"round({name} / 3.0, 2) < 9.0"],
        "boolean": [name, f"!{name}"],
        "statement": [name, f"!{name}"],
        "choice": [f"{name} == '{first}'", f"{name} in ['{first}', 'x']"],
        "choices": [f"'{first}' in {name}", f"size({name}) > 1", f"{name}.exists(x, x == '{first}')"],
        "goods": [f"sum({name}.map(r, r.net_kg)) > 5.0", f"{name}.all(r, r.hs.startsWith('08'))",
                  f"{name}[0].hs == '{CODES[0]}'"],
        "party": [f"{name}.country != 'AZ'", f"{name}.name.contains('a')"],
        "country": [f"{name} == 'DE'"],
    }.get(kind, [f"{name} != ''", f"{name}.matches('^[a-m].*')"])  # fmt: skip


@st.composite
def conditions(draw: st.DrawFn, earlier: list[Content], facts: list[str]) -> str:
    atoms = ["applicant.kind == 'taxpayer'", "applicant.country in ['AZ', 'DE']", "true"]
    atoms += [f"known.{one}.startsWith('a')" for one in facts]
    atoms += [one for question in earlier for one in _about(question)] * 3
    left, right = draw(st.sampled_from(atoms)), draw(st.sampled_from(atoms))
    return draw(
        st.sampled_from([left, left, f"{left} && {right}", f"{left} || !({right})", f"{left} ? {right} : true"])
    )


@st.composite
def _forms(draw: st.DrawFn, facts: list[str], *, interactive: bool) -> Content:
    """Questions in the order in which they are asked, documents, sections, checks."""
    asked: list[Content] = []
    for identity in ids("q", draw(st.integers(0 if interactive else 1, 6))):
        made = draw(questions(identity, KINDS if interactive else INPUTS, prefill=interactive))
        if draw(st.booleans()):
            made["when"] = draw(conditions(list(asked), facts if interactive else []))
        asked.append(made)
    documents = []
    for identity in ids("d", draw(st.integers(0, 3)) if interactive else 0):
        made = {"id": identity, "name": draw(WORDS), "why": draw(WORDS), "required": draw(st.booleans()),
                "original": draw(st.booleans())}  # fmt: skip
        if draw(st.booleans()):
            made["when"] = draw(conditions(asked, facts))
        documents.append(made)
    form: Content = {"questions": asked, "documents": documents}
    in_sections: bool = draw(st.booleans())
    if interactive and (asked or documents) and in_sections:
        form["sections"] = draw(_sections([one["id"] for one in asked], [one["id"] for one in documents]))
        form["questions"] = draw(st.permutations(asked))
    # What a check asks for, any answer within its question's bounds gives.
    form["checks"] = [
        {"id": f"k{number}", "condition": f"answers.{one['id']} >= 0.0", "message": draw(WORDS), "question": one["id"]}
        for number, one in enumerate(asked)
        if one["kind"] in ("number", "money") and draw(st.booleans())
    ]
    return form


@st.composite
def _sections(draw: st.DrawFn, asked: list[str], documents: list[str]) -> list[Content]:
    tasks: list[Content] = []
    for name, items in (("questions", asked), ("documents", documents)):
        left = list(items)
        while left:
            taken = draw(st.integers(1, len(left)))
            tasks.append({"id": f"t{len(tasks)}", "title": draw(WORDS), name: left[:taken]})
            left = left[taken:]
    sections: list[Content] = []
    while tasks:
        taken = draw(st.integers(1, len(tasks)))
        sections.append({"id": f"s{len(sections)}", "title": draw(WORDS), "tasks": tasks[:taken]})
        tasks = tasks[taken:]
    return sections


# --- The route


@st.composite
def _steps(draw: st.DrawFn, bodies: list[str], *, full: bool) -> list[Content]:
    made: list[Content] = []
    for identity in ids("step", draw(st.integers(1, 5))):
        step: Content = {
            "id": identity, "name": draw(WORDS), "responsible": draw(WORDS), "content": draw(WORDS),
            "working_days": 0 if full else draw(st.integers(0, 5)), "result": draw(WORDS),
        }  # fmt: skip
        if draw(st.booleans()) and made:
            step["after"] = draw(st.lists(st.sampled_from([one["id"] for one in made]), unique=True, max_size=3))
        if not full and draw(st.booleans()):
            step["performer"] = draw(st.sampled_from(bodies))
        if draw(st.booleans()):
            step["checklist"] = [{"id": one, "text": draw(WORDS), "clause": draw(TEXT)} for one in ids("item", 2)]
        made.append(step)
    return made


def _days(steps: list[Content]) -> int:
    return sum(int(one["working_days"]) for one in steps)


# --- The whole


@st.composite
def regulations(draw: st.DrawFn) -> Content:
    """The content of a valid regulation: interactive, automatic or informational."""
    shape = draw(st.sampled_from(["interactive", "interactive", "automatic", "calculator", "pages"]))
    interactive, full = shape in ("interactive", "automatic"), shape != "interactive"
    bodies = draw(st.permutations(BODIES))
    facts = ids("fact", draw(st.integers(0, 2))) if interactive else []
    form = draw(_forms(facts, interactive=interactive))
    steps = draw(_steps(bodies, full=full)) if interactive else []
    answers = draw(conditions(form["questions"] if not form.get("sections") else [], facts))
    return {
        "id": draw(st.sampled_from(["plum-seal", "pear_licence", "q1"])),
        "version": draw(st.integers(1, 9)),
        "valid_from": "2026-01-01",
        **({"valid_until": "2030-01-01"} if draw(st.booleans()) else {}),
        "general": draw(_general(bodies, form, facts, days=_days(steps), full=full, interactive=interactive)),
        "provision": draw(_provision(form, facts, shape)),
        "procedures": draw(_procedures(steps, shape, answers)),
    }


@st.composite
def _general(
    draw: st.DrawFn, bodies: list[str], form: Content, facts: list[str], *, days: int, full: bool, interactive: bool
) -> Content:
    result: Content = {"kind": "seal", "name": draw(WORDS), "validity": {"text": draw(WORDS)}}
    expressions = ["case.reference", "applicant.name", "'x'", "1.5", "true", "case.decided_on + ' '"]
    expressions += [f"known.{one}" for one in facts]
    expressions += [f"size(answers.{one['id']})" for one in form["questions"] if one["kind"] in ("goods", "choices")]
    value = st.sampled_from(expressions)
    if interactive and draw(st.booleans()):
        text = {"az": draw(PARAGRAPHS), "en": draw(PARAGRAPHS)}
        result["document"] = {"text": text, "fields": [{"label": draw(WORDS), "value": draw(value)}]}
    if interactive and draw(st.booleans()):
        columns = [{"id": one, "label": draw(WORDS), "value": draw(value)} for one in ids("col", 2)]
        result["register"] = {"name": draw(WORDS), "columns": columns}
    return {
        "name": draw(WORDS),
        "content": draw(WORDS),
        "activity": draw(st.sampled_from(list(ACTIVITIES))),
        "legal_basis": [{"act": draw(WORDS), "clause": draw(TEXT), "source": "verified"}],
        "provider": bodies[0],
        "other_performers": bodies[1:],
        "automation": "full" if full else "partial",
        "term": {
            "working_days": 0 if full else max(days, 1), "clause": draw(TEXT), "source": "verified",
            **({"processing": draw(WORDS)} if full else {"lower": 1}),
        },
        "result": result,
    }  # fmt: skip


@st.composite
def _provision(draw: st.DrawFn, form: Content, facts: list[str], shape: str) -> Content:
    paid = draw(st.booleans())
    fee: Content = {"amount": "0.00"}
    if paid:
        fee = {
            "amount": "7.50",
            "legal_basis": draw(WORDS),
            "bank": draw(WORDS),
            "before_decision": draw(st.booleans()),
        }
    register = {
        "participant": BODIES[1],
        "facts": [{"id": one, "label": draw(WORDS), "source": draw(st.sampled_from(SHOWN))} for one in facts],
    }
    known: Content = {"id": "known", "name": draw(WORDS), "identified_by": draw(WORDS)}
    extra: Content = {}
    if shape == "calculator":
        numbers = [f"answers.{one['id']}" for one in form["questions"] if one["kind"] in ("number", "money")]
        value = draw(st.sampled_from([*numbers, "2.5", "double(size('abc'))"]))
        extra["calculator"] = {"outputs": [{"id": "out", "label": draw(WORDS), "value": f"{value} * 1.5"}]}
    if shape == "pages":
        extra["pages"] = {"az": draw(PARAGRAPHS), "en": draw(PARAGRAPHS)}
    return {
        "kind": "interactive" if shape in ("interactive", "automatic") else "informational",
        "fee": fee,
        "users": draw(st.lists(st.sampled_from(["natural", "legal", "state", "other"]), unique=True, min_size=1)),
        "place": draw(WORDS),
        "information": draw(WORDS),
        "known_documents": [{**known, **({"register": register} if facts else {})}],
        **form,
        **extra,
    }


@st.composite
def _procedures(draw: st.DrawFn, steps: list[Content], shape: str, grant: str) -> Content:
    made: Content = {
        "control": {"form": draw(WORDS), "order": draw(WORDS)},
        "disputes": {"right": draw(WORDS), "information": draw(WORDS), "term": draw(WORDS)},
    }
    if shape in ("calculator", "pages"):
        return {"open": draw(WORDS), **made}
    made |= {"request": {"formed": draw(WORDS), "accepted": draw(WORDS)}, "steps": steps}
    if shape == "automatic" or draw(st.booleans()):
        made["refusal_grounds"] = [{"id": "no", "text": draw(WORDS), "clause": draw(TEXT)}]
    if shape == "automatic":
        made["decision"] = {"grant": grant, "ground": "no"}
    if draw(st.booleans()):
        made["silence"] = {"rule": draw(st.sampled_from(["granted", "none"])), "text": draw(WORDS), "clause": "1"}
        made["clock"] = {"stops": ["information_requested"], "text": draw(WORDS), "clause": "2"}
        made["messages"] = [
            {
                "standard": "UN/CEFACT eCert",
                "version": "3",
                "fields": [{"from": "applicant.name", "element": "Exporter"}],
            }
        ]
    return made


# --- Answers


def answers_to(question: Question) -> st.SearchStrategy[Any]:
    """Good answers to a question, as a program sends them."""
    simple: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
        "number": lambda: st.integers(int(question.minimum or 0), int(question.maximum or 10**6)),
        "money": lambda: st.integers(int(question.minimum or 0), int(question.maximum or 10**6)),
        "date": lambda: DAY,
        "choice": lambda: st.sampled_from([one.id for one in question.choices]),
        "choices": lambda: st.lists(st.sampled_from([one.id for one in question.choices]), min_size=1, unique=True),
        "boolean": st.booleans,
        "statement": lambda: st.just(True),
        "country": lambda: st.sampled_from([code for code, _name in COUNTRIES]),
        "hs": lambda: st.sampled_from(CODES),
        "party": lambda: st.fixed_dictionaries(
            {"name": TEXT, "country": st.sampled_from([code for code, _name in COUNTRIES]), "address": TEXT}
        ),
        "goods": lambda: st.lists(_rows(), min_size=1, max_size=3),
    }
    if question.pattern:
        return st.from_regex(r"\A[A-Z]{2}-[0-9]{1,4}\Z")
    return simple.get(question.kind, lambda: TEXT)()


def nearly(question: Question) -> st.SearchStrategy[Any]:
    """Answers on both sides of what the question takes, as a program might send them."""
    low, high = int(question.minimum or 0) - 1, int(question.maximum or 10**6) + 1
    match question.kind:
        case "number" | "money":
            fractions = [st.decimals(low, high, places=places).map(float) for places in (1, 2, 3, 6, 7)]
            edges = st.sampled_from([10**12, 10**12 - 1, 10**16, 10**16 - 1, 10**17, 1e-7, low + 1, high - 1, 0.01])
            return st.one_of(*fractions, edges, st.integers(low, high))
        case "text" | "long_text":
            long = st.text("ab \n", min_size=question.max_length - 1, max_size=question.max_length + 1)
            matching = st.from_regex("[A-Z]{1,3}-[0-9]{0,5}[a-z]?")
            return st.one_of(long, matching).map(str.strip)
        case "date":
            return st.from_regex(r"\A[0-9]{4}-[01]?[0-9]-[0-3]?[0-9]\Z")
        case _:
            return st.one_of(st.booleans(), st.sampled_from(["c0", "c1", "c2", ["c0", "c2"], [], "true", 1, 0]))


def _rows() -> st.SearchStrategy[Content]:
    return st.fixed_dictionaries(
        {
            "hs": st.sampled_from(CODES), "description": TEXT, "quantity": st.integers(1, 50), "unit": st.just("kg"),
            "net_kg": st.integers(1, 50),
        },
        optional={"value": st.integers(0, 99)},
    )  # fmt: skip


# --- Breaking them


def texts(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of everything that is said in both languages."""
    if isinstance(content, dict):
        if set(content) == {"az", "en"}:
            yield path
            return
        for key, value in content.items():
            yield from texts(value, (*path, key))
    elif isinstance(content, list):
        for number, item in enumerate(content):
            yield from texts(item, (*path, number))


def at(content: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        content = content[step]
    return content


def without(content: Content, path: tuple[Any, ...]) -> None:
    """What stands at the path is taken away."""
    del at(content, path[:-1])[path[-1]]
