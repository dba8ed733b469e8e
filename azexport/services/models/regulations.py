"""The versions of regulations."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from django.db import models
from django.db.models import Q

from azexport.kernel.models import Record
from azexport.kernel.text import Text
from azexport.services.schema import Regulation


class RegulationVersions(models.QuerySet["RegulationVersion"]):
    def in_force(self, on: date) -> RegulationVersions:
        """The newest version of each service that is valid on the day."""
        return (
            self.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=on), valid_from__lte=on)
            .order_by("service", "-version", "-revision")
            .distinct("service")
        )


class RegulationVersion(Record):
    """A service's regulation as it was loaded; a changed file makes a new row, open cases keep theirs.

    `version` is the number the file states; `revision` counts the texts loaded under that number.
    """

    service = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    revision = models.PositiveIntegerField(default=1)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)

    objects = RegulationVersions.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "version", "revision"], name="one_text_of_a_revision"),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.label}"

    @property
    def label(self) -> str:
        """The version as people write it: `3`, or `3.2` for a text corrected under the same number."""
        return str(self.version) if self.revision == 1 else f"{self.version}.{self.revision}"

    @property
    def regulation(self) -> Regulation:
        """The regulation, parsed once for each text."""
        return _parsed(self.sha256, _Held(self.content))

    @property
    def name(self) -> Text:
        return self.regulation.name


class _Held:
    """Carries the content past the cache's key: the checksum alone decides."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=512)
def _parsed(sha256: str, held: _Held) -> Regulation:
    return Regulation.model_validate(held.content)
