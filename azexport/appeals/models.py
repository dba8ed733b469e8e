"""Letters to public bodies, what is enclosed, where they were forwarded, and the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from azexport.appeals.states import HANDED_OVER, AnswerStatus, LetterKind, LetterStatus
from azexport.kernel.models import Record

if TYPE_CHECKING:
    from azexport.kernel.text import Text


class LetterQuerySet(models.QuerySet["Letter"]):
    def of(self, organisation: Any) -> LetterQuerySet:
        """What the organisation has written; deleted drafts are gone for it."""
        return self.filter(organisation=organisation).exclude(status=LetterStatus.ABANDONED)

    def known_to(self, participant: Any) -> LetterQuerySet:
        """What was handed over to the body: what lies with it now, and what it has passed on."""
        return self.filter(
            Q(participant=participant) | Q(pk__in=Forwarding.objects.filter(sender=participant).values("letter")),
            status__in=HANDED_OVER,
        )

    def for_page(self) -> LetterQuerySet:
        """With everything one row of a page shows, in the one query."""
        return self.select_related("organisation", "participant", "document")


class Letter(Record):
    """One letter. A later letter about the same matter is a letter of its own, with `first` as its thread."""

    reference = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=20, choices=LetterKind.choices, default=LetterKind.LETTER)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="letters")
    participant = models.ForeignKey("participants.Participant", on_delete=models.PROTECT, related_name="letters")
    """The body that it is addressed to, or that it was forwarded to."""
    first = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="later")
    """The letter that began the correspondence; None: this one."""
    matter = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    status = models.CharField(max_length=20, choices=LetterStatus.choices, default=LetterStatus.DRAFTED)
    started_by = models.CharField(max_length=80)
    changed_at = models.DateTimeField()

    paper = models.CharField(max_length=20, blank=True)
    """Reference of the paper that is, or was last, put forward for signature."""
    code = models.CharField(max_length=12, blank=True)
    document = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """The signed letter."""
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.CharField(max_length=80, blank=True)
    sender_name = models.CharField(max_length=200, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    """When an officer of the body first read it."""
    registered_at = models.DateTimeField(null=True, blank=True)
    registered_by = models.CharField(max_length=80, blank=True)
    body_number = models.CharField(max_length=80, blank=True)
    """The number in the body's own records."""
    study = models.BooleanField(default=False)
    holder_name = models.CharField(max_length=200, blank=True)
    holder_position: models.JSONField[Text, Text] = models.JSONField(default=dict, blank=True)
    extended_at = models.DateTimeField(null=True, blank=True)
    extension_reason = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_read_at = models.DateTimeField(null=True, blank=True)
    overdue_told_on = models.DateField(null=True, blank=True)
    """The due day about whose passing everybody was told."""
    warned_on = models.DateField(null=True, blank=True)
    """The due day of which the body's officers were warned."""

    objects = LetterQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "-id"], name="letter_by_organisation"),
            models.Index(fields=["participant", "status", "id"], name="letter_by_body"),
            models.Index(fields=["first"], name="letter_by_thread"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True, sent_by="", status__in=["drafted", "prepared", "abandoned"])
                | (Q(sent_at__isnull=False, document__isnull=False) & ~Q(sent_by="")),
                name="letter_is_sent_with_a_signed_document",
            ),
            models.CheckConstraint(
                condition=Q(registered_at__isnull=True, registered_by="")
                | (Q(registered_at__isnull=False) & ~Q(registered_by="")),
                name="letter_registered_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(extended_at__isnull=True) | ~Q(extension_reason=""), name="letter_extended_with_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(status="answered") | Q(answered_at__isnull=False), name="letter_answered_says_when"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def thread(self) -> int:
        """Primary key of the letter that began the correspondence."""
        return self.first_id or self.pk


class Answer(Record):
    """What a body answers: drafted by its officers, signed by one of them with their own key."""

    reference = models.CharField(max_length=20, unique=True)
    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="answers")
    participant = models.ForeignKey("participants.Participant", on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    status = models.CharField(max_length=20, choices=AnswerStatus.choices, default=AnswerStatus.DRAFTED)
    written_by = models.CharField(max_length=80)
    changed_at = models.DateTimeField()
    paper = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=12, blank=True)
    document = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    signer_name = models.CharField(max_length=200, blank=True)
    signer_position: models.JSONField[Text, Text] = models.JSONField(default=dict, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["letter", "participant"], name="one_answer_of_a_body_to_a_letter"),
            models.CheckConstraint(
                condition=~Q(status="signed") | Q(signed_at__isnull=False, document__isnull=False),
                name="answer_signed_with_its_document",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} to {self.letter_id}"


class Enclosure(Record):
    """A file that goes with a letter or with an answer."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, null=True, blank=True, related_name="enclosures")
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, null=True, blank=True, related_name="enclosures")
    name = models.CharField(max_length=120)
    document = models.OneToOneField("documents.Document", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(letter__isnull=False) ^ Q(answer__isnull=False), name="enclosure_of_a_letter_or_an_answer"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Forwarding(Record):
    """A body that has no say in the matter has passed the letter on to the one that has."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="forwardings")
    sender = models.ForeignKey("participants.Participant", on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey("participants.Participant", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    officer_name = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["sender", "letter"], name="forwarding_by_sender")]
        constraints = [
            models.CheckConstraint(condition=~Q(sender=F("receiver")), name="forwarded_to_another_body"),
            models.CheckConstraint(condition=~Q(reason=""), name="forwarded_with_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.letter_id}: {self.sender_id} → {self.receiver_id}"
