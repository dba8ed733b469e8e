"""Reads of signings and of the list of trusted centres."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from azexport.kernel.actor import Actor
from azexport.kernel.errors import Missing
from azexport.signatures.lifecycle import OPEN
from azexport.signatures.models import SigningRequest, TrustService
from azexport.signatures.states import Purpose, RequestStatus, ServiceStatus
from azexport.signatures.trust import ISSUERS_FOR, Centre, TrustList, parse_pem


def trust_list() -> TrustList:
    """The centres trusted in this installation. The sandbox's are refused in production (threat 19)."""
    services = _trusted().order_by("id")
    return TrustList(
        tuple(
            Centre(
                kind=service.kind,
                country=service.country,
                root=parse_pem(service.root),
                issuer=parse_pem(service.certificate),
                ocsp=service.ocsp,
                url=service.url,
                valid_from=service.valid_from,
                valid_until=service.valid_until,
            )
            for service in services
        )
    )


def takes_key_files(now: datetime) -> bool:
    """Whether somebody's key file could be accepted: a trusted centre issues certificates for such keys.

    Where none does, pages that ask for a key file would ask for what must be refused.
    """
    return _trusted().filter(
        kind__in=ISSUERS_FOR[Purpose.SIGN], key_files=True, valid_from__lte=now, valid_until__gte=now
    ).exists()  # fmt: skip


def _trusted() -> QuerySet[TrustService]:
    services = TrustService.objects.filter(status=ServiceStatus.GRANTED)
    return services.filter(sandbox=False) if settings.PRODUCTION else services


def for_signer(reference: str, actor: Actor) -> SigningRequest:
    """The signing that is asked of this actor.

    Raises:
        Missing: there is none, or it is asked of somebody else.
    """
    found = SigningRequest.objects.filter(
        reference=reference, signer_kind=actor.actor_kind, signer_id=actor.actor_id
    ).first()
    if found is None:
        raise Missing
    return found


def latest_for(subject: str) -> SigningRequest | None:
    """The newest signing about this subject: whether one is open, what came of the last one."""
    return SigningRequest.objects.filter(subject=subject).order_by("-id").first()


def is_under_way(reference: str, actor: Actor, *, now: datetime) -> bool:
    """Whether this signing is being completed, or is still open to the actor."""
    found = SigningRequest.objects.filter(reference=reference).first()
    if found is None or found.status == RequestStatus.SIGNED:
        return found is not None
    mine = (found.signer_kind, found.signer_id) == (actor.actor_kind, actor.actor_id)
    return mine and found.status in OPEN and now < found.expires_at
