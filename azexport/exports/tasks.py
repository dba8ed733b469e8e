"""What is packed outside a request."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from azexport.exports import actions, dossier
from azexport.exports.models import Operation
from azexport.kernel.errors import OutsideFailure


@app.task(name="exports.build_dossier", retry=3)
def build_dossier(reference: str) -> None:
    """The operation's archive is made and kept; while it cannot be sealed, its owner is told to ask again."""
    operation = Operation.objects.select_related("organisation").get(reference=reference)
    now = timezone.now()
    try:
        actions.keep_dossier(operation, content=dossier.build(operation, now=now), now=now)
    except OutsideFailure:
        actions.give_up_dossier(operation, now=now)
