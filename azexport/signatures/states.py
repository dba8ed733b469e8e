"""States of a signing request, verdicts on certificates and signatures, kinds of trusted centres."""

from __future__ import annotations

from enum import Enum

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class RequestStatus(models.TextChoices):
    """How far a signing has come."""

    REQUESTED = "requested", _("Waiting for the signature")
    PREPARED = "prepared", _("Waiting for the signature")
    SIGNED = "signed", _("Signature received, being completed")
    COMPLETED = "completed", _("Signed")
    FAILED = "failed", _("Signing failed")
    EXPIRED = "expired", _("Not signed in time")
    CANCELLED = "cancelled", _("Cancelled")


class Purpose(Enum):
    """What a signature is demanded as."""

    SIGN = "sign"
    """A person's own signature: E-imza or a recognised foreign centre."""
    SEAL = "seal"
    """A body's seal or its official's signature: the certificate names the body (organizationIdentifier GOVAZ-…)."""


class ServiceKind(models.TextChoices):
    """What a trusted centre is trusted for."""

    EIMZA = "eimza", _("E-imza")
    FOREIGN = "foreign", _("Recognised foreign centre")
    SEAL = "seal", _("Electronic seals")
    TIMESTAMP = "timestamp", _("Time stamps")


class ServiceStatus(models.TextChoices):
    """Whether the trusted list still lists the centre."""

    GRANTED = "granted", _("Trusted")
    WITHDRAWN = "withdrawn", _("No longer trusted")


class Verdict(models.TextChoices):
    """What came of looking at a certificate or a signature. Only `accepted` is good."""

    ACCEPTED = "accepted", _("Valid")
    REVOKED = "revoked", _("The certificate is revoked")
    SUSPENDED = "suspended", _("The certificate is suspended")
    EXPIRED = "expired", _("The certificate was not valid at that time")
    UNKNOWN_CENTRE = "unknown_centre", _("The certificate's centre is not trusted")
    WRONG_USAGE = "wrong_usage", _("The certificate is not meant for this")
    ALTERED = "altered", _("The document was changed after signing")
    WEAK_ALGORITHM = "weak_algorithm", _("The algorithm or key is too weak")
    MALFORMED = "malformed", _("The file or the signature is malformed")
    INDETERMINATE = "indeterminate", _("The certificate could not be checked")
    OTHER_PERSON = "other_person", _("The certificate belongs to somebody else")
    UNSIGNED = "unsigned", _("There is no signature")
    BAD_SIGNATURE = "bad_signature", _("The signature does not match the certificate")
    STALE = "stale", _("The request has expired or was used already")
    UNTRUSTED_TIME = "untrusted_time", _("The time of signing is not proven")
    NO_MANDATE = "no_mandate", _("The signer no longer acts for the party")

    @property
    def message(self) -> str | Promise:
        """What to tell the person, and what they can do."""
        return _MESSAGES[self]


_MESSAGES: dict[Verdict, str | Promise] = {
    Verdict.ACCEPTED: _("The signature is valid."),
    Verdict.REVOKED: _("The certificate has been revoked by its centre. Get a new certificate and try again."),
    Verdict.SUSPENDED: _("The certificate is suspended. Ask its centre to restore it, then try again."),
    Verdict.EXPIRED: _("The certificate has expired or is not valid yet. Use a certificate that is valid today."),
    Verdict.UNKNOWN_CENTRE: _(
        "The certificate was issued by a centre that is not on the list of trusted centres. "
        "Use E-imza or a certificate of a recognised foreign centre."
    ),
    Verdict.WRONG_USAGE: _(
        "The certificate is not meant for this. Use the authentication certificate to sign in "
        "and the signing certificate to sign documents."
    ),
    Verdict.ALTERED: _("The document was changed after it was signed. The signature does not cover what is shown."),
    Verdict.WEAK_ALGORITHM: _("The key or the algorithm is too weak by today's rules. Get a new certificate."),
    Verdict.MALFORMED: _("The file or the signature in it cannot be read, or breaks the rules of its format."),
    Verdict.INDETERMINATE: _("The centre did not say whether the certificate is valid. Try again in a few minutes."),
    Verdict.OTHER_PERSON: _("The certificate belongs to another person or organisation than the one who must sign."),
    Verdict.UNSIGNED: _("The document carries no signature."),
    Verdict.BAD_SIGNATURE: _("The signature does not match the certificate. Choose the key again and try again."),
    Verdict.STALE: _("The request has expired or was used already. Start again."),
    Verdict.NO_MANDATE: _(
        "The signature is on record but does not count: whoever gave it no longer acted for the organisation when it "
        "was completed. Somebody who acts for it can sign."
    ),
    Verdict.UNTRUSTED_TIME: _("No trusted time stamp proves when the document was signed."),
}
