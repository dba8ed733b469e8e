"""The operation as a whole: its dossier, and what its organisation is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app as jobs

from azexport.audit import actions as audit
from azexport.documents import actions as documents
from azexport.exports import queries
from azexport.exports.models import Application, Operation
from azexport.kernel.actor import SYSTEM, Actor
from azexport.kernel.errors import NotAllowed
from azexport.kernel.text import both
from azexport.notices import actions as notices

DOSSIER_KIND = "dossier"


@transaction.atomic
def want_dossier(operation: Operation, *, by: Actor, now: datetime) -> Operation:
    """An archive of everything the operation has so far is being made; asking again while it is changes nothing."""
    if getattr(by, "organisation", None) != operation.organisation:
        raise NotAllowed
    operation = Operation.objects.select_for_update().get(pk=operation.pk)
    if operation.dossier_wanted_at is None:
        operation.dossier_wanted_at = now
        operation.save(update_fields=["dossier_wanted_at"])
        audit.record("dossier.wanted", subject=operation.reference, by=by, now=now)
        jobs.configure_task("exports.build_dossier").defer(reference=operation.reference)
    return operation


@transaction.atomic
def keep_dossier(operation: Operation, *, content: bytes, now: datetime) -> Operation:
    """The archive is there to be downloaded; an earlier one is superseded."""
    operation = Operation.objects.select_for_update(of=("self",)).select_related("dossier").get(pk=operation.pk)
    if operation.dossier_wanted_at is None:
        return operation
    operation.dossier = documents.store(
        kind=DOSSIER_KIND,
        title=both(
            f"İxrac əməliyyatının dosyesi {operation.reference}", f"Dossier of the export {operation.reference}"
        ),
        content=content,
        media_type="application/zip",
        previous=operation.dossier,
        by=SYSTEM,
        now=now,
    )
    operation.dossier_wanted_at = None
    operation.save(update_fields=["dossier", "dossier_wanted_at"])
    return operation


@transaction.atomic
def give_up_dossier(operation: Operation, *, now: datetime) -> None:
    """The archive could not be made; the exporter can ask again, and is told so."""
    operation = Operation.objects.select_for_update().get(pk=operation.pk)
    operation.dossier_wanted_at = None
    operation.save(update_fields=["dossier_wanted_at"])
    audit.record("dossier.given_up", subject=operation.reference, by=SYSTEM, now=now)
    notices.notify(
        organisation=operation.organisation,
        kind="dossier.given_up",
        title=both("Dosyenin arxivi hazırlana bilmədi", "The archive of the dossier could not be made"),
        body=both(
            "Heç nə itirilməyib. Bir neçə dəqiqədən sonra yenidən cəhd edin.",
            "Nothing is lost. Try again in a few minutes.",
        ),
        link=f"/operations/{operation.reference}/",
        subject=operation.reference,
        by=SYSTEM,
        now=now,
        email=False,
    )


def tell_permits_ready(subject: Any, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """Once the last permit of an application is issued, its organisation is told that customs can be next."""
    application = Application.objects.filter(reference=subject.case.application_reference).first()
    if application is None or not queries.ready_to_declare(application):
        return
    operation = application.operation
    notices.notify(
        organisation=operation.organisation,
        kind="operation.ready",
        title=both("Bütün icazə sənədləri hazırdır", "All permits are there"),
        body=both(
            "Gömrük bəyannaməsini doldurub göndərə bilərsiniz.", "You can now fill in and file the customs declaration."
        ),
        link=f"/operations/{operation.reference}/",
        subject=operation.reference,
        by=SYSTEM,
        now=now,
        email=False,
    )
