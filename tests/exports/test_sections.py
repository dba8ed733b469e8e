"""Which questions an application asks: what a regulation's conditions see (S-A1 2.6, 3.2)."""

from __future__ import annotations

import pytest

from azexport.exports.sections import Plan
from azexport.parties.models import Member
from tests.factories import services
from tests.factories.cases import office
from tests.factories.exports import NOW, make_begun
from tests.factories.services import words


@pytest.mark.parametrize(
    ("condition", "asked"),
    [
        ("applicant.voen == '3433956371'", True),
        ("applicant.voen.endsWith('2')", False),
        ("applicant.kind == 'taxpayer' && applicant.country == 'AZ'", True),
        ("applicant.name == ''", False),
    ],
)
def test_a_condition_of_an_export_regulation_sees_who_applies(exporter: Member, condition: str, asked: bool) -> None:
    """The name, number, kind and country of the exporter, typed, as in a service that is applied for by itself."""
    office("honey-office")
    rule = {
        "rule": "HON-903", "level": "required", "hs": ["0802"], "destination": {"groups": ["EU"]},
        "reason": words("Nuts have honey."), "legal_basis": words("Law on Honey, 1"), "source": "verified",
        "valid_from": "2026-01-01",
    }  # fmt: skip
    question = {"id": "cell", "kind": "text", "label": words("Which cell?"), "why": words("Law on Honey, 10")}
    file = {"id": "photo", "name": words("Photo of the hives"), "why": words("Law on Honey, 12")}
    row = services.load(
        requirements=[rule], provision__questions=[{**question, "when": condition}],
        provision__documents=[{**file, "when": condition}],
    )  # fmt: skip
    plan = Plan(make_begun(exporter), NOW.date())
    section = plan.section(row.service)
    assert section is not None
    assert bool(plan.fields(section)) is bool(plan.wanted_documents(section)) is asked
