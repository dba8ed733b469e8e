"""Cases, and applications while they are drawn up."""

from azexport.cases.models.cases import Case, FurtherInformationRequest, StepRecord

__all__ = ["Case", "FurtherInformationRequest", "StepRecord"]
