"""What a contract can be, and the choices its clauses offer."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ContractStatus(TextChoices):
    """One life of a contract between a seller in Azerbaijan and a buyer abroad (P10.3.1)."""

    DRAFTED = "drafted", _("Draft")
    AWAITING_SELLER = "awaiting_seller", _("Waiting for the seller's signature")
    """Its text is fixed; its paper is being made, or waits."""
    AWAITING_BUYER = "awaiting_buyer", _("Waiting for the buyer's signature")
    CONCLUDED = "concluded", _("Concluded")
    DECLINED = "declined", _("Declined by the buyer")
    WITHDRAWN = "withdrawn", _("Withdrawn by the seller")
    LAPSED = "lapsed", _("Lapsed: not signed in time")


class PaymentTerms(TextChoices):
    """How the price is paid."""

    ADVANCE = "advance", _("In full before shipment")
    PART_ADVANCE = "part_advance", _("Part before shipment, the rest against the shipping documents")
    LETTER_OF_CREDIT = "letter_of_credit", _("By an irrevocable documentary letter of credit")
    COLLECTION = "collection", _("Against documents through a bank (documentary collection)")
    OPEN_ACCOUNT = "open_account", _("After delivery, within an agreed number of days")


class GoverningLaw(TextChoices):
    """The law the contract stands under."""

    CISG_AZ = "cisg_az", _("UN Convention on sale of goods (CISG), and the law of Azerbaijan where it is silent")
    AZERBAIJAN = "azerbaijan", _("The law of Azerbaijan")
    BUYER = "buyer", _("The law of the buyer's country")


class Disputes(TextChoices):
    """Who decides what the parties cannot settle themselves."""

    COURTS_AZ = "courts_az", _("The courts of Azerbaijan")
    COURTS_BUYER = "courts_buyer", _("The courts of the buyer's country")
    ICC = "icc", _("Arbitration under the rules of the International Chamber of Commerce (ICC)")


FINAL = frozenset({ContractStatus.CONCLUDED, ContractStatus.DECLINED, ContractStatus.WITHDRAWN, ContractStatus.LAPSED})
SEEN_BY_BUYER = frozenset(
    {
        ContractStatus.AWAITING_BUYER,
        ContractStatus.CONCLUDED,
        ContractStatus.DECLINED,
        ContractStatus.WITHDRAWN,
        ContractStatus.LAPSED,
    }
)
