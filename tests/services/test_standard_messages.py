"""Messages of international standards come from the mapping in the regulation alone (S-A1 3.2.1)."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from azexport.services import files, queries
from azexport.services.conformance import check
from azexport.services.schema import Regulation
from tests.factories.services import honey, words

UBL = {"standard": "UBL CertificateOfOrigin", "version": "2.4"}
CASE = {"reference": "CS-1", "provider": words("Honey office"), "submitted_on": "2026-03-02", "decided_on": ""}
GOODS = [
    {"line": 1, "hs": "040900", "description": words("Acacia honey"), "net_kg": "120.50"},
    {"line": 2, "hs": "170290", "description": words("Syrup"), "net_kg": "7"},
]
JARS = {"id": "jars", "kind": "goods", "label": words("Which jars?"), "why": words("Law on Honey, 10")}


def mapped(*fields: tuple[str, str], standard: dict[str, str] = UBL, **changes: Any) -> dict[str, Any]:
    lines = [{"from": from_, "element": element} for from_, element in fields]
    return honey(procedures__messages=[{**standard, "fields": lines}], **changes)


def made(content: dict[str, Any], **given: Any) -> etree._Element:
    regulation = Regulation.model_validate(content)
    assert check(regulation) == []
    surroundings: dict[str, Any] = {"answers": {"hives": "12", "heated": False}, "case": CASE, "goods": GOODS} | given
    [message] = queries.standard_messages(regulation, **surroundings)
    return etree.fromstring(message.content)


def shape(node: etree._Element) -> Any:
    """`(name, text or children)`, without prefixes."""
    name = etree.QName(node).localname
    return (name, [shape(child) for child in node] if len(node) else node.text)


def faults(content: dict[str, Any]) -> list[str]:
    return [fault.message["en"] for fault in files.faults_of(content)]


def test_values_stand_at_their_elements_in_the_order_of_the_mapping() -> None:
    root = made(
        mapped(
            ("case.reference", "cbc:ID"),
            ("case.provider", "cac:IssuerEndorsement/cac:EndorserParty/cac:Party/cac:PartyName/cbc:Name"),
            ("answers.hives / 8.0", "cac:IssuerEndorsement/cbc:Remarks"),
            ("answers.heated", "cbc:Note[1]"),
            ('"bees"', "cbc:Note[2]"),
        )
    )
    assert root.tag == "{urn:oasis:names:specification:ubl:schema:xsd:CertificateOfOrigin-2}CertificateOfOrigin"
    name = ("PartyName", [("Name", "Honey office (az)")])
    assert shape(root)[1] == [
        ("ID", "CS-1"),
        ("IssuerEndorsement", [("EndorserParty", [("Party", [name])]), ("Remarks", "1.5")]),
        ("Note", "false"),
        ("Note", "bees"),
    ]


def test_a_place_for_each_line_is_filled_line_by_line_and_from_lists() -> None:
    content = mapped(
        ("line.number", "cac:GoodsItem[]/cbc:SequenceNumberID"),
        ("line.description", "cac:GoodsItem[]/cbc:Description"),
        ("goods.map(one, one.net_kg)", "cac:GoodsItem[]/cbc:NetWeightMeasure"),
        ('"KGM"', "cac:GoodsItem[]/cbc:NetWeightMeasure/@unitCode"),
        ("answers.blossom", "cac:GoodsItem[]/cbc:PreferenceCriterionCode"),
    )
    root = made(content, answers={"hives": "12", "blossom": {"2": "acacia"}})
    assert shape(root)[1] == [
        ("GoodsItem", [
            ("SequenceNumberID", "1"), ("Description", "Acacia honey (az)"), ("NetWeightMeasure", "120.5"),
        ]),
        ("GoodsItem", [
            ("SequenceNumberID", "2"), ("Description", "Syrup (az)"), ("NetWeightMeasure", "7"),
            ("PreferenceCriterionCode", "acacia"),
        ]),
    ]  # fmt: skip
    assert {one.get("unitCode") for one in root.iter("{*}NetWeightMeasure")} == {"KGM"}


def test_the_rows_of_an_answer_are_numbered() -> None:
    content = mapped(
        ("numbers(answers.jars)", "cac:GoodsItem[]/cbc:ID"),
        ("answers.jars.map(one, one.hs)", "cac:GoodsItem[]/cbc:CustomsStatusCode"),
        provision__questions=[JARS], requirements=[],
    )  # fmt: skip
    rows = [{"hs": "040900", "quantity": "1"}, {"hs": "170290", "quantity": "2"}]
    found = shape(made(content, answers={"jars": rows}, goods=()))
    assert [dict(item) for _name, item in found[1]] == [
        {"ID": "1", "CustomsStatusCode": "040900"}, {"ID": "2", "CustomsStatusCode": "170290"},
    ]  # fmt: skip


def test_what_is_empty_or_no_longer_asked_leaves_no_element() -> None:
    content = mapped(
        ("case.reference", "cbc:ID"),
        ("case.decided_on", "cbc:IssueDate"),
        ('answers.temperature > 0.0 ? "heated" : ""', "cbc:Note"),
    )
    root = made(content, answers={"hives": "12", "heated": False, "temperature": "60"})
    assert shape(root)[1] == [("ID", "CS-1")]


def test_what_was_pasted_with_characters_that_xml_cannot_say_still_makes_a_message() -> None:
    """Forms take them: word processors leave vertical tabs behind."""
    pasted = [{"line": 1, "hs": "040900", "description": words("Acacia\x0bhoney\x1f\ufffe"), "net_kg": "1"}]
    root = made(mapped(("line.description", "cac:GoodsItem[]/cbc:Description")), goods=pasted)
    assert shape(root)[1] == [("GoodsItem", [("Description", "Acacia honey   (az)")])]


NOWHERE = ["ID", "cbc:", "x:ID", "cbc:ID[0]", "cbc:ID[x]", "@unitCode", "cac:Party[]/cac:Contact[]/cbc:ID", "/cbc:ID"]


@pytest.mark.parametrize("path", NOWHERE)
def test_a_path_that_leads_nowhere_is_told_at_its_place(path: str) -> None:
    [fault] = faults(mapped(("case.reference", path)))
    assert fault == f"{path} is no path of UBL CertificateOfOrigin; its prefixes are ubl, cac, cbc"


def test_a_line_is_seen_only_where_a_place_stands_for_each_line() -> None:
    assert faults(mapped(("line.hs", "cac:GoodsItem[]/cbc:ID"))) == []
    assert "line" in faults(mapped(("line.hs", "cac:GoodsItem/cbc:ID")))[0]


def test_a_list_does_not_fit_into_one_place() -> None:
    assert faults(mapped(("goods.map(one, one.hs)", "cac:GoodsItem[]/cbc:ID"))) == []
    assert len(faults(mapped(("goods.map(one, one.hs)", "cac:GoodsItem/cbc:ID")))) == 1


def test_a_standard_that_is_not_known_here_is_published_and_gives_no_message() -> None:
    content = mapped(("answers.hives", "Bees/Hives"), standard={"standard": "ISO 99999", "version": "1"})
    regulation = Regulation.model_validate(content)
    assert check(regulation) == []
    assert queries.standards_of(regulation) == []
    assert queries.standard_messages(regulation, answers={}, case=CASE) == []
