"""People, organisations, who may act for whom, and the two kinds of single-use secret that let somebody in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from azexport.kernel.http import OFFICER, SIGNED_IN, TRADER, Audience
from azexport.kernel.models import Record
from azexport.kernel.text import pick
from azexport.parties.states import AT_A_BODY, Kind, Role

if TYPE_CHECKING:
    from azexport.kernel.text import Text
    from azexport.participants.models import Participant

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
    """A party: a taxpayer of Azerbaijan (VÖEN), a partner abroad, a natural person not in business (FİN, P1.3.3), or a
    public body that is a participant. Its e-cabinet exists once `confirmed_at` is set.

    `register` is what the taxpayer register said when the user confirmed it (P10.3.3(1-2)); for a foreign
    partner, what the certificate and the user stated.
    """

    reference = models.CharField(max_length=20, unique=True)
    voen = models.CharField(max_length=10, null=True, blank=True, unique=True)
    foreign_id = models.CharField(max_length=160, null=True, blank=True, unique=True)
    fin = models.CharField(max_length=7, null=True, blank=True, unique=True)
    participant = models.OneToOneField(
        "participants.Participant", on_delete=models.PROTECT, null=True, blank=True, related_name="party"
    )
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
                condition=(
                    Q(voen__isnull=False, foreign_id__isnull=True, fin__isnull=True, participant__isnull=True)
                    | Q(voen__isnull=True, foreign_id__isnull=False, fin__isnull=True, participant__isnull=True)
                    | Q(voen__isnull=True, foreign_id__isnull=True, fin__isnull=False, participant__isnull=True)
                    | Q(voen__isnull=True, foreign_id__isnull=True, fin__isnull=True, participant__isnull=False)
                ),
                name="organisation_is_of_one_kind",
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
        """A taxpayer of Azerbaijan: who may sell, apply for permits and declare."""
        return self.voen is not None

    @property
    def kind(self) -> Kind:
        if self.voen is not None:
            return Kind.TAXPAYER
        if self.participant_id is not None:
            return Kind.BODY
        return Kind.PERSON if self.fin is not None else Kind.FOREIGN


class Mandate(Record):
    """A person may act for an organisation, from `created_at` until `ended_at`."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="mandates")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="mandates")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.REPRESENTATIVE)
    position: models.JSONField[Text, Text] = models.JSONField(default=dict, blank=True)
    email = models.EmailField(blank=True)
    """Where the person is written to about this organisation."""
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

    @property
    def address(self) -> str:
        """The e-mail address of this mandate, else the person's own."""
        return self.email or self.person.email


@dataclass(frozen=True)
class Member:
    """Who is signed in: a person acting for a party. It is the `Actor` of everything they do.

    An officer is a person with a mandate of a public body; `position` is what the body calls them.
    """

    person: Person
    organisation: Organisation
    role: str = Role.REPRESENTATIVE
    position: Text = field(default_factory=dict, hash=False)
    address: str = ""

    @classmethod
    def of(cls, mandate: Mandate) -> Member:
        """Whoever acts under this mandate."""
        return cls(mandate.person, mandate.organisation, mandate.role, mandate.position, mandate.email)

    @property
    def participant(self) -> Participant | None:
        """The public body they act for, if it is one."""
        return self.organisation.participant

    @property
    def trades(self) -> bool:
        return TRADER in self.audiences

    @property
    def is_officer(self) -> bool:
        return self.role in AT_A_BODY and self.organisation.participant_id is not None

    @property
    def is_head(self) -> bool:
        return self.role == Role.HEAD and self.is_officer

    @property
    def audiences(self) -> frozenset[Audience]:
        """The pages that are for them."""
        match self.organisation.kind:
            case Kind.BODY:
                return frozenset({SIGNED_IN, OFFICER}) if self.is_officer else frozenset({SIGNED_IN})
            case Kind.PERSON:
                return frozenset({SIGNED_IN})
            case _:
                return frozenset({SIGNED_IN, TRADER})

    @property
    def email(self) -> str:
        """Where they are written to as such."""
        return self.address or self.person.email

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
            "body": self.participant.code if self.participant else None,
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
    declined_at = models.DateTimeField(null=True, blank=True)
    declined_by = models.CharField(max_length=80, blank=True)
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
            models.CheckConstraint(
                condition=Q(declined_at__isnull=True, declined_by="")
                | (Q(declined_at__isnull=False, accepted_at__isnull=True) & ~Q(declined_by="")),
                name="invitation_declined_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} ({self.purpose})"
