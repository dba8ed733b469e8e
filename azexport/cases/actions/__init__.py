"""Everything that is written about a case: opening, the body's messages, the applicant's answers, the checks."""

from azexport.cases.actions.applicant import ANSWER_FILE, SuppliedFile, supply_information, withdraw
from azexport.cases.actions.messages import TooEarly, accept, fee_paid, grant, refuse, request_information, start_step
from azexport.cases.actions.opening import CasePart, open_cases
from azexport.cases.actions.portal import confirm_result, reject_permit, tell_overdue

__all__ = [
    "ANSWER_FILE",
    "CasePart",
    "SuppliedFile",
    "TooEarly",
    "accept",
    "confirm_result",
    "fee_paid",
    "grant",
    "open_cases",
    "refuse",
    "reject_permit",
    "request_information",
    "start_step",
    "supply_information",
    "tell_overdue",
    "withdraw",
]
