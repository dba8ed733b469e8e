"""Where a permit can be, and what came of checking one."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class PermitStatus(TextChoices):
    RECEIVED = "received", _("Being checked")
    ISSUED = "issued", _("Issued")
    REJECTED = "rejected", _("Not accepted")


class PermitVerdict(TextChoices):
    """Why a permit was not accepted, beside what is wrong with its signature (signatures.states.Verdict).

    The label is the short form; `message` says what it means for the exporter.
    """

    FOREIGN_SIGNER = "foreign_signer", _("Signed by somebody who does not belong to the body")
    WRONG_TAXPAYER = "wrong_taxpayer", _("Issued to another taxpayer")
    WRONG_GOODS = "wrong_goods", _("Other goods than were applied for")
    WRONG_QUANTITY = "wrong_quantity", _("Another quantity than was applied for")
    WRONG_DESTINATION = "wrong_destination", _("Another country than was applied for")
    WRONG_VALIDITY = "wrong_validity", _("The dates of validity cannot be right")
    WRONG_DATA = "wrong_data", _("The document and the message say different things")

    @property
    def message(self) -> str | Promise:
        return _MESSAGES[self]


_MESSAGES: dict[PermitVerdict, str | Promise] = {
    PermitVerdict.FOREIGN_SIGNER: _(
        "The certificate of the signature does not name the body that provides this service, so the portal cannot take "
        "the signer for its head or an official whom the head authorised."
    ),
    PermitVerdict.WRONG_TAXPAYER: _("The document names another taxpayer than the one who applied."),
    PermitVerdict.WRONG_GOODS: _("The goods lines or HS codes in the document are not those of your application."),
    PermitVerdict.WRONG_QUANTITY: _("The quantity in the document is not the quantity of your application."),
    PermitVerdict.WRONG_DESTINATION: _("The country of destination in the document is not that of your application."),
    PermitVerdict.WRONG_VALIDITY: _("The document is not valid yet, has run out already, or ends before it begins."),
    PermitVerdict.WRONG_DATA: _(
        "The data attached to the document are missing, cannot be read, or differ from what the body's message says."
    ),
}
