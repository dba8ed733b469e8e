"""Export declarations."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from azexport.customs.states import FINAL, Channel, DeclarationStatus, TransportMode
from azexport.kernel.models import Record

if TYPE_CHECKING:
    from azexport.parties.models import Organisation
    from azexport.permits.models import Permit


class DeclarationQuerySet(models.QuerySet["Declaration"]):
    def of(self, organisation: Organisation) -> DeclarationQuerySet:
        """Only the declarations of this organisation."""
        return self.filter(organisation=organisation)


class Declaration(Record):
    """An export declaration (EX 1, procedure 1000): what is derived from contract, application and permits, and the
    few things that only the exporter knows."""

    reference = models.CharField(max_length=20, unique=True)
    previous = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="later")
    """The one that was not released, whose answers this one took over."""
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="declarations")
    contract = models.ForeignKey("contracts.Contract", on_delete=models.PROTECT, related_name="declarations")
    application_reference = models.CharField(max_length=20)
    application_document = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    permits = models.ManyToManyField("permits.Permit", related_name="declarations")
    required = models.JSONField(default=list)
    """Ids of the regulations whose permit must be attached."""
    lines = models.JSONField(default=list)
    """The consignment's goods as the application has them (`ContractLine.as_data`)."""
    declarant = models.JSONField(default=dict)
    """{voen, name: Text, fin, person}"""
    status = models.CharField(max_length=20, choices=DeclarationStatus.choices, default=DeclarationStatus.DRAFTED)
    changed_at = models.DateTimeField()

    exit_office = models.CharField(max_length=10, blank=True)
    transport_mode = models.CharField(max_length=1, choices=TransportMode.choices, blank=True)
    transport_identity = models.CharField(max_length=60, blank=True)
    transport_nationality = models.CharField(max_length=2, blank=True)
    place_of_loading = models.CharField(max_length=100, blank=True)

    data = models.JSONField(default=dict)
    """The declaration as it was frozen, signed and lodged: the members of the message declaration.lodged."""
    customs_value = models.DecimalField(max_digits=18, decimal_places=2, default=Decimal("0.00"))
    """In AZN; as frozen."""

    paper = models.ForeignKey("documents.Paper", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    """What was put forward for signature; none while it is a draft."""
    document = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    """As it was signed."""

    number = models.CharField(max_length=60, blank=True)
    """The customs' own registration number (MRN)."""
    channel = models.CharField(max_length=10, choices=Channel.choices, blank=True)
    officer = models.JSONField(default=dict)
    reasons = models.JSONField(default=list)
    """[{code, permit or null, text: Text}] of a refusal."""
    received_release = models.BinaryField(null=True)
    """The release document until a job has looked at its signature."""
    release_verdict = models.CharField(max_length=40, blank=True)
    """Why the release document that came was not accepted."""
    release_document = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    frozen_at = models.DateTimeField(null=True, blank=True)
    lodged_at = models.DateTimeField(null=True, blank=True)
    lodged_by = models.CharField(max_length=80, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    channel_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)

    objects = DeclarationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "-id"], name="declaration_by_organisation"),
            models.Index(fields=["application_reference", "-id"], name="declaration_by_application"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["application_reference"],
                condition=~Q(status__in=sorted(FINAL - {DeclarationStatus.RELEASED})),
                name="one_living_declaration_of_an_application",
            ),
            models.CheckConstraint(
                condition=~Q(status=DeclarationStatus.RELEASED)
                | (Q(released_at__isnull=False, release_document__isnull=False) & ~Q(number="")),
                name="declaration_released_with_number_and_document",
            ),
            models.CheckConstraint(
                condition=Q(lodged_at__isnull=True, lodged_by="") | (Q(lodged_at__isnull=False) & ~Q(lodged_by="")),
                name="declaration_lodged_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def attached(self) -> list[Permit]:
        """The permits attached to it, as they are now, in the order of their arrival."""
        return list(self.permits.select_related("case__regulation", "document").defer("received").order_by("id"))

    @property
    def title(self) -> str:
        """The customs' number once there is one, else our reference."""
        return self.number or self.reference
