"""Public registers that the decisions of a service fill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q

from azexport.cases.models.cases import Case
from azexport.cases.states import DecisionKind, DecisionStatus, EntryStatus
from azexport.kernel.models import Record

if TYPE_CHECKING:
    from azexport.kernel.text import Text


class RegisterEntry(Record):
    """One holder in the public register of a service, entered in the transaction that granted the case.

    `data` are the values of the register's columns by column id, each text (a Text where the languages differ), as the
    regulation of the case computed them that day. `search_text` is what the search looks at.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="register_entry")
    service = models.CharField(max_length=60)
    number = models.CharField(max_length=20, unique=True)
    holder: models.JSONField[Text, Text] = models.JSONField()
    data: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    status = models.CharField(max_length=20, choices=EntryStatus.choices, default=EntryStatus.ENTERED)
    search_text = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="entry_ends_after_it_begins",
            )
        ]
        indexes = [
            models.Index(fields=["service", "-id"], name="register_entry_by_service"),
            GinIndex(
                OpClass(Func("search_text", function="az_fold"), name="gin_trgm_ops"), name="register_entry_words"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def reference(self) -> str:
        """What the log calls it: the number of the decision, which is the reference of its case."""
        return self.number


class RegisterDecision(Record):
    """A later decision about an entry: it is struck off, suspended or restored, for a reason and on a legal ground.

    Nothing is deleted: a decision is undone by another one. What was given with a document is taken with a signature of
    the body's head, on `paper`; `document` is the signed decision.
    """

    reference = models.CharField(max_length=20, unique=True)
    entry = models.ForeignKey(RegisterEntry, on_delete=models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=20, choices=DecisionKind.choices)
    status = models.CharField(max_length=20, choices=DecisionStatus.choices, default=DecisionStatus.AWAITING_SIGNATURE)
    reason: models.JSONField[Text, Text] = models.JSONField(help_text="public")
    ground: models.JSONField[Text, Text] = models.JSONField(help_text="act and clause; public")
    prepared_by = models.CharField(max_length=80)
    paper = models.CharField(max_length=20, blank=True, help_text="the decision put forward for signature")
    document = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    official_name = models.CharField(max_length=200, blank=True)
    official_position: models.JSONField[Text, Text] = models.JSONField(default=dict)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry"], condition=Q(status=DecisionStatus.AWAITING_SIGNATURE),
                name="one_open_decision_of_an_entry",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by="")
                | (Q(decided_at__isnull=False, status=DecisionStatus.MADE) & ~Q(decided_by="")),
                name="entry_decided_at_and_by",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.entry_id}"
