"""What can happen to a case, and before that to an application: one row per named transition."""

from __future__ import annotations

from azexport.cases.filings.lifecycle import FILINGS
from azexport.cases.permissions import is_applicant, is_performer, is_provider, may_sign_answer
from azexport.cases.rules import (
    answers_are_given,
    checklist_is_complete,
    fee_is_paid_first,
    grounds_stand_in_the_regulation,
    objection_says_why,
    other_bodies_have_spoken,
    outcome_fits_the_performer,
    permit_is_for_this_case,
    step_stands_in_the_regulation,
    steps_are_done,
)
from azexport.cases.states import CaseStatus as S
from azexport.cases.states import DecisionStatus as D
from azexport.cases.states import EntryStatus as E
from azexport.lifecycle import ACTOR, NOW, T, Table

__all__ = ["DECISIONS", "ENTRIES", "FILINGS", "TABLE"]

ENTRIES = Table(
    [
        T("strike_off", (E.ENTERED, E.SUSPENDED), E.STRUCK_OFF, event="entry.struck_off"),
        T("suspend", E.ENTERED, E.SUSPENDED, event="entry.suspended"),
        T("restore", (E.STRUCK_OFF, E.SUSPENDED), E.ENTERED, event="entry.restored"),
    ]
)
"""Entries of public registers: each change is a decision of its own (S-A1 1.8)."""
DECISIONS = Table(
    [
        T("make", D.AWAITING_SIGNATURE, D.MADE, event="entry.decision_made",
          sets={"decided_at": NOW, "decided_by": ACTOR}),
        T("take_back", D.AWAITING_SIGNATURE, D.TAKEN_BACK, event="entry.decision_taken_back"),
    ]
)  # fmt: skip
DECIDED = {"decided_at": NOW, "decided_by": ACTOR}
FINISHED = [step_stands_in_the_regulation, outcome_fits_the_performer, objection_says_why, checklist_is_complete]

TABLE = Table(
    [
        T("accept", S.SUBMITTED, S.ACCEPTED, event="case.accepted", may=is_provider, sets={"accepted_at": NOW}),
        T("start_step", S.ACCEPTED, S.ACCEPTED, event="case.step_started", may=is_performer,
          rules=[step_stands_in_the_regulation]),
        T("finish_step", S.ACCEPTED, S.ACCEPTED, event="case.step_finished", may=is_performer, rules=FINISHED),
        # Another body goes on while the applicant is asked for more.
        T("start_step", S.INFORMATION_REQUESTED, S.INFORMATION_REQUESTED, event="case.step_started", may=is_performer,
          rules=[step_stands_in_the_regulation]),
        T("finish_step", S.INFORMATION_REQUESTED, S.INFORMATION_REQUESTED, event="case.step_finished",
          may=is_performer, rules=FINISHED),
        T("deem_agreed", S.ACCEPTED, S.ACCEPTED, event="case.opinion_deemed"),
        T("request_information", S.ACCEPTED, S.INFORMATION_REQUESTED, event="case.information_requested",
          may=is_provider),
        # The answer is put on paper and sent once it is signed (S12.2).
        T("prepare_answer", S.INFORMATION_REQUESTED, S.INFORMATION_REQUESTED, event="case.answer_prepared",
          may=is_applicant, rules=[answers_are_given]),
        T("reopen_answer", S.INFORMATION_REQUESTED, S.INFORMATION_REQUESTED, event="case.answer_reopened",
          may=is_applicant),
        T("supply_information", S.INFORMATION_REQUESTED, S.ACCEPTED, event="case.information_supplied",
          may=may_sign_answer, rules=[answers_are_given]),
        T("refuse", (S.SUBMITTED, S.ACCEPTED, S.INFORMATION_REQUESTED, S.PERMIT_REJECTED), S.REFUSED,
          event="case.refused", may=is_provider, rules=[grounds_stand_in_the_regulation], sets=DECIDED),
        T("grant", (S.ACCEPTED, S.PERMIT_REJECTED), S.GRANTED, event="case.granted", may=is_provider,
          rules=[permit_is_for_this_case, fee_is_paid_first, other_bodies_have_spoken],
          sets={**DECIDED, "verdict": "", "checking": True}),
        T("reject_permit", S.GRANTED, S.PERMIT_REJECTED, event="case.permit_rejected", sets={"checking": False}),
        # On the desk: what is proposed is granted when the official has signed it.
        T("propose_grant", S.ACCEPTED, S.ACCEPTED, event="case.grant_proposed", may=is_provider,
          rules=[fee_is_paid_first, steps_are_done]),
        T("issue", S.ACCEPTED, S.GRANTED, event="case.granted", sets=DECIDED,
          rules=[fee_is_paid_first, steps_are_done]),
        # By the portal itself.
        T("grant_at_once", S.SUBMITTED, S.GRANTED, event="case.granted", sets=DECIDED, rules=[fee_is_paid_first]),
        T("refuse_at_once", S.SUBMITTED, S.REFUSED, event="case.refused", sets=DECIDED,
          rules=[grounds_stand_in_the_regulation]),
        T("grant_by_silence", (S.SUBMITTED, S.ACCEPTED), S.GRANTED, event="case.granted", sets=DECIDED,
          rules=[fee_is_paid_first]),
        T("withdraw", (S.SUBMITTED, S.ACCEPTED, S.INFORMATION_REQUESTED, S.PERMIT_REJECTED), S.WITHDRAWN,
          event="case.withdrawn", may=is_applicant, sets=DECIDED),
    ]
)  # fmt: skip
