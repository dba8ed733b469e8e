"""What customs says about a lodged declaration (P4.2.6.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app as jobs

from azexport.audit import actions as audit
from azexport.customs.actions.rows import locked, rows, tell
from azexport.customs.lifecycle import TABLE
from azexport.customs.models import Declaration
from azexport.customs.permissions import ROLE
from azexport.customs.states import AT_CUSTOMS, Channel, DeclarationStatus
from azexport.documents import actions as documents
from azexport.exchange import protocol
from azexport.kernel.actor import Actor
from azexport.kernel.errors import IllegalTransition, Missing, NotAllowed, RuleViolated, Violation
from azexport.kernel.text import both, pick
from azexport.lifecycle import settle

if TYPE_CHECKING:
    from azexport.exchange.models import Message

RELEASE_KIND = "release"


@transaction.atomic
def accept(message: Message, *, by: Actor, now: datetime) -> None:
    """Customs has registered the declaration under its own number (declaration.accepted)."""
    declaration = _addressed(message)
    declaration.number = _text_of(message.body, "number", 60)
    declaration.officer = _officer(message.body)
    declaration.save(update_fields=["number", "officer"])
    data = {"number": declaration.number}
    if declaration.status == DeclarationStatus.LODGED:
        settle(declaration, "accept", table=TABLE, by=by, now=now, data=data)
    else:
        # Messages may overtake each other: the number is news, the state is further on already.
        audit.record("declaration.numbered", subject=declaration.reference, by=by, now=now, data=data)


@transaction.atomic
def assign_channel(message: Message, *, by: Actor, now: datetime) -> None:
    """Customs has chosen how deep it looks (declaration.channel_assigned)."""
    declaration = _addressed(message)
    channel = message.body.get("channel")
    if channel not in Channel.values:
        raise RuleViolated([Violation("CUS-002", _("The channel is none of green, yellow and red"), "channel")])
    declaration.channel = channel
    declaration.officer = _officer(message.body)
    declaration.save(update_fields=["channel", "officer"])
    if declaration.status in (DeclarationStatus.LODGED, DeclarationStatus.ACCEPTED):
        settle(declaration, "assign_channel", table=TABLE, by=by, now=now, data={"channel": channel})
    else:
        audit.record("declaration.channel_told_late", subject=declaration.reference, by=by, now=now,
                     data={"channel": channel})  # fmt: skip


@transaction.atomic
def release(message: Message, *, by: Actor, now: datetime) -> None:
    """The release has arrived; a job looks at its signature before the goods count as released."""
    declaration = _addressed(message)
    if declaration.status not in AT_CUSTOMS:
        raise IllegalTransition
    declaration.number = _text_of(message.body, "number", 60)
    declaration.officer = _officer(message.body)
    declaration.received_release = protocol.file_content(message.body.get("document") or {})
    declaration.release_verdict = ""
    declaration.save(update_fields=["number", "officer", "received_release", "release_verdict"])
    audit.record("declaration.release_received", subject=declaration.reference, by=by, now=now,
                 data={"number": declaration.number})  # fmt: skip
    jobs.configure_task("customs.check_release").defer(
        reference=declaration.reference, participant=message.participant.code,
        by={"actor_kind": by.actor_kind, "actor_id": by.actor_id, "actor_name": by.actor_name},
    )  # fmt: skip


@transaction.atomic
def settle_release(
    declaration: Declaration, *, verdict: str, reports: Sequence[Mapping[str, Any]], by: Actor, now: datetime
) -> Declaration:
    """The release's signature is good and the goods are released; or it is not, and that is there to be seen."""
    declaration = locked(declaration)
    if declaration.received_release is None or declaration.status not in AT_CUSTOMS:
        return declaration
    if verdict:
        return _refuse_document(declaration, verdict, by=by, now=now)
    declaration.release_document = documents.store(
        kind=RELEASE_KIND,
        title=both(f"İxraca buraxılış {declaration.number}", f"Release for export {declaration.number}"),
        content=bytes(declaration.received_release),
        facts=[
            {"label": both("Bəyannamə", "Declaration"), "value": declaration.number},
            {"label": both("İxracatçı", "Exporter"), "value": declaration.data["exporter"]["name"]},
        ],
        signatures=reports,
        by=by,
        now=now,
    )
    declaration.save(update_fields=["release_document"])
    declaration = settle(declaration, "release", table=TABLE, by=by, now=now, data={"number": declaration.number})
    tell(
        declaration,
        "declaration.released",
        both("Mallar ixraca buraxıldı", "The goods are released for export"),
        both(
            f"Gömrük {declaration.number} nömrəli bəyannamə üzrə malları buraxdı.",
            f"Customs has released the goods of declaration {declaration.number}.",
        ),
        now=now,
    )
    return declaration


