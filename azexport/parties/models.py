"""People, organisations, who may act for whom, and the two kinds of single-use secret that let somebody in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from azexport.kernel.models import Record
from azexport.kernel.text import pick
from azexport.parties.states import Role

if TYPE_CHECKING:
    from azexport.kernel.text import Text

LANGUAGES = [("az", "Azərbaycanca"), ("en", "English")]


class Person(Record):
    """A natural person as a certificate names them: by FİN, or by a foreign identifier (`PNODE-…`)."""

    reference = models.CharField(max_length=20, unique=True)
    fin = models.CharField(max_length=7, null=True, blank=True, unique=True)
    foreign_id = models.CharField(max_length=80, null=True, blank=True, unique=True)
    country = models.CharField(max_length=2)
    given_name = models.CharField(max_length=120)
    surname = models.CharField(max_length=120)
    common_name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    language = models.CharField(max_length=2, choices=LANGUAGES, default="az")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(fin__isnull=False) ^ Q(foreign_id__isnull=False), name="person_has_fin_or_foreign_id"
            )
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.surname}".strip() or self.common_name


class Organisation(Record):
    """A taxpayer of Azerbaijan (VÖEN) or a foreign partner. Its e-cabinet exists once `confirmed_at` is set.

    `register` is what the taxpayer register said when the user confirmed it (P10.3.3(1-2)); for a foreign
    partner, what the certificate and the user stated.
    """

    reference = models.CharField(max_length=20, unique=True)
    voen = models.CharField(max_length=10, null=True, blank=True, unique=True)
    foreign_id = models.CharField(max_length=160, null=True, blank=True, unique=True)
    registration_number = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2)
    name: models.JSONField[Text, Text] = models.JSONField()
    address: models.JSONField[Text, Text] = models.JSONField(default=dict)
    register = models.JSONField(default=dict)
    email = models.EmailField(blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(voen__isnull=False) ^ Q(foreign_id__isnull=False),
                name="organisation_has_voen_or_foreign_id",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by="")
                | (Q(confirmed_at__isnull=False) & ~Q(confirmed_by="")),
                name="organisation_confirmed_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return pick(self.name)

    @property
    def is_resident(self) -> bool:
        return self.voen is not None


class Mandate(Record):
    """A person may act for an organisation, from `created_at` until `ended_at`."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="mandates")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="mandates")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.REPRESENTATIVE)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation", "role"],
                condition=Q(ended_at__isnull=True),
                name="one_running_mandate_of_a_role",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by="") | (Q(ended_at__isnull=False) & ~Q(ended_by="")),
                name="mandate_ended_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} for {self.organisation}"


@dataclass(frozen=True)
class Member:
    """Who is signed in: a person acting for an organisation. It is the `Actor` of everything they do."""

    person: Person
    organisation: Organisation

    @property
    def actor_kind(self) -> str:
        return "person"

    @property
    def actor_id(self) -> str:
        return self.person.reference

    @property
    def actor_name(self) -> str:
        return self.person.full_name

    @property
    def expected(self) -> dict[str, str | None]:
        """What a certificate must say for its signature to count as this member's."""
        return {
            "fin": self.person.fin,
            "voen": self.organisation.voen,
            "foreign_id": self.person.foreign_id,
        }


class Challenge(models.Model):
    """A sign-in nonce that was given out. Used once, and only by the session that holds it."""

    nonce_sha256 = models.CharField(max_length=64, unique=True)
    address_sha256 = models.CharField(max_length=64, help_text="of the caller's network address; for the rate limit")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["address_sha256", "refused_at"], name="challenge_by_address")]

    def __str__(self) -> str:
        return f"challenge {self.pk}"


class Invitation(Record):
    """A letter that lets somebody without a cabinet take part in one thing (a contract, say), once."""

    reference = models.CharField(max_length=20, unique=True)
    token_sha256 = models.CharField(max_length=64, unique=True)
    email = models.EmailField()
    name = models.CharField(max_length=200)
    purpose = models.CharField(max_length=40)
    subject = models.CharField(max_length=40)
    title: models.JSONField[Text, Text] = models.JSONField(default=dict)
    link = models.CharField(max_length=200, blank=True, help_text="where the accepted invitation leads")
    invited_by = models.CharField(max_length=200)
    invited_by_id = models.CharField(max_length=80)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.CharField(max_length=80, blank=True)
    accepted_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="invitations"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["subject"], name="invitation_by_subject")]
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by="", accepted_organisation__isnull=True)
                | (Q(accepted_at__isnull=False, accepted_organisation__isnull=False) & ~Q(accepted_by="")),
                name="invitation_accepted_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(withdrawn_at__isnull=True),
                name="invitation_is_not_accepted_and_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} ({self.purpose})"
