"""Messages of international standards, filled by the mapping that a regulation gives (S-A1 3.2.1).

A mapping is a list of `{from: <expression>, element: <path>}`. The path leads from the root of the message over its
elements, with the prefixes of the standard, in the order in which the standard wants them:

    ram:ID                      an element inside the one before it
    ram:IncludedSPSNote[2]      the second element of that name
    cac:GoodsItem[]             once for each line: the expression sees `line`, or gives a list with a value for each
    @unitCode                   an attribute; only at the end

What is empty leaves no element, and a character that XML cannot say becomes a blank. The values are placed and nothing
is added: whether the whole is a valid message of the standard is for the author of the mapping to see to, and for a
test of those that ship. A standard that is not known here can be named, too: its mapping is published and no message is
made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lxml import etree

from azexport.services import conditions
from azexport.services.conditions import ConditionError, Scope
from azexport.services.scope import scope_for, values_for

if TYPE_CHECKING:
    from azexport.services.schema import MessageMapping, Regulation

_UBL = "urn:oasis:names:specification:ubl:schema:xsd"
_UNCEFACT = "urn:un:unece:uncefact:data:standard"
_UBL_NAME = re.compile(r"UBL ([A-Z][A-Za-z]+)\Z")
_PART = re.compile(r"(?P<prefix>[a-z]+):(?P<name>[A-Za-z]+)(?P<place>\[([1-9][0-9]?)?\])?\Z")
_ATTRIBUTE = re.compile(r"@(?P<name>[A-Za-z]+)\Z")
_UNFIT = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot say (2.2): control characters that come along when text is pasted into a form."""


@dataclass(frozen=True)
class Vocabulary:
    """What a standard calls its root, and where its names come from."""

    root: str
    namespaces: Mapping[str, str] = field(hash=False)


_SPS = Vocabulary(
    "rsm:SPSCertificate",
    {
        "rsm": f"{_UNCEFACT}:SPSCertificate:17",
        "ram": f"{_UNCEFACT}:ReusableAggregateBusinessInformationEntity:21",
        "udt": f"{_UNCEFACT}:UnqualifiedDataType:21",
    },
)


def vocabulary_of(standard: str, version: str) -> Vocabulary | None:
    """The vocabulary of a standard that messages are made of: any document of UBL 2, and the SPS certificate D17A."""
    if (standard, version) == ("UN/CEFACT SPSCertificate", "17"):
        return _SPS
    ubl = _UBL_NAME.match(standard)
    if ubl and version.startswith("2."):
        name = ubl[1]
        aggregates, basics = (f"{_UBL}:Common{kind}Components-2" for kind in ("Aggregate", "Basic"))
        return Vocabulary(f"ubl:{name}", {"ubl": f"{_UBL}:{name}-2", "cac": aggregates, "cbc": basics})
    return None


# ------------------------------------------------------------------------------------------------ paths


@dataclass(frozen=True)
class Part:
    """One element of a path."""

    prefix: str
    name: str
    place: int = 1
    """Which of the elements of that name, from 1; 0: one for each line."""


@dataclass(frozen=True)
class Place:
    """Where a value stands: the elements from below the root, and the attribute if it is one."""

    parts: tuple[Part, ...]
    attribute: str = ""

    @property
    def repeated(self) -> bool:
        """Whether it stands once for each line."""
        return any(part.place == 0 for part in self.parts)


def place_of(path: str, vocabulary: Vocabulary) -> Place | None:
    """The place a path names; None where it is no path of the vocabulary, or has more than one part for each line."""
    *texts, last = path.split("/")
    attribute = _ATTRIBUTE.match(last)
    parts = [_part(text, vocabulary) for text in (texts if attribute else [*texts, last])]
    if not parts or None in parts or sum(1 for part in parts if part and part.place == 0) > 1:
        return None
    return Place(tuple(part for part in parts if part), attribute["name"] if attribute else "")


def _part(text: str, vocabulary: Vocabulary) -> Part | None:
    found = _PART.match(text)
    if found is None or found["prefix"] not in vocabulary.namespaces:
        return None
    place = (found["place"] or "[1]").strip("[]")
    return Part(found["prefix"], found["name"], int(place or 0))


# ------------------------------------------------------------------------------------------------ the message


@dataclass(frozen=True)
class StandardMessage:
    """A message of an international standard."""

    standard: str
    """With its version: `UBL CertificateOfOrigin 2.4`."""
    content: bytes
    """XML in UTF-8."""


def message(mapping: MessageMapping, regulation: Regulation, surroundings: Mapping[str, Any]) -> StandardMessage | None:
    """The message that the mapping fills; None where its standard is not known here.

    Args:
        surroundings: the arguments of `scope.values_for`, `case` among them.

    Raises:
        ConditionError: an expression cannot be worked out for these answers.
    """
    vocabulary = vocabulary_of(mapping.standard, mapping.version)
    if vocabulary is None:
        return None
    root = etree.Element(_tag(vocabulary, vocabulary.root), nsmap=dict(vocabulary.namespaces))
    for one in mapping.fields:
        place = place_of(one.element, vocabulary)
        assert place is not None, "a regulation is checked before it is kept"
        for position, text in enumerate(_texts(one.from_, place, regulation, surroundings)):
            if text:
                _put(root, vocabulary, place, position, text)
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return StandardMessage(f"{mapping.standard} {mapping.version}", content)


def _texts(expression: str, place: Place, regulation: Regulation, surroundings: Mapping[str, Any]) -> list[str]:
    if place.repeated and not gives_list(expression, scope_for(regulation, case=True)):
        lines = surroundings.get("goods") or ()
        each = [conditions.value(expression, values_for(regulation, **surroundings, line=line)) for line in lines]
        return [_text(one) for one in each]
    found = conditions.value(expression, values_for(regulation, **surroundings))
    return [_text(one) for one in (found if place.repeated else [found])]


def gives_list(expression: str, scope: Scope) -> bool:
    """Whether the expression, seen without a line of goods, is a list."""
    try:
        return conditions.type_of(expression, scope).name == "list"
    except ConditionError:
        return False


def _put(root: etree._Element, vocabulary: Vocabulary, place: Place, position: int, text: str) -> None:
    node = root
    for part in place.parts:
        node = _child(node, _tag(vocabulary, f"{part.prefix}:{part.name}"), (part.place or position + 1))
    if place.attribute:
        node.set(place.attribute, text)
    else:
        node.text = text


def _child(node: etree._Element, tag: str, wanted: int) -> etree._Element:
    """The element of that name in that place; those that are missing come behind the last of that name, or last."""
    found = node.findall(tag)
    while len(found) < wanted:
        new = etree.Element(tag)
        if found:
            found[-1].addnext(new)
        else:
            node.append(new)
        found.append(new)
    return found[wanted - 1]


def _tag(vocabulary: Vocabulary, name: str) -> str:
    prefix, local = name.split(":")
    return f"{{{vocabulary.namespaces[prefix]}}}{local}"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value.normalize(), "f") if isinstance(value, Decimal) else _UNFIT.sub(" ", str(value))
