"""Everything that is written about a case, by who acts: bodies' systems, officers, applicants, the portal itself."""

from azexport.cases.actions import officers
from azexport.cases.actions.answers import (
    ANSWER,
    ANSWER_FILE,
    answer_signed,
    keep_answer,
    prepare_answer,
    reopen_answer,
)
from azexport.cases.actions.applicant import withdraw
from azexport.cases.actions.automatic import decide, deem_agreed, grant_silent
from azexport.cases.actions.messages import (
    TooEarly,
    accept,
    fee_paid,
    finish_step,
    grant,
    refuse,
    request_information,
    start_step,
)
from azexport.cases.actions.opening import CasePart, open_cases
from azexport.cases.actions.portal import confirm_result, reject_permit, tell_overdue, warn_of_silence, warn_of_term
from azexport.cases.actions.registers import decide_entry, decision_signed, take_back_decision

__all__ = [
    "ANSWER",
    "ANSWER_FILE",
    "CasePart",
    "TooEarly",
    "accept",
    "answer_signed",
    "confirm_result",
    "decide",
    "decide_entry",
    "decision_signed",
    "deem_agreed",
    "fee_paid",
    "finish_step",
    "grant",
    "grant_silent",
    "keep_answer",
    "officers",
    "open_cases",
    "prepare_answer",
    "refuse",
    "reject_permit",
    "reopen_answer",
    "request_information",
    "start_step",
    "take_back_decision",
    "tell_overdue",
    "warn_of_silence",
    "warn_of_term",
    "withdraw",
]
