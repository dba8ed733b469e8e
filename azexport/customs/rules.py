"""What must hold before a declaration may be lodged. Each docstring is the rule.

Every rule looks at the permits as they are in the database at that moment, not as they were when the draft was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from azexport.contracts.states import ContractStatus
from azexport.customs.models import Declaration
from azexport.customs.offices import offices
from azexport.customs.states import DECLARED
from azexport.kernel import formats
from azexport.kernel.errors import Violation
from azexport.kernel.text import pick
from azexport.permits.states import PermitStatus
from azexport.reference import queries as reference

if TYPE_CHECKING:
    from azexport.permits.models import Permit


def contract_is_concluded(declaration: Declaration, **data: Any) -> Iterator[Violation]:
    """EXP-201: the contract is concluded: both parties have signed it."""
    if declaration.contract.status != ContractStatus.CONCLUDED:
        yield Violation("EXP-201", _("The contract is not concluded"))


def required_permits_are_issued(declaration: Declaration, **data: Any) -> Iterator[Violation]:
    """EXP-202: every permit that the application requires has been issued and accepted by the portal (P10.3.3(8))."""
    there = {permit.case.regulation.service for permit in _issued(declaration)}
    for service in declaration.required:
        if service not in there:
            yield Violation("EXP-202", format_lazy("{}: {}", _("A required permit is missing"), service), service)


def permits_are_valid(declaration: Declaration, *, today: date, **data: Any) -> Iterator[Violation]:
    """EXP-203: every attached permit is valid on the day of lodging."""
    for permit in _issued(declaration):
        if not (permit.valid_from and permit.valid_until and permit.valid_from <= today <= permit.valid_until):
            yield Violation("EXP-203", format_lazy("{}: {}", _("This permit is not valid today"), permit.number))


def permits_are_the_declarants(declaration: Declaration, **data: Any) -> Iterator[Violation]:
    """EXP-204: every attached permit was issued to the declaring taxpayer."""
    for permit in _issued(declaration):
        if permit.voen != declaration.organisation.voen:
            yield Violation("EXP-204", format_lazy("{}: {}", _("This permit names another taxpayer"), permit.number))


def permits_are_of_these_goods(declaration: Declaration, **data: Any) -> Iterator[Violation]:
    """EXP-205: where a permit speaks of a line, its HS code is the declared one; it speaks of a declared line."""
    lines = {int(line["line"]): line for line in declaration.lines}
    for permit in _issued(declaration):
        for stated in permit.lines:
            line = lines.get(_line_number(stated))
            if line is None or _digits(line["hs"]) != _digits(stated.get("hs", "")):
                yield Violation("EXP-205", format_lazy("{}: {}", _("This permit is for other goods"), permit.number))
                break


def permits_cover_the_quantity(declaration: Declaration, **data: Any) -> Iterator[Violation]:
    """EXP-206: no line declares more than each permit that speaks of it allows."""
    lines = {int(line["line"]): line for line in declaration.lines}
    for permit in _issued(declaration):
        for stated in permit.lines:
            line = lines.get(_line_number(stated))
            if line is not None and not covers(stated, line):
                yield Violation(
                    "EXP-206", format_lazy("{}: {}", _("This permit is for a smaller quantity"), permit.number)
                )
                break


def answers_are_complete(declaration: Declaration, **data: Any) -> Iterator[Violation]:
    """EXP-208: exit office, transport and place of loading are stated."""
    stated = (
        declaration.exit_office, declaration.transport_mode, declaration.transport_identity,
        declaration.transport_nationality, declaration.place_of_loading,
    )  # fmt: skip
    if not all(stated) or declaration.exit_office not in offices():
        yield Violation("EXP-208", _("State the transport, the place of loading and the exit office"), "transport")


def there_are_goods(declaration: Declaration, **data: Any) -> Iterator[Violation]:
    """EXP-209: there is at least one line of goods."""
    if not declaration.lines:
        yield Violation("EXP-209", _("There are no goods to declare"))


def the_contract_has_the_goods(declaration: Declaration, **data: Any) -> Iterator[Violation]:
    """EXP-210: with what has been declared under the contract before, no line is more than the contract has."""
    left = {line.line: line.quantity for line in declaration.contract.lines.all()}
    others = Declaration.objects.filter(contract=declaration.contract_id, status__in=sorted(DECLARED))
    for lines in others.exclude(pk=declaration.pk).values_list("lines", flat=True):
        for line in lines:
            left[line["line"]] = left.get(line["line"], Decimal(0)) - Decimal(line["quantity"])
    for line in declaration.lines:
        rest = max(left.get(line["line"], Decimal(0)), Decimal(0))
        if Decimal(line["quantity"]) > rest:
            yield Violation("EXP-210", _too_much(line, rest))


def _too_much(line: dict[str, Any], left: Decimal) -> str:
    words = gettext("%(good)s: %(left)s %(unit)s are left under the contract, and this consignment has %(quantity)s.")
    return words % {
        "good": pick({"az": line["description"], "en": line["description_en"]}),
        "left": formats.number(left),
        "unit": pick(reference.unit(line["unit"]).symbol),
        "quantity": formats.number(line["quantity"]),
    }


PERMITS: tuple[Callable[..., Iterator[Violation]], ...] = (
    required_permits_are_issued,
    permits_are_valid,
    permits_are_the_declarants,
    permits_are_of_these_goods,
    permits_cover_the_quantity,
)
LODGEABLE: tuple[Callable[..., Iterator[Violation]], ...] = (
    contract_is_concluded,
    *PERMITS,
    answers_are_complete,
    there_are_goods,
    the_contract_has_the_goods,
)


def covers(stated: dict[str, Any], line: dict[str, Any]) -> bool:
    """Whether the permit's quantity is at least the declared one; different units only where both are of mass."""
    try:
        allowed, declared = Decimal(str(stated["quantity"])), Decimal(str(line["quantity"]))
    except (KeyError, InvalidOperation):
        return False
    unit = stated.get("unit", line["unit"])
    if unit != line["unit"]:
        ours, theirs = reference.unit(line["unit"]).kilograms, reference.unit(unit).kilograms
        if ours is None or theirs is None:
            return False
        allowed, declared = allowed * theirs, declared * ours
    return allowed >= declared


def _issued(declaration: Declaration) -> Sequence[Permit]:
    return [permit for permit in declaration.attached() if permit.status == PermitStatus.ISSUED]


def _digits(hs: object) -> str:
    return "".join(character for character in str(hs) if character.isdigit())


def _line_number(stated: dict[str, Any]) -> int:
    try:
        return int(stated.get("line", 0))
    except (TypeError, ValueError):
        return 0
