"""Documents and their bytes."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from azexport.documents.states import DocumentStatus
from azexport.kernel.models import Record


class Document(Record):
    """An immutable file with what the public may know about it.

    `code` is what stands on paper and in the QR; the versions of one document (drafted, signed once, signed
    twice) share it, and it shows the newest.
    """

    reference = models.CharField(max_length=20, unique=True)
    code = models.CharField(max_length=12)
    kind = models.CharField(max_length=40)
    title = models.JSONField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    media_type = models.CharField(max_length=80)
    status = models.CharField(max_length=20, choices=DocumentStatus.choices, default=DocumentStatus.ISSUED)
    facts = models.JSONField(default=list, help_text='[{"label": {"az": …, "en": …}, "value": "…"}], public')
    signatures = models.JSONField(default=list, help_text="SignatureReport.as_data() of each signature")
    previous = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="next")
    renewal = models.BooleanField(default=False, help_text="differs from the previous version by a time stamp only")
    proof_ends_at = models.DateTimeField(null=True, help_text="when its newest time stamp's certificate ends")
    proof_algorithms = ArrayField(
        models.CharField(max_length=40), null=True, help_text="what that time stamp rests on; null: not looked at yet"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                condition=~models.Q(status=DocumentStatus.SUPERSEDED),
                name="one_newest_document_of_a_code",
            ),
            models.CheckConstraint(
                condition=models.Q(renewal=False) | models.Q(previous__isnull=False),
                name="a_renewal_renews_something",
            ),
        ]
        indexes = [
            models.Index(fields=["code", "id"], name="document_by_code"),
            models.Index(
                fields=["proof_ends_at"],
                name="document_by_end_of_proof",
                condition=models.Q(status=DocumentStatus.ISSUED, proof_ends_at__isnull=False),
            ),
            models.Index(
                fields=["id"],
                name="document_not_looked_at",
                condition=models.Q(status=DocumentStatus.ISSUED, proof_algorithms__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def shown_code(self) -> str:
        """`7K3M-9XQ2-0ABC`"""
        return f"{self.code[:4]}-{self.code[4:8]}-{self.code[8:]}"

    @property
    def file_name(self) -> str:
        extension = {"application/pdf": ".pdf", "application/zip": ".zip", "application/json": ".json"}
        return f"{self.kind}-{self.reference}{extension.get(self.media_type, '')}"


class DocumentContent(models.Model):
    """The bytes, apart from the row so that lists never carry them."""

    document = models.OneToOneField(Document, on_delete=models.PROTECT, primary_key=True, related_name="stored")
    content = models.BinaryField()
