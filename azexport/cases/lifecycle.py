"""What can happen to a case, one row per named transition."""

from __future__ import annotations

from azexport.cases.permissions import is_applicant, is_provider
from azexport.cases.rules import (
    answers_are_given,
    grounds_stand_in_the_regulation,
    permit_is_for_this_case,
    step_stands_in_the_regulation,
)
from azexport.cases.states import CaseStatus as S
from azexport.lifecycle import ACTOR, NOW, T, Table

TABLE = Table(
    [
        T("accept", S.SUBMITTED, S.ACCEPTED, event="case.accepted", may=is_provider, sets={"accepted_at": NOW}),
        T("start_step", S.ACCEPTED, S.ACCEPTED, event="case.step_started", may=is_provider,
          rules=[step_stands_in_the_regulation]),
        T("request_information", S.ACCEPTED, S.INFORMATION_REQUESTED, event="case.information_requested",
          may=is_provider),
        T("supply_information", S.INFORMATION_REQUESTED, S.ACCEPTED, event="case.information_supplied",
          may=is_applicant, rules=[answers_are_given]),
        T("refuse", (S.SUBMITTED, S.ACCEPTED, S.INFORMATION_REQUESTED, S.PERMIT_REJECTED), S.REFUSED,
          event="case.refused", may=is_provider, rules=[grounds_stand_in_the_regulation],
          sets={"decided_at": NOW, "decided_by": ACTOR}),
        T("grant", (S.ACCEPTED, S.PERMIT_REJECTED), S.GRANTED, event="case.granted", may=is_provider,
          rules=[permit_is_for_this_case], sets={"decided_at": NOW, "decided_by": ACTOR, "verdict": ""}),
        T("reject_permit", S.GRANTED, S.PERMIT_REJECTED, event="case.permit_rejected"),
        T("withdraw", (S.SUBMITTED, S.ACCEPTED, S.INFORMATION_REQUESTED, S.PERMIT_REJECTED), S.WITHDRAWN,
          event="case.withdrawn", may=is_applicant, sets={"decided_at": NOW, "decided_by": ACTOR}),
    ]
)  # fmt: skip
