"""Regulations being written: the draft, what the public says of it, and what the other performers say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Max, Q

from azexport.kernel.models import Record
from azexport.kernel.text import Text, pick
from azexport.services.models.regulations import RegulationVersion
from azexport.services.states import AgreementStatus, DraftStatus

if TYPE_CHECKING:
    from azexport.participants.models import Participant


class RegulationDrafts(models.QuerySet["RegulationDraft"]):
    def of(self, participant: Participant) -> RegulationDrafts:
        """The body's own drafts."""
        return self.filter(provider=participant)

    def asked_of(self, participant: Participant) -> RegulationDrafts:
        """The drafts of other bodies that were put before this one for agreement (S9.2), ever."""
        return self.filter(agreements__participant=participant).exclude(provider=participant).distinct()

    def in_public(self) -> RegulationDrafts:
        """Whose discussion has begun, whatever became of them: nothing that the public was shown disappears (S9.7)."""
        return self.filter(discussed_at__isnull=False)


class RegulationDraft(Record):
    """One text of a service's regulation, from the first word to the registry (S9, S10).

    `content` is the regulation as the schema has it, and may be incomplete. `changes` counts its changes: whoever
    writes says which count they saw. What the public was shown of it stands in its publications, and stays readable
    however the text goes on.
    """

    reference = models.CharField(max_length=20, unique=True)
    service = models.CharField(max_length=60)
    provider = models.ForeignKey("participants.Participant", on_delete=models.PROTECT, related_name="drafts")
    based_on = models.ForeignKey(
        RegulationVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="drafts",
        help_text="the version that this text is to replace; none: a new service",
    )  # fmt: skip
    content = models.JSONField()
    changes = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=80)
    changed_by_name = models.CharField(max_length=200)
    status = models.CharField(max_length=13, choices=DraftStatus.choices, default=DraftStatus.DRAFTED)
    discussed_at = models.DateTimeField(null=True, blank=True)
    discussed_until = models.DateField(null=True, blank=True)
    discussion_closed_at = models.DateTimeField(null=True, blank=True)
    round = models.PositiveIntegerField(default=0, help_text="how often the other performers were asked")
    effective_on = models.DateField(null=True, blank=True)
    paper = models.CharField(max_length=20, blank=True)
    sent_back_by = models.CharField(max_length=200, blank=True)
    sent_back_because = models.TextField(blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.CharField(max_length=200, blank=True)
    document = models.CharField(max_length=20, blank=True, help_text="the signed legal text")
    registered_at = models.DateTimeField(null=True, blank=True)
    version = models.OneToOneField(
        RegulationVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="draft"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_because = models.TextField(blank=True)

    objects = RegulationDrafts.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service"],
                condition=~Q(status__in=[DraftStatus.REGISTERED, DraftStatus.WITHDRAWN]),
                name="one_running_draft_of_a_service",
            ),
            models.CheckConstraint(
                condition=Q(discussed_at__isnull=True, discussed_until__isnull=True)
                | Q(discussed_at__isnull=False, discussed_until__isnull=False),
                name="draft_is_discussed_until_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(status=DraftStatus.REGISTERED) | Q(registered_at__isnull=False, version__isnull=False),
                name="registered_draft_has_its_version",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[DraftStatus.APPROVED, DraftStatus.REGISTERED])
                | (Q(approved_at__isnull=False, effective_on__isnull=False) & ~Q(document="")),
                name="approved_draft_has_its_document",
            ),
        ]
        indexes = [
            models.Index(fields=["provider", "-id"], name="draft_by_provider"),
            models.Index(fields=["-discussed_at"], name="draft_by_discussion"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.service}"

    @property
    def name(self) -> Text:
        """The name of the service (1.1) as the draft has it; the id until it has one."""
        return name_in(self.content, self.service)

    @property
    def number(self) -> int:
        """The version number that this text has or will have: after every version there is, in force or yet to be."""
        if self.version is not None:
            return self.version.version
        last = RegulationVersion.objects.filter(service=self.service).aggregate(last=Max("version"))["last"]
        return (last or 0) + 1

    @property
    def never_took_effect(self) -> bool:
        """The service was cancelled before the day of the registered text had come (S10.7)."""
        row = self.version
        return row is not None and row.valid_until is not None and row.valid_until < row.valid_from

    @property
    def discussion_is_over(self) -> bool:
        return self.discussion_closed_at is not None


def name_in(content: dict[str, Any], service: str) -> Text:
    """The name (1.1) in a regulation's content, as far as it is there."""
    general = content.get("general")
    given = general.get("name") if isinstance(general, dict) else None
    spoken = given.items() if isinstance(given, dict) else ()
    text = {language: words for language, words in spoken if isinstance(words, str) and words}
    return text if pick(text).strip() else {"az": service, "en": service}


class Publication(Record):
    """A text of the draft as the public was shown it; never changed or removed (S9.7).

    With `until` it is a text that was put to discussion. Without, it is the text that went on after the discussion
    before it with other words, and `because` says why: bilingual, the body's.
    """

    draft = models.ForeignKey(RegulationDraft, on_delete=models.PROTECT, related_name="publications")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    until = models.DateField(null=True)
    because: models.JSONField[Text, Text] = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draft", "number"], name="publication_number_once"),
            models.CheckConstraint(
                condition=Q(until__isnull=False, because={}) | (Q(until__isnull=True) & ~Q(because={})),
                name="published_for_discussion_or_for_a_reason",
            ),
        ]
        ordering = (F("number").asc(),)

    def __str__(self) -> str:
        return f"{self.draft_id} ({self.number})"

    @property
    def name(self) -> Text:
        """The name of the service (1.1) as the public was shown it."""
        return name_in(self.content, self.draft.service)


