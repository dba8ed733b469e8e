"""What must hold before an application can be signed. Each docstring is the rule."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from azexport.contracts.states import ContractStatus
from azexport.exports import quantities
from azexport.kernel import formats
from azexport.kernel.errors import Violation
from azexport.kernel.text import pick
from azexport.reference import queries as reference

if TYPE_CHECKING:
    from azexport.exports.models import Application
    from azexport.exports.sections import Plan


def contract_is_concluded(plan: Plan) -> Iterable[Violation]:
    """EXP-301: an application stands on a contract that both parties have signed."""
    if plan.application.operation.contract.status != ContractStatus.CONCLUDED:
        yield Violation("EXP-301", _("The contract is not signed by both parties."))


def goods_are_confirmed(plan: Plan) -> Iterable[Violation]:
    """EXP-302: the goods of the consignment are confirmed, and are not more than other consignments leave of them
    under the contract."""
    if not plan.application.lines_confirmed or not plan.lines:
        yield Violation("EXP-302", _("Confirm the goods of this consignment."), "goods")
        return
    left = quantities.left(plan.application.operation.contract, besides=plan.application)
    for line in plan.lines:
        if Decimal(line["quantity"]) > left.get(line["line"], Decimal(0)):
            yield Violation("EXP-302", _too_much(line, left.get(line["line"], Decimal(0))), "goods")


def _too_much(line: dict[str, Any], left: Decimal) -> str:
    return gettext(
        "%(good)s: %(left)s %(unit)s are left under the contract, and this consignment has %(quantity)s."
    ) % {
        "good": pick({"az": line["description"], "en": line["description_en"]}),
        "left": formats.number(left),
        "unit": pick(reference.unit(line["unit"]).symbol),
        "quantity": formats.number(line["quantity"]),
    }


def permits_are_confirmed(plan: Plan) -> Iterable[Violation]:
    """EXP-303: the exporter has seen which permits are needed and has decided on those that depend on them."""
    if not plan.application.permits_confirmed:
        yield Violation("EXP-303", _("Confirm which documents you apply for."), "permits")
    elif not plan.wanted:
        yield Violation(
            "EXP-303",
            _(
                "These goods need no document of the bodies on the portal for this destination: "
                "no application is needed."
            ),
            "permits",
        )


def questions_are_answered(plan: Plan) -> Iterable[Violation]:
    """EXP-304: every question that the chosen regulations ask is answered, every document they want is attached."""
    for section in plan.sections:
        if plan.missing(section):
            message = _("Answer the questions in “%(section)s”.") % {"section": pick(section.title)}
            yield Violation("EXP-304", message, section.id)


def promotion_is_noted(plan: Plan) -> Iterable[Violation]:
    """EXP-305: for non-oil goods the application carries the note on the promotion payment (P10.3.3(4))."""
    if carries_promotion(plan.lines, plan.on) and "requested" not in plan.application.promotion:
        yield Violation("EXP-305", _("Say whether you ask for the export promotion payment."), "promotion")


RULES = (
    contract_is_concluded,
    goods_are_confirmed,
    permits_are_confirmed,
    questions_are_answered,
    promotion_is_noted,
)


def complete(application: Application, *, plan: Plan, **_data: Any) -> Iterable[Violation]:
    """The application can be signed: every rule holds."""
    for rule in RULES:
        yield from rule(plan)


def carries_promotion(lines: Iterable[dict[str, Any]], on: date) -> bool:
    """Whether there are non-oil goods among the lines."""
    return any(not is_oil(str(line["hs"]), on) for line in lines)


def is_oil(hs: str, on: date) -> bool:
    """Whether the good is not “non-oil” (qeyri-neft), by the dated table."""
    return any(
        hs.startswith(entry["prefix"])
        and entry["valid_from"] <= on
        and (entry["valid_until"] is None or on <= entry["valid_until"])
        for entry in _oil_goods()
    )


@cache
def _oil_goods() -> tuple[dict[str, Any], ...]:
    path = Path(__file__).parent / "data" / "oil_goods.yaml"
    return tuple(yaml.safe_load(path.read_text()))
