"""Documents and their bytes."""

from __future__ import annotations

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

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                condition=~models.Q(status=DocumentStatus.SUPERSEDED),
                name="one_newest_document_of_a_code",
            ),
        ]
        indexes = [models.Index(fields=["code", "id"], name="document_by_code")]

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
