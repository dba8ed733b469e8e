"""The route of a regulation as a graph, and as a picture: what waits for what, what runs side by side, how it ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from textwrap import wrap
from xml.sax.saxutils import escape

from azexport.kernel.text import Text, both, pick
from azexport.services.faults import Path
from azexport.services.schema import Regulation, Step

START, DECISION, GRANTED, REFUSED, GIVEN = "request", "decision", "granted", "refused", "given"
WIDTH, GAP_X, GAP_Y, PAD, LINE = 220, 28, 40, 12, 17
LETTERS = 28
"""Letters that a line of a box holds."""
MARGIN = 16


@dataclass(frozen=True)
class Node:
    """A place of the route."""

    id: str
    kind: str
    """start | step | decision | end"""
    name: Text
    detail: tuple[Text, ...] = ()
    path: Path = ()


@dataclass(frozen=True)
class Edge:
    """A way from one place to the next."""

    source: str
    target: str


@dataclass(frozen=True)
class Graph:
    nodes: tuple[Node, ...]
    """In the order of the route."""
    edges: tuple[Edge, ...]
    rows: tuple[tuple[str, ...], ...]
    """The ids of what stands side by side, from top to bottom."""

    def node(self, node_id: str) -> Node:
        return next(one for one in self.nodes if one.id == node_id)


def graph_of(regulation: Regulation, names: Mapping[str, Text] | None = None) -> Graph:
    """The route from the request to its end.

    Args:
        names: participant code -> name of the body.
    """
    if not regulation.interactive:
        return _informational(regulation)
    steps = regulation.steps
    waits = {step.id: regulation.after(step) for step in steps}
    awaited = {one for ids in waits.values() for one in ids}
    ends = [Node(GRANTED, "end", regulation.result.name.text)]
    if regulation.refusal_grounds:
        ends.append(Node(REFUSED, "end", both("İmtina", "Refusal"), path=("procedures", "refusal_grounds")))
    nodes = (
        Node(START, "start", both("Sorğu", "Request")),
        *(_step(regulation, step, number, names or {}) for number, step in enumerate(steps)),
        Node(DECISION, "decision", both("Qərar", "Decision")),
        *ends,
    )
    edges = [Edge(START, step.id) for step in steps if not waits[step.id]]
    edges += [Edge(f"{one}", step.id) for step in steps for one in waits[step.id]]
    edges += [Edge(step.id, DECISION) for step in steps if step.id not in awaited]
    edges += [Edge(DECISION, end.id) for end in ends]
    rows = (
        (START,),
        *(tuple(step.id for step in stage) for stage in regulation.stages),
        (DECISION,),
        tuple(end.id for end in ends),
    )
    return Graph(nodes, tuple(edges), rows)


def _informational(regulation: Regulation) -> Graph:
    nodes = (
        Node(START, "start", both("Müraciət", "Visit")),
        Node(GIVEN, "end", regulation.result.name.text),
    )
    return Graph(nodes, (Edge(START, GIVEN),), ((START,), (GIVEN,)))


def _step(regulation: Regulation, step: Step, number: int, names: Mapping[str, Text]) -> Node:
    days = both(f"{step.working_days} iş günü", f"{step.working_days} working day{'s'[: step.working_days != 1]}")
    detail = [days] if step.working_days else []
    if step.performer and step.performer != regulation.provider:
        detail.insert(0, names.get(step.performer, both(step.performer, step.performer)))
    return Node(step.id, "step", step.name.text, tuple(detail), ("procedures", "steps", number))


@dataclass(frozen=True)
class _Box:
    node: Node
    x: int
    y: int
    height: int
    lines: tuple[str, ...]
    small: tuple[str, ...]

    @property
    def middle(self) -> int:
        return self.x + WIDTH // 2


def svg(regulation: Regulation, *, language: str, names: Mapping[str, Text] | None = None) -> str:
    """The route as an SVG picture; its title and description say it in words."""
    graph = graph_of(regulation, names)
    boxes = _placed(graph, language)
    width = max(len(row) for row in graph.rows) * (WIDTH + GAP_X) - GAP_X + 2 * MARGIN
    height = max(box.y + box.height for box in boxes.values()) + MARGIN
    title = pick(both("Xidmətin marşrutu", "Route of the service"), language) + f": {pick(regulation.name, language)}"
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="t d" lang="{language}" '
        'font-family="Noto Sans, Arial, sans-serif" font-size="14">',
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="d">{escape(described(graph, language))}</desc>',
        '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#0b4f5c"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *(_way(boxes[edge.source], boxes[edge.target]) for edge in graph.edges),
        *(line for box in boxes.values() for line in _drawn(box)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def described(graph: Graph, language: str) -> str:
    """The route in words: `Request → Check | Expertise → Decision → Certificate | Refusal`."""
    return " → ".join(" | ".join(pick(graph.node(one).name, language) for one in row) for row in graph.rows)


def _placed(graph: Graph, language: str) -> dict[str, _Box]:
    widest = max(len(row) for row in graph.rows)
    boxes: dict[str, _Box] = {}
    y = MARGIN
    for row in graph.rows:
        made = []
        left = MARGIN + (widest - len(row)) * (WIDTH + GAP_X) // 2
        for place, node_id in enumerate(row):
            node = graph.node(node_id)
            lines = tuple(wrap(pick(node.name, language), LETTERS)) or ("",)
            small = tuple(line for one in node.detail for line in wrap(pick(one, language), LETTERS + 4))
            tall = 2 * PAD + LINE * (len(lines) + len(small))
            made.append(_Box(node, left + place * (WIDTH + GAP_X), y, tall, lines, small))
        tallest = max(box.height for box in made)
        boxes |= {box.node.id: _Box(box.node, box.x, y, tallest, box.lines, box.small) for box in made}
        y += tallest + GAP_Y
    return boxes


_LOOKS = {
    "start": ("#f3f6f6", "#5a6b74", 18),
    "step": ("#ffffff", "#0b4f5c", 4),
    "decision": ("#e5f3f6", "#0087a8", 4),
    "end": ("#f3f6f6", "#0b4f5c", 18),
}
"""Kind -> fill, line, radius of the corners."""


def _drawn(box: _Box) -> Iterator[str]:
    fill, stroke, radius = _LOOKS[box.node.kind]
    yield (
        f'<rect x="{box.x}" y="{box.y}" width="{WIDTH}" height="{box.height}" rx="{radius}" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="1.5"/>'
    )
    free = box.height - LINE * (len(box.lines) + len(box.small))
    y = box.y + free // 2 + 13
    for number, line in enumerate((*box.lines, *box.small)):
        look = 'fill="#10212b" font-weight="600"' if number < len(box.lines) else 'fill="#43525a" font-size="12.5"'
        yield f'<text x="{box.middle}" y="{y}" text-anchor="middle" {look}>{escape(line)}</text>'
        y += LINE


def _way(source: _Box, target: _Box) -> str:
    start, end = source.y + source.height, target.y - 2
    bend = end - GAP_Y // 2
    way = f"M{source.middle} {start}"
    if source.middle != target.middle:
        way += f"V{bend}H{target.middle}"
    return f'<path d="{way}V{end}" fill="none" stroke="#0b4f5c" stroke-width="1.5" marker-end="url(#a)"/>'
