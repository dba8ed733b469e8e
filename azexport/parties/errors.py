"""Refusals at the door."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from azexport.kernel.errors import AzexportError


class ChallengeSpent(AzexportError):
    """The nonce was used, has run out, or was never this session's (409)."""

    code = "challenge-spent"
    status = 409
    message = _("This page has been open for too long, or was used already. Try once more.")


class TooManyAttempts(AzexportError):
    """Many certificates in a row were refused from one address (429)."""

    code = "too-many-attempts"
    status = 429
    message = _("Too many attempts failed. Wait five minutes and try again.")


class BadToken(AzexportError):
    """The body of the request is not a token (400)."""

    code = "bad-token"
    status = 400
    message = _("The answer of the signing program could not be read.")


class NoTaxpayer(AzexportError):
    """The certificate is good but opens no cabinet (403)."""

    code = "no-taxpayer"
    status = 403
    message = _("Your certificate does not name a taxpayer (VÖEN). Use the certificate of your company or business.")


class NoMandate(AzexportError):
    """An official's certificate, and the body has appointed nobody of that name on the portal (403)."""

    code = "no-mandate"
    status = 403
    message = _(
        "Your certificate is of a public body, but the body has not appointed you as an officer on the portal. "
        "Ask its head to do so."
    )


class NamesNobody(AzexportError):
    """Neither a FİN nor a foreign identifier (403)."""

    code = "names-nobody"
    status = 403
    message = _("Your certificate does not say who you are: it has no personal number.")
