"""Writing participants and their systems."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction

from azexport.audit import actions as audit
from azexport.kernel.actor import Actor
from azexport.participants.models import Participant, System, Tenure
from azexport.participants.schema import Body, Endpoint, TenureEntry


class UnusableCertificate(ValueError):
    """A system's certificate cannot be read, or its key is not of the protocol's kind (ECDSA P-256)."""


@transaction.atomic
def load_bodies(*, bodies: Sequence[Body], by: Actor, now: datetime) -> None:
    """Every body of the file is a participant as the file says; nobody is removed. Loading again changes nothing."""
    for body in bodies:
        Participant.objects.update_or_create(
            code=body.code,
            defaults={
                "name": _in_force(body.tenures, now.date()).name.model_dump(),
                "roles": [str(role) for role in body.roles],
                "legal_basis": body.legal_basis,
                "resource": body.resource.model_dump(),
            },
        )
    participants = {one.code: one for one in Participant.objects.filter(code__in=[body.code for body in bodies])}
    Tenure.objects.filter(participant__in=participants.values()).delete()
    Tenure.objects.bulk_create(
        Tenure(participant=participants[body.code], **entry.model_dump()) for body in bodies for entry in body.tenures
    )
    for body in bodies:
        if body.succeeded_by:
            heir = Participant.objects.get(code=body.succeeded_by)
            Participant.objects.filter(code=body.code).update(succeeded_by=heir, succeeded_on=body.succeeded_on)


def _in_force(tenures: Sequence[TenureEntry], day: date) -> TenureEntry:
    begun = [one for one in tenures if (one.valid_from or date.min) <= day]
    return max(begun or tenures, key=lambda one: one.valid_from or date.min)


@transaction.atomic
def connect_system(*, participant: Participant, endpoint: Endpoint, by: Actor, now: datetime) -> System:
    """The participant's active system has this address and this key; one with another key has become inactive.

    Raises:
        UnusableCertificate: the certificate is not an X.509 certificate of a P-256 key.
    """
    fingerprint = fingerprint_of(endpoint.certificate)
    known = System.objects.filter(fingerprint=fingerprint).first()
    if known and (known.participant_id, known.base_url, known.active) == (participant.pk, endpoint.base_url, True):
        return known
    System.objects.filter(participant=participant, active=True).update(active=False)
    system, _created = System.objects.update_or_create(
        fingerprint=fingerprint,
        defaults={
            "participant": participant,
            "base_url": endpoint.base_url,
            "certificate": endpoint.certificate,
            "active": True,
        },
    )
    audit.record(
        "system.connected",
        subject=participant.code,
        by=by,
        now=now,
        data={"base_url": system.base_url, "fingerprint": fingerprint},
    )
    return system


def fingerprint_of(pem: str) -> str:
    """Lower hex SHA-256 of the DER certificate: the `keyid` of the protocol.

    Raises:
        UnusableCertificate: as `connect_system`.
    """
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        key = certificate.public_key()
    except ValueError as error:
        raise UnusableCertificate("the certificate cannot be read") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise UnusableCertificate("the certificate's key is not an ECDSA P-256 key")
    return certificate.fingerprint(hashes.SHA256()).hex()
