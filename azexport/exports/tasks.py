"""What is rendered and packed outside a request."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from procrastinate.contrib.django import app

from azexport.exports import actions, dossier, printing
from azexport.exports.models import Application, Operation
from azexport.exports.states import ApplicationStatus
from azexport.kernel.actor import NamedActor
from azexport.kernel.errors import OutsideFailure


@app.task(name="exports.render_application", retry=3)
def render_application(reference: str, code: str, signer: dict[str, str], expected: dict[str, Any]) -> None:
    """The frozen application is a PDF that waits for its signature. Run twice it changes nothing."""
    application = Application.objects.select_related(
        "operation__contract__document", "operation__contract__seller", "operation__contract__buyer"
    ).get(reference=reference)
    if application.status != ApplicationStatus.FROZEN or application.code != code:
        return
    now = timezone.now()
    actor = NamedActor(**signer)
    content = printing.application_pdf(application, code=code, signer=actor)
    actions.offer(application, code=code, content=content, signer=actor, expected=expected, now=now)


@app.task(name="exports.build_dossier", retry=3)
def build_dossier(reference: str) -> None:
    """The operation's archive is made and kept; while it cannot be sealed, its owner is told to ask again."""
    operation = Operation.objects.select_related("organisation").get(reference=reference)
    now = timezone.now()
    try:
        actions.keep_dossier(operation, content=dossier.build(operation, now=now), now=now)
    except OutsideFailure:
        actions.give_up_dossier(operation, now=now)
