"""Every read of this room, by noun."""

from azexport.cases.queries.cases import (
    MARKS,
    PAGE,
    UNDELIVERED,
    CaseView,
    case,
    history,
    of_application,
    of_organisation,
    open_request,
    page,
    requests_of,
    steps_of,
    supplied_by,
    view,
    views,
)

__all__ = [
    "MARKS",
    "PAGE",
    "UNDELIVERED",
    "CaseView",
    "case",
    "history",
    "of_application",
    "of_organisation",
    "open_request",
    "page",
    "requests_of",
    "steps_of",
    "supplied_by",
    "view",
    "views",
]
