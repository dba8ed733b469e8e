"""Expressions of a regulation see the same in the form, on the desk and in the result (S4.1: one text runs all)."""

from __future__ import annotations

import pytest

from azexport.cases import queries, results
from azexport.cases.actions import filings as actions
from azexport.cases.filings.plan import Plan
from azexport.parties.models import Member
from tests.factories import filings as factory
from tests.factories.parties import make_citizen, make_member, make_officer
from tests.factories.services import NOW, words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("who", "kind"), [(make_member, "taxpayer"), (make_citizen, "person")])
def test_a_question_for_one_kind_of_applicant_is_asked_shown_and_printed(who: object, kind: str) -> None:
    """The kinds are those that the editor offers: taxpayer, foreign, person, body."""
    assert callable(who)
    member: Member = who()
    question = {
        "id": "own", "kind": "text", "label": words("Own"), "why": words("Law on Tea, 2"),
        "when": f"applicant.kind == '{kind}'",
    }  # fmt: skip
    fields = [{"label": words("Own"), "value": "answers.own + applicant.kind"}]
    row = factory.load_tea(
        provision__questions=[question], provision__sections=[], provision__checks=[],
        general__result__document={"text": words("Tea."), "fields": fields},
    )  # fmt: skip
    filing = factory.fill(factory.make_filing(member, row), member, answers={"own": "yes "})
    assert Plan(filing).answers == {"own": "yes "}

    case = factory.signed(actions.freeze(filing, by=member, now=NOW)).case

    assert case is not None
    review = queries.desk.review(case, viewer=make_officer("tea-office"), now=NOW)
    assert [(one.value, one.asked) for part in review.sections for one in part.answers] == [("yes ", True)]
    assert results.compose_default(case, now=NOW).fields[0]["value"] == f"yes {kind}"
