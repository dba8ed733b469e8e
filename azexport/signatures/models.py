"""Trusted centres and signings under way."""

from __future__ import annotations

from django.db import models

from azexport.kernel.models import Record
from azexport.signatures.states import RequestStatus, ServiceKind, ServiceStatus, Verdict


class TrustService(models.Model):
    """A centre's issuing certificate on the list of trusted centres, with where to ask about what it issued."""

    name = models.JSONField()
    country = models.CharField(max_length=2)
    kind = models.CharField(max_length=20, choices=ServiceKind.choices)
    root = models.TextField(help_text="PEM")
    certificate = models.TextField(help_text="PEM of the issuing centre")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the issuing certificate")
    ocsp = models.URLField(max_length=300)
    crl = models.URLField(max_length=300, blank=True)
    url = models.URLField(max_length=300, blank=True, help_text="where time stamps are had")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    status = models.CharField(max_length=20, choices=ServiceStatus.choices, default=ServiceStatus.GRANTED)
    recognised_by = models.CharField(max_length=200, blank=True, help_text="the list or act it stands in")
    sandbox = models.BooleanField(default=False)
    key_files = models.BooleanField(default=False, help_text="its people may hold their keys as files (.p12)")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "fingerprint"], name="one_service_of_a_kind_and_certificate"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name.get('az', '')}"


class SigningRequest(Record):
    """One signature asked of one person over one document: one-time, bound and expiring (signatures.md, threat 16).

    The state between the steps is plain values: the prepared file, where its gap is, the attributes to sign.
    """

    reference = models.CharField(max_length=20, unique=True)
    purpose = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    title = models.JSONField()
    content_sha256 = models.CharField(max_length=64)
    content_size = models.PositiveIntegerField()
    field = models.CharField(max_length=80)
    signer_kind = models.CharField(max_length=20)
    signer_id = models.CharField(max_length=80)
    signer_name = models.CharField(max_length=200)
    expected = models.JSONField(help_text='{"fin": …, "voen": …, "foreign_id": …}')
    return_url = models.CharField(max_length=300)
    status = models.CharField(max_length=20, choices=RequestStatus.choices, default=RequestStatus.REQUESTED)
    verdict = models.CharField(max_length=20, choices=Verdict.choices, blank=True)
    expires_at = models.DateTimeField()
    certificate = models.BinaryField(null=True, help_text="DER")
    signed_attrs = models.BinaryField(null=True, help_text="DER, SET OF")
    gap_start = models.PositiveIntegerField(null=True)
    gap_end = models.PositiveIntegerField(null=True)
    signature_value = models.BinaryField(null=True)
    signed_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    report = models.JSONField(default=dict, help_text="SignatureReport.as_data() of this signature")

    class Meta:
        indexes = [
            models.Index(fields=["subject", "id"], name="signing_by_subject"),
            models.Index(
                fields=["expires_at"],
                name="signing_open_by_expiry",
                condition=models.Q(status__in=[RequestStatus.REQUESTED, RequestStatus.PREPARED]),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "subject", "field"],
                condition=models.Q(status__in=[RequestStatus.REQUESTED, RequestStatus.PREPARED, RequestStatus.SIGNED]),
                name="one_open_signing_of_a_field",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=RequestStatus.SIGNED)
                | models.Q(signature_value__isnull=False, certificate__isnull=False, signed_attrs__isnull=False),
                name="a_signed_request_has_its_signature",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def content(self) -> bytes:
        """The PDF as it was shown."""
        return self._file(SigningFile.CONTENT)

    @property
    def prepared(self) -> bytes:
        """The PDF with the gap for the signature."""
        return self._file(SigningFile.PREPARED)

    @property
    def result(self) -> bytes:
        """The signed PDF, PAdES B-LTA."""
        return self._file(SigningFile.RESULT)

    def _file(self, role: str) -> bytes:
        return bytes(self.files.values_list("content", flat=True).get(role=role))


class SigningFile(models.Model):
    """The bytes of a signing, apart from its row so that pages and polls never carry them."""

    CONTENT, PREPARED, RESULT = "content", "prepared", "result"

    request = models.ForeignKey(SigningRequest, on_delete=models.PROTECT, related_name="files")
    role = models.CharField(max_length=10)
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "role"], name="one_file_of_a_role")]
