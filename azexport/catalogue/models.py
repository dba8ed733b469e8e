"""A good: what an exporter makes in Azerbaijan and offers abroad."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from azexport.catalogue.states import GoodStatus, OriginCriterion
from azexport.kernel.models import Record
from azexport.kernel.text import pick
from azexport.reference.models import dotted

if TYPE_CHECKING:
    from azexport.kernel.text import Text


class Good(Record):
    """`hs_code` is what the exporter entered (6 to 10 digits); `commodity` is its first six digits.

    The table has one more column, kept by the database (migration 0002): `folded`, for the search.
    """

    reference = models.CharField(max_length=20, unique=True)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="goods")
    commodity = models.ForeignKey("reference.Commodity", on_delete=models.PROTECT, related_name="+")
    hs_code = models.CharField(max_length=10)
    name: models.JSONField[Text, Text] = models.JSONField()
    description: models.JSONField[Text, Text] = models.JSONField(default=dict)
    unit = models.ForeignKey("reference.Unit", on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey("reference.Region", on_delete=models.PROTECT, related_name="+")
    origin_criterion = models.CharField(max_length=30, choices=OriginCriterion.choices)
    producer = models.CharField(max_length=200)
    made_in_azerbaijan = models.BooleanField(help_text="the exporter's statement")
    status = models.CharField(max_length=20, choices=GoodStatus.choices, default=GoodStatus.DRAFTED)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=80)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(made_in_azerbaijan=True), name="good_is_made_in_azerbaijan"),
            models.CheckConstraint(condition=Q(hs_code__regex=r"^[0-9]{6,10}$"), name="good_has_6_to_10_digits"),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, published_by="", status="drafted")
                | (Q(published_at__isnull=False, status="published") & ~Q(published_by="")),
                name="good_published_at_and_by",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-id"], name="good_by_organisation"),
            models.Index(fields=["-id"], name="good_published", condition=Q(status="published")),
            models.Index(fields=["-changed_at"], name="good_by_change"),
        ]

    def __str__(self) -> str:
        return pick(self.name)

    @property
    def hs_shown(self) -> str:
        """`0802.22.1000`."""
        return dotted(self.hs_code)
