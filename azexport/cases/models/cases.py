"""Applications under services: their data, steps and requests for more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from azexport.cases.states import OPEN, CaseStatus
from azexport.kernel.models import Record

if TYPE_CHECKING:
    from azexport.kernel.text import Text


class Cases(models.QuerySet["Case"]):
    def of(self, organisation: Any) -> Cases:
        """The organisation's own cases."""
        return self.filter(organisation=organisation)

    def open(self) -> Cases:
        return self.filter(status__in=OPEN)

    def for_page(self) -> Cases:
        """With everything one row of a page shows, in the one query."""
        return self.select_related("regulation", "provider", "organisation", "result_document")


class Case(Record):
    """One application under one service: the service is data, this is its run.

    `facts` is what the body was told about applicant, goods and contract, without the contents of files; `answers`
    are the answers by question id; `decision` is what the body decided: `{"permit": …}` or `{"grounds": […]}`.
    """

    reference = models.CharField(max_length=20, unique=True)
    regulation = models.ForeignKey("services.RegulationVersion", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="cases")
    provider = models.ForeignKey("participants.Participant", on_delete=models.PROTECT, related_name="+")
    application_reference = models.CharField(max_length=20)
    status = models.CharField(max_length=30, choices=CaseStatus.choices, default=CaseStatus.SUBMITTED)
    step = models.CharField(max_length=60, blank=True)
    holder_name = models.CharField(max_length=200, blank=True)
    holder_position: models.JSONField[Text, Text] = models.JSONField(default=dict)
    body_reference = models.CharField(max_length=80, blank=True)
    facts: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    answers: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    decision: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    verdict = models.CharField(max_length=40, blank=True)
    verdict_text: models.JSONField[Text, Text] = models.JSONField(default=dict)
    result_document = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    fee_amount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    fee_currency = models.CharField(max_length=3, default="AZN")
    fee_paid_at = models.DateTimeField(null=True)
    payment_reference = models.CharField(max_length=80, blank=True)
    submitted_at = models.DateTimeField()
    submitted_by = models.CharField(max_length=80)
    accepted_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)
    overdue_told_on = models.DateField(null=True)
    """The due day about whose passing the applicant was told."""
    changes = models.PositiveIntegerField(default=0)
    """Counts everything that happened: a page that polls compares it."""

    objects = Cases.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application_reference", "regulation"], name="one_case_of_a_service_in_an_application"
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by="") | (Q(decided_at__isnull=False) & ~Q(decided_by="")),
                name="case_decided_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(fee_paid_at__isnull=True, payment_reference="") | Q(fee_paid_at__isnull=False),
                name="case_payment_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-id"], name="case_by_organisation"),
            models.Index(fields=["application_reference"], name="case_by_application"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def fee_due(self) -> bool:
        """There is a fee and it is not paid."""
        return bool(self.fee_amount) and self.fee_paid_at is None

    @property
    def being_checked(self) -> bool:
        """The body has granted and the portal is still checking what it sent."""
        return self.status == CaseStatus.GRANTED and self.result_document_id is None


class StepRecord(Record):
    """A step of the regulation as it was really taken: by whom, from when to when."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="steps")
    step = models.CharField(max_length=60)
    officer_name = models.CharField(max_length=200)
    officer_position: models.JSONField[Text, Text] = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(finished_at__isnull=True), name="one_step_at_a_time"),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(finished_at__gte=F("created_at")),
                name="step_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} of {self.case_id}"


class FurtherInformationRequest(Record):
    """The body asks for more; the clock stands until the applicant has answered (S7.4).

    `questions` are the body's own, `[{id, label, kind}]`; `documents` are `[{reference, name}]` of what was supplied.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="requests")
    request = models.CharField(max_length=80, help_text="the body's own id of the request")
    questions: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    reason: models.JSONField[Text, Text] = models.JSONField(default=dict)
    officer_name = models.CharField(max_length=200, blank=True)
    officer_position: models.JSONField[Text, Text] = models.JSONField(default=dict)
    answers: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    documents: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(default=list)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "request"], name="a_request_is_asked_once"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(answered_at__isnull=True), name="one_open_request_of_a_case"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by="")
                | (Q(answered_at__isnull=False) & ~Q(answered_by="")),
                name="request_answered_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request} of {self.case_id}"
