"""What pages and the PDF show of a contract, in words: rows of summaries, tasks, the timeline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from azexport.audit.queries import history
from azexport.contracts import rules
from azexport.contracts.forms import SECTIONS
from azexport.contracts.models import CENT, Contract
from azexport.contracts.states import PaymentTerms
from azexport.kernel.formats import date_, money, number
from azexport.kernel.text import pick
from azexport.reference import queries as reference

ORDER = ("seller", "buyer", "contact", "number", "currency", "goods", "delivery", "payment", "law")
OPTIONAL = frozenset({"number"})
TITLES: dict[str, Any] = {
    "seller": _("The seller: your organisation"),
    "goods": _("The goods"),
    **{name: title for name, (title, _form) in SECTIONS.items()},
}
GROUPS = (
    (_("The parties"), ("seller", "buyer", "contact")),
    (_("What is sold"), ("number", "currency", "goods")),
    (_("The terms"), ("delivery", "payment", "law")),
)


def address_of(contract: Contract, section: str) -> str:
    """The page of a section."""
    if section in ("seller", "goods"):
        return reverse(f"contract_{section}", args=[contract.reference])
    return reverse("contract_section", args=[contract.reference, section])


def missing(contract: Contract, today: date) -> dict[str, list[str]]:
    """Section -> what it still lacks."""
    found: dict[str, list[str]] = {}
    for rule in rules.COMPLETE:
        for violation in rule(contract, today=today):
            found.setdefault(violation.field or "", []).append(str(violation.message))
    return found


def tasks(contract: Contract, today: date) -> list[dict[str, Any]]:
    """The task list: groups of sections with their state."""
    lacking = missing(contract, today)
    return [
        {"heading": heading, "prefix": f"group-{position}", "tasks": [_task(contract, name, lacking) for name in names]}
        for position, (heading, names) in enumerate(GROUPS, 1)
    ]


def _task(contract: Contract, section: str, lacking: dict[str, list[str]]) -> dict[str, Any]:
    task: dict[str, Any] = {"title": TITLES[section], "url": address_of(contract, section), "status": "completed"}
    if section == "goods" and not contract.currency:
        return {**task, "url": None, "status": "cannot_start", "hint": _("Choose the currency first")}
    if section in lacking:
        started = bool(_begun(contract, section))
        return {**task, "status": "in_progress" if started else "not_started"}
    if section in OPTIONAL and not (contract.number or contract.place):
        return {**task, "status": "not_started", "label": _("Optional")}
    return task


def _begun(contract: Contract, section: str) -> bool:
    match section:
        case "delivery":
            return bool(contract.incoterm)
        case "payment":
            return bool(contract.payment_terms)
        case "buyer":
            return bool(contract.buyer_stated.get("name"))
    return False


def next_address(contract: Contract, after: str, today: date) -> str:
    """The next section that lacks something, else the check of all answers."""
    lacking = missing(contract, today)
    position = ORDER.index(after)
    for section in (*ORDER[position + 1 :], *ORDER[:position]):
        untouched = section in OPTIONAL and not (contract.number or contract.place) and ORDER.index(section) > position
        if section in lacking or untouched:
            return address_of(contract, section)
    return reverse("contract_check", args=[contract.reference])


def summary(contract: Contract) -> list[dict[str, Any]]:
    """The cards of the check page, with links back to the questions."""
    return [
        {"title": TITLES[section], "rows": rows, "title_change": _change(contract, section)}
        for section in ORDER
        if section != "goods" and (rows := list(_rows(contract, section)))
    ]


def overview(contract: Contract) -> list[dict[str, Any]]:
    """The contract's page: both parties and the terms, a card each."""
    cards = ((_("Seller"), ("seller",)), (_("Buyer"), ("buyer", "contact")),
             (_("The terms"), ("number", "delivery", "payment", "law")))  # fmt: skip
    renamed = {"contact": {_("Name"): _("Signs")}}
    return [
        {
            "title": title,
            "rows": [
                {**row, "key": renamed.get(section, {}).get(row["key"], row["key"])}
                for section in sections
                for row in _rows(contract, section)
            ],
        }
        for title, sections in cards
    ]


def _change(contract: Contract, section: str) -> str:
    return f"{address_of(contract, section)}?then=check"


