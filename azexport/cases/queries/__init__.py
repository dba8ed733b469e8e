"""Every read of this room, by noun."""

from azexport.cases.queries import desk
from azexport.cases.queries.cases import (
    MARKS,
    PAGE,
    UNDELIVERED,
    CaseView,
    by_result,
    case,
    history,
    of_application,
    of_organisation,
    open_request,
    page,
    requests_of,
    steps_of,
    supplied_by,
    supplied_to,
    view,
    views,
)

__all__ = [
    "MARKS",
    "PAGE",
    "UNDELIVERED",
    "CaseView",
    "by_result",
    "case",
    "desk",
    "history",
    "of_application",
    "of_organisation",
    "open_request",
    "page",
    "requests_of",
    "steps_of",
    "supplied_by",
    "supplied_to",
    "view",
    "views",
]
