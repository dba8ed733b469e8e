"""Operations and their unified applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from azexport.exports.states import EDITABLE, ApplicationStatus
from azexport.kernel.models import Record

if TYPE_CHECKING:
    from azexport.parties.models import Organisation


class OperationQuerySet(models.QuerySet["Operation"]):
    def of(self, organisation: Organisation) -> OperationQuerySet:
        """Only the operations of this organisation."""
        return self.filter(organisation=organisation)


class Operation(Record):
    """One consignment on its way out: contract, application, permits, declaration, release."""

    reference = models.CharField(max_length=20, unique=True)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="operations")
    contract = models.ForeignKey("contracts.Contract", on_delete=models.PROTECT, related_name="operations")
    dossier = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+", null=True)
    """The newest archive that was made."""
    dossier_wanted_at = models.DateTimeField(null=True)
    """Set while an archive is being made."""

    objects = OperationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["organisation", "-id"], name="operation_by_organisation")]

    def __str__(self) -> str:
        return self.reference


class ApplicationQuerySet(models.QuerySet["Application"]):
    def of(self, organisation: Organisation) -> ApplicationQuerySet:
        """Only the applications of this organisation; deleted drafts are gone for everybody."""
        return self.filter(operation__organisation=organisation).exclude(status=ApplicationStatus.ABANDONED)


class Application(Record):
    """The one application that fans out to every body whose permit the goods need (P4.1.4, P10.3.3)."""

    reference = models.CharField(max_length=20, unique=True)
    operation = models.OneToOneField(Operation, on_delete=models.PROTECT, related_name="application")
    copied_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="copies")
    status = models.CharField(max_length=20, choices=ApplicationStatus.choices, default=ApplicationStatus.DRAFTED)
    changed_at = models.DateTimeField()

    lines = models.JSONField(default=list)
    """The contract's goods lines with this consignment's quantities (`ContractLine.as_data`)."""
    lines_confirmed = models.BooleanField(default=False)
    chosen = models.JSONField(default=dict)
    """Regulation id -> whether it is asked for; the required ones are asked for in any case."""
    permits_confirmed = models.BooleanField(default=False)
    answers = models.JSONField(default=dict)
    """Question key -> answer; a question that several bodies ask has one key. Per line: {"1": …, "2": …}."""
    sections = models.JSONField(default=list)
    """The sections of questions that were answered in full."""
    promotion = models.JSONField(default=dict)
    """The note on the export promotion payment (P10.3.3(4)): {requested, bank, iban}; empty until it is answered."""
    regulations = models.JSONField(default=list)
    """What was applied for, as it stood at freezing: [{pk, id, version, level, rule, assumption, lines}]."""

    paper = models.ForeignKey("documents.Paper", on_delete=models.PROTECT, related_name="+", null=True)
    """What was put forward for signature; none while it is a draft."""
    document = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+", null=True)
    """As it was signed."""
    frozen_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.CharField(max_length=80, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=ApplicationStatus.SUBMITTED)
                | (Q(submitted_at__isnull=False, document__isnull=False) & ~Q(submitted_by="")),
                name="application_submitted_is_complete",
            )
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def editable(self) -> bool:
        return self.status in EDITABLE


class Attachment(Record):
    """A file that the exporter adds because a regulation's list of documents asks for it (S-A1 2.6.2)."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="attachments")
    regulation = models.CharField(max_length=80)
    item = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    document = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "regulation", "item"], name="attachment_once_for_an_item")
        ]

    def __str__(self) -> str:
        return self.name
