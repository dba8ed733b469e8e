"""The declaration in words: SAD boxes with the source of each value, items, the timeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from azexport.audit.queries import history
from azexport.customs.models import Declaration
from azexport.customs.offices import offices
from azexport.customs.states import Channel, TransportMode
from azexport.kernel.errors import Missing
from azexport.kernel.formats import date_, money, number
from azexport.kernel.text import pick
from azexport.reference import queries as reference

CONTRACT, APPLICATION, PERMITS, REGISTER, RATES, YOU, PORTAL = (
    _("contract"), _("application"), _("permits"), _("taxpayer register"), _("official exchange rate"),
    _("you"), _("set by the procedure"),
)  # fmt: skip


SAMPLE = "sample"


def boxes(data: Mapping[str, Any], *, lang: str | None = None) -> list[dict[str, Any]]:
    """The boxes of the Single Administrative Document that concern the whole consignment: box, label, value, source."""
    exporter, consignee, transport = data["exporter"], data["consignee"], data["transport"]
    packages = sum(int(item["packages"] or 0) for item in data["items"])
    rows = [
        ("1", _("Declaration"), f"{data['type']} / {data['procedure']}", PORTAL),
        ("2", _("Exporter"), f"{exporter['name']}\nVÖEN {exporter['voen']}\n{exporter['address']}", REGISTER),
        ("5", _("Items"), str(len(data["items"])), CONTRACT),
        ("6", _("Packages"), number(packages, lang), CONTRACT),
        ("8", _("Consignee"), f"{consignee['name']}\n{consignee['address']}", CONTRACT),
        ("14", _("Declarant"), f"{data['declarant']['person']}, {data['declarant']['name']}", REGISTER),
        ("15 / 17", _("Dispatch / destination"), f"{_country('AZ', lang)} → {_country(data['destination'], lang)}",
         CONTRACT),
        ("18 / 21", _("Means of transport"), _transport(transport, lang), YOU),
        ("20", _("Delivery terms"), f"{data['incoterm']} {data['place']}", CONTRACT),
        ("22", _("Currency and total amount"), money(data["total"], data["currency"], lang), CONTRACT),
        ("23", _("Exchange rate"), _rate(data, lang), RATES),
        ("24", _("Nature of transaction"), data["nature_of_transaction"], PORTAL),
        ("25", _("Mode of transport"), _mode(transport["mode"]), YOU),
        ("27", _("Place of loading"), data["place_of_loading"], YOU),
        ("29", _("Office of exit"), _office(data["exit_office"], lang), YOU),
        ("40", _("Contract"), _contract(data["contract"]), CONTRACT),
        ("44", _("Documents attached"), "\n".join(row["number"] for row in data["permits"]), PERMITS),
        ("46", _("Customs value"), money(data["customs_value_azn"], "AZN", lang), RATES),
    ]  # fmt: skip
    return [{"box": box, "label": label, "value": value or "–", "source": source} for box, label, value, source in rows]


def _rate(data: Mapping[str, Any], lang: str | None) -> str:
    rate, day = number(data["exchange_rate"], lang), date_(data["exchange_rate_on"], lang)
    words = f"1 {data['currency']} = {rate} AZN ({day})"
    # A rate that is not the Central Bank's own must never look like one.
    return words + "\n" + gettext("sample rate") if data.get("exchange_rate_source") == SAMPLE else words


def _contract(contract: Mapping[str, str]) -> str:
    number_, reference_ = contract["number"], contract["reference"]
    return reference_ if number_ == reference_ else f"{number_} ({reference_})"


def _country(code: str, lang: str | None) -> str:
    try:
        return pick(reference.country(code).name, lang) if code else ""
    except Missing:
        return code


def _mode(code: str) -> str:
    return f"{code} – {TransportMode(code).label}" if code in TransportMode.values else ""


def _transport(transport: Mapping[str, str], lang: str | None) -> str:
    nationality = _country(transport["nationality"], lang)
    return f"{transport['identity']} ({nationality})" if transport["identity"] else ""


def _office(code: str, lang: str | None) -> str:
    office = offices().get(code)
    return f"{code} – {pick(office.name, lang)}" if office else ""


def items(data: Mapping[str, Any], *, lang: str | None = None) -> list[dict[str, Any]]:
    """The goods items as tables show them."""
    rows = data["items"]
    units = {unit.pk: unit for unit in reference.units()} if rows else {}
    kinds = {kind.pk: kind for kind in reference.package_kinds()} if rows else {}
    return [
        {
            "line": row["line"],
            "hs": _dotted(row["hs"]),
            "description": pick({"az": row["description"], "en": row["description_en"]}, lang),
            "quantity": f"{number(row['quantity'], lang)} {pick(units[row['unit']].symbol, lang)}"
            if row["unit"] in units
            else row["quantity"],
            "packages": f"{number(row['packages'], lang)} × {pick(kinds[row['package_kind']].name, lang)}"
            if row["package_kind"] in kinds
            else row["packages"],
            "net": number(row["net_kg"], lang),
            "gross": number(row["gross_kg"], lang),
            "invoice": money(row["invoice_value"], data["currency"], lang),
            "value": money(row["statistical_value"], "AZN", lang),
            "origin": row["origin"],
            "permits": row["permits"],
        }
        for row in rows
    ]


def _dotted(hs: str) -> str:
    return ".".join(part for part in (hs[:4], hs[4:6], hs[6:]) if part)


EVENTS: dict[str, Any] = {
    "declaration.drafted": _("Drafted from contract, application and permits"),
    "declaration.frozen": _("Confirmed by the declarant"),
    "declaration.reopened": _("Taken back to be changed"),
    "declaration.returned": _("Not lodged: a permit was no longer in force"),
    "declaration.signature_refused": _("A signature was not accepted"),
    "declaration.lodged": _("Signed and lodged with customs"),
    "declaration.accepted": _("Accepted and registered by customs"),
    "declaration.channel_assigned": _("Customs chose a channel of control"),
    "declaration.release_received": _("The release arrived; its signature is being checked"),
    "declaration.release_rejected": _("The release document's signature was not accepted"),
    "declaration.released": _("Released for export"),
    "declaration.not_released": _("Not released"),
    "declaration.discarded": _("Discarded"),
}


def timeline(declaration: Declaration) -> list[dict[str, Any]]:
    """What happened, newest first."""
    return [
        {"title": EVENTS[event.name], "at": event.at, "by": _by(event), "text": _said(event)}
        for event in reversed(history([declaration.reference]))
        if event.name in EVENTS
    ]


def _by(event: Any) -> str | None:
    return None if event.actor_kind == "system" else str(event.actor_name)


def _said(event: Any) -> str | None:
    match event.name:
        case "declaration.accepted":
            return str(event.data.get("number") or "")
        case "declaration.channel_assigned" if event.data.get("channel") in Channel.values:
            return str(Channel(event.data["channel"]).label)
    return None
