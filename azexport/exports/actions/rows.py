"""Rows that an action is about to write, locked."""

from __future__ import annotations

from azexport.exports.models import Application, Operation
from azexport.exports.permissions import owns_application
from azexport.kernel.actor import Actor
from azexport.kernel.errors import IllegalTransition, Missing, NotAllowed


def locked(reference: str) -> Application:
    """The application.

    Raises:
        Missing: there is none.
    """
    application = (
        Application.objects.select_for_update(of=("self",))
        .select_related(
            "operation__organisation", "operation__contract__seller", "operation__contract__buyer",
            "operation__contract__document",
        )
        .filter(reference=reference)
        .first()
    )  # fmt: skip
    if application is None:
        raise Missing
    return application


def locked_draft(application: Application, by: Actor) -> Application:
    """The actor's draft.

    Raises:
        NotAllowed: it is somebody else's.
        IllegalTransition: it is not a draft any more.
    """
    application = locked(application.reference)
    if not owns_application(by, application):
        raise NotAllowed
    if not application.editable:
        raise IllegalTransition
    return application


def lock_contract(operation: int) -> None:
    """Who counts what is left under the contract of this operation (its key) does so alone, until the transaction ends.

    The contract comes before its applications: every action that locks both does so in this order.
    """
    rows = Operation.objects.select_for_update(of=("contract",), no_key=True).select_related("contract")
    rows.get(pk=operation)
