"""Applications for a service while they are drawn up, and what they became."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from azexport.cases.states import FilingStatus
from azexport.kernel.models import Record

if TYPE_CHECKING:
    from azexport.cases.models.cases import Case

EDITABLE = (FilingStatus.DRAFTED,)


class Filings(models.QuerySet["Filing"]):
    def of(self, organisation: Any) -> Filings:
        """The organisation's own, without those it deleted."""
        return self.filter(organisation=organisation).exclude(status=FilingStatus.ABANDONED)

    def for_page(self) -> Filings:
        """With everything a page shows, in the one query."""
        return self.select_related("regulation", "organisation__participant", "case")


class Filing(Record):
    """One application for one service (S4.4): begun by anybody its regulation admits (2.3), answered task by task.

    `answers` are all answers ever given, by question id: what is not asked any more is kept and not sent. `known` is
    what registers say, by fact id: `{"value": Text or str, "asked_at": ISO}`. `tasks_done` are the tasks that the
    applicant has gone through to the end.
    """

    reference = models.CharField(max_length=20, unique=True)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="filings")
    regulation = models.ForeignKey("services.RegulationVersion", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=20, choices=FilingStatus.choices, default=FilingStatus.DRAFTED)
    answers: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    known: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    tasks_done: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    copied_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    prepared_for = models.CharField(
        max_length=40, blank=True, help_text="reference of what the portal made it from; empty: filled in by a person"
    )
    request_key = models.CharField(max_length=100, blank=True, help_text="idempotency key of the machine that filed it")
    paper = models.CharField(max_length=20, blank=True, help_text="the newest paper put forward for signature")
    started_by = models.CharField(max_length=80)
    started_by_name = models.CharField(max_length=200)
    changed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.CharField(max_length=80, blank=True)
    case: models.OneToOneField[Case | None, Case | None] = models.OneToOneField(
        "cases.Case", on_delete=models.PROTECT, null=True, blank=True, related_name="filing"
    )

    objects = Filings.as_manager()

    class Meta:
        indexes = [models.Index(fields=["organisation", "-id"], name="filing_by_organisation")]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "request_key"], condition=~Q(request_key=""), name="one_filing_of_a_request"
            ),
            models.UniqueConstraint(
                fields=["prepared_for"],
                condition=~Q(prepared_for="") & ~Q(status=FilingStatus.ABANDONED),
                name="one_filing_prepared_for_a_thing",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, submitted_by="", case__isnull=True)
                | (Q(submitted_at__isnull=False, case__isnull=False) & ~Q(submitted_by="")),
                name="a_sent_filing_is_a_case",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def editable(self) -> bool:
        return self.status in EDITABLE

    @property
    def known_values(self) -> dict[str, Any]:
        """Fact id -> what the register says: as expressions of the regulation see it."""
        return {name: fact["value"] for name, fact in self.known.items()}

    @property
    def of_a_body(self) -> bool:
        """Its applicant is a public body: the head signs it."""
        return self.organisation.participant_id is not None


class FilingDocument(Record):
    """A file of a filing: what the regulation wants as a document, or the answer to a question of kind file.

    `item` is the document's id, or `answers.<question id>`.
    """

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="documents")
    item = models.CharField(max_length=70)
    name = models.CharField(max_length=200)
    document = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["filing", "item"], name="one_file_of_an_item")]

    def __str__(self) -> str:
        return self.name
