"""Public registers that the decisions of a service fill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q

from azexport.cases.models.cases import Case
from azexport.cases.states import EntryStatus
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
