"""Issued permits and certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from azexport.kernel.models import Record
from azexport.permits.states import PermitStatus

if TYPE_CHECKING:
    from azexport.kernel.text import Text


class Permits(models.QuerySet["Permit"]):
    def of(self, organisation: Any) -> Permits:
        return self.filter(organisation=organisation)

    def issued(self) -> Permits:
        return self.filter(status=PermitStatus.ISSUED)

    def for_page(self) -> Permits:
        rows = self.select_related("case", "case__regulation", "participant", "document", "organisation")
        return rows.defer("received")


class Permit(Record):
    """What a body sent as the result of a case: checked by the portal, then issued or rejected.

    `lines` are `[{line, hs, quantity, unit}]` as the permit states them; `data` is the permit as the message states
    it; `received` are the bytes until they are stored as a document.
    """

    reference = models.CharField(max_length=20, unique=True)
    number = models.CharField(max_length=80)
    participant = models.ForeignKey("participants.Participant", on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="permits")
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="permits")
    application_reference = models.CharField(max_length=20)
    status = models.CharField(max_length=20, choices=PermitStatus.choices, default=PermitStatus.RECEIVED)
    verdict = models.CharField(max_length=40, blank=True)
    verdict_text: models.JSONField[Text, Text] = models.JSONField(default=dict)
    data: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    lines: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    voen = models.CharField(max_length=20, blank=True)
    destination = models.CharField(max_length=2, blank=True)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    signer: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    document = models.OneToOneField("documents.Document", on_delete=models.PROTECT, null=True, related_name="+")
    received = models.BinaryField(null=True)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.CharField(max_length=80, blank=True)

    objects = Permits.as_manager()

    class Meta:
        constraints = [
            # A rejected one does not count: the body may put it right under the same number.
            models.UniqueConstraint(
                fields=["participant", "number"],
                condition=~Q(status=PermitStatus.REJECTED),
                name="one_permit_of_a_number",
            ),
            models.UniqueConstraint(
                fields=["case"], condition=~Q(status=PermitStatus.REJECTED), name="one_permit_of_a_case"
            ),
            models.CheckConstraint(
                condition=Q(status=PermitStatus.RECEIVED, checked_at__isnull=True, checked_by="")
                | (Q(checked_at__isnull=False) & ~Q(checked_by="") & ~Q(status=PermitStatus.RECEIVED)),
                name="permit_checked_at_and_by",
            ),
            models.CheckConstraint(
                condition=~Q(status=PermitStatus.ISSUED)
                | Q(document__isnull=False, valid_from__isnull=False, valid_until__isnull=False),
                name="issued_permit_has_document_and_dates",
            ),
        ]
        indexes = [models.Index(fields=["application_reference"], name="permit_by_application")]

    def __str__(self) -> str:
        return self.reference
