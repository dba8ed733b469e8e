"""Cases, and applications while they are drawn up."""

from azexport.cases.models.cases import Case, FurtherInformationRequest, StepRecord
from azexport.cases.models.filings import Filing, FilingDocument
from azexport.cases.models.registers import RegisterDecision, RegisterEntry

__all__ = [
    "Case",
    "Filing",
    "FilingDocument",
    "FurtherInformationRequest",
    "RegisterDecision",
    "RegisterEntry",
    "StepRecord",
]
