"""Every write of this room: the trusted list, and a signing from request to completion.

Effects go upward as `signing.completed.<purpose>`, `signing.failed.<purpose>`, `signing.expired.<purpose>` and
`signing.cancelled.<purpose>`, each with the SigningRequest as subject.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from django.db import transaction

from azexport.audit import actions as audit
from azexport.kernel import references
from azexport.kernel.actor import SYSTEM, Actor
from azexport.kernel.errors import IllegalTransition, Missing, OutsideFailure
from azexport.kernel.text import Text
from azexport.lifecycle import announce, hold_subjects, move, settle
from azexport.signatures import certificates, lint, pades, queries, raw, trust_files, validation
from azexport.signatures.errors import Refused
from azexport.signatures.identity import EXPECTED, identity_of, is_expected, load_certificate
from azexport.signatures.lifecycle import OPEN, TABLE
from azexport.signatures.models import SigningFile, SigningRequest, TrustService
from azexport.signatures.states import Purpose, RequestStatus, ServiceStatus, Verdict
from azexport.signatures.trust import fingerprint, parse_pem

LIFETIME = timedelta(minutes=30)
COMPLETED_WITHIN = timedelta(minutes=10)
"""How long completion is tried again while a centre or the time-stamp authority does not answer."""
GIVEN_UP_AFTER = timedelta(hours=1)
"""A completion that has ended in an unexpected error for so long will not come to another end."""


@transaction.atomic
def load_trust(*, folder: Path, by: Actor, now: datetime) -> int:
    """The list of trusted centres is what the folder says; centres that are gone are withdrawn. Returns how many.

    Raises:
        TrustFileError: the list cannot be used; nothing is changed.
    """
    kept: list[int] = []
    for entry in trust_files.read(folder):
        service, created = TrustService.objects.update_or_create(
            kind=entry.kind,
            fingerprint=fingerprint(parse_pem(entry.issuer)),
            defaults={
                "name": entry.name,
                "country": entry.country,
                "root": entry.root,
                "certificate": entry.issuer,
                "ocsp": entry.ocsp,
                "crl": entry.crl,
                "url": entry.url,
                "valid_from": entry.valid_from,
                "valid_until": entry.valid_until,
                "recognised_by": entry.recognised_by,
                "sandbox": entry.sandbox,
                "key_files": entry.key_files,
                "status": ServiceStatus.GRANTED,
            },
        )
        kept.append(service.pk)
        if created:
            audit.record("trust.granted", subject=service.fingerprint[:40], by=by, now=now, data={"kind": entry.kind})
    gone = TrustService.objects.filter(status=ServiceStatus.GRANTED).exclude(pk__in=kept)
    for service in gone:
        audit.record("trust.withdrawn", subject=service.fingerprint[:40], by=by, now=now, data={"kind": service.kind})
    gone.update(status=ServiceStatus.WITHDRAWN)
    return len(kept)


@transaction.atomic
def request_signature(
    *,
    content: bytes,
    title: Text,
    purpose: str,
    subject: str,
    field: str,
    signer: Actor,
    expected: Mapping[str, str | None],
    return_url: str,
    by: Actor,
    now: datetime,
) -> SigningRequest:
    """A signature is asked of `signer` over exactly this PDF; they find it at /sign/<reference>/ for 30 minutes.

    An older open request for the same field of the same subject is cancelled without an announcement.

    Args:
        purpose: names the events, for instance `contract`: `signing.completed.contract`.
        subject: reference of what is being signed.
        field: an empty signature field of the PDF.
        expected: `{"fin", "voen", "foreign_id", "body"}`: what the signer's certificate must say; fin or foreign_id is
            needed.
        return_url: where the signer goes afterwards.

    Raises:
        RuleViolated: the PDF fails the lint (SIG-001 to SIG-004).
        Refused: the PDF is malformed.
        IllegalTransition: a signature for that field is being completed.
        ValueError: nobody's certificate could satisfy `expected`.
    """
    if not (expected.get("fin") or expected.get("foreign_id")):
        raise ValueError("a signature is asked of a person: give fin or foreign_id")
    lint.check(content, field)
    _replace_open(purpose, subject, field, by=by, now=now)
    request = SigningRequest.objects.create(
        reference=references.new_reference("SG"),
        purpose=purpose,
        subject=subject,
        title=title,
        content_sha256=hashlib.sha256(content).hexdigest(),
        content_size=len(content),
        field=field,
        signer_kind=signer.actor_kind,
        signer_id=signer.actor_id,
        signer_name=signer.actor_name,
        expected={name: expected.get(name) for name in EXPECTED},
        return_url=return_url,
        expires_at=now + LIFETIME,
        created_at=now,
    )
    SigningFile.objects.create(request=request, role=SigningFile.CONTENT, content=content)
    audit.record(
        "signing.requested",
        subject=request.reference,
        by=by,
        now=now,
        data={"subject": subject, "sha256": request.content_sha256, "signer": signer.actor_id},
    )
    return request


def _replace_open(purpose: str, subject: str, field: str, *, by: Actor, now: datetime) -> None:
    same = SigningRequest.objects.filter(purpose=purpose, subject=subject, field=field)
    for older in same.filter(status__in=[*OPEN, RequestStatus.SIGNED]).select_for_update():
        settle(older, "cancel", table=TABLE, by=by, now=now)


def prepare(reference: str, certificate_der: bytes, by: Actor, now: datetime) -> bytes:
    """The document has a gap for this certificate's signature; returns the DER of the attributes to sign.

    May be called again with another certificate until a signature has been accepted.

    Raises:
        Missing: it is not asked of this actor.
        Refused: the certificate may not sign this: every reason has its verdict. The refusal is in the audit.
        IllegalTransition: the request is not open any more.
    """
    request = queries.for_signer(reference, by)
    _require_open(request, now)
    try:
        certificate = load_certificate(certificate_der)
        centre = certificates.check_for_signing(certificate, queries.trust_list(), now=now, purpose=Purpose.SIGN)
        if not is_expected(identity_of(certificate), request.expected):
            raise Refused(Verdict.OTHER_PERSON)
        content = request.content
        if hashlib.sha256(content).hexdigest() != request.content_sha256:
            raise Refused(Verdict.ALTERED, "the document is not the one that was shown")
        prepared = pades.prepare(content, request.field, certificate, centre, now=now)
    except Refused as refusal:
        _record_refusal(request, refusal, by, now)
        raise
    with transaction.atomic():
        request = move(request, "prepare", table=TABLE, by=by, now=now)
        _require_open(request, now)
        request.certificate = certificate_der
        request.signed_attrs = prepared.signed_attrs
        request.gap_start, request.gap_end = prepared.gap_start, prepared.gap_end
        request.save(update_fields=["certificate", "signed_attrs", "gap_start", "gap_end"])
        SigningFile.objects.update_or_create(
            request=request, role=SigningFile.PREPARED, defaults={"content": prepared.content}
        )
    return prepared.signed_attrs


def submit_signature_value(reference: str, value: bytes, by: Actor, now: datetime) -> SigningRequest:
    """The signature is kept and its completion enqueued. Giving the same value again changes nothing.

    Args:
        value: ECDSA as DER or r||s, or RSA PKCS#1 v1.5, over the attributes that `prepare` returned last.

    Raises:
        Missing: it is not asked of this actor.
        Refused: bad_signature. The refusal is in the audit.
        IllegalTransition: the request is not open, or was signed with another value.
    """
    from azexport.signatures import tasks

    request = queries.for_signer(reference, by)
    if request.status in (RequestStatus.SIGNED, RequestStatus.COMPLETED) and _same_value(request, value):
        return request
    _require_open(request, now)
    if request.certificate is None or request.signed_attrs is None:
        raise IllegalTransition
    try:
        der = _verified(request, value)
    except Refused as refusal:
        _record_refusal(request, refusal, by, now)
        raise
    signed_attrs = bytes(request.signed_attrs)
    with transaction.atomic():
        request = SigningRequest.objects.select_for_update().get(pk=request.pk)
        if bytes(request.signed_attrs or b"") != signed_attrs:
            # Prepared anew in the meantime: the value belongs to attributes that are gone.
            raise IllegalTransition
        request.signature_value = der
        request.save(update_fields=["signature_value"])
        request = settle(request, "sign", table=TABLE, by=by, now=now)
        tasks.enqueue_completion(request.reference)
    return request


def _verified(request: SigningRequest, value: bytes) -> bytes:
    certificate = load_certificate(bytes(request.certificate or b""))
    der = raw.to_der(value, raw.public_key(certificate))
    raw.verify(der, bytes(request.signed_attrs or b""), certificate, hashes.SHA256())
    return der


def _same_value(request: SigningRequest, value: bytes) -> bool:
    certificate = load_certificate(bytes(request.certificate or b""))
    return raw.to_der(value, raw.public_key(certificate)) == bytes(request.signature_value or b"")


def _require_open(request: SigningRequest, now: datetime) -> None:
    if request.status not in OPEN or now >= request.expires_at:
        raise IllegalTransition(Verdict.STALE.message, code=Verdict.STALE.value)


def _record_refusal(request: SigningRequest, refusal: Refused, by: Actor, now: datetime) -> None:
    audit.record(
        "signing.refused",
        subject=request.reference,
        by=by,
        now=now,
        data={"verdict": refusal.verdict.value, "detail": refusal.detail[:200]},
    )


def complete(reference: str, now: datetime) -> SigningRequest:
    """A signed request is completed, or failed with its verdict. Run twice, at once or after a kill: one effect.

    The slow part (time stamps, revocation, validation) holds no lock; who comes second finds it done.

    Raises:
        OutsideFailure, Refused: a centre or the authority does not answer; try again later.
    """
    request = SigningRequest.objects.filter(reference=reference).first()
    if request is None:
        raise Missing
    if request.status != RequestStatus.SIGNED:
        return request
    assert request.signed_at is not None
    try:
        content, report = _make(request, now)
    except OutsideFailure:
        if now < request.signed_at + COMPLETED_WITHIN:
            raise
        return _settle_failed(request, Verdict.INDETERMINATE, {}, now)
    except Refused as refusal:
        if refusal.verdict is Verdict.INDETERMINATE and now < request.signed_at + COMPLETED_WITHIN:
            raise
        return _settle_failed(request, refusal.verdict, {}, now)
    if not report.accepted:
        return _settle_failed(request, report.verdict, report.as_data(), now)
    return _settle_completed(request, content, report.as_data(), now)


def _make(request: SigningRequest, now: datetime) -> tuple[bytes, validation.SignatureReport]:
    certificate = load_certificate(bytes(request.certificate or b""))
    trust = queries.trust_list()
    content, prepared = request.content, request.prepared
    # Everything is verified again from the bytes up: the database is not trusted with what is signed (threat 16).
    unchanged = prepared.startswith(content) and hashlib.sha256(content).hexdigest() == request.content_sha256
    if not unchanged or not is_expected(identity_of(certificate), request.expected):
        raise Refused(Verdict.ALTERED)
    centre = certificates.check_for_signing(certificate, trust, now=request.signed_at or now, purpose=Purpose.SIGN)
    assert request.gap_start is not None
    assert request.gap_end is not None
    state = pades.Prepared(
        content=prepared,
        gap_start=request.gap_start,
        gap_end=request.gap_end,
        digest=hashlib.sha256(pades.covered(prepared, request.gap_start, request.gap_end)).digest(),
        signed_attrs=bytes(request.signed_attrs or b""),
    )
    signed = pades.complete(state, bytes(request.signature_value or b""), certificate, centre, trust, now=now)
    for report in validation.validate(signed, trust, now=now, require=Purpose.SIGN):
        if report.field == request.field:
            return signed, report
    raise Refused(Verdict.MALFORMED, "the signature is not in the file")


def _settle_completed(request: SigningRequest, content: bytes, report: dict[str, Any], now: datetime) -> SigningRequest:
    with transaction.atomic():
        hold_subjects(request)
        request = SigningRequest.objects.select_for_update().get(pk=request.pk)
        if request.status != RequestStatus.SIGNED:
            return request
        SigningFile.objects.create(request=request, role=SigningFile.RESULT, content=content)
        return _settle(request, "complete", Verdict.ACCEPTED, report, now)


def _settle_failed(request: SigningRequest, verdict: Verdict, report: dict[str, Any], now: datetime) -> SigningRequest:
    with transaction.atomic():
        hold_subjects(request)
        request = SigningRequest.objects.select_for_update().get(pk=request.pk)
        if request.status != RequestStatus.SIGNED:
            return request
        return _settle(request, "fail", verdict, report, now)


def _settle(
    request: SigningRequest, transition: str, verdict: Verdict, report: dict[str, Any], now: datetime
) -> SigningRequest:
    request.verdict, request.report = verdict.value, report
    request.save(update_fields=["verdict", "report"])
    request = settle(request, transition, table=TABLE, by=SYSTEM, now=now, data={"verdict": verdict.value})
    word = "completed" if transition == "complete" else "failed"
    announce(f"signing.{word}.{request.purpose}", request, by=SYSTEM, now=now, data={"verdict": verdict.value})
    return request


@transaction.atomic
def cancel(reference: str, by: Actor, now: datetime) -> SigningRequest:
    """The signer does not want to sign now.

    Raises:
        Missing: it is not asked of this actor.
        IllegalTransition: it has been signed, or is over.
    """
    request = move(queries.for_signer(reference, by), "cancel", table=TABLE, by=by, now=now)
    announce(f"signing.cancelled.{request.purpose}", request, by=by, now=now)
    return request


def expire(now: datetime) -> int:
    """Every open request whose time is over is expired and announced; returns how many."""
    due = SigningRequest.objects.filter(status__in=OPEN, expires_at__lte=now).values_list("pk", flat=True)
    count = 0
    for key in list(due):
        with transaction.atomic():
            request = SigningRequest.objects.select_for_update(skip_locked=True).filter(pk=key, status__in=OPEN).first()
            if request is None:
                continue
            request = settle(request, "expire", table=TABLE, by=SYSTEM, now=now)
            announce(f"signing.expired.{request.purpose}", request, by=SYSTEM, now=now)
            count += 1
    return count


def unfinished(now: datetime) -> list[str]:
    """References of signatures whose completion should have been over: their job was lost with its worker."""
    late = SigningRequest.objects.filter(
        status=RequestStatus.SIGNED,
        signed_at__lte=now - timedelta(minutes=1),
        signed_at__gt=now - GIVEN_UP_AFTER,
    )
    return list(late.values_list("reference", flat=True))


def give_up(now: datetime) -> int:
    """Signatures that could not be completed for an hour have failed, and may be asked for anew; returns how many."""
    late = SigningRequest.objects.filter(status=RequestStatus.SIGNED, signed_at__lte=now - GIVEN_UP_AFTER)
    given_up = list(late)
    for request in given_up:
        _settle_failed(request, Verdict.INDETERMINATE, {}, now)
    return len(given_up)
