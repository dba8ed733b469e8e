"""The registry of e-services (S10): bodies, entries, every version of what an entry says, and requests under way."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from azexport.kernel.models import Record
from azexport.kernel.text import pick

if TYPE_CHECKING:
    from azexport.kernel.text import Text


class Change(models.TextChoices):
    """What a version did to the entry, and what a request asks for (S10.2)."""

    REGISTERED = "registered", _("Registered")
    AMENDED = "amended", _("Amended")
    CANCELLED = "cancelled", _("Cancelled")


class Outcome(models.TextChoices):
    """How the registry's operator closed a request."""

    GRANTED = "granted", _("Done")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Provider(Record):
    """A body that provides services (S2.1.3). `list_number` is its place in the list of decision 191 (S-L).

    `code` names it in addresses: the place in the list, or the participant's code. `participant` is the competence
    through which it works on this portal today, where it does.
    """

    code = models.CharField(max_length=40, unique=True)
    list_number = models.PositiveSmallIntegerField(null=True, unique=True)
    name: models.JSONField[Text, Text] = models.JSONField()
    participant = models.OneToOneField(
        "participants.Participant", on_delete=models.PROTECT, null=True, related_name="registered_provider"
    )

    def __str__(self) -> str:
        return pick(self.name)


class Entry(Record):
    """A service in the registry: what never changes of it, and by which regulation it runs here ("" where by none).

    `list_number` is the service's place in the list of decision 191 ("24.1"), "" for one that entered by S-A2.
    """

    number = models.CharField(max_length=20, unique=True)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="entries")
    service = models.CharField(max_length=60, blank=True)
    list_number = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(number__regex=r"^ES-[0-9]{6}$"), name="registry_number_has_six_digits"),
            models.UniqueConstraint(
                fields=["list_number"], condition=~Q(list_number=""), name="one_entry_of_a_listed_service"
            ),
        ]
        indexes = [models.Index(fields=["service"], name="registry_entry_by_service", condition=~Q(service=""))]

    def __str__(self) -> str:
        return self.number


class EntryVersions(models.QuerySet["EntryVersion"]):
    def valid(self, on: date) -> EntryVersions:
        """The one version of each entry that says what the registry says on the day."""
        return self.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=on), valid_from__lte=on)

    def whole(self) -> EntryVersions:
        """With the entry and its body, in the same statement."""
        return self.select_related("entry__provider__participant")


class EntryVersion(Record):
    """What the registry says of a service from one day to another, both included; the newest has no last day.

    `content` holds the answers of the registration form (S-A2, S10.5.2): name, other_performers, content,
    legal_basis, fee_text and place are bilingual text or None; kind, fee, activity and effective_on strings or None;
    users a list or None. None means that nobody has supplied it. `ours` lists what this portal assigned and no body
    supplied: paths such as "name.en". `basis` is the list ("S-L") or the reference of the case. A version that was
    replaced on its first day ends the day before: it was never valid for a whole day, and overlaps nothing.

    The columns from `name_az` on are the content's, for searching. The database keeps one more, `words`, the text
    search vector, and refuses versions of an entry that overlap (migration 0003).
    """

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    content: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    basis = models.CharField(max_length=40)
    change = models.CharField(max_length=20, choices=Change.choices)
    ours = ArrayField(models.CharField(max_length=40), default=list)
    registered_by = models.CharField(max_length=200)

    name_az = models.TextField()
    name_en = models.TextField(blank=True)
    about = models.TextField(blank=True, help_text="content in both languages")
    body = models.TextField(help_text="the provider's names and abbreviations, and the numbers")
    activity = models.CharField(max_length=10, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    fee = models.CharField(max_length=10, blank=True)
    users = ArrayField(models.CharField(max_length=10), default=list)
    place = models.TextField(blank=True, help_text="the address of the service outside this portal")

    objects = EntryVersions.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "version"], name="one_text_of_an_entry_version"),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(valid_until__isnull=True), name="one_current_version_of_an_entry"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True)
                | Q(valid_until__gte=F("valid_from") - Value(1, output_field=models.IntegerField())),
                name="entry_version_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at"], name="registry_version_by_change"),
            models.Index(fields=["activity"], name="registry_version_by_activity"),
            GinIndex(fields=["users"], name="registry_version_by_users"),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.version}"

    @property
    def cancelled(self) -> bool:
        return self.change == Change.CANCELLED

    @property
    def name(self) -> Text:
        """The service's name; in Azerbaijani only where nobody has written an English one."""
        name: Text = self.content["name"]
        return name

    @property
    def number(self) -> str:
        return self.entry.number


class RegistryRequest(Record):
    """A provider's signed request to the registry's operator (S10.3, S10.6, S10.7) and what came of it.

    `case` is the reference of the case in which it is considered; that case's clock says when it is due.
    """

    case = models.CharField(max_length=40, unique=True)
    provider = models.ForeignKey("participants.Participant", on_delete=models.PROTECT, related_name="+")
    change = models.CharField(max_length=20, choices=Change.choices)
    number = models.CharField(max_length=20, blank=True, help_text="of the entry; given when a new one is registered")
    name: models.JSONField[Text, Text] = models.JSONField()
    arose_on = models.DateField(null=True, help_text="when the change that is to be entered arose (S10.6)")
    submitted_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True, choices=Outcome.choices)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="registry_request_closes_with_an_outcome",
            )
        ]
        indexes = [
            models.Index(fields=["submitted_at"], name="registry_request_open", condition=Q(closed_at__isnull=True))
        ]

    def __str__(self) -> str:
        return self.case


class Word(models.Model):
    """A word that some entry holds: what a misspelt one is read as."""

    word = models.CharField(max_length=100, primary_key=True, db_collation="C")

    class Meta:
        db_table = "services_word"

    def __str__(self) -> str:
        return self.word
