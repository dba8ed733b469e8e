"""A later decision about an entry of a public register on paper, in both languages."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from azexport.cases.filings.printing import identified_by, in_both
from azexport.cases.states import DecisionKind
from azexport.kernel import formats
from azexport.kernel.text import Text, both

if TYPE_CHECKING:
    from azexport.cases.models import Case, RegisterDecision
    from azexport.parties.models import Member

TEMPLATE = "cases/register_decision.typ"
TITLES: dict[str, Text] = {
    DecisionKind.STRIKE_OFF: both("Reyestrdən çıxarma haqqında qərar", "Decision to strike off the register"),
    DecisionKind.SUSPEND: both(
        "Reyestrdəki qeydin dayandırılması haqqında qərar", "Decision to suspend an entry of the register"
    ),
    DecisionKind.RESTORE: both(
        "Reyestrdəki qeydin bərpası haqqında qərar", "Decision to restore an entry of the register"
    ),
}


def title(decision: RegisterDecision) -> Text:
    """What the decision's PDF is called wherever it is listed."""
    name, number = TITLES[decision.kind], decision.entry.number
    return both(f"{name['az']}: {number}", f"{name['en']}: {number}")


def public_facts(case: Case, decision: RegisterDecision) -> list[dict[str, Any]]:
    """What anybody who holds a copy may read."""
    return [
        {"label": both("Qeydin nömrəsi", "Number of the entry"), "value": decision.entry.number},
        {"label": both("Qərarı qəbul edən qurum", "Deciding body"), "value": case.provider.name},
        {"label": both("Sahibi", "Holder"), "value": decision.entry.holder},
    ]


def data(decision: RegisterDecision) -> dict[str, Any]:
    """What machines read, inside the PDF."""
    return {
        "decision": decision.reference,
        "kind": decision.kind,
        "entry": decision.entry.number,
        "service": decision.entry.service,
        "reason": decision.reason,
        "ground": decision.ground,
    }


def page(case: Case, decision: RegisterDecision, *, signer: Member, now: datetime) -> dict[str, Any]:
    """What the template prints."""
    register = case.regulation.regulation.register
    assert register is not None
    label, number = identified_by(case.organisation)
    shown = {"label": label, "value": number} if case.organisation.voen else {"label": {}, "value": ""}
    return {
        "title": TITLES[decision.kind],
        "number": decision.reference,
        "date": in_both(lambda: formats.date_(now)),
        "body": case.provider.name,
        "register": register.name.text,
        "entry": decision.entry.number,
        "entered_on": in_both(lambda: formats.date_(decision.entry.created_at)),
        "holder": decision.entry.holder,
        "identified": shown,
        "reason": decision.reason,
        "ground": decision.ground,
        "official": {"name": signer.actor_name, "position": dict(signer.position)},
    }
