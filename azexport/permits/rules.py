"""What a permit must be before the portal accepts it: one function for each way to fail, in the order of looking."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from azexport.kernel.text import Text, of_message
from azexport.permits.states import PermitVerdict
from azexport.signatures.states import Verdict

if TYPE_CHECKING:
    from azexport.signatures.validation import SignatureReport


@dataclass(frozen=True)
class Evidence:
    """All that is looked at: what came, and what was applied for."""

    reports: Sequence[SignatureReport]
    attached: Mapping[str, Any] | None
    permit: Mapping[str, Any]
    """As the message states it."""
    provider: str
    voen: str | None
    destination: str
    goods: Sequence[Mapping[str, Any]]
    """As applied for."""
    today: date


@dataclass(frozen=True)
class Finding:
    """A verdict with its text in both languages."""

    code: str
    text: Text


Check = Callable[[Evidence], "Verdict | PermitVerdict | None"]


def judge(evidence: Evidence) -> Finding | None:
    """The first thing that is wrong, or None: the permit is good."""
    for check in CHECKS:
        verdict = check(evidence)
        if verdict is not None:
            return Finding(str(verdict.value), of_message(verdict.message))
    return None


def signatures_are_accepted(evidence: Evidence) -> Verdict | PermitVerdict | None:
    """Every signature satisfies the rule of acceptance, and there is one."""
    if not evidence.reports:
        return Verdict.UNSIGNED
    refused = next((one for one in evidence.reports if not one.accepted), None)
    if refused is None:
        return None
    # A person's own key: what is wrong with it for a body is that it names none.
    if refused.verdict is Verdict.WRONG_USAGE and refused.signer and not refused.signer.body:
        return PermitVerdict.FOREIGN_SIGNER
    return refused.verdict


def signer_belongs_to_the_body(evidence: Evidence) -> PermitVerdict | None:
    """Each signer's certificate names the body that provides the service (P10.3.3(6))."""
    bodies = {one.signer.body if one.signer else None for one in evidence.reports}
    return None if bodies == {evidence.provider} else PermitVerdict.FOREIGN_SIGNER


def data_agree(evidence: Evidence) -> PermitVerdict | None:
    """The data attached to the signed paper are those of the message."""
    return None if evidence.attached == dict(evidence.permit) else PermitVerdict.WRONG_DATA


def holder_applied(evidence: Evidence) -> PermitVerdict | None:
    """The permit is issued to the taxpayer who applied."""
    return None if evidence.voen and evidence.permit.get("voen") == evidence.voen else PermitVerdict.WRONG_TAXPAYER


def goods_are_those_applied_for(evidence: Evidence) -> PermitVerdict | None:
    """The permit's lines and HS codes are those of the application."""
    lines = _lines(evidence.permit.get("lines"))
    applied = _lines(evidence.goods)
    if lines is None or applied is None or set(lines) != set(applied):
        return PermitVerdict.WRONG_GOODS
    same = all(_digits(lines[line].get("hs")) == _digits(applied[line].get("hs")) for line in applied)
    return None if same else PermitVerdict.WRONG_GOODS


def quantities_are_those_applied_for(evidence: Evidence) -> PermitVerdict | None:
    """Each line's quantity and unit are those of the application."""
    lines, applied = _lines(evidence.permit.get("lines")) or {}, _lines(evidence.goods) or {}
    same = all(
        _amount(lines[line].get("quantity")) is not None
        and _amount(lines[line].get("quantity")) == _amount(good.get("quantity"))
        and lines[line].get("unit") == good.get("unit")
        for line, good in applied.items()
    )
    return None if same else PermitVerdict.WRONG_QUANTITY


def destination_is_that_applied_for(evidence: Evidence) -> PermitVerdict | None:
    """The permit is for the country of the application."""
    return None if evidence.permit.get("destination") == evidence.destination else PermitVerdict.WRONG_DESTINATION


def valid_today(evidence: Evidence) -> PermitVerdict | None:
    """The permit is valid on the day on which it comes."""
    start, end = day(evidence.permit.get("valid_from")), day(evidence.permit.get("valid_until"))
    if start is None or end is None or not start <= evidence.today <= end:
        return PermitVerdict.WRONG_VALIDITY
    return None


CHECKS: tuple[Check, ...] = (
    signatures_are_accepted,
    signer_belongs_to_the_body,
    data_agree,
    holder_applied,
    goods_are_those_applied_for,
    quantities_are_those_applied_for,
    destination_is_that_applied_for,
    valid_today,
)


def day(value: Any) -> date | None:
    """`2026-10-05`, or a moment, as a day; None for anything else."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _lines(value: Any) -> dict[str, Mapping[str, Any]] | None:
    """Line number -> line; None where it is no list of lines, or a number comes twice."""
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(one, Mapping) for one in value):
        return None
    lines = {str(one.get("line")): one for one in value}
    return lines if len(lines) == len(value) and lines else None


def _digits(value: Any) -> str:
    return "".join(character for character in str(value) if character.isdigit())


def _amount(value: Any) -> Decimal | None:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
