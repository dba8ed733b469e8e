"""The messages that shipped regulations map are valid by the schemas of their standards (S-A1 3.2.1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from azexport.services import queries
from tests.factories.services import words
from tests.regulations.test_shipped import SHIPPED

STANDARDS = Path(__file__).resolve().parents[3] / "shared" / "data" / "standards"
SCHEMAS = {
    "UBL CertificateOfOrigin 2.4": STANDARDS / "ubl-2.4/derived/maindoc/UBL-CertificateOfOrigin-2.4.xsd",
    "UN/CEFACT SPSCertificate 17": STANDARDS / "ephyto-hub/derived-xsd/standard_SPSCertificate_17.xsd",
}
MAPPED = [one for one in SHIPPED if queries.standards_of(one)]
LINE = {"hs": "080222", "quantity": "20", "unit": "tne", "net_kg": "20000", "gross_kg": "20400.5", "origin": "AZ"}
GOODS = [{"line": number, "description": words("Hazelnuts"), **LINE} for number in (1, 2)]
PARTY = {"name": "Weber Nuss GmbH", "country": "DE", "address": "Hamburg"}
ANSWERS = {"choice": "road", "date": "2026-03-02", "country": "DE", "party": PARTY, "goods": GOODS, "text": "Şəki"}


def answers(regulation: Any) -> dict[str, Any]:
    """Something for each question; for those asked per line the same on both."""
    found: dict[str, Any] = {}
    for one in regulation.questions:
        value = ANSWERS.get(one.kind, "Şəki")
        found[one.id] = {"1": value, "2": value} if one.scope == "line" else value
    return found


@pytest.mark.parametrize("decided_on", ["", "2026-03-05"])
@pytest.mark.parametrize("regulation", MAPPED, ids=lambda one: one.id)
def test_the_message_of_a_case_is_valid_by_its_standard(regulation: Any, decided_on: str) -> None:
    if not STANDARDS.exists():
        pytest.skip("the published schemas are third-party data and not here")
    case = {"reference": "CS-1", "provider": words("A body"), "submitted_on": "2026-03-02", "decided_on": decided_on}
    known = {fact.id: words("Şəki Fındıq MMC") for fact in regulation.facts}
    made = queries.standard_messages(
        regulation, answers=answers(regulation), case=case, known=known, goods=GOODS, destination="DE"
    )
    assert [one.standard for one in made] == queries.standards_of(regulation)
    for one in made:
        schema = etree.XMLSchema(etree.parse(SCHEMAS[one.standard]))
        schema.assertValid(etree.fromstring(one.content))


def test_three_regulations_map_a_standard_message() -> None:
    assert len(MAPPED) == 3
