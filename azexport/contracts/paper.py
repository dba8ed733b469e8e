"""The contract on paper: what its typst template is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from azexport.contracts.models import CENT, Contract, ContractLine
from azexport.contracts.presentation import dotted
from azexport.kernel.formats import date_, money, number
from azexport.kernel.text import Text, both, pick
from azexport.reference import queries as reference

if TYPE_CHECKING:
    from azexport.reference.models import PackageKind, Unit

KIND = "contract"
"""Of its documents: says who may open them."""
PURPOSE = "contract"
"""Of its paper and of the invitation to sign it: names their events."""
SELLER_FIELD, BUYER_FIELD = "Seller", "Buyer"
"""The signatures of its paper, in the order in which they are given."""
OF_ITS_LIFE = frozenset({"status", "concluded_at", "sha256", "document", "code"})


def title(contract: Contract) -> Text:
    """What the contract's PDF is called wherever it is listed."""
    return both(f"Alqı-satqı müqaviləsi {contract.title}", f"Contract of sale {contract.title}")


def title_with_parties(contract: Contract) -> Text:
    """The same for somebody who has not seen it yet: what, and between whom."""
    seller, buyer, name = contract.seller_stated["name"], contract.buyer_stated["name"], title(contract)
    return both(*(f"{name[lang]}: {pick(seller, lang)} – {buyer}" for lang in ("az", "en")))


def facts(contract: Contract) -> list[dict[str, Any]]:
    """What anybody who holds a copy may read: who, with whom, how many goods; never the price."""
    return [
        {"label": both("Müqavilənin nömrəsi", "Contract number"), "value": contract.title},
        {"label": both("Satıcı", "Seller"), "value": pick(contract.seller_stated["name"], "az")},
        {"label": both("VÖEN", "VÖEN (taxpayer number)"), "value": contract.seller_stated["voen"]},
        {"label": both("Alıcı", "Buyer"), "value": contract.buyer_stated["name"]},
    ]


def attachment(contract: Contract) -> dict[str, Any]:
    """What is agreed, for machines; nothing of what may become of it later."""
    return {name: value for name, value in contract.as_data().items() if name not in OF_ITS_LIFE}


def data(contract: Contract) -> dict[str, Any]:
    """Everything the template prints; numbers, money and dates are words in both languages already."""
    seller, buyer = contract.seller_stated, contract.buyer_stated
    country = reference.country(buyer["country"])
    lines = list(contract.lines.all())
    units = {code: reference.unit(code) for code in {line.unit for line in lines}}
    kinds = {code: reference.package_kind(code) for code in {line.package_kind for line in lines}}
    incoterm = reference.incoterm(contract.incoterm)
    assert contract.delivery_by is not None
    assert contract.frozen_at is not None
    return {
        "number": contract.title,
        "version": contract.version,
        "place": contract.place,
        "date": in_both(date_, contract.frozen_at),
        "seller": seller,
        "buyer": {**buyer, "country": country.name},
        "goods": [_line(line, contract.currency, units, kinds) for line in lines],
        "total": _amount(contract.total, contract.currency),
        "currency": reference.currency(contract.currency).name,
        "net": _number(sum((line.net_kg for line in lines), Decimal(0))),
        "gross": _number(sum((line.gross_kg for line in lines), Decimal(0))),
        "delivery": {
            "incoterm": contract.incoterm,
            "name": incoterm.name,
            "edition": incoterm.edition,
            "place": contract.incoterm_place,
            "by": in_both(date_, contract.delivery_by),
        },
        "payment": {
            "terms": contract.payment_terms,
            "percent": contract.payment_percent,
            "rest": 100 - contract.payment_percent if contract.payment_percent else None,
            "days": contract.payment_days,
            "text": contract.payment_text,
        },
        "law": contract.governing_law,
        "disputes": contract.disputes,
    }


def _line(
    line: ContractLine, currency: str, units: Mapping[str, Unit], kinds: Mapping[str, PackageKind]
) -> dict[str, Any]:
    unit, kind = units[line.unit], kinds[line.package_kind]
    return {
        "line": line.line,
        "hs": dotted(line.hs),
        "description": line.description,
        "quantity": both(*(f"{number(line.quantity, lang)} {unit.symbol.get(lang, '')}" for lang in ("az", "en"))),
        "price": _price(line.price, currency),
        "amount": _amount(line.amount, currency),
        "net": _number(line.net_kg),
        "gross": _number(line.gross_kg),
        "packages": both(*(f"{number(line.packages, lang)} × {kind.name.get(lang, '')}" for lang in ("az", "en"))),
    }


def in_both(formatter: Callable[[Any, str], str], value: date | Decimal | int) -> Text:
    """The value as each language writes it."""
    return both(formatter(value, "az"), formatter(value, "en"))


def _price(value: Decimal, currency: str) -> Text:
    """With its currency; a price finer than a cent is printed to its last digit."""
    return _amount(value, currency) if value == value.quantize(CENT) else _number(value)


def _number(value: Decimal) -> Text:
    return in_both(number, value)


def _amount(value: Decimal, currency: str) -> Text:
    return both(money(value, currency, "az"), money(value, currency, "en"))
