"""A declaration's data as they are lodged: derived from contract, application and permits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from azexport.customs.values import invoice_value, statistical_value
from azexport.kernel.text import pick
from azexport.permits.states import PermitStatus
from azexport.reference import queries as reference

if TYPE_CHECKING:
    from azexport.customs.models import Declaration
    from azexport.permits.models import Permit

PROCEDURE = "1000"
TYPE = "EX 1"
NATURE = "11"
"""SAD box 24: outright sale."""


def compose(declaration: Declaration, *, on: date) -> dict[str, Any]:
    """The declaration's data as they would be lodged on that day: the message's members, without the files.

    Each item's statistical value is rounded once, to two places, at the rate of that day; the customs value is
    their sum.

    Raises:
        Missing: no exchange rate is known.
    """
    contract = declaration.contract
    rate = reference.rate(contract.currency, on)
    permits = [permit for permit in declaration.attached() if permit.status == PermitStatus.ISSUED]
    items = [_item(line, rate.rate, permits) for line in declaration.lines]
    seller, buyer = contract.seller_stated, contract.buyer_stated
    return {
        "declaration": declaration.reference,
        "type": TYPE,
        "procedure": PROCEDURE,
        "nature_of_transaction": NATURE,
        "declarant": {**declaration.declarant, "name": pick(declaration.declarant["name"], "az")},
        "exporter": {
            "voen": seller.get("voen"),
            "name": pick(seller.get("name"), "az"),
            "address": pick(seller.get("address"), "az"),
        },
        "consignee": {key: buyer.get(key, "") for key in ("name", "country", "address")},
        "dispatch": "AZ",
        "destination": contract.destination,
        "contract": {"reference": contract.reference, "number": contract.title, "sha256": contract.sha256},
        "application": declaration.application_reference,
        "incoterm": contract.incoterm,
        "place": contract.incoterm_place,
        "currency": contract.currency,
        "total": str(sum((Decimal(item["invoice_value"]) for item in items), Decimal("0.00"))),
        "exchange_rate": f"{rate.rate.normalize():f}",
        "exchange_rate_on": rate.on.isoformat(),
        "exchange_rate_source": rate.source,
        "customs_value_azn": str(sum((Decimal(item["statistical_value"]) for item in items), Decimal("0.00"))),
        "exit_office": declaration.exit_office,
        "place_of_loading": declaration.place_of_loading,
        "transport": {
            "mode": declaration.transport_mode,
            "identity": declaration.transport_identity,
            "nationality": declaration.transport_nationality,
        },
        "items": items,
        "permits": [
            {
                "number": permit.number,
                "service": permit.case.regulation.service,
                "valid_until": permit.valid_until.isoformat() if permit.valid_until else None,
            }
            for permit in permits
        ],
        "date": on.isoformat(),
    }


def _item(line: Mapping[str, Any], rate: Decimal, permits: Sequence[Permit]) -> dict[str, Any]:
    invoice = invoice_value(Decimal(str(line["quantity"])), Decimal(str(line["price"])))
    kept = ("line", "hs", "description", "description_en", "origin", "net_kg", "gross_kg", "quantity", "unit",
            "packages", "package_kind", "price")  # fmt: skip
    speaking = [one.number for one in permits if any(str(row.get("line")) == str(line["line"]) for row in one.lines)]
    return {
        **{name: line.get(name) for name in kept},
        "invoice_value": str(invoice),
        "statistical_value": str(statistical_value(invoice, rate)),
        "permits": speaking,
    }
