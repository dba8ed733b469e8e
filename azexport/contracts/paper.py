"""The contract on paper: what its typst template is given."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from azexport.contracts.actions import BUYER_FIELD, SELLER_FIELD
from azexport.contracts.models import CENT, Contract, ContractLine
from azexport.contracts.presentation import dotted
from azexport.documents.rendering import Attachment, render_pdf
from azexport.kernel.formats import date_, money, number
from azexport.kernel.text import Text, both
from azexport.reference import queries as reference


def render(contract: Contract) -> bytes:
    """The bilingual PDF with two empty signature fields and the contract's data inside, for machines."""
    return render_pdf(
        "contracts/contract.typ",
        data(contract),
        attachments=[
            Attachment(
                name="contract.json",
                media_type="application/json",
                content=json.dumps(contract.as_data(), ensure_ascii=False, indent=2).encode(),
                description="Müqavilənin məlumatları / The contract's data",
            )
        ],
        signature_fields=[SELLER_FIELD, BUYER_FIELD],
        code=contract.code,
        at=contract.frozen_at.replace(microsecond=0) if contract.frozen_at else None,
    )


def data(contract: Contract) -> dict[str, Any]:
    """Everything the template prints; numbers, money and dates are words in both languages already."""
    seller, buyer = contract.seller_stated, contract.buyer_stated
    country = reference.country(buyer["country"])
    lines = list(contract.lines.all())
    assert contract.delivery_by is not None
    assert contract.frozen_at is not None
    return {
        "number": contract.title,
        "version": contract.version,
        "place": contract.place,
        "date": in_both(date_, contract.frozen_at),
        "seller": seller,
        "buyer": {**buyer, "country": country.name},
        "goods": [_line(line, contract.currency) for line in lines],
        "total": _amount(contract.total, contract.currency),
        "currency": reference.currency(contract.currency).name,
        "net": _number(sum((line.net_kg for line in lines), Decimal(0))),
        "gross": _number(sum((line.gross_kg for line in lines), Decimal(0))),
        "delivery": {
            "incoterm": contract.incoterm,
            "name": reference.incoterm(contract.incoterm).name,
            "edition": reference.incoterm(contract.incoterm).edition,
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


def _line(line: ContractLine, currency: str) -> dict[str, Any]:
    unit = reference.unit(line.unit)
    kind = reference.package_kind(line.package_kind)
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
