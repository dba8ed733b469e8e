"""A document on its way from frozen data to a signed file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from azexport.documents.states import PaperStatus
from azexport.kernel.models import Record

if TYPE_CHECKING:
    from azexport.kernel.actor import Actor


FIELD = "Signer"
"""The signature of a paper that needs one only."""


def one_field() -> list[str]:
    """Of a paper that one person signs."""
    return [FIELD]


class Paper(Record):
    """What somebody is to sign: frozen data, the template that prints them, and what has come of it.

    `purpose` names the events of the paper and `subject` what it is about; of one purpose and subject one paper is
    open at a time. `document` is the unsigned PDF, then the one with every signature `given` so far. Who signs is
    whoever is asked now, or was last; nobody while a next signer is not known yet.
    """

    reference = models.CharField(max_length=20, unique=True)
    purpose = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    kind = models.CharField(max_length=40, help_text="of the document: decides who may read it")
    title = models.JSONField()
    template = models.CharField(max_length=120)
    data = models.JSONField()
    attachment = models.JSONField(null=True, help_text="the same for machines, inside the PDF")
    facts = models.JSONField(default=list, help_text="Document.facts")
    code = models.CharField(max_length=12, help_text="verification code of the document")
    document = models.ForeignKey("documents.Document", on_delete=models.PROTECT, null=True, related_name="papers")
    signing = models.CharField(max_length=20, blank=True, help_text="the newest signing request")
    status = models.CharField(max_length=20, choices=PaperStatus.choices, default=PaperStatus.RENDERING)
    verdict = models.CharField(max_length=20, blank=True, help_text="why the last signature was not accepted")
    fields = models.JSONField(default=one_field, help_text="its signatures, in the order in which they are given")
    given = models.JSONField(default=list, help_text="{field, signer_kind, signer_id, signer_name, at} of each so far")
    signer_kind = models.CharField(max_length=20, blank=True)
    signer_id = models.CharField(max_length=80, blank=True)
    signer_name = models.CharField(max_length=200, blank=True)
    expected = models.JSONField(help_text="what the signer's certificate must say")
    return_url = models.CharField(max_length=300)
    report = models.JSONField(default=dict, help_text="SignatureReport.as_data() of the last")
    signed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["subject", "id"], name="paper_by_subject")]
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "subject"],
                condition=models.Q(status__in=[PaperStatus.RENDERING, PaperStatus.WAITING]),
                name="one_open_paper_of_a_purpose",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=[PaperStatus.WAITING, PaperStatus.SIGNED])
                | models.Q(document__isnull=False),
                name="a_paper_to_sign_has_its_document",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_complete(self) -> bool:
        """Every signature is given."""
        return len(self.given) >= len(self.fields)

    @property
    def field(self) -> str:
        """The signature that it waits for, or that was the last."""
        return str(self.fields[min(len(self.given), len(self.fields) - 1)])

    def is_asked_of(self, actor: Actor) -> bool:
        """Whether this actor is the one to sign now, or was last."""
        return (self.signer_kind, self.signer_id) == (actor.actor_kind, actor.actor_id)

    def was_signed_by(self, actor: Actor) -> bool:
        """Whether this actor has given one of its signatures."""
        return any((one["signer_kind"], one["signer_id"]) == (actor.actor_kind, actor.actor_id) for one in self.given)
