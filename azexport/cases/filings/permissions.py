"""Who may do what with an application for a service."""

from __future__ import annotations

from typing import Any

from azexport.cases.models import Filing
from azexport.cases.permissions import is_performer
from azexport.kernel.actor import Actor


def owns_filing(actor: Actor, filing: Filing) -> bool:
    """Somebody who acts for the organisation that applies."""
    organisation: Any = getattr(actor, "organisation", None)
    return organisation is not None and organisation.pk == filing.organisation_id


def may_sign(actor: Actor, filing: Filing) -> bool:
    """Who acts for the applicant; for a public body its head alone (S12.2)."""
    if not owns_filing(actor, filing):
        return False
    return bool(getattr(actor, "is_head", False)) if filing.of_a_body else True


def may_send_to_head(actor: Actor, filing: Filing) -> bool:
    """An officer of the public body that applies."""
    return filing.of_a_body and owns_filing(actor, filing)


def may_read_document(actor: Actor, document: Any) -> bool:
    """The signed application and its files: who acts for the applicant, and the officers of the bodies that deal with
    its case."""
    from azexport.cases.queries import filings

    return any(
        owns_filing(actor, filing) or (filing.case is not None and is_performer(actor, filing.case))
        for filing in filings.filings_about(document)
    )
