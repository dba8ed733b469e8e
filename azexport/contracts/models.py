"""Contracts, their lines and their versions."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from azexport.contracts.states import SEEN_BY_BUYER, ContractStatus, Disputes, GoverningLaw, PaymentTerms
from azexport.kernel.models import Record

if TYPE_CHECKING:
    from azexport.parties.models import Organisation

CENT = Decimal("0.01")


class ContractQuerySet(models.QuerySet["Contract"]):
    def visible_to(self, organisation: Organisation) -> ContractQuerySet:
        """Only what this organisation is a party of; the buyer never sees what is not offered to them yet."""
        return self.filter(Q(seller=organisation) | Q(buyer=organisation, status__in=SEEN_BY_BUYER))


class Contract(Record):
    """A contract of sale. What the parties state is kept here as it was stated; who they are stands in `parties`."""

    reference = models.CharField(max_length=20, unique=True)
    version = models.PositiveSmallIntegerField(default=1)
    previous = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="later")
    """The declined, withdrawn or lapsed version that this one was copied from."""
    seller = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="contracts_sold")
    buyer = models.ForeignKey(
        "parties.Organisation", on_delete=models.PROTECT, related_name="contracts_bought", null=True, blank=True
    )
    status = models.CharField(max_length=20, choices=ContractStatus.choices, default=ContractStatus.DRAFTED)
    drafted_by = models.CharField(max_length=80)
    changed_at = models.DateTimeField()

    number = models.CharField(max_length=40, blank=True)
    """The seller's own number; where there is none, the reference stands in its place."""
    place = models.CharField(max_length=100, blank=True)
    seller_stated = models.JSONField(default=dict, blank=True)
    """{voen, name: Text, address: Text, representative, confirmed_at}: from the register, confirmed (P10.3.1(1-2))."""
    buyer_stated = models.JSONField(default=dict, blank=True)
    """{name, country (ISO 3166-1 alpha-2), address, contact, email}: as the seller states them."""
    currency = models.CharField(max_length=3, blank=True)
    incoterm = models.CharField(max_length=3, blank=True)
    incoterm_place = models.CharField(max_length=100, blank=True)
    delivery_by = models.DateField(null=True, blank=True)
    payment_terms = models.CharField(max_length=20, choices=PaymentTerms.choices, blank=True)
    payment_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    """The part paid before shipment, where the terms have one."""
    payment_days = models.PositiveSmallIntegerField(null=True, blank=True)
    payment_text = models.TextField(blank=True)
    governing_law = models.CharField(max_length=20, choices=GoverningLaw.choices, blank=True)
    disputes = models.CharField(max_length=20, choices=Disputes.choices, blank=True)
    total = models.DecimalField(max_digits=18, decimal_places=2, default=Decimal("0.00"))

    code = models.CharField(max_length=12, blank=True)
    """The verification code of its newest paper and documents."""
    paper = models.CharField(max_length=20, blank=True)
    """Reference of the paper that the parties sign; empty in a draft."""
    document = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    """The newest PDF that somebody has signed: the seller, then both."""
    invitation_expires_at = models.DateTimeField(null=True, blank=True)
    invitation_declined_at = models.DateTimeField(null=True, blank=True)
    """Set while the newest invitation stands declined."""

    frozen_at = models.DateTimeField(null=True, blank=True)
    frozen_by = models.CharField(max_length=80, blank=True)
    seller_signed_at = models.DateTimeField(null=True, blank=True)
    concluded_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    declined_by = models.CharField(max_length=80, blank=True)
    decline_reason = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    lapsed_at = models.DateTimeField(null=True, blank=True)

    objects = ContractQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["seller", "-id"], name="contract_by_seller"),
            models.Index(fields=["buyer", "-id"], name="contract_by_buyer"),
            models.Index(
                fields=["invitation_expires_at"],
                name="contract_to_lapse",
                condition=Q(status=ContractStatus.AWAITING_BUYER, buyer__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(buyer__isnull=True) | ~Q(buyer=F("seller")), name="contract_has_two_different_parties"
            ),
            models.CheckConstraint(
                condition=~Q(status=ContractStatus.CONCLUDED)
                | Q(concluded_at__isnull=False, document__isnull=False, buyer__isnull=False),
                name="contract_concluded_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(status=ContractStatus.DECLINED) | (Q(declined_at__isnull=False) & ~Q(decline_reason="")),
                name="contract_declined_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def title(self) -> str:
        """The number people call it by."""
        return self.number or self.reference

    @property
    def sha256(self) -> str:
        """The hash of the newest signed PDF: of the contract, once it is concluded; empty before anybody has signed."""
        return self.document.sha256 if self.document else ""

    @property
    def destination(self) -> str:
        """The buyer's country, ISO 3166-1 alpha-2."""
        return str(self.buyer_stated.get("country", ""))

    def as_data(self) -> dict[str, Any]:
        """A snapshot for the rooms above and for messages: plain JSON, decimals as strings, dates in ISO 8601.

        Keys: reference, number, version, status, concluded_at, sha256, document (reference), code, seller {reference,
        voen, name: Text, address: Text, representative}, buyer {reference, name, country, address, contact, email},
        destination, currency, total, incoterm, incoterm_place, delivery_by, payment_terms, governing_law, disputes,
        goods [{line, good, hs, description, description_en, quantity, unit, price, amount, net_kg, gross_kg, packages,
        package_kind, origin}].
        """
        return {
            "reference": self.reference,
            "number": self.title,
            "version": self.version,
            "status": self.status,
            "place": self.place,
            "concluded_at": self.concluded_at.isoformat() if self.concluded_at else None,
            "sha256": self.sha256,
            "document": self.document.reference if self.document else None,
            "code": self.code,
            "seller": {"reference": self.seller.reference, **self.seller_stated},
            "buyer": {"reference": self.buyer.reference if self.buyer else None, **self.buyer_stated},
            "destination": self.destination,
            "currency": self.currency,
            "total": str(self.total),
            "incoterm": self.incoterm,
            "incoterm_place": self.incoterm_place,
            "delivery_by": self.delivery_by.isoformat() if self.delivery_by else None,
            "payment_terms": self.payment_terms,
            "payment_percent": self.payment_percent,
            "payment_days": self.payment_days,
            "payment_text": self.payment_text,
            "governing_law": self.governing_law,
            "disputes": self.disputes,
            "goods": [line.as_data() for line in self.lines.all()],
        }


class ContractLine(models.Model):
    """One kind of goods. Weights are in kilograms, the price is for one unit in the contract's currency."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="lines")
    line = models.PositiveSmallIntegerField()
    good = models.CharField(max_length=20, blank=True)
    """Reference of the good in the seller's catalogue, where the line came from there."""
    hs = models.CharField(max_length=10)
    description = models.JSONField(default=dict)
    quantity = models.DecimalField(max_digits=16, decimal_places=3)
    unit = models.CharField(max_length=3)
    """UN/ECE Recommendation 20."""
    price = models.DecimalField(max_digits=16, decimal_places=4)
    net_kg = models.DecimalField(max_digits=16, decimal_places=3)
    gross_kg = models.DecimalField(max_digits=16, decimal_places=3)
    packages = models.PositiveIntegerField()
    package_kind = models.CharField(max_length=2)
    """UN/ECE Recommendation 21."""
    origin = models.CharField(max_length=2, default="AZ")

    class Meta:
        ordering = ["line"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "line"], name="contract_line_once"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, price__gt=0, net_kg__gt=0, packages__gt=0), name="contract_line_positive"
            ),
            models.CheckConstraint(condition=Q(gross_kg__gte=F("net_kg")), name="contract_line_gross_not_below_net"),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id}/{self.line}"

    @property
    def amount(self) -> Decimal:
        """Quantity times price, to two places, halves away from zero."""
        return (self.quantity * self.price).quantize(CENT, ROUND_HALF_UP)

    def as_data(self) -> dict[str, Any]:
        """The line as plain JSON, with the names the wire protocol has for its members."""
        return {
            "line": self.line,
            "good": self.good,
            "hs": self.hs,
            "description": self.description.get("az", ""),
            "description_en": self.description.get("en", ""),
            "quantity": _plain(self.quantity),
            "unit": self.unit,
            "price": _plain(self.price),
            "amount": str(self.amount),
            "net_kg": _plain(self.net_kg),
            "gross_kg": _plain(self.gross_kg),
            "packages": self.packages,
            "package_kind": self.package_kind,
            "origin": self.origin,
        }


def _plain(value: Decimal) -> str:
    """`20000.000` -> `20000`: exact, without trailing zeros or an exponent."""
    return f"{value.normalize():f}"
