"""Everything that is written about a case, by who acts: bodies' systems, officers, applicants, the portal itself."""

from azexport.cases.actions import officers
from azexport.cases.actions.applicant import ANSWER_FILE, SuppliedFile, supply_information, withdraw
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
from azexport.cases.actions.portal import confirm_result, reject_permit, tell_overdue, warn_of_term

__all__ = [
    "ANSWER_FILE",
    "CasePart",
    "SuppliedFile",
    "TooEarly",
    "accept",
    "confirm_result",
    "decide",
    "deem_agreed",
    "fee_paid",
    "finish_step",
    "grant",
    "grant_silent",
    "officers",
    "open_cases",
    "refuse",
    "reject_permit",
    "request_information",
    "start_step",
    "supply_information",
    "tell_overdue",
    "warn_of_term",
    "withdraw",
]
