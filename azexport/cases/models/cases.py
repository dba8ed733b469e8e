"""Applications under services: their data, steps and requests for more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from azexport.cases.states import CLOSED, OPEN, CaseStatus, StepOutcome
from azexport.kernel.models import Record

if TYPE_CHECKING:
    from azexport.kernel.text import Text


class Cases(models.QuerySet["Case"]):
    def of(self, organisation: Any) -> Cases:
        """The organisation's own cases."""
        return self.filter(organisation=organisation)

    def open(self) -> Cases:
        return self.filter(status__in=OPEN)

    def closed(self) -> Cases:
        """Decided or withdrawn: the body has nothing more to do."""
        return self.filter(status__in=CLOSED)

    def for_page(self) -> Cases:
        """With everything one row of a page shows, in the one query."""
        return self.select_related("regulation", "provider", "organisation", "result_document")

    def for_list(self) -> Cases:
        """As `for_page`, without what a list does not show: the large data of the case and of its documents."""
        return self.for_page().defer(
            "facts", "answers", "decision", "verdict_text", "result_document__facts", "result_document__signatures",
            "organisation__register", "organisation__address",
        )  # fmt: skip


class Case(Record):
    """One application under one service: the service is data, this is its run.

    `facts` is what the body was told about applicant, goods and contract, without the contents of files; `answers`
    are the answers by question id; `decision` is what was decided: `{"permit": …}` as a body's system sent it,
    `{"result": …}` of the desk or the portal itself (with `"silence"` where nobody answered), or `{"grounds": […]}`.
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
    holder_reference = models.CharField(max_length=80, blank=True, help_text="the officer of the desk, as an actor")
    body_reference = models.CharField(max_length=80, blank=True)
    paper = models.CharField(max_length=20, blank=True, help_text="the result put forward for signature")
    facts: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    answers: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    decision: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    verdict = models.CharField(max_length=40, blank=True)
    verdict_text: models.JSONField[Text, Text] = models.JSONField(default=dict)
    result_document = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    checking = models.BooleanField(default=False)
    """The body's system has granted and the portal is still checking what it sent."""
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
    warned_on = models.DateField(null=True)
    """The due day of which the body's officers were warned."""
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
            models.Index(fields=["organisation", "-id"], name="case_closed", condition=Q(status__in=CLOSED)),
            models.Index(fields=["provider", "status", "-id"], name="case_by_provider"),
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
        return self.status == CaseStatus.GRANTED and self.checking

    @property
    def settled(self) -> bool:
        """Nothing more will happen to the case by itself."""
        return self.status in CLOSED and not self.being_checked


class StepRecord(Record):
    """A step of the regulation as it was really taken: by which body and officer, from when to when, with what outcome.

    Steps of several bodies may run side by side. `checklist` is the officer's ticks by item. On the desk a step opens
    by itself when those before it are done; the officer's name is empty until somebody takes it.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="steps")
    step = models.CharField(max_length=60)
    participant = models.ForeignKey(
        "participants.Participant", on_delete=models.PROTECT, null=True, related_name="+",
        help_text="who performs it; empty: the provider",
    )  # fmt: skip
    officer_name = models.CharField(max_length=200, blank=True)
    officer_position: models.JSONField[Text, Text] = models.JSONField(default=dict)
    outcome = models.CharField(max_length=20, choices=StepOutcome.choices, blank=True)
    note = models.TextField(blank=True)
    checklist: models.JSONField[dict[str, bool], dict[str, bool]] = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)
    finished_by = models.CharField(max_length=80, blank=True)
    warned_on = models.DateField(null=True)
    """The due day of which another body's officers were warned: after it their silence is their agreement."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "step"], condition=Q(finished_at__isnull=True), name="a_step_is_open_once"
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(finished_at__gte=F("created_at")),
                name="step_ends_after_start",
            ),
        ]
        indexes = [
            models.Index(fields=["participant", "case"], name="step_open_at", condition=Q(finished_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.step} of {self.case_id}"


class FurtherInformationRequest(Record):
    """The body asks for more; the clock stands until the applicant has answered with a signature (S7.4, S12.2).

    `questions` are the body's own, `[{id, label, kind}]`. The answer is drafted first: `drafted_answers` by question
    id, `drafted_files` `[{item, reference, name}]` with the question's id (or ANY_FILE) as item; the body sees neither.
    `paper` is the newest that was put forward for signature. Once it is signed, `answers`, `documents`
    `[{reference, name}]` and the signed `document` are what was supplied.
    """

    ANY_FILE = "supplied_file"
    """The item of a file that no question asks for."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="requests")
    request = models.CharField(max_length=80, help_text="the body's own id of the request")
    questions: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    reason: models.JSONField[Text, Text] = models.JSONField(default=dict)
    officer_name = models.CharField(max_length=200, blank=True)
    officer_position: models.JSONField[Text, Text] = models.JSONField(default=dict)
    answers: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    documents: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(default=list)
    drafted_answers: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    drafted_files: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(default=list)
    paper = models.CharField(max_length=20, blank=True, help_text="the answer put forward for signature")
    document = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
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

    @property
    def drafted(self) -> bool:
        """Somebody has begun to answer."""
        return bool(self.drafted_answers or self.drafted_files)

    def answers_drafted(self) -> dict[str, Any]:
        """Question id -> answer as it would be sent: a file is answered by its name."""
        files = {one["item"]: one["name"] for one in self.drafted_files}
        asked = {one["id"]: one["kind"] for one in self.questions}
        return {
            name: files.get(name, "") if kind == "file" else self.drafted_answers.get(name)
            for name, kind in asked.items()
        }