def _refuse_document(declaration: Declaration, verdict: str, *, by: Actor, now: datetime) -> Declaration:
    declaration.release_verdict = verdict
    declaration.received_release = None
    declaration.save(update_fields=["release_verdict", "received_release"])
    audit.record("declaration.release_rejected", subject=declaration.reference, by=by, now=now,
                 data={"verdict": verdict})  # fmt: skip
    tell(
        declaration,
        "declaration.release_rejected",
        both("Buraxılış sənədi qəbul edilmədi", "The release document was not accepted"),
        both(
            f"{declaration.title}: gömrüyün göndərdiyi sənədin imzası yoxlamadan keçmədi. Mallar buraxılmış sayılmır.",
            f"{declaration.title}: the signature of what customs sent did not pass the check. The goods do not count "
            "as released.",
        ),
        now=now,
    )
    return declaration


@transaction.atomic
def refuse_release(message: Message, *, by: Actor, now: datetime) -> None:
    """Customs does not release the goods, and says why (declaration.not_released)."""
    declaration = _addressed(message)
    reasons = [_reason(one) for one in message.body.get("reasons") or [] if isinstance(one, dict)]
    if not reasons:
        raise RuleViolated([Violation("CUS-003", _("A refusal of release must give its reasons"), "reasons")])
    declaration.reasons = reasons
    declaration.officer = _officer(message.body)
    declaration.received_release = None
    declaration.save(update_fields=["reasons", "officer", "received_release"])
    declaration = settle(
        declaration, "refuse", table=TABLE, by=by, now=now, data={"reasons": [one["code"] for one in reasons]}
    )
    tell(
        declaration,
        "declaration.not_released",
        both("Gömrük malları buraxmadı", "Customs has not released the goods"),
        both(
            f"{declaration.title}: " + "; ".join(one["text"]["az"] for one in reasons),
            f"{declaration.title}: " + "; ".join(pick(one["text"], "en") for one in reasons),
        ),
        now=now,
    )


def _reason(given: Mapping[str, Any]) -> dict[str, Any]:
    text = given.get("text")
    az, en = (str(text.get(key) or "") for key in ("az", "en")) if isinstance(text, dict) else (str(text or ""), "")
    code = str(given.get("code") or "")[:40]
    return {
        "code": code,
        "permit": str(given["permit"])[:80] if given.get("permit") else None,
        "text": both((az or en or code)[:500], (en or az or code)[:500]),
    }


def _addressed(message: Message) -> Declaration:
    """The declaration that a message of customs is about, locked.

    Raises:
        NotAllowed: the sender has not the role of customs.
        Missing: there is no such declaration, or it was never lodged.
    """
    if ROLE not in message.participant.roles:
        raise NotAllowed
    reference = str(message.body.get("declaration") or message.subject)
    row = rows().filter(reference=reference, lodged_at__isnull=False).first()
    if row is None:
        raise Missing
    return row


def _text_of(body: Mapping[str, Any], name: str, length: int) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > length:
        raise RuleViolated([Violation("CUS-001", _("The message lacks the registration number"), name)])
    return value.strip()


def _officer(body: Mapping[str, Any]) -> dict[str, Any]:
    officer = body.get("officer")
    if not isinstance(officer, dict):
        return {}
    position = officer.get("position")
    # A body may give the position in both languages.
    if isinstance(position, dict):
        said: Any = {key: str(value)[:200] for key, value in position.items()}
    else:
        said = str(position or "")[:200]
    return {"name": str(officer.get("name") or "")[:200], "position": said}