def _rows(contract: Contract, section: str) -> Iterator[dict[str, Any]]:
    said, stated = contract.seller_stated, contract.buyer_stated
    pairs: list[tuple[Any, Any]]
    match section:
        case "seller":
            pairs = [
                (_("Name"), pick(said.get("name"))),
                ("VÖEN", said.get("voen")),
                (_("Address"), pick(said.get("address"))),
                (_("Signs"), said.get("representative")),
            ]
        case "buyer":
            pairs = [
                (_("Name"), stated.get("name")),
                (_("Country"), country_name(stated.get("country", ""))),
                (_("Address"), stated.get("address")),
            ]
        case "contact":
            pairs = [(_("Name"), stated.get("contact")), (_("E-mail address"), stated.get("email"))]
        case "number":
            pairs = [(_("Contract number"), contract.title), (_("Place"), contract.place)]
        case "currency":
            pairs = [(_("Currency"), contract.currency)]
        case "delivery":
            pairs = [
                (_("Delivery terms"), f"{contract.incoterm} {contract.incoterm_place}".strip()),
                (_("Latest date of delivery"), date_(contract.delivery_by) if contract.delivery_by else ""),
            ]
        case "payment":
            pairs = [
                (_("Payment"), payment_words(contract)),
                (_("Also agreed"), contract.payment_text),
            ]
        case _:
            pairs = [
                (_("Governing law"), contract.get_governing_law_display() if contract.governing_law else ""),
                (_("Disputes"), contract.get_disputes_display() if contract.disputes else ""),
            ]
    return ({"key": key, "value": value} for key, value in pairs if value)


def payment_words(contract: Contract) -> str:
    """The terms of payment in one line, in the page's language."""
    if not contract.payment_terms:
        return ""
    words = str(contract.get_payment_terms_display())
    if contract.payment_terms == PaymentTerms.PART_ADVANCE and contract.payment_percent:
        words = gettext("%(percent)s %% before shipment, the rest against the shipping documents") % {
            "percent": contract.payment_percent
        }
    if contract.payment_days:
        words += gettext(" (%(days)s days)") % {"days": contract.payment_days}
    return words


def country_name(code: str) -> str:
    """The country's name in the page's language."""
    return pick(reference.country(code).name) if code else ""


def lines(contract: Contract) -> list[dict[str, Any]]:
    """The goods as a table shows them; the names of units and packages come in two queries for all lines."""
    rows = list(contract.lines.all())
    units = {unit.pk: unit for unit in reference.units()} if rows else {}
    kinds = {kind.pk: kind for kind in reference.package_kinds()} if rows else {}
    return [
        {
            "line": row.line,
            "hs": dotted(row.hs),
            "description": pick(row.description),
            "quantity": f"{number(row.quantity)} {pick(units[row.unit].symbol)}" if row.unit in units else row.quantity,
            "price": _price(row.price, contract.currency),
            "amount": _price(row.amount, contract.currency),
            "net": number(row.net_kg),
            "gross": number(row.gross_kg),
            "packages": f"{number(row.packages)} × {pick(kinds[row.package_kind].name)}"
            if row.package_kind in kinds
            else row.packages,
        }
        for row in rows
    ]


def dotted(hs: str) -> str:
    """`080222` -> `0802.22`"""
    return ".".join(part for part in (hs[:4], hs[4:6], hs[6:]) if part)


def _price(value: Decimal, currency: str) -> str:
    if not currency or value != value.quantize(CENT):
        return f"{number(value)} {currency}".strip()
    return money(value, currency)


def line_cards(contract: Contract) -> list[dict[str, Any]]:
    """The goods of a draft, one card for each line."""
    return [
        {
            "number": row["line"],
            "title": row["description"],
            "rows": [
                {"key": _("HS code"), "value": row["hs"]},
                {"key": _("Quantity"), "value": row["quantity"]},
                {"key": _("Price for one unit"), "value": row["price"]},
                {"key": _("Amount"), "value": row["amount"]},
                {"key": _("Net weight"), "value": f"{row['net']} kg"},
                {"key": _("Gross weight"), "value": f"{row['gross']} kg"},
                {"key": _("Packages"), "value": row["packages"]},
            ],
        }
        for row in lines(contract)
    ]


EVENTS: dict[str, Any] = {
    "contract.drafted": _("Draft begun"),
    "contract.frozen": _("Answers confirmed by the seller"),
    # Until papers did it, contracts put their PDFs forward themselves.
    "contract.presented": _("PDF made and put forward for signature"),
    "contract.reopened": _("Taken back to be changed"),
    "contract.signed_by_seller": _("Signed by the seller"),
    "contract.invited": _("Invitation sent to the buyer"),
    "contract.invitation_declined": _("The invitation was declined"),
    "contract.buyer_arrived": _("The buyer accepted the invitation"),
    "contract.signature_refused": _("A signature was not accepted"),
    "contract.concluded": _("Signed by the buyer: the contract is concluded"),
    "contract.declined": _("Declined by the buyer"),
    "contract.withdrawn": _("Withdrawn by the seller"),
    "contract.lapsed": _("Lapsed: not signed in time"),
}
HIDDEN_FROM_BUYER = frozenset({"contract.drafted", "contract.frozen", "contract.presented", "contract.reopened"})


def timeline(contract: Contract, *, for_buyer: bool) -> list[dict[str, Any]]:
    """What happened, newest first; the buyer does not see how the draft came about."""
    return [
        {
            "title": EVENTS[event.name],
            "at": event.at,
            "by": event.actor_name if event.actor_kind == "person" else None,
            "text": event.data.get("reason"),
        }
        for event in reversed(history([contract.reference]))
        if event.name in EVENTS and not (for_buyer and event.name in HIDDEN_FROM_BUYER)
    ]