class Comment(Record):
    """What somebody says of a published draft (S9.7): public at once, answered in public, never removed.

    `discussion` is the number of the publication that it is about. `clause` is the number of the model form's heading
    (S-A1), or empty for the whole text. A hidden comment keeps its place, its reason and its answer; only its words are
    no longer shown.
    """

    reference = models.CharField(max_length=20, unique=True)
    draft = models.ForeignKey(RegulationDraft, on_delete=models.PROTECT, related_name="comments")
    number = models.PositiveIntegerField()
    discussion = models.PositiveIntegerField(default=1)
    clause = models.CharField(max_length=10, blank=True)
    name = models.CharField(max_length=120)
    organisation = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=2)
    text = models.TextField()
    person = models.CharField(max_length=20, blank=True, help_text="reference of the signed-in person")
    address_sha256 = models.CharField(
        max_length=64, blank=True, help_text="of the caller's network address; for the rate limit, until the end"
    )
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=200, blank=True)
    hidden_reason = models.CharField(max_length=500, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)
    hidden_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draft", "number"], name="comment_number_once"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="", answered_by="")
                | (Q(answered_at__isnull=False) & ~Q(answer="") & ~Q(answered_by="")),
                name="comment_answered_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(hidden_at__isnull=True, hidden_reason="", hidden_by="")
                | (Q(hidden_at__isnull=False) & ~Q(hidden_reason="") & ~Q(hidden_by="")),
                name="comment_hidden_with_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["address_sha256", "created_at"], name="comment_by_address")]
        ordering = (F("number").asc(),)

    def __str__(self) -> str:
        return f"{self.reference} ({self.number})"


class Agreement(Record):
    """What one other performer says of the text in one round of asking (S9.2)."""

    draft = models.ForeignKey(RegulationDraft, on_delete=models.PROTECT, related_name="agreements")
    body = models.CharField(max_length=200, help_text="as the text names it: a participant's code, or a name")
    participant = models.ForeignKey(
        "participants.Participant", on_delete=models.PROTECT, null=True, blank=True, related_name="agreements"
    )
    round = models.PositiveIntegerField()
    status = models.CharField(max_length=9, choices=AgreementStatus.choices, default=AgreementStatus.ASKED)
    note = models.TextField(blank=True, help_text="the reasons of an objection, or the number and day of a letter")
    at = models.DateTimeField(null=True, blank=True)
    by_id = models.CharField(max_length=80, blank=True)
    by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draft", "body", "round"], name="a_body_is_asked_once_a_round"),
            models.CheckConstraint(
                condition=Q(status=AgreementStatus.ASKED, at__isnull=True)
                | (~Q(status=AgreementStatus.ASKED) & Q(at__isnull=False)),
                name="agreement_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[AgreementStatus.OBJECTED, AgreementStatus.BY_LETTER]) | ~Q(note=""),
                name="objection_and_letter_are_noted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body} on {self.draft_id}: {self.status}"
